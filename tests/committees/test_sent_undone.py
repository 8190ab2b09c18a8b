"""What was just sent is undone for half a minute: the messages wait that long, and go with the step."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts import outbox
from accounts.models import AccessLink, OutgoingMail
from committees.minutes.services.minutes import start_minutes
from committees.models import Invitation, Meeting, MinutesVersion
from tests.committees.test_recipients import given
from tests.factories import AssignmentFactory
from tests.kernel.test_undo import button

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def waits(settings):
    settings.MAIL_WAITS_FOR_UNDO = True


@pytest.fixture
def coordinator(sign_in):
    return sign_in("coordinator")


@pytest.fixture(params=["convene", "circulate", "review"])
def way(request, world, planned):
    """The page that sends, the thing, and what it is before and afterwards."""
    if request.param == "review":
        return reverse("committees:plan-submit", args=[world.plan.pk]), world.plan, "in_review"
    if request.param == "convene":
        page = reverse("committees:meeting-step", args=[planned.pk, "convene"])
        return page, planned, "convened"
    Meeting.objects.filter(pk=world.meeting.pk).update(status=Meeting.Status.HELD)
    minutes = start_minutes(Meeting.objects.get(pk=world.meeting.pk), language="fr")
    page = reverse("committees:minutes-step", args=[minutes.pk, "circulate"])
    return page, minutes, "in_review"


def send(client, way):
    """Press the button, and return the answer with the commit's work done."""
    page, thing, state = way
    answer = client.post(page, given(client.get(page), why="Urgent"), follow=True)
    thing.refresh_from_db()
    assert thing.status == state
    return answer


def facts(thing):
    """Return what the step may have changed in the row."""
    names = {"status", "announced", "convened_on", "comments_until", "silence_until"}
    return {
        each.name: each.value_from_object(thing)
        for each in thing._meta.fields
        if each.name in names
    }


def test_the_step_and_its_messages_are_taken_back_together(
    coordinator, way, django_capture_on_commit_callbacks
):
    page, thing, _state = way
    thing.refresh_from_db()
    before, links = facts(thing), AccessLink.objects.valid().count()
    with django_capture_on_commit_callbacks(execute=True):
        sent = send(coordinator, way)
        outbox.enqueue_due()
    assert OutgoingMail.objects.filter(state="queued").exists()
    assert mail.outbox == []

    url, posts, _left = button(sent)
    answer = coordinator.post(url, posts, follow=True)

    thing.refresh_from_db()
    assert url == page
    assert facts(thing) == before
    assert not OutgoingMail.objects.exists()
    assert AccessLink.objects.valid().count() == links
    assert not Invitation.objects.exists()
    assert not MinutesVersion.objects.exists()
    assert "Undone at once: no message was sent." in answer.content.decode()
    assert button(answer) is None
    last = thing.status_changes.order_by("pk").last()
    assert (last.why, last.by) == ("Undone at once: no message was sent.", answer.wsgi_request.user)
    send(coordinator, way)  # and it can be done again


def test_one_message_says_what_was_done_and_that_the_messages_wait(coordinator, way, settings):
    settings.SENDS_MAIL = True

    answer = send(coordinator, way)

    [said] = answer.context["messages"]
    assert re.search(r"half a minute: \d", str(said))
    assert button(answer)


def test_after_half_a_minute_it_stays_and_the_messages_go(
    coordinator, way, django_capture_on_commit_callbacks
):
    _page, thing, state = way
    url, posts, _left = button(send(coordinator, way))

    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        answer = coordinator.post(url, posts, follow=True)
    with (
        time_machine.travel(timezone.now() + timedelta(seconds=41)),
        django_capture_on_commit_callbacks(execute=True),
    ):
        assert OutgoingMail.objects.due().count() == OutgoingMail.objects.count() > 0

    thing.refresh_from_db()
    assert thing.status == state
    assert "the messages are on their way" in answer.content.decode()


def test_a_message_that_is_being_sent_keeps_the_step(coordinator, way):
    _page, thing, state = way
    url, posts, _left = button(send(coordinator, way))
    OutgoingMail.objects.filter(pk=OutgoingMail.objects.earliest("pk").pk).update(state="working")

    answer = coordinator.post(url, posts, follow=True)

    thing.refresh_from_db()
    assert thing.status == state
    assert "the messages are on their way" in answer.content.decode()


def test_only_who_sent_it_undoes_it(client, world, coordinator, way):
    _page, thing, state = way
    url, posts, _left = button(send(coordinator, way))
    other = AssignmentFactory(project=world.project, role="coordinator").user
    client.force_login(other)

    client.post(url, posts)

    thing.refresh_from_db()
    assert thing.status == state


def test_a_meeting_that_was_postponed_has_no_button(coordinator, planned):
    url = reverse("committees:meeting-step", args=[planned.pk, "convene"])
    way = (url, planned, "convened")
    send(coordinator, way)
    postpone = reverse("committees:meeting-step", args=[planned.pk, "postpone"])
    coordinator.post(postpone, given(coordinator.get(postpone), why="Rain"))

    assert button(send(coordinator, way)) is None
