"""Moves the end, the periods and the targets of a project when it is extended.

An `ExtensionItem` is one thing that moves; the preview describes it in a sentence. `committees` adds
its own items. Preview and change come from the same items, so that what was shown is applied.
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
    WATCH = "watch", gettext_lazy("Does not move by itself: check it")


@dataclass(frozen=True, kw_only=True)
class ExtensionItem:
    """A thing that an extension moves, or that somebody has to look at.

    `ways`: the ways in which it can move; none where there is nothing to choose. `is_optional`:
    whether it may be left as it is, with a reason.
    """

    key: str
    group: ExtensionGroup
    ways: Sequence[str] = ()
    default: str = ""
    is_optional: bool = False
    url: str = ""

    def describe(self, way: str = "") -> str:
        """Returns a sentence on what happens, in the reader's language."""
        raise NotImplementedError

    def label_of(self, way: str) -> str:
        """Returns the way in a few words, for the choice between several."""
        return self.describe(way)

    @property
    def title(self) -> str:
        """The thing itself where its ways say what happens, else a sentence on what happens."""
        return self.describe(self.default)


@dataclass(frozen=True, kw_only=True)
class ProjectEndItem(ExtensionItem):
    """The current end of the project."""

    project: Project
    end_after: date

    def describe(self, way: str = "") -> str:
        return _(
            "The project ends on %(after)s instead of %(before)s. The original end, "
            "%(original)s, is kept."
        ) % {
            "after": day(self.end_after),
            "before": day(self.project.current_end),
            "original": day(self.project.original_end),
        }


@dataclass(frozen=True, kw_only=True)
class PeriodsItem(ExtensionItem):
    """The periods of one kind; `growths`: how they reach the new end, by way."""

    growths: Mapping[str, PeriodGrowth]

    @property
    def last(self) -> PeriodSpan:
        return next(iter(self.growths.values())).before

    @property
    def title(self) -> str:
        return period_name(self.last) if len(self.ways) > 1 else self.describe()

    def describe(self, way: str = "") -> str:
        growth = self.growths[way or self.default]
        sentences = []
        if growth.after[0].end != growth.before.end:
            sentences.append(
                _("%(period)s ends on %(after)s instead of %(before)s.")
                % {
                    "period": period_name(growth.before),
                    "after": day(growth.after[0].end),
                    "before": day(growth.before.end),
                }
            )
        for span in growth.added:
            days = day_range(span.start, span.end)
            sentences.append(
                _("%(period)s is added: %(days)s.") % {"period": period_name(span), "days": days}
            )
        return " ".join(sentences)


@dataclass(frozen=True, kw_only=True)
class MissingPeriodsItem(ExtensionItem):
    """Periods that nobody entered up to the present end; the portal does not invent them."""

    last: PeriodSpan

    def describe(self, way: str = "") -> str:
        return _(
            "%(period)s, the last of its kind, ends on %(day)s, before the project's "
            "present end: enter the missing periods, and those of the extension."
        ) % {"period": period_name(self.last), "day": day(self.last.end)}


@dataclass(frozen=True, kw_only=True)
class TargetsItem(ExtensionItem):
    """The targets of the last period of a kind; `codes`: those of their indicators."""

    period: PeriodSpan
    codes: tuple[str, ...]

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
            MOVE: _("apply to the last period that is added"),
            ANEW: _("go back to draft, to be set again"),
        }[way]


def period_name(span: PeriodSpan) -> str:
    return str(Period(kind=span.kind, number=span.number))


# --- The preview ---


def extension_items(amendment: Amendment) -> list[ExtensionItem]:
    """Returns what an extension moves in the project itself. Writes nothing."""
    project, new_end = amendment.project, amendment.end_after
    assert new_end is not None  # callers pass extensions that say their new end
    end = ProjectEndItem(key="end", group=ExtensionGroup.END, project=project, end_after=new_end)
    items: list[ExtensionItem] = [end]
    spans: dict[str, list[PeriodSpan]] = {}
    for period in project.periods.all():
        span = PeriodSpan(period.kind, period.number, period.start, period.end, period.pk)
        spans.setdefault(period.kind, []).append(span)
    for kind, own in spans.items():
        if item := _periods_item(project, kind, own, new_end):
            items.append(item)
    return [*items, *_targets_items(items)]


def _periods_item(
    project: Project, kind: str, spans: list[PeriodSpan], new_end: date
) -> ExtensionItem | None:
    last = max(spans, key=lambda span: span.end)
    if last.end < project.current_end:
        return MissingPeriodsItem(
            key=f"missing-{kind}",
            group=ExtensionGroup.WATCH,
            url=project.get_absolute_url(),
            last=last,
        )
    growths = {
        way: growth
        for way in possible_ways(kind)
        if (growth := grow_periods(spans, new_end, way)) is not None
    }
    if not growths:
        return None
    if growths.get(EXTEND) == growths.get(ADD):  # the extension is too short to add a period
        growths.pop(ADD)
    default = default_way(kind, project.current_end, new_end)
    return PeriodsItem(
        key=f"period-{kind}",
        group=ExtensionGroup.PERIODS,
        ways=tuple(growths),
        default=default if default in growths else next(iter(growths)),
        is_optional=True,
        growths=growths,
    )


def _targets_items(items: Sequence[ExtensionItem]) -> list[TargetsItem]:
    extended = {item.last.pk: item for item in items if isinstance(item, PeriodsItem)}
    targets = DataPoint.objects.filter(kind=DataPoint.Kind.TARGET, period__in=extended)
    codes: dict[int | None, list[str]] = {}
    for period, code in targets.order_by("indicator__code").values_list(
        "period", "indicator__code"
    ):
        codes.setdefault(period, []).append(code)
    return [
        TargetsItem(
            key=f"target-{pk}",
            group=ExtensionGroup.TARGETS,
            # Targets can move only to a period that is added.
            ways=(KEEP, MOVE, ANEW) if ADD in extended[pk].growths else (KEEP, ANEW),
            default=KEEP,
            period=extended[pk].last,
            codes=tuple(of_period),
        )
        for pk, of_period in codes.items()
    ]


# --- The change ---


def apply_extension(
    amendment: Amendment,
    items: Sequence[ExtensionItem],
    ways: Mapping[str, str],
    *,
    by: User | None,
) -> None:
    """Moves periods and targets in the chosen ways, by key; items without one stay as they are.

    The caller has locked the project in a transaction and set its current end.
    """
    last_periods: dict[int | None, Period] = {}
    for item in items:
        if isinstance(item, PeriodsItem) and item.key in ways:
            growth = item.growths[ways[item.key]]
            last_periods[item.last.pk] = _extend_periods(amendment.project, growth)
    for item in items:
        if isinstance(item, TargetsItem):
            last = last_periods.get(item.period.pk)
            _change_targets(amendment, item, ways.get(item.key, KEEP), last, by)


def _extend_periods(project: Project, growth: PeriodGrowth) -> Period:
    """Writes the periods. Returns the one that reaches the new end."""
    assert growth.before.pk is not None  # it is a period of the project
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
    amendment: Amendment, item: TargetsItem, way: str, last_period: Period | None, by: User | None
) -> None:
    targets = DataPoint.objects.filter(kind=DataPoint.Kind.TARGET, period=item.period.pk)
    if way == MOVE and last_period:
        for target in targets:  # one by one, so that each has its entry in the history
            target.period = last_period
            target.save(update_fields=["period"])
    if way == ANEW:
        for target in targets.filter(status=DataPoint.Status.APPROVED):
            target.take("reopen", by=by, why=str(amendment))
