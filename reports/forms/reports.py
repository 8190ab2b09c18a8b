"""Forms to find, begin and write a report, and of its preset, Word templates and page at a glance."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy as _

from accounts.models import User
from kernel.editing import EditingForm
from kernel.files import PICTURES, CheckedFile, UploadField
from kernel.form_fields import choose_from, field_of
from kernel.languages import LANGUAGES
from kernel.personal import AsksAboutPersonalData
from kernel.text import StrOrPromise, columns_of
from partners.forms import any_of
from projects.choosing import OfProjects
from projects.models import Evidence, Indicator, Period, Project
from projects.permissions.roles import roles_everywhere
from reports.models import (
    GlanceChoice,
    PresetSection,
    Report,
    ReportPreset,
    ReportQuerySet,
    Section,
    SectionKind,
    WordTemplate,
)
from reports.models.writing import MOST_FIGURES
from reports.services.filling import FillFailed, check_template


class ReportFilterForm(OfProjects):
    """The filter bar above the list, read from the query string."""

    status = any_of(_("Status"), Report.Status.choices)

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
        choose_from(self, period=periods)
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
        choose_from(self, base=bases)


class DataPeriodForm(forms.Form):
    """The period of the data behind the reports; without one, the whole project."""

    period = forms.ModelChoiceField(queryset=Period.objects.none(), required=False)

    def __init__(self, *args: Any, periods: QuerySet[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, period=periods)


# Presets


class ReportPresetForm(EditingForm):
    hints: ClassVar[dict[str, StrOrPromise]] = {
        "name": _("Name by which people who start a report recognise it."),
        "title": _("As it appears on the cover."),
    }

    class Meta:
        model = ReportPreset
        fields = [
            *(f"name_{language}" for language in LANGUAGES),
            *(f"title_{language}" for language in LANGUAGES),
            "type",
            "is_offered",
        ]
        help_texts = {
            "type": _("A final report covers the whole project, from its start."),
        }


class NewReportPresetForm(ReportPresetForm):
    source = forms.ModelChoiceField(
        label=_("Sections of"), queryset=ReportPreset.objects.all(), empty_label=None
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("source", ReportPreset.objects.first())


class PresetSectionForm(EditingForm):
    """The kind is chosen once: it decides what the portal fills the section with."""

    given = ("preset",)
    hints: ClassVar[dict[str, StrOrPromise]] = {
        "label": _("Empty: the portal's own name for this section.")
    }

    class Meta:
        model = PresetSection
        fields = ["kind", *(f"label_{language}" for language in LANGUAGES), "is_required"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        section = self.instance
        if section.pk:
            del self.fields["kind"]
            return
        there = set(section.preset.sections.values_list("kind", flat=True))
        field_of(self, "kind", forms.TypedChoiceField).choices = [
            (kind.value, kind.label) for kind in SectionKind if kind.value not in there
        ]


class PreviewReportField(forms.ModelChoiceField):
    """Names a report with its project and its version, since reports of all projects are listed."""

    def label_from_instance(self, report: Report) -> str:
        return f"{report.project.code} · {report} · {report.version}"


class PresetPreviewForm(forms.Form):
    """The report and the language in which a preset is previewed."""

    report = PreviewReportField(
        label=_("With the data of"), queryset=Report.objects.none(), empty_label=None
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES.items())

    def __init__(self, *args: Any, reports: ReportQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, report=reports)


# Word templates


class WordTemplateForm(EditingForm):
    """A template that exists already may keep its file."""

    given = ("preset",)

    upload = UploadField(
        label=_("Word file"),
        allowed=WordTemplate.ACCEPTED,
        max_bytes=WordTemplate.MAX_BYTES,
    )

    class Meta:
        model = WordTemplate
        fields = ["name", "language"]
        help_texts = {
            "name": _("Name by which people who download the report recognise it."),
            "language": _("Empty: it is filled in every language."),
        }

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        field_of(self, "language", forms.TypedChoiceField).choices = [
            ("", _("Every language")),
            *settings.LANGUAGES,
        ]
        if self.instance.pk:
            self.fields["upload"].required = False
            self.fields["upload"].label = _("Another Word file in its place")

    def clean_upload(self) -> CheckedFile | None:
        checked: CheckedFile | None = self.cleaned_data["upload"]
        if checked is None:
            return None
        try:
            check_template(checked.content)
        except FillFailed as refusal:
            raise ValidationError(refusal.sentences) from None
        return checked

    def save(self, commit: bool = True) -> Any:
        """Store the file with the row; if the row is refused, the file before stays."""
        if upload := self.cleaned_data["upload"]:
            self.instance.take_file(upload, by=self.by)
        return super().save(commit)


# At a glance


class GlanceForm(EditingForm):
    readers = _(
        "The committee, the donor and the partners read the report, and anybody once it is published."
    )
    given: ClassVar[tuple[str, ...]] = ("report",)
    hints = {
        "quotation": _("One or two sentences. They are printed as they are written here."),
        "source": _(
            "Never a name: what the person does, such as “trainer at a partner institution”. Minors "
            "are not quoted."
        ),
    }

    class Meta:
        model = GlanceChoice
        fields = [
            "indicators",
            "photo",
            "without_photo",
            *columns_of("quotation", "source"),
            "consent",
            "consent_on",
        ]
        widgets = {
            "indicators": forms.CheckboxSelectMultiple,
            "consent_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            **{name: forms.Textarea(attrs={"rows": 3}) for name in columns_of("quotation")},
        }
        help_texts = {
            "indicators": _(
                "Four to six. If you choose none, the portal takes them from the results."
            ),
            "photo": _("Only photographs that may be published, with the consent of those shown."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        report = self.instance.report
        indicators = Indicator.objects.filter(result__project=report.project).exclude(
            measure=Indicator.Measure.QUALITATIVE
        )
        figures = field_of(self, "indicators", forms.ModelMultipleChoiceField)
        figures.queryset = indicators.select_related("result").order_by("code", "pk")
        photo = field_of(self, "photo", forms.ModelChoiceField)
        photo.queryset = Evidence.objects.shared().filter(
            activity__project=report.project, kind__in=PICTURES
        )
        photo.empty_label = str(_("The portal chooses"))

    def clean_indicators(self) -> Any:
        chosen = self.cleaned_data["indicators"]
        if len(chosen) > MOST_FIGURES:
            raise ValidationError(
                _("Choose at most %(most)s figures: the page has no room for more.")
                % {"most": MOST_FIGURES}
            )
        return chosen
