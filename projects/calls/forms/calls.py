"""Forms for a call for projects: its criteria, documents, panel and decisions."""

import zoneinfo
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.editing import EditingForm
from kernel.files import UploadField
from kernel.form_fields import CurrencyField, choose_from, field_of
from kernel.formats import LocalisedDecimalField, city_of
from kernel.languages import first_language
from kernel.personal import TextForm
from kernel.stamps import StampedForm
from partners.forms import DAY, PastDay, long_text
from projects.forms import in_languages
from projects.models import CallDocument, CallForProposals, CallQuestion, Criterion
from projects.models.call import DOCUMENT_BYTES

TEXTS = ("title", "theme", "eligibility", "files_asked")
# Applicants rely on these from the publication on, so that they can no longer be changed.
FIXED_ONCE_PUBLISHED = (
    "code",
    "budget",
    "currency",
    "smallest",
    "largest",
    "grants_expected",
    "months",
    "files_required",
    "opens_at",
)


class ZonedMomentField(forms.DateTimeField):
    """A day and a time to the second in the time zone `zone`, wherever the reader is."""

    zone = zoneinfo.ZoneInfo("UTC")  # the form sets that of the project
    widget = forms.DateTimeInput(
        format="%Y-%m-%dT%H:%M:%S", attrs={"type": "datetime-local", "step": 1}
    )

    def to_python(self, value: Any) -> datetime | None:
        with timezone.override(self.zone):
            return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return value.astimezone(self.zone).replace(tzinfo=None, microsecond=0)
        return value


class CallForm(EditingForm):
    readers = _("Anybody can read it: the call is public.")

    given = ("project",)

    opens_at = ZonedMomentField(label=_("Opens"))
    closes_at = ZonedMomentField(label=_("Deadline"))
    currency = CurrencyField()
    budget = LocalisedDecimalField(label=_("Budget of the call"), max_digits=14, decimal_places=2)
    smallest = LocalisedDecimalField(
        label=_("Smallest grant"), max_digits=14, decimal_places=2, required=False
    )
    largest = LocalisedDecimalField(label=_("Largest grant"), max_digits=14, decimal_places=2)

    class Meta:
        model = CallForProposals
        fields = [
            "code",
            *in_languages(*TEXTS),
            "files_required",
            "budget",
            "currency",
            "smallest",
            "largest",
            "grants_expected",
            "months",
            "opens_at",
            "closes_at",
            *in_languages("date_note"),
            "contact_email",
            "result",
            "illustrative",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        project = self.instance.project
        choose_from(self, result=project.results.all())
        self.fields["code"].help_text = _("Part of the public address, such as APP-2020.")
        place = city_of(project.zone.key)
        for name in ("opens_at", "closes_at"):
            field_of(self, name, ZonedMomentField).zone = project.zone
            self.fields[name].help_text = _("In the time zone of %(place)s.") % {"place": place}
        self.deadline = self.instance.closes_at
        if not self.instance.is_draft:
            for name in FIXED_ONCE_PUBLISHED:
                del self.fields[name]

    def clean_closes_at(self) -> datetime:
        """Lets the deadline of a published call move only to a later moment: applicants rely on it."""
        closes_at: datetime = self.cleaned_data["closes_at"]
        if self.instance.is_draft:
            return closes_at
        if closes_at < self.deadline:
            raise forms.ValidationError(_("The call is published: its deadline can only be later."))
        if closes_at > self.deadline and self.instance.status != CallForProposals.Status.PUBLISHED:
            raise forms.ValidationError(_("The call is closed: its deadline can no longer change."))
        return closes_at


class CriterionForm(EditingForm):
    given = ("call",)

    weight = LocalisedDecimalField(
        label=_("Weight"),
        max_digits=5,
        decimal_places=2,
        help_text=_("Against the other criteria: 2 counts twice as much as 1."),
    )

    class Meta:
        model = Criterion
        fields = [*in_languages("title"), "weight", "max_points", "position"]


class CallQuestionForm(EditingForm):
    readers = _("Anybody reads it: it is on the public page of the call.")

    given = ("call",)

    class Meta:
        model = CallQuestion
        fields = [*in_languages("question", "answer"), "answered_on"]
        widgets = {
            **{name: forms.Textarea(attrs={"rows": 2}) for name in in_languages("question")},
            **{name: forms.Textarea(attrs={"rows": 4}) for name in in_languages("answer")},
            "answered_on": DAY,
        }


class CallDocumentForm(StampedForm):
    upload = UploadField(label=_("File"), allowed=CallDocument.ACCEPTED, max_bytes=DOCUMENT_BYTES)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = CallDocument
        fields = ["title", "language"]

    field_order = ["upload", "title", "language"]


class PanelMemberForm(TextForm):
    """Names a member by the e-mail address; a list would show everybody who has an account."""

    email = forms.EmailField(label=_("E-mail address"))
    full_name = forms.CharField(
        label=_("Full name"),
        max_length=200,
        required=False,
        help_text=_("Only for somebody new here: they will be invited by e-mail."),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, initial=first_language
    )


class CallStepForm(TextForm):
    """The reason of a step of a call, which some steps need."""

    why = long_text(_("Reason"), 1000, required=False)


class ConflictOfInterestForm(TextForm):
    has_conflict = forms.TypedChoiceField(
        label=_("Is there a conflict of interest?"),
        choices=[
            ("0", _("No: I have no ties with this organisation or its people.")),
            ("1", _("Yes: somebody else judges this proposal.")),
        ],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    conflict = long_text(
        _("Which conflict"),
        1000,
        rows=2,
        required=False,
        help_text=_("For example: I worked for this organisation last year."),
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("has_conflict") and not cleaned.get("conflict", "").strip():
            self.add_error("conflict", _("Say in a few words which conflict there is."))
        return cleaned


class ProposalDecisionForm(TextForm):
    """A decision on a proposal with its day and reasons; an award has an amount."""

    on = PastDay(label=_("Decided on"))
    reason = long_text(_("Reasons"), 2000, rows=4)
    amount = LocalisedDecimalField(
        label=_("Amount awarded"), max_digits=14, decimal_places=2, min_value=Decimal("0.01")
    )
    over_budget = forms.BooleanField(
        label=_("The budget of the call may be exceeded."), required=False
    )

    def __init__(self, *args: Any, verb: str, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate()
        self.fields["reason"].help_text = _(
            "The organisation will read them in its letter; write in its language: %(language)s."
        ) % {"language": dict(settings.LANGUAGES)[language]}
        if verb != "award":
            del self.fields["amount"], self.fields["over_budget"]


class LateAdmissionForm(TextForm):
    until = ZonedMomentField(label=_("May be submitted until"))
    reason = forms.CharField(
        label=_("Why it is admitted"),
        max_length=500,
        help_text=_("It is shown with the proposal, also to the panel."),
    )

    def __init__(self, *args: Any, zone: zoneinfo.ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "until", ZonedMomentField).zone = zone

    def clean_until(self) -> datetime:
        until: datetime = self.cleaned_data["until"]
        if until <= timezone.now():
            raise forms.ValidationError(_("This moment has passed. Choose one in the future."))
        return until
