"""The one control for what a decision brings about, in session and in writing: “This decision…”."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _, gettext_lazy

from committees.agenda.services.agenda import constitutes_committee
from committees.forms import day_input
from committees.models import ActionPlan, AgendaItem, Committee, Meeting, Minutes
from committees.resolutions.effects import CLOSES, TERMS, DecisionEffects, Thing, key_of
from kernel.form_fields import field_of
from kernel.formats import day
from projects.models import Amendment

# In which its closing may be approved.
LAST_YEAR = timedelta(days=366)


class EffectsField(forms.MultipleChoiceField):
    """What a decision may bring about now; the value is `DecisionEffects`."""

    # Whoever goes back finds another list: a browser would put the ticks back by their place.
    widget = forms.CheckboxSelectMultiple(attrs={"autocomplete": "off"})

    def offer(
        self, committee: Committee, present: DecisionEffects, *, meeting: Meeting | None = None
    ) -> None:
        """Offer what may be decided now, with what the decision has brought about already. A meeting
        adopts no minutes of its own; in writing, without a meeting, no committee is constituted."""
        project = committee.project
        plans = ActionPlan.objects.filter(project=project, status=ActionPlan.Status.PRESENTED)
        amendments = Amendment.objects.filter(project=project, status=Amendment.Status.DRAFT)
        finals = Minutes.objects.with_related().filter(
            meeting__committee=committee, status=Minutes.Status.FINAL_DRAFT
        )
        things: list[Thing] = [*plans.select_related("period", "project"), *amendments]
        things += finals.exclude(meeting=meeting)
        is_founded = meeting is not None or committee.status != Committee.Status.DRAFT
        labelled = self._labelled(committee, present, things)
        self.choices = [each for each in labelled if is_founded or each[0] != TERMS]
        self.initial = present.keys

    def offer_again(self, committee: Committee, present: DecisionEffects) -> None:
        """Offer what another decision has brought about, and nothing else."""
        kept = {TERMS: present.adopts_terms, CLOSES: present.closes_project}
        labelled = self._labelled(committee, present, [])
        self.choices = [(key, label) for key, label in labelled if kept.get(key, True)]

    def _labelled(
        self, committee: Committee, present: DecisionEffects, offered: Iterable[Thing]
    ) -> list[tuple[str, str]]:
        kinds = [ActionPlan, Amendment, Minutes]
        things = sorted([*present.things, *offered], key=lambda one: kinds.index(type(one)))
        self.things = {key_of(thing): thing for thing in things}
        choices = [(key, label_of(thing)) for key, thing in self.things.items()]
        if committee.status == Committee.Status.DRAFT:
            terms = _("constitutes the committee and adopts its terms of reference")
            choices.insert(0, (TERMS, _with_doubt(terms, committee)))
        elif present.adopts_terms or committee.terms_adopted_by_id is None:
            terms = _("adopts the terms of reference of the committee")
            choices.insert(0, (TERMS, _with_doubt(terms, committee)))
        project = committee.project
        ends = project.current_end - project.today < LAST_YEAR and not project.is_closed
        if ends or present.closes_project:
            closes = _("approves closing the project, which is then closed on its page “Closing”")
            choices.append((CLOSES, closes))
        self.keys = [key for key, _label in choices]
        return choices

    def propose(self, item: AgendaItem) -> None:
        """Tick what the item is there for."""
        about = {key_of(subject.thing) for subject in item.subjects.with_things()}
        about |= {TERMS} if constitutes_committee(item) else set()
        self.initial = [key for key in self.keys if key in about]

    def clean(self, value: Any) -> DecisionEffects:
        chosen = super().clean(value)
        return DecisionEffects(
            tuple(self.things[key] for key in chosen if key in self.things),
            adopts_terms=TERMS in chosen,
            closes_project=CLOSES in chosen,
        )


def _with_doubt(label: str, committee: Committee) -> str:
    """Say so where the portal has neither the text nor a file of the terms of reference."""
    if committee.terms_text or committee.documents.filter(meeting=None).exists():
        return label
    return f"{label} ({_('whose text is not entered here yet')})"


def label_of(thing: Thing) -> str:
    if isinstance(thing, ActionPlan):
        return _("validates “%(thing)s”") % {"thing": thing}
    if isinstance(thing, Minutes):
        return _("adopts “%(thing)s”") % {"thing": thing}
    named = {"thing": f"{thing} · {thing.title}"}
    if thing.kind == Amendment.Kind.BUDGET:
        return (
            _("recommends the reallocation or change of the budget “%(thing)s” to the donor")
            % named
        )
    return _("recommends “%(thing)s” to the donor") % named


class EffectsForm(forms.Form):
    """What a decision brings about, with the date of an extension that is drafted with it."""

    effects = EffectsField(label=gettext_lazy("This decision…"), required=False)
    extends_to = forms.DateField(
        label=gettext_lazy("This decision recommends an extension until"),
        required=False,
        widget=day_input(),
        help_text=gettext_lazy(
            "The amendment is drafted with this date. Only the donor can approve it."
        ),
    )

    def offer_effects(
        self, committee: Committee, present: DecisionEffects, meeting: Meeting | None = None
    ) -> EffectsField:
        self.project = committee.project
        field = field_of(self, "effects", EffectsField)
        field.offer(committee, present, meeting=meeting)
        if not field.choices:
            del self.fields["effects"]
        if self.project.is_over:
            del self.fields["extends_to"]
        return field

    def clean_extends_to(self) -> date | None:
        end: date | None = self.cleaned_data["extends_to"]
        now = self.project.current_end
        if end and end <= now:
            raise forms.ValidationError(
                _("The project already ends on %(day)s: choose a later day.") % {"day": day(now)}
            )
        return end

    @property
    def brings_about(self) -> DecisionEffects:
        data = self.cleaned_data
        effects: DecisionEffects = data.get("effects") or DecisionEffects()
        return replace(effects, extends_to=data.get("extends_to"))
