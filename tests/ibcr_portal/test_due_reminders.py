"""Reminders of what is due: whom, when, once, and never of a past that nobody was told of."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection, transaction

from accounts.models import OutgoingMail
from committees.models import ActionPlan, ActionTerms
from ibcr_portal.models import DueReminder, ReminderChoice, ReminderRule
from ibcr_portal.obligations import reminders
from projects.models import Participation
from tests.committees.test_meeting_at_once import at_once
from tests.factories import AgreementFactory, ProposedChangeFactory
from tests.world import World

ZONE = ZoneInfo("America/Tegucigalpa")
DAY = datetime(2020, 6, 15, 9, 0, tzinfo=ZONE)  # a Monday
SOON = (DAY + timedelta(days=14)).date()


@pytest.fixture
def world():
    """The partner's agreement ends in two weeks; its policy was never signed."""
    with time_machine.travel(DAY, tick=False):
        world = World()
        agreement = AgreementFactory(institution=world.institutions["partner"], ends_on=SOON)
        Participation.objects.filter(institution=agreement.institution).update(agreement=agreement)
        yield world


def remind(world, *, at=DAY, role="partner"):
    with time_machine.travel(at, tick=False):
        return reminders.remind(world.people[role].pk)


def told():
    return [mail.text for mail in OutgoingMail.objects.order_by("pk")]


@pytest.mark.django_db
def test_the_past_is_told_once_in_one_line(world):
    assert remind(world) == 1  # the agreement

    (text,) = told()
    assert "Agreement ends" in text
    assert "This is the first reminder of this kind: 1 thing is already late." in text
    assert "Safeguarding" not in text
    assert OutgoingMail.objects.get().subject == "Reminder: due on Jun 29, 2020"
    for days in range(1, 14):
        assert remind(world, at=DAY + timedelta(days=days)) == 0
    assert len(told()) == 1


@pytest.mark.django_db
def test_before_the_day_on_it_and_once_after_it(world):
    sent = {
        days: remind(world, at=DAY + timedelta(days=days)) for days in (0, 1, 14, 15, 20, 21, 22)
    }

    assert sent == {0: 1, 1: 0, 14: 1, 15: 0, 20: 0, 21: 1, 22: 0}
    assert list(DueReminder.objects.values_list("stage", flat=True)) == ["before", "day", "after"]


@pytest.mark.django_db
def test_who_looks_for_the_first_time_long_after_is_told_a_number(world):
    assert remind(world, at=DAY + timedelta(days=300)) == 0

    (text,) = told()
    assert "2 things are already late" in text


@pytest.mark.django_db
def test_the_project_sets_the_days_and_whether_at_all(world):
    rule = ReminderRule.objects.create(project=world.project, kind="agreement", before=3)

    assert remind(world) == 0
    assert remind(world, at=DAY + timedelta(days=11)) == 1
    ReminderRule.objects.filter(pk=rule.pk).update(is_on=False)
    assert remind(world, at=DAY + timedelta(days=14)) == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("hour", "chosen"), [(6, False), (7, True), (23, True)])
def test_it_is_looked_in_the_morning_where_the_person_is(world, hour, chosen):
    type(world.people["partner"]).objects.update(time_zone="America/Tegucigalpa")
    at = DAY.replace(hour=hour)

    assert (world.people["partner"].pk in reminders.people_to_remind(at)) is chosen
    if chosen:
        remind(world, at=at)
        assert world.people["partner"].pk not in reminders.people_to_remind(at)


@pytest.mark.django_db
def test_who_stopped_them_has_none_and_who_left_neither(client, world):
    partner = world.people["partner"]
    client.force_login(partner)
    client.post("/due/reminders/", {"stop": 1})

    assert partner.pk not in reminders.people_to_remind(DAY)
    assert remind(world) == 0
    client.post("/due/reminders/", {"again": 1})
    partner.contacts.update(ended_on=DAY.date())
    assert partner.pk not in reminders.people_to_remind(DAY)
    assert remind(world) == 0
    assert told() == []


