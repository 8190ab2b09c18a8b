"""The worker asks the server of the organisation's accounts and tries the key of the seal, so that pages and
machines know what is wrong and wait for nobody."""

from datetime import timedelta
from time import monotonic

import pytest
from django.urls import reverse
from django.utils import timezone

from ibcr_portal.models import Watch
from ibcr_portal.observing import outside
from ibcr_portal.observing.machines import forget_state
from ibcr_portal.sign_in_environment import Oidc
from ibcr_portal.tasks import ask_others
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
    ask_others()

    assert Watch.objects.get().provider_failure == ""
    assert sign_in(client) == "ok"


def test_a_server_that_is_away_shows_on_the_page_until_it_is_back(provider, settings, client):
    well = settings.OIDC
    settings.OIDC = Oidc(url=f"http://127.0.0.1:{dead_port()}", name="Organisation")
    ask_others()

    assert sign_in(client) == "warn"
    client.force_login(UserFactory(is_staff=True, language="en"))
    page = client.get(reverse("system")).content.decode()
    assert "server does not answer as it should" in page

    settings.OIDC = well
    ask_others()
    assert sign_in(client) == "ok"


def test_a_server_that_says_nothing_holds_up_the_worker_for_seconds_and_no_page(
    provider, monkeypatch, client
):
    monkeypatch.setattr(outside, "SECONDS", 0.3)
    provider.answer = silent
    began = monotonic()
    ask_others()

    assert monotonic() - began < 5
    assert sign_in(client) == "warn"


def test_what_a_worker_found_that_is_silent_since_counts_no_more(provider, client):
    Watch.note(provider_failure="away", provider_asked_at=timezone.now() - timedelta(hours=1))

    assert sign_in(client) == "ok"


def test_a_key_of_the_seal_that_is_gone_shows_on_the_page(settings, client):
    ask_others()
    assert client.get("/health/ready").json()["checks"]["seal"]["status"] == "ok"

    settings.SEAL_KEY = "/nowhere/seal.p12"
    ask_others()
    forget_state()
    assert client.get("/health/ready").json()["checks"]["seal"]["status"] == "warn"
