"""The participants file of a video call: its upload, the order of its dates, and one choice for
each person."""

from datetime import date, datetime, timedelta
from typing import Any, BinaryIO, TypeAlias, cast
from zoneinfo import ZoneInfo

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import cached_property, lazy
from django.utils.translation import gettext as _, gettext_lazy

from committees.forms import day_input
from committees.meetings.participants_file import (
    MAX_BYTES,
    read_participants,
)
from committees.meetings.participants_words import moment_of
from committees.meetings.services.attendance import SeatRow
from committees.meetings.services.attendance_import import ConfirmedParticipant, reading_of
from committees.meetings.services.call_people import (
    DROP,
    GUEST,
    CommitteePeople,
    RecognisedPerson,
    at_moments,
    recognised,
)
from committees.meetings.services.call_seats import AdmittedSeat, AnnouncedSeat, HeldSeat, Place
from committees.models import Meeting, ParticipantsUpload
from kernel.antivirus import refuse_infected
from kernel.days import ORDERS
from kernel.files import MAX_NAME
from kernel.form_fields import field_of
from kernel.formats import day, file_size
from kernel.refusal import Refusal

EXTENSIONS = ("csv", "tsv", "txt")


class ParticipantsUploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Participants file"),
        max_length=MAX_NAME,
        widget=forms.FileInput(attrs={"accept": ",".join(f".{each}" for each in EXTENSIONS)}),
        help_text=lazy(
            lambda: (
                _("CSV as exported by Zoom, Teams or Meet, at most %(limit)s.")
                % {"limit": file_size(MAX_BYTES)}
            ),
            str,
        )(),
    )

    def clean_file(self) -> UploadedFile:
        uploaded: UploadedFile = self.cleaned_data["file"]
        try:
            read_participants(uploaded)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from None
        if (uploaded.name or "").rpartition(".")[2].lower() not in EXTENSIONS:
            raise forms.ValidationError(
                _("The name of this file does not end in “.csv”; export the list as CSV.")
            )
        # Last, since the scanner takes longest.
        refuse_infected(cast("BinaryIO", uploaded))
        return uploaded


