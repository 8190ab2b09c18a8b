"""Decides which results and values of a project may be published: approved ones, and never small
counts of persons; finds names of people and of institutions at risk in texts. `publishable` calls it
and decides the rest.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kernel.languages import organisation_languages
from kernel.names import any_of, is_in, plain, whole_words
from kernel.personal import looks_personal
from partners.models import Contact
from projects.framework.disclosure import Disclosure, disclosure_of
from projects.iati import sources
from projects.iati.document import (
    HeldBack,
    HeldBackReason,
    IatiDocument,
    MeasuredBaseline,
    MeasuredIndicator,
    MeasuredPeriod,
    MeasuredResult,
    MeasuredValue,
    Texts,
)
from projects.iati.export import decimal_text
from projects.iati.sources import in_languages
from projects.models import Assignment, DataPoint, Indicator, Participation, Project, Result
from projects.permissions.institutions import names_ever

# --- Names in texts ---
#
# Nobody types such a name into a title on purpose, but a description may thank a partner by name.
# A file with such a name is not written, and the coordination learns where to look for it.

# Shorter names, such as acronyms, occur by chance in other words.
SHORTEST = 4
_ADDRESS = re.compile(r"\w@\w")


@dataclass
class ForbiddenNames:
    """The names that must not be published. `pattern` is None where there are none."""

    pattern: re.Pattern[str] | None

    @classmethod
    def of(
        cls, project: Project, participations: Iterable[Participation], hidden: set[int]
    ) -> "ForbiddenNames":
        """Collects the names of one project's contacts and team and of these institutions."""
        institutions = sorted({each.institution_id for each in participations})
        names = {
            *(name for (name,) in [*_people(institutions), *_team(project.pk)]),
            *(name for _institution, *spelt in names_ever(hidden) for name in spelt),
        }
        words = any_of(name for name in names if len(plain(name)) >= SHORTEST)
        return cls(re.compile(whole_words(words), re.IGNORECASE) if words else None)

    def is_named_in(self, text: str) -> bool:
        return bool(self.pattern and is_in(self.pattern, text))

    def may_publish(self, text: str) -> bool:
        """Returns whether a comment may be published.

        Since a comment can be left out, this is stricter than `is_named_in`: nothing that looks
        like a telephone number, an identity number or an e-mail address passes either.
        """
        return not (self.is_named_in(text) or _ADDRESS.search(text) or looks_personal(text))

    def findings_in(self, document: IatiDocument) -> list[str]:
        """Returns a sentence for each part of the file whose text has a forbidden name."""
        places = {
            place: None
            for place, texts in _places(document)
            if any(self.is_named_in(text) for text in texts.values())
        }
        return [
            _("%(place)s: the text names a person or an institution at risk. Change it first.")
            % {"place": place}
            for place in places
        ]


def _places(document: IatiDocument) -> Iterator[tuple[str, Texts]]:
    yield _("Title of the project"), document.title
    for kind, texts in document.descriptions.items():
        yield _("Sources") if kind == "4" else _("Description of the project"), texts
    yield _("Public summary of results"), document.summary
    for result in document.results:
        yield _("Result %(code)s") % {"code": result.code}, result.title
        for indicator in result.indicators:
            yield _("Indicator %(code)s") % {"code": indicator.code}, indicator.title
    for transaction in document.transactions:
        yield _("Reference of an agreement"), {"": transaction.ref}
    for _kind, ref in document.other_identifiers:
        yield _("Donor’s project number"), {"": ref}


def _people(institutions: list[int]) -> QuerySet[Contact, tuple[str]]:
    return Contact.objects.filter(institution__in=institutions).values_list("full_name")


def _team(project: int) -> QuerySet[Assignment, tuple[str]]:
    return Assignment.objects.filter(project=project).values_list("user__full_name")


# --- Publishable results ---

RESULT_TYPES: dict[str, str] = {
    Result.Level.ULTIMATE: "3",
    Result.Level.INTERMEDIATE: "2",
    Result.Level.IMMEDIATE: "2",
    Result.Level.OUTPUT: "1",
}
MEASURES: dict[str, str] = {
    Indicator.Measure.UNIT: "1",
    Indicator.Measure.PERCENTAGE: "2",
    Indicator.Measure.QUALITATIVE: "5",
}
HUNDREDTH = Decimal("0.01")


def _points(project: Project) -> QuerySet[DataPoint]:
    points = DataPoint.objects.filter(indicator__result__project=project)
    related = points.select_related("period", "category__dimension", "second_category__dimension")
    return related.order_by(
        "period__start",
        "period__end",
        "category__position",
        "category__pk",
        "second_category__position",
        "second_category__pk",
        "pk",
    )


