"""`scripts/services.py`: servers of one's own that vanish with the command they were started for."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

SCRIPT = Path(settings.BASE_DIR) / "scripts" / "services.py"
CONNECT = """
import os, psycopg2, redis
psycopg2.connect(os.environ["DATABASE_URL"]).close()
redis.Redis.from_url(os.environ["REDIS_URL"]).ping()
print("connected", flush=True)
"""


@pytest.fixture
def folder(tmp_path):
    tmp_path.chmod(0o711)
    for parent in tmp_path.parents:
        if parent.owner() == tmp_path.owner() and "pytest-of" in str(parent):
            parent.chmod(0o711)  # the database's own user passes through
    return tmp_path


def start(folder, code):
    return subprocess.Popen(
        [sys.executable, SCRIPT, "run", "--", sys.executable, "-c", CONNECT + code],
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    )


def servers_in(folder):
    """PostgreSQL and Redis name our folder, or work in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode()
            if str(folder) in command or str(folder) in os.readlink(process / "cwd"):
                found.append(command)
        except OSError:  # it just ended, or belongs to somebody else
            continue
    return found


def gone_soon(folder):
    for _ in range(100):
        if not servers_in(folder):
            return True
        time.sleep(0.1)
    return False


def test_the_command_reaches_both_and_its_exit_code_passes_through(folder):
    running = start(folder, "raise SystemExit(3)")

    assert running.communicate(timeout=60)[0] == "connected\n"
    assert running.returncode == 3
    assert servers_in(folder) == []
    assert list(folder.iterdir()) == []


@pytest.mark.deep(part="workers")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_server_outlives_a_run_that_is_ended(folder, number):
    running = start(folder, "import time; time.sleep(60)")
    assert running.stdout.readline() == "connected\n"
    assert len(servers_in(folder)) >= 2

    running.send_signal(number)

    running.wait(timeout=20)
    running.stdout.close()
    assert gone_soon(folder)
