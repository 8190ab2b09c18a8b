"""Forms of what follows a decision or recommendation: answers, steps, and what takes its place."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.forms import DecisionField, PastDay, day_input, reason_field, text_area
from committees.models import Channel, Resolution
from committees.resolutions.effects import loose_effects
from committees.resolutions.forms.effects import EffectsField
from committees.resolutions.services import OF_ADDRESSEE, AnswerReceipt
from kernel.form_fields import field_of
from kernel.personal import TextForm


class SetAsideForm(TextForm):
    why = reason_field()


class SupersedeForm(TextForm):
    """The decision in its place, and which of its effects this one has now."""

    successor = DecisionField(label=_("Replaced by"), queryset=Resolution.objects.none())
    effects = EffectsField(
        label=_("The decision in its place…"),
        required=False,
        help_text=_("What you do not tick is taken back."),
    )
    why = reason_field()

    def __init__(self, *args: Any, decision: Resolution, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        effects = field_of(self, "effects", EffectsField)
        effects.offer_again(decision.committee, loose_effects(decision)[0])
        if not effects.choices:
            del self.fields["effects"]
        others = decision.committee.resolutions.in_force().exclude(pk=decision.pk)
        field_of(self, "successor", DecisionField).queryset = others


class LinkAnswerForm(TextForm):
    """What the addressee answers by link, or how far it is with what it accepted."""

    readers = _("The committee reads it, and the donor and the partners.")

    verb = forms.ChoiceField(label=_("Your answer"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("In your words"),
        max_length=3000,
        widget=text_area(4),
        help_text=_("What your institution will do and by when, or why it does not accept."),
    )

    def __init__(self, *args: Any, recommendation: Resolution, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "verb", forms.ChoiceField).choices = [
            (verb, Resolution.STEPS[verb].label)
            for verb in recommendation.open_steps
            if verb in OF_ADDRESSEE
        ]

    @property
    def may_be_sent(self) -> bool:
        return bool(field_of(self, "verb", forms.ChoiceField).choices)


class FollowUpForm(PastDay, TextForm):
    """A step of the follow-up, by the addressee or by the coordination for it."""

    text = forms.CharField(
        label=_("Answer"),
        required=False,
        max_length=3000,
        widget=text_area(4),
    )
    on = forms.DateField(label=_("Day"), initial=timezone.localdate, widget=day_input())
    channel = forms.ChoiceField(label=_("Received by"), choices=Channel.entered())
    evidence = forms.CharField(
        label=_("Evidence"),
        required=False,
        max_length=300,
        help_text=_("For an answer that did not arrive online: who called, or which letter."),
    )

    ASKS_WHY = frozenset({"accept_partly", "decline"})

    def __init__(self, *args: Any, verb: str, for_addressee: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answers = verb in {"accept", "accept_partly", "decline"}
        self.fields["text"].required = verb in self.ASKS_WHY
        if not answers:
            self.fields["text"].label = _("Note")
        if verb == "decline":
            self.fields["text"].label = _("Reason")
        if not (answers and for_addressee):
            del self.fields["channel"], self.fields["evidence"]
        if not for_addressee:
            del self.fields["on"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if data.get("channel") and not data.get("evidence", "").strip():
            self.add_error("evidence", _("Say who called or which letter it was."))
        return data

    @property
    def received(self) -> AnswerReceipt:
        data = self.cleaned_data
        return AnswerReceipt(
            on=data.get("on"),
            channel=data.get("channel", Channel.PORTAL),
            evidence=data.get("evidence", ""),
        )
