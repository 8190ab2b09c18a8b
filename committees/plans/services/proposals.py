"""Proposed changes: institutions propose other dates or texts for an action, and the coordination
accepts or declines them; and replies below remarks."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import (
    ActionPlan,
    ActionTerms,
    Audience,
    Channel,
    ProposedChange,
    Remark,
    Reply,
)
from committees.models.review import DATES, put_value, value_of
from committees.permissions.plans import institutions_asked
from committees.plans.services.lifecycle import terms_open_to_change
from committees.plans.services.review import (
    AnswerOrigin,
    give_remark,
    keep,
    release_answer,
    withdraw_answer,
)
from kernel.formats import MISSING, day
from kernel.refusal import Refusal
from partners.models import Institution
from projects.models import MailNote

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


# Threads below remarks


@transaction.atomic
def reply_to(
    remark: Remark,
    *,
    text: str,
    by: User,
    institution: Institution | None = None,
    settle: bool = False,
    key: uuid.UUID | None = None,
) -> Reply | None:
    """Add a reply to the thread; the coordination (no institution) may settle the remark with it,
    also without a text. Raises Refusal if the remark was settled or the review ended meanwhile."""
    held = Remark.objects.select_for_update(of=("self",)).select_related("plan").get(pk=remark.pk)
    if key and (before := Reply.objects.filter(entry_key=key, remark=held).first()):
        return before
    if held.settled_at:
        raise Refusal(_("This remark was settled in the meantime."))
    if institution and held.plan.status != ActionPlan.Status.IN_REVIEW:
        raise Refusal(held.plan.why_no_answers)
    reply = None
    if text.strip():
        reply = Reply(remark=held, institution=institution, text=text.strip(), by=by, entry_key=key)
        reply.full_clean()
        reply.save()
    if settle:
        held.settled_at, held.settled_by = timezone.now(), by
        held.save(update_fields=["settled_at", "settled_by"])
    return reply


# Replies by mail


AUDIENCES = {
    MailNote.Audience.COORDINATION: Audience.COORDINATION,
    MailNote.Audience.COMMITTEE: Audience.COMMITTEE,
}


def keep_as_remark(note: MailNote) -> None:
    """Give the remark, let others read it or withdraw it, as the author of the note chose. What cannot
    be a remark, since the review is over or its author answers for several institutions, stays a note.
    Raises Refusal if somebody has answered what is withdrawn, or if the review is over before more
    people may read the remark."""
    plan = note.thing
    if not isinstance(plan, ActionPlan):
        return
    key = uuid.uuid5(uuid.NAMESPACE_OID, f"projects.mailnote.{note.pk}")
    # Also if it was withdrawn: who lets others read the note again means the same remark.
    given = Remark._base_manager.filter(plan=plan, entry_key=key).first()
    if given and note.audience == MailNote.Audience.NOBODY:
        withdraw_answer(given)
    elif given:
        release_answer(given, AUDIENCES[MailNote.Audience(note.audience)])
    elif note.audience in AUDIENCES:
        asked = institutions_asked(note.by, plan)
        origin = AnswerOrigin(note.by, channel=Channel.REPLY, key=key)
        with suppress(Refusal, ValidationError), transaction.atomic():
            if len(asked) == 1:
                audience = AUDIENCES[MailNote.Audience(note.audience)]
                give_remark(plan, asked[0], text=note.text, audience=audience, origin=origin)
