"""Rates several risks at once, finds what changed in the register since a moment, and exports it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _, pgettext_lazy

from accounts.models import User
from kernel.formats import day, join_list
from kernel.languages import active_language
from kernel.lifecycle import StatusChange
from kernel.workbooks import CellValue
from projects.models import Project, Risk, RiskRating
from projects.risks.register import register_rows


@transaction.atomic
def rate_risks(project: Project, ratings: Iterable[RiskRating], *, by: User) -> list[RiskRating]:
    """Writes ratings of several risks and returns those that are new.

    A rating that is recorded already is not written again, so that a form sent twice rates once.
    """
    Project.objects.select_for_update().get(pk=project.pk)
    language, written = active_language(), []
    for rating in ratings:
        risk = project.risks.prefetch_related("ratings").get(pk=rating.risk_id)
        if risk.status == Risk.Status.CLOSED or _is_recorded(risk, rating):
            continue
        rating.by, rating.language = by, language
        rating.save()
        written.append(rating)
    return written


def _is_recorded(risk: Risk, rating: RiskRating) -> bool:
    """Returns whether the newest rating of that day is the same."""
    names = ("rated_on", "likelihood", "impact", "note")
    newest = next((each for each in reversed(risk.rated) if each.rated_on == rating.rated_on), None)
    return newest is not None and all(
        getattr(newest, name) == getattr(rating, name) for name in names
    )


class RiskChangeKind(models.TextChoices):
    """The kinds of change of a risk; of several the first one counts."""

    MATERIALISED = "materialised", pgettext_lazy("risks", "Materialised")
    NEW = "new", pgettext_lazy("risks", "New")
    RISING = "rising", pgettext_lazy("risks", "Rising")
    FALLING = "falling", pgettext_lazy("risks", "Falling")
    REOPENED = "reopened", pgettext_lazy("risks", "Open again")
    CLOSED = "closed", pgettext_lazy("risks", "Closed")


@dataclass(frozen=True)
class RiskChange:
    """A change of a risk. `before`: its level at the earlier moment, 0 if it had none."""

    risk: Risk
    change: RiskChangeKind
    before: int
    now: int


def risk_changes_since(
    project: Project, moment: datetime | None, risks: Iterable[Risk] | None = None
) -> list[RiskChange]:
    """Returns the changes of the risks since a moment, the gravest first; without one, all risks.

    A change counts if it was recorded after the moment and is not dated before its day, since what
    is entered late is true from its date on. A level that rose and fell again did not change.
    `risks`: those that count, if the caller has read them with their ratings.
    """
    if risks is None:
        risks = project.risks.prefetch_related("ratings").select_related("project")
    statuses = _statuses_at(project, moment)
    changes = [_change_of(risk, moment, statuses.get(risk.pk, risk.status)) for risk in risks]
    order = list(RiskChangeKind)
    return sorted(
        (each for each in changes if each),
        key=lambda each: (order.index(each.change), -each.now, each.risk.number),
    )


def _change_of(risk: Risk, moment: datetime | None, status: str) -> RiskChange | None:
    earlier = [
        rating
        for rating in risk.ratings.all()
        if not _is_after(rating, rating.rated_on, moment, risk)
    ]
    before = earlier[-1].level if earlier else 0
    is_new = moment is None or _is_after(risk, risk.identified_on, moment, risk)
    change = _kind_of(risk, is_new, status, before)
    return RiskChange(risk, change, before, risk.level) if change else None


def _kind_of(risk: Risk, is_new: bool, status: str, before: int) -> RiskChangeKind | None:
    closed = risk.status == Risk.Status.CLOSED
    if is_new and closed:
        return None  # it came and went in between
    if risk.status == Risk.Status.MATERIALISED and (is_new or status != risk.status):
        return RiskChangeKind.MATERIALISED
    if is_new:
        return RiskChangeKind.NEW
    if status != risk.status:
        return RiskChangeKind.CLOSED if closed else RiskChangeKind.REOPENED
    if closed or risk.level == before:
        return None
    return RiskChangeKind.RISING if risk.level > before else RiskChangeKind.FALLING


def _is_after(row: Risk | RiskRating, dated: date, moment: datetime | None, risk: Risk) -> bool:
    if moment is None:
        return True
    day = timezone.localdate(moment, timezone=risk.project.zone)
    return row.recorded_at > moment and dated >= day


def _statuses_at(project: Project, moment: datetime | None) -> dict[int, str]:
    """Returns the earlier status of each risk that took a step since the moment."""
    if moment is None:
        return {}
    day = timezone.localdate(moment, timezone=project.zone)
    steps = StatusChange.objects.filter(
        content_type=ContentType.objects.get_for_model(Risk),
        object_id__in=project.risks.values("pk"),
        recorded_at__gt=moment,
        happened_on__gte=day,
    )
    then: dict[int, str] = {}
    for step in steps.order_by("pk"):
        then.setdefault(step.object_id, step.from_status)
    return then


# --- As a sheet ---
#
# The rows of the register of risks for a spreadsheet, with a column for each date of ratings.


def sheet_head(days: list[date]) -> list[str]:
    return [
        _("Number"),
        _("Category"),
        _("Kind"),
        _("Risk"),
        _("Cause or trigger"),
        _("Results affected"),
        _("Strategy"),
        _("Response"),
        _("Owner"),
        _("Status"),
        *(_("Likelihood × impact, %(day)s") % {"day": day(each)} for each in days),
        _("Trend"),
    ]


def sheet_rows(risks: Iterable[Risk], days: list[date]) -> Iterator[list[CellValue]]:
    """Yields the rows, the gravest risk first. `risks`: fetched `with_ratings`."""
    for row in register_rows(risks, days):
        risk = row.risk
        yield [
            risk.number,
            str(risk.category.label),
            risk.get_kind_display(),
            risk.definition,
            risk.cause,
            join_list(result.code for result in risk.results.all()),
            risk.get_strategy_display(),
            risk.response,
            risk.owner_name,
            risk.get_status_display(),
            *(str(rating) if rating else "" for rating in row.ratings),
            str(risk.trend.label),
        ]
