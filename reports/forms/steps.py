"""Forms of the steps of a report, of remarks on it and of the answers to them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.forms import DecisionField, EnteredForm, OnceForm, day_input
from committees.models import Meeting, Resolution
from kernel.channel import Channel
from kernel.files import UploadField
from kernel.form_fields import choose_from, field_of
from kernel.formats import day
from kernel.personal import TextForm
from kernel.text import StrOrPromise, active_language
from projects.sending.forms import DeliveredForm, OwnLinesForm
from reports.forms.reports import VersionNoteForm
from reports.models import Report, ReportFile, ReportRemark
from reports.services.remarks import RemarkEntry, add_report_remark


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


class ReportToDonorForm(DeliveredForm, ReportStepForm):
    """A step of which the donor's people get a message."""


class ReportPublishForm(OwnLinesForm, ReportStepForm):
    """The same, where nobody needs to get it."""


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
        choose_from(self, resolution=decisions, meeting=meetings)

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


# Remarks and answers


NO_VICTIMS = _("Never write data on victims here.")


def text_field(label: StrOrPromise, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=NO_VICTIMS,
        **options,
    )


@dataclass(frozen=True)
class RemarkPlace:
    """A heading within a section: its anchor in the document, and its words."""

    section: str
    anchor: str
    title: str

    @property
    def value(self) -> str:
        return f"{self.section}#{self.anchor}"


class ReportRemarkForm(OnceForm):
    """A remark on a section or on the whole report, as text or in a file with comments."""

    readers = _(
        "The team reads it, and so does the side it comes from: the donor or the committee."
    )

    section = forms.ChoiceField(label=_("On"), required=False)
    text = text_field(_("Remark"), required=False)
    upload = file_field(_("Returned file with comments"))
    language = forms.ChoiceField(label=_("Language of these words"), choices=settings.LANGUAGES)
    field_order = ["section", "text", "upload", "language", "entry_key"]

    def __init__(
        self, *args: Any, report: Report, place: RemarkPlace | None = None, **kwargs: Any
    ) -> None:
        """`place`: the heading at which somebody pressed “Comment”, which is chosen then."""
        super().__init__(*args, **kwargs)
        self.report, self.place = report, place
        labels = report.preset.labels()
        choices = [("", _("The whole report")), *labels.items()]
        if place:
            label = f"{labels.get(place.section, place.section)} · {place.title}"
            choices.insert(0, (place.value, label))
            self.initial["section"] = place.value
        field_of(self, "section", forms.ChoiceField).choices = choices
        self.initial.setdefault("language", active_language())

    def clean(self) -> dict[str, Any]:
        super().clean()
        fields = self.cleaned_data
        if not fields.get("text", "").strip() and not fields.get("upload") and not self.errors:
            self.add_error("text", _("Write the remark, or upload the file that contains it."))
        return fields

    def entry(self, by: User) -> RemarkEntry:
        return RemarkEntry(by=by, channel=Channel.PORTAL, key=self.key)

    def record(self, origin: str, *, by: User) -> ReportRemark:
        fields = self.cleaned_data
        at = self.place if self.place and fields["section"] == self.place.value else None
        return add_report_remark(
            self.report,
            origin,
            section=at.section if at else fields["section"],
            place=(at.anchor, at.title[:300]) if at else ("", ""),
            text=fields["text"],
            language=fields["language"],
            file=fields["upload"],
            entry=self.entry(by),
        )


class EnteredReportRemarkForm(EnteredForm, ReportRemarkForm):
    """A remark that the donor or the committee made by letter, by telephone or at a meeting."""

    origin = forms.ChoiceField(label=_("Who says it"), widget=forms.RadioSelect)
    given_on = forms.DateField(label=_("Given on"), widget=day_input())
    field_order = [
        "origin",
        "section",
        "text",
        "upload",
        "language",
        "channel",
        "given_on",
        "evidence",
        "entry_key",
    ]

    def __init__(self, *args: Any, origins: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one, ReportRemark.Origin(one).label) for one in origins]
        field_of(self, "origin", forms.ChoiceField).choices = choices
        if len(choices) == 1:
            self.initial.setdefault("origin", choices[0][0])

    def clean_given_on(self) -> date:
        given_on: date = self.cleaned_data["given_on"]
        if given_on > timezone.localdate():
            raise forms.ValidationError(_("An answer cannot have arrived in the future."))
        return given_on

    def entry(self, by: User) -> RemarkEntry:
        fields = self.cleaned_data
        return RemarkEntry(
            by=by,
            channel=fields["channel"],
            evidence=fields["evidence"],
            on=fields["given_on"],
            key=self.key,
        )


class RemarkAnswerForm(TextForm):
    """The answer to a remark. One that is answered already can only be settled."""

    text = text_field(_("Answer"), required=False)
    settle = forms.BooleanField(label=_("The remark is settled"), required=False)

    def __init__(self, *args: Any, remark: ReportRemark, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if remark.answer:
            del self.fields["text"]
            self.initial["settle"] = True
        if remark.origin == ReportRemark.Origin.DONOR and not remark.answer:
            self.fields["text"].help_text = _(
                "The donor reads it. Never write data on victims here."
            )

    def clean(self) -> dict[str, Any]:
        super().clean()
        fields = self.cleaned_data
        if not fields.get("text", "").strip() and not fields.get("settle"):
            name = "text" if "text" in self.fields else "settle"
            self.add_error(name, _("Write the answer, or settle the remark without one."))
        return fields
