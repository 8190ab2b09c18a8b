"""`manage.py doctor` says what is wrong and what to do, fails only then, and shows no secret."""

import os
import shutil
import socket
import subprocess
import sys
import uuid
from collections import namedtuple
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings as present
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import override

from accounts.log_check import keep_checkpoint
from accounts.models import OutgoingMail
from accounts.services import record_sign_in
from ibcr_portal import installation
from ibcr_portal.doctor import database, machine, services
from ibcr_portal.doctor.all import examine
from ibcr_portal.doctor.findings import Level, without_password
from ibcr_portal.observing import figures
from ibcr_portal.observing.state import state_now
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

GB = 10**9


def sentences(check, *arguments):
    return [(found.level, found.sentence, found.advice) for found in check(*arguments)]


def levels(check, *arguments):
    return [found.level for found in check(*arguments)]


@pytest.fixture
def at_home(settings, tmp_path):
    """An embedded portal with its files, as `make run` sets it up."""
    settings.EMBEDDED = True
    settings.SENDS_MAIL = False
    settings.STATIC_ROOT = tmp_path / "static"
    settings.ACCESS_LOG_CHECKPOINTS = tmp_path / "checkpoints"
    installation.collect_static_files()


def doctor(**options):
    said = StringIO()
    try:
        call_command("doctor", here=True, stdout=said, **options)
    finally:
        sys.stdout.write(said.getvalue())  # for whoever reads why a test failed
    return said.getvalue()


def test_a_portal_that_is_well_has_nothing_wrong(at_home):
    UserFactory(is_staff=True)

    said = doctor()

    assert "WRONG" not in said
    assert said.splitlines()[0].startswith(f"Portal {installation_version()}, Python ")
    assert said.splitlines()[-1].startswith("Nothing is wrong")


def installation_version():
    text = (present.BASE_DIR / "pyproject.toml").read_text()
    return text.split('version = "')[1].split('"')[0]


def test_what_is_wrong_fails_and_says_what_to_do(at_home):
    UserFactory()

    with pytest.raises(CommandError, match=r"^1 wrong, "):
        doctor()
    assert sentences(database.people) == [
        (Level.WRONG, "Nobody administers the portal.", "Run: manage.py createsuperuser")
    ]


def test_a_warning_fails_where_that_is_asked_for(at_home):
    assert "WARNING  People         Nobody has an account yet." in doctor()

    with pytest.raises(CommandError, match=r"^0 wrong, "):
        doctor(strict=True)


def test_a_database_that_is_behind_or_ahead_is_told_apart():
    assert levels(database.migrations) == [Level.GOOD]

    MigrationRecorder.Migration.objects.filter(app="sessions").delete()
    assert sentences(database.migrations)[0][2] == "Run: manage.py update"

    MigrationRecorder.Migration.objects.create(
        app="kernel", name="0999_later", applied=timezone.now()
    )
    ((level, sentence, _advice),) = sentences(database.migrations)
    assert (level, "kernel.0999_later" in sentence) == (Level.WRONG, True)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="roles and triggers of PostgreSQL")
def test_a_trigger_that_was_disabled_is_noticed():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_accessevent DISABLE TRIGGER ALL")

    assert any(
        "triggers are disabled" in sentence for _level, sentence, _ in sentences(database.database)
    )


@pytest.mark.skipif(connection.vendor != "postgresql", reason="roles and triggers of PostgreSQL")
def test_the_owner_of_the_tables_is_no_role_for_a_web_server():
    assert (Level.WARNING, True) in [
        (level, "its role owns them" in sentence)
        for level, sentence, _ in sentences(database.database)
    ]


def test_a_clock_that_went_back_is_noticed():
    assert levels(database.clock) == [Level.GOOD]
    later = timezone.now() + timedelta(days=2)

    assert levels(database.judged_clock, later) == [Level.WRONG]


def test_a_log_that_nobody_signs_is_noticed(settings, tmp_path):
    settings.ACCESS_LOG_CHECKPOINTS = tmp_path / "checkpoints"
    assert sentences(database.access_log) == [(Level.GOOD, "The access log is empty.", "")]

    record_sign_in(UserFactory(), method="password")
    assert levels(database.access_log) == [Level.WRONG]

    keep_checkpoint()
    assert levels(database.access_log) == [Level.GOOD]


