"""How long the records of projects are kept after their end."""

from datetime import date, datetime, time

from django.conf import settings
from django.db.models import Min
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from projects.models import Project


def first_day_to_keep() -> datetime | None:
    """Return the start of the earliest project whose records must still be kept, so many years
    after its end as `RECORDS_YEARS` says."""
    today = timezone.localdate()
    ends = Greatest("current_end", Coalesce("actual_end", "current_end"))
    kept = Project.objects.annotate(ends=ends).filter(ends__gte=years_before(today))
    first = kept.aggregate(first=Min("starts_on"))["first"]
    return timezone.make_aware(datetime.combine(first, time.min)) if first else None


def years_before(day: date) -> date:
    year = day.year - settings.RECORDS_YEARS
    try:
        return day.replace(year=year)
    except ValueError:  # February 29
        return day.replace(year=year, day=28)
