"""The whole story with the demonstration: backups while the portal is written into, everything lost, a
restore on the same engine and on the other one, and every value and file compared."""

import json
import os
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings

from tests.conftest import server_url

pytestmark = pytest.mark.deep(part="restore")

DATABASES = ("rehearsal_one", "rehearsal_two")
# Of the portal in whose tests this runs, not of those that are rehearsed.
OTHERS = ("SECRET_KEY", "ACCESS_LOG_KEY", "REDIS_URL", "EMAIL_URL", "SITE_URL", "DATABASE_URL")


def say(text: str) -> None:
    """Shown with `pytest -s`: what docs/operations/backup.md has as figures."""
    sys.stdout.write(f"{text}\n")


class Portal:
    """A portal in a folder, with a database of one of the engines."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.engine = "postgresql" if database else "sqlite"
        url = server_url(database) if database else f"sqlite:///{folder}/portal.sqlite3"
        kept = {name: value for name, value in os.environ.items() if name not in OTHERS}
        own = {"PORTAL_EMBEDDED": "1", "PORTAL_VAR": str(folder), "DATABASE_URL": url}
        own["STATIC_ROOT"] = str(folder / "static")
        self.environment = kept | own | {"DJANGO_SETTINGS_MODULE": "ibcr_portal.settings"}

    def start(self, *command: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str) -> str:
        process = self.start(*command)
        said = process.stdout.read()
        _pid, status, usage = os.wait4(process.pid, 0)
        process.stdout.close()
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, said
        seconds = usage.ru_utime + usage.ru_stime
        say(
            f"{self.engine:<11} {' '.join(command[1:3])[:40]:<42} {seconds:6.1f} s of processor, "
            f"{usage.ru_maxrss / 1024:6.0f} MB"
        )
        return said

    def manage(self, *command: str) -> str:
        return self.run("manage.py", *command)

    def content(self) -> dict:
        path = self.folder / "dump.json"
        self.run("-m", "tests.ibcr_portal.backups.stage", "dump", str(path))
        return json.loads(path.read_text())

    @contextmanager
    def being_written(self):
        """Papers and events come all the time."""
        stop = self.folder / "stop"
        writer = self.start("-m", "tests.ibcr_portal.backups.stage", "write", str(stop))
        time.sleep(8)
        yield
        stop.touch()
        said = writer.communicate()[0]
        assert writer.returncode == 0, said
        assert int(stop.read_text()) > 10


class Vault:
    """Where backups go, and the key that opens them."""

    def __init__(self, folder: Path, portal: Portal) -> None:
        self.folder = folder
        folder.mkdir()
        self.identity = folder / "identity.txt"
        self.tools = Portal(folder / "tools")
        said = portal.manage("backup", "--new-identity", str(self.identity))
        self.recipient = said.split("BACKUP_RECIPIENTS=")[1].strip()

    def take(self, portal: Portal, name: str) -> Path:
        path = self.folder / f"{name}.backup.age"
        to = ("--recipient", self.recipient)
        say(portal.manage("backup", str(path), *to).strip())
        portal.manage("backup", "--keys", f"{self.folder}/{name}.keys.age", *to)
        return path

    def give(self, path: Path, portal: Portal) -> str:
        """Restore keys and data into a portal of which nothing is there."""
        keys = str(path).replace(".backup.age", ".keys.age")
        identity = ("--identity", str(self.identity))
        # A portal that was started already has made keys of its own.
        self.tools.manage("restore", "--keys", keys, *identity, "--to", str(portal.folder))
        # What a restore ends besides is in `test_ended_by_a_restore.py`: here rows are compared.
        said = portal.manage("restore", str(path), *identity, "--keep-links")
        say(said)
        assert "WRONG" not in said
        return said


@pytest.fixture
def databases():
    drop_and_create(*DATABASES)
    yield
    drop_and_create(*DATABASES, create=False)


def drop_and_create(*names: str, create: bool = True) -> None:
    with closing(psycopg2.connect(server_url("postgres"))) as server:
        server.autocommit = True
        for name in names:
            server.cursor().execute(f'DROP DATABASE IF EXISTS "{name}"')
            if create:
                server.cursor().execute(f'CREATE DATABASE "{name}"')


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    portal = Portal(tmp_path_factory.mktemp("rehearsal") / "first")
    portal.manage("update")
    portal.manage("load_demo")
    return portal


@pytest.fixture
def vault(tmp_path, demonstration):
    return Vault(tmp_path / "vault", demonstration)


def test_from_sqlite_to_postgresql_and_back(tmp_path, demonstration, vault, databases):
    """Each backup is of a portal that nobody writes into, so that it can be compared."""
    before = demonstration.content()
    assert len(before["files"]) > 5

    first = Portal(tmp_path / "postgresql", DATABASES[0])
    vault.give(vault.take(demonstration, "sqlite"), first)
    assert first.content() == before

    taken = vault.take(first, "postgresql")
    again = Portal(tmp_path / "postgresql-again", DATABASES[1])
    vault.give(taken, again)
    assert again.content() == before

    back = Portal(tmp_path / "back")
    vault.give(taken, back)
    assert back.content() == before
    assert back.manage("verify_access_log").startswith("OK: ")


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_backup_of_a_portal_that_is_written_into_is_one_moment(
    tmp_path, demonstration, vault, databases, engine
):
    portal = demonstration
    if engine == "postgresql":
        portal = Portal(tmp_path / "written", DATABASES[0])
        vault.give(vault.take(demonstration, "to-postgresql"), portal)
    with portal.being_written():
        taken = vault.take(portal, "written")

    restored = Portal(tmp_path / "restored", DATABASES[1] if engine == "postgresql" else "")
    vault.give(taken, restored)

    # Each paper came with an event, in one transaction.
    there, here = portal.content(), restored.content()
    for name in ("committees_document", "accounts_accessevent"):
        assert here["rows"][name] == there["rows"][name][: len(here["rows"][name])]
    papers = [len(each["rows"]["committees_document"]) for each in (here, there)]
    events = [len(each["rows"]["accounts_accessevent"]) for each in (here, there)]
    assert papers[0] < papers[1]
    assert papers[1] - papers[0] == events[1] - events[0]
    assert restored.manage("verify_access_log").startswith("OK: ")


def test_without_the_keys_the_check_says_what_stays_unreadable(tmp_path, demonstration, vault):
    taken = vault.take(demonstration, "keyless")
    other = Portal(tmp_path / "other")
    identity = ("--identity", str(vault.identity))

    said = other.manage("restore", str(taken), *identity, "--check")

    assert "Signed with other keys than those of this portal." in said
    assert "A SECRET_KEY is missing" in said
    assert "ACCESS_LOG_KEY is missing: the access log" in said
    keys = str(vault.folder / "keyless.keys.age")
    said = other.manage("restore", str(taken), *identity, "--check", "--with-keys", keys)
    assert "With the keys of that file, everything in it can be read." in said
