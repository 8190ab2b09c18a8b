"""Writes values of indicators, in total and by cell, and takes their steps to approval.

The total of an indicator, kind and period and its cells form one value: they are entered,
submitted, returned and approved together. Whoever entered a value does not approve it. The row of
the indicator is locked while its values change.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.channel import Channel
from kernel.files import CheckedFile
from kernel.lifecycle import StatusChange, TransitionError
from kernel.workbooks import CellValue
from partners.models import Institution
from projects.framework.tree import IndicatorStanding, logic_model
from projects.models import Cell, DataPoint, Indicator, Period, Project, ValueFile
from projects.models.value import TOTAL
from projects.permissions.values import may_see_small_counts, visible_values

Status = DataPoint.Status


class Numbers(NamedTuple):
    """The value of one cell: a number, or a part and its whole; None where it is missing."""

    numerator: Decimal | None = None
    denominator: Decimal | None = None

    @property
    def has_value(self) -> bool:
        return self.numerator is not None


MISSING = Numbers()


@dataclass(frozen=True)
class ValueEntry:
    """The values that somebody entered for an indicator, and how they were received. `cells`: by
    the keys of their categories."""

    by: User | None
    total: Numbers = MISSING
    cells: Mapping[Cell, Numbers] = field(default_factory=dict)
    nothing_to_report: bool = False
    comment: str = ""
    source: str = ""
    given_by: Institution | None = None
    channel: str = Channel.PORTAL
    received_on: date | None = None
    evidence: str = ""
    files: Sequence[CheckedFile] = ()

    @property
    def says_something(self) -> bool:
        """Whether there is a number, a text, or that there is nothing to report."""
        numbers = (self.total, *self.cells.values())
        is_said = self.nothing_to_report or bool(self.comment.strip())
        return is_said or any(one.has_value for one in numbers)


# --- Entering ---


@transaction.atomic
def keep_values(
    indicator: Indicator, kind: str, period: Period | None, entry: ValueEntry
) -> DataPoint:
    """Keep the entered values as a draft and return the total.

    A submitted value is withdrawn first, so that nobody approves numbers that they did not see. An
    unchanged value stays as it is. Raises ValidationError if the value was approved meanwhile.
    """
    Indicator.objects.select_for_update().get(pk=indicator.pk)
    rows = {
        point.cell: point
        for point in DataPoint.objects.filter(indicator=indicator, kind=kind, period=period)
    }
    total = rows.get(TOTAL) or DataPoint(indicator=indicator, kind=kind, period=period)
    total.indicator, total.period = indicator, period
    if not _differs(total, rows, entry):
        return total
    if total.status == Status.APPROVED:
        raise ValidationError(_("This value is approved. Ask the coordination to reopen it."))
    if total.status == Status.SUBMITTED:
        take_step(total, "withdraw", by=entry.by)
    _write_total(total, entry)
    _write_cells(total, {cell: row for cell, row in rows.items() if cell != TOTAL}, entry)
    for checked in entry.files:
        add_evidence(total, checked, by=entry.by)
    return total


def add_evidence(point: DataPoint, checked: CheckedFile, *, by: User | None) -> ValueFile:
    """Keep a checked file as the evidence of a value, and return its row."""
    file = ValueFile(point=point, given_by=point.given_by, by=by)
    file.keep(checked)
    file.save()
    return file


@transaction.atomic
def remove_evidence(file: ValueFile) -> None:
    """Delete a file that was added to a draft by mistake. Raises ValidationError if the value is
    not a draft any more."""
    if file.point.status != Status.DRAFT:
        raise ValidationError(_("Only a draft can be edited: this value was submitted."))
    file.delete_content_on_commit()
    file.delete()


def empty_value(point: DataPoint) -> None:
    """Delete the cells of a value and, on commit, the content of its files."""
    DataPoint.objects.of_same(point).cells().delete()
    for file in point.files.all():
        file.delete_content_on_commit()


def sum_of(cells: Iterable[Numbers]) -> Numbers:
    """Return the sum of all cells of a breakdown; MISSING if one of them is missing."""
    cells = list(cells)
    numerators = [cell.numerator for cell in cells if cell.numerator is not None]
    if not cells or len(numerators) < len(cells):
        return MISSING
    denominators = [cell.denominator for cell in cells if cell.denominator is not None]
    has_all = len(denominators) == len(cells)
    return Numbers(sum(numerators, Decimal(0)), sum(denominators, Decimal(0)) if has_all else None)


def _differs(total: DataPoint, rows: Mapping[Cell, DataPoint], entry: ValueEntry) -> bool:
    if entry.files or not total.pk:
        return True
    kept = MISSING if total.is_computed else Numbers(total.numerator, total.denominator)
    words = (total.comment, total.source, total.nothing_to_report)
    cells = {
        cell: Numbers(row.numerator, row.denominator) for cell, row in rows.items() if cell != TOTAL
    }
    entered_cells = {cell: numbers for cell, numbers in entry.cells.items() if numbers.has_value}
    entered_words = (entry.comment, entry.source, entry.nothing_to_report)
    return kept != entry.total or words != entered_words or cells != entered_cells


def _write_total(total: DataPoint, entry: ValueEntry) -> None:
    summed = sum_of(entry.cells.values())
    is_computed = summed.has_value and not entry.total.has_value
    numbers = summed if is_computed else entry.total
    total.is_computed = is_computed
    total.comment, total.source = entry.comment, entry.source
    total.nothing_to_report = entry.nothing_to_report
    total.given_by, total.channel = entry.given_by, entry.channel
    total.received_on, total.evidence = entry.received_on, entry.evidence
    _write(total, numbers, entry.by)


def _write_cells(total: DataPoint, rows: dict[Cell, DataPoint], entry: ValueEntry) -> None:
    for cell, numbers in entry.cells.items():
        row = rows.pop(cell, None)
        if not numbers.has_value:
            if row:
                row.delete()
            continue
        if row is None:
            row = DataPoint(
                indicator=total.indicator,
                kind=total.kind,
                period=total.period,
                category_id=cell[0],
                second_category_id=cell[1],
            )
        row.illustrative = total.illustrative
        row.given_by, row.channel = total.given_by, total.channel
        row.received_on, row.evidence = total.received_on, total.evidence
        _write(row, numbers, entry.by)


def _write(row: DataPoint, numbers: Numbers, by: User | None) -> None:
    """Write the numbers. Only whoever changes a number becomes the person who entered it."""
    if not row.pk or Numbers(row.numerator, row.denominator) != numbers or not row.entered_by_id:
        row.entered_by, row.entered_at = by, timezone.now()
    row.numerator, row.denominator = numbers
    row.check_numbers()
    row.save()


# --- Steps ---


@transaction.atomic
def take_step(point: DataPoint, verb: str, *, by: User | None, why: str = "") -> None:
    """Take the step with the total and its cells. Raises TransitionError with a sentence."""
    point.take(verb, by=by, why=why)
    for cell in cells_of(point):
        if cell.may_take(verb):
            cell.take(verb, by=by, why=why)


def cells_of(point: DataPoint) -> list[DataPoint]:
    """Return the disaggregated values of the same indicator, period and kind, in the order of
    their categories."""
    cells = DataPoint.objects.of_same(point).cells().with_cells()
    return list(cells.order_by("category__position", "second_category__position", "pk"))


@transaction.atomic
def approve_value(point: DataPoint, *, by: User, exception: str = "") -> None:
    """Approve a submitted value. Whoever entered it, or a cell of it, must give a reason for the
    `exception` to the rule of two people, which is kept for no other value.

    Raises ValidationError without that reason, TransitionError if the value is not submitted.
    """
    own = is_own(point, by)
    if own and not exception.strip():
        raise ValidationError(
            _("You entered this value yourself. Say why nobody else can approve it.")
        )
    why = _("Exception to the rule of two people: %(why)s") % {"why": exception.strip()}
    take_step(point, "approve", by=by, why=why if own else "")


def is_own(point: DataPoint, person: User) -> bool:
    """Whether the person entered the value or a cell of it. Locks the value before reading."""
    Indicator.objects.select_for_update().get(pk=point.indicator_id)
    return DataPoint.objects.of_same(point).filter(entered_by=person).exists()


def decide_values(
    points: Iterable[DataPoint], verb: str, *, by: User, why: str = "", exception: str = ""
) -> tuple[list[DataPoint], list[str]]:
    """Approve or return several values; return these, and a sentence for each refused one.
    `exception`: the reason for which somebody approves their own."""
    done, refusals = [], []
    for point in points:
        try:
            if verb == "approve":
                approve_value(point, by=by, exception=exception)
            else:
                take_step(point, verb, by=by, why=why)
        except (TransitionError, ValidationError) as error:
            refusals.append(f"{point}: {' '.join(getattr(error, 'messages', [str(error)]))}")
        else:
            done.append(point)
    return done, refusals


# --- Values sheet ---
#
# The values of indicators in the order in which a donor's own system asks for them, one row each.
#
# Which donor has such a system is in the file of its preset (`values_system`), such as OPSYS of
# the European Union: people copy the sheet into it, indicator by indicator.

WIDTHS = (22, 10, 44, 12, 44, 14, 12, 14, 14, 14, 14, 14, 14, 30, 44)


def values_head() -> list[str]:
    return [
        _("Level"),
        _("Code"),
        _("Result"),
        _("Code of the indicator"),
        _("Indicator"),
        _("Kind of value"),
        _("Baseline"),
        _("Date of the baseline"),
        _("Target of the period"),
        _("Final target"),
        _("Date of the final target"),
        _("Current value"),
        _("Date of the value"),
        _("Source of verification"),
        _("Comment"),
    ]


def values_rows(
    user: User, project: Project, *, through: Period | None = None
) -> Iterator[list[CellValue]]:
    """Return a row for each indicator, with its approved cumulative values as far as the person may
    see them."""
    points = list(visible_values(user, project).approved().totals().select_related("period"))
    small_counts = may_see_small_counts(user, project)
    for root in logic_model(project, points, through=through, small_counts=small_counts):
        for node in root.walk():
            for each in node.indicators:
                yield _row(project, each)


def _row(project: Project, each: IndicatorStanding) -> list[CellValue]:
    indicator, now = each.indicator, each.standing
    result, actual = indicator.result, now.actual_point
    in_words = indicator.measure == Indicator.Measure.QUALITATIVE
    return [
        result.level_name,
        result.code,
        result.statement,
        indicator.code,
        indicator.name,
        str(indicator.get_measure_display()),
        _said(now.baseline_point) if in_words else _number(now.baseline, now.baseline_is_withheld),
        None,  # a baseline has no period: nobody records its day
        _said(now.target_point) if in_words else _number(now.target),
        None if in_words else _number(now.end_target),
        project.current_end,
        _said(actual) if in_words else _number(now.actual, now.is_withheld),
        actual.period.end if actual and actual.period else None,
        (actual.source if actual else "") or indicator.source,
        "" if in_words or now.is_withheld else _said(actual),
    ]


def _said(point: DataPoint | None) -> str:
    return point.comment if point else ""


def _number(number: Decimal | None, is_withheld: bool = False) -> CellValue:
    if is_withheld:
        return _("not shown")
    return None if number is None else round(number, 2)


def remarks_on(totals: list[int]) -> dict[int, str]:
    """Return the remarks of values whose last step was a return, by the keys of their totals."""
    changes = StatusChange.objects.filter(
        content_type__app_label="projects", content_type__model="datapoint", object_id__in=totals
    )
    last = {change.object_id: change for change in changes.order_by("pk")}
    return {key: change.why for key, change in last.items() if change.verb == "return"}
