"""A real installation in production: processes with settings of their own, PostgreSQL in the role of the
web server, Redis, a worker, and servers for mail, accounts and viruses. Tests break it."""

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from accounts.log_check import keep_checkpoint
from accounts.models import AccessEvent
from ibcr_portal.backups.encryption import new_identity
from ibcr_portal.models import Backup, Watch
from ibcr_portal.stored_files import note_keys
from projects.models import Evidence
from reports.models import SealCertificate
from reports.sealing.making import new_key, write_key
from tests.factories import EvidenceFactory, UserFactory
from tests.servers import Server, accounts, imap, scanner, silent, smtp

PASSPHRASE = "words that nobody reads"


@dataclass
class Report:
    """What doctor said, and how it ended."""

    code: int
    said: str

    def advice_on(self, level: str, words: str) -> str:
        """Return what to do about the finding that has these words."""
        lines = self.said.splitlines()
        for line, after in zip(lines, [*lines[1:], ""], strict=True):
            if line.startswith(level) and words in line:
                return after.partition("-> ")[2]
        raise AssertionError(f"doctor does not say {level} … {words}:\n{self.said}")


@dataclass
class Installation:
    folder: Path
    env: dict[str, str]
    servers: dict[str, Server]
    photograph: Evidence
    broken: dict[str, str] = field(default_factory=dict)
    """Settings that somebody changed."""

    def path(self, name: str) -> Path:
        return self.folder / name

    def manage(self, *command: str, stdin: str = "", **more: str) -> Report:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=settings.BASE_DIR,
            env=self.env | self.broken | more,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=600,
        )
        return Report(done.returncode, done.stdout + done.stderr)

    def doctor(self) -> Report:
        return self.manage("doctor")

    def as_owner(self, *command: str) -> Report:
        """As the service `migrate`, in the role that owns the tables."""
        return self.manage(*command, DATABASE_URL=database_url())


def database_url(role: str = "") -> str:
    database = connection.settings_dict
    where = "{HOST}:{PORT}/{NAME}".format(**database)
    return f"postgres://{role or database['USER']}@{where}"


def settings_of(folder: Path, role: str, servers: dict[str, Server]) -> dict[str, str]:
    # The clock too: all parts of an installation have the same (`scripts/shifted_clock.py`).
    names = ("PATH", "HOME", "LANG", "TZ", "LD_PRELOAD", "CLOCK_SHIM")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    port = {name: server.port for name, server in servers.items()}
    return kept | {
        "SITE_URL": "http://localhost:8000",
        "PORTAL_VAR": str(folder / "var"),
        "STATIC_ROOT": str(settings.STATIC_ROOT),
        "SECRET_KEY": settings.SECRET_KEY,
        "ACCESS_LOG_KEY": settings.ACCESS_LOG_KEY,
        "ACCESS_LOG_CHECKPOINTS": str(folder / "checkpoints.jsonl"),
        "ERASURES": str(folder / "erasures.jsonl"),
        "MEDIA_ROOT": str(folder / "media"),
        "DATABASE_URL": database_url(role),
        "REDIS_URL": settings.REDIS_URL,
        "EMAIL_URL": f"smtp://127.0.0.1:{port['mail']}",
        "DEFAULT_FROM_EMAIL": "portal@organisation.test",
        "INBOUND_ADDRESS": "reply@organisation.test",
        "INBOUND_IMAP_URL": f"imap+tls://reply@127.0.0.1:{port['mailbox']}/INBOX",
        "INBOUND_IMAP_PASSWORD": "a password",
        "CLAMD_URL": f"tcp://127.0.0.1:{port['scanner']}",
        "OIDC_URL": f"http://127.0.0.1:{port['accounts']}",
        "OIDC_NAME": "Organisation",
        "OIDC_CLIENT_ID": "portal",
        "OIDC_CLIENT_SECRET": "a secret",
        "OIDC_DOMAINS": "organisation.test",
        "BACKUP_TARGET": f"{folder}/backups/",
        "BACKUP_RECIPIENTS": new_identity(folder / "identity.txt"),
        "SEAL_KEY": str(folder / "seal.p12"),
        "SEAL_PASSPHRASE_FILE": str(folder / "passphrase"),
        "SEAL_TIMESTAMP_URL": f"http://127.0.0.1:{port['timestamps']}",
        "SEAL_TIMESTAMP_CERTIFICATE": str(folder / "authority.pem"),
    }


def servers_around() -> dict[str, Server]:
    found = {
        "mail": Server(smtp, b"220 ready\r\n"),
        "mailbox": Server(imap, b"* OK ready\r\n"),
        "scanner": Server(scanner),
        "timestamps": Server(silent),
        "accounts": Server(silent),
    }
    found["accounts"].answer = accounts(f"http://127.0.0.1:{found['accounts'].port}")
    return found


def set_up(folder: Path, role: str, servers: dict[str, Server]) -> Installation:
    """Write what an installation has that is in use, as its processes would."""
    (folder / "passphrase").write_text(PASSPHRASE)
    (folder / "backups").mkdir()
    UserFactory(is_staff=True)
    UserFactory(is_staff=True)
    AccessEvent.record(AccessEvent.Kind.SIGN_IN, user=None, method="code")
    keep_checkpoint()
    note_keys()
    now = timezone.now()
    Watch.note(looked_at=now)
    Backup.objects.create(at=now - timedelta(hours=3), finished_at=now, size=1, target="x")
    key = new_key("localhost", "Organisation", years=5)
    write_key(key, folder / "seal.p12", PASSPHRASE.encode())
    SealCertificate.of(key.certificate)
    return Installation(folder, settings_of(folder, role, servers), servers, photograph())


def photograph() -> Evidence:
    content = b"a photograph"
    row = EvidenceFactory(sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    default_storage.delete(row.file.name)
    name = default_storage.save(row.file.name, ContentFile(content))
    Evidence.objects.filter(pk=row.pk).update(file=name)
    row.refresh_from_db()
    return row
