"""Forms to filter the register of institutions, and to add one to a project."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kernel.form_fields import field_of
from partners.models import Institution
from projects.models import Participation, Project


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


class InstitutionPlaceForm(forms.Form):
    """Chooses the project in which a new institution takes part. Without one, the coordinator who
    created it could not see it again."""

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
