"""The review of a plan: its notices, the answers of institutions, and the deadline."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.links import absolute_url
from accounts.mail import send_to_person, short_text
from accounts.models import AccessLink, User
from accounts.undo import messages_wait
from committees.models import (
    Action,
    ActionPlan,
    Audience,
    Channel,
    Position,
    ProposedChange,
    Remark,
)
from committees.permissions.roles import (
    people_speaking_for,
    people_to_let_in,
)
from committees.plans.letters import plan_answer_entered_letter, plan_review_letter
from kernel.channel import ONLINE
from kernel.formats import day
from kernel.refusal import Refusal
from partners.models import Contact, Institution, InstitutionQuerySet
from partners.services import let_in
from projects.sending.recipients import (
    NoticeReceipt,
    led_by,
    own_line,
)

Answer = Position | Remark | ProposedChange
Kept = TypeVar("Kept", Position, Remark, ProposedChange)

PURPOSE = "review_plan"
# How long the page can be read again after the deadline.
GRACE = timedelta(days=30)


# Opening


@transaction.atomic
@messages_wait()
def open_review(
    plan: ActionPlan,
    *,
    until: date,
    by: User,
    why: str = "",
    lines: Mapping[str, str] | None = None,
) -> NoticeReceipt:
    """Open the plan to the institutions until that day, and notify their people, with these lines of the
    sender's own by language."""
    if not plan.terms.exists():
        raise Refusal(_("Add an action before you open the review: there is nothing to read."))
    refuse_a_past_deadline(plan, until)
    plan.take("submit", by=by, why=why, review_until=until)
    return notify_institutions(plan, plan.reviewers(), by=by, lines=lines)


@transaction.atomic
@messages_wait()
def extend_review(
    plan: ActionPlan,
    *,
    until: date,
    why: str,
    by: User,
    lines: Mapping[str, str] | None = None,
) -> NoticeReceipt:
    """Extend the review for everybody. Links already sent stay valid as long as new ones.

    Institutions without an answer, and those still in consultation, are notified again.
    """
    refuse_a_past_deadline(plan, until)
    if plan.review_until and until <= plan.review_until:
        raise Refusal(
            _("The review is open until %(day)s: choose a later day.")
            % {"day": day(plan.review_until)}
        )
    plan.take("extend", by=by, why=why, review_until=until)
    prolong_links(plan)
    return notify_institutions(plan, still_to_answer(plan), by=by, lines=lines)


def still_to_answer(plan: ActionPlan) -> InstitutionQuerySet:
    latest = plan.positions.latest_each().exclude(stance=Position.Stance.CONSULTING)
    return plan.reviewers().exclude(pk__in=latest.values("institution"))


def refuse_a_past_deadline(plan: ActionPlan, until: date) -> None:
    if until < plan.project.today:
        raise Refusal(_("The deadline is in the past: choose today or a later day."))


def notify_institutions(
    plan: ActionPlan,
    institutions: Iterable[Institution],
    *,
    by: User,
    until: date | None = None,
    why: str = "",
    lines: Mapping[str, str] | None = None,
) -> NoticeReceipt:
    """Notify the people of these institutions who have an address, each with their own link: who had
    no account gets one, and need not sign in.

    `until` and `why` are given for an institution whose deadline was extended alone.
    """
    institutions = list(institutions)
    let_in(people_to_let_in(plan.project, institutions), by=by)
    speaking = people_speaking_for(plan.project, institutions)
    contacts = [one for one in speaking if one.user and one.user.email]
    reached = {contact.institution_id for contact in contacts}
    receipt = NoticeReceipt(
        without_access=[str(one) for one in institutions if one.pk not in reached]
    )
    for person in users_of(contacts):
        _link, url = issue_link(plan, person, by=by)
        letter = partial(plan_review_letter, plan, url, until=until, why=why)
        said = led_by(own_line(lines or {}, person.language), letter)
        sent = send_to_person(person, said, by=by, about=plan)
        receipt += NoticeReceipt(people=int(bool(sent)))
    return receipt


def users_of(contacts: Iterable[Contact]) -> list[User]:
    """Return each person once, even one who speaks for two institutions."""
    return list({one.user.pk: one.user for one in contacts if one.user}.values())


# Links


def links_of(plan: ActionPlan) -> QuerySet[AccessLink]:
    kind = ContentType.objects.get_for_model(ActionPlan)
    return AccessLink.objects.filter(content_type=kind, object_id=plan.pk, purpose=PURPOSE)


