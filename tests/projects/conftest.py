import pytest
from django.utils import translation

from tests.world import World


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def sign_in(client, world):
    """Signs in the person of a role and answers them: sign_in("coordinator")."""

    def sign_in(role):
        client.force_login(world.people[role])
        return world.people[role]

    return sign_in


@pytest.fixture
def coordinator(sign_in):
    return sign_in("coordinator")


@pytest.fixture
def in_english():
    """The sentences of what is called without a request; a reader's language is their own."""
    with translation.override("en"):
        yield
