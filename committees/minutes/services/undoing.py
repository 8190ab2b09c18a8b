"""Takes back what was just done with minutes."""

from django.db import transaction

from accounts import undo
from accounts.models import User
from committees.minutes.services.minutes import fix_records, lock_minutes
from committees.models import Minutes


@transaction.atomic
def take_back_circulation(minutes: Minutes, *, by: User) -> None:
    """Undo a circulation of this half minute: nobody got a message, and the minutes are a draft again,
    of which there is no version that circulated."""
    lock_minutes(minutes)
    undo.take_back(minutes, "circulate", by=by, comments_until=None, silence_until=None)
    minutes.versions.latest("number").delete()
    fix_records(minutes.meeting)
