"""The worker asks the server of the organisation's accounts and tries the key of the seal, so that pages and
machines know what is wrong and wait for nobody."""

from time import monotonic

import pytest
from django.urls import reverse
from django.utils import timezone

from ibcr_portal.observing import provider as asking
from ibcr_portal.observing.machines import forget_state
from ibcr_portal.sign_in_environment import Oidc
from ibcr_portal.tasks import probe_services, try_seal
from kernel.outages import Outage
from tests.factories import UserFactory
from tests.servers import Server, accounts, dead_port, running, silent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh():
    forget_state()
    yield
    forget_state()


@pytest.fixture
def provider(settings):
    server = Server(silent)
    url = f"http://127.0.0.1:{server.port}"
    server.answer = accounts(url)
    settings.OIDC = Oidc(url=url, name="Organisation")
    with running(server):
        yield server


def sign_in(client) -> str:
    forget_state()
    return client.get("/health/ready").json()["checks"]["sign-in"]["status"]


def test_a_server_that_answers_is_no_trouble(provider, client):
    probe_services()

    assert sign_in(client) == "ok"


def test_an_address_with_which_nobody_gets_in_is_a_fault(provider, settings, client):
    address = f"{settings.OIDC.url}/.well-known/openid-configuration"
    settings.OIDC = Oidc(url=address, name="Organisation")

    probe_services()

    assert sign_in(client) == "warn"


def test_a_server_that_is_away_shows_on_the_page_until_it_is_back(provider, settings, client):
    well = settings.OIDC
    settings.OIDC = Oidc(url=f"http://127.0.0.1:{dead_port()}", name="Organisation")
    probe_services()

    assert sign_in(client) == "warn"
    client.force_login(UserFactory(is_staff=True, language="en"))
    page = client.get(reverse("system")).content.decode()
    assert "server does not answer as it should" in page

    settings.OIDC = well
    Outage.objects.update(retry_at=timezone.now())
    probe_services()
    assert sign_in(client) == "ok"


def test_a_server_that_is_another_than_it_should_be_shows_on_the_page(provider, client):
    provider.answer = accounts("https://elsewhere.example.org")
    probe_services()

    assert sign_in(client) == "warn"


def test_a_server_that_says_nothing_holds_up_the_worker_for_seconds_and_no_page(
    provider, monkeypatch, client
):
    monkeypatch.setattr(asking, "SECONDS", 0.3)
    provider.answer = silent
    began = monotonic()
    probe_services()

    assert monotonic() - began < 5
    assert sign_in(client) == "warn"


def test_a_key_of_the_seal_that_is_gone_shows_on_the_page(settings, client):
    try_seal()
    assert client.get("/health/ready").json()["checks"]["seal"]["status"] == "ok"

    settings.SEAL_KEY = "/nowhere/seal.p12"
    try_seal()
    forget_state()
    assert client.get("/health/ready").json()["checks"]["seal"]["status"] == "warn"
