"""Before the review of a plan, minutes and a written procedure are sent it is known who gets what, in
which language; and if nobody is reached, it is said before anything changes."""

import re

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutgoingMail
from committees.asking import seat_recipients
from committees.consultations.services import voting_seats
from committees.minutes.services.minutes import circulate, start_minutes
from committees.models import ActionPlan, Ballot, Meeting, Seat, SeatTerm, WrittenConsultation
from projects.models import Representation
from tests.factories import ContactFactory, PositionFactory, SeatTermFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(sign_in):
    return sign_in("coordinator")


@pytest.fixture
def nobody(world):
    """Nobody holds the seat, and nobody represents an institution."""
    SeatTerm.objects.all().delete()
    Representation.objects.all().delete()


@pytest.fixture
def without_account(world, nobody):
    person = ContactFactory(
        institution=world.institutions["member"],
        full_name="Lucía Paz",
        email="lucia@example.org",
        language="es",
        represents=False,
    )
    SeatTermFactory(seat=world.seat, contact=person, since=timezone.localdate())
    return person


@pytest.fixture(params=["review", "circulate", "finalise", "procedure"])
def way(request, world):
    """The page that sends, the thing, and the state that it has afterwards."""
    if request.param == "review":
        page = reverse("committees:plan-submit", args=[world.plan.pk])
        return page, world.plan, "in_review"
    if request.param == "procedure":
        procedure = WrittenConsultation.objects.create(
            committee=world.committee,
            title_fr="Proposition",
            text_fr="Le comité adopte.",
            why_written="Avant la réunion.",
            answers_until=timezone.localdate(),
        )
        page = reverse("committees:consultation-step", args=[procedure.pk, "open"])
        return page, procedure, "open"
    Meeting.objects.filter(pk=world.meeting.pk).update(status=Meeting.Status.HELD)
    minutes = start_minutes(Meeting.objects.get(pk=world.meeting.pk), language="fr")
    if request.param == "finalise":
        circulate(minutes, by=world.people["coordinator"], until=timezone.localdate())
    page = reverse("committees:minutes-step", args=[minutes.pk, request.param])
    state = {"circulate": "in_review", "finalise": "final_draft"}[request.param]
    return page, minutes, state


def given(page, **more):
    """Return what the form sends if nothing is changed but this."""
    form = page.context["form"]
    values = {field.html_name: field.value() for field in form}
    return {name: value for name, value in values.items() if value is not None} | more


def test_who_has_no_account_gets_a_link_in_their_language_that_opens(
    client, coordinator, without_account, way
):
    page, thing, state = way

    before = coordinator.get(page)
    coordinator.post(page, given(before, line_es="Con un saludo."))

    assert [one.contact for one in before.context["recipients"]] == [without_account]
    assert "lucia@example.org" in before.content.decode()
    thing.refresh_from_db()
    assert thing.status == state
    written = OutgoingMail.objects.get(address="lucia@example.org")
    assert written.text.startswith("Estimada/o Lucía Paz:\n\nCon un saludo.")
    link = re.search(rf"^{re.escape(settings.SITE_URL)}(/\S+)$", written.text, re.MULTILINE)
    client.logout()
    opened = client.get(link[1], follow=True)
    assert opened.status_code == 200
    assert '<html lang="es"' in opened.content.decode()


def test_the_message_is_shown_in_their_language_before_it_is_sent(
    coordinator, without_account, way
):
    page, thing, _state = way
    status = thing.status

    shown = coordinator.post(page, {"read": str(without_account.pk), "line_es": "Con un saludo."})

    said = shown.context["preview"].text
    assert said.startswith("Estimada/o Lucía Paz:\n\nCon un saludo.")
    assert "…" in said
    assert not OutgoingMail.objects.exists()
    thing.refresh_from_db()
    assert thing.status == status


def test_a_day_that_does_not_exist_is_refused_and_not_an_error(coordinator, without_account, way):
    page, _thing, _state = way

    shown = coordinator.post(page, {"read": str(without_account.pk), "until": "2026-02-31"})

    assert shown.status_code == 200


def test_if_nobody_is_reached_it_is_said_before_and_another_way_is_recorded(
    coordinator, world, nobody, way
):
    page, thing, state = way
    status = thing.status
    assert Seat.objects.exists()

    before = coordinator.get(page)
    refused = coordinator.post(page, given(before))
    thing.refresh_from_db()
    kept = thing.status
    coordinator.post(page, given(before, delivered="messenger"))

    assert "No message reaches anybody" in before.content.decode()
    assert "delivered" in refused.context["form"].errors
    assert kept == status
    thing.refresh_from_db()
    assert thing.status == state
    assert thing.status_changes.last().why == "Delivered in another way: Messenger."


@pytest.fixture(params=["review", "procedure"])
def reminder(request, world):
    """The page that writes to those who have not answered."""
    if request.param == "review":
        ActionPlan.objects.filter(pk=world.plan.pk).update(
            status="in_review", review_until=timezone.localdate()
        )
        return reverse("committees:plan-extend", args=[world.plan.pk])
    procedure = WrittenConsultation.objects.create(
        committee=world.committee,
        title_fr="Proposition",
        text_fr="Le comité adopte.",
        why_written="Avant la réunion.",
        answers_until=timezone.localdate(),
        opened_on=timezone.localdate(),
        status="open",
    )
    return reverse("committees:consultation-step", args=[procedure.pk, "remind"])


def test_a_page_says_below_how_they_get_it_if_it_asks_for_that(coordinator, nobody, reminder):
    page = coordinator.get(reminder)

    shown, asks = page.content.decode(), "delivered" in page.context["form"].fields
    assert asks == ("say below how they get it" in shown)
    assert "All have answered." not in shown


def test_if_all_have_answered_no_page_warns_that_nobody_is_reached(coordinator, world, reminder):
    for reviewer in world.plan.reviewers():
        PositionFactory(plan=world.plan, institution=reviewer)
    for procedure in WrittenConsultation.objects.all():
        for seat in voting_seats(procedure):
            by = world.people["coordinator"]
            Ballot.objects.create(consultation=procedure, seat=seat, choice="agree", by=by)

    shown = coordinator.get(reminder)

    text = shown.content.decode()
    assert "All have answered." in text
    assert "No message reaches anybody" not in text
    assert shown.context["recipients"] == []


@pytest.mark.parametrize(
    ("is_voting", "capacity"), [(True, "Principal member"), (False, "Observer")]
)
@pytest.mark.usefixtures("in_english")
def test_who_has_no_vote_is_written_to_as_an_observer(world, is_voting, capacity):
    Seat.objects.update(is_voting=is_voting)
    terms = SeatTerm.objects.filter(seat=world.seat, capacity="holder").select_related(
        "seat", "contact"
    )

    assert {one.capacity for one in seat_recipients(terms)} == {capacity}
