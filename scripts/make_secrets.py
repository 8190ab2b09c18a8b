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
# with the organisation's account, earlier secret keys, of the bucket of backups, and one file with all
# keys that HELD names, which are not made beside it.
KEY_FILE = "key_file"
TYPED = (
    *("email_password", "storage_secret", "oidc_client_secret", "secret_key_fallbacks"),
    *("backup_credentials", KEY_FILE),
)
HELD = ("secret_key", "access_log_key")


def main(folder: Path = FOLDER) -> None:
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)  # whoever made it: containers read the files as other users
    together = folder / KEY_FILE
    held = HELD if together.exists() and together.read_text().strip() else ()
    for name in (*RANDOM, *TYPED):
        file = folder / name
        if file.exists():
            print(f"{file} is kept.")
        else:
            is_made = name in RANDOM and name not in held
            file.write_text(secrets.token_urlsafe(50) if is_made else "")
            print(f"{file} was made{'' if is_made else ', empty (docs/operations/install.md)'}.")
        file.chmod(0o644)  # also where it was restored from a backup of keys


if __name__ == "__main__":
    main()
