"""Writes what a workbook brings, in one transaction, and notes each row that it makes, so that the
import can be undone as a whole."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from committees.agenda.services.agenda import add_item
from committees.meetings.services.meetings import record_afterwards
from committees.models import Committee, Resolution, SeatTerm
from committees.resolutions.services import next_number
from committees.seats.services.seats import add_seat, add_term
from committees.seats.services.terms import found_committee
from ibcr_portal.intake.attendance import attendances
from ibcr_portal.intake.draft import (
    BroughtContact,
    BroughtDecision,
    BroughtIndicator,
    BroughtInstitution,
    BroughtLine,
    BroughtMeeting,
    BroughtResult,
    BroughtRow,
    BroughtSeat,
    Draft,
    Fate,
)
from ibcr_portal.intake.file import draft_of
from ibcr_portal.intake.sheets import SHEETS
from ibcr_portal.intake.undoing import packed
from ibcr_portal.models import Intake, IntakeUpload
from kernel.formats import day
from kernel.refusal import Refusal
from kernel.text import Multilingual, columns_of as text_columns, translated_names
from partners.models import Contact
from partners.services import enter_contact, lock_register
from projects.framework.services.workbooks import lock_tree
from projects.institutions.services.register import add_institution, record_participation
from projects.institutions.services.representations import grant_representation
from projects.models import DataPoint, Indicator, Participation, Project, Representation


def write_intake(
    upload: IntakeUpload,
    project: Project,
    *,
    seen: str,
    by: User,
    answers: Mapping[str, str] | None = None,
) -> Intake:
    """Write all that was shown or nothing, and delete the file.

    `seen` is the fingerprint of what was shown, `answers` are those to its questions. Raises Refusal
    or ValidationError, with the sheet and the row where one row is refused.
    """
    try:
        return _write(upload, project, seen=seen, by=by, answers=answers)
    except HidingRefusal as hiding:
        # Nothing is written, but administrators are asked, as where somebody types the name.
        add_institution(hiding.entry.institution, hiding.entry.name, project=project, by=by)
        raise


@transaction.atomic
def _write(
    upload: IntakeUpload,
    project: Project,
    *,
    seen: str,
    by: User,
    answers: Mapping[str, str] | None,
) -> Intake:
    held = lock_tree(project)
    lock_register()
    if not IntakeUpload.objects.select_for_update().filter(pk=upload.pk).exists():
        raise Refusal(_("This has already been imported or discarded."))
    draft = draft_of(upload, held, by, answers)
    if draft.problems:
        raise Refusal(_("Some cells cannot be accepted: correct them first."))
    if draft.fingerprint != seen:
        raise Refusal(
            _(
                "Somebody imported or changed something in the meantime: look at it again, "
                "then confirm."
            )
        )
    intake = _Writer(draft, by).written()
    upload.discard()
    return intake


class _Writer:
    """Goes through the sheets in their order and notes each row that it made."""

    def __init__(self, draft: Draft, by: User) -> None:
        self.draft, self.project, self.by = draft, draft.project, by
        self.made: list[models.Model] = []
        self.changed: list[models.Model] = []
        self.points: list[DataPoint] = []
        self.why = _("Imported from a workbook on %(day)s.") % {"day": day(self.project.today)}

    def written(self) -> Intake:
        self._found_committee()
        for year in self.draft.years_to_open:
            self._keep(year)
        steps: dict[str, Callable[[Any], None]] = {
            "institutions": self._institution,
            "contacts": self._contact,
            "seats": self._seat,
            "meetings": self._meeting,
            "decisions": self._decision,
            "results": self._result,
            "indicators": self._indicator,
            "budget": self._line,
        }
        for sheet in SHEETS:
            for thing in self._in_order(sheet.key):
                if thing.fate == Fate.THERE:
                    continue
                try:
                    steps[sheet.key](thing)
                except HidingRefusal:
                    raise
                except (Refusal, ValidationError) as refusal:
                    raise _at(str(sheet.name), thing, refusal) from None
        # Somebody else approves them, as if they had been typed and submitted.
        DataPoint.bring_in(self.points, status=DataPoint.Status.SUBMITTED, by=self.by, why=self.why)
        self.made += self.points
        return Intake.objects.create(
            project=self.project,
            imported_by=self.by,
            counts=self.draft.counts,
            rows=packed(self.made, self.changed),
        )

    def _in_order(self, key: str) -> list[Any]:
        """Return the rows, results from the top down and meetings by their numbers."""
        things = self.draft.things(key)
        if key == "results":
            levels = [level.key for level in self.project.donor_preset.results]
            things.sort(key=lambda each: levels.index(each.result.level))
        if key == "meetings":
            things.sort(key=lambda each: each.meeting.number)
        return things

    def _keep(self, thing: models.Model) -> None:
        """Save a new row with all the checks of its model."""
        if isinstance(thing, Multilingual):
            thing.note_translations(text_columns(*translated_names(type(thing))))
        thing.full_clean()
        thing.save()
        self.made.append(thing)

    # Partners

    def _institution(self, entry: BroughtInstitution) -> None:
        if entry.is_new:
            entry.name.note_translations(text_columns("name"))
            if add_institution(entry.institution, entry.name, by=self.by) is None:
                raise HidingRefusal(entry)
            self.made += [entry.institution, entry.name]
        entry.place = Participation(
            project=self.project, institution=entry.institution, role=entry.role
        )
        self._keep(entry.place)
        record_participation(entry.place, by=self.by, change="institution added")

    def _contact(self, entry: BroughtContact) -> None:
        if entry.fate == Fate.CHANGED:
            self._change_address(entry)
        else:
            entry.contact.institution = entry.of.institution
            entry.contact = enter_contact(contact := entry.contact)
            if entry.contact is contact:
                self.made.append(contact)
        if entry.represents and entry.of.place and not self._represents(entry):
            granted = grant_representation(
                entry.of.place, entry.contact, reason=self.why, by=self.by, invite=False
            )
            self.made.append(granted)

    def _change_address(self, entry: BroughtContact) -> None:
        contact = Contact.objects.select_for_update(no_key=True).get(pk=entry.contact.pk)
        if contact.user_id:  # invited meanwhile: the person signs in with the old one
            raise Refusal(_("This person has an account by now: look at it again, then confirm."))
        contact.email = entry.new_address
        contact.full_clean()
        contact.save(update_fields=["email"])
        entry.contact = contact
        self.changed.append(contact)

    def _represents(self, entry: BroughtContact) -> bool:
        rows = Representation.objects.filter(participation=entry.of.place, contact=entry.contact)
        return rows.open().exists()

    # The committee

    def _found_committee(self) -> None:
        if self.draft.committee and self.draft.founds_committee:
            committee = self.draft.committee
            committee.note_translations(text_columns("name"))
            committee.full_clean(exclude=["project"])
            self.draft.committee = found_committee(committee)
            self.made.append(self.draft.committee)

    @property
    def committee(self) -> Committee:
        assert self.draft.committee is not None  # seats and meetings found one
        return self.draft.committee

    def _seat(self, entry: BroughtSeat) -> None:
        seat = entry.seat
        seat.committee, seat.institution = self.committee, entry.of.institution
        seat.note_translations(text_columns("label"))
        add_seat(seat)
        self.made.append(seat)
        capacities = SeatTerm.Capacity
        for person, capacity in (
            (entry.holder, capacities.HOLDER),
            (entry.alternate, capacities.ALTERNATE),
        ):
            if person:
                assert entry.since is not None
                term = SeatTerm(
                    seat=seat, contact=person.contact, capacity=capacity, since=entry.since
                )
                self.made.append(add_term(term, by=self.by))

    def _meeting(self, entry: BroughtMeeting) -> None:
        meeting = entry.meeting
        meeting.committee = self.committee
        self._keep(meeting)
        record_afterwards(meeting, by=self.by, why=self.why)
        for attendance in attendances(entry):
            self._keep(attendance)

    def _decision(self, entry: BroughtDecision) -> None:
        meeting, decision = entry.of.meeting, entry.resolution
        if entry.item.pk is None:
            self._item(entry)
        decision.committee, decision.meeting = self.committee, meeting
        decision.agenda_item, decision.resolved_on = entry.item, meeting.day
        decision.addressee = entry.addressee.institution if entry.addressee else None
        decision.number = entry.own_number or next_number(
            self.committee, meeting.day.year, decision.kind
        )
        decision.note_translations(text_columns("text"))
        decision.clean()
        decision.validate_constraints()
        Resolution.bring_in([decision], status=decision.status, by=self.by, why=self.why)
        self.made.append(decision)

    def _item(self, entry: BroughtDecision) -> None:
        item, meeting = entry.item, entry.of.meeting
        item.meeting = meeting
        item.note_translations(text_columns("title"))
        self.made.append(add_item(item))
        item.take("discuss", by=self.by, on=meeting.day)

    # Results and money

    def _result(self, entry: BroughtResult) -> None:
        # Assigned anew, since the one above has its key only since it was saved.
        entry.result.parent = entry.parent.result if entry.parent else None
        self._keep(entry.result)

    def _indicator(self, entry: BroughtIndicator) -> None:
        indicator = entry.indicator
        if entry.is_new:
            indicator.result = entry.of.result
            if entry.responsible:
                indicator.responsible = entry.responsible.institution
            self._keep(indicator)
        else:
            Indicator.objects.select_for_update().get(pk=indicator.pk)
        for point in entry.points:
            # Assigned anew, since both have their keys only since they were saved.
            point.indicator, point.period = indicator, point.period
            point.entered_by = self.by
            if entry.is_new or not DataPoint.objects.of_same(point).exists():
                self.points.append(point)

    def _line(self, entry: BroughtLine) -> None:
        if entry.category.pk is None:
            self._keep(entry.category)
        entry.line.category, entry.line.period = entry.category, entry.line.period
        entry.line.result = entry.result.result if entry.result else None
        self._keep(entry.line)


class HidingRefusal(Refusal):
    """A new institution has the name of one that hides from the person who imports."""

    def __init__(self, entry: BroughtInstitution) -> None:
        super().__init__(
            _(
                "“%(name)s” cannot be entered immediately: an administrator will check "
                "it and write to you. For now, leave out row %(row)s of the sheet "
                "“Institutions” and everything that refers to it."
            )
            % {"name": entry.shown, "row": entry.row.number}
        )
        self.entry = entry


def _at(sheet: str, thing: BroughtRow, refusal: Refusal | ValidationError) -> Refusal:
    """Say at which row something was refused."""
    told = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
    sentence = _("Sheet “%(sheet)s”, row %(row)s: %(sentence)s")
    return Refusal(sentence % {"sheet": sheet, "row": thing.row.number, "sentence": " ".join(told)})
