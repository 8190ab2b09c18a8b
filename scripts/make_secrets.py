#!/usr/bin/env python3
"""Make the secrets of docker-compose.yml that are missing, a file each in secrets/.

Only the owner of the folder can reach them on this machine. In it they are readable, because Docker
hands the files as they are to containers that run as other users. Only the standard library.
"""

import secrets
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "secrets"
RANDOM = (
    *("secret_key", "access_log_key", "owner_password", "database_password"),
    *("redis_password", "seal_passphrase"),
)
# Written by hand, empty where there is none: of the mail server, of the object store, of the sign-in
# with the organisation's account, earlier secret keys, and of the bucket of backups.
TYPED = (
    *("email_password", "storage_secret", "oidc_client_secret", "secret_key_fallbacks"),
    "backup_credentials",
)


def main(folder: Path = FOLDER) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in (*RANDOM, *TYPED):
        file = folder / name
        if file.exists():
            print(f"{file} is kept.")
            continue
        file.write_text(secrets.token_urlsafe(50) if name in RANDOM else "")
        file.chmod(0o644)
        print(f"{file} was made{'' if name in RANDOM else ', empty (docs/operations/install.md)'}.")


if __name__ == "__main__":
    main()
