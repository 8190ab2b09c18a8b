"""Decides which values of an indicator are shown to a reader who may not see small counts of
persons.

Pure functions over approved values with their periods fetched; `projects.framework.figures` calls
them. The rules for counts are the first part.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.workbooks import CellValue
from projects.models import DataPoint, Indicator, Project, ValueFile
from projects.permissions.institutions import without_names
from projects.permissions.values import (
    files_of_values,
    may_enter_actual,
    may_see_small_counts,
    visible_values,
)

# --- Small counts ---
#
# A count of fewer than five persons could reveal the identity of somebody (docs/rules/access.md,
# "Small counts"). The rules apply to persons by sex, age, group or place, never to things or
# seats.
#
# 1. A breakdown with a count below five is withheld as a whole.
# 2. A period with fewer than five persons is shown together with the periods that follow, as soon as
#    together they count five or more.
# 3. In a part of a whole, both the part and the rest are counts.
#
# So nothing that is shown lets anybody compute what is withheld: a withheld count always has
# another value that would look the same (`tests/projects/test_suppression.py`). The rules cannot
# protect what changed between two states of the data: whoever kept an old page can compare it with
# a corrected one.

# Smaller numbers of persons are withheld.
FEWEST_DISCLOSED = 5

Number = Decimal | int
# The counts in one value: (persons,), or (part, rest of the whole).
Counts = tuple[Number, ...]


def is_small(count: Number) -> bool:
    """Whether a count of persons must be withheld. Zero reveals nobody."""
    return 0 < count < FEWEST_DISCLOSED


def may_be_disclosed(counts: Iterable[Number]) -> bool:
    """Whether all counts of a breakdown may be shown.

    It is all or none: if single counts were left out, a reader of the total could compute them.
    """
    return not any(is_small(count) for count in counts)


def breakdown_may_be_disclosed(cells: Sequence[Counts], total: Counts | None) -> bool:
    """Whether the cells of one value may be shown beside their total, which is shown itself.

    The difference between the total and the sum of the cells is a count as well: of a missing cell,
    or of persons who belong to two cells. Without a total (a bare percentage) only the cells count.
    """
    if total:
        sums = (sum(parts) for parts in zip(*cells, strict=True))
        rest = tuple(abs(whole - part) for whole, part in zip(total, sums, strict=True))
        cells = [*cells, rest]
    return all(may_be_disclosed(counts) for counts in cells)


def disclosable_groups(series: Sequence[Counts]) -> list[list[int]]:
    """Group the positions of a series that adds up, so that the sum of each group may be shown.

    A group ends as soon as it counts nobody or at least five persons. The cumulative value at its
    end may then be shown too, and the value of a member that is alone in its group. The last group
    may be incomplete (`sum_may_be_disclosed`).
    """
    groups: list[list[int]] = []
    is_incomplete = False
    for position in range(len(series)):
        if is_incomplete:
            groups[-1].append(position)
        else:
            groups.append([position])
        is_incomplete = not sum_may_be_disclosed(series, groups[-1])
    return groups


def sum_may_be_disclosed(series: Sequence[Counts], group: Sequence[int]) -> bool:
    """Whether the sum of the values at these positions may be shown."""
    sums = (sum(parts) for parts in zip(*(series[i] for i in group), strict=True))
    return may_be_disclosed(sums)


# --- Disclosure ---

Rule = Indicator.Cumulative
Measure = Indicator.Measure
Kind = DataPoint.Kind

# Primary keys of periods; None is that of a baseline, which has no period.
PeriodKeys = frozenset[int | None]


@dataclass(frozen=True)
class Disclosure:
    """The values of one indicator that a reader may see, by their periods.

    `single`: the actual value of the period itself. `cumulative`: the cumulative value at its end.
    `breakdown`: the cells of its actual value. `everything` overrides all of them.
    """

    everything: bool = False
    baseline: bool = True
    single: PeriodKeys = field(default_factory=frozenset)
    cumulative: PeriodKeys = field(default_factory=frozenset)
    breakdown: PeriodKeys = field(default_factory=frozenset)

    def discloses(self, point: DataPoint) -> bool:
        """Whether the value itself is shown. A target always is: nobody was counted for it."""
        if self.everything or point.kind == Kind.TARGET:
            return True
        if not point.is_total:
            return point.period_id in self.breakdown
        return self.baseline if point.kind == Kind.BASELINE else point.period_id in self.single

    def discloses_cumulative(self, point: DataPoint) -> bool:
        """Whether the cumulative value up to this one is shown."""
        return self.everything or point.period_id in self.cumulative


def disclosure_of(
    indicator: Indicator, points: Iterable[DataPoint], *, small_counts: bool
) -> Disclosure:
    """Decide which of the indicator's values `points` are shown.

    `small_counts`: the reader may see small counts (`permissions.values.may_see_small_counts`).
    """
    if small_counts or not indicator.counts_persons or indicator.measure == Measure.QUALITATIVE:
        return Disclosure(everything=True)
    points = list(points)
    totals = [p for p in points if p.is_total and p.numerator is not None]
    actuals = sorted((p for p in totals if p.kind == Kind.ACTUAL), key=lambda p: p.period_end)
    baseline = next((p for p in totals if p.kind == Kind.BASELINE), None)
    single, cumulative = _disclosed_periods(indicator, actuals)
    shown = [p for p in actuals if p.period_id in single]
    shows_baseline = baseline is None or _is_disclosable(indicator, baseline)
    if baseline and shows_baseline:
        shown.append(baseline)
    return Disclosure(
        baseline=shows_baseline,
        single=single,
        cumulative=cumulative,
        breakdown=frozenset(
            p.period_id for p in shown if _breakdown_is_disclosable(indicator, p, points)
        ),
    )


def counts_of(indicator: Indicator, point: DataPoint) -> Counts | None:
    """The counts of persons in a value; None where it has none: it is missing, or a bare
    percentage."""
    if point.numerator is None:
        return None
    if indicator.measure == Measure.UNIT:
        return (point.numerator,)
    if point.denominator is None:
        return None
    if indicator.may_exceed_whole:
        return (point.numerator, point.denominator)
    return (point.numerator, point.denominator - point.numerator)


def _is_disclosable(indicator: Indicator, point: DataPoint) -> bool:
    counts = counts_of(indicator, point)
    return counts is None or may_be_disclosed(counts)


def _disclosed_periods(
    indicator: Indicator, actuals: Sequence[DataPoint]
) -> tuple[PeriodKeys, PeriodKeys]:
    """Return the periods whose own value is shown, and those whose cumulative value is shown."""
    safe = frozenset(p.period_id for p in actuals if _is_disclosable(indicator, p))
    if indicator.cumulative == Rule.LATEST:
        return safe, safe
    if indicator.cumulative == Rule.HIGHEST:
        return safe, frozenset(
            p.period_id
            for number, p in enumerate(actuals, 1)
            if _is_disclosable(indicator, max(actuals[:number], key=_measured_value))
        )
    return _disclosed_in_sum(indicator, actuals, safe)


def _disclosed_in_sum(
    indicator: Indicator, actuals: Sequence[DataPoint], safe: PeriodKeys
) -> tuple[PeriodKeys, PeriodKeys]:
    series = [counts for p in actuals if (counts := counts_of(indicator, p)) is not None]
    if len(series) < len(actuals):
        # A bare percentage cannot be added to the others: all are shown, or none.
        return (safe, safe) if len(safe) == len(actuals) else (frozenset(), frozenset())
    groups = disclosable_groups(series)
    shown = [group for group in groups if sum_may_be_disclosed(series, group)]
    return (
        frozenset(actuals[group[0]].period_id for group in shown if len(group) == 1),
        frozenset(actuals[group[-1]].period_id for group in shown),
    )


def _measured_value(point: DataPoint) -> Decimal:
    assert point.value is not None  # `disclosure_of` keeps values with a numerator alone
    return point.value


def _breakdown_is_disclosable(
    indicator: Indicator, total: DataPoint, points: Iterable[DataPoint]
) -> bool:
    cells = [
        counts_of(indicator, p)
        for p in points
        if not p.is_total
        and (p.kind, p.period_id) == (total.kind, total.period_id)
        and p.numerator is not None
    ]
    counts = [each for each in cells if each is not None]
    if not counts:
        return True
    # Beside bare percentages the cells do not add up to the total.
    adds_up = len(counts) == len(cells)
    return breakdown_may_be_disclosed(counts, counts_of(indicator, total) if adds_up else None)


# --- Provenance ---
#
# Where the values of indicators come from: who gave each one, when, from which source, with which
# evidence. For the pages and files that show what is behind a figure.
#
# No person is named, and neither is what somebody typed about a call or a letter.

KINDS = (DataPoint.Kind.BASELINE, DataPoint.Kind.TARGET, DataPoint.Kind.ACTUAL)


@dataclass(frozen=True)
class ValueSource:
    """An approved value, or a cell of one, as its reader may know it. `value` is None if it is withheld
    from them, and so is what was said of it."""

    indicator: Indicator
    point: DataPoint
    institution: str
    day: date
    is_withheld: bool
    source: str = ""
    files: list[ValueFile] = field(default_factory=list)

    @property
    def value(self) -> Decimal | None:
        return None if self.is_withheld else self.point.value

    @property
    def period(self) -> str:
        return str(self.point.period) if self.point.period else ""


def sources_of(
    user: User, project: Project, indicators: Collection[Indicator]
) -> list[ValueSource]:
    """Return the approved values of these indicators, in their order, as the person may know them. Cells
    with few persons are left out, as the page of the indicator does."""
    keys = [one.pk for one in indicators]
    if not keys:
        return []
    rows = visible_values(user, project).approved().filter(indicator__in=keys).with_cells()
    rows = rows.select_related("given_by", "indicator__result")
    points = list(rows.prefetch_related("given_by__names"))
    files = _files_by_point(user, project, points)
    sees_all = may_see_small_counts(user, project)
    found: dict[int, list[ValueSource]] = {}
    for key, own in _by_indicator(points).items():
        indicator = own[0].indicator
        indicator.result.project = project
        small = sees_all or may_enter_actual(user, indicator)
        found[key] = list(_sources(indicator, own, files, small_counts=small))
    return [source for key in keys for source in found.get(key, [])]


def _by_indicator(points: list[DataPoint]) -> dict[int, list[DataPoint]]:
    found: dict[int, list[DataPoint]] = defaultdict(list)
    for point in points:
        found[point.indicator_id].append(point)
    return found


def _files_by_point(
    user: User, project: Project, points: list[DataPoint]
) -> dict[int, list[ValueFile]]:
    found: dict[int, list[ValueFile]] = defaultdict(list)
    for file in files_of_values(user, project, [point.pk for point in points]):
        found[file.point_id].append(file)
    return found


def _sources(
    indicator: Indicator,
    points: list[DataPoint],
    files: dict[int, list[ValueFile]],
    *,
    small_counts: bool,
) -> Iterator[ValueSource]:
    disclosure = disclosure_of(indicator, points, small_counts=small_counts)
    for point in sorted(points, key=_place):
        is_shown = disclosure.discloses(point)
        if not point.is_total and not is_shown:
            continue
        team = _("The project’s team")
        yield ValueSource(
            indicator=indicator,
            point=point,
            institution=point.given_by.name if point.given_by else team,
            day=point.received_on or timezone.localdate(point.entered_at),
            is_withheld=not is_shown,
            source=without_names(point.source) if is_shown else "",
            files=files.get(point.pk, []),
        )


def _place(point: DataPoint) -> tuple[date, int, bool, str, int]:
    """Return what sorts values by period, the baseline first, and a total before its cells."""
    end = point.period.end if point.period else date.min
    kind = KINDS.index(DataPoint.Kind(point.kind))
    return end, kind, not point.is_total, point.cell_name, point.pk


# --- As a sheet ---


def source_head() -> list[str]:
    return [
        _("Indicator"),
        _("Name"),
        _("Kind"),
        _("Period"),
        _("Group"),
        _("Value"),
        _("Out of"),
        _("Institution"),
        _("Day"),
        _("Source"),
        _("Evidence"),
    ]


def source_rows(sources: Collection[ValueSource]) -> list[list[CellValue]]:
    return [_row(one) for one in sources]


def _row(one: ValueSource) -> list[CellValue]:
    point, indicator = one.point, one.indicator
    shown = [] if one.is_withheld else [point.numerator, point.denominator]
    numerator, denominator = shown or (_("Fewer than 5 persons: not disclosed"), None)
    return [
        indicator.code,
        indicator.name,
        str(point.get_kind_display()),
        one.period,
        point.cell_name,
        numerator,
        denominator,
        one.institution,
        one.day,
        one.source,
        "; ".join(str(file) for file in one.files),
    ]
