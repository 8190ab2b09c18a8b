"""What moves in a project when it is extended: its end, its periods, their targets.

A `ExtensionItem` is one thing that moves, told in words before it does; `committees` adds its own. What
is applied is what was shown: both are made by the same lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from accounts.models import User
from kernel.formats import day, day_range, join_list
from projects.amendments.periods import (
    ADD,
    EXTEND,
    PeriodGrowth,
    PeriodSpan,
    default_way,
    grow_periods,
    possible_ways,
)
from projects.models import Amendment, DataPoint, Period, Project

KEEP, MOVE, ANEW = "keep", "move", "anew"


class ExtensionGroup(models.TextChoices):
    END = "end", gettext_lazy("End of the project")
    PERIODS = "periods", gettext_lazy("Project years and other periods")
    TARGETS = "targets", gettext_lazy("Targets")
    PLAN = "plan", gettext_lazy("Actions of plans in execution")
    WATCH = "watch", gettext_lazy("Does not move by itself: look at it")


class ExtensionItem:
    """One thing that moves. `ways`: how it may; none where there is nothing to choose.

    `is_optional`: whether it may be left as it is, with a reason.
    """

    key: str
    group: ExtensionGroup
    ways: Sequence[str] = ()
    default = ""
    is_optional = False
    url = ""

    def describe(self, way: str = "") -> str:
        """What happens, as a sentence in the reader's language."""
        raise NotImplementedError

    def label_of(self, way: str) -> str:
        """The way in a few words, where there are several."""
        return self.describe(way)

    @property
    def title(self) -> str:
        """What it is about, where the ways say what happens."""
        return self.describe(self.default)


@dataclass(frozen=True)
class ProjectEndItem(ExtensionItem):
    project: Project
    end_after: date
    key = "end"
    group = ExtensionGroup.END

    def describe(self, way: str = "") -> str:
        return _(
            "The project ends on %(after)s instead of %(before)s. The original end, "
            "%(original)s, stays."
        ) % {
            "after": day(self.end_after),
            "before": day(self.project.current_end),
            "original": day(self.project.original_end),
        }


@dataclass(frozen=True)
class PeriodsItem(ExtensionItem):
    """The periods of one kind, and how they reach the new end."""

    kind: str
    growths: Mapping[str, PeriodGrowth]
    default: str
    group = ExtensionGroup.PERIODS
    is_optional = True

    @property
    def key(self) -> str:
        return f"period-{self.kind}"

    @property
    def ways(self) -> Sequence[str]:
        return tuple(self.growths)

    @property
    def last(self) -> PeriodSpan:
        return next(iter(self.growths.values())).before

    @property
    def title(self) -> str:
        return period_name(self.last) if len(self.ways) > 1 else self.describe()

    def describe(self, way: str = "") -> str:
        growth = self.growths[way or self.default]
        told = []
        if growth.after[0].end != growth.before.end:
            told.append(
                _("%(period)s ends on %(after)s instead of %(before)s.")
                % {
                    "period": period_name(growth.before),
                    "after": day(growth.after[0].end),
                    "before": day(growth.before.end),
                }
            )
        for span in growth.added:
            days = day_range(span.start, span.end)
            told.append(
                _("%(period)s is added: %(days)s.") % {"period": period_name(span), "days": days}
            )
        return " ".join(told)


@dataclass(frozen=True)
class MissingPeriodsItem(ExtensionItem):
    """Periods that were never entered up to the present end: nothing is invented for them."""

    last: PeriodSpan
    url: str
    group = ExtensionGroup.WATCH

    @property
    def key(self) -> str:
        return f"missing-{self.last.kind}"

    def describe(self, way: str = "") -> str:
        return _(
            "%(period)s, the last of its kind, ends on %(day)s, before the project's present "
            "end: enter the periods that are missing, and those of the extension."
        ) % {"period": period_name(self.last), "day": day(self.last.end)}


@dataclass(frozen=True)
class TargetsItem(ExtensionItem):
    """The targets of the last period of a kind."""

    period: PeriodSpan
    codes: tuple[str, ...]
    may_move: bool
    default = KEEP
    group = ExtensionGroup.TARGETS

    @property
    def key(self) -> str:
        return f"target-{self.period.pk}"

    @property
    def ways(self) -> Sequence[str]:
        return (KEEP, MOVE, ANEW) if self.may_move else (KEEP, ANEW)

    @property
    def title(self) -> str:
        count = len(self.codes)
        return ngettext(
            "%(count)d target of %(period)s (%(codes)s)",
            "%(count)d targets of %(period)s (%(codes)s)",
            count,
        ) % {"count": count, "period": period_name(self.period), "codes": join_list(self.codes)}

    def describe(self, way: str = "") -> str:
        return f"{self.title}: {self.label_of(way or self.default)}"

    def label_of(self, way: str) -> str:
        return {
            KEEP: _("stay as they are"),
            MOVE: _("hold for the last period that is added"),
            ANEW: _("go back to draft, to be set anew"),
        }[way]


