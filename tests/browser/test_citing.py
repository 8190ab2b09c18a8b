"""Evidence is found and put into the text of a section, with a mouse or the keyboard alone."""

import pytest
from playwright.sync_api import expect

from tests.factories import RecommendationFactory, ReportFactory
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
]


def test_a_code_is_put_where_the_cursor_is(open_page):
    world = World()
    RecommendationFactory(agenda_item=world.item, number="2020-R1", text_fr="Former les équipes.")
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])
    url = f"{report.get_absolute_url()}sections/governance/fr/"
    page = open_page(url, user=world.people["coordinator"], language="en")
    text = page.locator("textarea")
    text.fill("Selon, oui.")
    text.evaluate("field => field.setSelectionRange(5, 5)")

    page.get_by_label("Find in this list").fill("equipes")
    expect(page.locator(".rows > li:visible")).to_have_count(1)
    page.get_by_role("button", name="Insert Recommendation 2020-R1").focus()
    page.keyboard.press("Enter")

    expect(text).to_have_value("Selon [[D 2020-R1]], oui.")
    expect(text).to_be_focused()
    page.get_by_label("Find in this list").fill("xyzzy")
    expect(page.get_by_text("Nothing in this list contains these words.")).to_be_visible()
    page.get_by_label("Find in this list").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#evidence")).to_contain_text("Recommendation 2020-R1")


def test_without_javascript_the_codes_are_there_to_be_copied(open_page):
    world = World()
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])
    url = f"{report.get_absolute_url()}sections/governance/fr/"
    page = open_page(
        url, user=world.people["coordinator"], language="en", java_script_enabled=False
    )

    expect(page.get_by_text("[[D 2020-01]]", exact=True)).to_be_visible()
    expect(page.get_by_label("Find in this list")).to_be_hidden()
    expect(page.get_by_role("button", name="Insert")).to_have_count(0)
