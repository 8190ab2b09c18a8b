"""The forms that close and reopen a project."""

import hashlib
import json
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from committees.forms import DecisionField
from committees.models import Resolution
from kernel.form_fields import field_of
from kernel.personal import TextForm
from partners.forms import DAY, long_text
from projects.models import Project


class ClosingForm(TextForm):
    """Confirms the closing. Its mark says which open things the person saw."""

    readers = _("The team reads it.")

    on = forms.DateField(label=_("Closed on"), widget=DAY)
    decision = DecisionField(
        Resolution.objects.none(),
        label=_("Decision of the committee"),
        required=False,
        help_text=_("If the committee approved the closing. The record of the closing names it."),
    )
    why = long_text(
        _("Why is it closed although these things are open?"),
        2000,
        rows=4,
        help_text=_("The reason is kept with the list of what is open."),
    )
    confirmed = forms.BooleanField(
        label=_("I have read what happens then, and close the project."),
        error_messages={"required": _("Tick this to close the project.")},
    )
    mark = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, project: Project, found: dict[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project, self.found = project, found
        self.fields["on"].initial = project.today
        decisions = Resolution.objects.filter(committee__project=project).in_force()
        field_of(self, "decision", DecisionField).queryset = decisions
        self.initial["decision"] = decisions.filter(closes_project=True).first()
        if not decisions:
            del self.fields["decision"]
        if not found:
            del self.fields["why"]
        self.initial["mark"] = mark_of(found)

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.project.today:
            raise forms.ValidationError(_("This day is in the future: close the project on it."))
        if on <= self.project.starts_on:
            raise forms.ValidationError(_("The project began later: choose a later day."))
        return on

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("mark") != mark_of(self.found):
            data = QueryDict(mutable=True)
            data.update(self.data)
            data["mark"] = mark_of(self.found)  # confirming again is a decision
            self.data = data
            self.add_error(
                None, _("Something changed meanwhile: look at the list again, then confirm.")
            )
        return self.cleaned_data


def mark_of(found: dict[str, int]) -> str:
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]


class ReopenForm(TextForm):
    readers = _("The team reads it.")

    why = long_text(_("Why is it reopened?"), 2000, rows=4)
