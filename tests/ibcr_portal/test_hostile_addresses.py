"""Whatever a browser can put into an address gets a page, never a server error."""

import re

import pytest
from django.db import transaction
from django.urls import get_resolver

from tests.world import World

pytestmark = pytest.mark.django_db

NUL = "\x00"
PLACES = [
    "/projects/%00/",
    "/projects/%00/edit/",
    "/projects/%00/activities/",
    "/projects/%00/results/1/",
    "/committees/new/%00/",
    "/plans/new/%00/",
    "/reports/new/%00/",
]
LISTS = [
    ("/projects/", ["q", "status"]),
    ("/projects/HN-1/budget/", ["period"]),
    ("/projects/HN-1/budget/expenditure/", ["q", "category", "period", "currency", "source"]),
    ("/partners/", ["q", "kind", "project"]),
    ("/partners/new/", ["project"]),
    ("/meetings/", ["project", "status", "state"]),
    ("/resolutions/", ["project", "status", "state", "kind", "q"]),
    ("/plans/", ["project", "status", "state"]),
    ("/reports/", ["project", "status"]),
    ("/access-log/", ["person", "kind", "since", "until"]),
    ("/verify/", ["code"]),
]


@pytest.fixture
def administrator(client):
    client.force_login(World().people["administrator"])
    return client


@pytest.mark.parametrize("place", PLACES)
def test_a_project_of_an_impossible_code_is_not_found(administrator, place):
    assert administrator.get(place).status_code == 404


@pytest.mark.parametrize(("page", "names"), LISTS, ids=[page for page, _names in LISTS])
@pytest.mark.parametrize("value", [NUL, "a\x00b", "9" * 30, "²", "\ufffd" * 3000], ids=ascii)
def test_a_filter_that_makes_no_sense_filters_nothing(administrator, page, names, value):
    for asked in ({name: value} for name in [*names, "page"]):
        assert administrator.get(page, asked).status_code == 200, asked


def pages_of_a_project(resolver=None, prefix="/"):
    """The addresses of all pages that need no more than the code of a project."""
    for pattern in (resolver or get_resolver()).url_patterns:
        place = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            if pattern.namespace != "admin":
                yield from pages_of_a_project(pattern, place)
        elif "^" not in place and set(re.findall(r"<(?:\w+:)?(\w+)>", place)) <= {"code"}:
            yield re.sub(r"<[^>]*code>", "HN-1", place)


NUMBERS = pytest.mark.parametrize("number", ["9" * 40, "9" * 5000, "0", "-1", "²", "٣"], ids=ascii)
OF_WHAT_IS_DUE = ["/due/", "/projects/HN-1/due/"]


@NUMBERS
def test_what_is_due_has_no_page_of_an_endless_number(client, number):
    assert failing(client, OF_WHAT_IS_DUE, number) == []


@pytest.mark.deep(part="hostile")
@NUMBERS
def test_a_list_has_no_page_of_an_endless_number(client, number):
    """By everybody who has lists of their own: each page answers, or is not theirs to see."""
    places = [*pages_of_a_project()]
    assert {*OF_WHAT_IS_DUE, "/access-log/", "/search/"} < set(places)

    assert failing(client, places, number) == []


def failing(client, places, number):
    people = World().people
    client.raise_request_exception = False
    failed = []
    for role in ("administrator", "coordinator", "auditor"):
        client.force_login(people[role])
        for place in places:
            with transaction.atomic():
                answer = client.get(place, {"page": number})
                if answer.status_code >= 500:
                    transaction.set_rollback(True)
                    failed.append((role, place))
    return failed
