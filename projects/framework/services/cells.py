"""The rows, columns and hidden keys of the framework's workbook, by the rights of its reader."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.languages import LANGUAGES, working_languages, writing_order
from kernel.three_way import sign
from kernel.workbooks import CellValue, WorkbookColumn, WorkbookRow
from projects.models import Cell, DataPoint, Dimension, Indicator, Period, Project, Result
from projects.models.value import TOTAL
from projects.permissions.roles import institutions_of, may_edit
from projects.permissions.values import may_approve_values, may_edit_values, visible_values

SALT = "projects.framework_workbook"
MARKER = "ibcr-framework"
MAX_ROWS = 20_000

Kind = DataPoint.Kind
Measure = Indicator.Measure
CellValues = dict[str, Any]

TEXTS = tuple(f"text_{code}" for code in LANGUAGES)
MEANS_OF_VERIFICATION = ("source", "method", "frequency")
NUMBERS = {"value": "numerator", "out_of": "denominator"}
WORDS = {"words": "comment", "source": "source"}


@dataclass(frozen=True)
class WorkbookRights:
    """`own`: the primary keys of the institutions whose actual values the person enters; None: of
    all institutions, and baselines and targets as well."""

    may_edit_texts: bool
    may_reopen: bool
    own: frozenset[int] | None

    @property
    def is_team(self) -> bool:
        return self.own is None


def rights_of(user: User, project: Project) -> WorkbookRights:
    """Return what the person may change by workbook. Who may not edit values of the project has
    only those of their own institutions."""
    own = None
    if not may_edit_values(user, project):
        own = frozenset(each.pk for each in institutions_of(user, project))
    return WorkbookRights(may_edit(user, project), may_approve_values(user, project), own)


@dataclass(frozen=True)
class ValueSlot:
    """The place of a value: the total or one cell of an indicator, kind and period."""

    indicator: Indicator
    kind: str
    period: Period | None
    cell: Cell
    cell_name: str

    @property
    def of_total(self) -> tuple[int, str, int | None]:
        return (self.indicator.pk, self.kind, self.period.pk if self.period else None)

    @property
    def key(self) -> str:
        numbers = (*self.of_total, *self.cell)
        return "value:" + ":".join("" if each is None else str(each) for each in numbers)


FrameworkItem = Result | Indicator | ValueSlot


class FrameworkContent:
    """The results, indicators and values of a project that a person may edit in a workbook."""

    def __init__(self, project: Project, user: User) -> None:
        self.project, self.rights = project, rights_of(user, project)
        indicators = Indicator.objects.filter(result__project=project).select_related(
            "result", "responsible"
        )
        if self.rights.own is not None:
            indicators = indicators.filter(responsible__in=self.rights.own)
        self.indicators = list(indicators.order_by("result__code", "code", "pk"))
        self._attach_dimensions()
        self.points: dict[tuple[int, str, int | None], dict[Cell, DataPoint]] = defaultdict(dict)
        kinds = Q() if self.rights.is_team else Q(kind=Kind.ACTUAL)
        found = visible_values(user, project).filter(kinds, indicator__in=self.indicators)
        for point in found.with_cells().select_related("given_by"):
            self.points[point.indicator_id, point.kind, point.period_id][point.cell] = point
        self.periods = list(project.periods.order_by("start", "end", "pk"))
        self.items: dict[str, FrameworkItem] = dict(self._all_items())

    def _attach_dimensions(self) -> None:
        dimensions = Dimension.objects.with_categories().in_bulk()
        for indicator in self.indicators:
            indicator.result.project = self.project
            indicator.dimension = dimensions.get(indicator.dimension_id)
            indicator.second_dimension = dimensions.get(indicator.second_dimension_id)

    def _all_items(self) -> Iterator[tuple[str, FrameworkItem]]:
        by_result = defaultdict(list)
        for indicator in self.indicators:
            by_result[indicator.result_id].append(indicator)
        for result in self.project.results.all():
            if self.rights.is_team:
                result.project = self.project
                yield f"result:{result.pk}", result
            for indicator in by_result[result.pk]:
                if self.rights.is_team:
                    yield f"indicator:{indicator.pk}", indicator
                yield from ((slot.key, slot) for slot in self._slots(indicator))

    def _slots(self, indicator: Indicator) -> Iterator[ValueSlot]:
        if self.rights.is_team:
            yield from self._cells(indicator, Kind.BASELINE, None)
        for period in self._periods_of(indicator):
            if self.rights.is_team:
                yield from self._cells(indicator, Kind.TARGET, period)
            if self.rights.is_team or period.start <= self.project.today:
                yield from self._cells(indicator, Kind.ACTUAL, period)

    def _periods_of(self, indicator: Indicator) -> list[Period]:
        """Return the periods of the kind for which it has values, or else for which they are
        due."""
        used = {key[2] for key in self.points if key[0] == indicator.pk}
        kinds = {each.kind for each in self.periods if each.pk in used}
        kinds = kinds or {indicator.due_per or Period.Kind.PROJECT_YEAR}
        return [each for each in self.periods if each.kind in kinds]

    def _cells(self, indicator: Indicator, kind: str, period: Period | None) -> Iterator[ValueSlot]:
        """Iterate over the total and the cells; of baselines and targets only cells with a
        value."""
        total = ValueSlot(indicator, kind, period, TOTAL, "")
        yield total
        filled = self.points.get(total.of_total, {})
        for one, other in indicator.cells():
            cell = (one.pk, other.pk if other else None)
            if kind == Kind.ACTUAL or cell in filled:
                name = " · ".join(str(each) for each in (one, other) if each)
                yield ValueSlot(indicator, kind, period, cell, name)

    def total_of(self, slot: ValueSlot) -> DataPoint | None:
        return self.points.get(slot.of_total, {}).get(TOTAL)

    def point_of(self, slot: ValueSlot) -> DataPoint | None:
        return self.points.get(slot.of_total, {}).get(slot.cell)

    def values_of(self, item: FrameworkItem) -> CellValues:
        """Return the present values of its cells, by the names of the columns."""
        if isinstance(item, ValueSlot):
            return _values_of_slot(item, self.point_of(item))
        name = "statement" if isinstance(item, Result) else "name"
        texts = {f"text_{code}": getattr(item, f"{name}_{code}") for code in LANGUAGES}
        means = MEANS_OF_VERIFICATION if isinstance(item, Indicator) else ()
        return texts | {each: getattr(item, each) for each in means}


def _values_of_slot(slot: ValueSlot, point: DataPoint | None) -> CellValues:
    """Return the present values of a value's row. A computed total is left empty, as nobody typed
    it."""
    typed = None if point is None or point.is_computed else point
    values: CellValues = {}
    if slot.indicator.measure != Measure.QUALITATIVE:
        values["value"] = typed and typed.numerator
        if slot.indicator.measure == Measure.PERCENTAGE:
            values["out_of"] = typed and typed.denominator
    if slot.cell == TOTAL:
        values |= {name: getattr(point, field) if point else "" for name, field in WORDS.items()}
    return values


# --- Columns and rows ---


def languages_of(content: FrameworkContent) -> list[str]:
    """Return the languages of a sheet: that of the first boxes of forms, the others in which the
    project works, and those in which something is written already."""
    used = {
        language
        for item in content.items.values()
        if not isinstance(item, ValueSlot)
        for language in LANGUAGES
        if content.values_of(item)[f"text_{language}"]
    }
    asked = used.union(working_languages())
    return [language for language in writing_order() if language in asked]


def columns_of(rights: WorkbookRights, languages: Sequence[str]) -> list[WorkbookColumn]:
    """Return the columns in the order of the sheet. Those of texts may be missing."""

    def read_only(name: str, label: str, width: int) -> WorkbookColumn:
        return WorkbookColumn(name, label, width=width, is_read_only=True)

    texts = [
        WorkbookColumn(
            f"text_{language}",
            _("Statement or indicator (%(language)s)") % {"language": LANGUAGES[language]},
            width=30 if place else 44,
            is_optional=True,
        )
        for place, language in enumerate(languages)
    ]
    means = [
        WorkbookColumn("method", _("Data collection method"), width=26),
        WorkbookColumn("frequency", _("Frequency"), width=16),
    ]
    return [
        read_only("code", _("Code"), 12),
        read_only("what", _("What"), 22),
        read_only("about", _("About"), 40),
        read_only("period", _("Period"), 18),
        read_only("cell", _("Group"), 26),
        WorkbookColumn("value", _("Value"), "number", 14),
        WorkbookColumn("out_of", _("Out of"), "number", 12),
        WorkbookColumn("words", _("Comment or qualitative value"), width=36),
        WorkbookColumn("source", _("Source"), width=26),
        read_only("state", _("State"), 14),
        *(texts + means if rights.is_team else []),
    ]


def rows_of(content: FrameworkContent) -> list[WorkbookRow]:
    """Return a row for each result, indicator and value that the person may change."""
    return [
        WorkbookRow(row_key(content, key, item), cells_of(content, item))
        for key, item in content.items.items()
    ]


def cells_of(content: FrameworkContent, item: FrameworkItem) -> dict[str, CellValue]:
    """Return the cells of its row; numbers without trailing zeros, as people type them."""
    cells = {
        name: _without_trailing_zeros(value) if isinstance(value, Decimal) else value or None
        for name, value in content.values_of(item).items()
    }
    if isinstance(item, ValueSlot):
        point = content.total_of(item)
        return cells | {
            "code": item.indicator.code,
            "what": str(Kind(item.kind).label),
            "about": item.indicator.name,
            "period": str(item.period) if item.period else None,
            "cell": item.cell_name or (_("In all") if item.indicator.dimension else None),
            "state": point.get_status_display() if point else None,
        }
    what = item.level_name if isinstance(item, Result) else _("Indicator")
    return cells | {"code": item.code, "what": what}


def _without_trailing_zeros(number: Decimal) -> Decimal:
    return (
        number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
    )


def name_of(item: FrameworkItem) -> tuple[str, str]:
    """Return its code and a title by which people recognise the row."""
    if not isinstance(item, ValueSlot):
        return item.code, item.statement if isinstance(item, Result) else item.name
    parts = (Kind(item.kind).label, item.period, item.cell_name)
    return item.indicator.code, " · ".join(str(part) for part in parts if part)


# --- Hidden keys ---


def packed(values: CellValues) -> CellValues:
    """Return the values of cells as JSON can hold them: a number is a text without trailing
    zeros."""
    return {
        name: format(value.normalize(), "f") if isinstance(value, Decimal) else value
        for name, value in values.items()
    }


def unpacked(values: CellValues) -> CellValues:
    """Return the values of cells that `packed` wrote, with numbers as Decimal."""
    return {
        name: Decimal(value) if name in NUMBERS and value is not None else value
        for name, value in values.items()
    }


def row_key(content: FrameworkContent, key: str, item: FrameworkItem) -> str:
    """Return the signed key of a row: project, what it is of, and its values when the workbook was
    written. By these the import tells what was changed in the workbook and what in the portal."""
    values = packed(content.values_of(item))
    return sign({"project": content.project.pk, "key": key, "was": values}, SALT)


def sheet_key(content: FrameworkContent) -> str:
    """Return the signed key of the sheet: the project, and whether it was written for the team."""
    return sign({"project": content.project.pk, "is_team": content.rights.is_team}, SALT)
