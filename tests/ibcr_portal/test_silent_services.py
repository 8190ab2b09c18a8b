"""A service of others that takes a connection and says nothing: it is named, and nothing waits for it."""

import time
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.storage import storages
from django.utils import timezone
from django.utils.translation import override

from accounts.mail_in.imap import fetch_mail
from ibcr_portal.doctor import machine
from ibcr_portal.environment import Mailbox, storage
from ibcr_portal.models import Watch
from ibcr_portal.observing import alerts, clocks, probes
from ibcr_portal.observing.machines import forget_state
from ibcr_portal.sign_in_environment import Oidc
from kernel import outages
from kernel.installation_row import Installation
from kernel.outages import Outage
from kernel.storage import StorageAway
from tests.factories import UserFactory
from tests.mail_servers import mail_server, silent_server

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh():
    forget_state()
    yield
    forget_state()


@pytest.fixture
def silent():
    with silent_server() as found:
        yield found


@pytest.fixture
def port(silent):
    return silent.port


def of_mail(settings, port):
    settings.SENDS_MAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_USER = "127.0.0.1", port, ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    # Somebody's message found it away; from then on the portal asks by itself.
    Outage.objects.create(
        service="mail", reason="x", retry_at=timezone.now() - timedelta(seconds=1)
    )


def of_incoming(settings, port):
    settings.INBOUND_ADDRESS = "reply@example.org"
    settings.INBOUND_MAILBOX = Mailbox(url=f"imap://u:p@127.0.0.1:{port}")


def of_storage(settings, port, monkeypatch):
    monkeypatch.setenv("STORAGE_URL", f"s3+http://key:secret@127.0.0.1:{port}/bucket")
    settings.STORAGES = {**settings.STORAGES, "default": storage()}


def of_sign_in(settings, port):
    settings.OIDC = Oidc(url=f"http://127.0.0.1:{port}", name="x", domains=("example.org",))


def of_timestamp(settings, port):
    settings.SEAL_TIMESTAMP_URL = f"http://127.0.0.1:{port}"


SILENT = {
    "mail": (of_mail, "The mail server takes no messages."),
    "incoming": (of_incoming, "The mailbox for answers by e-mail cannot be read."),
    "storage": (of_storage, "Stored files cannot be reached."),
    "sign-in": (of_sign_in, "The organisation's server does not answer as it should."),
    "timestamp": (
        of_timestamp,
        "The timestamp server does not answer: documents are sealed without its time.",
    ),
}


@pytest.fixture(params=list(SILENT))
def service(request, settings, port, monkeypatch):
    """The name of a service that is silent."""
    monkeypatch.setattr("accounts.mail_in.imap.SECONDS", 1)
    set_up = SILENT[request.param][0]
    set_up(settings, port, monkeypatch) if request.param == "storage" else set_up(settings, port)
    return request.param


def test_it_is_named_to_machines_and_to_the_administrator(service, client, settings, silent):
    settings.EMBEDDED = True  # nobody expects a backup
    client.force_login(UserFactory(is_staff=True, language="en"))

    fetch_mail()
    probes.probe()

    assert silent.asked == 1
    checks = client.get("/health/ready").json()["checks"]
    page = unescape(client.get("/system/").text)
    alerts.look()
    assert silent.asked == 1  # none of them asks the service itself
    assert [key for key, one in checks.items() if one["status"] != "ok"] == [service]
    assert SILENT[service][1] in page
    assert "No answer for 0 minutes" in page


@override("en")
@pytest.mark.parametrize("service", sorted(set(SILENT) - {"storage"}), indirect=True)
def test_doctor_names_it(service):
    fetch_mail()
    probes.probe()

    assert SILENT[service][1] in [finding.sentence for finding in machine.work()]


def test_while_it_is_silent_it_is_asked_once_a_minute(service, silent):
    for _ in range(3):
        fetch_mail()
        probes.probe()

    assert silent.asked == 1


def test_once_it_answers_it_is_named_no_more(settings):
    with silent_server() as silent:
        of_mail(settings, silent.port)
        probes.probe()
    assert outages.began("mail")
    with mail_server() as server:
        settings.EMAIL_PORT = server.port
        Outage.objects.update(retry_at=timezone.now())

        probes.probe()

    assert not outages.began("mail")


def test_a_service_that_the_portal_no_longer_uses_is_named_no_more(settings):
    Outage.objects.create(service="timestamp", reason="x", retry_at=timezone.now())
    settings.SEAL_TIMESTAMP_URL = ""

    probes.probe()

    assert not Outage.objects.exists()


def test_one_page_waits_for_a_silent_storage_and_not_one_after_the_other(
    settings, silent, monkeypatch
):
    of_storage(settings, silent.port, monkeypatch)
    found = storages.create_storage(settings.STORAGES["default"])
    quick = found.client_config.merge(type(found.client_config)(read_timeout=2))
    found.client_config = quick
    with pytest.raises(StorageAway):
        found.open("a")

    asked = silent.asked
    for _ in range(5):
        with pytest.raises(StorageAway):
            found.open("a")

    assert silent.asked == asked


# --- Clocks, and a scheduler that never ran ---------------------------------------------------------


def checks(client):
    forget_state()
    return client.get("/health/ready").json()["checks"]


def test_a_clock_that_is_not_the_databases_is_reported(client, monkeypatch):
    assert checks(client)["clock"] == {"status": "ok", "seconds_ahead": 0, "others_apart": 0}

    monkeypatch.setattr("ibcr_portal.observing.clocks.ahead", lambda moment: 21.0)

    assert checks(client)["clock"]["status"] == "warn"


def test_of_the_workers_that_answer_those_are_counted_whose_clock_is_wrong(monkeypatch, caplog):
    now = time.time()
    times = {"mail@a": now + 1, "mail@b": now - 21, "short@c": now + 3600}
    monkeypatch.setattr(clocks, "_times", lambda: times)

    alerts.look()

    assert Watch.objects.get().clocks_apart == 2
    assert "The clock of mail@b is -21 s off that of the database" in caplog.text


@pytest.mark.parametrize(("minutes", "expected"), [(10, "ok"), (16, "warn")])
def test_a_scheduler_that_has_never_run_is_named(client, minutes, expected):
    Installation.ours()
    Installation.objects.update(since=timezone.now() - timedelta(minutes=minutes))
    Watch.objects.all().delete()
    client.force_login(UserFactory(is_staff=True, language="en"))

    found = checks(client)

    assert found["worker"] == {"status": expected, "seconds": None}
    page = client.get("/system/").text
    assert ("The scheduler has never run" in page) is (expected == "warn")
