"""What was just sent is undone for half a minute: the messages wait that long, and go with the step."""

import re
from datetime import date, timedelta
from functools import partial

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts import outbox
from accounts.letters import Letter
from accounts.mail import send_to_person
from accounts.models import AccessLink, OutgoingMail
from accounts.models.outbox import thread_of
from committees.minutes.services.minutes import start_minutes
from committees.models import (
    ActionPlan,
    Ballot,
    Invitation,
    Meeting,
    MinutesVersion,
    WrittenConsultation,
)
from kernel.undo import UNDONE
from tests.committees.test_recipients import given
from tests.committees.test_ways_of_sending import procedure_of
from tests.factories import (
    AmendmentFactory,
    AssignmentFactory,
    AttendanceFactory,
    ProjectFactory,
    ReportFactory,
)
from tests.kernel.test_undo import button
from tests.reports.shelves import sign_plainly

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def waits(settings):
    settings.MAIL_WAITS_FOR_UNDO = True


@pytest.fixture
def coordinator(sign_in):
    return sign_in("coordinator")


def extension_in(world):
    days = {"review_until": world.project.today + timedelta(days=3), "status": "in_review"}
    ActionPlan.objects.filter(pk=world.plan.pk).update(**days)
    world.plan.refresh_from_db()
    world.plan.save()  # its history knows the deadline
    return reverse("committees:plan-extend", args=[world.plan.pk]), world.plan, "in_review"


def plan_for_donor_in(world):
    facts = {"status": "changes_requested", "validated_by": world.decision}
    ActionPlan.objects.filter(pk=world.plan.pk).update(**facts)
    return reverse("committees:plan-to-donor", args=[world.plan.pk]), world.plan, "submitted"


def amendment_in(world):
    amendment = AmendmentFactory(project=world.project, status="recommended")
    page = reverse("projects:amendment-step", args=[world.project.code, amendment.pk, "submit"])
    return page, amendment, "submitted"


def report_in(world):
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])
    report.take("review", by=world.people["coordinator"])
    sign_plainly(report, by=world.people["monitoring"], on=date(2021, 6, 30))
    return reverse("reports:step", args=[report.pk, "submit"]), report, "submitted"


def procedure_in(world):
    procedure = WrittenConsultation.objects.get(pk=procedure_of(world))
    page = reverse("committees:consultation-step", args=[procedure.pk, "open"])
    return page, procedure, "open"


MORE = {
    "extend": extension_in,
    "plan to the donor": plan_for_donor_in,
    "amendment": amendment_in,
    "report": report_in,
    "procedure": procedure_in,
}


@pytest.fixture(params=["convene", "circulate", "review", *MORE])
def way(request, world, planned):
    """The page that sends, the thing, and its state afterwards."""
    if request.param in MORE:
        return MORE[request.param](world)
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
    names = {"status", "announced", "convened_on", "comments_until", "silence_until", "opened_on"}
    names |= {"review_until"} if thing.status == "in_review" else set()
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
    assert (last.why, last.by) == ("", answer.wsgi_request.user)
    with override("es"):
        assert last.reason == "Deshecho de inmediato: no se envió ningún mensaje."
    again = coordinator.post(url, posts, follow=True)
    assert "This was already undone." in again.content.decode()
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


def opened(client, meeting):
    meeting.take("convene", by=None)
    page = reverse("committees:meeting-step", args=[meeting.pk, "open"])
    return send(client, (page, meeting, "in_session"))


def test_a_session_opened_by_mistake_is_taken_back_before_anybody_is_present(coordinator, planned):
    url, posts, _left = button(opened(coordinator, planned))

    coordinator.post(url, posts)

    planned.refresh_from_db()
    assert planned.status == "convened"
    assert planned.status_changes.last().reason == UNDONE


def test_a_session_with_people_in_it_stays_open(coordinator, planned):
    url, posts, _left = button(opened(coordinator, planned))
    AttendanceFactory(meeting=planned)

    answer = coordinator.post(url, posts, follow=True)

    planned.refresh_from_db()
    assert planned.status == "in_session"
    assert "no longer possible" in answer.content.decode()


def test_a_later_message_about_the_same_thing_comes_after_those_that_wait(coordinator, way):
    send(coordinator, way)
    first = OutgoingMail.objects.filter(state="queued").latest("next_attempt_at")
    letter = partial(Letter, subject="The final draft", body=["Words."])

    later = send_to_person(first.person, letter, about=way[1])
    other = send_to_person(first.person, letter, about=ProjectFactory())

    assert later.next_attempt_at == first.next_attempt_at
    assert other.next_attempt_at <= timezone.now()


def test_messages_that_wait_go_when_the_review_is_closed_again(coordinator, way, world):
    _page, thing, state = way
    if state != "in_review":
        return
    send(coordinator, way)
    assert OutgoingMail.objects.filter(thread=thread_of(thing), state="queued").exists()

    if thing == world.plan:
        coordinator.post(reverse("committees:plan-return", args=[thing.pk]), {"why": "An error"})
    else:
        step = reverse("committees:minutes-step", args=[thing.pk, "revise"])
        coordinator.post(step, {"why": "An error"})

    thing.refresh_from_db()
    assert thing.status == "draft"
    assert not OutgoingMail.objects.filter(thread=thread_of(thing), state="queued").exists()


def test_what_was_answered_on_the_page_keeps_a_procedure_open(coordinator, world):
    way = procedure_in(world)
    url, posts, _left = button(send(coordinator, way))
    Ballot.objects.create(
        consultation=way[1], seat=world.seat, choice="agree", by=world.people["coordinator"]
    )

    answer = coordinator.post(url, posts, follow=True)

    way[1].refresh_from_db()
    assert way[1].status == "open"
    assert "somebody has answered" in answer.content.decode()
    assert OutgoingMail.objects.exists()


def test_a_submission_that_was_undone_is_none_to_the_donor(coordinator, world):
    way = plan_for_donor_in(world)
    url, posts, _left = button(send(coordinator, way))
    coordinator.post(url, posts)

    page = coordinator.get(world.plan.get_absolute_url())

    assert page.context["donor"]["text"] == "Not yet submitted"


def test_a_plan_whose_opening_was_undone_can_still_be_deleted(coordinator, world):
    plan = world.plan
    way = (reverse("committees:plan-submit", args=[plan.pk]), plan, "in_review")
    url, posts, _left = button(send(coordinator, way))
    coordinator.post(url, posts)
    answer = coordinator.post(reverse("committees:plan-delete", args=[plan.pk]), follow=True)

    assert "The institutions have seen this plan" not in answer.content.decode()
