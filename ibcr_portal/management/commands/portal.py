"""One command for the whole portal on one machine: web server, workers and scheduler."""

import os
import signal
import socket
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from ibcr_portal.demo.whole import is_wanted
from ibcr_portal.environment import number
from ibcr_portal.periodic_tasks import OF_DOCUMENTS, OF_MAIL, OF_SHORT_WORK
from ibcr_portal.processes import Child
from ibcr_portal.starting.key import is_over, welcome
from reports import libraries

WEB = [
    "gunicorn",
    "--config=python:ibcr_portal.web_server",
    "--threads=4",
    "--graceful-timeout=3",
    "--log-level=warning",
]
_WORKER = ["ibcr_portal.worker", "--loglevel=WARNING"]
WORKER = [*_WORKER, f"--queues={OF_DOCUMENTS}"]
SHORT_WORKER = [*_WORKER, f"--queues={OF_SHORT_WORK}"]
MAILER = [*_WORKER, f"--queues={OF_MAIL}"]
BEAT = ["ibcr_portal.scheduler", "--loglevel=WARNING"]

PEOPLE = settings.BASE_DIR / "ibcr_portal" / "demo" / "people.toml"
SECONDS_TO_STOP = 5
STEADY_AFTER = 10  # a child that lived so long did not fail at start
LONGEST_PAUSE = 30


class ProcessKeeper:
    """Keeps one child running: at once when it dies, with growing pauses when it fails at start."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.command = command
        self.pause = 0.5
        self.start()

    def start(self) -> None:
        self.started = time.monotonic()
        self.due: float | None = None
        self.child = Child(*self.command)

    def look(self) -> str:
        """Restart the child if it is time to, and return a message for the terminal, if there is
        one."""
        now = time.monotonic()
        if self.due is None and not self.child.running:
            self.child.kill()
            self.pause = (
                0.5 if now - self.started > STEADY_AFTER else min(self.pause * 2, LONGEST_PAUSE)
            )
            self.due = now + self.pause
            return f"{self.name} ended with {self.child.process.returncode}; it starts again."
        if self.due is not None and now >= self.due:
            self.start()
        return ""


class Command(BaseCommand):
    help = "Run web server, workers and scheduler; restart what dies; stop all with Ctrl-C."
    requires_system_checks = []  # they take a second; what is missing is printed below the address

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--port", type=int, default=number("PORT", default=8000))
        parser.add_argument(
            "--demo", action="store_true", help="Load the demonstration where nobody is yet."
        )
        parser.add_argument(
            "--tied", action="store_true", help="Stop when the process that started this one ends."
        )

    def handle(self, port: int, demo: bool, tied: bool, **options: Any) -> None:
        parent = os.getppid() if tied else None
        refuse_taken(port)
        Path(settings.CELERY_BEAT_SCHEDULE_FILENAME).parent.mkdir(parents=True, exist_ok=True)
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, stop)

        keepers = []
        try:
            self.prepare(demo)
            for name, command in (
                ("Web server", [*WEB, f"--bind=127.0.0.1:{port}"]),
                ("Worker of documents", WORKER),
                ("Worker of short work", SHORT_WORKER),
                ("Worker of mail", MAILER),
                ("Scheduler", BEAT),
            ):
                keepers.append(ProcessKeeper(name, command))
            self.watch(keepers, port, parent)
        except KeyboardInterrupt:
            self.say("Stopping …")
        finally:
            stop_all(keepers)

    def prepare(self, demo: bool) -> None:
        call_command("update", no_key=True)  # the greeting shows it, once there is a page for it
        if demo and is_wanted():
            self.say("Loading demonstration data …")
            call_command("load_demo")

    def watch(self, keepers: list[ProcessKeeper], port: int, parent: int | None) -> None:
        greeted = False
        while parent in {None, os.getppid()}:
            for keeper in keepers:
                if message := keeper.look():
                    self.stderr.write(message)
            if not greeted and answers(port):
                self.say("\n".join(greeting()))
                greeted = True
            time.sleep(0.2)

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()  # at once, also where the output is a file


def greeting() -> list[str]:
    lines = ["", f"The portal answers on {settings.SITE_URL}", *accounts()]
    if (found := libraries.ask()).missing:
        lines += [found.advice, ""]
    return [*lines, "Ctrl-C stops it."]


def accounts() -> list[str]:
    """Return the text on who can sign in, or with which key somebody takes the empty portal."""
    return demonstration_accounts() if is_over() else welcome()


def demonstration_accounts() -> list[str]:
    """Return a line for each role of the demonstration with its account; none without its data."""
    people = tomllib.loads(PEOPLE.read_text("utf-8"))
    known = set(User.objects.values_list("email", flat=True))
    lines = [
        f"  {account['role']:<15}{account['email']:<28}{account['name']}"
        for account in people["account"]
        if account["email"] in known
    ]
    if not lines:
        return []
    return [f"\nSign in as (password: {people['password']}):", *lines, ""]


def stop(number: int, frame: object) -> None:
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)  # a second Ctrl-C must not stop the stopping
    raise KeyboardInterrupt


def stop_all(keepers: list[ProcessKeeper]) -> None:
    for keeper in keepers:
        keeper.child.terminate()
    deadline = time.monotonic() + SECONDS_TO_STOP
    for keeper in keepers:
        keeper.child.wait(deadline - time.monotonic())


def refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OverflowError:
            raise CommandError(f"Port {port} does not exist: choose one up to 65535.") from None
        except OSError:
            raise CommandError(
                f"Port {port} is taken by another program. Choose another one: PORT=8001 make run"
            ) from None


def answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=2).close()
    except urllib.error.HTTPError:
        return True  # it answers, though unwell: the page says what is wrong
    except OSError:
        return False
    return True