def test_files_that_cannot_be_kept_are_noticed(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    assert levels(machine.storage) == [Level.GOOD]
    assert default_storage.listdir("doctor") == ([], [])

    shutil.rmtree(tmp_path / "media")
    (tmp_path / "media").write_text("a file where the folder was")
    assert levels(machine.storage) == [Level.WRONG]


@override("en")
def test_work_that_waits_is_said_in_the_words_of_the_page():
    waits = OutgoingMail.objects.create(next_attempt_at=timezone.now() - timedelta(hours=1))

    assert sentences(machine.work) == [
        *((Level.GOOD, f"{part}: well.", "") for part in ("Clocks", "Scheduler and workers")),
        (
            Level.WARNING,
            "The oldest job has waited for too long.",
            "See whether the services worker and mailer run; where they do, run more of them.",
        ),
        *((Level.GOOD, f"{part}: well.", "") for part in ("Final documents", "E-mail")),
        *((Level.GOOD, f"{part}: well.", "") for part in ("Refused messages", "Access log")),
    ]

    waits.delete()
    assert set(levels(machine.work)) == {Level.GOOD}


def test_a_full_disk_is_noticed(settings, tmp_path, monkeypatch):
    settings.VAR = settings.MEDIA_ROOT = tmp_path
    room = namedtuple("room", "total used free")

    for free, level in ((50, Level.GOOD), (5, Level.WARNING), (1, Level.WRONG)):
        usage = room(100 * GB, (100 - free) * GB, free * GB)
        monkeypatch.setattr(figures, "disk_usage", lambda _, usage=usage: usage)
        assert set(levels(machine.disks)) == {level}


@pytest.mark.parametrize(
    ("total", "free", "is_scarce"),
    [
        (5 * GB, 0.9 * GB, True),
        (5 * GB, 1.1 * GB, False),
        (0.7 * GB, 0.4 * GB, False),  # /tmp of the container
        (0.7 * GB, 0.3 * GB, True),
    ],
)
def test_a_small_disk_is_judged_in_one_way(settings, tmp_path, monkeypatch, total, free, is_scarce):
    settings.VAR = settings.MEDIA_ROOT = tmp_path
    room = namedtuple("room", "total used free")
    monkeypatch.setattr(figures, "disk_usage", lambda _: room(total, total - free, free))
    state = next(line for line in state_now().lines if line.key == "disk")

    assert state.status == ("warn" if is_scarce else "ok")
    assert set(levels(machine.disks)) == {Level.WARNING if is_scarce else Level.GOOD}


def test_a_mail_server_that_is_away_is_noticed_without_its_password(settings):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = closed.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_HOST_PASSWORD = "127.0.0.1", "hidden-word"
    settings.SENDS_MAIL = True

    ((level, sentence, advice),) = sentences(services.mail)

    assert level == Level.WRONG
    assert sentence == (
        f"The mail server 127.0.0.1:{settings.EMAIL_PORT} does not take messages "
        "(Connection refused)."
    )
    assert "hidden-word" not in sentence + advice


@pytest.fixture
def short_waits(monkeypatch):
    """No worker is there who could answer."""
    monkeypatch.setattr(services, "QUICK_SECONDS", 0.1)
    monkeypatch.setattr(services, "ANSWER_SECONDS", 0.2)


@pytest.mark.usefixtures("short_waits")
def test_queues_without_workers_are_wrong_unless_one_is_at_work():
    assert levels(services.queue) == [Level.GOOD, *[Level.WRONG] * 3]

    OutgoingMail.objects.create(
        state="working", lease_until=timezone.now() + timedelta(minutes=1), token=uuid.uuid4()
    )
    assert levels(services.queue) == [Level.GOOD, Level.WRONG, Level.WRONG, Level.GOOD]


def test_the_answer_of_the_proxy_is_judged():
    hsts = {"strict-transport-security": "max-age=1"}
    in_days = {days: timezone.now() + timedelta(days=days) for days in (3, 60)}

    for answer, expected in (
        ((200, hsts, in_days[60]), Level.GOOD),
        ((200, hsts, in_days[3]), Level.WARNING),
        ((200, {}, in_days[60]), Level.WARNING),
        ((400, hsts, in_days[60]), Level.WRONG),
        ((502, hsts, in_days[60]), Level.WRONG),
    ):
        assert levels(services.judged, *answer) == [expected]


def test_a_database_to_which_a_later_version_added_is_no_fault():
    """As while hosts are updated one after the other, and after going back by one version."""
    later = MigrationRecorder(connection)
    later.record_applied("kernel", "9001_zone")
    ((level, sentence, _advice),) = sentences(database.migrations)
    assert (level, "kernel.9001_zone" in sentence) == (Level.WARNING, True)

    later.record_applied("kernel", "9002_contract_9001_zone")
    ((level, sentence, _advice),) = sentences(database.migrations)
    assert (level, "kernel.9002_contract_9001_zone" in sentence) == (Level.WRONG, True)


def test_a_database_that_was_taken_over_from_before_1_0_is_no_fault(monkeypatch):
    """It also knows the baseline that was replaced."""
    loader = MigrationLoader(connection)
    (first,) = (key for key in loader.disk_migrations if key[0] == "kernel" and "0001" in key[1])
    migration = loader.disk_migrations[first]
    replaced = [*migration.replaces, ("kernel", "0001_baseline_of_then")]
    monkeypatch.setattr(type(migration), "replaces", replaced)
    MigrationRecorder(connection).record_applied("kernel", "0001_baseline_of_then")

    assert levels(database.migrations) == [Level.GOOD]


@pytest.mark.usefixtures("short_waits")
def test_a_queue_in_a_folder_is_called_so(settings):
    settings.REDIS_URL = ""

    assert sentences(services.queue)[0][1] == "The queue (files in a folder) answers."


def test_addresses_are_shown_without_passwords():
    assert without_password("redis://:secret@redis:6379/0") == "redis://redis:6379/0"


def test_settings_that_are_wrong_are_a_finding_and_no_traceback():
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor"],
        cwd=present.BASE_DIR,
        env=kept | {"SITE_URL": "portal.example.org"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("WRONG    Settings       SITE_URL must ")
    assert "Traceback" not in done.stderr


@pytest.mark.django_db(transaction=True)
def test_a_database_of_an_earlier_version_is_said_and_ends_nothing(at_home):
    """As after the code was replaced and before the update: tables of this version are missing."""
    rename = "ALTER TABLE {} RENAME TO {}".format
    with connection.cursor() as cursor:
        cursor.execute(rename("ibcr_portal_knownkey", "ibcr_portal_laterkey"))
    try:
        found = [*examine(with_network=False)]
    finally:
        with connection.cursor() as cursor:
            cursor.execute(rename("ibcr_portal_laterkey", "ibcr_portal_knownkey"))

    assert [(subject, one.advice) for subject, one in found if "does not say" in one.sentence] == [
        ("Known keys", "Put right first what is said about the database, such as: manage.py update")
    ]
