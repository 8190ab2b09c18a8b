"""How long the records of projects are kept after their end (`accounts.retention`)."""

from datetime import datetime, time

from django.conf import settings
from django.db.models import Min, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Hold
from accounts.retention import RetentionRule, days
from projects.amendments.periods import months_later
from projects.models import Project, TeamInvitation


def first_day_to_keep() -> datetime | None:
    """Return the start of the earliest project whose records must still be kept, so many years
    after its end as `RECORDS_YEARS` says."""
    today = timezone.localdate()
    ends = _ends()
    kept = Project.objects.annotate(ends=ends).filter(
        ends__gte=months_later(today, -12 * settings.RECORDS_YEARS)
    )
    first = kept.aggregate(first=Min("starts_on"))["first"]
    return timezone.make_aware(datetime.combine(first, time.min)) if first else None


def _ends() -> Greatest:
    """Return from which day the years count: from the closing, or from the end where that is later, or
    where nobody closed it."""
    dates = (Coalesce(name, "current_end") for name in ("actual_end", "closed_on"))
    return Greatest("current_end", *dates)


def ended_long_ago() -> QuerySet[Project]:
    """Return projects whose records need not be kept any more, and which no hold covers."""
    last = months_later(timezone.localdate(), -12 * settings.RECORDS_YEARS)
    ends = _ends()
    return Project.objects.annotate(ends=ends).filter(ends__lt=last).exclude(pk__in=held_projects())


def held_projects() -> QuerySet[Project]:
    """Return the projects of which a hold lets nothing be deleted."""
    if Hold.objects.on_everything().exists():
        return Project.objects.all()
    return Project.objects.filter(pk__in=Hold.objects.keys_of(Project))


def months(count: int) -> str:
    return ngettext("%(count)s month", "%(count)s months", count) % {"count": count}


RULES = (
    RetentionRule(
        "proposals",
        gettext_lazy("Personal data and files of proposals that were not funded"),
        lambda: months(settings.PROPOSAL_MONTHS),
        "PROPOSAL_MONTHS",
        task="projects.tasks.sweep_calls",
    ),
    RetentionRule(
        "invitations",
        gettext_lazy("Invitations to a team that were not accepted"),
        lambda: days(TeamInvitation.KEPT.days),
        "TeamInvitation.KEPT",
        task="projects.tasks.sweep_invitations",
    ),
)
