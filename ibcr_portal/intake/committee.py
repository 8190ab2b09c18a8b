"""Reads the seats, past meetings and decisions that a project brings."""

from collections import Counter, defaultdict
from datetime import date, time, timedelta

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from committees.models import AgendaItem, Committee, Meeting, Resolution, Seat
from committees.models.clocks import wall_clock
from committees.permissions.roles import people_known_in
from ibcr_portal.intake.attendance import AttendanceReader
from ibcr_portal.intake.cells import Cells, day_of
from ibcr_portal.intake.draft import (
    BroughtContact,
    BroughtDecision,
    BroughtInstitution,
    BroughtMeeting,
    BroughtSeat,
    Draft,
    Fate,
)
from ibcr_portal.intake.partners import InstitutionBook
from kernel.formats import day as day_in_words
from kernel.languages import LANGUAGES, writing_order
from kernel.names import plain
from kernel.three_way import CellProblem
from kernel.workbooks import WorkbookRow
from projects.models import Project

BEGINS, ENDS = time(9), time(12)  # of a meeting whose hours nobody knows any more
NEEDED_BY = ("seats", "meetings", "decisions")
TEXTS = tuple(f"text_{language}" for language in LANGUAGES)


def committee_of(draft: Draft) -> Committee | None:
    """Return the committee of the project; one to be founded if it has none and the rows need it."""
    known = Committee.objects.filter(project=draft.project).first()
    if known or not any(draft.rows.get(key) for key in NEEDED_BY):
        return known
    return new_committee(draft.project)


def new_committee(project: Project) -> Committee:
    names = {}
    for language in project.languages:
        with translation.override(language):
            names[f"name_{language}"] = _("Steering committee")
    return Committee(project_id=project.pk, **names)


def _same_text(one: object, other: object, name: str) -> bool:
    """Whether two rows say the same in any language, or nothing in all."""
    fields = [f"{name}_{language}" for language in LANGUAGES]
    mine = {plain(text) for field in fields if (text := getattr(one, field))}
    its = {plain(text) for field in fields if (text := getattr(other, field))}
    return bool(mine & its) or not (mine or its)


# --- Seats ---


class SeatReader:
    def __init__(self, draft: Draft, book: InstitutionBook) -> None:
        self.draft, self.book = draft, book
        committee = draft.committee
        there = list(committee.seats.on(draft.project.today)) if committee and committee.pk else []
        self.there = there
        self.used: Counter[int] = Counter()
        self.chair = next((seat for seat in there if seat.office == Seat.Office.CHAIR), None)
        self.people: dict[str, list[BroughtContact]] = defaultdict(list)
        for entry in draft.contacts:
            self.people[plain(entry.contact.full_name)].append(entry)
        self._add_known()
        for row in draft.rows.get("seats", []):
            self._read(Cells(row))

    def _add_known(self) -> None:
        by_key = {each.institution.pk: each for names in self.book.named.values() for each in names}
        listed = {entry.contact.pk for entry in self.draft.contacts if entry.contact.pk}
        for contact in people_known_in(self.draft.project):
            of = by_key.get(contact.institution_id)
            if of and contact.pk not in listed:
                row = WorkbookRow("", {})
                entry = BroughtContact(row, of, contact, represents=False, fate=Fate.THERE)
                self.people[plain(contact.full_name)].append(entry)

    def _read(self, cells: Cells) -> None:
        cells.need("institution", _("A seat belongs to an institution: write which one."))
        of = self.book.of(cells)
        seat = Seat(
            is_voting=cells.yes("is_voting", default=True),
            office=cells.choice("office", lambda: Seat.Office.choices) or "",
            position=len(self.there) + len(self.draft.seats) + 1,
            **cells.texts("label"),
        )
        cells.check(seat, [f"label_{language}" for language in LANGUAGES])
        since = cells.day("since")
        holder = self._person(cells, "holder", of)
        alternate = self._person(cells, "alternate", of)
        if holder and holder is alternate:
            cells.mark(
                "alternate", _("The same person already holds the seat: name somebody else.")
            )
        if of is None:
            return
        entry = BroughtSeat(cells.row, of, seat, holder, alternate)
        entry.since = since or min(self.draft.project.starts_on, self.draft.project.today)
        words = [seat.label or str(of.name), holder.contact.full_name if holder else ""]
        entry.shown = " · ".join(word for word in words if word)
        if known := self._known(of, seat):
            entry.seat, entry.fate = known, Fate.THERE
        else:
            self._take_chair(cells, seat, entry.shown)
        self.draft.seats.append(entry)

    def _known(self, of: BroughtInstitution, seat: Seat) -> Seat | None:
        """Return the seat that the committee has already: each for one row only, since an
        institution may have two alike."""
        for known in self.there:
            alike = known.institution_id == of.institution.pk and _same_text(known, seat, "label")
            if alike and not self.used[known.pk]:
                self.used[known.pk] += 1
                return known
        return None

    def _take_chair(self, cells: Cells, seat: Seat, shown: str) -> None:
        if seat.office != Seat.Office.CHAIR:
            return
        if self.chair is not None:
            cells.mark("office", _("The committee already has a chair: keep only one."))
        self.chair = seat

    def _person(
        self, cells: Cells, column: str, of: BroughtInstitution | None
    ) -> BroughtContact | None:
        if not (text := cells.text(column)):
            return None
        found = self.people.get(plain(text), [])
        if own := [each for each in found if each.of is of]:
            found = own
        if len(found) == 1:
            return found[0]
        if not found and plain(text) in self.draft.unplaced:
            return None
        sentence = (
            _("Several people have this name: give each of them a distinct name.")
            if found
            else _("Nobody with this name is in the sheet “Contacts”: add the person there.")
        )
        cells.mark(column, sentence)
        return None


