"""Whoever takes over a project gets one page: what is open, decided and due, who is who, and notes."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ibcr_portal.home import home_for
from projects.models import Assignment, HandoverNote
from projects.team.services import accept_invitation, add_person
from tests.factories import (
    AgendaItemFactory,
    AssignmentFactory,
    MeetingFactory,
    RecommendationFactory,
    ReportingDutyFactory,
    UserFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def page(client, world, role="coordinator"):
    client.force_login(world.people[role])
    client.cookies["language"] = "en"
    return client.get(reverse("projects:handover", args=[world.project.code]))


def write(client, world, role, text):
    client.force_login(world.people[role])
    url = reverse("projects:handover-notes", args=[world.project.code])
    form = client.get(url).context["form"]
    seen = {"seen": form["seen"].value()} if "seen" in form.fields else {}
    return client.post(url, {"text": text, **seen})


def begin(world, person, role="coordinator"):
    """Invite the person, who accepts."""
    invitation = add_person(
        world.project,
        email=person.email,
        full_name=person.full_name,
        language="en",
        role=role,
        ends_on=None,
        by=world.people["coordinator"],
    )
    return accept_invitation(invitation)


def test_the_page_says_what_is_open_decided_and_who_is_who(client, world):
    ReportingDutyFactory(project=world.project, title_fr="Rapport annuel au bailleur", days=60)

    answer = page(client, world)

    context = answer.context
    titles = [line["title"] for line in context["open_for_you"]]
    assert any("Rapport annuel au bailleur" in title for title in titles)
    assert [line["url"] for line in context["decisions"]] == [world.decision.get_absolute_url()]
    people = {line["title"] for _heading, lines in context["people"] for line in lines}
    assert world.people["coordinator"] in people
    assert world.institutions["partner"].short_name in people


def test_what_is_due_in_60_days_is_listed_and_nothing_later(client, world):
    near, far = [
        MeetingFactory(
            committee=world.committee,
            number=days,
            status="planned",
            starts_at=timezone.now() + timedelta(days=days),
            ends_at=timezone.now() + timedelta(days=days, hours=1),
        )
        for days in (20, 100)
    ]

    urls = [line["url"] for line in page(client, world).context["coming"]]

    assert near.get_absolute_url() in urls
    assert far.get_absolute_url() not in urls


def test_names_of_representatives_are_for_those_who_may_read_them(client, world):
    def shown(role):
        people = dict(page(client, world, role).context["people"])
        return " ".join(line["meta"] for line in people["Partners"])

    name = world.people["partner"].contacts.get().full_name
    assert name in shown("coordinator")
    assert name not in shown("reader")


@pytest.mark.parametrize("role", ["coordinator", "monitoring"])
def test_who_leaves_writes_notes_which_the_team_reads_with_the_earlier_ones(client, world, role):
    write(client, world, role, "Call the ministry in March.")
    write(client, world, role, "The ministry answers slowly.")

    answer = page(client, world, "auditor")

    notes = [(note["text"], note["who"]) for note in answer.context["notes"]]
    assert notes == [
        ("The ministry answers slowly.", world.people[role]),
        ("Call the ministry in March.", world.people[role]),
    ]


def test_of_two_who_write_the_second_sees_what_the_first_wrote(client, world):
    HandoverNote.objects.create(project=world.project, text="First")
    client.force_login(world.people["coordinator"])
    url = reverse("projects:handover-notes", args=[world.project.code])
    seen = client.get(url).context["form"]["seen"].value()
    HandoverNote.objects.update(text="Second")

    answer = client.post(url, {"text": "Third", "seen": seen})

    assert answer.status_code == 200
    assert HandoverNote.objects.get().text == "Second"


@pytest.mark.parametrize("role", ["member", "partner", "donor"])
def test_it_is_for_the_team(client, world, role):
    assert page(client, world, role).status_code == 404


@pytest.mark.parametrize(("role", "is_offered"), [("coordinator", True), ("finance", False)])
def test_home_offers_it_for_thirty_days_to_whoever_takes_over(world, role, is_offered):
    person = UserFactory()
    assignment = begin(world, person, role)
    url = reverse("projects:handover", args=[world.project.code])

    def links():
        note = home_for(type(person).objects.get(pk=person.pk)).note
        return [link for _label, link in note.links] if note else []

    assert (url in links()) == is_offered
    Assignment.objects.filter(pk=assignment.pk).update(
        began_on=timezone.localdate() - timedelta(days=30)
    )
    assert url not in links()


def test_who_starts_a_project_takes_over_from_nobody(world):
    Assignment.objects.exclude(user=world.people["coordinator"]).delete()
    Assignment.objects.update(began_on=timezone.localdate())

    assert home_for(world.people["coordinator"]).note is None


@pytest.mark.parametrize(
    ("role", "began"), [("monitoring", date(2019, 4, 1)), ("coordinator", None)]
)
def test_another_role_or_one_that_began_with_it_is_no_predecessor(world, role, began):
    began = began or timezone.localdate()
    Assignment.objects.exclude(user=world.people["coordinator"]).delete()
    Assignment.objects.update(began_on=timezone.localdate())
    AssignmentFactory(project=world.project, role=role, user=UserFactory())
    Assignment.objects.exclude(user=world.people["coordinator"]).update(began_on=began)

    assert home_for(world.people["coordinator"]).note is None


def test_the_team_page_leads_to_it(client, world):
    client.force_login(world.people["auditor"])
    answer = client.get(reverse("projects:team", args=[world.project.code]))
    assert reverse("projects:handover", args=[world.project.code]) in answer.content.decode()


def test_open_work_without_a_day_is_listed_however_much_is_late(client, world, monkeypatch):
    monkeypatch.setattr("ibcr_portal.handover.OPEN", 8)
    for days in range(3, 12):
        MeetingFactory(
            committee=world.committee,
            number=days,
            status="planned",
            starts_at=timezone.now() - timedelta(days=days, hours=1),
            ends_at=timezone.now() - timedelta(days=days),
        )
    item = AgendaItemFactory(meeting__committee=world.committee, meeting__number=12)
    undated = RecommendationFactory(agenda_item=item)

    context = page(client, world).context

    lines = [*context["open_for_you"], *context["open_for_others"]]
    assert undated.get_absolute_url() in [line["url"] for line in lines]
    assert context["more_open"] > 0


def test_what_comes_is_cut_and_says_how_much_more_there_is(client, world, monkeypatch):
    monkeypatch.setattr("ibcr_portal.handover.COMING", 2)
    for days in range(10, 15):
        MeetingFactory(
            committee=world.committee,
            number=days,
            status="planned",
            starts_at=timezone.now() + timedelta(days=days),
            ends_at=timezone.now() + timedelta(days=days, hours=1),
        )

    answer = page(client, world)

    assert len(answer.context["coming"]) == 2
    more = answer.context["more_coming"]
    assert more >= 3
    assert f"And {more} more." in answer.content.decode()
