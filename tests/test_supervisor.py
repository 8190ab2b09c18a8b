"""`manage.py portal`, the command behind `make run`, with real processes and real signals."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings

from ibcr_portal.periodic_tasks import OF_DOCUMENTS, OF_MAIL, OF_SHORT_WORK
from scripts.services import free_port

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


class Portal:
    def __init__(self, folder: Path, static_files: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / "log"
        foreign = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SECRET_KEY", "SITE_URL")
        environment = {name: value for name, value in os.environ.items() if name not in foreign}
        self.environment = environment | {
            "DJANGO_SETTINGS_MODULE": "ibcr_portal.settings",
            "PORTAL_EMBEDDED": "1",
            "PORTAL_VAR": str(folder),
            "STATIC_ROOT": str(static_files),
            "PORT": str(self.port),
        }

    def manage(self, *arguments):
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=settings.BASE_DIR, env=self.environment, check=True)

    def start(self, command=(sys.executable, "manage.py", "portal")):
        with self.log.open("w") as log:
            self.parent = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(lambda: self.started() or self.parent.poll() is not None, self.log)
        assert self.started(), self.log.read_text()

    def started(self):
        return "Ctrl-C" in self.log.read_text()

    def answers(self):
        try:
            return urllib.request.urlopen(f"http://localhost:{self.port}/health/").status == 200
        except OSError:
            return False

    def processes(self):
        """Every process that works in our folder, by its number: its command."""
        mark = f"PORTAL_VAR={self.folder}\0".encode()
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes():
                    command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found[int(process.name)] = command
            except OSError:  # it just ended, or belongs to somebody else
                continue
        return {pid: command for pid, command in found.items() if command}

    def child(self, word):
        """The one child of the parent whose command holds this word, if it runs."""
        parent = f"\nPPid:\t{self.parent.pid}\n"
        pids = [pid for pid, command in self.processes().items() if f" {word} " in f"{command} "]
        return next((pid for pid in pids if parent in status(pid)), None)


def status(pid):
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return ""


def wait_until(true, log, seconds=90):
    for _ in range(seconds * 10):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError(f"Not within {seconds} seconds:\n{log.read_text()}")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, static_files):
    portal = Portal(tmp_path_factory.mktemp("portal"), static_files)
    portal.manage("update")
    return portal


@pytest.fixture
def portal(prepared):
    prepared.start()
    yield prepared
    prepared.parent.kill()
    prepared.parent.wait()
    wait_until(lambda: prepared.processes() == {}, prepared.log)


def test_the_portal_answers_and_says_where(portal):
    assert portal.answers()
    assert f"http://localhost:{portal.port}" in portal.log.read_text()


@pytest.mark.deep(part="workers")
def test_an_empty_portal_shows_the_key_of_the_first_visit(portal):
    address = f"http://localhost:{portal.port}"
    key = "-".join(["[A-Z0-9]{5}"] * 4)

    assert re.fullmatch(
        rf"\nThe portal answers on {address}\n\n"
        rf"Nobody has an account yet\. Open {address}/start/ and type this key,\n"
        rf"which is good once:\n\n  {key}\n\n"
        r"Ctrl-C stops it\.\n",
        portal.log.read_text(),
    )


@pytest.mark.deep(part="workers")
@pytest.mark.parametrize(
    "word",
    [
        "gunicorn",
        *(f"--queues={queues}" for queues in (OF_DOCUMENTS, OF_SHORT_WORK, OF_MAIL)),
        "ibcr_portal.scheduler",
    ],
)
def test_a_killed_child_is_started_again(portal, word):
    killed = portal.child(word)

    os.kill(killed, signal.SIGKILL)

    wait_until(lambda: portal.child(word) not in {None, killed}, portal.log)
    wait_until(portal.answers, portal.log)


@pytest.mark.deep(part="workers")
def test_a_killed_web_process_is_started_again(portal):
    master = portal.child("gunicorn")
    before = grandchildren(portal, master)

    os.kill(before.pop(), signal.SIGKILL)

    wait_until(lambda: len(grandchildren(portal, master) - before) == 1, portal.log)
    assert portal.answers()


def grandchildren(portal, master):
    return {pid for pid in portal.processes() if f"\nPPid:\t{master}\n" in status(pid)}


@pytest.mark.deep(part="workers")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_quickly(portal, number):
    # The terminal sends Ctrl-C to every process in its foreground, not to the parent alone.
    os.killpg(portal.parent.pid, number)

    assert portal.parent.wait(timeout=10) == 0
    assert portal.processes() == {}


@pytest.mark.deep(part="workers")
def test_a_second_ctrl_c_does_not_stop_the_stopping(portal):
    os.kill(portal.parent.pid, signal.SIGINT)
    time.sleep(0.1)
    os.kill(portal.parent.pid, signal.SIGINT)

    assert portal.parent.wait(timeout=10) == 0
    assert portal.processes() == {}


@pytest.mark.deep(part="workers")
def test_a_killed_parent_leaves_nothing_behind(portal):
    portal.parent.kill()
    portal.parent.wait()

    wait_until(lambda: portal.processes() == {}, portal.log, seconds=5)


@pytest.mark.deep(part="workers")
def test_killing_what_started_it_stops_a_tied_portal(prepared):
    # As `make run` does: make is the parent of the supervisor.
    tied = (
        "import subprocess, sys; subprocess.run([sys.executable, 'manage.py', 'portal', '--tied'])"
    )
    prepared.start([sys.executable, "-c", tied])

    prepared.parent.kill()
    prepared.parent.wait()

    wait_until(lambda: prepared.processes() == {}, prepared.log, seconds=10)


def test_a_port_that_does_not_exist_is_refused_in_a_sentence(prepared):
    refused = subprocess.run(
        [sys.executable, "manage.py", "portal", "--port=99999"],
        cwd=settings.BASE_DIR,
        env=prepared.environment,
        capture_output=True,
        text=True,
    )

    assert refused.stderr == "CommandError: Port 99999 does not exist: choose one up to 65535.\n"


@pytest.mark.deep(part="workers")
def test_a_taken_port_is_refused_in_a_sentence(portal):
    second = subprocess.run(
        [sys.executable, "manage.py", "portal"],
        cwd=settings.BASE_DIR,
        env=portal.environment,
        capture_output=True,
        text=True,
    )

    assert second.returncode == 1
    assert second.stderr == (
        f"CommandError: Port {portal.port} is taken by another program. "
        "Choose another one: PORT=8001 make run\n"
    )
    assert portal.answers()
