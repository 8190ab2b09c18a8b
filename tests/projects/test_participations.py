"""A coordinator adds institutions of the projects they coordinate, not of those they only read."""

import pytest
from django.urls import reverse

from accounts.models import AccessEvent
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


def test_institutions_that_come_and_go_are_in_the_access_log(client):
    world = World()
    coordinator = world.people["coordinator"]
    AssignmentFactory(project=world.neighbour, user=coordinator, role="coordinator")
    donor = ParticipationFactory(project=world.neighbour, role="funding").institution
    client.force_login(coordinator)

    url = reverse("projects:participation-create", args=[world.project.code])
    client.post(url, {"institution": donor.pk, "role": "partner"})
    place = world.project.participations.get(institution=donor)
    client.post(reverse("projects:participation-delete", args=[world.project.code, place.pk]))

    assert not world.project.participations.filter(institution=donor).exists()
    came, went = AccessEvent.objects.filter(kind="role").order_by("number")
    assert (came.key, came.thing) == (coordinator.pseudonym.key, world.project)
    details = {"role": "partner", "institution": donor.pk}
    assert came.details == details | {"change": "institution added"}
    assert went.details == details | {"change": "institution removed"}
