"""Forms that record decisions and recommendations: words, votes, and what they bring about."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from committees.forms import OnceForm, day_input, text_area, time_input
from committees.models import AgendaItem, Meeting, Resolution, Sitting
from committees.models.resolution_states import STRICTEST_FIRST
from committees.resolutions.effects import DecisionEffects, effects_of
from committees.resolutions.forms.effects import EffectsForm
from committees.resolutions.services import Vote
from kernel.editing import EditingForm
from kernel.form_fields import field_of, show_instead
from kernel.formats import clock_spans
from kernel.personal import TextForm
from kernel.text import LANGUAGES, StrOrPromise
from partners.models import Institution, InstitutionQuerySet
from projects.forms import sort_by_label
from projects.models import Project

TEXTS = [f"text_{language}" for language in LANGUAGES]
# More than any committee has seats, and no more than the column holds.
MOST_VOTES = 1000


def partners_of(project: Project) -> InstitutionQuerySet:
    return Institution.objects.filter(participations__project=project).with_names().distinct()


class ResolutionTextForm(EditingForm):
    """The text and who follows it up; what was voted stays as it was recorded."""

    readers = _("The committee reads it, and the donor and the partners once it is adopted.")

    class Meta:
        model = Resolution
        fields = [*TEXTS, "addressee", "due_on"]
        widgets = {
            **{name: text_area(3) for name in TEXTS},
            "due_on": day_input(),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        item = self.instance.agenda_item
        committee = item.meeting.committee if item else self.instance.committee
        sort_by_label(self, "addressee")
        field_of(self, "addressee", forms.ModelChoiceField).queryset = partners_of(
            committee.project
        )

    def clean_due_on(self) -> date | None:
        """Refuse a day before it was resolved, which is a slip of the pen."""
        due: date | None = self.cleaned_data["due_on"]
        item = self.instance.agenda_item
        since = item.meeting.day if item else self.instance.resolved_on
        if due and since and due < since:
            raise forms.ValidationError(
                _("This day is earlier than the decision: check the year, or leave it empty.")
            )
        return due


class MomentMixin(forms.Form):
    """The time of day at which it was resolved, on the clocks of the meeting's place."""

    moment = forms.TimeField(
        label=_("Time of the decision"),
        required=False,
        widget=time_input(),
        help_text=_(
            "The quorum is counted at that time. Empty: everybody who attended the meeting counts."
        ),
    )
    meeting: Meeting

    def explain_moment(self) -> None:
        """Say who counts without a time while the meeting is in session."""
        if self.meeting.status == Meeting.Status.IN_SESSION:
            self.fields["moment"].help_text = _(
                "The quorum is counted at that time. Empty: those who are present now count."
            )

    def clean_moment(self) -> datetime | None:
        """Refuse a time at which the session was not open, where its hours were recorded."""
        shown: time | None = self.cleaned_data["moment"]
        if shown is None:
            return None
        moment, sitting = self.meeting.at(shown), Sitting.of(self.meeting)
        opened, closed = sitting.opened_at, sitting.closed_at or timezone.now()
        if opened and not opened <= moment <= closed:
            hours = clock_spans([(opened, sitting.closed_at)], self.meeting.zone)
            raise forms.ValidationError(
                _("Hours of the session: %(hours)s. Check the time, or leave it empty.")
                % {"hours": hours}
            )
        return moment


def votes_field(label: StrOrPromise) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=MOST_VOTES)


class VoteForm(MomentMixin, EffectsForm, TextForm):
    """The rule and the votes by which a decision was taken, and the effects of the decision."""

    rule = forms.ChoiceField(
        label=_("How it was decided"), choices=Resolution.Rule.choices, required=False
    )
    votes_for = votes_field(_("Votes for"))
    votes_against = votes_field(_("Votes against"))
    abstentions = votes_field(_("Abstentions"))
    rule_reason = forms.CharField(
        label=_("Why it was put to a vote"),
        required=False,
        max_length=1000,
        widget=text_area(2),
    )

    def __init__(
        self, *args: Any, meeting: Meeting, draft: Resolution | None = None, **kwargs: Any
    ) -> None:
        """`draft`: what is adopted, where the form is not over the decision itself."""
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        self.explain_moment()
        self.fields["votes_for"].help_text = _(
            "Needed for a majority or two thirds, and if it was rejected; not for a consensus."
        )
        self.fields["rule"].initial = rule = meeting.committee.decision_rule
        if rule == STRICTEST_FIRST[-1]:
            del self.fields["rule_reason"]
        else:
            self.fields["rule_reason"].help_text = _(
                "Only where it was not decided as the committee's rules say: %(rule)s. The minutes "
                "show it."
            ) % {"rule": Resolution.Rule(rule).label}
        self._offer_effects(draft or getattr(self, "instance", None) or Resolution())

    def _offer_effects(self, decision: Resolution) -> None:
        present = effects_of(decision) if decision.pk else DecisionEffects()
        field = self.offer_effects(self.meeting.committee, present, self.meeting)
        if decision.agenda_item and not decision.is_adopted:
            field.propose(decision.agenda_item)

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        counts = data.get("rule") in {Resolution.Rule.MAJORITY, Resolution.Rule.TWO_THIRDS}
        # Without its votes, what was voted down would look like a draft that was set aside.
        counts = counts or data.get("outcome") == "rejected"
        if counts and data.get("votes_for") is None and self.decides:
            self.add_error("votes_for", _("Enter the number of votes."))
        if self.decides:
            self._ask_why_not_by_the_rules()
        return data

    def _ask_why_not_by_the_rules(self) -> None:
        """Ask why it was decided by another rule than the committee's. Nobody asks that of an old
        meeting, which had the rules of its day."""
        data, asked = self.cleaned_data, self.meeting.committee.decision_rule
        rule = data.get("rule") or asked
        asks_for_less = STRICTEST_FIRST.index(rule) > STRICTEST_FIRST.index(asked)
        if not asks_for_less or self.meeting.recorded_afterwards or data.get("rule_reason"):
            return
        self.add_error(
            "rule_reason",
            _("The committee's rules ask for a decision %(asked)s: say why it was taken %(rule)s.")
            % {"asked": Resolution.Rule(asked).label, "rule": Resolution.Rule(rule).label},
        )

    @property
    def decides(self) -> bool:
        return True

    @property
    def shows_votes(self) -> bool:
        """Whether the votes are asked at once: the rule counts them, or one is there or was refused."""
        names = {"votes_for", "votes_against", "abstentions", "rule_reason"} & self.fields.keys()
        by_consensus = self["rule"].value() == Resolution.Rule.CONSENSUS
        return not by_consensus or any(self[each].value() or self[each].errors for each in names)

    @property
    def vote(self) -> Vote:
        data = self.cleaned_data
        return Vote(
            rule=data["rule"] or self.meeting.committee.decision_rule,
            votes_for=data["votes_for"],
            votes_against=data["votes_against"],
            abstentions=data["abstentions"],
            rule_reason=data.get("rule_reason", ""),
        )


