"""A world, and people of it who have signed in."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone, translation

from committees.models import AgendaItem, Meeting
from tests.factories import AgendaItemFactory, MeetingFactory
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
