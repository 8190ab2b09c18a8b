"""What all tests share: the live portal, a real worker, a real browser.

PostgreSQL and Redis come from `scripts/services.py`; see `ibcr_portal/settings_test.py`.
Processes that tests start are the portal's own, on its real settings and the test database.
"""

import gc
import math
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from fcntl import LOCK_EX, flock
from pathlib import Path
from zoneinfo import ZoneInfo

import hypothesis
import psycopg2
import pytest
import time_machine
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.forms import BaseForm
from django.test import Client, TransactionTestCase
from django.utils import translation
from playwright.sync_api import sync_playwright

from ibcr_portal.management.commands.portal import MAILER, SHORT_WORKER, WEB, WORKER
from ibcr_portal.periodic_tasks import QUEUES
from ibcr_portal.processes import Child
from kernel.apertium import close_idle
from kernel.models import Organisation
from kernel.organisation import forget, keep
from kernel.stamps import STAMP
from projects.first_dimensions import bring
from projects.models import Dimension
from scripts.deep import PARTS
from scripts.services import free_port
from tests import recording
from tests.organisations import example_organisation
from tests.selection import ModuleByModule, import_all, later_cases
from tests.triggers import triggers_off

# Fifteen examples find what every example would show; `make deep` looks for the rare one.
hypothesis.settings.register_profile("quick", max_examples=15, deadline=None)
hypothesis.settings.register_profile("full", max_examples=300, deadline=None)
hypothesis.settings.load_profile("quick")

# Nothing that is imported or collected goes before the tests begin (`pytest_collection_finish`).
gc.disable()

STATIC_ROOT = settings.BASE_DIR / "var" / "tests" / "static"
LIVE_PORT = free_port()
LIVE_URL = f"http://localhost:{LIVE_PORT}"

WIDTHS = {"phone": (390, 844), "desktop": (1280, 900)}
LOCALES = {"fr": "fr-CA", "es": "es-HN", "en": "en-CA"}
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but this machine can be reached, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


def pytest_addoption(parser):
    parser.addoption(
        "--write-access", action="store_true", help="write tests/access.csv as the portal answers"
    )
    parser.addoption(
        "--write-frozen",
        action="store_true",
        help="write tests/frozen/kept of formats that are new (docs/frozen-content.md)",
    )
    parser.addoption(
        "--write-journeys", action="store_true", help="write docs/journeys.md as it was measured"
    )
    parser.addoption("--write-words", help="the folder of `scripts/words.py write`")
    parser.addoption(
        "--cases",
        type=int,
        help="of a test on the database or of documents with more cases, leave the others to "
        "`make deep PART=cases`",
    )


def pytest_xdist_make_scheduler(config, log):
    return ModuleByModule(config, log) if config.option.dist == "loadscope" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session):
    """Every process imports all modules, and compiles those that none has compiled before. So each
    begins with others of them."""
    worker = getattr(session.config, "workerinput", None)
    if worker and session.config.args == session.config.getini("testpaths"):
        import_all(int(worker["workerid"].removeprefix("gw")) / worker["workercount"])


@pytest.hookimpl(tryfirst=True)  # before pytest reads the marks
def pytest_collection_modifyitems(config, items):
    if config.option.cases:
        for item in later_cases(items, config.option.cases):
            item.add_marker(pytest.mark.deep(part="cases"))
    for item in items:
        for mark in item.iter_markers("deep"):
            if mark.kwargs.get("part") not in PARTS:
                raise pytest.UsageError(f"{item.nodeid}: no part of scripts/deep.py runs it.")


def pytest_collection_finish():
    """What is imported by now stays: the garbage collector need not look at it again and again,
    and of what comes it need not look at every two thousandth object."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 10, 10)
    gc.enable()


def pytest_sessionfinish():
    """Else Python complains of them when it ends."""
    close_idle(0)


class ReadingClient(Client):
    """Sends a form once more, with the stamp that the answer gave it, where a test sent only what
    it is about: as somebody does who is asked to look again (`kernel.stamps`)."""

    def post(self, path, data=None, *args, **kwargs):
        answer = super().post(path, data, *args, **kwargs)
        forms = [form for form in forms_of(answer) if form.has_error("__all__", "no_stamp")]
        if not forms:
            return answer
        for file in data.values():
            if hasattr(file, "seek"):
                file.seek(0)
        stamps = {form.add_prefix(STAMP): form[STAMP].value() for form in forms}
        return super().post(path, {**data, **stamps}, *args, **kwargs)


def forms_of(answer) -> list[BaseForm]:
    """The forms that a page was rendered with."""
    contexts = [one for context in answer.context or [] for one in getattr(context, "dicts", [])]
    found = [value for one in contexts for value in one.values() if isinstance(value, BaseForm)]
    return list({id(form): form for form in found}.values())


@pytest.fixture
def client():
    return ReadingClient()


@pytest.fixture(autouse=True)
def in_french():
    """Requests leave their language behind; each test starts in the portal's own."""
    with translation.override("fr"):
        yield


