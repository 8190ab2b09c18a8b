"""The queue in files of the embedded portal, when several processes write and read at once."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

# Each is a process of the embedded portal. They begin together, when the file "begin" is there.
BEGIN = """
import sys, time
from pathlib import Path
from ibcr_portal.celery import app
from kombu import Exchange, Queue

folder, number = Path(sys.argv[1]), int(sys.argv[2])
connection = app.connection_for_write()
connection.connect()
(folder / f"ready-{number}").touch()
while not (folder / "begin").exists():
    time.sleep(0.001)
"""
MESSAGES = 300
WRITE = f"""
queue = connection.SimpleQueue("documents")
for message in range({MESSAGES}):
    queue.put({{"writer": number, "message": message, "text": "x" * 2000}})
"""
READ = """
queue = connection.SimpleQueue("documents")
while True:
    try:
        message = queue.get(block=False)
    except queue.Empty:
        if (folder / "over").exists():
            break
        continue
    message.ack()
    print(message.payload["writer"], message.payload["message"], flush=True)
"""
EXCHANGES = 60
BIND = f"""
for name in range({EXCHANGES}):
    queue = Queue(f"queue-{{number}}", Exchange(f"exchange-{{name}}"), routing_key=str(number))
    queue(connection.default_channel).declare()
"""
TABLES = f"""
for name in range({EXCHANGES}):
    table = connection.default_channel.get_table(f"exchange-{{name}}")
    print(*sorted(bound.queue for bound in table))
"""
QUEUE_ONE = """
queue = connection.SimpleQueue("documents")
queue.put({"writer": 1, "message": 1})
"""


@pytest.fixture
def start(tmp_path):
    """Starts a process that waits for the others; what it prints is its outcome."""
    variables = os.environ | {
        "DJANGO_SETTINGS_MODULE": "ibcr_portal.settings",
        "PORTAL_EMBEDDED": "1",
        "PORTAL_VAR": str(tmp_path),
    }
    for name in ("DATABASE_URL", "REDIS_URL"):
        variables.pop(name, None)
    processes = []

    def start(code, number=0):
        process = subprocess.Popen(
            [sys.executable, "-c", BEGIN + code, str(tmp_path), str(number)],
            cwd=settings.BASE_DIR,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def begin(tmp_path):
    def begin(*processes):
        for number, process in enumerate(processes):
            while not (tmp_path / f"ready-{number}").exists():
                assert process.poll() is None, process.stderr.read()
        (tmp_path / "begin").touch()

    return begin


def outcome(process):
    printed, complaints = process.communicate(timeout=120)
    assert process.returncode == 0, complaints
    return printed.splitlines()


def test_each_message_of_several_writers_is_read_once_by_one_of_several_readers(
    start, begin, tmp_path
):
    writers = [start(WRITE, number) for number in range(3)]
    readers = [start(READ, number) for number in range(3, 6)]

    begin(*writers, *readers)
    for writer in writers:
        outcome(writer)
    (tmp_path / "over").touch()
    read = [line for reader in readers for line in outcome(reader)]

    assert sorted(read) == sorted(f"{n} {message}" for n in range(3) for message in range(MESSAGES))


def test_of_processes_that_start_at_once_each_keeps_its_queue(start, begin):
    starting = [start(BIND, number) for number in range(4)]

    begin(*starting)
    for process in starting:
        outcome(process)

    assert outcome(start(TABLES)) == ["queue-0 queue-1 queue-2 queue-3"] * EXCHANGES


def test_a_message_that_a_cut_left_empty_does_not_stop_those_behind_it(start, begin, tmp_path):
    begin()
    outcome(start(QUEUE_ONE))
    folder = tmp_path / "queue" / "messages"
    (folder / "0_cut.documents.msg").touch()
    (tmp_path / "over").touch()

    assert outcome(start(READ)) == ["1 1"]
    assert list(folder.iterdir()) == []
