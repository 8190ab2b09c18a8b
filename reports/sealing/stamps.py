"""Asks a timestamp authority (RFC 3161), where one is set: it confirms when a document was sealed."""

import urllib.request
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from pyhanko.sign.timestamps import TimeStamper

SECONDS = 10.0
LARGEST = 200_000
ASKS, ANSWERS = "application/timestamp-query", "application/timestamp-reply"


def timestamper() -> "TimeStamper | None":
    """Return whom to ask for the time; None where no authority is set."""
    if not settings.SEAL_TIMESTAMP_URL:
        return None
    from asn1crypto import tsp
    from pyhanko.sign.timestamps import TimeStamper

    class Authority(TimeStamper):
        async def async_request_tsa_response(self, req: Any) -> Any:
            return tsp.TimeStampResp.load(answer_to(req.dump()))

    kind: Any = Authority  # its beginning has no types
    made: TimeStamper = kind()
    return made


def answer_to(question: bytes) -> bytes:
    """Send the question, in which there is a hash and nothing of the document."""
    headers = {"Content-Type": ASKS, "Accept": ANSWERS}
    request = urllib.request.Request(settings.SEAL_TIMESTAMP_URL, data=question, headers=headers)
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        content: bytes = answer.read(LARGEST)
    return content
