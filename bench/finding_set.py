"""The texts and names by which `bench/finding.py` measures how well the search finds.

They are in `bench/finding/`: texts as the portal holds them, each in one language, with what somebody
who looks for it types; and names with one typing error. A third of each direction is held back from
whoever improves the search (`part`). Each text becomes a real record among those of the demonstration,
so the others are its neighbours.
"""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Hashable, Iterable
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from accounts.models import User
from committees.models import (
    Action,
    ActionPlan,
    ActionTerms,
    AgendaItem,
    Committee,
    Meeting,
    Remark,
    Resolution,
)
from kernel.text import LANGUAGES
from partners.models import Contact, Institution, InstitutionName
from projects.models import (
    Assignment,
    DataPoint,
    Indicator,
    Participation,
    Period,
    Project,
    Representation,
    Result,
    Risk,
)
from reports.models import Report, ReportPreset, Section, SectionKind
from reports.presets import DEFAULT

FOLDER = Path(__file__).with_name("finding")
TUNE, HELD = "tune", "held"
HELD_BACK = 3  # one of so many
BETWEEN = " :: "  # a title and its text
CODE = "FINDING"
FIRST, LAST = date(2026, 4, 1), date(2027, 3, 31)


class TextCase(NamedTuple):
    part: str
    kind: str
    text_language: str
    text: str
    query_language: str
    query: str

    @property
    def direction(self) -> tuple[str, str]:
        return self.query_language, self.text_language


class NameCase(NamedTuple):
    part: str
    kind: str
    language: str
    name: str
    error: str
    query: str


class IndexPlace(NamedTuple):
    """Where the index has a record."""

    kind: str
    thing: int
    part: int = 0


def texts() -> list[TextCase]:
    return [TextCase(**row) for row in _rows("texts")]


