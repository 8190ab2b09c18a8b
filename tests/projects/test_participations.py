"""A coordinator adds institutions of the projects they coordinate, not of those they only read."""

import pytest
from django.urls import reverse

from tests.factories import AssignmentFactory, ParticipationFactory
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("role", "added"), [("reader", False), ("coordinator", True)])
def test_an_institution_comes_from_a_project_that_one_coordinates(client, role, added):
    """Its contacts would bring along what the institution sees in its other projects."""
    world = World()
    coordinator = world.people["coordinator"]
    AssignmentFactory(project=world.neighbour, user=coordinator, role=role)
    donor = ParticipationFactory(project=world.neighbour, role="funding").institution
    client.force_login(coordinator)

    url = reverse("projects:participation-create", args=[world.project.code])
    client.post(url, {"institution": donor.pk, "role": "partner"})

    assert world.project.participations.filter(institution=donor).exists() is added
