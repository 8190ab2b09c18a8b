"""What a workbook would bring into a project, before anything is written.

Each row of a sheet becomes a thing of the draft: new, found in the register, or there already. A row
that cannot be taken has marks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy

from accounts.models import User
from committees.models import AgendaItem, Committee, Meeting, Resolution, Seat
from ibcr_portal.intake.sheets import SHEETS
from kernel.formats import day
from kernel.text import StrOrPromise
from kernel.three_way import fingerprint, text_of
from kernel.workbooks import CellValue, WorkbookColumn, WorkbookRow
from partners.models import Contact, Institution, InstitutionName
from projects.models import (
    BudgetCategory,
    BudgetLine,
    DataPoint,
    Indicator,
    Participation,
    Period,
    Project,
    Result,
)


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    FOUND = "found"
    THERE = "there"
    CHANGED = "changed"
    ADDED = "added"

    @property
    def label(self) -> str:
        return str(FATES[self])


FATES: dict[Fate, StrOrPromise] = {
    Fate.NEW: gettext_lazy("new"),
    Fate.FOUND: gettext_lazy("found in the register, will be added to your project"),
    Fate.THERE: gettext_lazy("already there, stays as it is"),
    Fate.CHANGED: gettext_lazy("already there, gets the new address"),
    Fate.ADDED: gettext_lazy("already there, gets the values that it does not have yet"),
}


@dataclass
class BroughtRow:
    """A row with what it brings. `shown` is what the preview says of it."""

    row: WorkbookRow
    shown: str = field(default="", kw_only=True)
    fate: Fate = field(default=Fate.NEW, kw_only=True)
    notes: list[str] = field(default_factory=list, kw_only=True)

    @property
    def is_new(self) -> bool:
        return self.fate == Fate.NEW


@dataclass(frozen=True)
class IntakeQuestion:
    """What only a person can say of a row, with the answers by what they are called in a form. The
    first is taken where nobody chooses: it doubles and overwrites nothing."""

    key: str
    row: WorkbookRow
    sentence: str
    options: list[tuple[str, str]]


@dataclass
class BroughtInstitution(BroughtRow):
    institution: Institution
    name: InstitutionName
    role: str = Participation.Role.PARTNER
    place: Participation | None = None  # once there is one


@dataclass
class BroughtContact(BroughtRow):
    of: BroughtInstitution
    contact: Contact
    represents: bool = True
    new_address: str = ""  # of a person whom the portal knows under another one


@dataclass
class BroughtSeat(BroughtRow):
    of: BroughtInstitution
    seat: Seat
    holder: BroughtContact | None = None
    alternate: BroughtContact | None = None
    since: date | None = None


@dataclass
class BroughtMeeting(BroughtRow):
    meeting: Meeting
    # Who attended: a seat, or an institution as a guest.
    present: "list[tuple[Seat | None, BroughtInstitution]]" = field(default_factory=list)


@dataclass
class BroughtDecision(BroughtRow):
    of: BroughtMeeting
    item: AgendaItem
    resolution: Resolution
    own_number: str = ""
    addressee: BroughtInstitution | None = None


@dataclass
class BroughtResult(BroughtRow):
    result: Result
    parent: "BroughtResult | None" = None


@dataclass
class BroughtIndicator(BroughtRow):
    of: BroughtResult
    indicator: Indicator
    responsible: BroughtInstitution | None = None
    points: list[DataPoint] = field(default_factory=list)


@dataclass
class BroughtLine(BroughtRow):
    category: BudgetCategory
    line: BudgetLine
    result: BroughtResult | None = None


@dataclass
class Draft:
    """All that a workbook would bring. `last`: the key of the import before, so that of two people
    who import at once, the second one has to look again. `file`: the hash of the workbook."""

    project: Project
    user: User
    columns: dict[str, list[WorkbookColumn]]
    rows: dict[str, list[WorkbookRow]]
    periods: list[Period] = field(default_factory=list)
    last: int = 0
    file: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    asked: str = ""  # the fingerprint before it was answered
    questions: list[IntakeQuestion] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)  # how what was pasted was read
    committee: Committee | None = None
    # Names of people whose row cannot be taken: a seat that names them is not to blame.
    unplaced: set[str] = field(default_factory=set)
    institutions: list[BroughtInstitution] = field(default_factory=list)
    contacts: list[BroughtContact] = field(default_factory=list)
    seats: list[BroughtSeat] = field(default_factory=list)
    meetings: list[BroughtMeeting] = field(default_factory=list)
    decisions: list[BroughtDecision] = field(default_factory=list)
    results: list[BroughtResult] = field(default_factory=list)
    indicators: list[BroughtIndicator] = field(default_factory=list)
    budget: list[BroughtLine] = field(default_factory=list)

    def things(self, key: str) -> list[Any]:
        """Return what the sheet brings."""
        found: list[Any] = getattr(self, key)
        return [each for each in found if each.row.number]

    def ask(self, row: WorkbookRow, sheet: str, sentence: str, *options: tuple[str, str]) -> str:
        """Ask about a row, and return what was answered, or else the first option."""
        question = IntakeQuestion(f"{sheet}-{row.number}", row, sentence, list(options))
        self.questions.append(question)
        answer = self.answers.get(question.key, "")
        return answer if answer in dict(options) else options[0][0]

    @property
    def problems(self) -> list["ProblemsOfSheet"]:
        found = []
        for sheet in SHEETS:
            labels = {one.name: one.label for one in self.columns[sheet.key]}
            told = [
                (row.number, labels.get(name, ""), sentence)
                for row in self.rows.get(sheet.key, [])
                for name, sentence in row.marks.items()
            ]
            if told:
                found.append(ProblemsOfSheet(str(sheet.name), told))
        return found

    @property
    def parts(self) -> list["PartOfDraft"]:
        parts = [
            PartOfDraft(sheet.key, str(sheet.name), self.things(sheet.key), self.columns[sheet.key])
            for sheet in SHEETS
        ]
        return [part for part in parts if part.things]

    @property
    def counts(self) -> dict[str, int]:
        """Return how many rows of each sheet are to be written."""
        return {part.key: part.number for part in self.parts if part.number}

    @property
    def founds_committee(self) -> bool:
        """Whether the rows need a committee that the project does not have yet."""
        return self.committee is not None and self.committee.pk is None

    @property
    def years_to_open(self) -> list[Period]:
        """Return the years of a project without periods, if a value or an amount needs one."""
        used = [point.period for each in self.indicators for point in each.points]
        used += [each.line.period for each in self.budget]
        is_needed = any(period is not None and period.pk is None for period in used)
        return self.periods if is_needed else []

    @property
    def fingerprint(self) -> str:
        """Return a hash of what is confirmed, which answers leave as it is. Another project may
        enter an institution meanwhile: then this one gets the same as well, as if the portal had
        known it before. If there is something to ask of it, it is another hash."""
        if self.asked:
            return self.asked
        told = [
            (part.key, thing.row.number, _told(part.key, thing.fate))
            for part in self.parts
            for thing in part.things
        ]
        told += [(one.key, one.row.number, str(one.options)) for one in self.questions]
        told += [("years", year.number, f"{year.start}/{year.end}") for year in self.years_to_open]
        return fingerprint([self.file, self.last, *told])


def _words(cell: CellValue) -> str:
    if isinstance(cell, date):
        return day(cell)
    return text_of(cell) or "–"


def _told(key: str, fate: Fate) -> str:
    return "brought" if key == "institutions" and fate != Fate.THERE else fate.value


@dataclass(frozen=True)
class ProblemsOfSheet:
    name: str
    problems: list[tuple[int, str, str]]


@dataclass(frozen=True)
class PartOfDraft:
    """What one sheet brings."""

    key: str
    name: str
    things: list[BroughtRow]
    columns: list[WorkbookColumn]

    @property
    def lines(self) -> list[tuple[BroughtRow, list[tuple[str, str]]]]:
        """Return each row with what was read of it, by the labels of the columns: of those in which
        any row says something, and of addresses, which are missed when they are not there."""
        shown = [
            one
            for one in self.columns
            if one.name == "email"
            or any(text_of(thing.row.cells.get(one.name)) for thing in self.things)
        ]
        return [
            (thing, [(one.label, _words(thing.row.cells.get(one.name))) for one in shown])
            for thing in self.things
        ]

    @property
    def number(self) -> int:
        return sum(thing.fate != Fate.THERE for thing in self.things)

    @property
    def stay(self) -> int:
        return len(self.things) - self.number
