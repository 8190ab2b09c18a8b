"""Attendance in one grid, a row per seat; guests; delegates whom the chair admits."""

from collections.abc import Mapping
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy as _

from committees.forms import OnceForm, day_input, time_input
from committees.meetings.services.attendance import NO_TIMES, AnnouncedAlternate, SeatRow
from committees.models import Attendance, Meeting, Seat, SeatTerm
from committees.models.attendance import Stay
from kernel.form_fields import field_of
from kernel.formats import clock_spans
from kernel.personal import TextForm
from kernel.stamps import Stamped, StampedForm
from partners.models import Contact, Institution

UNNAMED_HOLDER = ""
UNNAMED_ALTERNATE = "alternate"
DELEGATE = "delegate"


class SeatRowForm(forms.Form):
    """One seat: who came for it, how, and when. Only what the writer changed is written.

    The grid asks for the first arrival and departure; the form of one seat (`every_stay`) asks for
    all, and for one more.
    """

    presence = forms.ChoiceField(
        label=_("Presence"),
        choices=[("", _("Not recorded")), *Attendance.Presence.choices],
        required=False,
    )
    person = forms.ChoiceField(label=_("Person"), required=False)
    arrived = forms.TimeField(label=_("Arrived"), required=False, widget=time_input())
    left = forms.TimeField(label=_("Left"), required=False, widget=time_input())
    was = forms.CharField(required=False, widget=forms.HiddenInput)

    CLASSES = {
        "presence": "form-select",
        "person": "form-select",
        "arrived": "form-control",
        "left": "form-control",
    }

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        meeting: Meeting,
        seat: Seat,
        row: Attendance | None,
        announced: AnnouncedAlternate | None = None,
        every_stay: bool = False,
    ) -> None:
        self.meeting, self.seat, self.row, self.announced = meeting, seat, row, announced
        self.recorded = row.stays if row else [NO_TIMES]
        super().__init__(
            data, prefix=f"seat-{seat.pk}", initial=self._initial(), use_required_attribute=False
        )
        field_of(self, "person", forms.ChoiceField).choices = self._people()
        for name, css_class in self.CLASSES.items():
            self.fields[name].widget.attrs["class"] = css_class
        # The names of the fields of each stay, in the order of the stays.
        self.pairs = [("arrived", "left")]
        if every_stay:
            self._ask_for_further_stays()

    def _ask_for_further_stays(self) -> None:
        for number in range(2, len(self.recorded) + 2):
            came, went = f"arrived_{number}", f"left_{number}"
            self.fields[came] = forms.TimeField(
                label=_("Came back"), required=False, widget=time_input()
            )
            self.fields[went] = forms.TimeField(
                label=_("Left again"), required=False, widget=time_input()
            )
            self.pairs.append((came, went))
            if number <= len(self.recorded):
                stay = self.recorded[number - 1]
                self.initial[came] = self._clock(stay.arrived_at)
                self.initial[went] = self._clock(stay.left_at)

    @cached_property
    def terms(self) -> list[SeatTerm]:
        return self.seat.terms_on(self.meeting.day)

    @property
    def summary_label(self) -> str:
        return str(self.seat)

    @property
    def holder(self) -> SeatTerm | None:
        return self.seat.holder_on(self.meeting.day)

    @property
    def further_times(self) -> str:
        """The stays after the first, for which the grid does not ask."""
        return clock_spans(self.recorded[1:], self.meeting.zone)

    @property
    def is_vacant(self) -> bool:
        return not self.terms

    def _initial(self) -> dict[str, Any]:
        row, first = self.row, self.recorded[0]
        if row is None:
            return {"person": self._person_expected(), "was": ""}
        return {
            "presence": row.presence,
            "person": self._person_of(row),
            "arrived": self._clock(first.arrived_at),
            "left": self._clock(first.left_at),
            "was": SeatRow.signature(row),
        }

    def _clock(self, moment: datetime | None) -> time | None:
        return moment.astimezone(self.meeting.zone).time() if moment else None

    def _person_expected(self) -> str:
        """Return the alternate whom the seat announced, or else its holder."""
        if self.announced and self.announced.contact:
            return str(self.announced.contact.pk)
        if self.announced:
            return DELEGATE
        return str(self.holder.contact_id) if self.holder else UNNAMED_HOLDER

    @staticmethod
    def _person_of(row: Attendance) -> str:
        if row.guest_name:
            return DELEGATE
        if row.contact_id:
            return str(row.contact_id)
        return UNNAMED_ALTERNATE if row.by_alternate else UNNAMED_HOLDER

    def _people(self) -> list[tuple[str, str]]:
        """Return the choices of people for a seat: holders and alternates of that day, the person
        recorded before, and the capacity alone for records without names."""
        people = [
            (str(term.contact_id), f"{term.contact} · {term.get_capacity_display()}")
            for term in self.terms
        ]
        row = self.row
        if row and row.guest_name:
            people.insert(0, (DELEGATE, row.guest_name))
        elif self._is_announced_by_function:
            people.insert(0, (DELEGATE, str(self.announced)))
        if row and row.contact_id and str(row.contact_id) not in dict(people):
            people.append((str(row.contact_id), str(row.contact)))
        return [
            *people,
            (UNNAMED_HOLDER, gettext("Principal member, not named")),
            (UNNAMED_ALTERNATE, gettext("Alternate, not named")),
        ]

    @property
    def _is_announced_by_function(self) -> bool:
        return self.announced is not None and self.announced.contact is None

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        there = data.get("presence") in Attendance.THERE
        unnamed = data.get("person") in {UNNAMED_HOLDER, UNNAMED_ALTERNATE}
        if there and unnamed and self.is_vacant and not self.meeting.recorded_afterwards:
            self.add_error(
                "presence",
                _("Nobody holds this seat: enter a term of office, or admit a delegate."),
            )
        data["stays"] = self._stays()
        return data

    def _stays(self) -> tuple[Stay, ...]:
        """Return the stays as typed; those that the form does not ask for stay as recorded."""
        stays = [*self.recorded]
        for index, (came, went) in enumerate(self.pairs):
            known = self.recorded[index] if index < len(self.recorded) else NO_TIMES
            typed = Stay(
                self._moment(came, known.arrived_at),
                self._moment(went, known.left_at),
            )
            if typed.arrived_at and typed.left_at and typed.left_at < typed.arrived_at:
                self.add_error(went, _("Nobody can leave before arriving."))
            stays[index : index + 1] = [typed]
        first, *further = stays
        stays = [first, *(stay for stay in further if stay != NO_TIMES)]
        for before, after in pairwise(stays):
            if not (before.left_at and after.arrived_at and before.left_at <= after.arrived_at):
                self.add_error(
                    self.pairs[-1][0],
                    _("Whoever came back must have left before: check the times one by one."),
                )
                break
        return tuple(stays)

    def _moment(self, name: str, known: datetime | None) -> datetime | None:
        clock: time | None = self.cleaned_data.get(name)
        if clock is None:
            return None
        if known and self._clock(known) == clock:
            return known  # whatever day that was: a meeting may last beyond midnight
        try:
            return self.meeting.at(clock)
        except forms.ValidationError as missing_hour:
            self.add_error(name, missing_hour)
            return None

    @property
    def changed(self) -> bool:
        if not self.data:
            return False
        typed = set(self.changed_data) - {"was"}
        # The person preselected for a seat without a record does not count as an entry.
        return bool(typed) if self.row or self.cleaned_data.get("presence") else False

    def seat_row(self) -> SeatRow:
        data = self.cleaned_data
        person = data["person"]
        terms = {str(term.contact_id): term for term in self.terms}
        return SeatRow(
            seat=self.seat,
            presence=data["presence"],
            contact=self._contact(person, terms),
            by_alternate=self._by_alternate(person, terms),
            is_delegate=person == DELEGATE,
            stays=data["stays"],
            announced=self._announced_as(person),
            was=data["was"],
        )

    def _announced_as(self, person: str) -> str:
        """Return the function of the alternate who was announced, if they came and nobody had
        written so."""
        is_new = not (self.row and self.row.guest_name)
        came = person == DELEGATE and is_new and self._is_announced_by_function
        return str(self.announced) if came else ""

    def _contact(self, person: str, terms: dict[str, SeatTerm]) -> Contact | None:
        if person in terms:
            return terms[person].contact
        if self.row and self.row.contact and str(self.row.contact_id) == person:
            return self.row.contact
        return None

    def _by_alternate(self, person: str, terms: dict[str, SeatTerm]) -> bool:
        if person in terms:
            return terms[person].capacity == SeatTerm.Capacity.ALTERNATE
        if person == UNNAMED_ALTERNATE or self._announced_as(person):
            return True
        return bool(self.row and self.row.by_alternate and person != UNNAMED_HOLDER)


