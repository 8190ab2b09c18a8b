"""The whole story, with dumps: a name in every text, file, message and document of the portal; the
person is forgotten; an older dump is restored with its files, and the ledger replayed."""

import os
import shutil
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection

from accounts.checkpoints import own_checkpoints
from accounts.log_check import check_log, keep_checkpoint
from accounts.models import AccessChain, AccessEvent, AccessLink, User
from ibcr_portal.models import LockedAway
from ibcr_portal.persons.forgetting import forget
from ibcr_portal.persons.keeping import opened
from ibcr_portal.persons.searching import DataSubject, findings_of
from partners.models import Contact
from reports.models import About, DocumentKind, Rendition, Report, Snapshot
from reports.models.snapshot import hash_of
from reports.services.producing import produce
from reports.services.requesting import request_rendition
from reports.services.steps import sign_off
from scripts.services import postgresql_program
from tests.conftest import environment, server_url
from tests.ibcr_portal.everywhere import all_files, plant, plant_files, where, words_in
from tests.reports.conftest import SIGNED_ON
from tests.reports.leaks.planting import models_of_the_portal
from tests.reports.leaks.rich import Rich, keys_of
from tests.triggers import triggers_off
from tests.world import World

pytestmark = [pytest.mark.deep(part="forget"), pytest.mark.django_db(transaction=True)]

NAME = "Titulaire Fictíve du Siège"
ADDRESS = "siege.fictif@example.org"
PLANTED = f"TITULAIRE  fictive du siege, {ADDRESS}"
RESTORED = "portal_restored"


@pytest.fixture
def folder(tmp_path, settings):
    """Where this portal keeps its files, which the test copies as a backup does."""
    for name in ("MEDIA_ROOT", "MAILBOX"):
        setattr(settings, name, tmp_path / "var" / name.lower())
    settings.ERASURES = tmp_path / "ledger" / "erasures.jsonl"
    settings.ACCESS_LOG_CHECKPOINTS = tmp_path / "var" / "checkpoints.jsonl"
    return tmp_path


@pytest.fixture
def restored_database():
    execute(f'DROP DATABASE IF EXISTS "{RESTORED}"', f'CREATE DATABASE "{RESTORED}"')
    yield server_url(RESTORED)
    execute(f'DROP DATABASE "{RESTORED}"')


def test_nothing_is_left_even_after_an_older_dump_is_restored(folder, restored_database):
    person, administrator = a_portal_that_names_the_person()
    spellings = person.spellings()
    keep_checkpoint()
    dump(connection.settings_dict["NAME"], folder / "older.sql")
    shutil.copytree(folder / "var", folder / "backup")
    assert spellings.are_in((folder / "older.sql").read_text())
    seen = findings_of(person, spellings)
    assert seen.documents
    assert seen.files
    assert seen.letters

    outcome = forget(person, spellings, by=administrator)

    assert [row for row, _reason in outcome.remains] == []
    assert where(spellings, folder / "ledger") == []
    dump(connection.settings_dict["NAME"], folder / "newer.sql")
    assert lines_that_name(spellings, folder / "newer.sql") == []
    assert check_log(own_checkpoints()).is_whole
    locked = [opened(row) for row in LockedAway.objects.filter(file="")]
    sealed = {facts["of"]: facts["sealed"] for facts in locked if "sealed" in facts}
    assert sealed
    for name, data in sealed.items():
        assert hash_of(data) == Snapshot.objects.get(pk=name.split()[1]).sha256
    for report in Report.objects.exclude(snapshot=None):
        assert report.snapshot.is_whole
        assert report.snapshot.data
    for snapshot in Snapshot.objects.filter(is_final=True).exclude(data={}):
        assert snapshot.is_whole

    restore(folder / "older.sql", restored_database)
    shutil.rmtree(folder / "var")
    shutil.copytree(folder / "backup", folder / "var")
    say = manage(restored_database, folder, "replay_erasures")

    assert outcome.pseudonym in say
    dump(RESTORED, folder / "replayed.sql")
    assert lines_that_name(spellings, folder / "replayed.sql") == []
    assert [name for name, text in all_files().items() if spellings.are_in(text)] == []
    assert "\nOK: " in manage(restored_database, folder, "verify_access_log")
    assert not spellings.are_in(say)


def a_portal_that_names_the_person() -> tuple[DataSubject, User]:
    """A row of everything, with the name in each text and file, in documents and messages."""
    before = {model: keys_of(model) for model in models_of_the_portal()}
    rich = Rich(World(), before)
    with triggers_off():  # its event is no part of a chain
        AccessEvent.objects.all().delete()
        AccessChain.objects.all().delete()
    person, administrator = (rich.world.people[role] for role in ("member", "administrator"))
    User.objects.filter(pk=person.pk).update(full_name=NAME, email=ADDRESS)
    Contact.objects.filter(user=person).update(full_name=NAME, email=ADDRESS)
    person.refresh_from_db()
    AccessEvent.record(AccessEvent.Kind.SIGN_IN, user=person, method="code")
    AccessLink.issue(person, "calendar", person, by=administrator)
    assert len(plant(PLANTED)) > 200
    assert len(plant_files(PLANTED)) > 10
    report = rich.told[0]
    report.refresh_from_db()
    report.take("review", by=rich.world.people["coordinator"])
    sign_off(report, by=rich.world.people["monitoring"], on=SIGNED_ON)
    about = About(rich.world.meeting, DocumentKind.ANNEX)
    rendition = request_rendition(about, language="fr", audience="coordination", by=administrator)
    produce(Rendition.objects.claim(rendition.pk, lease=timedelta(minutes=5)))
    with get_connection(
        "django.core.mail.backends.filebased.EmailBackend", file_path=settings.MAILBOX
    ) as backend:
        EmailMessage("Cita", f"Estimada {NAME}", to=[ADDRESS], connection=backend).send()
    return DataSubject.of_user(person), administrator


def execute(*statements: str) -> None:
    with closing(psycopg2.connect(server_url("postgres"))) as server:
        server.autocommit = True
        for statement in statements:
            server.cursor().execute(statement)


def dump(database: str, path: Path) -> None:
    program = postgresql_program("pg_dump")
    subprocess.run([program, "--file", path, server_url(database)], check=True)


def restore(path: Path, url: str) -> None:
    program = postgresql_program("psql")
    command = [program, "--quiet", "--set=ON_ERROR_STOP=1", "--file", path, url]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def lines_that_name(spellings, path: Path) -> list[str]:
    return [line[:300] for line in path.read_text().splitlines() if spellings.are_in(line)]


def manage(url: str, folder: Path, *command: str) -> str:
    own = {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.ibcr_portal.restored_settings",
        "RESTORED_MEDIA": str(settings.MEDIA_ROOT),
        "RESTORED_MAILBOX": str(settings.MAILBOX),
        "ERASURES": str(settings.ERASURES),
        "ACCESS_LOG_CHECKPOINTS": str(settings.ACCESS_LOG_CHECKPOINTS),
    }
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env=os.environ | environment() | own,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert words_in(done.stderr.encode()) == ""
    return done.stdout + done.stderr
