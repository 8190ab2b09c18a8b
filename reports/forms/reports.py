"""Forms to find, begin and write a report."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy as _

from accounts.models import User
from kernel.editing import EditingForm
from kernel.form_fields import field_of
from kernel.personal import AsksAboutPersonalData
from projects.choosing import OfProjects
from projects.models import Period, Project
from projects.permissions.roles import roles_everywhere
from reports.models import Report, ReportPreset, ReportQuerySet, Section


class ReportFilterForm(OfProjects):
    """The filter bar above the list, read from the query string."""

    status = forms.ChoiceField(
        label=_("Status"), choices=[("", _("Any")), *Report.Status.choices], required=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(roles_everywhere(user))

    def narrow(self, reports: ReportQuerySet) -> ReportQuerySet:
        """Return the reports that match; a value that is not among the choices filters nothing."""
        if (projects := self.chosen_projects) is not None:
            reports = reports.filter(project__in=projects)
        status = self.cleaned_data.get("status")
        return reports.filter(status=status) if status else reports


class NewReportForm(forms.Form):
    """The preset of a new report, and the project year that it is about."""

    preset = forms.ModelChoiceField(
        label=_("Kind of report"),
        queryset=ReportPreset.objects.offered(),
        empty_label=None,
        help_text=_("It decides which sections the report has, and what they are called."),
    )
    period = forms.ModelChoiceField(label=_("Period"), queryset=Period.objects.none())

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = (Period.Kind.PROJECT_YEAR, Period.Kind.SEMESTER)
        periods = project.periods.filter(kind__in=kinds)
        field_of(self, "period", forms.ModelChoiceField).queryset = periods
        years = periods.filter(kind=Period.Kind.PROJECT_YEAR, reports=None)
        self.initial.setdefault("period", years.first())
        self.initial.setdefault("preset", ReportPreset.objects.offered().first())

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        preset, period = cleaned.get("preset"), cleaned.get("period")
        if preset and period and period.kind != preset.period_kind:
            message = _("A report of this kind covers a period of the kind “%(kind)s”: choose one.")
            kind = {"kind": preset.period_kind.label}
            self.add_error("period", ValidationError(message % kind))
        return cleaned


class ReportSectionForm(AsksAboutPersonalData, forms.ModelForm):
    """The text of one section in one language, and the version that its writer saw.

    The version lets the service refuse to overwrite what somebody else saved meanwhile.
    """

    readers = _(
        "The committee, the donor and the partners read the report, and anybody once it is published."
    )

    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = Section
        fields = ["text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 18})}


class VersionNoteForm(EditingForm):
    """What the writers say about the differences of a version, beside those that are computed."""

    class Meta:
        model = Report
        fields = ["version_note_fr", "version_note_es", "version_note_en"]
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in fields}

    @property
    def note(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.boxes["version_note"]}


class ReportVersionField(forms.ModelChoiceField):
    """Names a report by its version alone, since all choices are versions of the same report."""

    def label_from_instance(self, report: Report) -> str:
        return gettext("version %(number)s") % {"number": report.version}


class ComparedVersionForm(forms.Form):
    """The earlier version that a report is compared with, read from the query string."""

    base = ReportVersionField(
        label=_("Compared with"), queryset=Report.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, bases: ReportQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "base", forms.ModelChoiceField).queryset = bases


class DataPeriodForm(forms.Form):
    """The period of the data behind the reports; without one, the whole project."""

    period = forms.ModelChoiceField(queryset=Period.objects.none(), required=False)

    def __init__(self, *args: Any, periods: QuerySet[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "period", forms.ModelChoiceField).queryset = periods