class HeadcountForm(Stamped, forms.Form):
    headcount = forms.IntegerField(
        label=_("Number of people present"),
        required=False,
        min_value=0,
        max_value=10_000,
        help_text=_("As counted; the list of names may be shorter."),
    )


class AttendanceGrid:
    """All seats of the committee on the day of the meeting, and the headcount; `announced` are the
    alternates who were announced."""

    def __init__(
        self, meeting: Meeting, announced: Mapping[int, AnnouncedAlternate], data: Any = None
    ) -> None:
        self.meeting = meeting
        known = {
            row.seat_id: row
            for row in meeting.attendances.exclude(seat=None).select_related("contact")
        }
        seats = meeting.committee.seats.on(meeting.day).with_people()
        self.rows = [
            SeatRowForm(
                data,
                meeting=meeting,
                seat=seat,
                row=known.get(seat.pk),
                announced=announced.get(seat.pk),
            )
            for seat in seats
        ]
        self.head = HeadcountForm(data, initial={"headcount": meeting.headcount})

    def is_valid(self) -> bool:
        valid = [form.is_valid() for form in (self.head, *self.rows)]
        if not all(valid):
            return False
        present = sum(row.cleaned_data["presence"] in Attendance.THERE for row in self.rows)
        present += self.meeting.attendances.filter(seat=None, presence__in=Attendance.THERE).count()
        counted = self.head.cleaned_data["headcount"]
        if counted is not None and counted < present:
            self.head.add_error(
                "headcount",
                _("According to the list, %(present)s are present: the number cannot be smaller.")
                % {"present": present},
            )
            return False
        return True

    @property
    def all_forms(self) -> list[forms.BaseForm]:
        return [self.head, *self.rows]


