"""Asks a timestamp authority (RFC 3161), where one is set: it confirms when a document was sealed.

An answer counts if it is about this document and signed under the certificate that is configured
(SEAL_TIMESTAMP_CERTIFICATE): whoever is on the way to the authority could answer, too, and no later
document would say that the time is not true.
"""

import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings

if TYPE_CHECKING:
    from pyhanko.sign.timestamps import TimeStamper

SECONDS = 10.0
LARGEST = 200_000
ASKS, ANSWERS = "application/timestamp-query", "application/timestamp-reply"


class Unconfirmed(Exception):
    """The answer of an authority that does not prove the time."""


def timestamper() -> "TimeStamper | None":
    """Return whom to ask for the time; None where no authority is set."""
    if not settings.SEAL_TIMESTAMP_URL:
        return None
    from asn1crypto import tsp
    from pyhanko.sign.timestamps import TimeStamper

    class Authority(TimeStamper):
        async def async_request_tsa_response(self, req: Any) -> Any:
            return tsp.TimeStampResp.load(answer_to(req.dump()))

        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            token = await super().async_timestamp(message_digest, md_algorithm)
            await check(token, message_digest, md_algorithm)
            return token

    kind: Any = Authority  # its beginning has no types
    made: TimeStamper = kind()
    return made


def answer_to(question: bytes) -> bytes:
    """Send the question, in which there is a hash and nothing of the document."""
    headers = {"Content-Type": ASKS, "Accept": ANSWERS}
    request = urllib.request.Request(settings.SEAL_TIMESTAMP_URL, data=question, headers=headers)
    try:
        with urllib.request.build_opener(NoRedirects).open(request, timeout=SECONDS) as answer:
            content: bytes = answer.read(LARGEST)
    except urllib.error.HTTPError as refused:
        refused.close()  # it holds the connection
        raise
    return content


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """The authority is at the address that is set, and nowhere else in this network."""

    def redirect_request(self, *_args: Any, **_words: Any) -> None:
        return None


async def check(token: Any, digest: bytes, algorithm: str) -> None:
    """Raises Unconfirmed unless the token is about this hash, and a configured certificate vouches for
    who signed it."""
    from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
    from pyhanko.sign.validation.status import TimestampSignatureStatus
    from pyhanko_certvalidator import ValidationContext

    trusted = ValidationContext(trust_roots=_trusted(), allow_fetching=False)
    found = TimestampSignatureStatus(
        **await validate_tst_signed_data(
            token["content"], trusted, lambda used: digest if used == algorithm else b""
        )
    )
    if not (found.intact and found.valid and found.trusted):
        raise Unconfirmed


def _trusted() -> list[Any]:
    from asn1crypto import x509 as asn1

    content = Path(settings.SEAL_TIMESTAMP_CERTIFICATE).read_bytes()
    found = x509.load_pem_x509_certificates(content)
    return [asn1.Certificate.load(one.public_bytes(Encoding.DER)) for one in found]
