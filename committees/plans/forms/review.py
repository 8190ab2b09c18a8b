"""Forms of the review of a plan: answers, deadlines, the decision and the donor's answer."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.forms import (
    ArrivedForm,
    PastDay,
    day_input,
    reason_field,
    text_area,
)
from committees.models import ActionPlan, ActionTerms, Position, Remark
from committees.models.answer import Answer as AnswerModel
from committees.plans.forms.plans import InstitutionField
from committees.plans.services.review import Answer, AnswerOrigin, give_remark, take_position
from kernel.form_fields import field_of
from kernel.personal import TextForm
from partners.models import Institution
from projects.sending.forms import ChoosingForm, DeliveredForm

NO_VICTIMS = _("Never write data on victims here.")


class PlanAnswerForm(TextForm):
    """Asks what all answers have: the institution, their readers, and the key of the form."""

    readers = _(
        "The coordination reads it; whatever is meant for the committee is read by all its seats."
    )

    institution = InstitutionField(Institution.objects.none(), label=_("Institution"))
    text = forms.CharField(max_length=4000, widget=text_area(), help_text=NO_VICTIMS)
    audience = forms.ChoiceField(
        label=_("Who reads this text"),
        choices=AnswerModel.AUDIENCES,
        widget=forms.RadioSelect,
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, plan: ActionPlan, institutions: list[Institution], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.has_institutions = bool(institutions)
        offered = Institution.objects.filter(pk__in=[one.pk for one in institutions])
        institution = field_of(self, "institution", forms.ModelChoiceField)
        institution.queryset = offered.with_names()
        self.initial.setdefault("audience", AnswerModel.AUDIENCES[0][0])
        self.initial.setdefault("key", uuid.uuid4())
        if len(institutions) == 1:
            self.initial["institution"] = institutions[0].pk
            institution.widget = forms.HiddenInput()

    def origin(self, by: User, channel: str) -> AnswerOrigin:
        return AnswerOrigin(by=by, channel=channel, key=self.cleaned_data["key"])

    def save(self, *, by: User, channel: str) -> Answer:
        raise NotImplementedError


class PositionForm(PlanAnswerForm):
    stance = forms.ChoiceField(
        label=_("Position"), choices=Position.Stance.choices, widget=forms.RadioSelect
    )
    until = forms.DateField(
        label=_("In consultation until"),
        required=False,
        widget=day_input(),
        help_text=_("Only for an internal consultation: when your institution will have decided."),
    )
    field_order = ["institution", "stance", "until", "text", "audience", "key"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Reason or remark")
        self.fields["text"].required = False
        self.fields["audience"].help_text = _(
            "Members of the committee always see the position of the institution; they "
            "see its words only if the committee is chosen."
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        fields = self.cleaned_data
        text, stance = fields.get("text", "").strip(), fields.get("stance")
        if stance == Position.Stance.ASKS_FOR_CHANGES and not text:
            self.add_error("text", _("Say which changes your institution asks for."))
        if stance == Position.Stance.WITH_REMARKS and not text:
            self.add_error("text", _("Write the remarks of your institution."))
        if stance == Position.Stance.CONSULTING and "until" in fields and not fields["until"]:
            self.add_error("until", _("Say until when your institution consults."))
        return fields

    def save(self, *, by: User, channel: str) -> Position:
        fields = self.cleaned_data
        return take_position(
            self.plan,
            fields["institution"],
            stance=fields["stance"],
            until=fields["until"],
            text=fields["text"],
            audience=fields["audience"],
            origin=self.origin(by, channel),
        )


class PlanRemarkForm(PlanAnswerForm):
    action = forms.ModelChoiceField(
        ActionTerms.objects.none(),
        label=_("On"),
        required=False,
        empty_label=_("The whole plan"),
    )
    field_order = ["institution", "action", "text", "audience", "key"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Remark")
        action = field_of(self, "action", forms.ModelChoiceField)
        action.queryset = self.plan.terms.select_related("action")
        action.to_field_name = "action"

    def save(self, *, by: User, channel: str) -> Remark:
        fields = self.cleaned_data
        return give_remark(
            self.plan,
            fields["institution"],
            text=fields["text"],
            action=fields["action"].action if fields["action"] else None,
            audience=fields["audience"],
            origin=self.origin(by, channel),
        )


class EnteredPlanAnswerForm(ArrivedForm):
    """Added to the forms above where the coordination enters what came otherwise."""

    plan: ActionPlan  # of the form that it is added to

    def clean_given_on(self) -> date:
        given_on: date = self.cleaned_data["given_on"]
        if given_on > self.plan.project.today:
            raise forms.ValidationError(_("An answer cannot have arrived in the future."))
        return given_on

    def origin(self, by: User, channel: str) -> AnswerOrigin:
        fields = self.cleaned_data
        return AnswerOrigin(
            by=by,
            channel=fields["channel"],
            evidence=fields["evidence"],
            on=fields["given_on"],
            key=fields["key"],
        )


class EnteredPositionForm(EnteredPlanAnswerForm, PositionForm):
    field_order = [*PositionForm.field_order, "channel", "given_on", "evidence"]


class EnteredPlanRemarkForm(EnteredPlanAnswerForm, PlanRemarkForm):
    field_order = [*PlanRemarkForm.field_order, "channel", "given_on", "evidence"]


class PlanToDonorForm(PastDay, DeliveredForm):
    on = forms.DateField(label=_("Day"), initial=timezone.localdate, widget=day_input())


class DeadlineForm(TextForm):
    until = forms.DateField(
        label=_("Open until"),
        widget=day_input(),
        help_text=_("The last day on which institutions can answer."),
    )

    def __init__(self, *args: Any, plan: ActionPlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until < self.plan.project.today:
            raise forms.ValidationError(
                _("The deadline is in the past: choose today or a later day.")
            )
        return until


class ReviewOpeningForm(DeliveredForm, DeadlineForm):
    pass


class ReviewExtensionForm(DeliveredForm, DeadlineForm):
    why = reason_field(2, required=False)
    field_order = ["until", "why"]


class ReviewExtensionForOneForm(ChoosingForm, DeadlineForm):
    """Gives one institution more time, and reopens its position."""

    institution = InstitutionField(Institution.objects.none(), label=_("Institution"))
    why = reason_field(2, help_text=_("The institution reads it."))
    field_order = ["institution", "until", "why"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "institution", forms.ModelChoiceField).queryset = self.plan.reviewers()


class ReturnToDraftForm(TextForm):
    why = reason_field()


class PlanDonorAnswerForm(TextForm):
    """The donor's answer: its own, or that of a letter which the coordination received."""

    APPROVES, ASKS = "approve", "request_changes"

    answer = forms.ChoiceField(
        label=_("Answer"),
        choices=[(APPROVES, _("Approves the plan")), (ASKS, _("Asks for changes"))],
        widget=forms.RadioSelect,
    )
    on = forms.DateField(label=_("Date of the letter"), widget=day_input())
    reference = forms.CharField(label=_("Letter or reference"), max_length=200)
    why = forms.CharField(
        label=_("Changes requested"), max_length=1000, required=False, widget=text_area(3)
    )

    def __init__(self, *args: Any, is_donor: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_donor:
            self.fields["on"].label = _("Date")
            self.fields["reference"].required = False
            self.initial.setdefault("on", timezone.localdate())

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError(_("This date is in the future."))
        return on

    def clean(self) -> dict[str, Any]:
        super().clean()
        fields = self.cleaned_data
        if fields.get("answer") == self.ASKS and not fields.get("why", "").strip():
            self.add_error("why", _("Say which changes the donor requests."))
        return fields
