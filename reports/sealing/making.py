"""Makes the portal's own key: nobody but the portal vouches for it, and its certificate is published
on the page of the seal."""

import os
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    NoEncryption,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from django.utils import timezone

from reports.sealing.keys import SealKey

LONGEST_NAME = 64  # of each part of a name in a certificate
# Clocks differ, and a document must not be sealed before its certificate is valid.
EARLIER = timedelta(hours=1)


def new_key(host: str, organisation: str, *, years: int) -> SealKey:
    """Return a new key. Its curve is one that all readers of PDF know, and it signs in a moment."""
    return certified(ec.generate_private_key(ec.SECP256R1()), host, organisation, years=years)


def certified(
    private: ec.EllipticCurvePrivateKey | RSAPrivateKey, host: str, organisation: str, *, years: int
) -> SealKey:
    """Return the key with a certificate that it signs itself."""
    public = private.public_key()
    names = [x509.NameAttribute(NameOID.COMMON_NAME, f"Seal of {host}"[:LONGEST_NAME])]
    if organisation:
        named = x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:LONGEST_NAME])
        names.append(named)
    name, now = x509.Name(names), timezone.now().replace(microsecond=0)
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=public,
        serial_number=x509.random_serial_number(),
        not_valid_before=now - EARLIER,
        not_valid_after=now + timedelta(days=round(365.25 * years)),
    )
    seals = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    key_id = x509.SubjectKeyIdentifier.from_public_key(public)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
    builder = builder.add_extension(seals, True).add_extension(key_id, False)
    return SealKey(private, builder.sign(private, hashes.SHA256()))


def write_key(key: SealKey, path: Path, passphrase: bytes) -> None:
    """Write the key as PKCS#12 that only this user can read. A file that is there is replaced at
    once, so a worker never reads half of one."""
    lock = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    content = pkcs12.serialize_key_and_certificates(
        b"seal", key.private, key.certificate, list(key.chain) or None, lock
    )
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
