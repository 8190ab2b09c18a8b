"""Forms of invitations: an answer, an answer that came by telephone, a guest."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.forms import ArrivedForm, reason_field, text_area
from committees.meetings.services.invitations import InvitationAnswer
from committees.models import Invitation, Meeting
from committees.permissions.roles import people_known_in
from kernel.form_fields import field_of
from kernel.personal import TextForm
from partners.models import Contact
from projects.sending.forms import OwnLinesForm


class InvitationUpdateForm(OwnLinesForm):
    why = reason_field(
        required=False, help_text=_("Kept with the notice. Required when papers are late.")
    )


Answer = Invitation.Answer
ANSWERS = [(one.value, one.label) for one in Answer if one not in {Answer.NONE, Answer.TENTATIVE}]


class InvitationAnswerForm(TextForm):
    """The answer of a person, given by one of the buttons of its page."""

    readers = _("The coordination reads it.")

    answer = forms.ChoiceField(label=_("Answer"), choices=ANSWERS)
    alternate = forms.ModelChoiceField(
        Contact.objects.none(), label=_("Alternate"), required=False, empty_label="–"
    )
    alternate_function = forms.CharField(
        label=_("Or the function of the person coming"), required=False, max_length=200
    )
    note = forms.CharField(
        label=_("Note for the coordination"),
        required=False,
        max_length=500,
        widget=text_area(2),
        help_text=_("For example: arrives at ten. Never write data on victims here."),
    )

    def __init__(
        self,
        *args: Any,
        invitation: Invitation,
        alternates: list[Contact] | None = None,
        **kwargs: Any,
    ) -> None:
        """`alternates` are those of the invitation, if the page has read them."""
        kwargs.setdefault("initial", self.facts_of(invitation))
        super().__init__(*args, **kwargs)
        self.invitation = invitation
        alternates = invitation.alternates() if alternates is None else alternates
        field_of(self, "alternate", forms.ModelChoiceField).queryset = Contact.objects.filter(
            pk__in=[contact.pk for contact in alternates]
        )
        if not alternates:
            del self.fields["alternate"]
            self.fields["alternate_function"].label = _("Function of the person coming")
        if not self.may_send_an_alternate:
            del self.fields["alternate_function"]
            field_of(self, "answer", forms.ChoiceField).choices = ANSWERS[:2]

    def clean(self) -> dict[str, Any]:
        """Refuse another answer beside an alternate who was just named: the Enter key presses the
        first button, and would drop what was typed."""
        data: dict[str, Any] = super().clean() or {}
        named = [name for name in ("alternate", "alternate_function") if data.get(name)]
        is_new = any(name in self.changed_data for name in named)
        if is_new and data.get("answer") in {Answer.ACCEPTED, Answer.DECLINED}:
            self.add_error(
                named[0],
                _(
                    "You named somebody who comes in your place: send your alternate, or clear that."
                ),
            )
        return data

    @staticmethod
    def facts_of(invitation: Invitation) -> dict[str, Any]:
        names = ("answer", "alternate", "alternate_function", "note")
        return {name: getattr(invitation, name) for name in names}

    @property
    def may_send_an_alternate(self) -> bool:
        seated = {Invitation.Capacity.HOLDER, Invitation.Capacity.OBSERVER}
        return self.invitation.capacity in seated

    def invitation_answer(self, **how: Any) -> InvitationAnswer:
        data = self.cleaned_data
        return InvitationAnswer(
            answer=data["answer"],
            note=data["note"],
            alternate=data.get("alternate"),
            alternate_function=data.get("alternate_function", ""),
            **how,
        )


class EnteredAnswerForm(ArrivedForm, InvitationAnswerForm):
    """An answer that came by telephone or letter, entered for the person."""

    field_order = [
        *("answer", "alternate", "alternate_function", "note"),
        *("channel", "given_on", "evidence"),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = ANSWERS if self.may_send_an_alternate else ANSWERS[:2]
        self.fields["answer"].widget = forms.RadioSelect(choices=choices)
        self.fields["given_on"].initial = timezone.localdate

    def clean_given_on(self) -> date:
        given_on: date = self.cleaned_data["given_on"]
        if given_on > timezone.localdate():
            raise forms.ValidationError(_("An answer cannot have arrived in the future."))
        if given_on.year < 2000:
            raise forms.ValidationError(_("This day is too far in the past: check the date."))
        return given_on

    def entered(self, *, by: User) -> InvitationAnswer:
        given_on = self.cleaned_data["given_on"]
        now = timezone.now()
        noon = datetime.combine(given_on, time(12), tzinfo=self.invitation.meeting.zone)
        return self.invitation_answer(
            channel=self.cleaned_data["channel"],
            evidence=self.cleaned_data["evidence"],
            entered_by=by,
            at=now if given_on == timezone.localdate() else noon,
        )


class ContactField(forms.ModelChoiceField):
    def label_from_instance(self, contact: Contact) -> str:
        return f"{contact.institution.short_name} · {contact}"


class InvitedGuestForm(forms.Form):
    """Somebody who holds no seat: a contact of an institution of the project."""

    contact = ContactField(Contact.objects.none(), label=_("Person"))

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        invited = meeting.invitations.current().values("contact")
        people = people_known_in(meeting.committee.project).filter(is_minor=False)
        contacts = people.exclude(pk__in=invited).exclude(email="")
        field_of(self, "contact", forms.ModelChoiceField).queryset = contacts.select_related(
            "institution"
        ).prefetch_related("institution__names")