@pytest.fixture(autouse=True)
def organisation(monkeypatch):
    """Whose portal it is, as this process would have read it just now: in a test no page asks for
    it anew. Somebody has an account, too, as in every portal but a new one."""
    monkeypatch.setattr("ibcr_portal.starting.key._over", True)
    yield keep(example_organisation(), seconds=math.inf)
    forget()


@pytest.fixture
def still_today(request):
    """For a module with a constant TODAY: the day goes on, even if the tests run past midnight."""
    day = request.module.TODAY
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(settings.TIME_ZONE))
    with time_machine.travel(noon):
        yield


@pytest.fixture(autouse=True)
def nothing_written():
    """`recorded` asks what a test did before."""
    recording.steps.clear()


@pytest.fixture(autouse=True)
def empty_cache(request, django_db_blocker):
    """Rate limits count in the cache: no test may use up another's."""
    if settings.REDIS_URL or "django_db_setup" in request.fixturenames:
        with django_db_blocker.unblock():
            cache.clear()


# --- One migrated database for all test processes -----------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix, request, django_db_blocker
):
    """Of several test processes on PostgreSQL the first runs the migrations; all copy the outcome.
    With --reuse-db a database that is there is brought up to date instead."""
    workers = getattr(request.config, "workerinput", None)
    if not workers or connection.vendor != "postgresql" or is_reused(request.config):
        yield
        return
    name = f"portal_template_{workers['testrunuid']}"
    with django_db_blocker.unblock(), closing(psycopg2.connect(server_url("postgres"))) as server:
        server.autocommit = True
        cursor = server.cursor()
        cursor.execute("SELECT pg_advisory_lock(1)")  # the others wait here until it is made
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            cursor.execute(f'CREATE DATABASE "{name}"')
            migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
            subprocess.run(
                migrate,
                check=True,
                cwd=settings.BASE_DIR,
                env=environment() | {"DATABASE_URL": server_url(name)},
            )
        cursor.execute("SELECT pg_advisory_unlock(1)")
    settings.DATABASES["default"]["TEST"]["TEMPLATE"] = name
    yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The last run may have emptied a database that is used again; what a migration wrote into it
    comes back. Tests that commit leave the database as it is now."""
    with django_db_blocker.unblock():
        if not Dimension.objects.exists():
            bring(apps)
        if not Organisation.objects.exists():
            example_organisation().save()
        connection.execute_wrappers.append(recording.note_writing)
        with pytest.MonkeyPatch.context() as patch:
            if connection.vendor == "postgresql":
                migrated = recording.rows_of_database()
                patch.setattr(
                    TransactionTestCase,
                    "_fixture_teardown",
                    lambda case: recording.restore(migrated),
                )
            else:
                patch.setattr(TransactionTestCase, "_fixture_teardown", flush_without_triggers)
            yield


FLUSH = TransactionTestCase._fixture_teardown


def flush_without_triggers(case):
    """Triggers of the first migration keep rows that a test committed. What it wrote comes
    back."""
    with triggers_off():
        FLUSH(case)
    bring(apps)
    example_organisation().save()


@pytest.fixture(scope="session")
def empty_database():
    """What a module calls that committed more than its tests."""
    return TransactionTestCase()._fixture_teardown


def is_reused(config) -> bool:
    if not config.getoption("reuse_db") or config.getoption("create_db"):
        return False
    own = [connection.settings_dict["TEST"]["NAME"]]
    with closing(psycopg2.connect(server_url("postgres"))) as server, server.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", own)
        return cursor.fetchone() is not None


def server_url(name: str) -> str:
    return "postgres://{USER}@{HOST}:{PORT}/{}".format(name, **connection.settings_dict)


# --- Processes of the portal --------------------------------------------------------------


class Process:
    """A process of the portal, its log, and the server errors in it."""

    def __init__(self, command: list[str]) -> None:
        self.command = command
        self.log = Path(settings.VAR) / f"{time.monotonic_ns()}.log"
        self.start()

    def start(self) -> None:
        with self.log.open("a") as log:
            self.child = Child(*self.command, env=environment(), stdout=log, stderr=log)

    def wait_until(self, ready: Callable[[], bool]) -> None:
        for _ in range(900):
            if ready():
                return
            assert self.child.running, self.log.read_text()
            time.sleep(0.1)
        raise AssertionError(f"Not ready after 90 s:\n{self.log.read_text()}")

    def kill(self) -> None:
        """kill -9, as a machine that loses power would."""
        self.child.kill()

    def stop(self) -> None:
        self.child.terminate()
        self.child.wait(5)


def environment() -> dict[str, str]:
    """The real settings, on the test database; the rest is in the environment already."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        url = "postgres://{USER}@{HOST}:{PORT}/{NAME}".format(**database)
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "ibcr_portal.settings",
        "DATABASE_URL": url,
        "SITE_URL": LIVE_URL,
        "STATIC_ROOT": str(STATIC_ROOT),
    }


