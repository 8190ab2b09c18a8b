"""Forms for results, indicators and the totals of values, and to renumber, approve and compare the
logic model."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kernel.channel import Channel
from kernel.editing import EditingForm
from kernel.form_fields import choose_from, field_of
from kernel.formats import LocalisedDecimalField, day_range
from kernel.personal import TextForm
from kernel.text import StrOrPromise
from partners.forms import DAY, long_text
from partners.models import Institution
from projects.forms import InstitutionChoice, by_name, in_languages
from projects.framework.forms.values import evidence_field
from projects.framework.services.workbooks import last_place
from projects.models import DataPoint, Indicator, LogicModelVersion, Period, Project, Result


class ResultForm(EditingForm):
    given = ("project",)

    class Meta:
        model = Result
        fields = ["level", "parent", "code", *in_languages("statement"), "illustrative"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        result = self.instance
        preset = result.project.donor_preset
        field_of(self, "level", forms.ChoiceField).choices = [
            (level.key, level.name) for level in preset.results
        ]
        lowest = preset.results[-1].key
        others = result.project.results.exclude(pk=result.pk)
        choose_from(self, parent=others.exclude(level=lowest))
        field_of(self, "parent", forms.ModelChoiceField).empty_label = _(
            "none: the top of the tree"
        )
        self.fields["code"].help_text = _("Customarily %(codes)s from level to level.") % {
            "codes": ", ".join(preset.first_codes())
        }
        if preset.knows(result.level):
            self.first_box("statement").help_text = preset.level(result.level).hint

    def save(self, commit: bool = True) -> Result:
        if "parent" in self.changed_data or not self.instance.pk:
            self.instance.position = last_place(self.instance)
        saved: Result = super().save(commit)
        return saved


class IndicatorForm(EditingForm):
    hints: ClassVar[dict[str, StrOrPromise]] = {
        "name": _("What is counted and among whom, without a direction and without a target.")
    }
    responsible = InstitutionChoice(
        label=_("Responsible"),
        queryset=Institution.objects.none(),
        required=False,
        help_text=_("Its contacts may enter and submit what was measured."),
    )

    class Meta:
        model = Indicator
        fields = [
            "result",
            "code",
            *in_languages("name"),
            "measure",
            "ascending",
            "cumulative",
            "responsible",
            "source",
            "method",
            "frequency",
            "due_per",
            "due_days",
            "counts_persons",
            "may_exceed_whole",
            "dimension",
            "second_dimension",
            "standard",
            "standard_code",
            "illustrative",
        ]
        help_texts = {
            "due_per": _("For each such period the responsible institution owes a value."),
            "dimension": _("Such as sex, or kind of institution. Totals are kept."),
            "ascending": _("Leave this empty if the number should fall, such as a waiting time."),
        }

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(
            self,
            result=project.results.all(),
            responsible=by_name(
                Institution.objects.filter(participations__project=project).distinct()
            ),
        )

    def clean_measure(self) -> str:
        measure: str = self.cleaned_data["measure"]
        changes = self.instance.pk and "measure" in self.changed_data
        if changes and self.instance.data_points.exists():
            raise ValidationError(
                _("This indicator has values in its present measure. Delete them first.")
            )
        return measure


class PeriodChoice(forms.ModelChoiceField):
    def label_from_instance(self, period: Period) -> str:
        return f"{period} ({day_range(period.start, period.end)})"


class ValueForm(EditingForm):
    """The total of a value: a number, a proportion or words, as the indicator is measured. The
    cells of a breakdown have a form of their own (`forms.values`)."""

    readers = _("The team reads it, and the donor once the value is approved.")

    given = ("indicator", "kind", "period", "category", "second_category")
    period = PeriodChoice(
        label=_("Period"),
        queryset=Period.objects.none(),
        required=False,
        help_text=_("Only for a target or an actual value; a baseline has none."),
    )
    numerator = LocalisedDecimalField(
        label=_("Value"), max_digits=16, decimal_places=2, required=False
    )
    denominator = LocalisedDecimalField(
        label=_("Out of"), max_digits=16, decimal_places=2, required=False
    )

    class Meta:
        model = DataPoint
        fields = [
            "kind",
            "period",
            "numerator",
            "denominator",
            "comment",
            "source",
            "channel",
            "received_on",
            "evidence",
            "illustrative",
        ]
        widgets = {"received_on": DAY}
        labels = {"channel": _("How it arrived"), "received_on": _("Day")}
        help_texts = {
            "source": _("For example: attendance lists of March. Never data on victims."),
            "evidence": _(
                "Who called and when, or which letter or message: a function, not a name."
            ),
        }

    def __init__(
        self, *args: Any, kinds: list[str], enters_for_others: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        indicator = self.instance.indicator
        self.fields["file"] = evidence_field()
        self.fields["channel"].required = False
        if not enters_for_others or not indicator.responsible_id:
            del self.fields["channel"], self.fields["received_on"], self.fields["evidence"]
        else:
            online = (Channel.PORTAL.value, _("Entered by the coordination itself"))
            field_of(self, "channel", forms.ChoiceField).choices = [online, *Channel.entered()]
        if self.instance.pk:
            del self.fields["kind"], self.fields["period"]
        else:
            choices = [c for c in DataPoint.Kind.choices if c[0] in kinds]
            field_of(self, "kind", forms.ChoiceField).choices = choices
            choose_from(self, period=indicator.result.project.periods.all())
        self._fit_measure(indicator.measure)
        self.fields["comment"].widget.attrs["rows"] = 3

    def _fit_measure(self, measure: str) -> None:
        if measure == Indicator.Measure.UNIT:
            del self.fields["denominator"]
        elif measure == Indicator.Measure.PERCENTAGE:
            self.fields["numerator"].label = _("Number, or per cent")
            self.fields["denominator"].help_text = _(
                "12 out of 40. Leave it empty if only the percentage is known."
            )
        else:
            del self.fields["numerator"], self.fields["denominator"]
            self.fields["comment"].label = _("Value in words")
            self.fields["comment"].required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._require_period(cleaned)
        has_number = cleaned.get("numerator") is not None or "numerator" in self.errors
        needs_number = "numerator" in self.fields and not self.instance.indicator.dimension_id
        if "channel" in self.fields and not cleaned.get("channel"):
            cleaned["channel"] = Channel.PORTAL.value
        if needs_number and not has_number and not cleaned.get("comment"):
            raise ValidationError(_("Enter a value, or a comment if there is no number."))
        return cleaned

    def _require_period(self, cleaned: dict[str, Any]) -> None:
        """Complain at the field, where the constraint of the model would complain above the
        form."""
        kind = cleaned.get("kind")
        is_checked = "period" in self.fields and kind and "period" not in self.errors
        if is_checked and bool(cleaned.get("period")) == (kind == DataPoint.Kind.BASELINE):
            message = _("A target or an actual value needs its period; a baseline has none.")
            self.add_error("period", message)

    def _get_validation_exclusions(self) -> set[str]:
        """Skip constraints on a period that has an error already."""
        return super()._get_validation_exclusions() | ({"period"} & set(self.errors))

    def save_entry(self, *, by: User) -> bool:
        """Save the value. The person becomes the one who entered it only by changing the value
        itself, not by changing its source or files."""
        value = {"numerator", "denominator"} & set(self.fields) or {"comment"}
        if not self.instance.entered_by_id or value & set(self.changed_data):
            self.instance.entered_by, self.instance.entered_at = by, timezone.now()
            self.instance.is_computed = False
        if "channel" in self.fields and self.instance.was_entered_for_it:
            self.instance.given_by_id = self.instance.indicator.responsible_id
        return self.save_or_explain()


class ValueReasonForm(TextForm):
    """The reason to return, correct or, as an exception, approve a value that one entered
    oneself."""

    why = long_text(_("Reason"), 1000)


# --- The logic model ---


class ResultMoveForm(EditingForm):
    """Chooses the result to which one belongs. Only results of the right level are offered, but
    every result of the project is accepted, so that a wrong one gets the model's own
    explanation."""

    given = ("project",)

    class Meta:
        model = Result
        fields = ["parent"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        result = self.instance
        level, preset = result.donor_level, result.project.donor_preset
        results = result.project.results.all()
        field = field_of(self, "parent", forms.ModelChoiceField)
        field.queryset = results
        alone = [("", _("none: the top of the tree"))] if preset.may_stand_alone(level) else []
        fitting = [(each.pk, str(each)) for each in results if each.level == level.parent]
        field.choices = [*alone, *fitting]

    def save(self, commit: bool = True) -> Result:
        if "parent" in self.changed_data:
            self.instance.position = last_place(self.instance)
        saved: Result = super().save(commit)
        return saved


class RenumberForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class ResultShiftForm(forms.Form):
    """Holds the primary key of a result as the value of the button that was pressed."""

    up = forms.IntegerField(required=False, min_value=1)
    down = forms.IntegerField(required=False, min_value=1)


class ApprovalForm(EditingForm):
    hints: ClassVar[dict[str, StrOrPromise]] = {
        "reason": _("What changes and why, in a sentence or two.")
    }

    class Meta:
        model = LogicModelVersion
        fields = ["approved_on", "approver", "reference", "amendment", *in_languages("reason")]
        widgets = {"approved_on": DAY}
        help_texts = {"amendment": _("If the change is part of one.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        project, number = self.instance.project, self.instance.number
        choose_from(self, amendment=project.amendments.all())
        if number == 1:
            self.leave_out("reason")
        else:
            self.first_box("reason").required = True


class DonorApprovalForm(EditingForm):
    class Meta:
        model = LogicModelVersion
        fields = ["donor_approved_on", "donor_reference"]
        widgets = {"donor_approved_on": DAY}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["donor_approved_on"].required = True

    def save(self, commit: bool = True) -> LogicModelVersion:
        self.instance.save(update_fields=self._meta.fields)
        version: LogicModelVersion = self.instance
        return version


class VersionCompareForm(forms.Form):
    """Chooses the version to compare with; without a choice it is the one before."""

    since = forms.IntegerField(required=False, min_value=1)
