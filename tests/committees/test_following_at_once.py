"""Two workers, or two people, at the same moment: one mail, one shift, one note."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutgoingMail
from committees.models import ActionPlan, ActionTerms, ProgressNote, Reminder, Shift
from committees.plans.services import reminders
from committees.plans.services.progress import ProgressEntry, note_progress
from tests.committees.test_meeting_at_once import at_once
from tests.committees.test_reminders import MONDAY
from tests.world import World

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="rows are locked there"),
]


@pytest.fixture
def world():
    """The action ends in three days, in a plan in execution."""
    world = World()
    ActionPlan.objects.update(status="in_execution", validated_by=world.decision)
    type(world.project).objects.update(
        original_end=timezone.localdate() + timedelta(days=400),
        current_end=timezone.localdate() + timedelta(days=400),
    )
    ActionTerms.objects.update(ends_on=timezone.localdate() + timedelta(days=3))
    type(world.committee).objects.update(tolerance_days=30)
    return world


def test_of_several_workers_at_once_one_writes_the_message_of_the_day(world):
    """On a Tuesday both may come: `test_reminders` has them in a fixed order."""
    pk = world.people["member"].pk
    ActionTerms.objects.update(ends_on=MONDAY.date() + timedelta(days=7))

    with time_machine.travel(MONDAY, tick=False):
        told = at_once(
            *[lambda: reminders.send_reminder(pk), lambda: reminders.send_digest(pk)] * 2
        )

    assert sum(told) == 1
    mail = OutgoingMail.objects.get()
    assert mail.subject == (
        "Reminder: an action to note" if Reminder.objects.exists() else "Your week: what is due"
    )


def test_the_same_form_sent_twice_at_once_is_one_note(world):
    key = "6f0f8b0e-0000-4000-8000-000000000001"
    noted = ProgressEntry(40, by=world.people["member"], key=key)

    notes = at_once(*[lambda: note_progress(world.action, noted)] * 2)

    assert [type(one) for one in notes] == [ProgressNote, ProgressNote]
    assert ProgressNote.objects.count() == 1


def test_of_two_who_shift_at_once_one_is_told(world):
    world.terms.refresh_from_db()
    url = reverse("committees:action-shift", args=[world.plan.pk, world.terms.pk])

    def opened():
        browser = Client()
        browser.force_login(world.people["coordinator"])
        form = browser.get(url).context["form"]
        return browser, {name: form[name].value() or "" for name in form.fields}

    def shift(browser, typed, days):
        day = world.terms.ends_on + timedelta(days=days)
        answer = browser.post(url, typed | {"ends_on": day.isoformat(), "reason": "Motif."})
        return answer.status_code

    one, other = opened(), opened()

    answers = at_once(lambda: shift(*one, 5), lambda: shift(*other, 9))

    assert sorted(answers, key=str) == [200, 302]
    assert Shift.objects.count() == 1