@pytest.fixture(scope="session")
def static_files():
    """Collected once for all test processes and runs, and again only after they changed."""
    STATIC_ROOT.parent.mkdir(parents=True, exist_ok=True)
    with STATIC_ROOT.with_suffix(".lock").open("w") as lock:
        flock(lock, LOCK_EX)  # the others wait here until they are there
        update = [sys.executable, "manage.py", "update", "--static"]
        subprocess.run(update, check=True, cwd=settings.BASE_DIR, env=environment())
    return STATIC_ROOT


@pytest.fixture(scope="session")
def web_server(django_db_setup, static_files):
    """The portal's own web server with collected static files, once for all tests."""
    server = Process([*WEB, "--workers=1", f"--bind=127.0.0.1:{LIVE_PORT}"])
    server.url = LIVE_URL
    server.wait_until(lambda: answers(f"{LIVE_URL}/health/"))
    yield server
    server.stop()


@pytest.fixture
def live_portal(web_server, transactional_db, settings):
    """The running portal (`live_portal.url`); a server error during the test fails it."""
    settings.SITE_URL = LIVE_URL
    before = web_server.log.stat().st_size
    yield web_server
    with web_server.log.open() as log:
        log.seek(before)
        news = log.read()
    assert "Traceback" not in news, news


@pytest.fixture
def celery_worker(transactional_db):
    """A real worker on the real broker. `kill()` and `start()` it as often as you like."""
    yield from running(WORKER)


@pytest.fixture
def mailer(transactional_db):
    """The same for what talks with mail servers."""
    yield from running(MAILER)


@pytest.fixture
def short_worker(transactional_db):
    """The same for short work."""
    yield from running(SHORT_WORKER)


def running(command):
    with current_app.connection_for_write() as broker:
        for queue in QUEUES:  # what a test before left would take up the work of this one
            broker.default_channel.queue_purge(queue)
    worker = Process([*command, "--loglevel=INFO"])
    worker.wait_until(lambda: "ready." in worker.log.read_text())
    yield worker
    worker.kill()


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except OSError:
        return False
    return True


# --- Browser ------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium():
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    assert program, "Browser tests need Chromium: install the package chromium."
    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, live_portal):
    """A function that opens a page of the live portal, as a person on a device:

    open_page("/projects/", user=coordinator, width="phone", language="es")

    Whatever a page complains about (a script error, a refused style) fails the test.
    """
    contexts, complaints = [], []

    def open_page(path="/", *, user=None, width="desktop", language="fr", **options):
        width, height = WIDTHS[width]
        context = chromium.new_context(
            base_url=live_portal.url,
            viewport={"width": width, "height": height},
            locale=LOCALES[language],
            **options,
        )
        contexts.append(context)
        if user is not None:
            context.add_cookies([signed_in(user)])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.extend(refusals(message.text)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def refusals(text: str) -> list[str]:
    return [text] if "Content Security Policy" in text else []


def signed_in(user) -> dict:
    """The session cookie of a person who signed in already."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    return {"name": cookie.key, "value": cookie.value, "url": LIVE_URL}
