"""Hosts are updated one after the other: old code runs on a database that was added to, and refuses
one from which something was dropped that it needs."""

import pytest
from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from ibcr_portal import installation
from ibcr_portal.installation import problems


@pytest.fixture
def applied(db):
    """Write down a migration of a later version, which this code does not have."""
    recorder = MigrationRecorder(connection)
    return lambda name: recorder.record_applied("accounts", name)


def about_the_database():
    return [sentence for sentence in installation.complaints() if "database" in sentence]


def test_what_a_later_version_added_is_no_complaint(applied):
    applied("9001_zone_of_person")
    applied("9002_more")

    assert about_the_database() == []


def test_what_a_later_version_dropped_is_refused_by_name(applied):
    applied("9001_zone_of_person")
    applied("9002_contract_9001_zone_of_person")

    assert about_the_database() == [
        "A later version has dropped what this one needs from the database "
        "(accounts.9002_contract_9001_zone_of_person): start that version."
    ]


def test_code_that_knows_the_replacement_needs_the_old_no_more(applied):
    applied("9002_contract_0001_zone_of_person")

    assert about_the_database() == []


OURS = {"accounts", "committees", "ibcr_portal", "kernel", "partners", "projects", "reports"}
TEXT = models.CharField(max_length=9)


@pytest.mark.parametrize(
    "operation",
    [
        operations.RemoveField("user", "time_zone"),
        operations.RenameField("user", "time_zone", "zone"),
        operations.DeleteModel("user"),
        operations.RenameModel("user", "person"),
        operations.AlterModelTable("user", "persons"),
        operations.AddField("user", "zone", TEXT),
        operations.SeparateDatabaseAndState([operations.RemoveField("user", "time_zone")], []),
    ],
    ids=lambda operation: type(operation).__name__,
)
def test_a_step_that_old_code_could_not_live_with_is_only_in_a_migration_that_contracts(operation):
    migration = Migration("0002_zone", "accounts")
    migration.operations = [operation]
    later = Migration("0003_contract_0002_zone", "accounts")
    later.operations = [operation]

    assert len(problems(migration)) == 1
    assert problems(migration)[0].startswith("accounts.0002_zone: “")
    assert problems(later) == []


@pytest.mark.parametrize(
    "operation",
    [
        operations.AddField("user", "zone", models.CharField(max_length=9, null=True)),
        operations.AddField("user", "zone", models.CharField(max_length=9, db_default="")),
        operations.AddField("user", "roles", models.ManyToManyField("accounts.User")),
        operations.CreateModel("Zone", [("id", models.BigAutoField(primary_key=True))]),
        operations.SeparateDatabaseAndState([], [operations.RemoveField("user", "time_zone")]),
    ],
    ids=["null", "db_default", "many", "table", "state alone"],
)
def test_what_adds_is_no_problem(operation):
    migration = Migration("0002_zone", "accounts")
    migration.operations = [operation]

    assert problems(migration) == []


def test_every_migration_after_the_first_only_adds_or_says_what_it_contracts(db):
    migrations = MigrationExecutor(connection).loader.disk_migrations.values()
    later = [one for one in migrations if one.app_label in OURS and one.name[:4] != "0001"]

    assert [problem for migration in later for problem in problems(migration)] == []
