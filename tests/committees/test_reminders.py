"""The weekly summary and reminders: who is told of what, once, in whose language."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import outbox
from accounts.models import OutgoingMail
from committees.models import Action, ActionPlan, ActionTerms, DigestChoice, Reminder
from committees.plans.services import reminders
from committees.plans.services.due_actions import due_by_person
from committees.tasks import sweep_reminders
from ibcr_portal.celery import app
from tests.factories import (
    ActionFactory,
    ActionTermsFactory,
    ContactFactory,
    ParticipationFactory,
    SeatFactory,
    SeatTermFactory,
    UserFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("America/Tegucigalpa")
MONDAY = datetime(2019, 9, 23, 9, 0, tzinfo=ZONE)  # the action ends on September 30
TUESDAY = MONDAY + timedelta(days=1)  # the last day of the weekly summary


@pytest.fixture
def world():
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=ActionPlan.Status.IN_EXECUTION, validated_by=world.decision
    )
    type(world.people["member"]).objects.update(time_zone="America/Tegucigalpa")
    return world


@pytest.fixture
def run(django_capture_on_commit_callbacks):
    """The scheduler's round at a moment; the workers do all that it enqueues, at once."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)

    def sweep_digests():  # `ibcr_portal.tasks` adds what else is due
        for pk in reminders.people_to_summarise(timezone.now()):
            reminders.send_digest(pk)

    sweeps = {"digests": sweep_digests, "reminders": sweep_reminders}

    def run(at, *names):
        with time_machine.travel(at, tick=False), django_capture_on_commit_callbacks(execute=True):
            for name in names or ("digests", "reminders"):
                sweeps[name]()

    yield run
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


def letters(mailoutbox):
    return sorted((mail.to[0], mail.subject) for mail in mailoutbox)


SUMMARY, REMINDER = "Your week: what is due", "Reminder: an action to note"


def subjects(mailoutbox):
    """In the order in which they were sent."""
    return [mail.subject for mail in mailoutbox]


# Once


@pytest.mark.parametrize(
    ("name", "subject"),
    [("digests", SUMMARY), ("reminders", REMINDER)],
)
def test_run_twice_in_the_same_minute_one_mail_each(world, run, mailoutbox, name, subject):
    ContactFactory(institution=world.institutions["member"], user=UserFactory())
    people = [one.user.email for one in world.institutions["member"].contacts.all()]

    for _time in range(2):
        run(MONDAY, name)

    assert letters(mailoutbox) == sorted((email, subject) for email in people)


@pytest.mark.parametrize("write", [reminders.send_digest, reminders.send_reminder])
def test_a_worker_that_dies_before_it_is_committed_leaves_nothing(world, run, mailoutbox, write):
    """Between choosing and writing down: the next round does it all, once."""
    pk = world.people["member"].pk

    @transaction.atomic
    def killed():
        assert write(pk)
        raise KeyboardInterrupt

    with time_machine.travel(MONDAY, tick=False):
        with pytest.raises(KeyboardInterrupt):
            killed()
        assert not OutgoingMail.objects.exists()
        assert not Reminder.objects.exists()
    run(MONDAY, "digests" if write is reminders.send_digest else "reminders")

    assert len(mailoutbox) == 1


@pytest.mark.parametrize("write", [reminders.send_digest, reminders.send_reminder])
def test_a_worker_that_dies_before_it_sends_leaves_the_row_that_is_sent_once(
    world, mailoutbox, write
):
    """Chosen and committed, but the message to the worker is lost: the sweep sends, once."""
    pk = world.people["member"].pk
    with time_machine.travel(MONDAY, tick=False):
        assert write(pk)
        mail = OutgoingMail.objects.get()
        assert (mailoutbox, mail.sent_at) == ([], None)
        for _time in range(2):
            outbox.deliver(mail.pk)
            assert not write(pk)

    mail.refresh_from_db()
    assert len(mailoutbox) == 1
    assert mail.sent_at is not None


def test_next_week_the_summary_comes_again(world, run, mailoutbox):
    run(MONDAY, "digests")
    run(MONDAY + timedelta(days=7), "digests")

    assert letters(mailoutbox) == [(world.people["member"].email, "Your week: what is due")] * 2


