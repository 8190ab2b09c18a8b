"""Forms of the progress of an action: of its institution, and of the coordination."""

from dataclasses import replace
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.forms import OnceForm, day_input, reason_field, text_area
from committees.models import Action, ActionTerms, Channel, Shift
from committees.plans.forms.plans import InstitutionField
from committees.plans.services.progress import COMPLETES, OF_INSTITUTIONS, ProgressEntry
from committees.plans.services.shifts import shift_terms
from kernel.files import DOCUMENTS, MEGABYTE, PICTURES, UploadField
from kernel.form_fields import field_of
from kernel.formats import LocalisedDecimalField
from kernel.stamps import StampedForm
from kernel.text import StrOrPromise, active_language
from partners.models import Institution

NEEDS_REASON = frozenset({"block", "cancel", "reopen"})
FILES = ("file_1", "file_2", "file_3")


def evidence_field(label: StrOrPromise) -> UploadField:
    allowed = (*DOCUMENTS, *PICTURES)
    return UploadField(label=label, allowed=allowed, max_bytes=10 * MEGABYTE, required=False)


class ProgressForm(OnceForm):
    """A progress note: the share done, a text and evidence.

    The state follows from the share. A state that no share implies, such as blocked, is chosen.
    """

    share_done = forms.IntegerField(
        label=_("Share done (%)"),
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    step = forms.ChoiceField(label=_("State"), required=False)
    text = forms.CharField(
        label=_("What was done, or why nothing was"),
        required=False,
        max_length=4000,
        widget=text_area(3),
        help_text=_("Never write data on victims here."),
    )
    language = forms.ChoiceField(label=_("Written in"), choices=settings.LANGUAGES, required=False)
    file_1 = evidence_field(_("Evidence"))
    file_2 = evidence_field(_("Second file"))
    file_3 = evidence_field(_("Third file"))

    STEPS = OF_INSTITUTIONS

    def __init__(
        self, *args: Any, action: Action, institution: Institution | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.action, self.institution = action, institution
        self.initial.setdefault("share_done", action.share_done)
        self.initial.setdefault("language", active_language())
        now = _("Follows from the share (now: %(status)s)") % {
            "status": action.get_status_display().lower()
        }
        steps = [verb for verb in action.open_steps if verb in self.STEPS]
        field_of(self, "step", forms.ChoiceField).choices = [
            ("", now),
            *((verb, Action.STEPS[verb].label) for verb in steps),
        ]

    def clean(self) -> dict[str, Any]:
        super().clean()
        fields = self.cleaned_data
        if fields.get("step") in NEEDS_REASON and not fields.get("text", "").strip():
            self.add_error("text", _("Say why: others will ask."))
        if fields.get("step") in COMPLETES:
            fields["share_done"] = 100
        is_new = {"share_done", "step", "text", *FILES} & set(self.changed_data)
        if not (is_new or self.errors):
            self.add_error(
                "text", _("Nothing is new here: change the share, or say what was done.")
            )
        return fields

    def entry(self, *, by: User, channel: str = Channel.PORTAL) -> ProgressEntry:
        fields = self.cleaned_data
        return ProgressEntry(
            share_done=fields["share_done"],
            by=by,
            step=fields["step"],
            text=fields["text"],
            language=fields["language"],
            institution=self.institution,
            channel=channel,
            key=self.key,
            files=[fields[name] for name in FILES if fields.get(name)],
        )


class CoordinatorProgressForm(ProgressForm):
    """Lets the coordination note for itself, or enter what an institution reported otherwise."""

    STEPS = frozenset(Action.STEPS)

    reported_by = InstitutionField(
        Institution.objects.none(),
        label=_("Source of the information"),
        required=False,
        empty_label=_("The coordination itself"),
    )
    channel = forms.ChoiceField(
        label=_("How it arrived"),
        choices=[("", "–"), *Channel.entered()],
        required=False,
    )
    noted_on = forms.DateField(label=_("Day"), widget=day_input(), required=False)
    evidence = forms.CharField(
        label=_("How you know"),
        max_length=300,
        required=False,
        help_text=_("Who called and when, or which letter or message: a function, not a name."),
    )
    field_order = ["share_done", "step", "text", "language", *FILES, "reported_by", "channel"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("noted_on", timezone.localdate())
        project = self.action.project
        field_of(self, "reported_by", forms.ModelChoiceField).queryset = (
            Institution.objects.filter(participations__project=project).distinct().with_names()
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        fields = self.cleaned_data
        if fields.get("reported_by") and not fields.get("channel"):
            self.add_error("channel", _("Say how the institution informed you."))
        if fields.get("channel") and not fields.get("reported_by"):
            self.add_error("reported_by", _("Say which institution informed you."))
        if fields.get("channel") and not fields.get("evidence", "").strip():
            self.add_error(
                "evidence", _("Say how you know: who called and when, or which letter it was.")
            )
        if fields.get("noted_on") and fields["noted_on"] > timezone.localdate():
            self.add_error(
                "noted_on", _("This day is in the future: choose today or an earlier day.")
            )
        return fields

    def entry(self, *, by: User, channel: str = Channel.PORTAL) -> ProgressEntry:
        fields = self.cleaned_data
        return replace(
            super().entry(by=by, channel=fields["channel"] or channel),
            institution=fields["reported_by"],
            evidence=fields["evidence"],
            on=fields["noted_on"],
        )


class ActionShiftForm(StampedForm):
    """The terms that may move."""

    lock_first = "plan"

    budget = LocalisedDecimalField(
        label=_("Budget"), required=False, max_digits=14, decimal_places=2, min_value=0
    )
    reason = reason_field(help_text=_("This is reported at the next meeting of the committee."))

    class Meta:
        model = ActionTerms
        fields = ["starts_on", "ends_on", "budget"]
        widgets = {"starts_on": day_input(), "ends_on": day_input()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["budget"].help_text = self.instance.plan.project.currency

    def _post_clean(self) -> None:
        """Leave the rules to the service: validated terms refuse any other change than a shift."""

    def record(self, *, by: User) -> list[Shift]:
        fields = self.cleaned_data
        return shift_terms(
            self.instance,
            starts_on=fields["starts_on"],
            ends_on=fields["ends_on"],
            budget=fields["budget"],
            reason=fields["reason"],
            by=by,
        )
