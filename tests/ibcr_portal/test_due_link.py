"""The open duties of an institution by link: titles, and a code before each opens."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent, AccessLink, OutgoingMail, User
from committees.models import ActionPlan, Ballot, Invitation, WrittenConsultation
from ibcr_portal.models import Obligation
from ibcr_portal.obligations.writing import Chosen, Obligations
from ibcr_portal.reader import Reader
from tests.factories import MeetingFactory, RecommendationFactory
from tests.obligations import write_all
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    cache.clear()
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="in_execution", validated_by=world.decision
    )
    world.recommendation = RecommendationFactory(
        agenda_item__meeting=world.meeting,
        addressee=world.institutions["member"],
        text_en="Secret.",
    )
    RecommendationFactory(
        agenda_item__meeting=world.meeting,
        addressee=world.institutions["partner"],
        number="2020-R77",
    )
    write_all()
    return world


@pytest.fixture
def link(world):
    participation = world.project.participations.get(institution=world.institutions["member"])
    person = world.people["member"]
    _link, token = AccessLink.issue(person, "open_duties", participation, by=None)
    return reverse("due-link", args=[token])


def test_the_list_shows_titles_of_its_own_and_changes_nothing(
    client, link, world, django_assert_max_num_queries
):
    before = AccessEvent.objects.count()
    with django_assert_max_num_queries(20):
        html = client.get(link).content.decode()

    assert world.recommendation.number in html
    assert world.action.reference in html
    assert str(world.project) in html
    assert "Secret." not in html
    assert "2020-R77" not in html
    assert (AccessEvent.objects.count(), OutgoingMail.objects.count()) == (before, 0)


def test_the_list_names_nothing_that_comes_from_a_reserved_item(client, link, world):
    item = world.recommendation.agenda_item
    item.audience = "voting"
    item.save()
    write_all()
    member = world.people["member"]
    row = Obligation.objects.get(key=f"resolution-{world.recommendation.pk}")
    assert row.audience == "voting"
    assert row in Obligations(Reader(member, [world.project])).rows(Chosen(is_mine=True))

    html = client.get(link).content.decode()

    assert world.action.reference in html
    assert world.recommendation.number not in html


def test_each_duty_opens_once_the_code_of_the_address_on_file_was_typed(client, link, world):
    for key, text in (
        (f"resolution-{world.recommendation.pk}", "Secret."),
        (f"action-{world.action.pk}", world.action.reference),
    ):
        page = f"{link}{key}/"
        assert "Secret." not in client.get(page).content.decode()
        client.post(page, {"send": "1"})
        mail = OutgoingMail.objects.latest("pk")
        code = re.search(r"^\d{6}$", mail.text, re.MULTILINE)[0]

        opened = client.post(page, {"code": f" {code[:3]} {code[3:]} "})

        form = client.get(page).content.decode().partition('id="page-form"')[2]
        assert "csrfmiddlewaretoken" not in form.partition("</form>")[0]
        assert mail.address == world.people["member"].email
        assert text in client.get(opened["Location"]).content.decode()
        lasts = AccessLink.objects.latest("pk").expires_at - timezone.now()
        assert lasts < timedelta(days=1)


def test_a_wrong_an_old_or_another_code_opens_nothing_and_tries_are_limited(client, link, world):
    page = f"{link}resolution-{world.recommendation.pk}/"
    other = f"{link}action-{world.action.pk}/"
    client.post(page, {"send": "1"})
    code = re.search(r"^\d{6}$", OutgoingMail.objects.get().text, re.MULTILINE)[0]

    assert client.post(other, {"code": code}).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=21)):
        assert client.post(page, {"code": code}).status_code == 200
    for _try in range(10):
        assert client.post(page, {"code": "000 000"}).status_code == 200
    assert client.post(page, {"code": code}).status_code == 200
    assert not AccessLink.objects.filter(purpose="answer_recommendation").exists()


def test_a_code_opens_nothing_before_it_was_sent_and_tries_on_all_duties_count(client, link, world):
    page = f"{link}resolution-{world.recommendation.pk}/"
    other = f"{link}action-{world.action.pk}/"
    with time_machine.travel(timezone.now(), tick=False):
        client.post(page, {"send": "1"})
        code = re.search(r"^\d{6}$", OutgoingMail.objects.get().text, re.MULTILINE)[0]
        cache.clear()  # as if the same code had not been sent
        assert client.post(page, {"code": code}).status_code == 200

        client.post(page, {"send": "1"})
        for _try in range(9):
            client.post(other, {"code": "000 000"})
        assert "tried often" in client.post(page, {"code": code}).content.decode()
    assert not AccessLink.objects.filter(purpose="answer_recommendation").exists()


def test_who_speaks_for_another_institution_reads_nothing(client, world):
    participation = world.project.participations.get(institution=world.institutions["member"])
    person = world.people["partner"]
    _link, token = AccessLink.issue(person, "open_duties", participation, by=None)

    assert client.get(reverse("due-link", args=[token])).status_code == 404


def test_the_coordination_sends_the_link(client, world):
    participation = world.project.participations.get(institution=world.institutions["member"])
    client.force_login(world.people["coordinator"])
    client.post(reverse("projects:due-ask", args=[world.project.code, participation.pk]))

    [mail] = OutgoingMail.objects.all()
    assert mail.address == world.people["member"].email
    assert client.get(re.search(r"http://[^/]+(/\S+)", mail.text)[1]).status_code == 200


def test_who_has_no_address_for_a_code_gets_no_link(client, world):
    participation = world.project.participations.get(institution=world.institutions["member"])
    person = world.people["member"]
    ask = reverse("projects:due-ask", args=[world.project.code, participation.pk])
    client.force_login(world.people["coordinator"])
    button = f'name="person" value="{person.pk}"'
    assert button in client.get(ask).content.decode()

    User.objects.filter(pk=person.pk).update(email=None)

    assert button not in client.get(ask).content.decode()
    assert client.post(ask, {"person": person.pk}).status_code == 404


def opened(client, link, key):
    """Return the page of a duty, opened with the code that was sent for it."""
    page = f"{link}{key}/"
    client.post(page, {"send": "1"})
    code = re.search(r"^\d{6}$", OutgoingMail.objects.latest("pk").text, re.MULTILINE)[0]
    return client.get(client.post(page, {"code": code})["Location"])


def titles(client, link):
    """Return the titles; the person reads English."""
    return [row["title"] for row in client.get(link).context["rows"]]


@pytest.fixture
def invitation(world):
    starts = timezone.now() + timedelta(days=9)
    meeting = MeetingFactory(
        committee=world.committee,
        number=2,
        status="convened",
        starts_at=starts,
        ends_at=starts + timedelta(hours=2),
    )
    contact = world.people["member"].contacts.get()
    other = world.people["partner"].contacts.get()
    Invitation.objects.create(meeting=meeting, contact=other, capacity="guest")
    return Invitation.objects.create(
        meeting=meeting, contact=contact, seat=world.seat, capacity="holder"
    )


@pytest.fixture
def procedure(world):
    return WrittenConsultation.objects.create(
        committee=world.committee,
        title_en="Secret subject",
        text_en="Secret text.",
        why_written="Urgent",
        rule="consensus",
        opened_on=timezone.localdate(),
        answers_until=timezone.localdate() + timedelta(days=7),
        status="open",
    )


def test_an_invitation_is_a_duty_until_it_is_answered(client, link, invitation):
    assert "Answer the invitation: 2nd meeting" in titles(client, link)

    page = opened(client, link, f"invitation-{invitation.pk}")

    assert page.context["invitation"] == invitation
    asked = AccessLink.objects.latest("pk")
    assert (asked.purpose, asked.thing) == ("invitation", invitation)
    assert asked.expires_at - timezone.now() < timedelta(days=1)
    answered = {"answer": "accepted", "answered_at": timezone.now(), "channel": "link"}
    Invitation.objects.filter(pk=invitation.pk).update(
        **answered, answered_for=invitation.meeting.starts_at
    )
    assert "Answer the invitation: 2nd meeting" not in titles(client, link)


def test_a_written_procedure_is_a_duty_whose_subject_the_list_does_not_name(
    client, link, world, procedure
):
    mailed, _token = AccessLink.issue(
        world.people["member"], "answer_consultation", procedure, by=world.people["coordinator"]
    )
    assert "Secret" not in client.get(link).content.decode()
    [title] = [title for title in titles(client, link) if "written procedure" in title]
    assert title.startswith("Answer: written procedure of ")

    page = opened(client, link, f"procedure-{procedure.pk}")

    assert "Secret text." in page.content.decode()
    mailed.refresh_from_db()
    assert mailed.is_valid  # the link of the message goes on
    Ballot.objects.create(
        consultation=procedure,
        seat=world.seat,
        choice="agree",
        by=world.people["member"],
    )
    assert [title for title in titles(client, link) if "written procedure" in title] == []


def test_who_holds_no_seat_is_asked_no_procedure(client, world, procedure):
    participation = world.project.participations.get(institution=world.institutions["partner"])
    _link, token = AccessLink.issue(world.people["partner"], "open_duties", participation, by=None)
    url = reverse("due-link", args=[token])

    assert [title for title in titles(client, url) if "written procedure" in title] == []
    assert client.get(f"{url}procedure-{procedure.pk}/").status_code == 302
