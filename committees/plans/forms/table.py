"""Forms of the table of a plan: a row, the dates of several, and last year's unfinished actions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from committees.forms import day_input
from committees.models import Action, ActionPlan, ActionTerms
from committees.plans.forms.plans import TermsForm
from committees.plans.services.lifecycle import propose_reference
from committees.plans.services.writing import carry_over, keep_row, set_dates, shift_dates
from kernel.form_fields import field_of
from kernel.languages import LANGUAGES
from projects.models import Result


class RowForm(TermsForm):
    """The few fields that are written in a row; the others have the page of the action."""

    class Meta:
        model = ActionTerms
        fields = [
            *(f"title_{language}" for language in LANGUAGES),
            "responsible",
            "starts_on",
            "ends_on",
            "result",
            *(f"deliverable_{language}" for language in LANGUAGES),
            "budget",
        ]
        widgets = {"starts_on": day_input(), "ends_on": day_input()}

    field_order = ["reference", *Meta.fields]

    def __init__(self, *args: Any, result: Result | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan, project = self.instance.plan, self.instance.plan.project
        self.fields["budget"].label = _("Budget (%(currency)s)") % {"currency": project.currency}
        self.first_box("title").widget.attrs["autofocus"] = True
        if self.instance.action_id:
            del self.fields["reference"]
        else:
            # The empty values of the new row would win over those that `setdefault` gives.
            self.initial["reference"] = propose_reference(plan, result)
            self.initial["result"] = result
            self.initial["starts_on"], self.initial["ends_on"] = plan.period.start, plan.period.end

    def record(self) -> Action:
        """Raise Refusal where the terms were closed meanwhile."""
        self.note_translations()
        if "result" in self.changed_data:
            self.instance.position = 0
        return keep_row(self.instance, reference=self.cleaned_data.get("reference", ""))


class ActionDatesForm(forms.Form):
    """Changes the dates of several actions at once."""

    SHIFT, START, END = "shift", "start", "end"

    which = forms.ChoiceField(
        label=_("Which actions"),
        choices=[("chosen", _("Those ticked above")), ("all", _("All actions of the plan"))],
    )
    how = forms.ChoiceField(
        label=_("What to change"),
        choices=[
            (SHIFT, _("Shift both dates by days")),
            (START, _("Set the start")),
            (END, _("Set the end")),
        ],
    )
    days = forms.IntegerField(
        label=_("Days"),
        required=False,
        min_value=-3660,
        max_value=3660,
        help_text=_("−14 is two weeks earlier."),
    )
    day = forms.DateField(label=_("Day"), required=False, widget=day_input())
    rows = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args: Any, plan: ActionPlan, keys: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan, self.keys = plan, keys
        field_of(self, "rows", forms.ChoiceField).choices = [(key, key) for key in keys]
        self.fields["rows"].error_messages["invalid_choice"] = _(
            "An action was removed in the meantime. Choose again."
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        fields = self.cleaned_data
        if fields.get("how") == self.SHIFT and not fields.get("days") and "days" not in self.errors:
            self.add_error("days", _("Say by how many days."))
        is_set = fields.get("how") in {self.START, self.END}
        if is_set and not fields.get("day") and "day" not in self.errors:
            self.add_error("day", _("Say which day."))
        if fields.get("which") == "chosen" and not fields.get("rows") and "rows" not in self.errors:
            self.add_error("which", _("Tick the actions to change, or choose all."))
        return fields

    def record(self) -> int:
        fields = self.cleaned_data
        keys = self.keys if fields["which"] == "all" else fields["rows"]
        if fields["how"] == self.SHIFT:
            return shift_dates(self.plan, keys, fields["days"])
        day = fields["day"]
        return set_dates(
            self.plan,
            keys,
            starts_on=day if fields["how"] == self.START else None,
            ends_on=day if fields["how"] == self.END else None,
        )


class CarryOverForm(forms.Form):
    """Asks which unfinished actions of last year go on in this one."""

    actions = forms.TypedMultipleChoiceField(
        label=_("Actions"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick the actions to take over, or continue without any.")},
    )

    def __init__(
        self, *args: Any, plan: ActionPlan, rows: list[ActionTerms], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        field_of(self, "actions", forms.ChoiceField).choices = [
            (
                one.pk,
                _("%(reference)s %(title)s (%(share)s %% done)")
                % {
                    "reference": one.action.reference,
                    "title": one.title,
                    "share": one.action.share_done,
                },
            )
            for one in rows
        ]
        self.fields["actions"].error_messages["invalid_choice"] = _(
            "One of these actions was finished or taken over in the meantime."
        )
        self.initial.setdefault("actions", [one.pk for one in rows])

    def record(self) -> list[ActionTerms]:
        return carry_over(self.plan, self.cleaned_data["actions"])