class SubjectsField(forms.MultipleChoiceField):
    """The things that the item speaks of: the resolution keeps those that stay ticked."""

    widget = forms.CheckboxSelectMultiple

    def offer(self, item: AgendaItem) -> bool:
        """Offer the subjects of the item, all ticked; return whether it has any."""
        self.subjects = {str(subject.pk): subject for subject in item.subjects.with_things()}
        self.choices = [(key, subject.label) for key, subject in self.subjects.items()]
        self.initial = list(self.subjects)
        return bool(self.subjects)

    def clean(self, value: Any) -> list[Any]:
        return [self.subjects[key].thing for key in super().clean(value)]


class AskingForm(forms.Form):
    """Asks once about what may be an oversight: saved again, it is meant so."""

    warned = forms.CharField(required=False, widget=forms.HiddenInput, max_length=1)

    def question(self) -> StrOrPromise:
        """Return what to ask; empty where there is nothing to ask."""
        raise NotImplementedError

    def asks_again(self) -> StrOrPromise:
        """Return what to ask before a valid form is saved."""
        question = "" if self.cleaned_data["warned"] else self.question()
        if question:
            show_instead(self, "warned", "1")
        return question


class RecommendationForm(AskingForm, ResolutionTextForm, MomentMixin, OnceForm):
    readers = _("The committee reads it, and the donor and the partners once it is adopted.")

    subjects = SubjectsField(label=_("Relates to"), required=False)

    def __init__(self, *args: Any, item: AgendaItem, **kwargs: Any) -> None:
        super().__init__(*args, instance=Resolution(agenda_item=item), **kwargs)
        self.meeting = item.meeting
        self.explain_moment()
        if not field_of(self, "subjects", SubjectsField).offer(item):
            del self.fields["subjects"]
        self.fields["moment"].label = _("Time of the recommendation")

    def question(self) -> StrOrPromise:
        """Whether nobody shall be responsible, or no day due."""
        data = self.cleaned_data
        if data["addressee"] and data["due_on"]:
            return ""
        if data["addressee"]:
            return _("It has no due day, so it will never be overdue.")
        if data["due_on"]:
            return _("Nobody is responsible, so nobody will be asked to answer it.")
        return _(
            "It has neither somebody responsible nor a due day: nobody will be reminded of it."
        )

    @property
    def things(self) -> list[Any]:
        return self.cleaned_data.get("subjects") or []


class RecordDecisionForm(AskingForm, VoteForm, ResolutionTextForm, OnceForm):
    readers = _("The committee reads it, and the donor and the partners once it is adopted.")

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[
            ("adopted", _("Adopted")),
            ("rejected", _("Rejected")),
            ("open", _("Not decided yet: keep as a draft")),
        ],
        widget=forms.RadioSelect,
        initial="adopted",
    )
    subjects = SubjectsField(label=_("Relates to"), required=False)
    field_order = [
        *(*TEXTS, "outcome", "rule", "votes_for", "votes_against", "abstentions"),
        "rule_reason",
    ]

    def __init__(self, *args: Any, item: AgendaItem, **kwargs: Any) -> None:
        super().__init__(
            *args, meeting=item.meeting, instance=Resolution(agenda_item=item), **kwargs
        )
        if not field_of(self, "subjects", SubjectsField).offer(item):
            del self.fields["subjects"]

    @property
    def decides(self) -> bool:
        return self.cleaned_data.get("outcome") != "open"

    @property
    def things(self) -> list[Any]:
        return self.cleaned_data.get("subjects") or []

    def question(self) -> StrOrPromise:
        """Whether the same words shall stand twice on the item. A form sent twice is saved once."""
        others = Resolution.objects.decisions().filter(agenda_item=self.instance.agenda_item)
        others = others.exclude(status=Resolution.Status.SUPERSEDED)
        for other in others.exclude(entry_key=self.key):
            if any(
                self.cleaned_data[name] and self.cleaned_data[name] == getattr(other, name)
                for name in TEXTS
            ):
                sentence = gettext("The same text is recorded on this item already: %(decision)s.")
                return sentence % {"decision": other}
        return ""
