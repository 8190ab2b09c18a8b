"""Where the values of indicators come from: who gave each one, when, from which source, with which
evidence. For the pages and files that show what is behind a figure.

No person is named, and neither is what somebody typed about a call or a letter.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.workbooks import CellValue
from projects.framework.disclosure import disclosure_of
from projects.models import DataPoint, Indicator, Project, ValueFile
from projects.permissions.hidden_names import without_names
from projects.permissions.values import (
    files_of_values,
    may_enter_actual,
    may_see_small_counts,
    visible_values,
)

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


# As a sheet


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
