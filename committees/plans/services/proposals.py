"""Proposed changes: institutions propose other dates or texts for an action, and the coordination
accepts or declines them."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import ActionPlan, ActionTerms, Audience, ProposedChange
from committees.models.proposal import DATES, put_value, value_of
from committees.plans.services.lifecycle import terms_open_to_change
from committees.plans.services.review import AnswerOrigin, keep
from kernel.formats import MISSING, day
from kernel.refusal import Refusal
from partners.models import Institution

# Proposing


@transaction.atomic
def propose_changes(
    terms: ActionTerms,
    institution: Institution,
    *,
    values: Mapping[str, str],
    reason: str,
    audience: str = Audience.COORDINATION,
    origin: AnswerOrigin,
) -> list[ProposedChange]:
    """Propose other values for fields of an action (by name), one proposal for each field.

    Raises Refusal, or ValidationError by field if the action would be invalid with the values.
    """
    wanted = {name: value for name, value in values.items() if value != value_of(terms, name)}
    if not wanted:
        raise Refusal(_("Nothing is different: change a date or a text, then send it."))
    check_values(terms, wanted)
    facts = origin.facts(terms.plan)
    made = []
    for name, value in wanted.items():
        proposal = ProposedChange(
            institution=institution,
            action=terms.action,
            field=name,
            old_value=value_of(terms, name),
            new_value=value,
            reason=reason.strip(),
            audience=audience,
            **facts | {"entry_key": uuid.uuid5(origin.key, name) if origin.key else None},
        )
        made.append(keep(proposal))
    return made


def check_values(terms: ActionTerms, values: Mapping[str, str]) -> None:
    """Check whether the action would be valid with these values; write nothing.

    Raises ValidationError with the fields as they are named in `values`.
    """
    trial = ActionTerms.objects.select_related("plan__project", "responsible").get(pk=terms.pk)
    problems: dict[str, list[str]] = defaultdict(list)
    for name, value in values.items():
        try:
            put_value(trial, name, value)
        except ValidationError as error:
            problems[name] += error.messages
    if not problems:
        trial.full_clean(validate_unique=False)
    if problems:
        raise ValidationError(problems)


# Settling


def accept_proposal(proposal: ProposedChange, *, seen: str, answer: str = "", by: User) -> None:
    """Change the action as proposed; the proposal is kept.

    `seen` is the value of the field when the coordination opened the page. If two people settle
    proposals on one field at once, the second is refused. Raises Refusal, TransitionError, or
    ValidationError if the action would be invalid with the value.
    """
    with terms_open_to_change(proposal.plan) as plan:
        terms = plan.terms.select_related("action").filter(action=proposal.action_id).first()
        if terms is None:
            raise Refusal(_("This action is no longer in the plan."))
        terms.plan = plan
        if value_of(terms, proposal.field) != seen.replace("\r\n", "\n"):
            raise Refusal(
                _(
                    "This field was changed in the meantime. See what it says now, then "
                    "decide again."
                )
            )
        put_value(terms, proposal.field, proposal.new_value)
        terms.full_clean(validate_unique=False)
        terms.save()
        _settle(proposal, "accept", answer, by)


def decline_proposal(proposal: ProposedChange, *, answer: str, by: User) -> None:
    """Decline a proposal. The action stays as it is, and the institution reads the answer."""
    if not answer.strip():
        raise Refusal(_("Say why it is declined: the institution will read this."))
    with transaction.atomic():
        plan = ActionPlan.objects.select_for_update().get(pk=proposal.plan_id)
        if not plan.terms_are_open:
            raise Refusal(plan.why_terms_are_closed)
        _settle(proposal, "decline", answer, by)


def _settle(proposal: ProposedChange, verb: str, answer: str, by: User) -> None:
    if not ProposedChange.objects.filter(pk=proposal.pk).exists():
        raise Refusal(_("The institution has withdrawn this proposal: there is nothing to decide."))
    answer = answer.strip()
    proposal.take(verb, by=by, why=answer, answer=answer, settled_at=timezone.now())


# Showing


@dataclass
class ShownProposal:
    """A proposed change with its values in the reader's words."""

    row: ProposedChange
    old: str
    new: str
    is_stale: bool


@dataclass
class ProposedField:
    """The proposals for one field of one action, to be shown side by side."""

    action: int
    name: str
    label: str
    now: str
    # The present value, which `accept_proposal` compares; None if the action was removed.
    seen: str | None
    language: str
    proposals: list[ShownProposal] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return any(one.row.is_open for one in self.proposals)


def by_field(
    proposals: Iterable[ProposedChange],
    terms: Iterable[ActionTerms],
    institutions: Mapping[int, Institution],
) -> dict[int, list[ProposedField]]:
    """Group the proposals by action, then by field, in the order in which they came.

    `terms` are the plan's, and `institutions` those that the proposals name (`named_in`).
    """
    now = {one.action_id: one for one in terms}
    names = {str(key): str(one) for key, one in institutions.items()}
    found: dict[int, dict[str, ProposedField]] = defaultdict(dict)
    for row in proposals:
        present = now.get(row.action_id)
        seen = value_of(present, row.field) if present else None
        place = found[row.action_id].setdefault(
            row.field,
            ProposedField(
                row.action_id,
                row.field,
                row.label,
                in_words(row.field, seen or "", names),
                seen,
                row.field[-2:] if row.field.startswith(("title_", "deliverable_")) else "",
            ),
        )
        old, new = (in_words(row.field, one, names) for one in (row.old_value, row.new_value))
        place.proposals.append(ShownProposal(row, old, new, row.is_stale(present)))
    return {action: list(fields.values()) for action, fields in found.items()}


def named_in(proposals: Iterable[ProposedChange]) -> set[int]:
    """Return the keys of the institutions that proposals name as responsible."""
    return {
        int(value)
        for row in proposals
        if row.field == "responsible"
        for value in (row.old_value, row.new_value)
        if value.isdecimal()
    }


def in_words(name: str, value: str, institutions: Mapping[str, str]) -> str:
    """Return a stored value as the reader's language writes it."""
    if not value:
        return MISSING
    if name in DATES:
        return day(date.fromisoformat(value))
    return institutions.get(value, value) if name == "responsible" else value
