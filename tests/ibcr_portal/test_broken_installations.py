"""`manage.py doctor` names what is wrong with an installation, ends with an exit code that says so, and its
advice is the right one: each way of breaking a real one, one at a time (`tests/ibcr_portal/broken.py`)."""

from contextlib import contextmanager

import pytest
from django.db import connection

from ibcr_portal.database_role import grant_rows
from ibcr_portal.doctor.services import QUEUES
from tests.conftest import Process
from tests.ibcr_portal.broken import WAYS
from tests.ibcr_portal.installation import servers_around, set_up
from tests.servers import running

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="an installation in production"),
]


@pytest.fixture(scope="module")
def role(django_db_setup, django_db_blocker):
    """That of web server and workers. Roles are of the whole server, and each test process has its own."""
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
        role = f"rows_of_{name}"
        grant_rows(role, "a password")
        yield role
        with connection.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
            cursor.execute(f'GRANT TEMPORARY ON DATABASE "{name}" TO PUBLIC')


@pytest.fixture(scope="module")
def worker(django_db_setup, django_db_blocker):
    """One for all queues; it only has to say that it is there."""
    with django_db_blocker.unblock():
        process = Process(["ibcr_portal.worker", f"--queues={','.join(QUEUES)}", "--loglevel=INFO"])
    process.wait_until(lambda: "ready." in process.log.read_text())
    yield process
    process.kill()


@pytest.fixture
def portal(role, worker, static_files, settings, tmp_path):
    settings.SECRET_KEY = "of-this-installation".ljust(60, ".")  # without spaces, as real ones
    settings.STATIC_ROOT = static_files
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ACCESS_LOG_CHECKPOINTS = tmp_path / "checkpoints.jsonl"
    servers = servers_around()
    with running(*servers.values()):
        yield set_up(tmp_path, role, servers)


def test_a_whole_installation_is_well(portal):
    report = portal.doctor()

    assert report.code == 0, report.said
    assert "WRONG" not in report.said
    assert report.said.splitlines()[-1].startswith("Nothing is wrong")


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(
            way, id=way.name, marks=[] if way.is_quick else pytest.mark.deep(part="doctor")
        )
        for way in WAYS
    ],
)
def test_what_is_broken_is_named_with_the_right_advice(portal, way):
    breaks = contextmanager(way.breaks)(portal)
    with breaks:
        report = portal.doctor()
        advice = report.advice_on(way.level, way.says)
        portal.broken.clear()  # what settings are concerned, the advice is to correct them

    assert way.advice in advice
    assert report.code == (1 if way.level == "WRONG" else 0), report.said
    assert "Traceback" not in report.said
    if way.is_mended:  # of settings that are put right, the first test says that all is well
        after = portal.doctor()
        assert after.code == 0, after.said
        assert "WRONG" not in after.said


def test_thirty_ways_are_tried():
    assert len(WAYS) >= 30
