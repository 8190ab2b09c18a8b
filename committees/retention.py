"""How long names in attendance are kept (`accounts.retention`)."""

from contextlib import suppress

from django.conf import settings
from django.utils.translation import gettext as _, gettext_lazy

from accounts.retention import RetentionRule, years
from committees.minutes.services.names import (
    destroy_annex,
    destroy_attendance,
    meetings_with_names,
    minutes_with_names,
)
from kernel.refusal import Refusal
from projects.retention import ended_long_ago


def destroy_old_names() -> int:
    """Destroy the names in projects whose records need not be kept any more: in sealed minutes with
    the attendance list, and in the lists of meetings of which no minutes were sealed."""
    over = ended_long_ago()
    count = 0
    for minutes in minutes_with_names().filter(meeting__committee__project__in=over):
        with suppress(Refusal):  # a hold covers somebody who was present
            destroy_annex(minutes)
            count += 1
    for meeting in meetings_with_names().filter(committee__project__in=over):
        with suppress(Refusal):
            destroy_attendance(meeting)
            count += 1
    return count


RULES = (
    RetentionRule(
        "attendance",
        gettext_lazy("Names in attendance"),
        lambda: (
            _("%(years)s after the end of the project, or earlier on request")
            % {"years": years(settings.RECORDS_YEARS)}
        ),
        "RECORDS_YEARS",
        destroy_old_names,
    ),
)