class AttendanceGuestForm(StampedForm, OnceForm):
    presence = forms.ChoiceField(
        label=_("Presence"),
        choices=[
            (Attendance.Presence.IN_PERSON, Attendance.Presence.IN_PERSON.label),
            (Attendance.Presence.ONLINE, Attendance.Presence.ONLINE.label),
        ],
    )

    class Meta:
        model = Attendance
        fields = ["guest_name", "institution", "presence"]

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        kwargs["instance"] = Attendance(meeting=meeting)
        super().__init__(*args, **kwargs)
        project = meeting.committee.project
        self.fields["guest_name"].required = True
        self.fields["guest_name"].help_text = _("A function rather than a name.")
        field_of(self, "institution", forms.ModelChoiceField).queryset = (
            Institution.objects.filter(participations__project=project).with_names().distinct()
        )
        if meeting.mode != Meeting.Mode.IN_PERSON:
            self.fields["presence"].initial = Attendance.Presence.ONLINE


class DelegateForm(TextForm):
    """Somebody unlisted whom the chair admits for one seat and this meeting alone."""

    seat = forms.ModelChoiceField(label=_("Seat"), queryset=Seat.objects.none())
    name = forms.CharField(label=_("Delegate: name or function"), max_length=200)
    presence = AttendanceGuestForm.base_fields["presence"]
    accreditation_due = forms.DateField(
        label=_("Accreditation due"),
        widget=day_input(),
        help_text=_("The day by which the institution confirms the delegate in writing."),
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        field_of(self, "seat", forms.ModelChoiceField).queryset = meeting.committee.seats.on(
            meeting.day
        ).with_people()

    def clean_accreditation_due(self) -> date:
        due: date = self.cleaned_data["accreditation_due"]
        if due < self.meeting.day:
            raise forms.ValidationError(_("Choose the day of the meeting or a later one."))
        return due
