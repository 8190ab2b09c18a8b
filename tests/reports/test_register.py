"""The register of a committee as a document: what it compiles, and for whom."""

import pytest
from django.urls import reverse
from django.utils import timezone

from committees.minutes.services.minutes import circulate, start_minutes
from committees.models import Resolution
from reports.kinds import compose
from reports.models import About, DocumentKind
from tests.factories import AgendaItemFactory, MeetingFactory, ResolutionFactory
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = World()
    later = MeetingFactory(committee=world.committee, number=9)
    for number, facts in {
        "2021-01": {},
        "2021-02": {"status": "rejected"},
        "2021-03": {"audience": "voting"},
    }.items():
        audience = facts.pop("audience", "committee")
        item = AgendaItemFactory(meeting=later, audience=audience)
        ResolutionFactory(agenda_item=item, number=number, resolved_on="2021-03-04", **facts)
    return world


def numbers_in(document) -> set[str]:
    text = str(document["blocks"])
    return {one.number for one in Resolution.objects.all() if f"{one.number}'" in text}


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        ("committee", {"2020-01", "2021-01", "2021-02"}),
        ("partners", {"2020-01", "2021-01"}),
        ("donor", {"2020-01", "2021-01"}),
        ("coordination", {"2020-01", "2021-01", "2021-02", "2021-03"}),
    ],
)
def test_it_compiles_all_meetings_as_far_as_its_readers_may_know(world, audience, expected):
    about = About(world.committee, DocumentKind.REGISTER)

    document = compose(about, language="en", audience=audience, as_of=timezone.localdate())

    assert numbers_in(document) == expected
    first, last = (
        next(place for place, block in enumerate(document["blocks"]) if number in str(block))
        for number in ("2021-01", "2020-01")
    )
    assert first <= last  # the newest comes first


@pytest.mark.parametrize(
    ("role", "audience", "status"),
    [
        ("coordinator", "committee", 302),
        ("member", "committee", 302),
        ("partner", "partners", 302),
        ("donor", "donor", 302),
        ("outsider", "committee", 404),
    ],
)
def test_who_may_ask_for_it(client, world, role, audience, status):
    client.force_login(world.people[role])
    page = reverse("reports:documents", args=["committee", world.committee.pk])
    asked = {"languages": ["es"], "audience": audience}

    answer = client.post(
        reverse("reports:document-request", args=["register", world.committee.pk]), asked
    )

    assert answer.status_code == status
    if status == 302:
        shown = client.get(page)
        assert len(shown.context["documents"]) == 1
        assert [offer.about.kind for offer in shown.context["offers"]] == [DocumentKind.REGISTER]


@pytest.mark.parametrize("audience", ["committee", "donor"])
def test_what_took_the_place_of_a_decision_is_printed(world, audience):
    """In the register, in the record of decisions and in minutes that were frozen before."""
    replaced = Resolution.objects.get(number="2021-01")
    minutes = start_minutes(replaced.meeting, language="en")
    circulate(minutes, by=world.people["coordinator"], until=timezone.localdate())
    replaced.take("supersede", by=None, superseded_by=world.decision)

    for thing, kind in (
        (world.committee, DocumentKind.REGISTER),
        (replaced.meeting, DocumentKind.RECORD),
        (replaced.meeting, DocumentKind.MINUTES),
    ):
        about, today = About(thing, kind), timezone.localdate()
        document = compose(about, language="en", audience=audience, as_of=today)
        assert "Replaced by Decision 2020-01" in str(document["blocks"]), kind