def links_end(plan: ActionPlan) -> datetime:
    """Return the end of the last day on which a link to this plan opens.

    After the deadline the link still opens the plan for reading (`GRACE`). No link lasts longer
    than ten years, whatever deadline was typed.
    """
    today = plan.project.today
    deadline = max([plan.review_until or today, *plan.ends_by_institution.values()])
    last = min(deadline, today + timedelta(days=3650)) + GRACE
    return datetime.combine(last, time(23, 59), tzinfo=plan.project.zone)


def prolong_links(plan: ActionPlan) -> None:
    """Let the links already sent open as long as new ones, after the deadline has changed. A link
    that a code opened for its person ends with its day."""
    sent = links_of(plan).filter(revoked_at=None).exclude(created_by=F("user"))
    sent.update(expires_at=links_end(plan))


def issue_link(
    plan: ActionPlan, person: User, *, by: User, lasts: timedelta | None = None
) -> tuple[AccessLink, str]:
    """Issue a link to this plan. Its address is not stored, so it has to be shown now."""
    lasts = lasts or links_end(plan) - timezone.now()
    link, token = AccessLink.issue(person, PURPOSE, plan, by=by, lasts=lasts)
    return link, absolute_url(reverse("committees:plan-link", args=[token]))


def invitation_short_text(plan: ActionPlan, person: User, url: str) -> str:
    """Return the invitation as a short text, to pass on by messenger."""
    facts = {"plan": plan, "url": url, "until": plan.review_until}
    return short_text(person, "committees/email/plan_review", facts)


# Answers


@dataclass(frozen=True)
class AnswerOrigin:
    """How an answer came: from which person, by which channel, from which form."""

    by: User
    channel: str = Channel.PORTAL
    evidence: str = ""
    on: date | None = None
    key: uuid.UUID | None = None

    def facts(self, plan: ActionPlan) -> dict[str, Any]:
        return {
            "plan": plan,
            "given_on": self.on or plan.project.today,
            "by": self.by,
            "channel": self.channel,
            "evidence": self.evidence,
            "entry_key": self.key,
        }


def answer_to_withdraw(
    plan: ActionPlan, kind: str, pk: int, own: Iterable[Institution]
) -> Remark | ProposedChange | None:
    """Return the remark or the proposal of one of these institutions; None if there is none."""
    rows = plan.remarks if kind == "remark" else plan.proposals
    found: Remark | ProposedChange | None = (
        rows.with_related().filter(pk=pk, institution__in=list(own)).first()
    )
    return found


@transaction.atomic
def withdraw_answer(answer: Remark | ProposedChange) -> None:
    """Take back a remark or a proposal, for good, while nobody has answered it."""
    # Who settles a proposal holds the plan and reads whether it was withdrawn.
    ActionPlan.objects.select_for_update().get(pk=answer.plan_id)
    held = type(answer).objects.select_for_update(of=("self",)).filter(pk=answer.pk).first()
    if held is None:  # it was withdrawn meanwhile
        return
    if isinstance(held, ProposedChange):
        if not held.is_open:
            raise Refusal(_("The coordination has settled it already. Give a remark instead."))
    elif held.settled_at or held.replies.exclude(institution=held.institution_id).exists():
        raise Refusal(_("The coordination has answered it already: write a reply instead."))
    held.withdrawn_at = timezone.now()
    held.save(update_fields=["withdrawn_at"])


@transaction.atomic
def release_answer(remark: Remark, audience: str) -> None:
    """Let these people read a remark, also one that was withdrawn. More of them only while an answer
    would still be taken."""
    plan = ActionPlan.objects.select_for_update().get(pk=remark.plan_id)
    held = Remark._base_manager.select_for_update(of=("self",)).get(pk=remark.pk)
    is_narrower = audience in (held.audience, Audience.COORDINATION)
    if (held.withdrawn_at or not is_narrower) and (reason := why_not_answering(plan, held)):
        raise Refusal(reason)
    held.withdrawn_at, held.audience = None, audience
    held.save(update_fields=["withdrawn_at", "audience"])


def take_position(
    plan: ActionPlan,
    institution: Institution,
    *,
    stance: str,
    text: str,
    until: date | None = None,
    audience: str = Audience.COORDINATION,
    origin: AnswerOrigin,
) -> Position:
    """Record the position of an institution as a new row, so that earlier ones stay readable."""
    position = Position(
        institution=institution,
        stance=stance,
        until=until if stance == Position.Stance.CONSULTING else None,
        text=text.strip(),
        audience=audience,
        **origin.facts(plan),
    )
    return keep(position)


