"""Reads seals back, with pyHanko's validator."""

import io
from concurrent.futures import ThreadPoolExecutor

from cryptography.hazmat.primitives.serialization import Encoding

from reports.sealing.apply import seal
from reports.sealing.keys import SealKey


def sealed_pdf(content: bytes, key: SealKey, language: str = "fr") -> bytes:
    target = io.BytesIO()
    seal(io.BytesIO(content), target, key, language=language)
    return target.getvalue()


def statuses(content: bytes, *trusted):
    """What the validator says of each signature; `trusted` are the certificates it knows."""
    from asn1crypto import x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    roots = [x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in trusted]
    reader = PdfFileReader(io.BytesIO(content))
    context = ValidationContext(trust_roots=roots, allow_fetching=False)
    # pyHanko runs a loop of its own, and a browser of this process may run one already.
    with ThreadPoolExecutor(1) as thread:
        return [
            thread.submit(validate_pdf_signature, one, context).result()
            for one in reader.embedded_signatures
        ]


def is_intact(content: bytes, *trusted) -> bool:
    """Whether the seal is valid and covers the file; a file that cannot be read is not intact."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.validation.errors import SignatureValidationError

    try:
        found = statuses(content, *trusted)
    except (PdfError, SigningError, SignatureValidationError, ValueError, KeyError, TypeError):
        return False
    return bool(found) and all(
        one.bottom_line and one.coverage.name == "ENTIRE_FILE" for one in found
    )
