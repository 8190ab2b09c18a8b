"""The main ways without JavaScript, and with the keyboard alone."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import AccessLink
from committees.plans.services.review import PURPOSE
from reports.models import Section
from tests.factories import PASSWORD, ReportFactory
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
]

# The focused element, and whether somebody sees that it is.
FOCUS = """() => {
  const node = document.activeElement, box = node.getBoundingClientRect()
  const style = getComputedStyle(node)
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
  return {
    what: node.tagName + ' ' + (node.innerText || node.name || '').trim(),
    ring: ring || style.boxShadow !== 'none',
    inside: box.width > 1 && box.bottom > 0 && box.top < innerHeight,
  }
}"""


@pytest.fixture
def world():
    return World()


def test_sign_in_write_and_sign_out_without_javascript(open_page, world, with_password):
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])
    page = open_page(report.get_absolute_url(), language="en", java_script_enabled=False)
    page.get_by_label("Email").fill(with_password(world.people["coordinator"]).email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    page.get_by_role("link", name="Write Context", exact=True).click()
    page.get_by_role("main").get_by_role("textbox").fill("The **context**.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".prose strong")).to_have_text("context")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("My account: Rôle — coordinator").click()
    page.get_by_role("button", name="Sign out").click()

    assert Section.objects.get().text == "The **context**."
    page.goto("/")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_who_came_by_a_link_chooses_a_language(open_page, world):
    """The check of forms refuses the button if the browser does not say where it comes from, as it
    does for pages that send no referrer at all."""
    _link, token = AccessLink.issue(world.people["partner"], PURPOSE, world.plan, by=None)
    page = open_page(reverse("committees:plan-link", args=[token]), java_script_enabled=False)

    page.locator("header details.menu > summary").click()
    page.get_by_role("button", name="Español").click()

    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page).to_have_url(re.compile("/plans/link/"))


def test_the_keyboard_alone_leads_in_and_shows_where_it_is(open_page, world, with_password):
    page = open_page("/accounts/login/", language="en")
    page.get_by_label("Email").focus()
    page.keyboard.type(with_password(world.people["coordinator"]).email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()

    for path in ("/", world.meeting.get_absolute_url(), world.plan.get_absolute_url()):
        page.goto(path)
        stops = list(stops_of(page))

        assert stops[0]["what"] == "A Skip to the content"
        assert [stop for stop in stops if not (stop["ring"] and stop["inside"])] == []
        assert len({stop["what"] for stop in stops}) > 8, "the focus is caught"


def stops_of(page):
    """Where the focus stands after each press of Tab, once around the page."""
    for _ in range(60):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop["what"].startswith("BODY"):
            return
        yield stop


def test_what_was_typed_is_there_again_on_the_way_back(open_page, world):
    page = open_page(
        f"/projects/{world.project.code}/edit/",
        user=world.people["coordinator"],
        language="fr",
    )
    field = page.locator("form[method=post] input[type=text]").first
    field.fill("Un nom à moitié écrit")
    page.goto("/")
    kept = page.evaluate(
        "Object.keys(sessionStorage).filter(key => key.startsWith('portal-typed'))"
    )

    page.go_back()

    assert kept == [f"portal-typed:/projects/{world.project.code}/edit/"]
    expect(field).to_have_value("Un nom à moitié écrit")


def test_a_word_about_unsaved_text_stays_while_the_page_asks_the_server(open_page, world):
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])
    path = f"{report.get_absolute_url()}sections/context/en/"
    page = open_page(path, user=world.people["coordinator"], language="en")
    page.get_by_role("main").get_by_role("textbox").fill("Half a thought")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/")
    page.goto(path)
    discard = page.get_by_role("status").get_by_role("button")
    expect(discard).to_be_visible()

    with page.expect_response(lambda response: response.request.method == "POST"):
        page.get_by_role("group").get_by_role("button", name="Preview").click()
    expect(page.locator(".md-preview")).to_contain_text("Half a thought")

    expect(discard).to_be_visible()
