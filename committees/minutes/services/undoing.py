"""Takes back what was just done with minutes."""

from django.db import transaction

from accounts.models import User
from accounts.undo import UNDONE, withdraw
from committees.minutes.services.minutes import lock_minutes, revise
from committees.models import Minutes


@transaction.atomic
def take_back_circulation(minutes: Minutes, *, by: User) -> None:
    """Undo a circulation of this half minute: nobody got a message, and the minutes are a draft again,
    of which there is no version that circulated."""
    lock_minutes(minutes)
    withdraw(minutes, "circulate", by=by)
    minutes.versions.latest("number").delete()
    revise(minutes, by=by, why=str(UNDONE))