@pytest.mark.django_db
def test_a_reminder_is_stopped_by_its_link_once_a_button_is_pressed(client, world):
    remind(world)
    (address,) = set(re.findall(r"/mail/link/\S+", told()[0]))

    with time_machine.travel(DAY, tick=False):
        assert 'name="stop" value="due"' in client.get(address).text
        assert reminders.has_reminders(world.people["partner"])
        client.post(address, {"List-Unsubscribe": "One-Click"})
        assert not reminders.has_reminders(world.people["partner"])
        client.post(address, {"again": "due"})
    assert reminders.has_reminders(world.people["partner"])
    assert OutgoingMail.objects.get().unsubscribe_url.endswith(address)


@pytest.mark.django_db
def test_a_worker_that_dies_leaves_nothing_and_the_next_writes_all(world):
    @transaction.atomic
    def killed():
        assert reminders.remind(world.people["partner"].pk)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert (told(), ReminderChoice.objects.count(), DueReminder.objects.count()) == ([], 0, 0)
    assert remind(world) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="rows are locked there")
def test_two_workers_at_once_write_once(world):
    pk = world.people["partner"].pk

    assert sorted(at_once(*[lambda: reminders.remind(pk)] * 2)) == [0, 1]
    assert len(told()) == 1


# The weekly summary


@pytest.mark.django_db
def test_the_weekly_summary_tells_what_else_is_due_and_writes_nobody_without(world):
    ActionPlan.objects.update(status="in_execution", validated_by=world.decision)
    ActionTerms.objects.update(
        ends_on=SOON, responsible=world.institutions["partner"], title_fr="Atelier"
    )
    everybody = reminders.people_to_summarise(DAY)
    sent = {role: reminders.summarise(person.pk) for role, person in world.people.items()}

    assert {person.pk for role, person in world.people.items() if sent[role]} <= set(everybody)
    assert sent["partner"]
    assert (sent["reader"], sent["donor"]) == (False, False)
    text = OutgoingMail.objects.get(person=world.people["partner"]).text
    assert "Atelier" in text.split("Also due:")[0]
    assert "Agreement ends" in text.split("Also due:")[1]
    # Looked at, nobody is looked at again this week.
    assert reminders.people_to_summarise(DAY + timedelta(hours=1)) == []
    assert not any(reminders.summarise(person.pk) for person in world.people.values())


# What is new


@pytest.mark.django_db
def test_proposed_changes_are_announced_to_the_coordination_once_in_the_daily_message(world):
    ActionPlan.objects.update(status="in_review", review_until=SOON)
    coordinator = world.people["coordinator"]
    remind(world, role="coordinator")
    OutgoingMail.objects.all().delete()
    with time_machine.travel(DAY + timedelta(hours=3), tick=False):
        for _each in range(2):
            ProposedChangeFactory(
                plan=world.plan,
                action=world.action,
                institution=world.institutions["partner"],
                by=world.people["partner"],
            )

    sent = [remind(world, role="coordinator", at=DAY + timedelta(days=days)) for days in (1, 2)]
    roles = ("auditor", "monitoring")
    assert [remind(world, role=role, at=DAY + timedelta(days=1)) for role in roles] == [0, 0]

    assert sent == [1, 0]
    mail = OutgoingMail.objects.get(person=coordinator)
    assert mail.subject == "What is new for you"
    assert "/news/" in mail.text
    assert "Les ateliers" not in mail.text


@pytest.mark.django_db
def test_news_and_reminders_wait_while_the_person_had_the_message_of_the_day(world):
    assert reminders.summarise(world.people["partner"].pk)
    assert remind(world) == 0

    assert remind(world, at=DAY + timedelta(days=1)) == 1
    assert [mail.subject for mail in OutgoingMail.objects.order_by("pk")] == [
        "Your week: what is due",
        "Reminder: due on Jun 29, 2020",
    ]


@pytest.mark.django_db
def test_what_was_entered_late_is_reminded_of_on_its_last_day_in_spite_of_another_message(
    world, monkeypatch
):
    (due,) = [each for each in reminders.theirs(world.people["partner"]) if each.on == SOON]
    late = replace(due, on=DAY.date() - timedelta(days=3), in_time_until=DAY.date())
    monkeypatch.setattr(reminders, "theirs", lambda person: [late])
    ReminderChoice.objects.create(user=world.people["partner"], looked_on=late.on)
    monkeypatch.setattr(reminders, "had_daily_message", lambda person: True)

    assert remind(world) == 1
