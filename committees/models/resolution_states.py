"""The states of decisions and of recommendations, the steps from one to the next, and what must
hold of each."""

from django.db import models
from django.db.models import F, Q
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
# Decisions that may bring something about.
IN_FORCE = frozenset({ResolutionStatus.ADOPTED, ResolutionStatus.EXECUTED})
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
    # No decision takes its place.
    "withdraw": Step.of(
        ResolutionStatus.ADOPTED,
        ResolutionStatus.SUPERSEDED,
        pgettext_lazy("a decision", "Withdraw"),
    ),
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

# What must hold of each row.
CONSTRAINTS = [
    models.UniqueConstraint(
        fields=["committee", "number"],
        name="resolution_number_is_used_once",
        violation_error_message=_("The committee already has a resolution with this number."),
    ),
    models.UniqueConstraint(
        fields=["agenda_item", "entry_key"], name="resolution_of_a_form_sent_once"
    ),
    models.CheckConstraint(
        name="resolution_has_its_place",
        condition=Q(meeting__isnull=False, agenda_item__isnull=False)
        | Q(meeting=None, agenda_item=None, consultation__isnull=False)
        | Q(
            meeting=None,
            agenda_item=None,
            consultation=None,
            status__in=["provisional", "lapsed"],
        ),
    ),
    models.CheckConstraint(
        name="resolution_provisional_says_why",
        condition=~Q(status="provisional")
        | (~Q(agreed_by="") & ~Q(urgency="") & Q(agreed_on__isnull=False)),
        violation_error_message=_("Say who agreed, when, and why it could not wait for a meeting."),
    ),
    models.CheckConstraint(
        name="resolution_adopted_with_quorum",
        condition=~Q(status__in=["adopted", "executed", "superseded"])
        | Q(seats_present__isnull=True, seats_required__isnull=True)
        # Needed since a comparison with NULL is unknown, which a check constraint accepts.
        | Q(
            seats_present__isnull=False,
            seats_required__isnull=False,
            seats_present__gte=F("seats_required"),
        ),
        violation_error_message=_("A decision needs a quorum at the time it is adopted."),
    ),
    models.CheckConstraint(
        name="resolution_status_fits_its_kind",
        condition=Q(
            kind="decision",
            status__in=[
                "drafted",
                "adopted",
                "rejected",
                "deferred",
                "provisional",
                "lapsed",
                "executed",
                "superseded",
            ],
        )
        | Q(
            kind="recommendation",
            status__in=[
                "issued",
                "accepted",
                "partly",
                "declined",
                "in_progress",
                "implemented",
            ],
        ),
    ),
]
