"""When something was entered: nobody is late with what was not in the portal in time."""

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