# --- Meetings ---


class MeetingReader:
    """Reads past meetings and finds those that the committee has."""

    def __init__(self, draft: Draft, attendance: AttendanceReader) -> None:
        self.draft, self.attendance = draft, attendance
        committee = draft.committee
        self.there = list(committee.meetings.all()) if committee and committee.pk else []
        self.numbers = {meeting.number: 0 for meeting in self.there}
        self.failed: set[str] = set()  # numbers and days of rows that cannot be taken
        for row in draft.rows.get("meetings", []):
            self._read(Cells(row))
        self._number()

    def _read(self, cells: Cells) -> None:
        cells.need("day", _("Write the date of the meeting."))
        number, day = cells.whole("number"), cells.day("day")
        meeting = Meeting(
            number=number or 0,
            kind=cells.choice("kind", lambda: Meeting.Kind.choices) or Meeting.Kind.ORDINARY,
            mode=cells.choice("mode", lambda: Meeting.Mode.choices) or Meeting.Mode.IN_PERSON,
            place=cells.text("place"),
            headcount=cells.whole("headcount"),
            quorum_is_stated=False,
        )
        cells.check(meeting, ("place",))
        starts, ends = cells.clock("starts"), cells.clock("ends")
        if day is None:
            self._fail(cells)
            return
        try:
            self._set_time(cells, meeting, day, starts, ends)
        except ValidationError as error:  # an hour that the clocks left out
            cells.refuse(error, {NON_FIELD_ERRORS: "starts"})
            self._fail(cells)
            return
        entry = BroughtMeeting(cells.row, meeting, self.attendance.read(cells, meeting))
        if known := self._known(number, day):
            entry.meeting, entry.fate = known, Fate.THERE
        elif number in self.numbers:
            cells.mark("number", _("This number is already taken: write another one."))
        elif number:
            self.numbers[number] = cells.row.number
        self.draft.meetings.append(entry)

    def _fail(self, cells: Cells) -> None:
        """Remember the row, so that decisions that name it are not blamed."""
        self.failed |= {cells.text(name) for name in ("number", "day")} - {""}

    def _set_time(
        self, cells: Cells, meeting: Meeting, day: date, starts: time | None, ends: time | None
    ) -> None:
        zone = meeting.zone
        meeting.time_is_known = starts is not None
        meeting.starts_at = wall_clock(day, starts or BEGINS, zone)
        usual = ENDS if starts is None else None
        last = ends or usual
        meeting.ends_at = (
            wall_clock(day, last, zone) if last else meeting.starts_at + timedelta(hours=2)
        )
        if meeting.ends_at <= meeting.starts_at:
            cells.mark("ends", _("The meeting ends before it starts."))
        if not meeting.is_past and not self._known_day(day):
            cells.mark(
                "day",
                _(
                    "This meeting is still to come: convene it. Only a past meeting is "
                    "recorded afterwards."
                ),
            )

    def _known_day(self, day: date) -> bool:
        return any(meeting.day == day for meeting in self.there)

    def _known(self, number: int | None, day: date) -> Meeting | None:
        same_day = [meeting for meeting in self.there if meeting.day == day]
        if number:
            same_day = [meeting for meeting in same_day if meeting.number == number]
        return same_day[0] if same_day else None

    def _number(self) -> None:
        """Number those without a number in the order of their days."""
        unnumbered = [each for each in self.draft.meetings if not each.meeting.number]
        number = 1
        for entry in sorted(unnumbered, key=lambda each: each.meeting.starts_at):
            while number in self.numbers:
                number += 1
            entry.meeting.number = number
            self.numbers[number] = entry.row.number
        for entry in self.draft.meetings:
            entry.shown = f"{entry.meeting} · {day_in_words(entry.meeting.day)}"

    # What decisions say

    def of(self, cells: Cells) -> BroughtMeeting | None:
        """Return the meeting that the cell names by its number or its date, or mark it."""
        cell = cells.row.cells.get("meeting")
        if cells.is_empty("meeting"):
            cells.mark("meeting", _("Say at which meeting it was taken: its number or its date."))
            return None
        text = cells.text("meeting")
        listed = [
            *self.draft.meetings,
            *(BroughtMeeting(WorkbookRow("", {}), one, shown=str(one)) for one in self.there),
        ]
        if text in self.failed:
            return None
        if text.isdecimal():
            found = [each for each in listed if str(each.meeting.number) == text]
        else:
            try:
                day = day_of(cell)
            except CellProblem as problem:
                cells.mark("meeting", str(problem))
                return None
            found = [each for each in listed if each.meeting.day == day]
        found = list({each.meeting.number: each for each in reversed(found)}.values())
        if len(found) == 1:
            return found[0]
        sentence = (
            _("Two meetings took place that day: write the number.")
            if found
            else _("There is no such meeting: add it to the sheet “Past meetings”.")
        )
        cells.mark("meeting", sentence)
        return None


