"""An access link opens one page for one purpose; opening it changes nothing."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from accounts.links import link_or_404, link_page, record_use
from accounts.models import AccessEvent, AccessLink
from ibcr_portal import urls as portal
from tests.factories import ProjectFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.test_links")]


@link_page("plan-review")
def review(request, link):
    """As an app writes such a page."""
    if request.method == "POST":
        record_use(link, answer="endorses")
        return HttpResponse("thank you")
    return render(
        request,
        "ibcr_portal/privacy.html",
        {"contact": link.thing, "log_days": 1, "records_years": 1, "proposal_months": 1},
    )


urlpatterns = [*portal.urlpatterns, path("link/<str:token>/", review)]
handler404 = portal.handler404


@pytest.fixture
def person():
    return UserFactory(full_name="Membre 01", language="es")


@pytest.fixture
def issue(person):
    def issue(purpose="plan-review"):
        return AccessLink.issue(person, purpose, ProjectFactory(short_title_fr="Secret"), by=None)

    return issue


def row_counts():
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def page_of(response):
    page = re.sub(r"<code>[0-9a-f]{12}</code>", "", response.content.decode())
    return response.status_code, page


def test_a_link_opens_its_page_without_signing_in(client, issue):
    link, token = issue()

    response = client.get(f"/link/{token}/")

    assert response.status_code == 200
    assert "_auth_user_id" not in client.session
    assert link_or_404(token, "plan-review") == link


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_a_link_changes_nothing(client, issue, method):
    _link, token = issue()
    before, links = row_counts(), list(AccessLink.objects.values())

    for _ in range(3):
        getattr(client, method)(f"/link/{token}/")

    assert row_counts() == before
    assert list(AccessLink.objects.values()) == links


def test_what_the_bearer_does_is_logged(client, issue, person):
    link, token = issue()

    client.post(f"/link/{token}/")

    event = AccessEvent.objects.first()
    assert (event.kind, event.key) == ("link", person.pseudonym.key)
    assert event.thing == link.thing
    assert event.details == {"purpose": "plan-review", "answer": "endorses"}


def test_a_link_page_is_kept_by_nobody(client, issue):
    _link, token = issue()

    headers = client.get(f"/link/{token}/").headers

    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Referrer-Policy"] == "strict-origin"


def test_the_page_speaks_the_language_of_its_person(client, issue):
    _link, token = issue()

    as_invited = client.get(f"/link/{token}/", headers={"accept-language": "fr"})
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    as_chosen = client.get(f"/link/{token}/")
    client.force_login(UserFactory(language="fr"))
    as_reader = client.get(f"/link/{token}/")

    found = [
        re.search('<html lang="(..)">', answer.content.decode())[1]
        for answer in (as_invited, as_chosen, as_reader)
    ]
    assert found == ["es", "en", "fr"]


def altered(link, token):
    return token[:-1] + ("A" if token[-1] != "A" else "B")


def expired(link, token):
    AccessLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    return token


def revoked(link, token):
    link.revoke()
    return token


def for_something_else(link, token):
    AccessLink.objects.filter(pk=link.pk).update(purpose="invitation-answer")
    return token


def of_somebody_inactive(link, token):
    link.user.is_active = False
    link.user.save()
    return token


def of_a_thing_that_is_gone(link, token):
    link.thing.delete()
    return token


SPOILT = [
    altered,
    expired,
    revoked,
    for_something_else,
    of_somebody_inactive,
    of_a_thing_that_is_gone,
    lambda link, token: token.swapcase(),
    lambda link, token: token + "=",
    lambda link, token: link.token_hash,
    lambda link, token: str(link.pk),
    lambda link, token: "%F0%9F%99%82",
    lambda link, token: "a" * 300,
]


def test_a_link_opens_until_the_moment_at_which_it_expires(issue):
    issued = datetime(2040, 1, 2, 15, tzinfo=UTC)
    with time_machine.travel(issued, tick=False):
        link, token = issue()

    def state(moment):
        with time_machine.travel(moment, tick=False):
            return link.is_valid, AccessLink.objects.opened_by(token, "plan-review")

    expires = issued + timedelta(days=30)
    assert state(expires - timedelta(seconds=1)) == (True, link)
    assert state(expires) == (False, None)


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_page_has_an_address_with_a_nul(client, issue, method):
    issue()
    before = row_counts()

    response = getattr(client, method)("/link/%00/")

    assert response.status_code == 404
    assert row_counts() == before


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("spoil", SPOILT)
def test_a_link_that_is_not_valid_says_no_more_than_that(client, issue, spoil, method):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    nothing = page_of(client.get("/link/nothing/"))
    link, token = issue()
    token = spoil(link, token)
    before = row_counts()

    response = getattr(client, method)(f"/link/{token}/")

    assert page_of(response) == nothing
    assert response.status_code == 404
    assert "This link is no longer valid" in response.content.decode()
    assert row_counts() == before


def test_the_token_itself_is_not_kept(issue):
    _link, token = issue()

    stored = [str(row) for row in AccessLink.objects.values_list()]

    assert stored
    assert not any(token in row for row in stored)


def test_each_link_has_a_token_of_its_own(issue):
    tokens = {issue()[1] for _ in range(20)}

    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 43