def give_remark(
    plan: ActionPlan,
    institution: Institution,
    *,
    text: str,
    action: Action | None = None,
    audience: str = Audience.COORDINATION,
    origin: AnswerOrigin,
) -> Remark:
    remark = Remark(
        institution=institution,
        action=action,
        text=text.strip(),
        audience=audience,
        **origin.facts(plan),
    )
    return keep(remark)


@transaction.atomic
def keep(answer: Kept) -> Kept:
    """Lock the plan and add an answer to it. The same form sent twice adds one answer."""
    plan = ActionPlan.objects.select_for_update().get(pk=answer.plan_id)
    if answer.entry_key:
        sent = type(answer)._base_manager.filter(entry_key=answer.entry_key, plan=plan)
        if before := sent.first():
            if getattr(before, "withdrawn_at", None):
                raise Refusal(_("This was withdrawn. Open the page again if you want to send it."))
            return before
    if reason := why_not_answering(plan, answer):
        raise Refusal(reason)
    answer.full_clean()
    answer.save()
    if answer.was_entered_for_it:
        _confirm(answer)
    return answer


def why_not_answering(plan: ActionPlan, answer: Answer) -> str:
    """Return the sentence that says why this answer cannot be taken now, or nothing."""
    if not plan.reviewers().filter(pk=answer.institution_id).exists():
        return _("This institution is not one of those asked for their position.")
    action = getattr(answer, "action_id", None)
    if action and not plan.terms.filter(action=action).exists():
        return _("This action is no longer in the plan.")
    end = plan.review_end_of(answer.institution)
    is_online = answer.channel in ONLINE
    if is_online and isinstance(answer, Position):
        taken = why_it_is_taken(plan, answer.institution, answer.by)
        if taken:
            return taken
    if plan.status != ActionPlan.Status.IN_REVIEW:
        return plan.why_no_answers
    if is_online and not plan.review_is_open_for(answer.institution):
        return too_late(end)
    if end and answer.given_on > end:
        return _(
            "The review ended on %(day)s. Extend it before you enter an answer dated later."
        ) % {"day": day(end)}
    return ""


def too_late(end: date | None) -> str:
    return _(
        "The review ended on %(day)s. Ask the coordination to extend it if your institution "
        "has more to say."
    ) % {"day": day(end)}


def why_it_is_taken(plan: ActionPlan, institution: Institution, person: User) -> str:
    """Return the sentence that says who gave the position of an institution, and when.

    It is shown to another person of the institution and to anybody after the deadline. It is
    empty if this person may give or change the position.
    """
    newest = plan.positions.filter(institution=institution).order_by("-pk").first()
    return taken_by(newest, person, plan) if newest else ""


def taken_by(newest: Position, person: User, plan: ActionPlan) -> str:
    """Return the sentence of `why_it_is_taken` for the newest position, which the caller has read.

    An institution speaks with one voice: a position given online may be changed by the same
    person, or by any of its people once the coordination has reopened it. A position that the
    coordination entered may be corrected by each of its people.
    """
    institution = newest.institution
    if plan.status != ActionPlan.Status.IN_REVIEW:
        return ""
    if plan.review_is_open_for(institution):
        if newest.by_id == person.pk or newest.was_entered_for_it:
            return ""
        # A page has read them.
        if any(
            one.institution_id == institution.pk and one.recorded_at >= newest.recorded_at
            for one in plan.extensions.all()
        ):
            return ""
    return _(
        "The position of %(institution)s was given on %(day)s by %(who)s: “%(stance)s”. "
        "Ask the coordination to reopen it if it should be a different one."
    ) % {
        "institution": institution,
        "day": day(newest.given_on),
        "who": _speaker(newest),
        "stance": newest.get_stance_display(),
    }


def _speaker(position: Position) -> str:
    """Return the function of the person who gave a position, never their name."""
    if position.was_entered_for_it:
        return _("the coordination (%(channel)s)") % {"channel": position.get_channel_display()}
    contact = Contact.objects.filter(institution=position.institution_id, user=position.by).first()
    return contact.title if contact and contact.title else _("a member of your institution")


def _confirm(answer: Answer) -> None:
    """Notify the institution of the answer that the coordination entered in its name."""
    for person in users_of(people_speaking_for(answer.plan.project, [answer.institution])):
        send_to_person(person, partial(plan_answer_entered_letter, answer), about=answer.plan)