class DateOrderForm(forms.Form):
    """Which day a date of the file is; proposed is the one of the meeting, if it is there."""

    date_order = forms.ChoiceField(label=gettext_lazy("Which day is it?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, example: str, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = {order: day_in(example, order) for order in ORDERS}
        field = field_of(self, "date_order", forms.ChoiceField)
        field.choices = [(order, day(each)) for order, each in days.items()]
        field.initial = next((order for order in ORDERS if days[order] == meeting.day), None)


def day_in(example: str, order: str) -> date:
    """Return the day that an ambiguous date of the file means if it is written in this order."""
    moment = moment_of(example)
    at = moment.at(order) if moment else None
    assert at is not None  # the example is a date that can be read in both orders
    return at.date()


# A value with its label, or the label of a group with its choices.
Choice: TypeAlias = tuple[str, str] | tuple[str, list[tuple[str, str]]]


def label_of(place: Place) -> str:
    institution = place.seat.institution.short_name
    if isinstance(place, HeldSeat):
        return f"{institution} · {place.term.contact} · {place.term.get_capacity_display()}"
    if isinstance(place, AnnouncedSeat):
        return _("%(institution)s · delegate of the institution (%(function)s)") % {
            "institution": institution,
            "function": place.announced,
        }
    return str(place.seat)


class PersonForm(forms.Form):
    """One person of the file, and what becomes of them."""

    choice = forms.ChoiceField(
        label=gettext_lazy("Record as"), widget=forms.Select(attrs={"class": "form-select"})
    )

    def __init__(
        self, data: Any, *, found: RecognisedPerson, choices: list[Choice], number: int
    ) -> None:
        self.found = found
        super().__init__(data, prefix=f"person-{number}", use_required_attribute=False)
        if found.suggested:
            likely = [(place.value, label_of(place)) for place in found.suggested]
            choices = [(_("Perhaps"), likely), *choices]
        field_of(self, "choice", forms.ChoiceField).choices = choices
        self.fields["choice"].initial = found.choice
        self.fields["choice"].widget.attrs["aria-describedby"] = f"{self.prefix}-name"


class SeenParticipantsForm(forms.Form):
    """The file that was looked at, and what was recorded of each seat then."""

    sha256 = forms.CharField(widget=forms.HiddenInput)
    accreditation_due = forms.DateField(
        label=gettext_lazy("Accreditation due"),
        required=False,
        widget=day_input(),
        help_text=gettext_lazy(
            "Only for delegates who are on no list: the day by which the institution confirms them "
            "in writing."
        ),
    )

    def __init__(
        self, data: Any, *, meeting: Meeting, upload: ParticipantsUpload, people: CommitteePeople
    ) -> None:
        super().__init__(data, initial={"sha256": upload.sha256})
        self.meeting, self.people = meeting, people
        for seat in people.seats:
            self.fields[f"was-{seat.pk}"] = forms.CharField(
                required=False,
                widget=forms.HiddenInput,
                initial=SeatRow.signature(people.rows.get(seat.pk)),
            )

    def clean_accreditation_due(self) -> date | None:
        due: date | None = self.cleaned_data["accreditation_due"]
        if due and due < self.meeting.day:
            raise forms.ValidationError(_("Choose the day of the meeting or a later one."))
        return due

    @property
    def was(self) -> dict[int, str]:
        return {seat.pk: self.cleaned_data[f"was-{seat.pk}"] for seat in self.people.seats}


class CallGrid:
    """The people of the participants file, doubtful ones first, each with the proposed seat.

    `zone` is the time zone of the clocks in the file: programs write the clock of the account or of
    the computer that exported it, without naming its zone.
    """

    # Somebody arrives within an hour of the start, or the clocks are of another zone.
    SOON = timedelta(hours=1)

    def __init__(
        self, meeting: Meeting, upload: ParticipantsUpload, zone: ZoneInfo, data: Any = None
    ) -> None:
        self.meeting, self.zone = meeting, zone
        self.reading = reading_of(upload)
        self.people = CommitteePeople(meeting)
        self.head = SeenParticipantsForm(data, meeting=meeting, upload=upload, people=self.people)
        self.places: dict[str, Place] = {
            place.value: place
            for places in (self.people.places, self.people.announced, self.people.admitted)
            for place in places
        }
        people = at_moments(meeting, self.reading, zone)
        numbers = {id(person): number for number, person in enumerate(people)}
        self.rows = [
            PersonForm(data, found=found, choices=self._choices, number=numbers[id(found.person)])
            for found in recognised(people, self.people)
        ]
        self.arrivals = sorted(person.joined for person in people if person.joined)

    @cached_property
    def _choices(self) -> list[Choice]:
        listed: list[Place] = [*self.people.places, *self.people.announced]
        admitted = [(place.value, label_of(place)) for place in self.people.admitted]
        choices: list[Choice] = [(GUEST, _("Guest")), (DROP, _("Leave out"))]
        choices += [(place.value, label_of(place)) for place in listed]
        if admitted:
            choices.append((_("Delegate admitted by the chair"), admitted))
        return choices

    @property
    def other_day(self) -> date | None:
        """The day of the file, where it is not that of the meeting."""
        days = [arrival.astimezone(self.meeting.zone).date() for arrival in self.arrivals]
        return days[0] if days and self.meeting.day not in days else None

    @property
    def other_hour(self) -> datetime | None:
        """The first arrival, where it is far from the start of the meeting."""
        if not self.arrivals or self.other_day or not self.meeting.time_is_known:
            return None
        return (
            self.arrivals[0] if abs(self.arrivals[0] - self.meeting.starts_at) > self.SOON else None
        )

    @property
    def has_open_clocks(self) -> bool:
        return bool(self.arrivals) and not self.reading.is_utc

    @property
    def doubtful(self) -> list[PersonForm]:
        return [row for row in self.rows if row.found.is_doubtful]

    @property
    def certain(self) -> list[PersonForm]:
        return [row for row in self.rows if not row.found.is_doubtful]

    @property
    def all_forms(self) -> list[forms.BaseForm]:
        return [self.head, *self.rows]

    def is_valid(self) -> bool:
        valid = [form.is_valid() for form in (self.head, *self.rows)]  # each shows its errors
        return all(valid) and self._says_when_delegates_are_confirmed()

    def _says_when_delegates_are_confirmed(self) -> bool:
        new = [
            row
            for row in self.rows
            if isinstance(self.places.get(row.cleaned_data["choice"]), AdmittedSeat)
            and not self.people.admitted_as(row.found.person)
        ]
        if not new or self.head.cleaned_data["accreditation_due"]:
            return True
        self.head.add_error(
            "accreditation_due",
            _("Say by which day the delegates who are on no list are confirmed in writing."),
        )
        return False

    def chosen(self) -> list[ConfirmedParticipant]:
        choices = [(row.found, row.cleaned_data["choice"]) for row in self.rows]
        return [
            ConfirmedParticipant(found.person, self.places.get(choice), found.institution)
            for found, choice in choices
            if choice != DROP
        ]
