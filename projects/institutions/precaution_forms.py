"""Forms to hide an institution everywhere as a precaution, and to lift that."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.form_fields import field_of
from kernel.stamps import StampedForm
from partners.forms import DAY, not_to_come
from projects.models import NamingChoice, NamingPrecaution, PrecautionLift, Project

BY_ITSELF = (NamingChoice.Channel.PORTAL, NamingChoice.Channel.PRECAUTION)
CHANNELS = [choice for choice in NamingChoice.Channel.choices if choice[0] not in BY_ITSELF]


class PrecautionForm(StampedForm):
    class Meta:
        model = NamingPrecaution
        fields = ["reason"]
        widgets = {"reason": forms.Textarea(attrs={"rows": 3})}


class AgreedLiftForm(StampedForm):
    """How and when the institution agreed; `projects`: in which of them the coordination lifts it,
    or None for all."""

    class Meta:
        model = PrecautionLift
        fields = ["project", "agreed_on", "channel", "reason"]
        widgets = {"agreed_on": DAY, "reason": forms.Textarea(attrs={"rows": 3})}
        labels = {"project": _("Where it applies")}

    def __init__(self, *args: Any, projects: list[Project] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True
        field_of(self, "channel", forms.ChoiceField).choices = [("", "---------"), *CHANNELS]
        if projects is None:
            del self.fields["project"]
            return
        place = field_of(self, "project", forms.ModelChoiceField)
        place.queryset = Project.objects.filter(pk__in=[project.pk for project in projects])
        place.required, place.empty_label = True, None

    def clean_agreed_on(self) -> Any:
        return not_to_come(self.cleaned_data["agreed_on"])