@pytest.mark.parametrize(
    ("after", "sent"),
    [
        (timedelta(hours=-3), 0),  # six in the morning
        (timedelta(hours=-2), 1),
        (timedelta(days=1), 1),  # what was missed on Monday
        (timedelta(days=2), 0),
        (timedelta(days=-1), 0),
    ],
)
def test_the_summary_comes_on_monday_morning_where_the_person_is(
    world, run, mailoutbox, after, sent
):
    run(MONDAY + after, "digests")

    assert len(mailoutbox) == sent


def test_a_summary_that_waited_for_a_reminder_comes_on_tuesday_morning(world, run, mailoutbox):
    run(MONDAY, "reminders")
    run(MONDAY, "digests")
    run(MONDAY + timedelta(hours=16), "digests")  # one in the morning
    assert subjects(mailoutbox) == [REMINDER]

    run(MONDAY + timedelta(hours=22), "digests")
    assert subjects(mailoutbox) == [REMINDER, SUMMARY]


def test_on_tuesday_the_summary_comes_even_after_a_reminder(world, run, mailoutbox):
    run(TUESDAY, "reminders")
    run(TUESDAY, "digests")

    assert subjects(mailoutbox) == [REMINDER, SUMMARY]


def test_on_tuesday_a_reminder_that_is_not_urgent_waits_for_the_day_after_the_summary(
    world, run, mailoutbox
):
    run(TUESDAY, "digests")
    run(TUESDAY, "reminders")
    assert subjects(mailoutbox) == [SUMMARY]

    run(TUESDAY + timedelta(days=1), "reminders")
    assert subjects(mailoutbox) == [SUMMARY, REMINDER]


# Of what


DAY = datetime(2019, 9, 30, 9, 0, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("days", "kinds"),
    [
        (-8, []),
        (-7, ["before"]),
        (0, ["before"]),
        (1, ["after"]),
        (7, ["after"]),
        (8, []),
    ],
)
def test_a_reminder_comes_before_and_after_the_day(world, run, days, kinds):
    run(DAY + timedelta(days=days), "reminders")

    assert list(Reminder.objects.values_list("kind", flat=True)) == kinds


def test_once_before_and_once_after(world, run, mailoutbox):
    for days in range(-8, 9):
        run(DAY + timedelta(days=days), "reminders")

    assert list(Reminder.objects.values_list("kind", flat=True)) == ["before", "after"]
    assert len(mailoutbox) == 2


def test_another_day_is_another_thing(world, run, mailoutbox):
    run(DAY, "reminders")
    ActionTerms.objects.update(ends_on=DAY.date() + timedelta(days=5))
    run(DAY + timedelta(days=1), "reminders")

    assert len(mailoutbox) == 2


@pytest.mark.parametrize("status", ["done", "verified", "cancelled"])
def test_of_what_is_done_nobody_is_reminded(world, run, mailoutbox, status):
    Action.objects.update(status=status)

    run(MONDAY)

    assert mailoutbox == []


@pytest.mark.parametrize("status", ["draft", "in_review", "validated", "closed", "superseded"])
def test_of_a_plan_that_is_not_in_execution_nobody_is_reminded(world, run, mailoutbox, status):
    ActionPlan.objects.update(status=status)

    run(MONDAY)

    assert mailoutbox == []


def test_several_actions_of_one_person_are_one_mail(world, run, mailoutbox):
    for reference in ("2.1", "2.10", "2.9"):
        ActionTermsFactory(
            plan=world.plan,
            action=ActionFactory(project=world.project, reference=reference),
            responsible=world.institutions["member"],
        )

    run(MONDAY)
    run(MONDAY + timedelta(days=1), "reminders")

    for mail in mailoutbox:
        found = re.findall(r"^(?:– )?(\d\.\d+) ", mail.body, re.MULTILINE)
        assert found == [world.action.reference, "2.1", "2.9", "2.10"]
    assert len(mailoutbox) == 2


# To whom


def told(world):
    with time_machine.travel(MONDAY, tick=False):
        names = {person.pk: role for role, person in world.people.items()}
        return {names.get(pk, "another") for pk in due_by_person()}


def test_told_are_those_who_speak_for_the_responsible_institution(world):
    world.terms.supporting.add(world.institutions["partner"])

    assert told(world) == {"member"}


