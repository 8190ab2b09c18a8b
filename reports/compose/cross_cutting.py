"""The chapter on cross-cutting themes: policy markers, participants, and results by sex and age.

Persons appear as numbers only. Small numbers follow `projects.framework.disclosure`: each
breakdown is shown in full or not at all, and sums add only values that are shown, so that hidden
values cannot be computed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy, pgettext, pgettext_lazy

from kernel.formats import MISSING, number, percent
from projects import codelists
from projects.activities.participants import headcount, sum_of
from projects.framework.disclosure import FEWEST_DISCLOSED
from projects.framework.figures import PeriodFigures, by_period
from projects.models import Activity, DataPoint, Indicator, Period
from projects.models.activity import SEXES
from reports.compose.blocks import (
    Cell,
    cell,
    column,
    field,
    heading,
    pair,
    paragraph,
    pieces_of,
    table,
    table_of,
)
from reports.compose.measured import withheld_text
from reports.compose.reading import ReportReading, local_text
from reports.document_types import Block, CellText
from reports.models import SectionKind

# The dimensions that every installation has (`projects.first_dimensions`), by their codelists.
SEX, AGE = "sex", "age"
UNDER_18 = frozenset({"0-11", "12-17"})
ADULT = frozenset({"18-30", "31-59", "60"})


@dataclass(frozen=True)
class BrokenDownIndicator:
    """An indicator and the cells of its actual values; no cells if they are withheld."""

    indicator: Indicator
    cells: list[DataPoint]
    is_withheld: bool


def cross_cutting(reading: ReportReading) -> list[Block]:
    """Return markers, participants by kind of activity, and the indicators broken down by sex; but
    for what sections of the report have themselves."""
    kinds = reading.report.preset.kinds
    return [
        *markers(reading),
        *([] if SectionKind.REACHED in kinds else participants(reading)),
        *([] if SectionKind.GENDER in kinds else disaggregated(reading)),
    ]


# Markers


def markers(reading: ReportReading) -> list[Block]:
    """Return how far the project pursues each policy objective, gender first, as IATI publishes
    it."""
    order = list(codelists.ALL_MARKERS)
    found = reading.once("markers", lambda: list(reading.project.markers.all()))
    rows = sorted(found, key=lambda marker: order.index(marker.code))
    if not rows:
        return []
    fields = [
        field(_("Theme"), str),
        field(_("How far the project pursues it"), lambda marker: str(marker.level_in_words()), 60),
    ]
    return [table_of(rows, fields, _("Policy markers"))]


# Participants


def participants(reading: ReportReading) -> list[Block]:
    """Return the participants by kind of activity.

    Activities count that began in the period and by the day of the document, so that reports of two
    periods count nobody twice.
    """
    by_kind: dict[str, list[Activity]] = {}
    for activity in _begun(reading):
        by_kind.setdefault(activity.kind, []).append(activity)
    kinds = [kind for kind in Activity.Kind if kind in by_kind]
    if not kinds:
        return []
    rows = [_took_part(kind.label, by_kind[kind], reading) for kind in kinds]
    everything = [one for kind in kinds for one in by_kind[kind]]
    total = _took_part(_("Total"), everything, reading) if len(kinds) > 1 else None
    columns = [
        column(_("Activities")),
        column(pgettext("how many", "Number"), 11, num=True),
        column(_("Participants"), 15, num=True),
        *(column(str(words), 12, num=True) for words in SEXES.values()),
    ]
    return [
        heading(_("Participants"), 2),
        table("", columns, rows, total=total),
        paragraph(_notes([*rows, total or []], reading), "small"),
    ]


def people_reached(reading: ReportReading) -> list[Block]:
    """Return the same for a section on people reached, whose name says what it is."""
    return participants(reading)[1:]


def _begun(reading: ReportReading) -> Iterator[Activity]:
    last = min(reading.end, reading.as_of)
    rows = reading.project.activities.prefetch_related("groups")
    for activity in reading.once("activities with their groups", lambda: list(rows)):
        first = activity.actual_start or activity.actual_end
        if first and reading.start <= first <= last:
            yield activity


def _took_part(label: object, activities: list[Activity], reading: ReportReading) -> list[Cell]:
    counts = [headcount(each, small_counts=reading.discloses_small_counts) for each in activities]
    shown = sum_of(counts)
    small = _of_so_many(shown.by_sex_of, len(activities)) if shown.by_sex_of else ""
    total = cell(
        number(shown.total) if shown.counted else MISSING,
        small=_of_so_many(shown.counted, len(activities)) if shown.counted else "",
    )
    sexes: list[CellText] = [
        cell(number(shown.by_sex[sex]) if shown.by_sex_of else MISSING) for sex in SEXES
    ]
    if small:
        sexes[0]["small"].append(pieces_of(small))
    return [str(label), str(len(activities)), total, *sexes]


def _of_so_many(shown: int, of: int) -> str:
    """Return a sentence if the number covers only some of the activities."""
    return "" if shown == of else _("%(part)s of %(whole)s") % {"part": shown, "whole": of}


def _notes(rows: list[list[Cell]], reading: ReportReading) -> str:
    sentences = [_("People who took part in several activities are counted in each.")]
    if any(each["small"] for row in rows for each in row if isinstance(each, dict)):
        sentences.append(
            _(
                "“2 of 5”: the number is known, and may be disclosed, for two activities out "
                "of five."
            )
        )
    if not reading.discloses_small_counts:
        sentences.append(withheld_note())
    return " ".join(sentences)


def withheld_note() -> str:
    sentence = _("Breakdowns with fewer than %(few)s persons in a group are not disclosed.")
    return sentence % {"few": FEWEST_DISCLOSED}


# Results by sex and age


def disaggregated(reading: ReportReading) -> list[Block]:
    """Return the approved values of the period of indicators that are broken down by sex.

    If there are age groups beside it, girls and boys are counted apart from women and men.
    """
    measured = reading.once(
        f"broken down by sex, {reading.discloses_small_counts}", lambda: list(_measured(reading))
    )
    by_age = [one for one in measured if _broken_down(one.indicator) == {SEX, AGE}]
    by_sex = [one for one in measured if one not in by_age]
    tables = [
        _by_group(_("Results by sex and age, of the period"), by_age, PEOPLE),
        _by_group(_("Results by sex, of the period"), by_sex, SEXES_SHOWN),
    ]
    shown = [each for each in tables if each]
    if not shown:
        return []
    blocks: list[Block] = [heading(_("Results by sex and age"), 2), *shown]
    if not reading.discloses_small_counts:
        blocks.append(paragraph(withheld_note(), "small"))
    return blocks


def _measured(reading: ReportReading) -> Iterator[BrokenDownIndicator]:
    """Return the indicators with a breakdown by sex and a value of the period, in two queries."""
    indicators = Indicator.objects.filter(result__project=reading.project)
    indicators = indicators.select_related("result__project", "dimension", "second_dimension")
    chosen = {one.pk: one for one in indicators if SEX in _broken_down(one)}
    points = list(DataPoint.objects.filter(indicator__in=chosen).with_cells())
    by_indicator: dict[int, list[DataPoint]] = {pk: [] for pk in chosen}
    for point in _approved(reading, points):
        point.indicator = chosen[point.indicator_id]
        by_indicator[point.indicator_id].append(point)
    for pk, indicator in chosen.items():
        rows = by_period(indicator, by_indicator[pk], small_counts=reading.discloses_small_counts)
        figures = _of_report(indicator, rows, reading.report.period)
        hides = any(each.cells_are_withheld for each in figures)
        cells = [cell for each in figures for cell in each.cells]
        if cells or hides:
            yield BrokenDownIndicator(indicator, [] if hides else cells, hides)


def _of_report(
    indicator: Indicator, rows: list[PeriodFigures], period: Period
) -> list[PeriodFigures]:
    """Return the values of the period itself.

    An indicator that is measured more often has values within the period: all of them count if
    periods add up, otherwise the last.
    """
    if own := [each for each in rows if each.period.pk == period.pk and each.is_measured]:
        return own
    inside = [
        each
        for each in rows
        if each.is_measured and period.start <= each.period.start and each.period.end <= period.end
    ]
    kind = {each.period.kind for each in inside}
    if len(kind) > 1:  # quarters and semesters cover the same days
        return []
    return inside if indicator.cumulative == Indicator.Cumulative.SUM else inside[-1:]


def _broken_down(indicator: Indicator) -> set[str]:
    return {dimension.code for dimension in indicator.dimensions}


def _approved(reading: ReportReading, points: list[DataPoint]) -> list[DataPoint]:
    """Return the values that were approved by the day; cells are approved together with their
    total."""
    totals = [point for point in points if point.is_total]
    reading.undo_later_steps(totals)
    standing = {_whole(one) for one in totals if one.status == DataPoint.Status.APPROVED}
    return [point for point in points if _whole(point) in standing]


def _whole(point: DataPoint) -> tuple[int, str, int | None]:
    return point.indicator_id, point.kind, point.period_id


def _category(point: DataPoint, dimension: str) -> str:
    """Return the code of the cell's category in that dimension."""
    categories = [each.code for each in (point.category, point.second_category) if each]
    dimensions = [each.code for each in point.indicator.dimensions]
    return dict(zip(dimensions, categories, strict=False)).get(dimension, "")


