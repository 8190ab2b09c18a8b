"""What is typed to find, begin and write a report."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kernel.text import looks_personal
from projects.models import Period, Project
from reports.models import Report, ReportPreset, ReportQuerySet, Section


class ReportFilterForm(forms.Form):
    """The filter bar above the list, read from the query string."""

    project = forms.ModelChoiceField(
        label=_("Project"),
        queryset=Project.objects.none(),
        required=False,
        to_field_name="code",
        empty_label=_("All"),
    )
    status = forms.ChoiceField(
        label=_("Status"), choices=[("", _("All")), *Report.Status.choices], required=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = Project.objects.visible_to(user)

    def narrow(self, reports: ReportQuerySet) -> ReportQuerySet:
        """Keep the reports asked for; a filter that makes no sense filters nothing."""
        self.is_valid()
        asked = {
            name: value for name in ("project", "status") if (value := self.cleaned_data.get(name))
        }
        return reports.filter(**asked)


class ReportForm(forms.Form):
    """What kind of report is begun, and on which project year."""

    preset = forms.ModelChoiceField(
        label=_("Kind of report"),
        queryset=ReportPreset.objects.offered(),
        empty_label=None,
        help_text=_("It decides which sections the report has, and what they are called."),
    )
    period = forms.ModelChoiceField(label=_("Period"), queryset=Period.objects.none())

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = project.periods.filter(kind=Period.Kind.PROJECT_YEAR)
        self.fields["period"].queryset = years
        self.initial.setdefault("period", years.filter(reports=None).first())
        self.initial.setdefault("preset", ReportPreset.objects.offered().first())


class SectionForm(forms.ModelForm):
    """The text of one section in one language, and the version its writer saw."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = Section
        fields = ["text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 18})}

    @property
    def warnings(self) -> list[str]:
        """What looks like data on persons: warned about, never blocked."""
        return looks_personal(self.cleaned_data.get("text", ""))


class VersionNoteForm(forms.ModelForm):
    """What its writers say is different in a version, beside what is computed."""

    class Meta:
        model = Report
        fields = ["version_note_fr", "version_note_es", "version_note_en"]
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in fields}

    @property
    def note(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self._meta.fields}


class BaseForm(forms.Form):
    """With which earlier version a report is compared, read from the query string."""

    base = forms.ModelChoiceField(
        label=_("Compared with"), queryset=Report.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, bases: ReportQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["base"].queryset = bases
        self.fields["base"].label_from_instance = lambda one: (
            _("version %(number)s") % {"number": one.version}
        )


class PeriodForm(forms.Form):
    """Of which period of the project; of all of them where none is named."""

    period = forms.ModelChoiceField(queryset=Period.objects.none(), required=False)

    def __init__(self, *args: Any, periods: QuerySet[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].queryset = periods
