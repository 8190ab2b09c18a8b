"""A coordinator adds institutions of the projects they coordinate, not of those they only read."""

import pytest
from django.urls import reverse

from accounts.models import AccessEvent
from tests.factories import (
    AssignmentFactory,
    ContactFactory,
    ParticipationFactory,
    UserFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["reader", "coordinator", None])
def test_an_institution_comes_from_the_register_without_its_people(client, role):
    """Whoever represents it elsewhere represents it in that project alone."""
    world = World()
    coordinator = world.people["coordinator"]
    if role:
        AssignmentFactory(project=world.neighbour, user=coordinator, role=role)
    donor = ParticipationFactory(project=world.neighbour, role="funding").institution
    person = ContactFactory(institution=donor, user=UserFactory()).user
    client.force_login(coordinator)

    url = reverse("projects:participation-create", args=[world.project.code])
    client.post(url, {"institution": donor.pk, "role": "partner"})

    assert world.project.participations.filter(institution=donor).exists()
    client.force_login(person)
    assert client.get(world.project.get_absolute_url()).status_code == 404


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
