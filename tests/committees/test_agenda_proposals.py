"""Members propose items, the coordination answers; and the template that agendas begin with."""

import uuid
from html import unescape

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from committees.models import AgendaItem, Meeting, TemplateItem
from committees.permissions.meetings import visible_item_proposals
from tests.factories import AgendaItemFactory, SeatFactory, SeatTermFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def convened(planned):
    Meeting.objects.filter(pk=planned.pk).update(
        status="convened", convened_on=timezone.localdate()
    )
    planned.refresh_from_db()
    return planned


@pytest.fixture
def proposal(world, planned):
    return AgendaItemFactory(
        meeting=planned,
        title_fr="Calendrier scolaire",
        status="proposed",
        source="proposed",
        proposed_seat=world.seat,
        proposed_by=world.people["member"],
        proposal_reason="La rentrée approche.",
    )


def create_url(world):
    return reverse("committees:proposal-create", args=[world.committee.pk])


def list_url(world):
    return reverse("committees:proposals", args=[world.committee.pk])


def answer_url(item):
    return reverse("committees:item-answer", args=[item.pk])


def form(**facts):
    return {
        "title": "Calendario escolar",
        "language": "es",
        "purpose": "discuss",
        "minutes_planned": "15",
        "reason": "Empieza el año.",
    } | facts


# Proposing


def test_a_member_proposes_for_the_meeting_that_is_prepared(sign_in, world, planned):
    response = sign_in("member").post(create_url(world), form(), follow=True)

    item = planned.items.get(status="proposed")
    assert (item.title_es, item.title_fr, item.minutes_planned) == ("Calendario escolar", "", 15)
    assert (item.source, item.proposed_seat, item.proposed_by) == (
        "proposed",
        world.seat,
        world.people["member"],
    )
    page = response.content.decode()
    assert "Calendario escolar" in page
    assert "with the coordination" in page


def test_the_seat_is_shown_and_never_the_person(sign_in, world, proposal):
    page = sign_in("coordinator").get(proposal.meeting.get_absolute_url()).content.decode()

    assert f"proposed by {world.seat}" in page
    assert world.people["member"].full_name not in page


def test_the_form_sent_twice_proposes_once(sign_in, world, planned):
    key = str(uuid.uuid4())

    for _each in range(2):
        sign_in("member").post(create_url(world), form(entry_key=key))

    assert planned.items.filter(status="proposed").count() == 1


def test_who_holds_two_seats_says_for_which(sign_in, world, planned):
    second = SeatFactory(committee=world.committee, institution=world.institutions["member"])
    SeatTermFactory(seat=second, contact=world.people["member"].contacts.get())
    client = sign_in("member")

    refused = client.post(create_url(world), form())
    client.post(create_url(world), form(seat=str(second.pk)))

    assert refused.context["form"].has_error("seat")
    assert planned.items.get(status="proposed").proposed_seat == second


def test_a_foreign_seat_is_refused(sign_in, world, planned):
    other = SeatFactory(committee=world.committee)
    second = SeatFactory(committee=world.committee, institution=world.institutions["member"])
    SeatTermFactory(seat=second, contact=world.people["member"].contacts.get())

    response = sign_in("member").post(create_url(world), form(seat=str(other.pk)))

    assert response.context["form"].has_error("seat")
    assert not planned.items.filter(status="proposed").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", " "),
        ("title", "x" * 201),
        ("purpose", "dance"),
        ("language", "xx"),
        ("minutes_planned", "-1"),
        ("minutes_planned", "9" * 30),
        ("reason", ""),
    ],
)
def test_nonsense_proposes_nothing(sign_in, world, planned, name, value):
    response = sign_in("member").post(create_url(world), form(**{name: value}))

    assert response.context["form"].has_error(name)
    assert not planned.items.filter(status="proposed").exists()


