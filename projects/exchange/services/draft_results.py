"""Turns the results of an IATI file into unsaved results, indicators, periods and values."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice

from django.utils.translation import gettext as _

from kernel.languages import LANGUAGES, first_language
from kernel.text import Multilingual
from projects.exchange.services.draft_cells import KnownDimensions, counts_things
from projects.framework.services.values import MISSING, Numbers, sum_of
from projects.iati.document import (
    IatiDocument,
    MeasuredIndicator,
    MeasuredPeriod,
    MeasuredResult,
    MeasuredValue,
    Texts,
)
from projects.iati.publishable_results import rounded
from projects.models import DataPoint, Indicator, Period, Result
from projects.presets import DEFAULT, Preset, PresetLevel, preset, presets

# Called with the element, the reason and, by keyword, `is_changed`.
AddNote = Callable[..., None]

LEVEL_OF_TYPE: dict[str, str] = {
    "1": Result.Level.OUTPUT,
    "2": Result.Level.INTERMEDIATE,
    "3": Result.Level.ULTIMATE,
    "9": Result.Level.INTERMEDIATE,
}
MEASURE_OF_CODE: dict[str, str] = {
    "1": Indicator.Measure.UNIT,
    "2": Indicator.Measure.PERCENTAGE,
    "5": Indicator.Measure.QUALITATIVE,
}
# The most codes below a result that are compared with the code of another one.
MOST_CODES = 99
# A fraction, as `publishable_results.measured_number` writes it.
FRACTION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,2})?) / ([0-9]{1,12}(?:\.[0-9]{1,2})?)")
# The longest quarter and semester in days, and the kinds of period by length: a period is of the
# first kind in which it overlaps with no other.
QUARTER, SEMESTER = 100, 200
KINDS_BY_LENGTH: dict[str, list[str]] = {
    "short": [Period.Kind.QUARTER, Period.Kind.SEMESTER],
    "half": [Period.Kind.SEMESTER, Period.Kind.QUARTER],
    "long": [Period.Kind.PROJECT_YEAR, Period.Kind.FISCAL_YEAR],
}


@dataclass
class DraftIndicator:
    indicator: Indicator
    points: list[DataPoint] = field(default_factory=list)


@dataclass
class DraftResult:
    result: Result
    indicators: list[DraftIndicator] = field(default_factory=list)


@dataclass
class DraftResults:
    periods: list[Period] = field(default_factory=list)
    results: list[DraftResult] = field(default_factory=list)

    @property
    def indicators(self) -> list[DraftIndicator]:
        return [each for result in self.results for each in result.indicators]

    @property
    def points(self) -> list[DataPoint]:
        return [point for each in self.indicators for point in each.points]

    def count(self, kind: str) -> int:
        return sum(1 for point in self.points if point.kind == kind and point.is_total)

    @property
    def cells(self) -> int:
        return sum(1 for point in self.points if not point.is_total)

    @property
    def counts(self) -> dict[str, int]:
        return {str(kind.label): count for kind in DataPoint.Kind if (count := self.count(kind))}


def fitting_preset(document: IatiDocument) -> Preset:
    """Returns the preset by whose custom all results are numbered, or else the default one."""
    known = sorted(presets().values(), key=lambda each: each.key != DEFAULT)
    rows = [(result_level(each), each.code) for each in document.results]
    fitting = (
        each
        for each in known
        if all(each.knows(level) and is_customary(each.level(level), code) for level, code in rows)
    )
    return next(fitting, preset(DEFAULT))


def result_level(result: MeasuredResult) -> str:
    return result.level or LEVEL_OF_TYPE[result.kind]


def is_customary(level: PresetLevel, code: str) -> bool:
    """Returns whether the code, such as 1110 or OC1, is customary for a result of the level."""
    pattern = re.sub(r"\\\{.*?\\\}", "[0-9.]+", re.escape(level.code))
    return re.fullmatch(pattern, code) is not None


def draft_results(
    document: IatiDocument, preset: Preset, periods: Iterable[Period], note: AddNote
) -> DraftResults:
    """Drafts the results of an activity.

    `periods`: those of the budget, which values of the same days share.
    """
    drafting = _ResultsDrafter(preset, periods, note)
    drafting.draft.results = [drafting.result(each) for each in document.results]
    drafting.find_parents()
    drafting.number_periods()
    return drafting.draft


class _ResultsDrafter:
    """Drafts the results of one activity."""

    def __init__(self, preset: Preset, periods: Iterable[Period], note: AddNote) -> None:
        self.preset, self.note, self.draft = preset, note, DraftResults()
        self.dimensions = KnownDimensions()
        self.codes: set[str] = set()
        self.periods: dict[tuple[date, date], Period | None] = {
            (each.start, each.end): each for each in periods
        }

    def result(self, measured: MeasuredResult) -> DraftResult:
        level = result_level(measured)
        code = self._free(measured.code or f"{len(self.codes) + 1}", self.codes)
        result = Result(level=level, code=code)
        write_texts(result, "statement", measured.title)
        used: set[str] = set()
        indicators = [self.indicator(each, code, used) for each in measured.indicators]
        return DraftResult(result, indicators)

    def indicator(self, measured: MeasuredIndicator, result: str, used: set[str]) -> DraftIndicator:
        """Drafts an indicator of the result with that code; `used`: the codes of the others."""
        rule = Indicator.Cumulative.SUM if measured.adds_up else Indicator.Cumulative.LATEST
        indicator = Indicator(
            code=self._free(measured.code or f"{result[:14]}.{len(used) + 1}", used),
            measure=MEASURE_OF_CODE[measured.measure],
            ascending=measured.ascending,
            cumulative=rule,
        )
        write_texts(indicator, "name", measured.title)
        self._break_down(indicator, measured)
        draft = DraftIndicator(indicator)
        baselines = [each.measured for each in measured.baselines]
        draft.points += self._values(indicator, DataPoint.Kind.BASELINE, None, baselines)
        for each in measured.periods:
            draft.points += self._points_of(indicator, each)
        if counts_things(indicator, draft.points):
            indicator.counts_persons = False
            why = _(
                "It has numbers that are not given for persons (below five, or by group "
                "without a total), so it is imported as a count of things. Change this "
                "if it counts persons."
            )
            self.note("indicator", why, is_changed=True)
        return draft

    def _break_down(self, indicator: Indicator, measured: MeasuredIndicator) -> None:
        if indicator.measure == Indicator.Measure.QUALITATIVE:
            return
        found = [*self.dimensions.of(measured), None, None]
        indicator.dimension, indicator.second_dimension = found[:2]

    def _points_of(self, indicator: Indicator, measured: MeasuredPeriod) -> list[DataPoint]:
        period = self._period(measured.start, measured.end)
        if period is None:
            self.note("period", _("It overlaps other periods in the file."))
            return []
        kinds = {DataPoint.Kind.TARGET: measured.targets, DataPoint.Kind.ACTUAL: measured.actuals}
        return [
            point
            for kind, rows in kinds.items()
            for point in self._values(indicator, kind, period, rows)
        ]

    def _values(
        self, indicator: Indicator, kind: str, period: Period | None, rows: list[MeasuredValue]
    ) -> list[DataPoint]:
        """Returns the total, which every value has in the portal, then its cells."""
        totals = [each for each in rows if not each.dimensions]
        if len(totals) > 1:
            self.note(kind, _("A second value for the same thing."))
        cells = self._cells(indicator, kind, period, [each for each in rows if each.dimensions])
        if not totals and not cells:
            return []
        numbers, words = split_number(totals[0] if totals else MeasuredValue(), indicator)
        if not totals and len(cells) == len(indicator.cells()):
            numbers = sum_of(Numbers(each.numerator, each.denominator) for each in cells)
        total = DataPoint(
            kind=kind,
            period=period,
            comment=words,
            is_computed=not totals and numbers.has_value,
            **numbers._asdict(),
        )
        return [total, *cells]

    def _cells(
        self, indicator: Indicator, kind: str, period: Period | None, rows: list[MeasuredValue]
    ) -> list[DataPoint]:
        found: dict[tuple[int | None, ...], DataPoint] = {}
        for each in rows:
            categories = self.dimensions.categories(indicator.dimensions, each)
            if categories is None:
                why = _(
                    "The portal has no such dimension or category, or not together with the others."
                )
                self.note(f"{kind}/dimension", why)
                continue
            numbers, _words = split_number(each, indicator)
            cell = DataPoint(
                kind=kind,
                period=period,
                category=categories.category,
                second_category=categories.second,
                **numbers._asdict(),
            )
            if cell.cell in found:
                self.note(f"{kind}/dimension", _("A second value for the same thing."))
            found.setdefault(cell.cell, cell)
        return list(found.values())

    def _period(self, start: date, end: date) -> Period | None:
        """Returns the period of these days, of a kind that fits its length and has no overlap.

        None where each kind that fits has a period that overlaps.
        """
        if (start, end) not in self.periods:
            days = (end - start).days
            length = "short" if days <= QUARTER else "half" if days <= SEMESTER else "long"
            free = (kind for kind in KINDS_BY_LENGTH[length] if self._is_free(kind, start, end))
            kind = next(free, None)
            self.periods[start, end] = Period(kind=kind, start=start, end=end) if kind else None
        return self.periods[start, end]

    def _is_free(self, kind: str, start: date, end: date) -> bool:
        return not any(
            each.kind == kind and each.start <= end and each.end >= start
            for each in self.periods.values()
            if each
        )

    def number_periods(self) -> None:
        rows = sorted((each for each in self.periods.values() if each), key=lambda each: each.start)
        for kind in Period.Kind:
            for number, period in enumerate((r for r in rows if r.kind == kind), start=1):
                period.number = number
        self.draft.periods = rows

    def find_parents(self) -> None:
        """Finds the parents by customary codes, since IATI has no tree: 1110 belongs to 1100."""
        for each in self.draft.results:
            result = each.result
            level = self.preset.level(result.level)
            above = [
                each.result for each in self.draft.results if each.result.level == level.parent
            ]
            result.parent = find_parent(result.code, level, above)
            if not result.parent and not self.preset.may_stand_alone(level):
                why = _("The file does not say which result it belongs to: choose it.")
                self.note("result", why, is_changed=True)

    def _free(self, code: str, used: set[str]) -> str:
        """Returns the code, with a number appended where the file has it twice."""
        code = code[:20]
        stem, number = code[:16], 1
        while code in used:
            number += 1
            code = f"{stem}-{number}"
        used.add(code)
        return code


def find_parent(code: str, level: PresetLevel, above: list[Result]) -> Result | None:
    """Returns the result below which the code is customary, or else the one whose code shares
    most of its first digits."""
    for each in above:
        if code in islice(level.codes_below(each.code), MOST_CODES):
            return each
    stem = code.rstrip("0")
    fitting = [each for each in above if stem.startswith(each.code.rstrip("0"))]
    return max(fitting, key=lambda each: len(each.code.rstrip("0")), default=None)


def split_number(measured: MeasuredValue, indicator: Indicator) -> tuple[Numbers, str]:
    """Returns the numbers of a value and its comment.

    A percentage whose comment is its fraction, such as “12 / 40”, gets part and whole.
    """
    comment = measured.comment
    words = next((comment[each] for each in LANGUAGES if each in comment), "")
    if measured.value is None:
        return MISSING, words[:2000]
    match = FRACTION.fullmatch(words)
    if match and indicator.measure == Indicator.Measure.PERCENTAGE:
        part, whole = Decimal(match[1]), Decimal(match[2])
        if whole and rounded(part * 100 / whole) == measured.value:
            return Numbers(part, whole), ""
    return Numbers(measured.value), words[:2000]


def write_texts(thing: Multilingual, name: str, texts: Texts, *, required: bool = True) -> None:
    """Sets the columns of a text; if it must not be empty and is, a dash stands for it."""
    if required and not any(texts.get(language) for language in LANGUAGES):
        texts = {first_language(): "–"}
    for language in LANGUAGES:
        setattr(thing, f"{name}_{language}", texts.get(language, ""))
    thing.note_translations([f"{name}_{language}" for language in LANGUAGES if texts.get(language)])
