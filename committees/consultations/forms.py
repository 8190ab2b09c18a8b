"""Forms of decisions between meetings: proposals, answers, and what was agreed by telephone."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.consultations.services import effects_of
from committees.forms import EnteredForm, OnceForm, day_input, reason_field
from committees.models import (
    ActionPlan,
    AgendaItem,
    Ballot,
    Minutes,
    Resolution,
    Seat,
    WrittenConsultation,
)
from committees.models.agenda import AgendaItemQuerySet
from committees.resolutions.effects import DecisionEffects
from committees.resolutions.forms.effects import EffectsForm
from committees.resolutions.forms.recording import TEXTS, VoteForm, partners_of
from kernel.editing import EditingForm
from kernel.form_fields import field_of
from kernel.personal import TextForm
from kernel.text import LANGUAGES
from projects.forms import sort_by_label
from projects.models import Amendment
from projects.sending.forms import DeliveredForm

TITLES = [f"title_{language}" for language in LANGUAGES]
ANSWER_DAYS = 10


def text_area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ConsultationForm(EffectsForm, EditingForm, OnceForm):
    """A proposal to the voting seats, and what it brings about when it is adopted."""

    lock_first = "committee"
    # One thing of each kind is put to the seats, in these columns.
    COLUMNS: ClassVar[dict[type[models.Model], str]] = {
        ActionPlan: "validates",
        Amendment: "recommends",
        Minutes: "adopts_minutes",
    }

    class Meta:
        model = WrittenConsultation
        fields = [*TITLES, *TEXTS, "why_written", "rule", "answers_until", "extends_to"]
        widgets = {
            **{name: text_area() for name in TEXTS},
            "why_written": text_area(2),
            "answers_until": day_input(),
        }

    field_order = [
        *(*TITLES, *TEXTS, "why_written", "rule", "answers_until", "effects", "extends_to")
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        committee = self.instance.committee
        if not self.instance.pk:
            # The empty values of the new row would win over those of the fields.
            self.initial["rule"] = committee.decision_rule
            self.initial["answers_until"] = timezone.localdate() + timedelta(days=ANSWER_DAYS)
        self.offer_effects(committee, effects_of(self.instance))
        if self.instance.pk:
            del self.fields["entry_key"]

    def clean_effects(self) -> DecisionEffects:
        effects: DecisionEffects = self.cleaned_data["effects"]
        things = {self.COLUMNS[type(thing)]: thing for thing in effects.things}
        if len(things) < len(effects.things):
            raise forms.ValidationError(
                _("In writing, choose at most one plan, one amendment and one set of minutes.")
            )
        for column in self.COLUMNS.values():
            setattr(self.instance, column, things.get(column))
        self.instance.adopts_terms = effects.adopts_terms
        self.instance.closes_project = effects.closes_project
        return effects


class ExtendForm(DeliveredForm):
    until = forms.DateField(label=_("Answers until"), widget=day_input())
    why = reason_field()
    field_order = ["until", "why"]


class CloseConsultationForm(TextForm):
    why = reason_field(required=False, help_text=_("Needed only while seats may still answer."))


class WithdrawalForm(TextForm):
    why = reason_field()


class BallotForm(OnceForm):
    """The answer of a voting seat."""

    readers = _("The whole committee reads it.")

    seat = forms.ModelChoiceField(label=_("For the seat"), queryset=Seat.objects.none())
    choice = forms.ChoiceField(
        label=_("Answer"), choices=Ballot.Choice.choices, widget=forms.RadioSelect
    )
    reason = reason_field(
        required=False,
        max_length=3000,
        help_text=_("Required of those who object. Never write data on victims here."),
    )

    def __init__(
        self, *args: Any, consultation: WrittenConsultation, seats: list[Seat], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.consultation = consultation
        field = field_of(self, "seat", forms.ModelChoiceField)
        field.queryset = Seat.objects.filter(pk__in=[seat.pk for seat in seats]).with_people()
        if len(seats) == 1:
            field.initial, field.widget = seats[0], forms.HiddenInput()
        self.own_seats = seats

    @property
    def given(self) -> list[tuple[Seat, Ballot]]:
        """The answers that these seats gave before, by whomever: the new one replaces them."""
        by_key = {seat.pk: seat for seat in self.own_seats}
        ballots = self.consultation.ballots.latest_each().filter(seat__in=by_key)
        return [(by_key[ballot.seat_id], ballot) for ballot in ballots]

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if data.get("choice") == Ballot.Choice.OBJECT and not data.get("reason", "").strip():
            self.add_error("reason", _("Say why your seat objects."))
        return data

    def ballot(self, *, by: User, channel: str) -> Ballot:
        data = self.cleaned_data
        return Ballot(
            consultation=self.consultation,
            seat=data["seat"],
            choice=data["choice"],
            reason=data["reason"],
            channel=data.get("channel") or channel,
            evidence=data.get("evidence", ""),
            given_on=data.get("given_on") or timezone.localdate(),
            by=by,
            entry_key=self.key,
        )


class EnteredBallotForm(EnteredForm, BallotForm):
    """An answer that came by telephone, letter or messenger, entered by the coordination."""

    given_on = forms.DateField(label=_("Given on"), initial=timezone.localdate, widget=day_input())

    def clean_given_on(self) -> date:
        given_on: date = self.cleaned_data["given_on"]
        if given_on > timezone.localdate():
            raise forms.ValidationError(_("An answer cannot have arrived in the future."))
        return given_on


class ProvisionalForm(EditingForm, OnceForm):
    """Records what was agreed between meetings because it could not wait."""

    class Meta:
        model = Resolution
        fields = [
            *TEXTS,
            "agreed_on",
            "agreed_channel",
            "agreed_by",
            "urgency",
            "addressee",
            "due_on",
        ]
        widgets = {
            **{name: text_area() for name in TEXTS},
            "agreed_on": day_input(),
            "agreed_by": text_area(2),
            "urgency": text_area(2),
            "due_on": day_input(),
        }
        help_texts = {"agreed_by": _("Seats or functions rather than names.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("agreed_on", "agreed_channel", "agreed_by", "urgency"):
            self.fields[name].required = True
        project = self.instance.committee.project
        sort_by_label(self, "addressee")
        field_of(self, "addressee", forms.ModelChoiceField).queryset = partners_of(project)


class RatifyForm(VoteForm):
    """The item of a meeting on which a provisional decision is ratified, and the vote."""

    item = forms.ModelChoiceField(label=_("Agenda item"), queryset=AgendaItem.objects.none())
    field_order = ["item", "moment", "rule"]

    def __init__(
        self, *args: Any, resolution: Resolution, items: AgendaItemQuerySet, **kwargs: Any
    ) -> None:
        """Take the items on which it may be ratified: at least one, the newest first."""
        newest = items[0]
        super().__init__(*args, meeting=newest.meeting, **kwargs)
        field_of(self, "item", forms.ModelChoiceField).queryset = items
        linked_item = items.filter(subjects__earlier=resolution).first()
        self.fields["item"].initial = linked_item or newest
        for name in ("effects", "extends_to"):
            self.fields.pop(name, None)

    def clean_item(self) -> AgendaItem:
        item: AgendaItem = self.cleaned_data["item"]
        self.meeting = item.meeting  # the time of the decision is one of its clocks
        return item


def items_to_ratify_on(resolution: Resolution) -> AgendaItemQuerySet:
    """Return items for decision of meetings of the committee whose records are open."""
    items = AgendaItem.objects.on_agenda().filter(
        meeting__committee=resolution.committee,
        meeting__status__in=["in_session", "held"],
        meeting__records_stand=False,
        purpose=AgendaItem.Purpose.DECIDE,
    )
    return items.select_related("meeting__committee__project").order_by("-meeting__starts_at")
