"""The results of a draft: results, indicators, periods and values that do not exist yet."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from kernel.text import LANGUAGES, SOURCE, Multilingual
from projects.iati.document import (
    Document,
    Measured,
    MeasuredIndicator,
    MeasuredPeriod,
    Outcome,
    Texts,
)
from projects.models import DataPoint, Indicator, Period, Result
from projects.presets import DEFAULT, preset

Note = Callable[..., None]

LEVEL_OF_KIND = {
    "1": Result.Level.OUTPUT,
    "2": Result.Level.INTERMEDIATE,
    "3": Result.Level.ULTIMATE,
    "9": Result.Level.INTERMEDIATE,
}
MEASURE_OF = {
    "1": Indicator.Measure.UNIT,
    "2": Indicator.Measure.PERCENTAGE,
    "5": Indicator.Measure.QUALITATIVE,
}
# A draft has the levels of the preset that new projects have.
PRESET = preset(DEFAULT)
LEVELS = [level.key for level in PRESET.results]  # from the top down
# Of a span of days; the first kind in which it does not overlap is taken.
QUARTER, SEMESTER = 100, 200
KINDS_OF_SPAN = {
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
        return sum(1 for point in self.points if point.kind == kind)

    @property
    def counts(self) -> dict[str, int]:
        return {kind.label: count for kind in DataPoint.Kind if (count := self.count(kind))}


def results_of(document: Document, note: Note) -> DraftResults:
    drafting = _Drafting(note)
    drafting.draft.results = [drafting.result(each) for each in document.results]
    drafting.find_parents()
    drafting.number_periods()
    return drafting.draft


class _Drafting:
    def __init__(self, note: Note) -> None:
        self.note, self.draft = note, DraftResults()
        self.codes: set[str] = set()
        self.spans: dict[tuple[date, date], Period | None] = {}

    def result(self, said: Outcome) -> DraftResult:
        level = said.level or LEVEL_OF_KIND[said.kind]
        code = self._free(said.code or f"{len(self.codes) + 1}", self.codes)
        result = Result(level=level, code=code)
        write_texts(result, "statement", said.title)
        used: set[str] = set()
        indicators = [self.indicator(each, code, used) for each in said.indicators]
        return DraftResult(result, indicators)

    def indicator(self, said: MeasuredIndicator, result: str, used: set[str]) -> DraftIndicator:
        rule = Indicator.Cumulative.SUM if said.adds_up else Indicator.Cumulative.LATEST
        indicator = Indicator(
            code=self._free(said.code or f"{result[:14]}.{len(used) + 1}", used),
            measure=MEASURE_OF[said.measure],
            ascending=said.ascending,
            cumulative=rule,
        )
        write_texts(indicator, "name", said.title)
        draft = DraftIndicator(indicator)
        wholes = self._wholes([each.measured for each in said.baselines], "baseline")
        draft.points += [self._point(DataPoint.Kind.BASELINE, each, None) for each in wholes]
        for each in said.periods:
            draft.points += self._points_of(each)
        return draft

    def _points_of(self, said: MeasuredPeriod) -> list[DataPoint]:
        period = self._period(said.start, said.end)
        if period is None:
            self.note("period", _("It overlaps with other periods of the file."))
            return []
        kinds = {DataPoint.Kind.TARGET: said.targets, DataPoint.Kind.ACTUAL: said.actuals}
        return [
            self._point(kind, measured, period)
            for kind, rows in kinds.items()
            for measured in self._wholes(rows, str(kind))
        ]

    def _wholes(self, rows: list[Measured], name: str) -> list[Measured]:
        """One value without dimensions; the cells of a breakdown have no place yet."""
        wholes = [each for each in rows if not each.dimensions]
        if len(wholes) < len(rows):
            self.note(f"{name}/dimension", _("The portal keeps whole values, not their breakdown."))
        if len(wholes) > 1:
            self.note(name, _("A second value for the same."))
        return wholes[:1]

    def _point(self, kind: str, said: Measured, period: Period | None) -> DataPoint:
        words = next((said.comment[each] for each in LANGUAGES if each in said.comment), "")
        return DataPoint(kind=kind, period=period, numerator=said.value, comment=words[:2000])

    def _period(self, start: date, end: date) -> Period | None:
        """The period of these days: of a kind that fits its length and where nothing overlaps."""
        if (start, end) not in self.spans:
            days = (end - start).days
            span = "short" if days <= QUARTER else "half" if days <= SEMESTER else "long"
            free = (kind for kind in KINDS_OF_SPAN[span] if self._is_free(kind, start, end))
            kind = next(free, None)
            self.spans[start, end] = kind and Period(kind=kind, start=start, end=end)
        return self.spans[start, end]

    def _is_free(self, kind: str, start: date, end: date) -> bool:
        return not any(
            each.kind == kind and each.start <= end and each.end >= start
            for each in self.spans.values()
            if each
        )

    def number_periods(self) -> None:
        rows = sorted((each for each in self.spans.values() if each), key=lambda each: each.start)
        for kind in Period.Kind:
            for number, period in enumerate((r for r in rows if r.kind == kind), start=1):
                period.number = number
        self.draft.periods = rows

    def find_parents(self) -> None:
        """By customary numbers: 1110 belongs to 1100, which belongs to 1000. IATI has no tree."""
        for each in self.draft.results:
            result = each.result
            above = PRESET.level(result.level).parent
            stem = result.code.rstrip("0")
            fitting = [
                other.result
                for other in self.draft.results
                if other.result.level == above and stem.startswith(other.result.code.rstrip("0"))
            ]
            if fitting:
                result.parent = max(fitting, key=lambda other: len(other.code.rstrip("0")))
            elif above and result.level != Result.Level.INTERMEDIATE:
                why = _("To which result it belongs, the file does not say: choose it.")
                self.note("result", why, is_changed=True)

    def _free(self, code: str, used: set[str]) -> str:
        """The code, or with a number behind it where the file has it twice."""
        code = code[:20]
        stem, number = code[:16], 1
        while code in used:
            number += 1
            code = f"{stem}-{number}"
        used.add(code)
        return code


def write_texts(thing: Multilingual, name: str, texts: Texts, *, required: bool = True) -> None:
    """The columns of a text; French, which the portal requires, from another language if need be."""
    for language in LANGUAGES:
        setattr(thing, f"{name}_{language}", texts.get(language, ""))
    if required and not texts.get(SOURCE):
        other = next((texts[language] for language in LANGUAGES if texts.get(language)), "–")
        setattr(thing, f"{name}_{SOURCE}", other)
    thing.note_translations([f"{name}_{language}" for language in LANGUAGES if texts.get(language)])
