"""How long the records of projects are kept after their end."""

from datetime import datetime, time

from django.conf import settings
from django.db.models import Min
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from projects.amendments.periods import months_later
from projects.models import Project


def first_day_to_keep() -> datetime | None:
    """Return the start of the earliest project whose records must still be kept, so many years
    after its end as `RECORDS_YEARS` says."""
    today = timezone.localdate()
    ends = Greatest("current_end", Coalesce("actual_end", "current_end"))
    kept = Project.objects.annotate(ends=ends).filter(
        ends__gte=months_later(today, -12 * settings.RECORDS_YEARS)
    )
    first = kept.aggregate(first=Min("starts_on"))["first"]
    return timezone.make_aware(datetime.combine(first, time.min)) if first else None
