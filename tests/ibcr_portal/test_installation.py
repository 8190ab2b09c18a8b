"""`manage.py update`: what is behind the code is seen by its content, and said or brought up to it."""

import os
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from ibcr_portal import installation
from ibcr_portal.demo.whole import is_wanted
from ibcr_portal.management.commands.update import UPDATING
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

OLD = (1_000_000_000, 1_000_000_000)


@pytest.fixture
def source(settings, tmp_path):
    """One static file of ours, collected."""
    settings.MEDIA_ROOT = tmp_path / "media"  # of no other test's installation
    file = tmp_path / "source" / "page.js"
    file.parent.mkdir()
    file.write_text("first")
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS = [file.parent]
    settings.STATIC_ROOT = tmp_path / "collected"
    update()
    return file


def update(**options):
    said = StringIO()
    call_command("update", stdout=said, **options)
    return said.getvalue()


def test_what_is_there_is_left_as_it_is(source, settings):
    collected = Path(settings.STATIC_ROOT) / "page.js"
    before = collected.stat().st_mtime_ns
    source.touch()

    assert update() == ""
    assert update(check=True) == ""
    assert collected.stat().st_mtime_ns == before


def test_a_static_file_is_collected_where_its_content_changed(source, settings):
    source.write_text("again")
    os.utime(source, OLD)

    with pytest.raises(CommandError) as refused:
        update(check=True)
    assert str(refused.value) == ("The static files are of another version: run manage.py update.")
    assert update(static=True) == "Collecting static files …\n"
    assert (Path(settings.STATIC_ROOT) / "page.js").read_text() == "again"
    assert update(check=True) == ""


@pytest.mark.skipif(
    connection.vendor == "sqlite",
    reason="SQLite takes no migration back within the transaction around a test",
)
def test_a_migration_that_is_due_is_seen_and_applied(source):
    # No other app depends on the topmost one, so it alone can be taken back.
    call_command("migrate", "ibcr_portal", "zero", verbosity=0)

    with pytest.raises(CommandError) as refused:
        update(check=True)
    assert str(refused.value) == "The database is of an earlier version: run manage.py update."
    assert update() == "Setting up the database …\n"
    assert update(check=True) == ""


def test_packages_of_another_lock_are_refused(source, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    kept = tmp_path / "base.txt"
    kept.write_bytes((settings.BASE_DIR / "requirements" / "base.txt").read_bytes())
    assert update(check=True) == ""

    kept.write_text("django==1.0\n")

    with pytest.raises(CommandError) as refused:
        update(check=True)
    assert str(refused.value) == (
        "The packages are not those of requirements/base.txt: build the image again."
    )


def test_all_that_is_behind_is_said_at_once(source):
    source.write_text("again")
    MigrationRecorder.Migration.objects.filter(app="sessions").delete()

    assert len(list(installation.complaints())) == 2


def test_the_demonstration_is_wanted_where_nobody_else_is():
    assert is_wanted()
    UserFactory(email="admin@example.org")  # loading was interrupted behind the accounts
    assert is_wanted()
    UserFactory(email="somebody@ngo.example")
    assert not is_wanted()


@pytest.mark.skipif(settings.EMBEDDED, reason="SQLite has one writer anyway")
def test_a_host_waits_for_another_one_that_updates_the_same_database(source):
    other = connection.copy()
    with other.cursor() as cursor, connection.cursor() as ours:
        cursor.execute("SELECT pg_advisory_lock(%s)", [UPDATING])
        ours.execute("SET LOCAL lock_timeout = '200ms'")

        with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
            update()

        cursor.execute("SELECT pg_advisory_unlock(%s)", [UPDATING])
    other.close()

    assert update() == ""
