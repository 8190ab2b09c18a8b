"""The key of the seal with its certificate, read from a file that is outside the database.

Nothing of the key or its passphrase is in a message, a log or the memory of another process.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from django.conf import settings
from django.utils import timezone

from kernel.jobs import Job
from reports.models import SealCertificate
from reports.models.seal import sha256_of
from reports.render_process import RenderFailed

PEM = b"-----BEGIN "
PRIVATE = re.compile(
    rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----.+?-----END (?:[A-Z]+ )?PRIVATE KEY-----", re.DOTALL
)
LARGEST = 100_000  # a key with its chain has a few thousand bytes

SealFailure = Job.Failure


class SealFailed(RenderFailed):
    """A document that could not be sealed; `reason` is one of the reasons of the seal in
    `kernel.jobs.Job.Failure`."""


@dataclass(frozen=True)
class SealKey:
    private: RSAPrivateKey | EllipticCurvePrivateKey = field(repr=False)
    certificate: x509.Certificate
    # Those of the authority, which readers need to find a root that they trust.
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        return (self.certificate, *self.chain)


def is_on() -> bool:
    """Whether final documents are sealed: with a key, and once there was a certificate also without,
    so that a setting which got lost makes documents wait and issues none unsealed. Nobody but who
    writes SEAL_OFF switches the seal off."""
    if settings.SEAL_OFF:
        return False
    return bool(settings.SEAL_KEY) or SealCertificate.objects.exists()


def usable_key() -> SealKey:
    """Return the key, whose certificate is valid now and was not revoked. Raises SealFailed."""
    key = read_key()
    if SealCertificate.objects.revoked().filter(sha256=sha256_of(key.certificate)).exists():
        raise SealFailed(SealFailure.SEAL_EXPIRED)
    return key


def read_key() -> SealKey:
    """Return the key, which is valid now. Raises SealFailed."""
    key = opened(_content(settings.SEAL_KEY, SealFailure.SEAL_KEY), passphrase())
    now = timezone.now()
    if not key.certificate.not_valid_before_utc <= now <= key.certificate.not_valid_after_utc:
        raise SealFailed(SealFailure.SEAL_EXPIRED)
    return key


def opened(content: bytes, passphrase: bytes) -> SealKey:
    """Return the key of this file, PKCS#12 or PEM. Raises SealFailed.

    A file that does not open says no more than that: whoever guesses learns nothing.
    """
    try:
        read = _from_pem if content.lstrip().startswith(PEM) else _from_pkcs12
        private, certificates = read(content, passphrase)
    except (ValueError, TypeError):
        raise SealFailed(SealFailure.SEAL_PASSPHRASE) from None
    if not isinstance(private, RSAPrivateKey | EllipticCurvePrivateKey):
        raise SealFailed(SealFailure.SEAL_KEY)
    own = [one for one in certificates if one.public_key() == private.public_key()]
    if not own:
        raise SealFailed(SealFailure.SEAL_KEY)
    return SealKey(private, own[0], tuple(one for one in certificates if one != own[0]))


def _content(path: str, reason: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(LARGEST)
    except OSError:
        raise SealFailed(reason) from None


def passphrase() -> bytes:
    path = settings.SEAL_PASSPHRASE_FILE
    return _content(path, SealFailure.SEAL_PASSPHRASE).strip() if path else b""


def _from_pkcs12(content: bytes, passphrase: bytes) -> tuple[object, list[x509.Certificate]]:
    private, certificate, others = pkcs12.load_key_and_certificates(content, passphrase or None)
    return private, [*([certificate] if certificate else []), *others]


def _from_pem(content: bytes, passphrase: bytes) -> tuple[object, list[x509.Certificate]]:
    found = PRIVATE.search(content)
    if not found:
        raise SealFailed(SealFailure.SEAL_KEY)
    is_encrypted = b"ENCRYPTED" in found.group()
    private = serialization.load_pem_private_key(
        found.group(), passphrase if is_encrypted else None
    )
    return private, x509.load_pem_x509_certificates(content)
