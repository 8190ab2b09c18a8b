"""A database of another version of the portal: `migrate` says what to do and leaves it as it is."""

import re
import subprocess
from contextlib import closing

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import ConnectionHandler

from ibcr_portal.management.commands.migrate import refuse_other_version, what_to_do

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def sqlite(file):
    one = {"ENGINE": "django.db.backends.sqlite3", "NAME": file}
    return closing(ConnectionHandler({"default": one})["default"])


def applied(database):
    return set(MigrationRecorder(database).applied_migrations())


def test_migrate_refuses_it_and_changes_nothing():
    MigrationRecorder(connection).record_applied("projects", "0018_calls_for_projects")
    before = applied(connection)

    with pytest.raises(CommandError, match="made by another version of the portal"):
        call_command("migrate", verbosity=0)

    assert applied(connection) == before


def test_the_baseline_of_before_is_another_version_too():
    MigrationRecorder(connection).record_applied("kernel", "0001_baseline_00000000")

    with pytest.raises(CommandError, match="made by another version of the portal"):
        call_command("migrate", check_unapplied=True, verbosity=0)


def test_what_libraries_no_longer_have_is_theirs():
    MigrationRecorder(connection).record_applied("sessions", "0000_long_ago")

    refuse_other_version(connection)


def test_a_file_is_set_aside_by_the_command_that_is_named(tmp_path):
    file = tmp_path / "the portal's.sqlite3"
    with sqlite(file) as database:
        MigrationRecorder(database).record_applied("accounts", "0001_baseline_00000000")
        with pytest.raises(CommandError) as error:
            refuse_other_version(database)

    command = re.search("`(mv .*?)`", str(error.value))[1]
    subprocess.run(command, shell=True, check=True)

    assert str(error.value) == (
        f"The database {file} was made by another version of the portal, and this one cannot bring"
        f" it up to date: set it aside with `{command}` and start again with an empty one, into"
        " which `make run` loads the demonstration data anew."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["the portal's.sqlite3.old"]
    with sqlite(file) as database:
        refuse_other_version(database)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="it names a database of a server")
def test_a_database_of_a_server_is_renamed():
    name = connection.settings_dict["NAME"]

    assert what_to_do(connection) == (
        f'set it aside with `ALTER DATABASE "{name}" RENAME TO "{name}_old"; CREATE DATABASE'
        f' "{name}";` and start again with the empty one.'
    )
