"""Forms of the steps of a report."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.forms import DecisionField, EnteredForm
from committees.models import Meeting, Resolution
from kernel.files import UploadField
from kernel.form_fields import field_of
from kernel.formats import day
from kernel.personal import TextForm
from kernel.text import StrOrPromise
from reports.forms.reports import VersionNoteForm
from reports.models import Report, ReportFile


def reason_field(label: StrOrPromise, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), **options
    )


def file_field(label: StrOrPromise) -> UploadField:
    return UploadField(
        label=label,
        required=False,
        allowed=ReportFile.ACCEPTED,
        max_bytes=ReportFile.MAX_BYTES,
    )


class ReportStepForm(TextForm):
    """The reason of a step, and the day on which it happened unless that is today."""

    on = forms.DateField(
        label=_("Happened on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave empty for today."),
    )
    why = reason_field(_("Reason or reference"), required=False)

    def __init__(self, *args: Any, needs_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].required = needs_reason

    def clean_on(self) -> date | None:
        on: date | None = self.cleaned_data["on"]
        if on and on > timezone.localdate():
            raise forms.ValidationError(_("This day is in the future."))
        return on


class ReportSignOffForm(ReportStepForm):
    """Signing off: with a note on what is different in a later version, and a question if
    remarks of the internal review are still open."""

    despite = forms.BooleanField(
        label=_("Sign off despite open remarks of the internal review"),
        error_messages={
            "required": _(
                "Settle the open remarks first, or tick the box to sign off nevertheless."
            )
        },
    )

    def __init__(self, *args: Any, report: Report, open_remarks: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not open_remarks:
            del self.fields["despite"]
        self.note_fields: list[str] = []
        if report.version > 1:
            form = VersionNoteForm(instance=report)
            self.note_fields = form.boxes["version_note"]
            for name in self.note_fields:
                self.fields[name] = form.fields[name]
                self.initial.setdefault(name, form.initial[name])

    @property
    def note(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.note_fields}


class ReportReturnForm(ReportStepForm):
    """The donor asks for changes: as text, in a returned file, or in the comments made before."""

    upload = file_field(_("Returned file with comments"))
    field_order = ["why", "upload", "on"]

    def __init__(self, *args: Any, has_comments: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_comments = has_comments
        self.fields["why"].label = _("Changes requested")

    def clean(self) -> dict[str, Any]:
        super().clean()
        fields = self.cleaned_data
        names_changes = fields.get("why", "").strip() or fields.get("upload") or self.has_comments
        if not names_changes and not self.errors:
            self.add_error(
                "why", _("Say which changes are requested, or upload the returned file.")
            )
        return fields


class EnteredReportReturnForm(EnteredForm, ReportReturnForm):
    """The coordination records that the donor asked for changes."""

    field_order = ["why", "upload", "on", "channel", "evidence"]


class ReportAcceptForm(ReportStepForm):
    """The donor accepts the report on the portal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].label = _("Comment")
        del self.fields["on"]


class EnteredReportAcceptForm(ReportStepForm):
    """The coordination records that the donor accepted the report by letter."""

    reference = forms.CharField(
        label=_("Letter or reference"),
        max_length=200,
        help_text=_("The letter's own details: its number, its office, its date."),
    )
    letter = file_field(_("Donor’s letter"))
    field_order = ["on", "reference", "letter", "why"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].label = _("Date of the letter")
        self.fields["on"].required = True
        self.fields["on"].help_text = ""
        self.fields["why"].label = _("Comment")


class OutcomeMeetingField(forms.ModelChoiceField):
    """Shows the day of a meeting beside its name."""

    def label_from_instance(self, meeting: Meeting) -> str:
        return f"{meeting}, {day(meeting.day)}"


class CommitteeOutcomeForm(forms.Form):
    """Whether the committee validated or noted the report, by which decision or at which
    meeting."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=Report.Outcome.choices, widget=forms.RadioSelect
    )
    resolution = DecisionField(
        Resolution.objects.none(),
        label=_("Decision"),
        required=False,
        help_text=_("A report is validated by an adopted decision of the committee."),
    )
    meeting = OutcomeMeetingField(
        Meeting.objects.none(),
        label=_("Noted at the meeting"),
        required=False,
        help_text=_("Only if the committee noted the report without a decision."),
    )
    # The moment of the outcome that the person saw, so that nobody overwrites another one unseen.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        decisions: QuerySet[Resolution],
        meetings: QuerySet[Meeting],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "resolution", forms.ModelChoiceField).queryset = decisions
        field_of(self, "meeting", forms.ModelChoiceField).queryset = meetings

    def clean(self) -> dict[str, Any]:
        super().clean()
        fields = self.cleaned_data
        if fields.get("outcome") == Report.Outcome.VALIDATED and not fields.get("resolution"):
            self.add_error(
                "resolution", _("Choose the decision by which the committee validated the report.")
            )
        elif not fields.get("resolution") and not fields.get("meeting"):
            self.add_error(
                "meeting",
                _("Choose the decision, or the meeting at which the committee noted the report."),
            )
        return fields
