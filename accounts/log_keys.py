"""The keys of the access log, all derived from one secret that is not in the database."""

import base64
import hashlib
import hmac

from cryptography.exceptions import InvalidSignature
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings


def _derived(purpose: str) -> bytes:
    return hmac.digest(settings.ACCESS_LOG_KEY.encode(), purpose.encode(), "sha256")


def chained(content: bytes) -> str:
    """Return the keyed hash by which an event follows from the one before."""
    return hmac.new(_derived("chain"), content, hashlib.sha256).hexdigest()


def pseudonym_of(text: str) -> str:
    """Return what the log says in place of a text that somebody typed: the same for the same text,
    and of no use without the key."""
    content = text.strip().casefold().encode(errors="replace")
    return hmac.new(_derived("pseudonym"), content, hashlib.sha256).hexdigest()[:16]


def _signing_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_derived("signature"))


def sign(content: bytes) -> str:
    return base64.b64encode(_signing_key().sign(content)).decode()


def is_signature(text: str, content: bytes) -> bool:
    try:
        _signing_key().public_key().verify(base64.b64decode(text, validate=True), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key() -> str:
    """Return the key by which anybody can check a signature, and nobody can make one."""
    return base64.b64encode(_signing_key().public_key().public_bytes_raw()).decode()


def public_key_id() -> str:
    return hashlib.sha256(base64.b64decode(public_key())).hexdigest()[:16]


def fingerprint(text: str) -> str:
    """Return the keyed hash by which a text is known again, and cannot be read."""
    return hmac.new(_derived("erasure"), text.encode(errors="replace"), hashlib.sha256).hexdigest()


def _vault() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived("vault")))


def lock_away(content: bytes) -> bytes:
    """Encrypt what nobody may find in the database or its files."""
    return _vault().encrypt(content)


def unlock(content: bytes) -> bytes:
    return _vault().decrypt(content)