@pytest.mark.parametrize("why", ["left", "inactive", "no address"])
def test_none_is_told_who_left(world, run, mailoutbox, why):
    person = world.people["member"]
    match why:
        case "left":
            person.contacts.update(ended_on=timezone.localdate())
        case "inactive":
            type(person).objects.filter(pk=person.pk).update(is_active=False)
        case "no address":
            type(person).objects.filter(pk=person.pk).update(email=None)

    assert told(world) == set()
    run(MONDAY)
    assert mailoutbox == []


def test_who_leaves_between_choosing_and_sending_is_told_nothing(world, mailoutbox):
    pk = world.people["member"].pk
    with time_machine.travel(MONDAY, tick=False):
        assert pk in reminders.people_to_remind(timezone.now())
        world.people["member"].contacts.update(ended_on=timezone.localdate())

        assert (reminders.send_reminder(pk), reminders.send_digest(pk)) == (0, False)


@pytest.mark.parametrize("ended", [False, True])
def test_who_is_known_by_a_seat_alone_is_told_while_they_hold_it(world, ended):
    institution = SeatFactory(committee=world.committee).institution
    contact = ContactFactory(institution=institution, user=UserFactory())
    until = datetime(2019, 7, 1).date() if ended else None
    SeatTermFactory(seat=institution.seats.get(), contact=contact, until=until)
    ActionTerms.objects.update(responsible=institution)

    assert told(world) == (set() if ended else {"another"})


def test_the_coordinators_are_told_for_the_institution_that_answers_for_the_project(world):
    accountable = ParticipationFactory(project=world.project, role="accountable").institution
    ActionTerms.objects.update(responsible=accountable)

    assert told(world) == {"coordinator"}


def test_who_is_told_costs_the_same_for_any_number(world, django_assert_max_num_queries):
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            institution = ParticipationFactory(project=world.project).institution
            ContactFactory(institution=institution, user=UserFactory())
            ActionTermsFactory(
                plan=world.plan,
                action=ActionFactory(project=world.project, reference=f"9.{number}"),
                responsible=institution,
            )

        with (
            time_machine.travel(MONDAY, tick=False),
            django_assert_max_num_queries(10) as statements,
        ):
            assert len(due_by_person()) == numbers.stop + 1
        counts.append(len(statements))

    few, many = counts
    assert many <= few


# In whose words


def test_a_person_reads_it_in_their_language_and_no_subject_names_a_thing(world, run, mailoutbox):
    type(world.people["member"]).objects.filter(pk=world.people["member"].pk).update(language="es")
    ActionTerms.objects.update(title_es="Talleres")

    run(MONDAY)

    for mail in mailoutbox:
        assert "Talleres" in mail.body
        for secret in (world.project.code, str(world.institutions["member"]), "Talleres"):
            assert secret not in mail.subject


def test_the_same_as_a_short_text_to_pass_on(client, world):
    ContactFactory(institution=world.institutions["member"], language="es")
    ActionTerms.objects.update(title_es="Talleres", title_fr="Ateliers")
    client.force_login(world.people["coordinator"])

    with time_machine.travel(MONDAY, tick=False):
        response = client.get(reverse("committees:plan-messages", args=[world.plan.pk]))

    row = response.context["rows"][0]
    assert row["institution"] == world.institutions["member"]
    assert {text["language"]: "Talleres" in text["text"] for text in row["texts"]} == {
        "en": False,
        "es": True,
    }
    assert all(len(text["text"]) < 400 for text in row["texts"])


def test_a_long_list_is_cut_in_the_mail_and_shorter_still_in_the_short_text(
    client, world, run, mailoutbox
):
    for number in range(40):
        ActionTermsFactory(
            plan=world.plan,
            action=ActionFactory(project=world.project, reference=f"9.{number}"),
            responsible=world.institutions["member"],
        )
    client.force_login(world.people["coordinator"])

    run(MONDAY, "digests")
    with time_machine.travel(MONDAY, tick=False):
        page = client.get(reverse("committees:plan-messages", args=[world.plan.pk]))

    short = page.context["rows"][0]["texts"][0]["text"]
    assert mailoutbox[0].body.count("\n– ") == 26
    assert short.count(";") == 7
    assert "… and others" in mailoutbox[0].body
    assert "… and others" in short


# The links


def link_in(mail, name):
    name = name if ":" in name else f"committees:{name}"
    start = reverse(name, args=["x"]).removesuffix("x/")
    return re.search(rf"({start}[\w:-]+/)", mail.body).group(1)


