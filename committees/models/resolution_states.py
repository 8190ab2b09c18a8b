"""The states of decisions and of recommendations, and the steps from one to the next."""

from django.db import models
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from kernel.lifecycle import Step
from kernel.text import StrOrPromise


class ResolutionKind(models.TextChoices):
    DECISION = "decision", _("Decision")
    RECOMMENDATION = "recommendation", _("Recommendation")


class ResolutionStatus(models.TextChoices):
    """Decisions take the first eight, recommendations the others: they share none."""

    DRAFTED = "drafted", _("Drafted")
    ADOPTED = "adopted", _("Adopted")
    REJECTED = "rejected", _("Rejected")
    DEFERRED = "deferred", _("Deferred")
    PROVISIONAL = "provisional", pgettext_lazy("of a decision", "Provisional")
    LAPSED = "lapsed", pgettext_lazy("of a decision", "Lapsed")
    EXECUTED = "executed", _("Executed")
    SUPERSEDED = "superseded", pgettext_lazy("of a decision", "Superseded")
    ISSUED = "issued", _("Issued")
    ACCEPTED = "accepted", _("Accepted")
    PARTLY_ACCEPTED = "partly", _("Accepted in part")
    DECLINED = "declined", _("Declined")
    IN_PROGRESS = "in_progress", _("In progress")
    IMPLEMENTED = "implemented", _("Implemented")


class AdoptionRule(models.TextChoices):
    """The rule by which votes adopt a decision."""

    CONSENSUS = "consensus", _("by consensus")
    MAJORITY = "majority", _("by majority vote")
    TWO_THIRDS = "two_thirds", _("by two-thirds vote")


# From the rule that asks for most to the one that asks for least.
STRICTEST_FIRST = (AdoptionRule.CONSENSUS, AdoptionRule.TWO_THIRDS, AdoptionRule.MAJORITY)


def outcome_words(rule: str, *, voted_down: bool) -> StrOrPromise:
    """Return the sentence on a vote, for the words of the rule."""
    if not voted_down:
        return _("adopted %(rule)s")
    if rule == AdoptionRule.MAJORITY:
        return _("rejected %(rule)s")
    # Those who were against it may be few: the rule is what it did not fulfil.
    return _("not adopted: put to a decision %(rule)s")


NOT_ADOPTED = frozenset(
    {
        ResolutionStatus.DRAFTED,
        ResolutionStatus.REJECTED,
        ResolutionStatus.DEFERRED,
        ResolutionStatus.PROVISIONAL,
        ResolutionStatus.LAPSED,
    }
)
OPEN = frozenset(
    {
        ResolutionStatus.ADOPTED,
        ResolutionStatus.ISSUED,
        ResolutionStatus.ACCEPTED,
        ResolutionStatus.PARTLY_ACCEPTED,
        ResolutionStatus.IN_PROGRESS,
    }
)

ANSWERABLE = (
    ResolutionStatus.ISSUED,
    ResolutionStatus.ACCEPTED,
    ResolutionStatus.PARTLY_ACCEPTED,
    ResolutionStatus.DECLINED,
)

# The filter of the register of resolutions.
STATES = {
    "open": OPEN,
    "done": frozenset({ResolutionStatus.EXECUTED, ResolutionStatus.IMPLEMENTED}),
    "refused": frozenset(
        {
            ResolutionStatus.REJECTED,
            ResolutionStatus.DEFERRED,
            ResolutionStatus.LAPSED,
            ResolutionStatus.SUPERSEDED,
            ResolutionStatus.DECLINED,
        }
    ),
}

# Decisions and recommendations share no status, so one table holds the steps of both.
STEPS = {
    "adopt": Step.of(ResolutionStatus.DRAFTED, ResolutionStatus.ADOPTED, _("Adopt")),
    "reject": Step.of(ResolutionStatus.DRAFTED, ResolutionStatus.REJECTED, _("Reject")),
    "defer": Step.of(ResolutionStatus.DRAFTED, ResolutionStatus.DEFERRED, _("Defer")),
    # A provisional decision was agreed between meetings: the next meeting ratifies it, or it lapses.
    "ratify": Step.of(ResolutionStatus.PROVISIONAL, ResolutionStatus.ADOPTED, _("Ratify")),
    "lapse": Step.of(ResolutionStatus.PROVISIONAL, ResolutionStatus.LAPSED, _("Let it lapse")),
    "execute": Step.of(ResolutionStatus.ADOPTED, ResolutionStatus.EXECUTED, _("Mark as executed")),
    "supersede": Step.of(ResolutionStatus.ADOPTED, ResolutionStatus.SUPERSEDED, _("Supersede")),
    # An answer may be changed, in its words as well, until the work has begun.
    "accept": Step.of(ANSWERABLE, ResolutionStatus.ACCEPTED, _("Accept")),
    "accept_partly": Step.of(ANSWERABLE, ResolutionStatus.PARTLY_ACCEPTED, _("Accept in part")),
    "decline": Step.of(ANSWERABLE, ResolutionStatus.DECLINED, _("Decline")),
    "start": Step.of(
        [ResolutionStatus.ACCEPTED, ResolutionStatus.PARTLY_ACCEPTED],
        ResolutionStatus.IN_PROGRESS,
        pgettext_lazy("verb", "Start"),
    ),
    "implement": Step.of(
        [ResolutionStatus.ACCEPTED, ResolutionStatus.PARTLY_ACCEPTED, ResolutionStatus.IN_PROGRESS],
        ResolutionStatus.IMPLEMENTED,
        _("Mark as implemented"),
    ),
}
