"""The keys of this installation: which they are, and what is of no use without them."""

import base64
import os
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from ibcr_portal import key_file
from ibcr_portal.key_file import LOG, PASSPHRASE, SEAL, SECRET, Key

# Under which names `restore --keys` writes them, as scripts/make_secrets.py and `make run` do.
FILES = {SECRET: "secret_key", LOG: "access_log_key", PASSPHRASE: "seal_passphrase"}
SEAL_FILE = "seal.p12"
TOGETHER = "key_file"


def keys_in_use() -> list[Key]:
    """Return the keys, with earlier versions. That of the seal is there where the process may read
    it, which only the worker may."""
    secrets = [*reversed(settings.SECRET_KEY_FALLBACKS), settings.SECRET_KEY]
    keys = [Key(SECRET, number, value) for number, value in enumerate(secrets, 1)]
    keys.append(Key(LOG, 1, settings.ACCESS_LOG_KEY))
    return [*keys, *_seal()]


def _seal() -> list[Key]:
    found = []
    if content := _read(settings.SEAL_KEY):
        found.append(Key(SEAL, 1, base64.b64encode(content).decode("ascii")))
    if found and (word := _read(settings.SEAL_PASSPHRASE_FILE)):
        found.append(Key(PASSPHRASE, 1, word.decode("utf-8").strip()))
    return found


def seal_is_out_of_reach() -> bool:
    """Whether there is a key of the seal that this process cannot read."""
    return bool(settings.SEAL_KEY) and not _read(settings.SEAL_KEY)


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes() if path else b""
    except OSError:
        return b""


def key_ids() -> list[dict[str, object]]:
    """Return which keys the data need: by their ids, which open nothing."""
    return [key.label for key in keys_in_use() if key.name in {SECRET, LOG}]


def write_keys(keys: list[Key], folder: Path) -> list[Path]:
    """Write the keys as files into a folder, for their owner alone. Raises FileExistsError rather than
    replace one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret, *older = [key.value for key in key_file.versions(keys, SECRET)]
    # Every service may read that file: those of the seal, which the worker alone has, are not in it.
    shared = [key for key in keys if key.name in {SECRET, LOG}]
    texts = {TOGETHER: key_file.written(shared), "secret_key": secret.encode()}
    texts["secret_key_fallbacks"] = ",".join(older).encode()
    for name in (LOG, PASSPHRASE):
        if found := key_file.versions(keys, name):
            texts[FILES[name]] = found[0].value.encode()
    if found := key_file.versions(keys, SEAL):
        texts[SEAL_FILE] = base64.b64decode(found[0].value)
    paths = {folder / name: content for name, content in texts.items()}
    if taken := [path for path in paths if path.exists()]:
        raise FileExistsError(str(taken[0]))
    for path, content in paths.items():
        # O_EXCL: nobody who may write into the folder turns a key away by a link.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    return [*paths]


def unreadable_without(
    header_keys: list[dict[str, object]], counts: Mapping[str, int], keys: list[Key]
) -> list[str]:
    """Return sentences on what of a backup stays unreadable with these keys, whose rows of some
    tables are counted."""
    have = {(key.name, key.id) for key in keys}
    lacking = {
        str(each.get("name"))
        for each in header_keys
        if (each.get("name"), each.get("id")) not in have
    }
    found = []
    if SECRET in lacking:
        found.append(
            f"A SECRET_KEY is missing: the second factors of people "
            f"({counts.get('mfa_authenticator', 0)}) cannot be read and have to be set up again; links "
            "and sessions that were signed with it end."
        )
    if LOG in lacking:
        found.append(
            f"ACCESS_LOG_KEY is missing: the access log ({counts.get('accounts_accessevent', 0)} events) "
            f"counts as forged, what is locked away ({counts.get('ibcr_portal_lockedaway', 0)} records) "
            "stays locked, and nobody is forgotten again."
        )
    return found
