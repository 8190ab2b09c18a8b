"""What is typed when a report takes a step."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.forms import EnteredForm
from committees.models import Meeting, Resolution
from kernel.files import UploadField
from kernel.formats import day_short
from reports.forms.reports import VersionNoteForm
from reports.models import Report, ReportFile


def words_field(label: str, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), **options
    )


def file_field(label: str) -> UploadField:
    return UploadField(
        label=label,
        required=False,
        allowed=ReportFile.ACCEPTED,
        max_bytes=ReportFile.MAX_BYTES,
    )


class StepForm(forms.Form):
    """Why a step is taken, and the day it happened on where that was not today."""

    on = forms.DateField(
        label=_("Happened on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave empty for today."),
    )
    why = words_field(_("Reason or reference"), required=False)

    def __init__(self, *args: Any, needs_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].required = needs_reason

    def clean_on(self) -> date | None:
        on = self.cleaned_data["on"]
        if on and on > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return on


class SignOffForm(StepForm):
    """A first version has nothing to differ from; remarks that wait are asked about, once."""

    despite = forms.BooleanField(
        label=_("Sign off although remarks of the internal review are open"),
        error_messages={
            "required": _("Settle the open remarks first, or tick that you sign off nevertheless.")
        },
    )

    def __init__(self, *args: Any, report: Report, open_remarks: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not open_remarks:
            del self.fields["despite"]
        self.note_fields = []
        if report.version > 1:
            form = VersionNoteForm(instance=report)
            self.fields |= form.fields
            self.note_fields = list(form.fields)
            for name in self.note_fields:
                self.initial.setdefault(name, form.initial[name])

    @property
    def note(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.note_fields}


class ReturnForm(StepForm):
    """The donor asks for changes: in words, in the returned file, or in the comments it gave."""

    upload = file_field(_("Returned file with comments"))
    field_order = ["why", "upload", "on"]

    def __init__(self, *args: Any, has_comments: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_comments = has_comments
        self.fields["why"].label = _("Which changes are asked for")

    def clean(self) -> dict[str, Any]:
        fields = super().clean()
        said = fields.get("why", "").strip() or fields.get("upload") or self.has_comments
        if not said and not self.errors:
            self.add_error("why", _("Say which changes are asked for, or give the returned file."))
        return fields


class EnteredReturnForm(EnteredForm, ReturnForm):
    """The same, recorded by the coordination."""

    field_order = ["why", "upload", "on", "channel", "evidence"]


class AcceptForm(StepForm):
    """The donor accepts in person."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].label = _("A word about it")
        del self.fields["on"]


class EnteredAcceptForm(StepForm):
    """The donor accepted by a letter, which the coordination has before it."""

    reference = forms.CharField(
        label=_("Letter or reference"),
        max_length=200,
        help_text=_("What the letter says of itself: its number, its office, its date."),
    )
    letter = file_field(_("Donor’s letter"))
    field_order = ["on", "reference", "letter", "why"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].label = _("Date of the letter")
        self.fields["on"].required = True
        self.fields["on"].help_text = ""
        self.fields["why"].label = _("A word about it")


class OutcomeForm(forms.Form):
    """What the committee made of the report, by which decision or at which meeting."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=Report.Outcome.choices, widget=forms.RadioSelect
    )
    resolution = forms.ModelChoiceField(
        Resolution.objects.none(),
        label=_("Decision"),
        required=False,
        help_text=_("A report is validated by a decision that the committee adopted."),
    )
    meeting = forms.ModelChoiceField(
        Meeting.objects.none(),
        label=_("Noted at the meeting"),
        required=False,
        help_text=_("Only where the committee noted the report without a decision."),
    )
    # What was recorded when the form was opened: nobody overwrites what they have not seen.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, decisions: Any, meetings: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["resolution"].queryset = decisions
        self.fields["resolution"].label_from_instance = lambda one: f"{one} · {one.text[:120]}"
        self.fields["meeting"].queryset = meetings
        self.fields["meeting"].label_from_instance = lambda one: f"{one}, {day_short(one.day)}"

    def clean(self) -> dict[str, Any]:
        fields = super().clean()
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