@pytest.mark.parametrize("status", ["frozen", "in_session", "held", "cancelled"])
def test_later_than_the_freezing_nothing_is_proposed(sign_in, world, planned, status):
    Meeting.objects.filter(pk=planned.pk).update(status=status)

    response = sign_in("member").post(create_url(world), form(), follow=True)

    assert "No meeting is being prepared" in response.content.decode()
    assert not planned.items.filter(status="proposed").exists()


@pytest.mark.parametrize("role", ["partner", "donor", "reader"])
def test_only_who_holds_a_seat_proposes(sign_in, world, planned, role):
    assert sign_in(role).post(create_url(world), form()).status_code == 403


def test_a_proposal_is_not_on_the_agenda_and_others_do_not_see_it(sign_in, world, convened):
    AgendaItemFactory(
        meeting=convened,
        title_fr="Encore secret",
        status="proposed",
        proposed_seat=SeatFactory(committee=world.committee),
    )

    page = sign_in("member").get(convened.get_absolute_url())

    assert len(page.context["agenda"]) == 1
    assert "Encore secret" not in page.content.decode()


def test_a_member_sees_the_proposals_of_the_own_seat_and_the_team_all(world, proposal):
    other = AgendaItemFactory(
        meeting=proposal.meeting,
        status="declined",
        proposed_seat=SeatFactory(committee=world.committee),
    )

    def seen_by(role):
        return set(visible_item_proposals(world.people[role], world.project))

    assert seen_by("member") == {proposal}
    assert seen_by("coordinator") == seen_by("reader") == {proposal, other}
    assert seen_by("partner") == set()


@pytest.mark.parametrize(("role", "shown"), [("member", True), ("partner", False)])
def test_the_page_of_the_committee_leads_to_the_proposals(sign_in, world, role, shown):
    page = sign_in(role).get(world.committee.get_absolute_url()).content.decode()

    assert (list_url(world) in page) == shown


# Answering


@pytest.mark.parametrize(("role", "answers"), [("coordinator", True), ("member", False)])
def test_the_coordination_answers_from_the_list(sign_in, world, proposal, role, answers):
    page = sign_in(role).get(list_url(world)).content.decode()

    assert (answer_url(proposal) in page) is answers


