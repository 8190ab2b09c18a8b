"""Forms of obligations: the filters of their list, and the reminder rules of a project."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ibcr_portal.models import ObligationKind, ReminderRule
from ibcr_portal.obligations.due import STATES
from ibcr_portal.obligations.writing import Chosen
from ibcr_portal.reader import Reader
from kernel.choosing import MANY
from kernel.stamps import StampedForm
from partners.forms import any_of
from projects.choosing import OfProjects


class DueFilterForm(OfProjects):
    """The filters of the list. `whose` and `state` have defaults."""

    whose = forms.ChoiceField(
        label=_("Whose"), required=False, choices=[("", _("Everybody’s")), ("mine", _("Mine"))]
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Not done")), *((state.value, label) for state, label in STATES.items())],
    )
    kind = any_of(_("Kind"), ObligationKind.choices)
    field_order = ("whose", "state", "kind", "project")

    def __init__(self, *args: Any, reader: Reader, one_project: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if one_project:
            del self.fields["project"]
        else:
            self.offer(reader.projects if len(reader.keys) <= MANY else reader.keys)

    @property
    def chosen(self) -> Chosen:
        """The filters; one that is nonsense filters nothing."""
        self.is_valid()
        kept = self.cleaned_data
        kind = kept.get("kind")
        return Chosen(
            is_mine=bool(kept.get("whose")),
            kinds=(kind,) if kind else (),
            state=kept.get("state", ""),
        )

    @property
    def is_filtered(self) -> bool:
        return any(self.cleaned_data.values())


class ReminderRuleForm(StampedForm):
    class Meta:
        model = ReminderRule
        fields = ["is_on", "before", "on_the_day", "after"]

    @property
    def summary_label(self) -> str:
        return str(self.instance.get_kind_display())
