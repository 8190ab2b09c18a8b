"""The signature of an archive's list of sums, which `openssl cms -verify` checks without the portal."""

from collections.abc import Iterator

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7

from reports.sealing.keys import usable_key

SIGNATURE, CERTIFICATE = "SHA256SUMS.p7s", "certificate.pem"


def signature_of(sums: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the detached signature and the certificate, with their names. Raises SealFailed."""
    key = usable_key()
    builder = pkcs7.PKCS7SignatureBuilder().set_data(sums)
    builder = builder.add_signer(key.certificate, key.private, hashes.SHA256())
    for certificate in key.chain:
        builder = builder.add_certificate(certificate)
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    yield SIGNATURE, builder.sign(serialization.Encoding.DER, options)
    pem = [one.public_bytes(serialization.Encoding.PEM) for one in key.certificates]
    yield CERTIFICATE, b"".join(pem)