def test_an_accepted_proposal_goes_to_the_end_and_the_proposer_hears_of_it(
    sign_in, world, proposal, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        sign_in("coordinator").post(answer_url(proposal), {"answer": "accept", "reason": ""})

    proposal.refresh_from_db()
    assert proposal.status == AgendaItem.Status.ACCEPTED
    assert list(proposal.meeting.items.on_agenda())[-1] == proposal
    letter = mail.outbox[0]
    assert letter.to == [world.people["member"].email]
    assert letter.subject == "Your proposal is on the agenda"
    assert "Calendrier scolaire" in letter.body
    assert list_url(world) in letter.body


def test_a_declined_proposal_says_why_to_the_proposer(
    sign_in, world, proposal, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        sign_in("coordinator").post(
            answer_url(proposal), {"answer": "decline", "reason": "Traité en juin."}
        )

    proposal.refresh_from_db()
    assert proposal.status == AgendaItem.Status.DECLINED
    assert "Traité en juin." in mail.outbox[0].body
    assert "Traité en juin." in sign_in("member").get(list_url(world)).content.decode()


def test_declining_without_a_reason_is_refused(sign_in, proposal):
    response = sign_in("coordinator").post(
        answer_url(proposal), {"answer": "decline", "reason": " "}
    )

    assert response.context["form"].has_error("reason")
    proposal.refresh_from_db()
    assert proposal.is_proposed


def test_of_two_answers_the_first_stands(sign_in, proposal):
    client = sign_in("coordinator")
    client.post(answer_url(proposal), {"answer": "accept"})

    second = client.post(answer_url(proposal), {"answer": "decline", "reason": "Non."}, follow=True)

    proposal.refresh_from_db()
    assert proposal.status == AgendaItem.Status.ACCEPTED
    assert "has already been answered" in second.content.decode()


def test_a_late_proposal_to_decide_is_not_accepted_in_silence(sign_in, proposal):
    AgendaItem.objects.filter(pk=proposal.pk).update(purpose="decide")
    Meeting.objects.filter(pk=proposal.meeting_id).update(status="frozen")

    response = sign_in("coordinator").post(answer_url(proposal), {"answer": "accept"})

    assert "needs the consent of all" in response.content.decode()
    proposal.refresh_from_db()
    assert proposal.is_proposed


def test_the_coordination_is_reminded_of_what_waits(sign_in, proposal):
    page = sign_in("coordinator").get(proposal.meeting.get_absolute_url())

    assert "Answer the members' proposals" in unescape(page.text)
    assert len(page.context["agenda"]) == 1


def test_an_item_that_nobody_proposed_has_nothing_to_answer(sign_in, planned):
    assert sign_in("coordinator").get(answer_url(planned.items.get())).status_code == 404


def test_the_proposals_take_as_many_queries_for_one_as_for_a_page(
    sign_in, world, planned, django_assert_max_num_queries
):
    client = sign_in("member")
    counts = []
    for numbers in (range(1), range(1, 20)):
        for _each in numbers:
            AgendaItemFactory(meeting=planned, status="proposed", proposed_seat=world.seat)
        client.get(list_url(world))

        with django_assert_max_num_queries(20) as statements:
            response = client.get(list_url(world))
        counts.append(len(statements))

        assert len(response.context["page"]) == numbers.stop

    few, many = counts
    assert many <= few


# The template


def template_url(world):
    return reverse("committees:agenda-template", args=[world.committee.pk])


def template_form(**facts):
    return {
        "title_fr": "Ouverture",
        "purpose": "inform",
        "minutes_planned": "5",
        "audience": "committee",
        "is_recurring": "on",
    } | facts


def test_an_item_of_the_template_is_added_once(sign_in, world):
    url = reverse("committees:template-item-create", args=[world.committee.pk])
    key = str(uuid.uuid4())

    for _each in range(2):
        sign_in("coordinator").post(url, template_form(entry_key=key))

    item = TemplateItem.objects.get()
    assert (item.title_fr, item.minutes_planned, item.is_recurring, item.position) == (
        "Ouverture",
        5,
        True,
        1,
    )


def test_the_template_is_ordered_edited_and_shortened(sign_in, world):
    client = sign_in("coordinator")
    items = [
        TemplateItem.objects.create(committee=world.committee, title_fr=title, position=place)
        for place, title in enumerate("ABC", start=1)
    ]

    def order():
        return [item.title_fr for item in client.get(template_url(world)).context["items"]]

    client.post(reverse("committees:template-item-move", args=[items[2].pk]), {"up": "1"})
    assert order() == ["A", "C", "B"]
    client.post(reverse("committees:template-item-move", args=[items[0].pk]))
    assert order() == ["C", "A", "B"]
    url = reverse("committees:template-order", args=[world.committee.pk])
    client.post(url, {"row": [item.pk for item in items]})
    assert order() == ["A", "B", "C"]
    url = reverse("committees:template-item-edit", args=[items[0].pk])
    client.post(url, template_form(title_fr="Accueil"))
    client.post(reverse("committees:template-item-remove", args=[items[1].pk]))
    assert order() == ["Accueil", "C"]


def test_the_template_of_another_committee_is_not_found(sign_in, world):
    client = sign_in("coordinator")
    foreign = SeatFactory(committee__project=world.neighbour).committee
    item = TemplateItem.objects.create(committee=foreign, title_fr="Ailleurs")

    assert client.get(reverse("committees:agenda-template", args=[foreign.pk])).status_code == 404
    for name in ("edit", "move", "remove"):
        url = reverse(f"committees:template-item-{name}", args=[item.pk])
        assert client.post(url, template_form()).status_code == 404
