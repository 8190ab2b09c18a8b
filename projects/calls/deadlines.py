"""When a call closes, in words."""

from datetime import datetime

from django.utils.translation import gettext as _

from kernel.formats import city_of, day
from projects.models import CallForProposals


def deadline_text(call: CallForProposals, moment: datetime | None = None) -> str:
    """Returns the deadline, or another moment, to the second in the project's time zone.

    Such as: November 30, 2026, 23:59:59 (time of Tegucigalpa).
    """
    zone = call.project.zone
    local = (moment or call.closes_at).astimezone(zone)
    return _("%(day)s, %(clock)s (time of %(place)s)") % {
        "day": day(local.date()),
        "clock": f"{local:%H:%M:%S}",
        "place": city_of(zone.key),
    }
