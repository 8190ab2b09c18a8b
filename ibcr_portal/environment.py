"""Reads the settings from the environment, and refuses a wrong value with a sentence."""

import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from ibcr_portal.key_file import adopt_key_file

# Where one of these is set, the environment describes an installation of its own.
DECISIVE = ("PORTAL_EMBEDDED", "SITE_URL", "SECRET_KEY", "DATABASE_URL", "REDIS_URL")

LOCAL = {"localhost", "127.0.0.1"}

# What may come from a file.
IN_FILES = (
    *("SECRET_KEY", "SECRET_KEY_FALLBACKS", "ACCESS_LOG_KEY"),
    *("DATABASE_URL", "DATABASE_PASSWORD", "DATABASE_APP_PASSWORD"),
    *("REDIS_URL", "REDIS_PASSWORD", "EMAIL_URL", "EMAIL_PASSWORD"),
    *("METRICS_TOKEN", "SENTRY_DSN"),
    *("STORAGE_URL", "STORAGE_SECRET"),
    *("INBOUND_IMAP_PASSWORD", "INBOUND_IMAP_REFRESH_TOKEN", "INBOUND_IMAP_CLIENT_SECRET"),
    "OIDC_CLIENT_SECRET",
)


def adopt_setup(path: Path) -> None:
    """Take over what `make run` wrote down, so that `manage.py` beside it works on the same portal.

    Variables that are set win, and production is never taken for the embedded portal: its
    variables make this file unread.
    """
    if any(name in os.environ for name in DECISIVE) or not path.exists():
        return
    for line in path.read_text().splitlines():
        name, _equals, value = line.partition("=")
        os.environ.setdefault(name, value)


def read_secret_files() -> None:
    """Take over secrets from files, such as those that Docker hands to a container: NAME_FILE names
    the file of NAME, and KEY_FILE one with all keys. A file that is empty sets nothing."""
    for name in IN_FILES:
        path = os.environ.get(f"{name}_FILE", "")
        if not path:
            continue
        if os.environ.get(name):
            raise ImproperlyConfigured(f"{name}_FILE and {name} are both set: keep one of them.")
        try:
            text = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ImproperlyConfigured(
                f"{name}_FILE is {path!r}, which cannot be read: write the path of a readable file."
            ) from None
        # Child processes inherit the value, and must not find both.
        del os.environ[f"{name}_FILE"]
        if text:
            os.environ[name] = text
    adopt_key_file()


def with_password(url: str, password: str) -> str:
    """Return the address of a service with the password that it does not hold itself."""
    parts = urlsplit(url)
    if not password or parts.password or not parts.hostname:
        return url
    user = parts.username or ""
    return parts._replace(
        netloc=f"{user}:{quote(password, safe='')}@{parts.netloc.rpartition('@')[2]}"
    ).geturl()


def flag(name: str, default: bool = False) -> bool:
    """Read a switch. Anything but 0 or 1 is refused: "False" must not mean yes."""
    value = os.environ.get(name, "")
    if value not in {"", "0", "1"}:
        raise ImproperlyConfigured(f"{name} is {value!r}: write 0 or 1.")
    return default if value == "" else value == "1"


def number(name: str, default: int, least: int = 1) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isdecimal() or int(value) < least:
        raise ImproperlyConfigured(
            f"{name} is {value!r}: write a whole number of at least {least}."
        )
    return int(value)


