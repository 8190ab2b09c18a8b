"""Forms of report presets and their sections."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.editing import EditingForm
from kernel.form_fields import field_of
from kernel.languages import LANGUAGES
from kernel.text import StrOrPromise
from reports.models import PresetSection, Report, ReportPreset, ReportQuerySet, SectionKind


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
        field_of(self, "report", forms.ModelChoiceField).queryset = reports
