"""A world, and people of it who have signed in."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone, translation

from committees.minutes.services.minutes import start_minutes
from committees.models import AgendaItem, Attendance, Meeting, Resolution
from tests.committees.minutes_life import SECRET
from tests.factories import (
    AgendaItemFactory,
    AttendanceFactory,
    MeetingFactory,
    ResolutionFactory,
)
from tests.world import World


@pytest.fixture(autouse=True)
def in_english(in_french):
    """Sentences of services are compared in the language in which they are written."""
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return World()


@pytest.fixture
def sign_in(client, world):
    """`sign_in("member")` lets the client be that person of the world."""

    def sign_in(role):
        client.force_login(world.people[role])
        return client

    return sign_in


@pytest.fixture
def planned(world):
    """A meeting in thirty days with one item for decision."""
    meeting = MeetingFactory(
        committee=world.committee,
        number=7,
        status=Meeting.Status.PLANNED,
        starts_at=in_days(30),
        ends_at=in_days(30) + timedelta(hours=2),
    )
    AgendaItemFactory(meeting=meeting, position=1, purpose=AgendaItem.Purpose.DECIDE)
    return meeting


def in_days(days: int) -> datetime:
    """In the middle of that day of Honduras, whenever the tests run: what takes two hours ends on
    the same day."""
    return datetime.combine(timezone.localdate() + timedelta(days=days), time(16), UTC)


@pytest.fixture
def held(world):
    """A held meeting with notes, a decision, a guest and a reserved item."""
    AgendaItem.objects.filter(pk=world.item.pk).update(
        title_fr="Bilan", title_en="Review", notes="Le **bilan** est lu.", notes_language="fr"
    )
    Resolution.objects.filter(pk=world.decision.pk).update(
        text_fr="Le plan est validé.", rule="consensus"
    )
    AttendanceFactory(
        meeting=world.meeting,
        seat=world.seat,
        contact=world.people["member"].contacts.get(),
        presence="online",
    )
    Attendance.objects.create(
        meeting=world.meeting,
        guest_name=SECRET,
        institution=world.institutions["partner"],
        presence="online",
    )
    AgendaItemFactory(
        meeting=world.meeting,
        title_fr="Réservé",
        notes=SECRET,
        audience="coordination",
        status=AgendaItem.Status.DISCUSSED,
    )
    return world.meeting


@pytest.fixture
def minutes(held):
    return start_minutes(held, language="fr")


@pytest.fixture
def later_decision(world):
    """A decision of the meeting after."""
    later = MeetingFactory(committee=world.committee, number=2, status=Meeting.Status.HELD)
    item = AgendaItemFactory(meeting=later)
    decision = ResolutionFactory(agenda_item=item, number="2021-01", status="adopted")
    Resolution.objects.filter(pk=decision.pk).update(resolved_on=timezone.localdate())
    decision.refresh_from_db()
    return decision
