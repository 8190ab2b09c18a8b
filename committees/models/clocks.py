"""The clocks at the place of a meeting."""

import zoneinfo
from datetime import UTC, date, datetime, time

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kernel.formats import city_of


def wall_clock(day: date, clock: time, zone: zoneinfo.ZoneInfo) -> datetime:
    """The moment at which clocks of a zone show that time on that day.

    Raises ValidationError with a sentence in the hour that a zone leaves out in spring. Of the
    two moments of an hour that comes twice in autumn it is the first.
    """
    moment = datetime.combine(day, clock, tzinfo=zone)
    if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment.replace(tzinfo=None):
        raise ValidationError(
            _(
                "There is no %(time)s in %(zone)s on that day because clocks go forward: "
                "choose another time."
            ),
            code="missing_hour",
            params={"zone": city_of(zone.key), "time": clock.strftime("%H:%M")},
        )
    return moment
