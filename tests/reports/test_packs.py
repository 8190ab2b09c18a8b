"""The packs of convened meetings, which are ready before anybody asks for them."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from committees.agenda.services.agenda import order_items
from committees.meetings.services.reading import remove_document
from committees.models import Meeting
from committees.plans.services.lifecycle import terms_open_to_change
from reports.models import MeetingPack, Rendition
from reports.services.packs import facts_of, prepare_packs
from reports.services.requesting import note_request
from reports.views.packs import best_pack
from tests.factories import (
    AgendaItemFactory,
    DocumentFactory,
    MeetingFactory,
    PositionFactory,
    SubjectFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def coming(world):
    meeting = MeetingFactory(
        committee=world.committee,
        number=7,
        status=Meeting.Status.CONVENED,
        convened_on=timezone.localdate(),
        starts_at=timezone.now() + timedelta(days=9),
        ends_at=timezone.now() + timedelta(days=9, hours=2),
    )
    AgendaItemFactory(meeting=meeting)
    return meeting


def packs():
    rows = Rendition.objects.select_related("snapshot").order_by("pk")
    return [(row.snapshot.kind, row.audience, row.language) for row in rows]


def make_ready():
    """As if a worker had rendered them."""
    Rendition.objects.update(state="ready", file="x.pdf", pages=1, size=1)


def test_a_convened_meeting_has_a_pack_in_each_language_of_the_project(world, coming):
    prepare_packs()
    prepare_packs()

    assert packs() == [("pack", "committee", language) for language in world.project.languages]


def test_only_audiences_with_something_of_their_own_get_a_pack_and_papers_are_inside(world, coming):
    AgendaItemFactory(meeting=coming, audience="voting")
    DocumentFactory(meeting=coming, kind="pdf")

    prepare_packs()

    found = {(kind, audience) for kind, audience, _language in packs()}
    assert found == {
        ("whole_pack", "committee"),
        ("whole_pack", "voting"),
        ("whole_pack", "coordination"),
    }


def test_a_pack_is_made_again_once_the_agenda_rests(coming):
    AgendaItemFactory(meeting=coming)
    prepare_packs()
    make_ready()
    before = set(Rendition.objects.values_list("pk", flat=True))

    order_items(coming, reversed([item.pk for item in coming.items.all()]))
    prepare_packs()
    while_it_changes = Rendition.objects.count()
    prepare_packs()

    after = set(Rendition.objects.values_list("pk", flat=True))
    assert (while_it_changes, before & after, len(after)) == (0, set(), len(before))


def test_a_paper_that_was_removed_is_in_no_pack_any_more(world, coming):
    paper = DocumentFactory(meeting=coming, kind="pdf")
    prepare_packs()
    make_ready()

    remove_document(paper)
    prepare_packs()
    prepare_packs()

    assert {kind for kind, *_rest in packs()} == {"pack"}


def test_a_pack_is_made_again_when_a_plan_on_the_agenda_has_changed(world, coming):
    SubjectFactory(agenda_item=coming.items.get(), plan=world.plan)
    known = {facts_of([coming])[coming.pk]}

    PositionFactory(plan=world.plan)
    known.add(facts_of([coming])[coming.pk])
    with terms_open_to_change(world.plan):
        pass
    known.add(facts_of([coming])[coming.pk])

    assert len(known) == 3


def test_a_pack_with_papers_is_offered_no_more_once_there_are_none(world, coming):
    member = world.people["member"]
    paper = DocumentFactory(meeting=coming, kind="pdf")
    prepare_packs()
    make_ready()
    asked = best_pack(member, coming)
    note_request(asked, by=member, batch=uuid.uuid4())

    remove_document(paper)
    for _round in range(2):
        prepare_packs()
    make_ready()

    assert asked.snapshot.kind == "whole_pack"
    assert best_pack(member, coming).snapshot.kind == "pack"
    assert Rendition.objects.filter(pk=asked.pk).exists()


def test_a_pack_is_made_again_before_it_is_deleted(coming):
    prepare_packs()
    Rendition.objects.all().delete()
    long_ago = timezone.now() - timedelta(days=26)
    MeetingPack.objects.update(made_at=long_ago)

    prepare_packs()

    assert packs()


def test_the_button_leads_to_the_pack_and_before_to_the_documents(client, world, coming):
    member = world.people["member"]
    client.force_login(member)
    address = reverse("reports:pack", args=[coming.pk])
    shelf = reverse("reports:documents", args=["meeting", coming.pk])
    waiting = client.get(address)
    prepare_packs()
    make_ready()

    ready = client.get(address)

    own = Rendition.objects.get(audience="committee", language=member.language)
    assert waiting.url == f"{shelf}"
    assert ready.url == reverse("reports:download", args=[own.pk])
    assert address in client.get(coming.get_absolute_url()).content.decode()


@pytest.mark.parametrize("role", ["partner", "donor", "outsider"])
def test_who_sees_no_meeting_gets_no_pack(client, world, coming, role):
    prepare_packs()
    make_ready()
    client.force_login(world.people[role])

    answers = [client.get(reverse("reports:pack", args=[coming.pk])).status_code]
    answers += [
        client.get(reverse("reports:download", args=[pk])).status_code
        for pk in Rendition.objects.values_list("pk", flat=True)
    ]

    assert set(answers) == {404}