# --- Decisions ---


class DecisionReader:
    def __init__(self, draft: Draft, book: InstitutionBook, meetings: MeetingReader) -> None:
        self.draft, self.book, self.meetings = draft, book, meetings
        committee = draft.committee
        there = committee.resolutions.all() if committee and committee.pk else ()
        self.there = list(there)
        self.numbers: dict[str, int] = {}
        self.items: dict[tuple[int, str], AgendaItem] = {}
        for row in draft.rows.get("decisions", []):
            self._read(Cells(row))

    def _read(self, cells: Cells) -> None:
        cells.need_text("text", _("Write what was decided, in at least one language."))
        decision = self._resolution(cells)
        addressee = self.book.of(cells, "addressee")
        title = cells.text("item")
        if (of := self.meetings.of(cells)) is None:
            return
        self._refuse_closed(cells, of)
        item = self._item(cells, of, title, decision)
        entry = BroughtDecision(cells.row, of, item, decision, decision.number, addressee)
        entry.shown = f"{of.shown}: {Truncator(decision.text).chars(120)}"
        self._find(cells, entry)
        self.draft.decisions.append(entry)

    def _resolution(self, cells: Cells) -> Resolution:
        kind = cells.choice("kind", lambda: Resolution.Kind.choices) or Resolution.Kind.DECISION
        decision = Resolution(
            kind=kind,
            number=cells.text("number"),
            due_on=cells.day("due_on"),
            votes_for=cells.whole("votes_for"),
            votes_against=cells.whole("votes_against"),
            abstentions=cells.whole("abstentions"),
            **cells.texts("text"),
        )
        cells.check(decision, (*TEXTS, "number") if decision.number else TEXTS)
        decision.status = _state(decision.is_decision, cells.yes("is_done", default=False))
        rule = cells.choice("rule", lambda: Resolution.Rule.choices)
        if decision.is_decision:
            voted = decision.votes_for is not None
            usual = Resolution.Rule.MAJORITY if voted else Resolution.Rule.CONSENSUS
            decision.rule = rule or usual
            if not decision.votes_carry:
                cells.mark(
                    "votes_for",
                    _(
                        "With these votes the decision is not adopted: check the rule and the votes."
                    ),
                )
        return decision

    def _refuse_closed(self, cells: Cells, of: BroughtMeeting) -> None:
        meeting = of.meeting
        if meeting.pk and not (meeting.is_open_for_records and meeting.states_no_quorum):
            cells.mark(
                "meeting",
                _("This meeting is already in the portal: record the decision on its page."),
            )

    def _find(self, cells: Cells, entry: BroughtDecision) -> None:
        number, meeting = entry.own_number, entry.of.meeting
        for known in self.there:
            alike = known.meeting_id == meeting.pk and _same_text(known, entry.resolution, "text")
            if alike:
                entry.fate = Fate.THERE
                cells.row.marks.pop("meeting", None)
                return
            if number and known.number == number:
                cells.mark("number", _("This number is already taken: write another one."))
        if number in self.numbers and number:
            cells.mark("number", _("This number is already taken: write another one."))
        self.numbers[number] = cells.row.number

    def _item(
        self, cells: Cells, of: BroughtMeeting, title: str, decision: Resolution
    ) -> AgendaItem:
        """Return the agenda item: decisions of one meeting that name the same one share it."""
        key = (of.meeting.number, plain(title) or f"#{cells.row.number}")
        item = self.items.get(key)
        if item is None:
            texts = {
                f"title_{language}": Truncator(getattr(decision, f"text_{language}")).chars(200)
                for language in LANGUAGES
            }
            if title:
                texts = {f"title_{writing_order()[0]}": title}
            item = self.items[key] = AgendaItem(purpose=AgendaItem.Purpose.DISCUSS, **texts)
            cells.check(item, list(texts), dict.fromkeys(texts, "item"))
        if decision.is_decision:
            item.purpose = AgendaItem.Purpose.DECIDE
        return item


def _state(is_decision: bool, is_done: bool) -> str:
    status = Resolution.Status
    if is_decision:
        return status.EXECUTED if is_done else status.ADOPTED
    return status.IMPLEMENTED if is_done else status.ISSUED
