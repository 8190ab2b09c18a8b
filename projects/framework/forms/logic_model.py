"""Forms to move and renumber results, and to record and compare approved versions."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.editing import EditingForm
from kernel.form_fields import field_of
from kernel.text import StrOrPromise
from partners.forms import DAY
from projects.forms import in_languages
from projects.framework.services.logic_model import last_place
from projects.models import LogicModelVersion, Result


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
        field_of(self, "amendment", forms.ModelChoiceField).queryset = project.amendments.all()
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