def _group(point: DataPoint) -> str:
    """Return women, men, girls or boys; other cells are of another sex or of unknown age."""
    sex, age = _group_of_sex(point), _category(point, AGE)
    if sex == "other" or age not in UNDER_18 | ADULT:
        return "other"
    if age in ADULT:
        return sex
    return "girls" if sex == "women" else "boys"


def _group_of_sex(point: DataPoint) -> str:
    sex = _category(point, SEX)
    return sex if sex in ("women", "men") else "other"


# The columns of a table: the name of each, and the cells that belong to it.
Groups = tuple[Mapping[str, str | Promise], Callable[[DataPoint], str]]
PEOPLE: Groups = (
    {
        "women": gettext_lazy("women"),
        "men": gettext_lazy("men"),
        "girls": gettext_lazy("girls"),
        "boys": gettext_lazy("boys"),
        "other": pgettext_lazy("persons by sex and age", "other or not said"),
    },
    _group,
)
SEXES_SHOWN: Groups = (
    {
        "women": gettext_lazy("Women and girls"),
        "men": gettext_lazy("Men and boys"),
        "other": gettext_lazy("Other or not stated"),
    },
    _group_of_sex,
)


def _by_group(caption: str, measured: list[BrokenDownIndicator], groups: Groups) -> Block | None:
    if not measured:
        return None
    names, of = groups
    columns = [
        column(_("Indicator")),
        *(column(str(name), 13 if len(names) > 3 else 16, num=True) for name in names.values()),
    ]
    rows: list[list[Cell]] = []
    for each in measured:
        result = each.indicator.result
        name = cell(
            local_text(each.indicator, "name"), small=[pair(result.level_name, result.code)]
        )
        if each.is_withheld:
            name["small"].append(pieces_of(withheld_text()))
        rows.append([name, *(_pooled(each.indicator, _of(each, of, key)) for key in names)])
    return table(caption, columns, rows)


def _of(measured: BrokenDownIndicator, of: Callable[[DataPoint], str], key: str) -> list[DataPoint]:
    return [one for one in measured.cells if one.numerator is not None and of(one) == key]


def _pooled(indicator: Indicator, points: list[DataPoint]) -> str:
    """Return one value for the cells of a group: numbers are added, parts of a whole pooled.

    A percentage without its parts cannot be added to another.
    """
    if not points:
        return MISSING
    numerator = sum((point.numerator or Decimal(0) for point in points), Decimal(0))
    if indicator.measure != Indicator.Measure.PERCENTAGE:
        return number(numerator)
    denominators = [point.denominator for point in points if point.denominator]
    if len(denominators) == len(points):
        return percent(numerator / sum(denominators))
    return percent(numerator / 100) if len(points) == 1 else MISSING
