"""An institution answers a recommendation and notes progress by a link that the coordination sends at
any time, and reads the papers of a meeting before it answers the invitation."""

import re

import pytest
from django.urls import reverse

from accounts.models import AccessEvent, AccessLink, OutgoingMail, User
from committees.models import ActionPlan, Document, Invitation, Resolution
from tests.factories import AgendaItemFactory, DocumentFactory, RecommendationFactory
from tests.world import World

pytestmark = pytest.mark.django_db

Status = Resolution.Status


@pytest.fixture
def world():
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=ActionPlan.Status.IN_EXECUTION, validated_by=world.decision
    )
    return world


@pytest.fixture
def recommendation(world):
    return RecommendationFactory(
        agenda_item=AgendaItemFactory(meeting=world.meeting),
        addressee=world.institutions["member"],
        text_en="Train the judges.",
    )


def url_of(thing, person, purpose, page):
    _link, token = AccessLink.issue(person, purpose, thing, by=None)
    return reverse(page, args=[token])


@pytest.fixture
def link(recommendation, world):
    person = world.people["member"]
    return url_of(recommendation, person, "answer_recommendation", "committees:resolution-link")


def test_opening_the_link_changes_nothing_and_says_who_is_asked_what(
    client, link, recommendation, world, django_assert_max_num_queries
):
    before = AccessEvent.objects.count()
    with django_assert_max_num_queries(20):
        response = client.get(link)

    html = response.content.decode()
    asked = (str(world.project), str(world.institutions["member"]), recommendation.number)
    assert [part for part in asked if part not in html] == []
    assert response.headers["Referrer-Policy"] == "strict-origin"
    assert AccessEvent.objects.count() == before
    recommendation.refresh_from_db()
    assert recommendation.status == Status.ISSUED


def test_an_answer_is_recorded_confirmed_and_may_be_changed(client, link, recommendation, world):
    response = client.post(link, {"verb": "decline", "text": "No budget."})

    assert response["Location"] == f"{link}?done=1"
    recommendation.refresh_from_db()
    assert (recommendation.status, recommendation.answer, recommendation.answer_channel) == (
        Status.DECLINED,
        "No budget.",
        "link",
    )
    assert AccessEvent.objects.filter(details__answer="recommendation").count() == 1
    [sent] = OutgoingMail.objects.all()
    assert sent.address == world.people["member"].email
    assert "No budget." in sent.text
    assert link in sent.text

    client.post(link, {"verb": "accept", "text": "In May."})

    recommendation.refresh_from_db()
    assert (recommendation.status, recommendation.answer) == (Status.ACCEPTED, "In May.")
    html = client.get(f"{link}?done=1").content.decode()
    assert html.index("In May.") < html.index('id="page-form"')


def test_only_those_with_an_address_are_promised_an_email(client, link, world, settings):
    settings.SENDS_MAIL = True
    client.post(link, {"verb": "decline", "text": "No budget."})
    assert "by e-mail" in client.get(f"{link}?done=1").content.decode()

    settings.SENDS_MAIL = False
    assert client.get(f"{link}?done=1").context["done"] == "Your answer was recorded."

    settings.SENDS_MAIL = True
    User.objects.filter(pk=world.people["member"].pk).update(email=None)

    html = client.get(f"{link}?done=1").content.decode()
    assert "Your answer was recorded." in html
    assert "by e-mail" not in html


def test_personal_data_is_asked_about_by_link_as_well(client, link, recommendation):
    response = client.post(link, {"verb": "accept", "text": "Call 9876-5432."})

    assert "personal_data_checked" in response.content.decode()
    recommendation.refresh_from_db()
    assert recommendation.status == Status.ISSUED


def test_who_does_not_speak_for_the_addressee_reads_nothing(client, recommendation, world):
    person = world.people["partner"]
    link = url_of(recommendation, person, "answer_recommendation", "committees:resolution-link")

    assert client.get(link).status_code == 404


def test_a_reserved_recommendation_is_neither_asked_about_nor_read(
    client, link, recommendation, sign_in, world
):
    recommendation.agenda_item.audience = "voting"
    recommendation.agenda_item.save()

    assert client.get(link).status_code == 404
    ask = reverse("committees:resolution-ask", args=[recommendation.pk])
    assert sign_in("coordinator").get(ask).status_code == 404


def test_the_coordination_sends_the_link_at_any_time(sign_in, world, recommendation, client):
    coordinator = sign_in("coordinator")
    for page, pk in (("resolution-ask", recommendation.pk), ("action-ask", world.action.pk)):
        url = reverse(f"committees:{page}", args=[pk])
        assert coordinator.get(url).status_code == 200
        coordinator.post(url)
        [sent] = OutgoingMail.objects.all()
        opened = re.search(r"http://[^/]+(/\S+)", sent.text)[1]

        assert sent.address == world.people["member"].email
        assert client.get(opened).status_code == 200

        fresh = coordinator.post(url, {"person": world.people["member"].pk})
        shown = re.search(r'id="fresh-url" value="http://[^/]+([^"]+)"', fresh.content.decode())[1]
        assert OutgoingMail.objects.count() == 1
        OutgoingMail.objects.all().delete()
        assert client.get(shown).status_code == 200
        assert client.get(opened).status_code == 404  # the new link ended the one that was sent


def test_a_link_is_made_for_nobody_else(sign_in, world, recommendation):
    url = reverse("committees:resolution-ask", args=[recommendation.pk])
    coordinator = sign_in("coordinator")

    for person in (world.people["partner"].pk, "x"):
        assert coordinator.post(url, {"person": person}).status_code == 404


@pytest.fixture
def invitation(world):
    world.meeting.status = "convened"
    world.meeting.save()
    return Invitation.objects.create(
        meeting=world.meeting,
        contact=world.people["member"].contacts.get(),
        seat=world.people["member"].contacts.get().seat_terms.get().seat,
        capacity="holder",
    )


def test_papers_are_read_before_the_answer_but_none_that_is_reserved(client, world, invitation):
    item = AgendaItemFactory(meeting=world.meeting, audience="voting")
    opens = DocumentFactory(meeting=world.meeting, audience="committee")
    closed = [
        DocumentFactory(meeting=world.meeting, audience="voting"),
        DocumentFactory(meeting=world.meeting, audience="committee", agenda_item=item),
        DocumentFactory(meeting=world.meeting, audience="coordination"),
    ]
    link = url_of(invitation, world.people["member"], "invitation", "committees:invitation-link")

    def status(paper):
        response = client.get(f"{link}papers/{paper.pk}/")
        if response.streaming:
            assert response.getvalue()
        return response.status_code

    assert f"{link}papers/{opens.pk}/" in client.get(link).content.decode()
    assert [status(opens), *map(status, closed)] == [200, 404, 404, 404]
    assert AccessEvent.objects.filter(kind="download").count() == 1
    assert Document.objects.count() == 4


def test_pages_by_link_need_few_statements(
    client, world, invitation, django_assert_max_num_queries
):
    DocumentFactory(meeting=world.meeting, audience="committee")
    person = world.people["member"]
    for thing, purpose, page in (
        (world.action, "note_progress", "committees:action-link"),
        (invitation, "invitation", "committees:invitation-link"),
    ):
        link = url_of(thing, person, purpose, page)
        with django_assert_max_num_queries(20):
            client.get(link)