def test_the_reminder_leads_to_where_progress_is_noted(client, world, run, mailoutbox):
    run(MONDAY, "reminders")

    with time_machine.travel(MONDAY, tick=False):
        response = client.get(link_in(mailoutbox[0], "action-link"))

    assert response.status_code == 200
    assert response.context["action"] == world.action
    assert "/mail/link/" in response.text  # where the person chooses, without signing in


@pytest.fixture
def stop(world, run, mailoutbox):
    run(MONDAY, "digests")
    return link_in(mailoutbox[0], "accounts:mail-choices")


def rows():
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.managed and model._meta.pk is not None
    }


def test_the_summary_is_stopped_by_a_pressed_button_without_signing_in(
    client, world, run, mailoutbox, stop
):
    with time_machine.travel(MONDAY, tick=False):
        before = rows()
        assert client.get(stop).status_code == 200
        assert rows() == before
        client.post(stop)
    run(MONDAY + timedelta(days=7), "digests")

    assert len(mailoutbox) == 1
    assert DigestChoice.objects.get().stopped_at is not None
    assert "sessionid" not in client.cookies


def test_the_one_click_of_a_mail_program_stops_it_too(client, stop):
    with time_machine.travel(MONDAY, tick=False):
        client.post(stop, {"List-Unsubscribe": "One-Click"})

    assert DigestChoice.objects.get().stopped_at is not None


@pytest.mark.parametrize(
    ("site", "told"), [("https://portal.example.org", True), ("http://localhost:8000", False)]
)
def test_a_mail_program_is_told_where_one_click_stops_it(
    settings, world, run, mailoutbox, site, told
):
    settings.SITE_URL = site

    run(MONDAY, "digests")

    headers = mailoutbox[0].extra_headers
    address = headers.get("List-Unsubscribe", "")
    assert (address[1:-1] in mailoutbox[0].body and bool(address)) is told
    assert ("List-Unsubscribe-Post" in headers) is told
    assert OutgoingMail.objects.get().unsubscribe_url == ""  # forgotten once it is sent


def test_who_stopped_the_summary_may_have_it_again(client, world, run, mailoutbox, stop):
    with time_machine.travel(MONDAY, tick=False):
        client.post(stop)
        client.post(stop, {"again": "digest"})
    run(MONDAY + timedelta(days=7), "digests")

    assert len(mailoutbox) == 2


def test_who_stopped_the_summary_is_still_reminded(client, world, run, mailoutbox, stop):
    with time_machine.travel(MONDAY, tick=False):
        client.post(stop)
    run(MONDAY + timedelta(days=1), "reminders")

    assert [mail.subject for mail in mailoutbox] == [
        "Your week: what is due",
        "Reminder: an action to note",
    ]


@pytest.mark.parametrize(("days", "number"), [(3, 1), (2, 2)])
def test_what_is_not_due_in_two_days_waits_for_the_next_daily_message(
    world, run, mailoutbox, days, number
):
    ActionTerms.objects.update(ends_on=MONDAY.date() + timedelta(days=days))
    run(MONDAY)
    assert len(mailoutbox) == number

    run(MONDAY + timedelta(days=1), "reminders")
    assert len(mailoutbox) == 2


# On the page


@pytest.mark.parametrize(("role", "count"), [("member", 1), ("partner", 0), ("outsider", 0)])
def test_everyone_sees_what_their_institutions_have_to_do(client, world, role, count):
    client.force_login(world.people[role])

    with time_machine.travel(MONDAY, tick=False):
        response = client.get(reverse("committees:actions"))

    assert len(response.context["due"].all) == count


def test_a_persons_actions_are_read_without_those_of_others(world):
    """However many actions are due: only theirs come from the database."""
    person = world.people["partner"]
    for name in ("partner", "member"):
        ActionTermsFactory(
            plan=world.plan,
            action=ActionFactory(project=world.project),
            responsible=world.institutions[name],
            ends_on=timezone.localdate(),
        )
    with CaptureQueriesContext(connection) as asked:
        found = due_by_person(people=[person.pk])

    (statement,) = (
        one["sql"]
        for one in asked.captured_queries
        if 'FROM "committees_actionterms"' in one["sql"]
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert len(cursor.fetchall()) == len(found[person.pk]) >= 1
