"""Bytes over the wire as the browser counts them: connections in Honduras may be slow."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.deep(part="browser")]

FIRST, NEXT = 52_000, 13_000  # of the next pages, one fetches its documents behind it


@pytest.fixture
def transactional_db(demonstration):
    """The demonstration stays from one test to the next: they only read."""


class Scale:
    """What the pages of a browser cost, caches counted as the browser uses them."""

    def __init__(self, page) -> None:
        self.page, self.bytes = page, 0
        self.wire = page.context.new_cdp_session(page)
        self.wire.on("Network.loadingFinished", self.add)
        self.wire.send("Network.enable")

    def add(self, event) -> None:
        self.bytes += event["encodedDataLength"]

    def weigh(self, url: str) -> int:
        self.bytes = 0
        assert self.page.goto(url, wait_until="networkidle").ok
        return int(self.bytes)


@pytest.mark.parametrize(("role", "url"), [("visitor", "/accounts/login/"), ("coordinator", "/")])
def test_the_first_visit(reader_of, demonstration, role, url):
    weight = Scale(reader_of(role)).weigh(url)

    assert 10_000 < weight <= FIRST


def test_the_next_pages(reader_of, demonstration):
    scale = Scale(reader_of("coordinator"))
    scale.weigh("/accounts/password/change/")  # a page with what all have in common
    pages = {
        "home": "/",
        "project": demonstration.history.get_absolute_url(),
        "meeting": demonstration.held.get_absolute_url(),
        "plan": demonstration.presented.get_absolute_url(),
        "reports": "/reports/",
    }

    weights = {name: scale.weigh(url) for name, url in pages.items()}

    assert min(weights.values()) > 1_000
    assert {name: weight for name, weight in weights.items() if weight > NEXT} == {}
