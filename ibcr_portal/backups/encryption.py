"""Encrypts backups in the age format (age-encryption.org), for the holders of some public keys. The
portal has no key that opens them."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

import pyrage
from pyrage import x25519

from ibcr_portal.backups.frames import MAGIC, Damaged, FrameParser, FrameReader, copy_plain

AGE = b"age-encryption.org/"


class Writer(Protocol):
    def write(self, data: bytes, /) -> int: ...


def recipients_of(keys: Iterable[str]) -> list[x25519.Recipient]:
    """Raises ValueError with the key that is none."""
    found = []
    for key in keys:
        try:
            found.append(x25519.Recipient.from_str(key))
        except pyrage.RecipientError:
            raise ValueError(key) from None
    return found


def identities_in(path: Path) -> list[x25519.Identity]:
    """Return the secret keys in a file, as `age-keygen` writes it too. Raises ValueError."""
    found = []
    for line in path.read_text("utf-8", errors="replace").splitlines():
        if line.startswith("AGE-SECRET-KEY-"):
            try:
                found.append(x25519.Identity.from_str(line.strip()))
            except pyrage.IdentityError:
                raise ValueError(str(path)) from None
    if not found:
        raise ValueError(str(path))
    return found


def new_identity(path: Path) -> str:
    """Write a new secret key into a file, for its owner alone, and return the public key."""
    identity = x25519.Identity.generate()
    public = str(identity.to_public())
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"# public key: {public}\n{identity}\n")
    return public


def write_out(pieces: Iterator[bytes], target: Writer, keys: list[x25519.Recipient]) -> None:
    """Write the pieces, encrypted for the keys; in clear if there are none."""
    if not keys:
        for piece in pieces:
            target.write(piece)
        return
    reader = FrameReader(pieces)
    try:
        pyrage.encrypt_io(reader, target, keys)
    except Exception:
        if reader.failure:
            raise reader.failure from None
        raise


def read_in(source: BinaryIO, parser: FrameParser, identities: list[x25519.Identity]) -> None:
    """Hand the content of a backup to the parser, as it comes. Raises Damaged, and what the parser
    raises."""
    begins = source.read(len(AGE))
    source.seek(0)
    if begins == AGE:
        decrypt(source, parser, identities)
    elif MAGIC.startswith(begins[:1]) and begins:
        copy_plain(source, parser)
    else:
        raise Damaged("It is no backup of this portal.")
    parser.close()


def decrypt(source: BinaryIO, target: FrameParser, identities: list[x25519.Identity]) -> None:
    if not identities:
        raise Damaged("It is encrypted: say with --identity which file has the secret key.")
    try:
        pyrage.decrypt_io(source, target, identities)
    except Exception as error:
        if target.failure:
            raise target.failure from None
        if "No matching keys" in str(error):
            raise Damaged(
                "It is encrypted for somebody else: no key in --identity opens it."
            ) from None
        if isinstance(error, pyrage.DecryptError | OSError):
            raise Damaged("It is damaged: it was cut off or altered.") from None
        raise


def decrypted_whole(content: bytes, identities: list[x25519.Identity]) -> bytes:
    """Open a small file, such as that of the keys. Raises Damaged."""
    try:
        return bytes(pyrage.decrypt(content, identities))
    except pyrage.DecryptError:
        raise Damaged(
            "It cannot be opened: it is damaged, or encrypted for somebody else."
        ) from None
