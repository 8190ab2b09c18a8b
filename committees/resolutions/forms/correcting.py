"""Forms that correct what was recorded of a decision or recommendation."""

from dataclasses import replace
from datetime import datetime, time
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from committees.models import AgendaItem, Meeting, Resolution
from committees.resolutions.correcting import Correction
from committees.resolutions.forms.recording import (
    TEXTS,
    MomentMixin,
    ResolutionTextForm,
    VoteForm,
)
from committees.resolutions.services import Vote, meeting_of
from kernel.form_fields import field_of


class WhereMixin(MomentMixin):
    """The agenda item and the moment of what is corrected."""

    item = forms.ModelChoiceField(label=_("Agenda item"), queryset=AgendaItem.objects.none())

    def show_where(self, resolution: Resolution) -> None:
        items = self.meeting.items.on_agenda()
        if resolution.is_decision:
            present = Q(pk=resolution.agenda_item_id)
            items = items.filter(Q(purpose=AgendaItem.Purpose.DECIDE) | present)
        field_of(self, "item", forms.ModelChoiceField).queryset = items
        self.initial["item"] = resolution.agenda_item_id
        self.moment_before = resolution.resolved_at
        self.initial["moment"] = self._shown_moment()

    def _shown_moment(self) -> time | None:
        if self.moment_before is None:
            return None
        shown = self.moment_before.astimezone(self.meeting.zone)
        return shown.time().replace(second=0, microsecond=0)

    def clean_moment(self) -> datetime | None:
        """Keep the second: people may have come or gone in the same minute."""
        if self.cleaned_data["moment"] == self._shown_moment():
            return self.moment_before
        return super().clean_moment()


class CorrectResolutionForm(WhereMixin, ResolutionTextForm):
    """Corrects a recommendation, or a decision on which nobody voted."""

    field_order = [*TEXTS, "item", "moment"]

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        self.explain_moment()
        self.show_where(self.instance)
        if self.instance.is_decision:
            del self.fields["moment"]

    @property
    def correction(self) -> Correction:
        return Correction(self.cleaned_data["item"], self.cleaned_data.get("moment"))


class CorrectDecisionForm(WhereMixin, VoteForm, ResolutionTextForm):
    """Corrects a decision that was adopted, or voted down, in all that was recorded."""

    VOTE = ("rule", "votes_for", "votes_against", "abstentions", "rule_reason")
    field_order = [*TEXTS, "item", *VOTE]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.show_where(self.instance)
        for name in self.VOTE:
            self.initial[name] = getattr(self.instance, name)
        if self.instance.was_voted_down:
            for name in ("effects", "extends_to"):
                self.fields.pop(name, None)

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.instance.was_voted_down and self.cleaned_data.get("votes_for") is None:
            self.add_error("votes_for", _("Enter the number of votes."))
        return self.cleaned_data

    @property
    def vote(self) -> Vote:
        rule = self.cleaned_data["rule"] or self.instance.rule  # a decision of old may have none
        is_unanimous = rule == Resolution.Rule.CONSENSUS != self.instance.rule
        if is_unanimous and not self.instance.was_voted_down:
            return Vote(rule=rule)  # the votes and their reason belonged to the other rule
        return replace(super().vote, rule=rule)

    @property
    def correction(self) -> Correction:
        data = self.cleaned_data
        effects = None if self.instance.was_voted_down else self.brings_about
        return Correction(data["item"], data["moment"], self.vote, effects)


def correction_form(
    data: Any, resolution: Resolution
) -> CorrectDecisionForm | CorrectResolutionForm:
    was_put_to_vote = resolution.is_adopted or resolution.was_voted_down
    form = CorrectDecisionForm if was_put_to_vote else CorrectResolutionForm
    return form(data, instance=resolution, meeting=meeting_of(resolution))
