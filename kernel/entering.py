"""What is late, and by how many days: nobody is late with what was not in the portal in time."""

from datetime import date, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

GRACE = timedelta(days=30)


def entered_on_field() -> "models.DateField[date, date]":
    return models.DateField(gettext_lazy("entered on"), default=timezone.localdate, editable=False)


def in_time_until(due: date, *entered: date) -> date:
    """Return the last day on which it is not late: the due day, or GRACE after the day on which it was
    entered, whichever is later."""
    return max([due, *(day + GRACE for day in entered)])


def days_late(due: date, last: date, today: date) -> int:
    """Return the days since the due day, which is the day that is shown; 0 as long as it is not
    late, which is until `last` (`in_time_until`)."""
    return (today - due).days if last < today else 0
