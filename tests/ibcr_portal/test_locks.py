"""Rows that many others refer to are locked so that those others can still be written.

A row that refers to a person or a project locks it for its key. Whoever holds the end of the access
log while they write such a row would wait for somebody who has locked the whole row, and who waits
for the end of the access log.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from committees.plans.services.reminders import send_digest, send_reminder
from ibcr_portal.obligations.reminders import remind
from partners.models import Contact
from projects.institutions.services.ending import end_representation
from projects.institutions.services.representations import grant_representation
from projects.team.services import add_person, change_end
from tests.factories import UserFactory
from tests.world import World

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="rows are locked there"),
]


@pytest.fixture
def world(db):
    return World()


def invite_to_the_team(world):
    add_person(
        world.project,
        email="new@example.org",
        full_name="Personne 099",
        language="fr",
        role="reader",
        ends_on=None,
        by=world.people["coordinator"],
    )


def change_a_role(world):
    reader = world.project.assignments.get(role="reader")
    change_end(reader, ends_on=None, by=world.people["coordinator"])


def let_a_person_represent_and_withdraw(world):
    by, institution = world.people["coordinator"], world.institutions["partner"]
    place = world.project.participations.get(institution=institution)
    contact = Contact(institution=institution, full_name="Membre 99", email="c@example.org")
    row = grant_representation(place, contact, reason="–", by=by)
    end_representation(row, by=by)


def write_reminders(world):
    person = UserFactory()
    send_digest(person.pk)
    send_reminder(person.pk)
    remind(person.pk)


@pytest.mark.parametrize(
    ("action", "table", "times"),
    [
        (invite_to_the_team, "projects_project", 1),
        (change_a_role, "projects_project", 1),
        (let_a_person_represent_and_withdraw, "partners_contact", 1),
        (let_a_person_represent_and_withdraw, "projects_project", 2),
        (write_reminders, "accounts_user", 3),
    ],
)
def test_a_row_that_others_refer_to_is_not_locked_with_its_key(world, action, table, times):
    with CaptureQueriesContext(connection) as queries:
        action(world)

    locks = [each["sql"] for each in queries if f'FROM "{table}"' in each["sql"]]
    locks = [sql for sql in locks if " FOR " in sql]
    assert [" FOR NO KEY UPDATE" in sql for sql in locks] == [True] * times
