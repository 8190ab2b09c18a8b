"""What was done by mistake, and on which nobody relies yet, is removed, reopened or taken back."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import AccessEvent
from committees.minutes.services.minutes import circulate, start_minutes
from committees.models import (
    Action,
    ActionPlan,
    AgendaItem,
    Meeting,
    Seat,
    SeatTerm,
)
from kernel.refusal import Refusal
from tests.committees.conftest import in_days
from tests.factories import (
    ActionPlanFactory,
    ActionTermsFactory,
    AgendaItemFactory,
    AttendanceFactory,
    ContactFactory,
    DocumentFactory,
    PositionFactory,
    ResolutionFactory,
    SeatFactory,
    SeatTermFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def coordinator(sign_in):
    return sign_in("coordinator")


def press(client, name, *args, **data):
    return client.post(reverse(f"committees:{name}", args=args), data, follow=True)


def step(client, meeting, verb, **data):
    data = {"on": timezone.localdate().isoformat(), "why": "By mistake"} | data
    answer = press(client, "meeting-step", meeting.pk, verb, **data)
    meeting.refresh_from_db()
    return answer


# A meeting that was only planned


def test_a_meeting_that_was_never_convened_is_removed_and_its_number_is_free(
    coordinator, world, planned
):
    page = coordinator.get(planned.get_absolute_url()).content.decode()
    url = reverse("committees:meeting-delete", args=[planned.pk])
    asked = coordinator.get(url)

    answer = coordinator.post(url)

    assert url in page
    assert "its number is free again" in asked.content.decode()
    assert answer.url == world.committee.get_absolute_url()
    assert not Meeting.objects.filter(pk=planned.pk).exists()
    assert not AgendaItem.objects.filter(meeting=planned.pk).exists()
    assert Meeting.history.filter(id=planned.pk, history_type="-").exists()
    event = AccessEvent.objects.filter(thing_label="committees.meeting").latest("number")
    assert (event.thing_key, event.details) == (str(planned.pk), {"change": "removed"})
    new = coordinator.get(reverse("committees:meeting-create", args=[world.committee.pk]))
    assert new.context["form"].initial["number"] < 7


def test_a_planned_meeting_that_was_cancelled_is_removed_too(coordinator, planned):
    step(coordinator, planned, "cancel")

    press(coordinator, "meeting-delete", planned.pk)

    assert not Meeting.objects.filter(pk=planned.pk).exists()


@pytest.mark.parametrize("status", ["convened", "held"])
def test_a_meeting_of_which_people_know_stays(coordinator, planned, status):
    Meeting.objects.filter(pk=planned.pk).update(status=status, convened_on=date(2020, 1, 1))

    answer = press(coordinator, "meeting-delete", planned.pk)

    assert "Cancel or postpone it" in answer.content.decode()
    assert Meeting.objects.filter(pk=planned.pk).exists()


def test_a_planned_meeting_with_papers_or_proposals_says_what_to_do_first(
    coordinator, world, planned
):
    paper = DocumentFactory(meeting=planned)
    papers = press(coordinator, "meeting-delete", planned.pk)
    paper.delete()
    AgendaItemFactory(meeting=planned, status="proposed", source="seat", proposed_seat=world.seat)
    proposals = press(coordinator, "meeting-delete", planned.pk)

    assert "Remove these first, or cancel the meeting" in papers.content.decode()
    assert "Members proposed items" in proposals.content.decode()
    assert Meeting.objects.filter(pk=planned.pk).exists()


# A session


@pytest.fixture
def convened(planned):
    Meeting.objects.filter(pk=planned.pk).update(
        status=Meeting.Status.CONVENED,
        convened_on=timezone.localdate() - timedelta(days=20),
        starts_at=in_days(0),
        ends_at=in_days(0) + timedelta(hours=2),
    )
    planned.refresh_from_db()
    return planned


@pytest.mark.parametrize("before", ["convened", "frozen"])
def test_a_session_opened_by_mistake_is_taken_back(coordinator, world, convened, before):
    if before == "frozen":
        step(coordinator, convened, "freeze")
    step(coordinator, convened, "open")
    item = convened.items.get()
    item.take("discuss", by=None)
    AgendaItem.objects.filter(pk=item.pk).update(notes="Written meanwhile", seconds_spent=60)
    AttendanceFactory(meeting=convened, seat=world.seat)
    page = coordinator.get(convened.get_absolute_url()).content.decode()
    asked = coordinator.get(reverse("committees:meeting-step", args=[convened.pk, "take_back"]))
    without_reason = step(coordinator, convened, "take_back", why="")

    answer = step(coordinator, convened, "take_back", why="The wrong meeting")

    assert "Undo the opening of the session" in page
    assert "The attendance recorded so far is removed" in asked.content.decode()
    assert without_reason.context["form"].errors
    assert "the meeting is as it was before" in answer.content.decode()
    assert convened.status == before
    item.refresh_from_db()
    assert (item.status, item.notes, item.seconds_spent) == ("accepted", "Written meanwhile", 0)
    assert not convened.attendances.exists()
    change = convened.status_changes.get(verb="take_back")
    assert "1 of 1 voting seats present" in change.why
    assert "The wrong meeting" in change.why
    history = coordinator.get(reverse("committees:meeting-history", args=[convened.pk]))
    assert "The wrong meeting" in history.content.decode()


def test_the_bar_keeps_the_day_on_which_a_meeting_was_convened(coordinator, convened):
    convoked = timezone.localdate() - timedelta(days=20)
    Meeting.objects.filter(pk=convened.pk).update(status=Meeting.Status.PLANNED)
    convened.refresh_from_db()
    convened.take("convene", by=None, on=convoked)
    step(coordinator, convened, "open")
    step(coordinator, convened, "take_back", why="The wrong meeting")

    page = coordinator.get(convened.get_absolute_url())

    [now] = [one for one in page.context["bar"] if one["state"] == "now"]
    assert now["date"] == convoked


def test_a_session_that_was_taken_back_is_opened_again_as_if_for_the_first_time(
    coordinator, convened
):
    step(coordinator, convened, "open")
    step(coordinator, convened, "take_back")
    assert convened.sitting.opened_at is None

    step(coordinator, convened, "open")

    assert convened.status == "in_session"
    convened.sitting.refresh_from_db()
    assert convened.sitting.opened_at


def test_a_session_in_which_something_was_decided_is_not_taken_back(coordinator, convened):
    step(coordinator, convened, "open")
    ResolutionFactory(agenda_item=convened.items.get())

    answer = step(coordinator, convened, "take_back")

    assert "remove them first" in answer.content.decode()
    assert convened.status == "in_session"


def test_a_closed_session_is_reopened_until_the_minutes_circulate(coordinator, convened):
    step(coordinator, convened, "open")
    step(coordinator, convened, "close")
    minutes = start_minutes(convened, language="en")
    page = coordinator.get(convened.get_absolute_url()).content.decode()

    answer = step(coordinator, convened, "reopen", why="Closed too early")

    assert reverse("committees:meeting-step", args=[convened.pk, "reopen"]) in page
    assert "The session goes on" in answer.content.decode()
    assert (convened.status, convened.quorum_kept) == ("in_session", None)
    assert convened.sitting.closed_at is None
    assert convened.sitting.opened_at
    until = timezone.localdate().isoformat()
    early = press(
        coordinator, "minutes-step", minutes.pk, "circulate", until=until, delivered="letter"
    )
    minutes.refresh_from_db()
    assert "close it, and then circulate" in early.content.decode()
    assert minutes.status == "draft"
    step(coordinator, convened, "close")
    assert convened.status == "held"
    minutes.refresh_from_db()
    assert minutes.status == "draft"


def test_minutes_do_not_circulate_while_the_session_goes_on_again(coordinator, convened):
    step(coordinator, convened, "open")
    step(coordinator, convened, "close")
    minutes = start_minutes(convened, language="en")
    step(coordinator, convened, "reopen", why="Closed too early")

    # The pages before leave the language of the person who signed in.
    with override("en"), pytest.raises(Refusal, match="close it, and then circulate"):
        circulate(minutes, by=None, until=timezone.localdate())

    minutes.refresh_from_db()
    assert minutes.status == "draft"


def test_a_session_is_not_reopened_once_the_minutes_circulate(coordinator, convened):
    step(coordinator, convened, "open")
    step(coordinator, convened, "close")
    Meeting.objects.filter(pk=convened.pk).update(records_stand=True)
    page = coordinator.get(convened.get_absolute_url()).content.decode()

    answer = step(coordinator, convened, "reopen")

    assert reverse("committees:meeting-step", args=[convened.pk, "reopen"]) not in page
    assert "minutes" in answer.content.decode()
    assert convened.status == "held"


def test_a_meeting_recorded_afterwards_by_mistake_is_only_planned_again(coordinator, planned):
    Meeting.objects.filter(pk=planned.pk).update(
        starts_at=in_days(-30), ends_at=in_days(-30) + timedelta(hours=2)
    )
    planned.refresh_from_db()
    step(coordinator, planned, "record_afterwards")

    step(coordinator, planned, "take_back_record")

    assert (planned.status, planned.recorded_afterwards) == ("planned", False)
    press(coordinator, "meeting-delete", planned.pk)
    assert not Meeting.objects.filter(pk=planned.pk).exists()


def test_an_item_that_was_left_out_is_put_back(coordinator, convened):
    item = convened.items.get()
    press(coordinator, "item-step", item.pk, "withdraw")
    page = coordinator.get(convened.get_absolute_url()).content.decode()

    press(coordinator, "item-step", item.pk, "restore")

    assert reverse("committees:item-step", args=[item.pk, "restore"]) in page
    item.refresh_from_db()
    assert item.status == "accepted"


def test_an_item_that_was_deferred_in_session_is_put_back(coordinator, convened):
    item = convened.items.get()
    step(coordinator, convened, "open")
    press(coordinator, "item-step", item.pk, "defer")
    page = coordinator.get(reverse("committees:meeting-session", args=[convened.pk]))
    url = reverse("committees:item-step", args=[item.pk, "restore"])

    answer = coordinator.post(f"{url}?back=session")

    assert f"{url}?back=session" in page.content.decode()
    assert "/session/" in answer.url
    item.refresh_from_db()
    assert item.status == "accepted"


# A plan


def test_a_draft_plan_that_was_never_opened_is_removed_with_its_own_actions(coordinator, world):
    kept = ActionTermsFactory(plan=world.plan, responsible=world.institutions["member"])
    draft = ActionPlanFactory(period=world.plan.period, version=world.plan.version + 1)
    ActionTermsFactory(plan=draft, action=kept.action, responsible=kept.responsible)
    own = ActionTermsFactory(plan=draft, responsible=kept.responsible)
    page = coordinator.get(draft.get_absolute_url()).content.decode()
    url = reverse("committees:plan-delete", args=[draft.pk])

    coordinator.post(url)

    assert url in page
    assert not ActionPlan.objects.filter(pk=draft.pk).exists()
    assert not Action.objects.filter(pk=own.action_id).exists()
    assert Action.objects.filter(pk=kept.action_id).exists()
    assert AccessEvent.objects.filter(
        thing_label="committees.actionplan", thing_key=str(draft.pk)
    ).exists()


def test_a_draft_plan_from_a_file_is_removed_as_well(coordinator, world):
    period, version = world.plan.period, world.plan.version + 1
    plan = ActionPlan(period=period, project=period.project, version=version)
    ActionPlan.bring_in([plan], status="draft", by=None, why="plan.xlsx")
    ActionTermsFactory(plan=plan, responsible=world.institutions["member"])

    press(coordinator, "plan-delete", plan.pk)

    assert not ActionPlan.objects.filter(pk=plan.pk).exists()


@pytest.mark.parametrize("mark", ["status", "opened", "position"])
def test_a_plan_that_others_have_seen_stays(coordinator, world, mark):
    plan = ActionPlanFactory(period=world.plan.period, version=world.plan.version + 1)
    terms = ActionTermsFactory(plan=plan, responsible=world.institutions["member"])
    if mark == "position":
        PositionFactory(plan=plan, institution=world.institutions["member"])
    else:
        plan.take("submit", by=None, review_until=date(2030, 1, 1))
    if mark == "opened":
        plan.take("return", by=None)

    answer = press(coordinator, "plan-delete", plan.pk)

    assert ActionPlan.objects.filter(pk=plan.pk).exists()
    assert terms.action.terms.exists()
    assert "it stays" in answer.content.decode() or "refer to this plan" in answer.content.decode()


# A seat


def test_a_wrong_seat_with_its_people_is_removed_while_nothing_depends_on_it(coordinator, world):
    seat = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    person = ContactFactory(institution=seat.institution)
    SeatTermFactory(seat=seat, contact=person, since=world.project.today)

    answer = press(coordinator, "seat-remove", seat.pk)

    assert "The seat was removed" in answer.content.decode()
    assert not Seat.objects.filter(pk=seat.pk).exists()
    assert not SeatTerm.objects.filter(seat=seat.pk).exists()
    person.refresh_from_db()
    event = AccessEvent.objects.latest("number")
    assert (event.kind, event.details["change"]) == ("role", "removed")


@pytest.mark.parametrize("is_voting", [True, False])
def test_a_seat_added_after_the_session_of_the_day_is_removed(
    coordinator, world, convened, is_voting
):
    """One that the session counted stays."""
    Meeting.objects.filter(pk=convened.pk).update(
        status=Meeting.Status.HELD, starts_at=timezone.now(), ends_at=timezone.now()
    )
    meeting = Meeting.objects.get(pk=convened.pk)
    place = {"committee": world.committee, "institution": world.institutions["partner"]}
    counted = SeatFactory(**place)
    SeatTermFactory(seat=counted, since=meeting.day)
    meeting.keep_quorum()
    press(coordinator, "seat-remove", counted.pk)
    assert Seat.objects.filter(pk=counted.pk).exists()
    added = SeatFactory(**place, is_voting=is_voting)
    SeatTermFactory(seat=added, since=meeting.day)

    answer = press(coordinator, "seat-remove", added.pk)

    assert not Seat.objects.filter(pk=added.pk).exists(), answer.content


def test_a_seat_whose_people_were_invited_stays(coordinator, world, convened):
    seat = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    term = SeatTermFactory(seat=seat, since=world.project.today)
    convened.invitations.create(contact=term.contact, seat=seat, capacity="holder")

    answer = press(coordinator, "seat-remove", seat.pk)

    assert "enter its last day" in answer.content.decode()
    assert Seat.objects.filter(pk=seat.pk).exists()
