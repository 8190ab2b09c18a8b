"""Forms for reporting duties, their fulfilment, and periods opened in a row."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kernel.editing import EditingForm
from kernel.files import UploadField
from kernel.form_fields import choose_from, field_of
from kernel.stamps import StampedForm
from partners.forms import DAY
from partners.models import AgreementFile, Institution
from projects.duties.services import next_start, preset_choices
from projects.forms import InstitutionChoice, by_name, in_languages
from projects.models import DutyDone, DutyFile, Participation, Period, Project, ReportingDuty


class DutyForm(EditingForm):
    given = ("project",)
    institution = InstitutionChoice(
        label=_("or an institution"), queryset=Institution.objects.none(), required=False
    )

    class Meta:
        model = ReportingDuty
        fields = [
            *in_languages("title"),
            "kind",
            "period_kind",
            "days",
            "edge",
            "on",
            "participation",
            "role",
            "institution",
            "since",
            "until",
            "illustrative",
        ]
        widgets = {"on": DAY, "since": DAY, "until": DAY}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        project = self.instance.project
        donors = project.participations.filter(role=Participation.Role.FUNDING)
        choose_from(self, participation=donors.with_institutions())
        taking_part = Institution.objects.filter(participations__project=project).distinct()
        choose_from(self, institution=by_name(taking_part))


class DutyDoneForm(StampedForm):
    upload = UploadField(
        label=_("What was handed in, or the donor's receipt"),
        allowed=DutyFile.ACCEPTED,
        max_bytes=AgreementFile.MAX_BYTES,
        required=False,
    )

    class Meta:
        model = DutyDone
        fields = ["outcome", "on", "note"]
        widgets = {"on": DAY}

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if on and on > self.instance.duty.project.today:
            raise ValidationError(_("This day is in the future."))
        return on


class DutyPresetForm(forms.Form):
    preset = forms.ChoiceField(label=_("Donor"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "preset", forms.ChoiceField).choices = preset_choices()


class OpenPeriodsForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=Period.Kind)
    start = forms.DateField(
        label=_("The first begins on"),
        widget=DAY,
        required=False,
        help_text=_(
            "Empty: the day after the last period of this kind; if there is none, the "
            "start of the project, or for the donor's years and their parts the first of "
            "April before it."
        ),
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if "kind" in cleaned and "start" not in self.errors and not cleaned.get("start"):
            cleaned["start"] = next_start(self.project, cleaned["kind"])
        return cleaned
