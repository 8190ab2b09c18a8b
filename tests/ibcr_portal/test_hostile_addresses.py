"""Whatever a browser can put into an address gets a page, never a server error."""

import pytest

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
