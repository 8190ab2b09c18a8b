"""Forms to give people roles in a project, and to end them."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.editing import EditingForm
from kernel.languages import first_language
from kernel.personal import TextForm
from kernel.stamps import Stamped
from partners.forms import DAY
from projects.models import Assignment, HandoverNote


class AssignmentForm(TextForm):
    """Finds a person by their address: a list would show everybody who has an account."""

    email = forms.EmailField(label=_("E-mail address"))
    full_name = forms.CharField(
        label=_("Full name"),
        max_length=200,
        help_text=_("The person is invited by e-mail, and the role begins once they accept."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        initial=first_language,
        help_text=_("For somebody new here; everybody can change their own later."),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Assignment.Role,
        help_text=_(
            "Coordinators edit everything and invite. Monitoring edits activities and values, finance "
            "the budget and spending; both write in reports. Readers change nothing. Auditors read "
            "everything until a day."
        ),
    )
    ends_on = forms.DateField(
        label=_("Until"),
        widget=DAY,
        required=False,
        help_text=_("An auditor's access needs an end date."),
    )

    def clean_ends_on(self) -> Any:
        return refuse_past_day(self.cleaned_data["ends_on"])

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        is_auditor = cleaned.get("role") == Assignment.Role.AUDITOR
        if is_auditor and not cleaned.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", _("An auditor's access needs an end date."))
        return cleaned


class AssignmentEndForm(Stamped, forms.Form):
    ends_on = forms.DateField(
        label=_("Until"), widget=DAY, required=False, help_text=_("Empty: without an end.")
    )

    def clean_ends_on(self) -> Any:
        return refuse_past_day(self.cleaned_data["ends_on"])


def refuse_past_day(day: Any) -> Any:
    if day and day < timezone.localdate():
        raise ValidationError(_("This day has passed. To end a role at once, remove it."))
    return day


class HandoverForm(EditingForm):
    readers = _("The team of the project and its auditors read it.")

    class Meta:
        model = HandoverNote
        fields = ("text",)
        widgets = {"text": forms.Textarea(attrs={"rows": 14})}
