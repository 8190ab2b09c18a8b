"""Whether documents can be sealed. The worker of documents alone has the key: it tries, and what it found is
kept (`Watch`) for pages and machines."""

from ibcr_portal.models import Watch
from reports.sealing.keys import SealFailed, is_on, usable_key


def note_failure() -> None:
    Watch.note(seal_failure=seal_failure())


def seal_failure() -> str:
    """Return the reason for which this process could seal nothing; '' if it could, or need not."""
    try:
        if is_on():
            usable_key()
    except SealFailed as failed:
        return str(failed.reason)
    return ""
