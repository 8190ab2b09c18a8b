"""The role of the web server reads and writes rows; tables, triggers and functions are not its own."""

from contextlib import closing
from datetime import timedelta

import psycopg2
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils import timezone
from psycopg2.errors import CheckViolation, InsufficientPrivilege

from accounts.log_check import forget_events
from accounts.models import AccessEvent
from ibcr_portal.database_role import grant_rows
from ibcr_portal.migrations._news_operations import GRANT
from ibcr_portal.models import Backup
from tests.factories import DocumentFactory, ProjectFactory, UserFactory
from tests.ibcr_portal.backups.helpers import manage

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no roles"),
]

ROLE = "portal_of_a_test"


@pytest.fixture
def ask(transactional_db):
    """A function that runs one statement in that role, and keeps nothing of it."""
    grant_rows(ROLE, "its 'password'")
    grant_rows(ROLE, "its 'password'")  # at every update
    database = connection.settings_dict
    where = {"host": database["HOST"], "port": database["PORT"], "dbname": database["NAME"]}

    def ask(statement):
        own = psycopg2.connect(user=ROLE, password="its 'password'", **where)
        with closing(own), own.cursor() as cursor:
            cursor.execute(statement)
            return cursor.rowcount

    yield ask
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {ROLE}; DROP ROLE {ROLE}")
        cursor.execute(f'GRANT TEMPORARY ON DATABASE "{database["NAME"]}" TO PUBLIC')


def test_it_reads_and_writes_rows(ask):
    ProjectFactory()
    UserFactory()

    assert ask("SELECT * FROM projects_project") == 1
    assert ask("UPDATE accounts_user SET full_name = 'X'") == 1
    assert ask("DELETE FROM accounts_user") == 1
    assert ask("SELECT app, name FROM django_migrations") > 5
    values = "'k', 'x', now()"
    assert ask(f"INSERT INTO django_session VALUES ({values})") == 1


def test_the_release_before_writes_news_as_soon_as_there_is_their_table(ask):
    """Triggers write there in its name, and the rights are granted again only at the end of an
    update."""
    DocumentFactory()
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE ALL ON ibcr_portal_newsitem FROM {ROLE}")
    with pytest.raises(InsufficientPrivilege):
        ask("UPDATE committees_document SET title = 'X'")

    with connection.cursor() as cursor:
        cursor.execute(GRANT)

    assert ask("UPDATE committees_document SET title = 'X'") == 1


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER committees_minutes_stay_sealed ON committees_minutes",
        "ALTER TABLE committees_minutes DISABLE TRIGGER ALL",
        "ALTER TABLE committees_minutes DISABLE TRIGGER committees_minutes_stay_sealed",
        "SET session_replication_role = replica",
        "TRUNCATE committees_minutes CASCADE",
        "DROP TABLE committees_minutes CASCADE",
        "ALTER TABLE committees_minutes ADD COLUMN x integer",
        "CREATE TRIGGER x BEFORE UPDATE ON committees_minutes FOR EACH ROW"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE RULE x AS ON UPDATE TO committees_minutes DO INSTEAD NOTHING",
        "DROP FUNCTION committees_minutes_stay_sealed() CASCADE",
        "CREATE OR REPLACE FUNCTION committees_minutes_stay_sealed() RETURNS trigger"
        " AS 'BEGIN RETURN NEW; END' LANGUAGE plpgsql",
        "CREATE TABLE x ()",
        "CREATE TEMPORARY TABLE committees_minutes ()",
        "DELETE FROM django_migrations",
        "UPDATE accounts_accessevent SET kind = 'export'",
        "TRUNCATE accounts_accessevent",
        "DROP TRIGGER accounts_events_stay ON accounts_accessevent",
        "ALTER TABLE accounts_accessevent DISABLE TRIGGER ALL",
        "ALTER TABLE accounts_accessevent DISABLE TRIGGER accounts_events_stay",
        "DROP FUNCTION accounts_events_stay() CASCADE",
        "CREATE ROLE x SUPERUSER",
    ],
)
def test_it_cannot_touch_what_keeps_sealed_records_and_the_access_log(ask, statement):
    with pytest.raises(InsufficientPrivilege):
        ask(statement)


def test_it_appends_events_and_deletes_only_those_that_may_go(ask, settings, tmp_path):
    # The file of the portal may hold states of another log, which other tests signed.
    settings.ACCESS_LOG_CHECKPOINTS = tmp_path / "checkpoints.jsonl"
    AccessEvent.record("sign_in", user=None)
    with pytest.raises(CheckViolation):
        ask("DELETE FROM accounts_accessevent")

    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {ROLE}")
        AccessEvent.record("sign_in", user=None)
        gone = forget_events(timezone.now() + timedelta(days=1))
        cursor.execute("RESET ROLE")

    assert gone == 2
    assert AccessEvent.objects.get().kind == "pruned"


def test_backups_are_made_in_it(ask, monkeypatch, tmp_path):
    UserFactory()
    connection.close()
    with monkeypatch.context() as patch:
        for name, value in (("USER", ROLE), ("PASSWORD", "its 'password'")):
            patch.setitem(connection.settings_dict, name, value)
        manage("backup", "--plain", str(tmp_path / "of.backup"))
        connection.close()

    assert Backup.objects.get().rows > 0


def test_the_owner_of_the_tables_is_no_such_role(transactional_db):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_APP_USER"):
        grant_rows(connection.settings_dict["USER"], "x")
