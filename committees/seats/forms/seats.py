"""Forms of seats: their institutions, the terms of their holders, and a change of many seats at
once."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.forms import OnceForm, day_input
from committees.models import Committee, Seat, SeatTerm
from committees.permissions.roles import people_known_in
from committees.seats.services.seats import HolderChange
from kernel.editing import EditingForm
from kernel.form_fields import field_of
from kernel.languages import first_language
from kernel.personal import TextForm
from kernel.stamps import StampedForm
from partners.models import Contact, Institution
from projects.models import Project


class SeatForm(EditingForm, OnceForm):
    lock_first = "committee"

    class Meta:
        model = Seat
        fields = [
            "institution",
            "shared_with",
            "label_fr",
            "label_es",
            "label_en",
            "is_voting",
            "office",
            "position",
            "since",
            "until",
        ]
        widgets = {
            "since": day_input(),
            "until": day_input(),
            "shared_with": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partners = Institution.objects.filter(participations__project=project)
        partners = partners.with_names().distinct()
        field_of(self, "institution", forms.ModelChoiceField).queryset = partners
        field_of(self, "shared_with", forms.ModelMultipleChoiceField).queryset = partners
        self.fields["shared_with"].help_text = _(
            "If several institutions share this one seat: the others. It has one vote, "
            "and counts for the kind of the first."
        )
        self.fields["institution"].help_text = _(
            "One of the project's partners; others have to be added to the project first."
        )
        self.fields["position"].help_text = _("Seats are listed in this order.")


class SeatTermForm(StampedForm):
    """The term of somebody whom the coordination knows, or of somebody new. A seat gives access by
    itself, so the person need not represent the institution otherwise."""

    full_name = forms.CharField(
        label=_("Or somebody new: full name"), max_length=200, required=False
    )
    title = forms.CharField(label=_("Title or function"), max_length=200, required=False)
    email = forms.EmailField(label=_("E-mail address"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, required=False)

    field_order = ("contact", "full_name", "title", "email", "language")

    class Meta:
        model = SeatTerm
        fields = ["contact", "capacity", "since", "until"]
        widgets = {"since": day_input(), "until": day_input()}

    def __init__(self, *args: Any, seat: Seat, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.seat = seat
        field_of(self, "contact", forms.ModelChoiceField).queryset = contacts_of([seat])
        self.fields["contact"].required = False
        self.fields["language"].initial = first_language()
        self.fields["until"].help_text = _("Empty: until further notice.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("contact") and cleaned.get("full_name"):
            self.add_error("full_name", _("Choose somebody from the list or type a new person."))
        elif not cleaned.get("contact") and not cleaned.get("full_name"):
            self.add_error("contact", _("Choose somebody, or type the name of somebody new."))
        return cleaned

    def person(self) -> Contact:
        """Return the person who was chosen, or one who is new and not saved yet."""
        cleaned = self.cleaned_data
        chosen: Contact | None = cleaned["contact"]
        return chosen or Contact(
            institution=self.instance.seat.institution,
            full_name=cleaned["full_name"],
            title=cleaned["title"],
            email=cleaned["email"],
            language=cleaned["language"] or first_language(),
        )

    def _get_validation_exclusions(self) -> set[str]:
        # The seat is not typed, but who else holds it is checked with the rest.
        # The stubs leave the private methods of ModelForm out.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"seat"}


class EndTermForm(StampedForm):
    lock_first = "seat"

    until = forms.DateField(label=_("Last day"), initial=timezone.localdate, widget=day_input())

    class Meta:
        model = SeatTerm
        fields = ["until"]

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until < self.instance.since:
            raise forms.ValidationError(_("A term of office ends after it starts."))
        return until


def contacts_of(seats: Iterable[Seat]) -> Any:
    """Return the people who may hold these seats: people of the seats' institutions
    whom the coordination of the project knows."""
    seats = list(seats)
    institutions = {institution.pk for seat in seats for institution in seat.institutions}
    projects = {seat.committee.project_id: seat.committee.project for seat in seats}
    found = Contact.objects.none()
    for project in projects.values():
        found |= people_known_in(project)
    return found.filter(institution__in=institutions)


class ChangeDayForm(forms.Form):
    """From which day on the new holders are there."""

    on = forms.DateField(
        label=_("First day of the new holders"),
        initial=timezone.localdate,
        widget=day_input(),
        help_text=_("The terms of their predecessors end the day before."),
    )


class ChangeRowForm(TextForm):
    """The change of one seat. A row that was not touched changes nothing."""

    contact = forms.ChoiceField(label=_("New holder"), required=False)
    full_name = forms.CharField(
        label=_("Or somebody new: full name"), max_length=200, required=False
    )
    title = forms.CharField(label=_("Title or function"), max_length=200, required=False)
    email = forms.EmailField(label=_("E-mail address"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, required=False)
    institution = forms.TypedChoiceField(
        label=_("Institution"), coerce=int, required=False, empty_value=None
    )
    becomes_vacant = forms.BooleanField(label=_("The seat becomes vacant"), required=False)
    ends_alternates = forms.BooleanField(label=_("Its alternates' terms end, too"), required=False)
    has_left = forms.BooleanField(
        label=_("The present holder has left the institution"),
        required=False,
        help_text=_("They no longer represent it in this project."),
    )

    def __init__(self, *args: Any, seat: Seat, contacts: list[Contact], **kwargs: Any) -> None:
        kwargs["prefix"] = f"seat-{seat.pk}"
        super().__init__(*args, **kwargs)
        self.seat, self.contacts = seat, {str(contact.pk): contact for contact in contacts}
        self.holder = seat.holder_on(seat.committee.project.today)
        people = [(key, str(contact)) for key, contact in self.contacts.items()]
        field_of(self, "contact", forms.ChoiceField).choices = [("", _("Leave as it is")), *people]
        self.fields["language"].initial = first_language()
        if len(seat.institutions) == 1:
            del self.fields["institution"]
        else:
            institution = field_of(self, "institution", forms.TypedChoiceField)
            institution.choices = [(one.pk, str(one)) for one in seat.institutions]
        if self.holder is None:
            del self.fields["has_left"]
            del self.fields["becomes_vacant"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        chosen = [data.get("contact"), data.get("full_name"), data.get("becomes_vacant")]
        if sum(map(bool, chosen)) > 1:
            raise forms.ValidationError(_("Choose one: a contact, somebody new, or a vacant seat."))
        details = [data.get(name) for name in ("title", "email", "ends_alternates", "has_left")]
        if any(details) and not any(chosen):
            raise forms.ValidationError(_("Say who holds the seat from now on."))
        return data

    @property
    def summary_label(self) -> str:
        return str(self.seat)

    @property
    def change(self) -> HolderChange | None:
        """Return the change that the row asks for, or None if it was not touched."""
        data = self.cleaned_data
        if not (data["contact"] or data["full_name"] or data.get("becomes_vacant")):
            return None
        return HolderChange(
            seat=self.seat,
            contact=self._contact(),
            ends_alternates=data["ends_alternates"],
            has_left=data.get("has_left", False),
        )

    def _contact(self) -> Contact | None:
        data = self.cleaned_data
        if data["contact"]:
            return self.contacts[data["contact"]]
        if not data["full_name"]:
            return None
        return Contact(
            institution_id=data.get("institution") or self.seat.institution_id,
            full_name=data["full_name"],
            title=data["title"],
            email=data["email"],
            language=data["language"] or first_language(),
        )


class GovernmentChangeForm:
    """The page of a change of government: its day, and a row for each seat."""

    def __init__(self, posted: Any, committee: Committee, seats: list[Seat]) -> None:
        self.head = ChangeDayForm(posted)
        by_institution: dict[int, list[Contact]] = {}
        for contact in contacts_of(seats):
            by_institution.setdefault(contact.institution_id, []).append(contact)
        self.rows = []
        for seat in seats:
            seat.committee = committee
            people = [
                person
                for institution in seat.institutions
                for person in by_institution.get(institution.pk, [])
            ]
            holder = seat.holder_on(committee.project.today)
            people = [person for person in people if not holder or person != holder.contact]
            self.rows.append(ChangeRowForm(posted, seat=seat, contacts=people))

    def is_valid(self) -> bool:
        # Each row shows its own errors, so each is looked at.
        return all([self.head.is_valid(), *[row.is_valid() for row in self.rows]])

    @property
    def all_forms(self) -> list[forms.BaseForm]:
        return [self.head, *self.rows]

    @property
    def on(self) -> date:
        on: date = self.head.cleaned_data["on"]
        return on

    @property
    def changes(self) -> list[HolderChange]:
        return [row.change for row in self.rows if row.change]

    def refuse(self, by_seat: dict[int, list[str]]) -> None:
        """Put what the service refused at its row."""
        for row in self.rows:
            for sentence in by_seat.get(row.seat.pk, []):
                row.add_error(None, sentence)