def period_name(span: PeriodSpan) -> str:
    """As the period itself is called."""
    return str(Period(kind=span.kind, number=span.number))


# What would move


def extension_items(amendment: Amendment) -> list[ExtensionItem]:
    """What an extension moves in the project itself. Reads, and writes nothing."""
    project, new_end = amendment.project, amendment.end_after
    lines: list[ExtensionItem] = [ProjectEndItem(project, new_end)]
    spans: dict[str, list[PeriodSpan]] = {}
    for period in project.periods.all():
        span = PeriodSpan(period.kind, period.number, period.start, period.end, period.pk)
        spans.setdefault(period.kind, []).append(span)
    for kind, own in spans.items():
        if line := _periods_item(project, kind, own, new_end):
            lines.append(line)
    return [*lines, *_targets_items(lines)]


def _periods_item(
    project: Project, kind: str, spans: list[PeriodSpan], new_end: date
) -> ExtensionItem | None:
    last = max(spans, key=lambda span: span.end)
    if last.end < project.current_end:
        return MissingPeriodsItem(last, project.get_absolute_url())
    growths = {
        way: growth
        for way in possible_ways(kind)
        if (growth := grow_periods(spans, new_end, way)) is not None
    }
    if not growths:
        return None
    if growths.get(EXTEND) == growths.get(ADD):  # too short to add anything
        growths.pop(ADD)
    default = default_way(kind, project.current_end, new_end)
    return PeriodsItem(kind, growths, default if default in growths else next(iter(growths)))


def _targets_items(lines: Sequence[ExtensionItem]) -> list[TargetsItem]:
    grown = {line.last.pk: line for line in lines if isinstance(line, PeriodsItem)}
    targets = DataPoint.objects.filter(kind=DataPoint.Kind.TARGET, period__in=grown)
    codes: dict[int, list[str]] = {}
    for period, code in targets.order_by("indicator__code").values_list(
        "period", "indicator__code"
    ):
        codes.setdefault(period, []).append(code)
    return [
        TargetsItem(grown[pk].last, tuple(found), may_move=ADD in grown[pk].growths)
        for pk, found in codes.items()
    ]


# What moves


def apply_extension(
    amendment: Amendment,
    lines: Sequence[ExtensionItem],
    ways: Mapping[str, str],
    *,
    by: User | None,
) -> None:
    """Move periods and targets in the chosen ways; lines without one stay as they are.

    The caller holds the project, whose current end is the new one already, in a transaction.
    """
    ends: dict[int, Period] = {}
    for line in lines:
        if isinstance(line, PeriodsItem) and line.key in ways:
            ends[line.last.pk] = _grow(amendment.project, line.growths[ways[line.key]])
    for line in lines:
        if isinstance(line, TargetsItem):
            _change_targets(amendment, line, ways.get(line.key, KEEP), ends, by)


def _grow(project: Project, growth: PeriodGrowth) -> Period:
    """Write the periods; answer the one that reaches the new end."""
    period = Period.objects.get(pk=growth.before.pk)
    period.project = project
    period.end = growth.after[0].end
    period.full_clean()
    period.save(update_fields=["end"])
    for span in growth.added:
        period = Period(
            project=project, kind=span.kind, number=span.number, start=span.start, end=span.end
        )
        period.full_clean()
        period.save()
    return period


def _change_targets(
    amendment: Amendment,
    line: TargetsItem,
    way: str,
    ends: Mapping[int, Period],
    by: User | None,
) -> None:
    targets = DataPoint.objects.filter(kind=DataPoint.Kind.TARGET, period=line.period.pk)
    if way == MOVE and line.period.pk in ends:
        for target in targets:  # one by one: the history tells of each
            target.period = ends[line.period.pk]
            target.save(update_fields=["period"])
    if way == ANEW:
        for target in targets.filter(status=DataPoint.Status.APPROVED):
            target.take("reopen", by=by, why=str(amendment))