def names() -> list[NameCase]:
    return [NameCase(**row) for row in _rows("names")]


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def held_back(cases: Iterable[tuple[Hashable, str]]) -> set[str]:
    """Return the texts that are held back: of each group the third with the lowest hash, so that
    nobody chose them."""
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for group, text in cases:
        groups[group].append(text)
    held: set[str] = set()
    for listed in groups.values():
        listed.sort(key=lambda text: hashlib.sha256(text.encode()).hexdigest())
        held |= set(listed[: -(-len(listed) // HELD_BACK)])
    return held


class Records:
    """Writes the cases as records of a project that the reader coordinates."""

    def __init__(self, reader: User) -> None:
        self.reader = reader
        self.number = 0
        self.makers = {
            "decision": self._resolution,
            "recommendation": self._resolution,
            "action": self._action,
            "risk": self._risk,
            "note": self._note,
            "section": self._section,
            "value": self._value,
            "remark": self._remark,
            "institution": self._institution,
            "person": self._person,
            "project": self._project,
        }

    def write(self, kind: str, language: str, text: str) -> IndexPlace:
        self.number += 1
        return self.makers[kind](kind, language, text)

    @cached_property
    def project(self) -> Project:
        return self._new_project(CODE, "")

    @cached_property
    def period(self) -> Period:
        return Period.objects.create(project=self.project, number=1, start=FIRST, end=LAST)

    @cached_property
    def committee(self) -> Committee:
        return Committee.objects.create(project=self.project, status=Committee.Status.ACTIVE)

    @cached_property
    def meeting(self) -> Meeting:
        return Meeting.objects.create(
            committee=self.committee,
            number=1,
            mode=Meeting.Mode.ONLINE,
            starts_at=datetime(2026, 9, 10, 15, tzinfo=UTC),
            ends_at=datetime(2026, 9, 10, 17, tzinfo=UTC),
            status=Meeting.Status.HELD,
        )

    @cached_property
    def item(self) -> AgendaItem:
        """The item on which everything is resolved."""
        return AgendaItem.objects.create(
            meeting=self.meeting,
            purpose=AgendaItem.Purpose.DECIDE,
            status=AgendaItem.Status.DISCUSSED,
        )

    @cached_property
    def plan(self) -> ActionPlan:
        return ActionPlan.objects.create(project=self.project, period=self.period)

    @cached_property
    def report(self) -> Report:
        return Report.objects.create(
            project=self.project,
            period=self.period,
            preset=ReportPreset.objects.get(key=DEFAULT),
            written_by=self.reader,
        )

    @cached_property
    def partner(self) -> Institution:
        return self._participant(dict.fromkeys(LANGUAGES, "Partner 01"))

    def _new_project(self, code: str, title: str, language: str = "en") -> Project:
        project = Project.objects.create(
            code=code,
            starts_on=FIRST,
            original_end=LAST,
            current_end=LAST,
            **_in(language, "short_title", title),
            **_in(language, "title", title),
        )
        coordinator = Assignment.Role.COORDINATOR
        Assignment.objects.create(project=project, user=self.reader, role=coordinator)
        return project

    def _participant(self, name: dict[str, str]) -> Institution:
        institution = Institution.objects.create(kind=next(iter(Institution.Kind)))
        columns = {f"name_{language}": text for language, text in name.items()}
        InstitutionName.objects.create(institution=institution, **columns)
        Participation.objects.create(
            project=self.project, institution=institution, role=Participation.Role.PARTNER
        )
        return institution

    def _result(self) -> Result:
        """A result that says nothing, for one text about it."""
        return Result.objects.create(
            project=self.project, level=Result.Level.ULTIMATE, code=f"F{self.number}"
        )

    def _resolution(self, kind: str, language: str, text: str) -> IndexPlace:
        is_decision = kind == "decision"
        made = Resolution.objects.create(
            committee=self.committee,
            meeting=self.meeting,
            agenda_item=self.item,
            number=f"2026-{'' if is_decision else 'R'}{self.number}",
            kind=Resolution.Kind.DECISION if is_decision else Resolution.Kind.RECOMMENDATION,
            status=Resolution.Status.ADOPTED if is_decision else Resolution.Status.ISSUED,
            rule=Resolution.Rule.CONSENSUS if is_decision else "",
            resolved_on=self.meeting.starts_at.date(),
            **_in(language, "text", text),
        )
        return IndexPlace("resolution", made.pk)

    def _action(self, kind: str, language: str, text: str) -> IndexPlace:
        title, _sign, deliverable = text.partition(BETWEEN)
        action = Action.objects.create(project=self.project, reference=f"9.{self.number}")
        made = ActionTerms.objects.create(
            plan=self.plan,
            action=action,
            starts_on=FIRST,
            ends_on=LAST,
            responsible=self.partner,
            **_in(language, "title", title),
            **_in(language, "deliverable", deliverable),
        )
        return IndexPlace("action", made.pk)

    def _risk(self, kind: str, language: str, text: str) -> IndexPlace:
        definition, _sign, response = text.partition(BETWEEN)
        made = Risk.objects.create(
            project=self.project,
            number=self.number,
            kind=Risk.Kind.CAPACITY,
            owner_role=Assignment.Role.COORDINATOR,
            identified_on=FIRST,
            **_in(language, "definition", definition),
            **_in(language, "response", response),
        )
        return IndexPlace("risk", made.pk)

    def _note(self, kind: str, language: str, text: str) -> IndexPlace:
        title, _sign, notes = text.partition(BETWEEN)
        made = AgendaItem.objects.create(
            meeting=self.meeting,
            position=self.number,
            notes=notes,
            notes_language=language,
            **_in(language, "title", title),
        )
        return IndexPlace("item", made.pk)

    def _section(self, kind: str, language: str, text: str) -> IndexPlace:
        made = Section.objects.create(
            report=self.report,
            kind=SectionKind.PROGRESS,
            result=self._result(),
            language=language,
            text=text,
            updated_by=self.reader,
        )
        return IndexPlace("section", self.report.pk, made.pk)

    def _value(self, kind: str, language: str, text: str) -> IndexPlace:
        indicator = Indicator.objects.create(
            result=self._result(), code=f"F{self.number}.1", measure=Indicator.Measure.UNIT
        )
        made = DataPoint.objects.create(
            indicator=indicator,
            kind=DataPoint.Kind.ACTUAL,
            period=self.period,
            numerator=self.number,
            comment=text,
        )
        return IndexPlace("value", made.pk)

    def _remark(self, kind: str, language: str, text: str) -> IndexPlace:
        made = Remark.objects.create(
            plan=self.plan, institution=self.partner, text=text, by=self.reader
        )
        return IndexPlace("remark", made.pk)

    def _institution(self, kind: str, language: str, text: str) -> IndexPlace:
        made = self._participant({language: text})
        return IndexPlace("institution", made.pk)

    def _person(self, kind: str, language: str, text: str) -> IndexPlace:
        made = Contact.objects.create(institution=self.partner, full_name=text, language=language)
        Representation.objects.create(
            contact=made,
            participation=Participation.objects.get(institution=self.partner),
            reason="Measured",
        )
        return IndexPlace("person", made.pk)

    def _project(self, kind: str, language: str, text: str) -> IndexPlace:
        made = self._new_project(f"{CODE}-{self.number}", text, language)
        return IndexPlace("project", made.pk)


def _in(language: str, name: str, text: str) -> dict[str, Any]:
    return {f"{name}_{language}": text}
