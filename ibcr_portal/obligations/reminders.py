"""Sends automatic reminders of obligations: before the day, on the day, and after it.

Each person is checked once a day, in the morning of their time zone, for the obligations on their
own page. A row records each message and is committed together with the message in the outbox, under
the person's lock: a round that runs twice, or a worker that dies, sends one message. Actions have
their own message with a link to note progress (`committees.plans.services.reminders`), and the
weekly summary contains both.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation

from accounts.links import absolute_url
from accounts.mail import URGENT_DAYS, had_daily_message, send_to_person
from accounts.models import User
from accounts.reading import written_for
from committees.models import SeatTerm
from committees.plans.services import reminders
from committees.plans.services.reminders import MORNING, only_project, week_of
from ibcr_portal.letters import LISTED, due_letter
from ibcr_portal.models import DueReminder, ObligationKind, ReminderChoice, ReminderRule
from ibcr_portal.news.reading import NewsLine, news_lines
from ibcr_portal.obligations.due import Due, DueState
from ibcr_portal.obligations.writing import Chosen, Obligations
from ibcr_portal.reader import Reader
from projects.models import Assignment, Project, Representation

DUE = "due"  # messages that a person may stop (`accounts.recurrent`)
GRACE = 14  # days past the last reminder; later only the weekly summary contains it

Stage = DueReminder.Stage


class ReminderSchedule(NamedTuple):
    """The days before (None: no reminder), whether on the day, and the days after."""

    before: int | None
    on_the_day: bool
    after: int | None


DEFAULT = ReminderSchedule(14, True, 7)
DEFAULTS = {
    ObligationKind.REPORT: ReminderSchedule(30, True, 3),
    ObligationKind.VALUE: ReminderSchedule(7, True, 7),
    ObligationKind.MONEY: ReminderSchedule(14, False, 7),
    ObligationKind.RISK: ReminderSchedule(14, False, 14),
    ObligationKind.AGREEMENT: ReminderSchedule(60, True, 7),
    ObligationKind.SEAT: ReminderSchedule(60, True, 7),
    ObligationKind.SAFEGUARDING: ReminderSchedule(30, True, 30),
    ObligationKind.PERIOD: ReminderSchedule(14, False, 14),
    ObligationKind.ACCESS: ReminderSchedule(14, False, None),
}
# Reminded of by the letter that leads to their progress.
ELSEWHERE = (ObligationKind.ACTION,)


def rules_in(projects: Iterable[Project]) -> dict[tuple[int, str], ReminderSchedule | None]:
    """Return the rules that projects chose, by project and kind; None where a project wants no
    reminder."""
    rows = ReminderRule.objects.filter(project__in=projects)
    return {
        (row.project_id, row.kind): ReminderSchedule(row.before, row.on_the_day, row.after)
        if row.is_on
        else None
        for row in rows
    }


@transaction.atomic
def save_rules(project: Project, changed: Mapping[str, Mapping[str, Any]]) -> None:
    """Save how a project wants to be reminded: the values of rules by kind of obligation."""
    for kind, values in changed.items():
        ReminderRule.objects.update_or_create(project=project, kind=kind, defaults=values)


def stage_of(due: Due, rule: ReminderSchedule | None) -> Stage | None:
    """Whether it is time to remind of it: not of what is done, has no day, or comes by itself."""
    left = due.days_left
    if rule is None or left is None or due.done or due.is_event or due.kind in ELSEWHERE:
        return None
    if left == 0:
        return Stage.DAY if rule.on_the_day else None
    if left > 0:
        return Stage.BEFORE if rule.before and left <= rule.before else None
    return Stage.AFTER if rule.after and rule.after <= -left <= rule.after + GRACE else None


# Whom


def people_with_a_place() -> set[int]:
    """Return the people who work for a project, represent an institution or hold a seat today and
    have an address."""
    users = User.objects.filter(is_active=True).exclude(Q(email=None) | Q(email=""))
    team = Assignment.objects.current().filter(user__in=users).values_list("user", flat=True)
    represented = Representation.objects.in_force().filter(contact__user__in=users)
    seated = SeatTerm.objects.giving_a_place().filter(contact__user__in=users)
    return {
        *team,
        *represented.values_list("contact__user", flat=True),
        *seated.values_list("contact__user", flat=True),
    }


def people_to_remind(now: datetime) -> list[int]:
    """Return the people who may not have been checked today, without locking them."""
    people = User.objects.filter(pk__in=people_with_a_place()).order_by("pk")
    choices = {row.user_id: row for row in ReminderChoice.objects.all()}
    chosen = []
    for person in people:
        here, choice = now.astimezone(person.zone), choices.get(person.pk)
        if here.hour >= MORNING and _is_to_look(choice, here):
            chosen.append(person.pk)
    return chosen


def _is_to_look(choice: ReminderChoice | None, here: datetime) -> bool:
    return choice is None or (choice.stopped_at is None and choice.looked_on != here.date())


# The letter


@transaction.atomic
def remind(pk: int) -> int:
    """Remind the person of all that is to be reminded of today, in one message with what is new; gives
    how many things are reminded of and announced. If they had another message of the portal today,
    what is not urgent waits for tomorrow.

    Somebody who is looked at for the first time reads in one line how much is late, not each thing.
    """
    person = User.objects.select_for_update(no_key=True).filter(pk=pk, is_active=True).first()
    if person is None or not person.email:
        return 0
    with (
        written_for(person),
        timezone.override(person.zone),
        translation.override(person.language),
    ):
        choice, _new = ReminderChoice.objects.get_or_create(user=person)
        if not _is_to_look(choice, timezone.localtime()):
            return 0
        is_first, waits = choice.looked_on is None, had_daily_message(person)
        if not (is_first and waits):  # how much is late is said in the first message
            choice.looked_on = timezone.localdate()
            choice.save(update_fields=["looked_on"])
        found = theirs(person)
        unsent = _not_reminded_of(person, found)
        if waits:
            unsent = [(stage, due) for stage, due in unsent if _is_urgent(due)]
        rows = DueReminder.objects.bulk_create(
            DueReminder(user=person, key=due.key, stage=stage, on=due.on)
            for stage, due in unsent
            if due.on
        )
        counts_late = is_first and not waits
        late = sum(1 for due in found if due.state == DueState.LATE) if counts_late else 0
        lines = [due for s, due in unsent if not (is_first and s == Stage.AFTER)]
        news = [] if waits else _news_to_send(person, choice)
        announced = [line for line in news if line.is_announced]
        if lines or late or announced:
            key = f"due:{rows[0].pk}" if rows else f"due:{choice.looked_on}:{pk}"
            _write(person, lines, news, late=late, key=key)
    return len(lines) + len(announced)


def _is_urgent(due: Due) -> bool:
    """Whether its reminder does not wait until tomorrow, by the day that `stage_of` counts to."""
    return due.days_left is not None and 0 <= due.days_left <= URGENT_DAYS


def theirs(person: User) -> list[Due]:
    silent = set(Project.objects.filter(training=True).values_list("pk", flat=True))
    found = Obligations(Reader(person)).chosen(Chosen(is_mine=True))
    return [due for due in found if due.project.pk not in silent]


def _news_to_send(person: User, choice: ReminderChoice) -> list[NewsLine]:
    """Return what is new since the last message, and note that it was sent. Whoever gets none
    because nothing is announced to them finds it on their home page."""
    now = timezone.now()
    since = choice.news_sent_until or now - timedelta(days=1)
    choice.news_sent_until = now
    choice.save(update_fields=["news_sent_until"])
    projects = Project.objects.visible_to(person).filter(training=False)
    reader = Reader(person, list(projects))
    return news_lines(reader, LISTED, since=max(since, person.new_since))


def _not_reminded_of(person: User, found: list[Due]) -> list[tuple[Stage, Due]]:
    rules = rules_in({due.project for due in found})
    known = set(DueReminder.objects.filter(user=person).values_list("key", "stage", "on"))
    unsent = []
    for due in found:
        default = DEFAULTS.get(due.kind, DEFAULT)
        stage = stage_of(due, rules.get((due.project.pk, due.kind.value), default))
        if stage and (due.key, stage.value, due.on) not in known:
            unsent.append((stage, due))
    return unsent


def _write(person: User, lines: list[Due], news: list[NewsLine], *, late: int, key: str) -> None:
    send_to_person(
        person,
        partial(due_letter, lines, news, late=late, url=page() if lines or late else ""),
        place=only_project(due.project for due in lines) if not news else None,
        key=key,
        recurrent=DUE,
        is_daily=True,
        about=None,
    )


def page() -> str:
    return absolute_url("/due/?whose=mine")


# The weekly summary


def people_to_summarise(now: datetime) -> list[int]:
    """Those with actions, and those for whom it was not looked this week."""
    looked = dict(ReminderChoice.objects.values_list("user", "looked_week"))
    week = week_of(now)
    also = {pk for pk in people_with_a_place() if looked.get(pk, "") != week}
    return reminders.people_to_summarise(now, also=also)


@transaction.atomic
def summarise(pk: int) -> bool:
    """This week's summary, with what is due beside the actions; whoever has nothing gets none."""
    sent = reminders.send_digest(pk, more=more_of, more_url=page())
    if sent or not reminders.waits_for_tomorrow(User.objects.get(pk=pk)):
        week = week_of(timezone.now())
        ReminderChoice.objects.update_or_create(user_id=pk, defaults={"looked_week": week})
    return sent


def more_of(person: User) -> list[Due]:
    """Return what is late or due within a month, except the actions that the summary already has."""
    with written_for(person), translation.override(person.language):
        return [
            due
            for due in theirs(person)
            if due.kind not in ELSEWHERE
            and not due.is_event
            and due.on
            and due.state in (DueState.LATE, DueState.SOON)
        ]


# Choices


def choose_reminders(person: User, *, wanted: bool) -> None:
    ReminderChoice.objects.update_or_create(
        user=person, defaults={"stopped_at": None if wanted else timezone.now()}
    )


def has_reminders(person: User) -> bool:
    return not ReminderChoice.objects.filter(user=person, stopped_at__isnull=False).exists()
