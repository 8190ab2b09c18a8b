"""Forms of remarks on a report and of the answers to them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.forms import EnteredForm, OnceForm, day_input
from kernel.channel import Channel
from kernel.form_fields import field_of
from kernel.personal import TextForm
from kernel.text import StrOrPromise, active_language
from reports.forms.steps import file_field
from reports.models import Report, ReportRemark
from reports.services.remarks import RemarkEntry, add_report_remark

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
