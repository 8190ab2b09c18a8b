"""What the page of minutes shows beside their text."""

from django.db.models import QuerySet

from committees.models import Erratum, MinutesVersion
from kernel.prepared import prepared


@prepared
def errata_of(minutes: int) -> QuerySet[Erratum]:
    return Erratum.objects.filter(minutes=minutes).select_related("decided_by")


@prepared
def versions_of(minutes: int) -> QuerySet[MinutesVersion]:
    """Return the texts that were circulated, without their content."""
    return MinutesVersion.objects.filter(minutes=minutes).defer("content")