def address(name: str, example: str, also: list[str]) -> None:
    """Refuse what cannot be the address of this service."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} is missing: {example}.")
    scheme = urlsplit(value).scheme
    if scheme not in {urlsplit(example).scheme, *also}:
        # The value stays out of the sentence: it may hold a password.
        raise ImproperlyConfigured(f"{name} must look like {example}.")


def optional_address(name: str, example: str, also: list[str]) -> str:
    """Read the address of a service that may be missing."""
    value = os.environ.get(name, "")
    if value:
        address(name, example, also)
    return value


def backups() -> tuple[str, list[str], int, tuple[int, int, int]]:
    """Where backups go, a folder or s3://bucket/prefix on another machine; who can read them; at which
    hour of the day, in UTC; and the newest of how many days, weeks and months are kept."""
    hour = number("BACKUP_HOUR", default=2, least=0)
    if hour > 23:
        raise ImproperlyConfigured(f"BACKUP_HOUR is {hour}: write an hour from 0 to 23.")
    return (
        os.environ.get("BACKUP_TARGET", ""),
        recipients("BACKUP_RECIPIENTS"),
        hour,
        keeping("BACKUP_KEEP", default="7,5,12"),
    )


def recipients(name: str) -> list[str]:
    """The public keys for which backups are encrypted, separated by commas or white space."""
    keys = [key for key in re.split(r"[,\s]+", os.environ.get(name, "")) if key]
    if any(not re.fullmatch(r"age1[0-9a-z]{58,}", key) for key in keys):
        raise ImproperlyConfigured(
            f"{name} must hold public keys of age, such as age1…, separated by commas. "
            "Make one with: manage.py backup --new-identity FILE"
        )
    return keys


def keeping(name: str, default: str) -> tuple[int, int, int]:
    """How many backups are kept: of days, weeks and months."""
    value = os.environ.get(name) or default
    found = re.fullmatch(r"(\d{1,4}),(\d{1,4}),(\d{1,4})", value)
    if not found or not int(found[1]):
        raise ImproperlyConfigured(
            f"{name} is {value!r}: write how many days, weeks and months are kept, such as {default}."
        )
    return int(found[1]), int(found[2]), int(found[3])


def inbound_address() -> str:
    """The address at which answers come in, into which tokens are written; empty if there is none."""
    value = os.environ.get("INBOUND_ADDRESS", "").strip()
    # A local part has 64 characters at most, and a token up to 45.
    if value and not re.fullmatch(r"[A-Za-z0-9._-]{1,16}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", value):
        raise ImproperlyConfigured(
            f"INBOUND_ADDRESS is {value!r}: write an address such as reply@portal.example.org, with at "
            "most 16 characters before the @."
        )
    return value


@dataclass(frozen=True)
class Mailbox:
    """A mailbox that is read by IMAP, and how it opens: the password is in its address; else there is
    a command that prints a token, or a refresh token with the server that takes it."""

    url: str = ""
    done_folder: str = ""
    token_command: str = ""
    refresh_token: str = field(default="", repr=False)
    token_url: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)


def mailbox() -> Mailbox:
    """The mailbox from which answers are fetched; without an address if a mail server hands them
    over."""
    given = os.environ
    url = given.get("INBOUND_IMAP_URL", "")
    if url:
        address("INBOUND_IMAP_URL", "imaps://user@host:993/INBOX", also=["imap+tls"])
    refresh_token, token_url = (
        given.get("INBOUND_IMAP_REFRESH_TOKEN", ""),
        given.get("INBOUND_IMAP_TOKEN_URL", ""),
    )
    if refresh_token and not token_url.startswith("https://"):
        raise ImproperlyConfigured(
            "INBOUND_IMAP_TOKEN_URL must be the https address of the server that takes "
            "INBOUND_IMAP_REFRESH_TOKEN."
        )
    return Mailbox(
        url=with_password(url, given.get("INBOUND_IMAP_PASSWORD", "")),
        done_folder=given.get("INBOUND_IMAP_DONE", ""),
        token_command=given.get("INBOUND_IMAP_TOKEN_COMMAND", ""),
        refresh_token=refresh_token,
        token_url=token_url,
        client_id=given.get("INBOUND_IMAP_CLIENT_ID", ""),
        client_secret=given.get("INBOUND_IMAP_CLIENT_SECRET", ""),
    )


def server_options(given: dict[str, Any]) -> dict[str, Any]:
    """How PostgreSQL is asked, unless DATABASE_URL says otherwise."""
    return {
        # Without them, who asks waits for minutes where a network was cut and nobody refuses.
        "connect_timeout": 5,
        "tcp_user_timeout": 20_000,  # milliseconds
        **given,
    }


def storage() -> dict[str, Any]:
    """Where files are kept: in the folder MEDIA_ROOT, or in the bucket that STORAGE_URL names. Without a
    key in the address the environment's credentials are used (AWS_ACCESS_KEY_ID and so on, or the role
    of the machine)."""
    url = os.environ.get("STORAGE_URL", "")
    if not url:
        return {"BACKEND": "kernel.storage.DiskStorage"}
    parts = urlsplit(with_password(url, os.environ.get("STORAGE_SECRET", "")))
    bucket, _slash, folder = parts.path.strip("/").partition("/")
    if (
        parts.scheme not in {"s3", "s3+http"}
        or not bucket
        or (parts.username and not parts.password)
    ):
        raise ImproperlyConfigured(
            "STORAGE_URL must look like s3://KEY:SECRET@host:port/bucket (s3+http:// where the storage "
            "speaks no TLS, s3:///bucket for Amazon's own); STORAGE_SECRET may hold the secret."
        )
    options: dict[str, Any] = {"bucket_name": bucket, "location": folder}
    if parts.hostname:
        scheme = "http" if parts.scheme == "s3+http" else "https"
        options["endpoint_url"] = f"{scheme}://{parts.netloc.rpartition('@')[2]}"
    if parts.username:
        options["access_key"] = unquote(parts.username)
        options["secret_key"] = unquote(parts.password or "")
    region = dict(parse_qsl(parts.query)).get("region", "")
    # Some region is part of each signature; servers other than Amazon's take any.
    options["region_name"] = region or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    return {"BACKEND": "kernel.object_storage.ObjectStorage", "OPTIONS": options}


def seal() -> tuple[str, str, str, str]:
    """Where the key of the seal of documents is, PKCS#12 or PEM with its certificate (nothing is sealed
    before there is one), where its passphrase is, and the authority that confirms the time, if any,
    with the file of the certificates (PEM) under which its answers have to be signed."""
    authority = optional_address("SEAL_TIMESTAMP_URL", "https://tsa.example.org", also=["http"])
    certificate = os.environ.get("SEAL_TIMESTAMP_CERTIFICATE", "")
    if authority and not certificate:
        raise ImproperlyConfigured(
            "SEAL_TIMESTAMP_URL is set without SEAL_TIMESTAMP_CERTIFICATE: write the path of the file "
            "with the authority's certificate (PEM), by which the portal verifies its answers."
        )
    key, passphrase = os.environ.get("SEAL_KEY", ""), os.environ.get("SEAL_PASSPHRASE_FILE", "")
    return key, passphrase, authority, certificate


def metrics_token() -> str:
    """With what a machine asks for figures; they are for nobody where it is missing."""
    token = os.environ.get("METRICS_TOKEN", "")
    if token and len(token) < 20:
        raise ImproperlyConfigured(
            "METRICS_TOKEN must have at least 20 random characters; leave it out for no figures."
        )
    return token


def site_url(embedded: bool) -> str:
    """The address that people type, without a trailing slash.

    It builds every link in mail and documents, so a wrong one is refused at start.
    """
    port = number("PORT", default=8000)
    url = os.environ.get("SITE_URL") or (f"http://localhost:{port}" if embedded else "")
    parts = urlsplit(url)
    local = parts.hostname in LOCAL
    if (
        not re.fullmatch(r"[a-z0-9.-]+", parts.hostname or "")
        or parts.path.strip("/")
        or parts.query
        or parts.username
    ):
        raise ImproperlyConfigured(
            "SITE_URL must be the portal's address alone, such as https://portal.example.org."
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ImproperlyConfigured("SITE_URL must start with https:// (http:// only on localhost).")
    return f"{parts.scheme}://{parts.netloc}"


def older_secret_keys() -> list[str]:
    """The keys that were SECRET_KEY before, the newest first, separated by commas or line breaks."""
    keys = re.split(r"[,\s]+", os.environ.get("SECRET_KEY_FALLBACKS", ""))
    keys = [key for key in keys if key]
    if any(len(key) < 50 for key in keys):
        raise ImproperlyConfigured(
            "SECRET_KEY_FALLBACKS must hold keys that were SECRET_KEY before, each of at least 50 "
            "characters, separated by commas."
        )
    return keys


def access_log_key(embedded: bool, var: Path, other: str) -> str:
    """The key of the access log, which must not be the one (`other`) that half the portal uses."""
    key = secret("ACCESS_LOG_KEY", var / "access_log_key" if embedded else None)
    if key == other:
        raise ImproperlyConfigured(
            "ACCESS_LOG_KEY must not be SECRET_KEY: write random characters of its own."
        )
    return key


def secret(name: str, kept_in: Path | None) -> str:
    """Read a secret. One that is not given is made and kept where there is a place for it."""
    key = os.environ.get(name, "")
    if not key and kept_in:
        return kept_key(kept_in)
    if len(key) < 50:
        raise ImproperlyConfigured(
            f"{name} must hold at least 50 random characters; "
            "make one with: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    return key


def kept_key(path: Path) -> str:
    """Read or create a secret in this file. Of two processes that start at once, one writes it and both
    read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)  # fails where the other was first, and never half-writes
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
