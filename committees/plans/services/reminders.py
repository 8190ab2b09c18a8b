"""Sends automatic messages about actions: a weekly summary, and reminders on single days; and keeps
the deadlines of a review.

A row records each message and is committed together with the message in the outbox: a worker that
dies in between leaves neither, and the next one writes both. Two workers that run at once wait for
each other on the person's row, and the second finds the message recorded.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from accounts.links import absolute_url
from accounts.mail import URGENT_DAYS, had_daily_message, send_to_person, short_text
from accounts.models import AccessLink, User
from accounts.recurrent import Recurrent
from committees.models import (
    ActionPlan,
    ActionTerms,
    DigestChoice,
    Reminder,
    ReviewExtension,
    Silence,
)
from committees.permissions.plans import notes_for
from committees.plans.letters import ActionLine, action_reminder_letter, digest_letter
from committees.plans.services.due_actions import COMING, DueActions, due_by_person, due_of
from committees.plans.services.progress import NOTE_PURPOSE
from committees.plans.services.review import (
    notify_institutions,
    prolong_links,
    refuse_a_past_deadline,
)
from kernel.refusal import Refusal
from partners.models import Institution
from projects.models import Project
from projects.sending.recipients import NoticeReceipt

# The names of messages that a person may stop (`accounts.recurrent`).
DIGEST, REMINDERS = "digest", "actions"

BEFORE, AFTER = timedelta(days=7), timedelta(days=7)
LINK_LASTS = timedelta(days=45)
MORNING = 7  # where the person is
DIGEST_DAYS = (1, 2)  # Monday, and Tuesday for what was missed or waited


# The weekly summary


def week_of(now: datetime) -> str:
    year, week, _day = now.isocalendar()
    return f"{year}-W{week:02}"


def is_digest_time(now: datetime) -> bool:
    """Whether the weekly summary is due: from Monday morning, or from Tuesday morning if it was missed.

    `now` is the time where the person is.
    """
    return now.isoweekday() in DIGEST_DAYS and now.hour >= MORNING


def waits_for_tomorrow(person: User) -> bool:
    """Whether their weekly summary waits, since they had another message of the portal today. On its
    last day it goes all the same."""
    today = timezone.localtime(timezone=person.zone).isoweekday()
    return today != DIGEST_DAYS[-1] and had_daily_message(person)


def people_to_summarise(now: datetime, *, also: Collection[int] = ()) -> list[int]:
    """Return the people who may be due for this week's summary, without locking them.

    `also` has the keys of people whose summary may contain other things than actions.
    """
    people = {*due_by_person(), *also}
    choices = {one.user_id: one for one in DigestChoice.objects.filter(user__in=people)}
    return [
        person.pk
        for person in User.objects.filter(pk__in=people).order_by("pk")
        if is_digest_time(now.astimezone(person.zone))
        and wants_digest(choices.get(person.pk), week_of(now.astimezone(person.zone)))
    ]


def wants_digest(choice: DigestChoice | None, week: str) -> bool:
    return choice is None or (choice.stopped_at is None and choice.last_week != week)


@transaction.atomic
def send_digest(
    pk: int, *, more: Callable[[User], list[Any]] = lambda _person: [], more_url: str = ""
) -> bool:
    """Write this week's summary to the person, once; False where there is nothing to write, or where
    it `waits_for_tomorrow`.

    `more`: what else they have to do; each with `title`, `project` and the day `on`. `more_url` is
    the page that lists it.
    """
    person = User.objects.select_for_update(no_key=True).filter(pk=pk, is_active=True).first()
    if person is None or not person.email:
        return False
    with timezone.override(person.zone):
        week = week_of(timezone.localtime())
        choice, _new = DigestChoice.objects.get_or_create(user=person)
        if not wants_digest(choice, week) or waits_for_tomorrow(person):
            return False
        due = due_of(due_by_person(people=[pk]).get(pk, []))
        also = more(person)
        if not (due or also):
            return False
        choice.last_week = week
        choice.save(update_fields=["last_week"])
        send_to_person(
            person,
            partial(digest_letter, due, also, more_url),
            place=only_project(
                [*(terms.plan.project for terms in due.all), *(one.project for one in also)]
            ),
            key=f"digest:{pk}:{week}",
            recurrent=DIGEST,
            is_daily=True,
            about=None,
        )
    return True


def only_project(projects: Iterable[Project]) -> Project | None:
    """Return the project that all of a message is about: its coordinator signs."""
    found = {project.pk: project for project in projects}
    return next(iter(found.values())) if len(found) == 1 else None


def digest_short_text(due: DueActions, language: str, name: str = "") -> str:
    """Return the same in a few words, to pass on by messenger."""
    url = absolute_url(reverse("committees:actions"))
    facts = {"due": due, "days": COMING.days, "url": url}
    with translation.override(language):
        anybody = User(full_name=name, language=language)
        return short_text(anybody, "committees/email/digest", facts)


def choose_digest(person: User, *, wanted: bool) -> None:
    """Stop the weekly summary, or start it again."""
    DigestChoice.objects.update_or_create(
        user=person, defaults={"stopped_at": None if wanted else timezone.now()}
    )


def choose_reminders(person: User, *, wanted: bool) -> None:
    """Stop reminders of single actions, or start them again."""
    DigestChoice.objects.update_or_create(
        user=person, defaults={"reminders_stopped_at": None if wanted else timezone.now()}
    )


def has_reminders(person: User) -> bool:
    return not DigestChoice.objects.without_reminders().filter(user=person).exists()


def has_digest(person: User) -> bool:
    return not DigestChoice.objects.filter(user=person, stopped_at__isnull=False).exists()


# Reminders


def people_to_remind(now: datetime) -> list[int]:
    """Return the people with an action that ends soon or has just ended, not reminded yet."""
    found = due_by_person(within=BEFORE)
    stopped = DigestChoice.objects.without_reminders().values("user")
    people = User.objects.filter(pk__in=found).exclude(pk__in=stopped).order_by("pk")
    known = set(
        Reminder.objects.filter(user__in=found).values_list("user", "action", "kind", "due_on")
    )
    chosen = []
    for person in people:
        with timezone.override(person.zone):
            is_morning = now.astimezone(person.zone).hour >= MORNING
            if is_morning and _not_reminded(person.pk, found[person.pk], known):
                chosen.append(person.pk)
    return chosen


@transaction.atomic
def send_reminder(pk: int) -> int:
    """Remind the person of all that is to be reminded of now, in one message; returns of how many.
    What is not urgent waits for tomorrow if they had another message of the portal today."""
    person = User.objects.select_for_update(no_key=True).filter(pk=pk, is_active=True).first()
    if person is None or not person.email or not has_reminders(person):
        return 0
    with timezone.override(person.zone):
        known = set(
            Reminder.objects.filter(user=pk).values_list("user", "action", "kind", "due_on")
        )
        found = due_by_person(within=BEFORE, people=[pk]).get(pk, [])
        due = _not_reminded(pk, found, known)
        if had_daily_message(person):
            due = [(kind, terms) for kind, terms in due if is_urgent(terms.ends_on)]
        if not due:
            return 0
        rows = Reminder.objects.bulk_create(
            Reminder(user=person, action=terms.action, kind=kind, due_on=terms.ends_on)
            for kind, terms in due
        )
        lines = [ActionLine(kind, terms, note_url(person, terms)) for kind, terms in due]
        send_to_person(
            person,
            partial(action_reminder_letter, lines),
            place=only_project(terms.plan.project for _kind, terms in due),
            key=f"reminder:{rows[0].pk}",
            recurrent=REMINDERS,
            is_daily=True,
            about=None,
        )
    return len(due)


def is_urgent(on: date) -> bool:
    """Whether it is due so soon that its reminder does not wait until tomorrow."""
    return timedelta(0) <= on - timezone.localdate() <= timedelta(days=URGENT_DAYS)


def _not_reminded(
    pk: int, found: Iterable[ActionTerms], known: set[tuple[int, int, str, Any]]
) -> list[tuple[str, ActionTerms]]:
    """Return the actions that the person was not reminded of yet, with “before” or “after”. The
    weekly summary names those that ended long ago."""
    today = timezone.localdate()
    due: list[tuple[str, ActionTerms]] = []
    for terms in due_of(found).all:
        kind = Reminder.Kind.AFTER if terms.last_day < today else Reminder.Kind.BEFORE
        if terms.last_day < today - AFTER:
            continue
        if (pk, terms.action_id, kind, terms.ends_on) not in known:
            due.append((kind, terms))
    return due


def note_url(person: User, terms: ActionTerms) -> str:
    """Return the page where the person notes progress: by a link, or after signing in for the
    coordination, which needs its own form."""
    if notes_for(person, terms.action) is None:
        return absolute_url(reverse("committees:action-progress", args=[terms.action_id]))
    _link, token = AccessLink.issue(person, NOTE_PURPOSE, terms.action, by=None, lasts=LINK_LASTS)
    return absolute_url(reverse("committees:action-link", args=[token]))


# What a person may stop

RECURRENT = (
    Recurrent(
        DIGEST, gettext_lazy("The weekly summary of what is to be done"), has_digest, choose_digest
    ),
    Recurrent(
        REMINDERS, gettext_lazy("Reminders of single actions"), has_reminders, choose_reminders
    ),
)


# Deadlines of a review


@transaction.atomic
def extend_for(
    plan: ActionPlan, institution: Institution, *, until: date, why: str, by: User
) -> NoticeReceipt:
    """Extend the review for one institution, which also lets it change the position that it gave.

    Its people are notified, with the reason. Raises Refusal with a sentence.
    """
    held = ActionPlan.objects.select_for_update().get(pk=plan.pk)
    if held.status != ActionPlan.Status.IN_REVIEW:
        raise Refusal(held.why_no_answers)
    refuse_a_past_deadline(held, until)
    if held.review_until and until < held.review_until:
        raise Refusal(_("The review is open longer than that: choose a later day."))
    if not held.reviewers().filter(pk=institution.pk).exists():
        raise Refusal(_("This institution is not one of those asked for their position."))
    row = ReviewExtension(plan=held, institution=institution, until=until, why=why.strip(), by=by)
    row.full_clean()
    row.save()
    prolong_links(held)
    return notify_institutions(held, [institution], by=by, until=until, why=row.why)


@transaction.atomic
def present_plan(plan: ActionPlan, *, by: User) -> None:
    """Present the plan to the committee. Institutions without an answer are recorded as silent.

    Raises Refusal while proposals are open: afterwards nobody could settle them.
    """
    held = ActionPlan.objects.select_for_update().get(pk=plan.pk)
    if unsettled := held.proposals.open().count():
        sentence = ngettext(
            "%(count)d proposal is not settled yet: accept or decline it first.",
            "%(count)d proposals are not settled yet: accept or decline each first.",
            unsettled,
        )
        raise Refusal(sentence % {"count": unsettled})
    plan.take("present", by=by)
    _record_silence(plan, list(plan.reviewers()))


def record_silences() -> int:
    """Record the institutions whose deadline passed without an answer, for all plans in review.

    Returns how many are new. May run any number of times.
    """
    plans = ActionPlan.objects.in_review().filter(project__closed_on=None)
    plans = plans.select_related("project")
    return sum(
        _record_silence(plan, [one for one in plan.reviewers() if not plan.review_is_open_for(one)])
        for plan in plans
    )


def _record_silence(plan: ActionPlan, institutions: list[Institution]) -> int:
    answered = set(plan.positions.values_list("institution", flat=True))
    recorded = set(plan.silences.values_list("institution", flat=True))
    today = plan.project.today
    rows = [
        Silence(plan=plan, institution=one, until=min(plan.review_end_of(one) or today, today))
        for one in institutions
        if one.pk not in answered | recorded
    ]
    # Two workers that run at once record each institution once.
    Silence.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
