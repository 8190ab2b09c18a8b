"""Forms of proposed changes, and of the thread below a remark."""

import json
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.models import User
from committees.forms import OnceForm, day_input, text_area
from committees.models import ActionTerms, ProposedChange, Remark, Reply
from committees.models.review import DATES, value_of
from committees.plans.forms.plans import InstitutionField
from committees.plans.forms.review import (
    NO_VICTIMS,
    EnteredPlanAnswerForm,
    PlanAnswerForm,
)
from committees.plans.services.comparison import label_of
from committees.plans.services.proposals import (
    accept_proposal,
    decline_proposal,
    propose_changes,
    reply_to,
)
from kernel.form_fields import field_of
from kernel.personal import TextForm
from kernel.text import which_language
from partners.models import Institution


class PlanProposalForm(PlanAnswerForm):
    """An action as it is, to be written otherwise: what is left as it was is not proposed.

    `seen` keeps the values of the fields when the form was opened, so that a change made meanwhile
    by others is not taken for one of the institution.
    """

    starts_on = forms.DateField(label=_("Start"), widget=day_input())
    ends_on = forms.DateField(label=_("End"), widget=day_input())
    responsible = InstitutionField(Institution.objects.none(), label=_("Responsible"))
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, terms: ActionTerms, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.terms = terms
        self.proposable = [*DATES, "responsible"]
        for name in ("title", "deliverable"):
            self._offer_text(name)
        field_of(self, "responsible", forms.ModelChoiceField).queryset = (
            Institution.objects.filter(participations__project=terms.plan.project_id)
            .distinct()
            .with_names()
        )
        self.fields["text"].label = _("Why")
        self.fields["text"].required = False
        self.order_fields(["institution", *self.proposable, "text", "audience"])
        now = {name: value_of(terms, name) for name in self.proposable}
        for name, value in now.items():
            self.initial.setdefault(name, value)
        self.initial.setdefault("seen", json.dumps(now))

    def _offer_text(self, name: str) -> None:
        """Add a text field, in the language in which the reader sees the text."""
        language = which_language(self.terms, name)
        column = f"{name}_{language}"
        self.fields[column] = forms.CharField(
            label=capfirst(label_of(column)),
            max_length=300,
            required=name == "title",
            widget=forms.Textarea(attrs={"rows": 2, "lang": language}),
        )
        self.proposable.append(column)

    def clean_seen(self) -> dict[str, str]:
        try:
            seen = json.loads(self.cleaned_data["seen"] or "{}")
        except (ValueError, RecursionError):
            return {}
        return seen if isinstance(seen, dict) else {}

    def values(self) -> dict[str, str]:
        """Return what was changed on the form."""
        trial = ActionTerms()
        found = {}
        for name in self.proposable:
            value = self.cleaned_data[name]
            trial_name = "responsible_id" if name == "responsible" else name
            setattr(trial, trial_name, value.pk if name == "responsible" else value)
            text = value_of(trial, name).replace("\r\n", "\n")
            before = self.cleaned_data["seen"].get(name)
            before = before if isinstance(before, str) else value_of(self.terms, name)
            if text != before.strip():
                found[name] = text
        return found

    def save(self, *, by: User, channel: str) -> ProposedChange:
        """Return the first of the changes, all of which are kept. Raises Refusal, or
        ValidationError where the action would not be allowed so."""
        fields = self.cleaned_data
        first, *_others = propose_changes(
            self.terms,
            fields["institution"],
            values=self.values(),
            reason=fields["text"],
            audience=fields["audience"],
            origin=self.origin(by, channel),
        )
        return first


class EnteredPlanProposalForm(EnteredPlanAnswerForm, PlanProposalForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(
            ["institution", *self.proposable, "text", "audience", "channel", "given_on", "evidence"]
        )


class SettleProposalForm(TextForm):
    """Accepts or declines a proposal. `seen` is the value of the field when the page was opened."""

    ACCEPT, DECLINE = "accept", "decline"

    decision = forms.ChoiceField(
        label=pgettext_lazy("on a proposal", "Decision"),
        choices=[(ACCEPT, _("Accept: the action is changed")), (DECLINE, _("Decline"))],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_("Answer to the institution"),
        max_length=4000,
        required=False,
        widget=text_area(3),
        help_text=_("Required if the proposal is declined."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)

    def clean(self) -> dict[str, Any]:
        super().clean()
        fields = self.cleaned_data
        if fields.get("decision") == self.DECLINE and not fields.get("answer", "").strip():
            self.add_error("answer", _("Say why it is declined: the institution will read this."))
        return fields

    def save(self, proposal: ProposedChange, *, by: User) -> None:
        """Raise Refusal, TransitionError or ValidationError with a sentence."""
        fields = self.cleaned_data
        if fields["decision"] == self.ACCEPT:
            accept_proposal(proposal, seen=fields["seen"], answer=fields["answer"], by=by)
        else:
            decline_proposal(proposal, answer=fields["answer"], by=by)


class PlanReplyForm(OnceForm):
    """A further word below a remark; the coordination may settle the remark with it."""

    readers = _(
        "The coordination reads it; whatever is meant for the committee is read by all its seats."
    )

    reply = forms.CharField(
        label=_("Reply"), max_length=4000, required=False, widget=text_area(), help_text=NO_VICTIMS
    )
    settle = forms.BooleanField(
        label=_("The remark is settled"),
        required=False,
        help_text=_("It can still be read, but is no longer open."),
    )

    def __init__(self, *args: Any, remark: Remark, may_settle: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remark, self.may_settle = remark, may_settle
        if not may_settle:
            del self.fields["settle"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        fields = self.cleaned_data
        if "reply" in fields and not fields["reply"].strip() and not fields.get("settle"):
            sentence = _("Write a reply, or mark the remark as settled.")
            self.add_error("reply", sentence if self.may_settle else _("Write a reply."))
        return fields

    def save(self, *, by: User) -> Reply | None:
        """Raise Refusal where the remark was settled meanwhile."""
        fields = self.cleaned_data
        return reply_to(
            self.remark,
            text=fields["reply"],
            by=by,
            institution=None if self.may_settle else self.remark.institution,
            settle=fields.get("settle", False),
            key=self.key,
        )