def measured_results(
    project: Project, held_back: HeldBack, forbidden_names: ForbiddenNames
) -> list[MeasuredResult]:
    """Returns the results that have an indicator, by code, with their approved values. Counts in
    `held_back` what is not published."""
    points = list(_points(project))
    approved = [each for each in points if each.status == DataPoint.Status.APPROVED]
    if waiting := sum(1 for p in points if p.is_total and p.status != DataPoint.Status.APPROVED):
        held_back.hold_back(HeldBackReason.NOT_APPROVED, waiting)
    composer = _IndicatorComposer(project, approved, held_back, forbidden_names)
    of_result: dict[int, list[MeasuredIndicator]] = defaultdict(list)
    for indicator in Indicator.objects.filter(result__project=project).order_by("code", "pk"):
        of_result[indicator.result_id].append(composer.indicator(indicator))
    return [
        MeasuredResult(
            title=in_languages(result, "statement"),
            kind=RESULT_TYPES.get(result.level, "9"),
            code=result.code,
            level=result.level,
            indicators=of_result[result.pk],
        )
        for result in project.results.order_by("code", "pk")
        if of_result[result.pk] or held_back.hold_back(HeldBackReason.WITHOUT_INDICATOR)
    ]


class _IndicatorComposer:
    """Composes indicators as pages show them to readers who may not know small counts."""

    def __init__(
        self,
        project: Project,
        points: list[DataPoint],
        held_back: HeldBack,
        forbidden_names: ForbiddenNames,
    ) -> None:
        self.project, self.held_back, self.forbidden_names = project, held_back, forbidden_names
        self.points: dict[int, list[DataPoint]] = defaultdict(list)
        for point in points:
            self.points[point.indicator_id].append(point)

    def indicator(self, indicator: Indicator) -> MeasuredIndicator:
        points = self.points[indicator.pk]
        disclosure = disclosure_of(indicator, points, small_counts=False)
        values: dict[tuple[int | None, str], list[DataPoint]] = defaultdict(list)
        for point in points:
            values[point.period_id, point.kind].append(point)

        def measured(period: int | None, kind: str) -> list[MeasuredValue]:
            return self._measured(indicator, values[period, kind], disclosure)

        periods = [
            MeasuredPeriod(
                period.start,
                period.end,
                measured(period.pk, DataPoint.Kind.TARGET),
                measured(period.pk, DataPoint.Kind.ACTUAL),
            )
            for period in dict.fromkeys(each.period for each in points if each.period)
        ]
        return MeasuredIndicator(
            title=in_languages(indicator, "name"),
            measure=MEASURES[indicator.measure],
            code=indicator.code,
            ascending=indicator.ascending,
            adds_up=indicator.cumulative == Indicator.Cumulative.SUM
            and indicator.measure == Indicator.Measure.UNIT,
            baselines=[
                MeasuredBaseline(self.project.starts_on.year, each)
                for each in measured(None, DataPoint.Kind.BASELINE)
            ],
            periods=[each for each in periods if each.targets or each.actuals],
        )

    def _measured(
        self, indicator: Indicator, points: list[DataPoint], disclosure: Disclosure
    ) -> list[MeasuredValue]:
        """Returns the total, then its cells; nothing where there is no value, which is never zero."""
        totals = [each for each in points if each.is_total]
        if indicator.measure == Indicator.Measure.QUALITATIVE:
            return [value for each in totals for value in self._words(each)]
        total = [value for each in totals for value in self._number(each, disclosure)]
        return total + measured_breakdown(
            sources.breakdown_cells(points), disclosure, self.held_back
        )

    def _words(self, point: DataPoint) -> list[MeasuredValue]:
        comment = point.comment.strip()
        if not comment or not (
            self.forbidden_names.may_publish(comment)
            or self.held_back.hold_back(HeldBackReason.PERSONAL)
        ):
            return []
        return [MeasuredValue(comment={organisation_languages()[0]: comment})]

    def _number(self, point: DataPoint, disclosure: Disclosure) -> list[MeasuredValue]:
        if point.comment.strip():
            self.held_back.hold_back(HeldBackReason.COMMENT)
        if point.value is None or not (
            disclosure.discloses(point) or self.held_back.hold_back(HeldBackReason.SMALL_VALUE)
        ):
            return []
        return [measured_number(point)]


def measured_breakdown(
    cells: list[sources.BreakdownCell], disclosure: Disclosure, held_back: HeldBack
) -> list[MeasuredValue]:
    """Returns all cells of a breakdown or none: a missing one could be computed from the rest."""
    if not all(disclosure.discloses(each.point) for each in cells):
        held_back.hold_back(HeldBackReason.SMALL)
        return []
    names = [[name for name, _cell in each.dimensions] for each in cells]
    if any("" in each or len({*each}) < len(each) for each in names):
        held_back.hold_back(HeldBackReason.NO_DIMENSION)
        return []
    return [measured_number(each.point, *each.dimensions) for each in cells]


def measured_number(point: DataPoint, *dimensions: tuple[str, str]) -> MeasuredValue:
    """Returns a value that may be published, with its fraction as comment, such as “12 / 40”."""
    assert point.numerator is not None  # callers pass measured values alone
    assert point.value is not None
    measured = MeasuredValue(rounded(point.value), dimensions=list(dimensions))
    if point.denominator is not None:
        fraction = f"{decimal_text(point.numerator)} / {decimal_text(point.denominator)}"
        measured.comment = {organisation_languages()[0]: fraction}
    return measured


def rounded(value: Decimal) -> Decimal:
    """Returns the value with two decimals, as values are kept, and without trailing zeros, so that
    it equals the one that is read back."""
    value = value.quantize(HUNDREDTH, ROUND_HALF_UP)
    return value.to_integral() if value == value.to_integral() else value.normalize()
