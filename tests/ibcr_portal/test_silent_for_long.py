"""The whole portal while a service of others is silent and 500 messages wait: all else goes on in time, and
the page names the service. `make chaos ARGS=silent` plays it for longer (SILENT_SECONDS) and keeps a table.
"""

import json
import os
import time
import urllib.request
from pathlib import Path
from statistics import median

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from accounts.checkpoints import newest_in
from accounts.models import AccessEvent, OutgoingMail
from ibcr_portal.management.commands.portal import BEAT, WEB, WORKER
from ibcr_portal.models import SearchEntry, Watch
from scripts.services import free_port
from tests.conftest import Process, running
from tests.factories import ProjectFactory, UserFactory
from tests.ibcr_portal.test_queues import OPTIONS, until
from tests.mail_servers import mail_server, silent_server

pytestmark = [
    pytest.mark.deep(part="services"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(settings.EMBEDDED, reason="A portal on one machine has none of them."),
]

SECONDS = int(os.environ.get("SILENT_SECONDS", "150"))
# Seconds that each may be late. On a machine that others use as well all takes longer.
LIMITS = {"search": 5.0, "log": 300.0, "watch": 300.0}

ADDRESSES = {
    "mail": {"EMAIL_URL": "smtp://127.0.0.1:{port}"},
    "incoming": {
        "INBOUND_ADDRESS": "reply@example.org",
        "INBOUND_AUTHSERV_ID": "mx.example.org",
        "INBOUND_IMAP_URL": "imap+tls://someone:secret@127.0.0.1:{port}/INBOX",
    },
    "storage": {"STORAGE_URL": "s3+http://key:secret@127.0.0.1:{port}/bucket"},
    "sign-in": {
        "OIDC_URL": "http://localhost:{port}",
        "OIDC_NAME": "Organisation",
        "OIDC_CLIENT_ID": "portal",
        "OIDC_CLIENT_SECRET": "secret",
        "OIDC_DOMAINS": "example.org",
    },
    "timestamp": {
        "SEAL_TIMESTAMP_URL": "http://localhost:{port}",
        "SEAL_TIMESTAMP_CERTIFICATE": "/nowhere.pem",
    },
}


@pytest.fixture(params=["none", *ADDRESSES, "all"])
def silent(request, monkeypatch, static_files):
    """The names of the services that are silent; the other processes find them so."""
    names = {"none": [], "all": [*ADDRESSES]}.get(request.param, [request.param])
    with silent_server() as server, mail_server() as well:
        monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{well.port}")
        for name in names:
            for variable, address in ADDRESSES[name].items():
                monkeypatch.setenv(variable, address.format(port=server.port))
        yield request.param, names


@pytest.fixture
def portal(silent, tmp_path):
    """Web server, workers and scheduler; the address of the first."""
    if "storage" in silent[1]:  # final documents to be made, and files to be read
        call_command("load_demo", public_password=True, verbosity=0)
    port = free_port()
    processes = [
        Process([*WEB, "--workers=1", f"--bind=127.0.0.1:{port}"]),
        Process([*BEAT, f"--schedule={tmp_path}/schedule"]),
        Process(WORKER),
    ]
    both = running(["ibcr_portal.worker", *OPTIONS])
    last = next(both)
    yield f"http://127.0.0.1:{port}"
    both.close()
    for process in [last, *processes]:
        process.kill()


class Measure:
    """The longest that something took until it was done, looked at again and again."""

    def __init__(self, begin, is_done):
        self.begin, self.is_done = begin, is_done
        self.times = []
        self._start()

    def _start(self):
        self.began, self.thing = time.monotonic(), self.begin()

    def look(self):
        if self.is_done(self.thing):
            self.times.append(time.monotonic() - self.began)
            self._start()

    @property
    def longest(self):
        return max([*self.times, time.monotonic() - self.began])


def found_by_search(project):
    return SearchEntry.objects.filter(kind="project", thing=project.pk).exists()


def is_signed(event):
    newest = newest_in(Path(settings.ACCESS_LOG_CHECKPOINTS))
    return newest is not None and newest.sequence >= event.number


def new_event():
    return AccessEvent.record(AccessEvent.Kind.SIGN_IN_FAILED, user=None)


def look_at():
    return Watch.objects.values_list("looked_at", flat=True).first()


def named(url):
    try:
        with urllib.request.urlopen(f"{url}/health/ready", timeout=5) as answer:
            checks = json.load(answer)["checks"]
    except OSError:
        return set()
    return {key for key, one in checks.items() if one["status"] != "ok"}


def test_a_silent_service_delays_nothing_else_and_is_named(silent, portal):
    what, names = silent
    person = UserFactory()
    OutgoingMail.objects.bulk_create(
        OutgoingMail(person=person, address=f"m{number}@example.org", subject="x", text="x")
        for number in range(500)
    )
    first = Measure(ProjectFactory, found_by_search)
    until(lambda: first.look() or first.times, seconds=90)  # the workers have begun
    measures = {
        "search": Measure(ProjectFactory, found_by_search),
        "log": Measure(new_event, is_signed),
        "watch": Measure(timezone.now, lambda since: (look_at() or since) > since),
    }
    began, seen = time.monotonic(), {}
    while time.monotonic() < began + SECONDS:
        for measure in measures.values():
            measure.look()
        for name in named(portal):
            seen.setdefault(name, time.monotonic() - began)
        time.sleep(0.3)

    row = {
        "service": what,
        **{key: [one.longest, len(one.times)] for key, one in measures.items()},
        "median": median(measures["search"].times or [0]),
        "load": os.getloadavg()[0],
        "named": {name: round(seconds) for name, seconds in seen.items()},
        "left": OutgoingMail.objects.in_hand().count(),
    }
    if path := os.environ.get("SILENT_TABLE"):
        with Path(path).open("a") as table:
            table.write(json.dumps(row) + "\n")
    slow = max(1.0, row["load"] / (os.cpu_count() or 1))
    for key, limit in LIMITS.items():
        assert measures[key].longest <= limit * slow, row
    assert set(names) <= set(seen) <= {*names, "backup", "disk"}, row
