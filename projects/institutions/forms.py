"""What may be typed about who works for a project, and which institutions take part."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.form_fields import field_of
from partners.forms import DAY
from partners.models import Institution
from projects.models import Assignment, Participation, Project


class AssignmentForm(forms.Form):
    """By the address, not from a list: a list would show everybody who has an account."""

    email = forms.EmailField(label=_("E-mail address"))
    full_name = forms.CharField(
        label=_("Full name"),
        max_length=200,
        help_text=_("The person is invited by e-mail, and the role begins once they accept."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        initial=settings.LANGUAGE_CODE,
        help_text=_("Of somebody new here; everybody changes their own later."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Assignment.Role)
    ends_on = forms.DateField(
        label=_("Until"),
        widget=DAY,
        required=False,
        help_text=_("An auditor's access needs an end date."),
    )

    def clean_ends_on(self) -> Any:
        return still_to_come(self.cleaned_data["ends_on"])

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        is_auditor = cleaned.get("role") == Assignment.Role.AUDITOR
        if is_auditor and not cleaned.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", _("An auditor's access needs an end date."))
        return cleaned


class AssignmentEndForm(forms.Form):
    ends_on = forms.DateField(
        label=_("Until"), widget=DAY, required=False, help_text=_("Empty: without an end.")
    )

    def clean_ends_on(self) -> Any:
        return still_to_come(self.cleaned_data["ends_on"])


def still_to_come(day: Any) -> Any:
    if day and day < timezone.localdate():
        raise ValidationError(_("This day is over. To end a role at once, remove it."))
    return day


class InstitutionFilterForm(forms.Form):
    q = forms.CharField(label=_("Name"), required=False, max_length=100, widget=forms.SearchInput)
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("All")), *Institution.Kind.choices]
    )
    project = forms.ModelChoiceField(
        label=_("Project"),
        required=False,
        queryset=Project.objects.none(),
        to_field_name="code",
        empty_label=_("All"),
    )

    def __init__(self, *args: Any, projects: QuerySet[Project], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "project", forms.ModelChoiceField).queryset = projects


class PlaceForm(forms.Form):
    """In which project a new institution takes part: without one, its coordinator could not
    see it again."""

    project = forms.ModelChoiceField(
        label=_("Project"), queryset=Project.objects.none(), to_field_name="code"
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=Participation.Role, initial=Participation.Role.PARTNER
    )

    def __init__(
        self, *args: Any, projects: QuerySet[Project], required: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "project", forms.ModelChoiceField).queryset = projects
        self.fields["project"].required = required
