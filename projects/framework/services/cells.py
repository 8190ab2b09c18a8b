"""What the cells of a framework's workbook mean: who gets which rows, columns, and hidden keys."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.edited_workbooks import Column, Row
from kernel.text import LANGUAGES
from kernel.three_way import sign
from kernel.workbooks import CellValue
from projects.models import Cell, DataPoint, Dimension, Indicator, Period, Project, Result
from projects.models.value import TOTAL
from projects.permissions.roles import institutions_of, may_edit
from projects.permissions.values import may_approve_values, may_edit_values, visible_values

SALT = "projects.framework_workbook"
MARKER = "ibcr-framework"
MAX_ROWS = 20_000

Kind = DataPoint.Kind
Measure = Indicator.Measure
Words = dict[str, Any]

TEXTS = tuple(f"text_{code}" for code in LANGUAGES)
MEANS = ("source", "method", "frequency")
NUMBERS = {"value": "numerator", "out_of": "denominator"}
WORDS = {"words": "comment", "source": "source"}


@dataclass(frozen=True)
class Rights:
    """`own`: the keys of the institutions for which somebody enters what was measured; None: of
    all, and baselines and targets as well."""

    texts: bool
    reopens: bool
    own: frozenset[int] | None

    @property
    def is_team(self) -> bool:
        return self.own is None

    @property
    def gives_nothing(self) -> bool:
        return not (self.texts or self.is_team or self.own)


def rights_of(user: User, project: Project) -> Rights:
    own = None
    if not may_edit_values(user, project):
        own = frozenset(each.pk for each in institutions_of(user, project))
    return Rights(may_edit(user, project), may_approve_values(user, project), own)


@dataclass(frozen=True)
class Slot:
    """Where a value stands: the total row or a cell of an indicator, kind and period."""

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


Thing = Result | Indicator | Slot


class Frame:
    """The results, indicators and values of a project that a person may give, read once."""

    def __init__(self, project: Project, user: User) -> None:
        self.project, self.rights = project, rights_of(user, project)
        indicators = Indicator.objects.filter(result__project=project).select_related(
            "result", "responsible"
        )
        if self.rights.own is not None:
            indicators = indicators.filter(responsible__in=self.rights.own)
        self.indicators = list(indicators.order_by("result__code", "code", "pk"))
        self._give_dimensions()
        self.points: dict[tuple[int, str, int | None], dict[Cell, DataPoint]] = defaultdict(dict)
        kinds = Q() if self.rights.is_team else Q(kind=Kind.ACTUAL)
        found = visible_values(user, project).filter(kinds, indicator__in=self.indicators)
        for point in found.with_cells().select_related("given_by"):
            self.points[point.indicator_id, point.kind, point.period_id][point.cell] = point
        self.periods = list(project.periods.order_by("start", "end", "pk"))
        self.things: dict[str, Thing] = dict(self._all_things())

    def _give_dimensions(self) -> None:
        dimensions = Dimension.objects.with_categories().in_bulk()
        for indicator in self.indicators:
            indicator.result.project = self.project
            indicator.dimension = dimensions.get(indicator.dimension_id)
            indicator.second_dimension = dimensions.get(indicator.second_dimension_id)

    def _all_things(self) -> Iterator[tuple[str, Thing]]:
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

    def _slots(self, indicator: Indicator) -> Iterator[Slot]:
        if self.rights.is_team:
            yield from self._cells(indicator, Kind.BASELINE, None)
        for period in self._periods_of(indicator):
            if self.rights.is_team:
                yield from self._cells(indicator, Kind.TARGET, period)
            if self.rights.is_team or period.start <= self.project.today:
                yield from self._cells(indicator, Kind.ACTUAL, period)

    def _periods_of(self, indicator: Indicator) -> list[Period]:
        """Of the kind for which it has values, or is due."""
        used = {key[2] for key in self.points if key[0] == indicator.pk}
        kinds = {each.kind for each in self.periods if each.pk in used}
        kinds = kinds or {indicator.due_per or Period.Kind.PROJECT_YEAR}
        return [each for each in self.periods if each.kind in kinds]

    def _cells(self, indicator: Indicator, kind: str, period: Period | None) -> Iterator[Slot]:
        """The total, and each cell; of a plan those alone that are said."""
        total = Slot(indicator, kind, period, TOTAL, "")
        yield total
        said = self.points.get(total.of_total, {})
        for one, other in indicator.cells():
            cell = (one.pk, other.pk if other else None)
            if kind == Kind.ACTUAL or cell in said:
                name = " · ".join(str(each) for each in (one, other) if each)
                yield Slot(indicator, kind, period, cell, name)

    def total_of(self, slot: Slot) -> DataPoint | None:
        return self.points.get(slot.of_total, {}).get(TOTAL)

    def point_of(self, slot: Slot) -> DataPoint | None:
        return self.points.get(slot.of_total, {}).get(slot.cell)

    def said(self, thing: Thing) -> Words:
        """What it says, by the names of its columns."""
        if isinstance(thing, Slot):
            return _said_of_value(thing, self.point_of(thing))
        name = "statement" if isinstance(thing, Result) else "name"
        texts = {f"text_{code}": getattr(thing, f"{name}_{code}") for code in LANGUAGES}
        means = MEANS if isinstance(thing, Indicator) else ()
        return texts | {each: getattr(thing, each) for each in means}


def _said_of_value(slot: Slot, point: DataPoint | None) -> Words:
    """A total that is the sum of its cells was typed by nobody, and is empty."""
    typed = None if point is None or point.is_computed else point
    said: Words = {}
    if slot.indicator.measure != Measure.QUALITATIVE:
        said["value"] = typed and typed.numerator
        if slot.indicator.measure == Measure.PERCENTAGE:
            said["out_of"] = typed and typed.denominator
    if slot.cell == TOTAL:
        said |= {name: getattr(point, field) if point else "" for name, field in WORDS.items()}
    return said


# Columns and rows


def columns_of(rights: Rights) -> list[Column]:
    def told(name: str, label: str, width: int) -> Column:
        return Column(name, label, width=width, is_told=True)

    texts = [
        Column("text_fr", _("Statement or indicator (French)"), width=44),
        Column("text_es", _("Statement or indicator (Spanish)"), width=30),
        Column("text_en", _("Statement or indicator (English)"), width=30),
    ]
    means = [
        Column("method", _("Data collection method"), width=26),
        Column("frequency", _("Frequency"), width=16),
    ]
    return [
        told("code", _("Code"), 12),
        told("what", _("What"), 22),
        told("about", _("About"), 40),
        told("period", _("Period"), 18),
        told("cell", _("Group"), 26),
        Column("value", _("Value"), "number", 14),
        Column("out_of", _("Out of"), "number", 12),
        Column("words", _("Comment or qualitative value"), width=36),
        Column("source", _("Source"), width=26),
        told("state", _("State"), 14),
        *(texts + means if rights.is_team else []),
    ]


def rows_of(frame: Frame) -> list[Row]:
    return [
        Row(row_key(frame, key, thing), cells_of(frame, thing))
        for key, thing in frame.things.items()
    ]


def cells_of(frame: Frame, thing: Thing) -> dict[str, CellValue]:
    """What its row shows; numbers without idle zeros, as they were typed."""
    said = {
        name: _plainly(value) if isinstance(value, Decimal) else value or None
        for name, value in frame.said(thing).items()
    }
    if isinstance(thing, Slot):
        point = frame.total_of(thing)
        return said | {
            "code": thing.indicator.code,
            "what": str(Kind(thing.kind).label),
            "about": thing.indicator.name,
            "period": str(thing.period) if thing.period else None,
            "cell": thing.cell_name or (_("In all") if thing.indicator.dimension else None),
            "state": point.get_status_display() if point else None,
        }
    what = thing.level_name if isinstance(thing, Result) else _("Indicator")
    return said | {"code": thing.code, "what": what}


def _plainly(number: Decimal) -> Decimal:
    return (
        number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
    )


def name_of(thing: Thing) -> tuple[str, str]:
    """Its code, and what else tells people which row is meant."""
    if not isinstance(thing, Slot):
        return thing.code, thing.statement if isinstance(thing, Result) else thing.name
    parts = (Kind(thing.kind).label, thing.period, thing.cell_name)
    return thing.indicator.code, " · ".join(str(part) for part in parts if part)


# Hidden keys


def packed(said: Words) -> Words:
    return {
        name: format(value.normalize(), "f") if isinstance(value, Decimal) else value
        for name, value in said.items()
    }


def unpacked(said: Words) -> Words:
    return {
        name: Decimal(value) if name in NUMBERS and value is not None else value
        for name, value in said.items()
    }


def row_key(frame: Frame, key: str, thing: Thing) -> str:
    said = packed(frame.said(thing))
    return sign({"project": frame.project.pk, "key": key, "was": said}, SALT)


def sheet_key(frame: Frame) -> str:
    return sign({"project": frame.project.pk, "is_team": frame.rights.is_team}, SALT)
