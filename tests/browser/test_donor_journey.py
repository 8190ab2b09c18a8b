"""The donor's journey: from the message to the text, a comment, the data behind a figure, and acceptance."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import expect

from reports.models import Report
from reports.services.steps import sign_off, submit_report
from reports.services.writing import save_section
from tests.factories import DataPointFactory, ReportFactory, SectionFactory
from tests.reports.shelves import finish_files
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def submitted():
    world = World()
    by = world.people["coordinator"]
    report = ReportFactory(period=world.year, written_by=by)
    for kind, value in (("target", 120), ("actual", 134)):
        DataPointFactory(
            indicator=world.indicator, period=world.year, kind=kind, numerator=value, comment=""
        )
    SectionFactory(report=report, kind="context", language="en", text="The context changed.")
    text = "See [[I 1100.1]] and [[D 2020-01|the decision]]."
    save_section(report, "lessons", "en", text, seen_version=0, by=by)
    report.take("review", by=by)
    sign_off(report, by=world.people["monitoring"], why="The year is not over yet.")
    submit_report(report, by=by, why="French follows.")
    report.world = world
    return report


@pytest.mark.parametrize("width", [360, 1366])
def test_from_the_message_to_the_acceptance(open_page, submitted, width):
    donor = submitted.world.people["donor"]
    page = open_page(link_in_message_to(donor), user=donor, language="en")
    page.set_viewport_size({"width": width, "height": 800})

    # The text is there before its files, and cannot be accepted yet.
    expect(page.get_by_text("The files are being prepared").first).to_be_visible()
    expect(page.get_by_role("link", name="Accept the report")).to_have_count(0)
    if width == 360:
        page.get_by_text("Contents").first.click()
    page.get_by_role("link", name=re.compile("Context$")).first.click()
    expect(page.get_by_text("The context changed.")).to_be_in_viewport()
    assert fits(page)

    # A comment at a section, and back beside it.
    page.locator("#lessons").get_by_role("link", name="Comment Lessons learned").click()
    page.get_by_label("Remark").fill("What will you do differently?")
    page.get_by_role("button", name="Record the remark").click()
    said = page.locator("#lessons").get_by_text("What will you do differently?")
    expect(said).to_be_in_viewport()

    # From a figure to what is behind it, and from a citation to its record and back.
    page.locator("#progress").get_by_role("link", name="The data behind it").first.click()
    expect(page.get_by_role("heading", name="What the report says")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Excel").click()
    assert waiting.value.suggested_filename.startswith("HN-1 Report 1 ")
    page.go_back()
    page.locator("#lessons").get_by_role("link", name="[Indicator 1100.1]").click()
    page.get_by_role("link", name="The whole chain").click()
    expect(page.get_by_role("heading", name="Reported in")).to_be_visible()
    page.get_by_role("link", name="Lessons learned · Indicator 1100.1").click()
    expect(page.locator("#lessons").get_by_text("the decision")).to_be_in_viewport()
    assert fits(page)

    finish_files(submitted)
    page.reload()
    page.get_by_role("link", name="Accept the report").click()
    page.get_by_role("button", name="Accept the report").click()
    expect(page.get_by_text("The report was accepted.")).to_be_visible()
    assert Report.objects.get(pk=submitted.pk).accepted_on


def link_in_message_to(person) -> str:
    """The address behind the button of the message, without the name of the host."""
    [message] = [one for one in mail.outbox if person.email in one.to]
    found = re.search(r"https?://[^/\s]+(/reports/\d+/read/)", message.body)
    assert found, message.body
    assert found[1] == reverse("reports:read", args=[Report.objects.get().pk])
    return found[1]


def fits(page) -> bool:
    """Whether nothing is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")
