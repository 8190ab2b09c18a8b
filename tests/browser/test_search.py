"""The search in a browser: by keyboard, on a phone, and without JavaScript."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from ibcr_portal.kinds import SOURCES
from ibcr_portal.models import SavedSearch
from ibcr_portal.search.writing import write_changed
from tests.factories import RiskFactory
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
]
PHONE = 360


@pytest.fixture
def world():
    world = World()
    for name in ("Jaguar herido", "Jaguar joven"):
        RiskFactory(project=world.project, definition_es=name, definition_en=name)
    write_changed(SOURCES, 1_000)
    return world


@pytest.fixture
def coordinator(world):
    world.people["coordinator"].keep_language("en")
    return world.people["coordinator"]


def test_the_field_is_a_combobox_for_the_keyboard(open_page, coordinator):
    page = open_page("/", user=coordinator, language="en")
    field = page.get_by_role("combobox", name="Search")
    expect(field).to_have_attribute("aria-expanded", "false")

    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("jagu")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options).to_have_count(3)  # two risks, and all results
    expect(field).to_have_attribute("aria-expanded", "true")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "quick-1")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")

    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_have_attribute("aria-expanded", "false")

    page.keyboard.type("a")
    expect(options).to_have_count(3)
    address = options.nth(0).get_attribute("href")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")


def test_enter_without_a_choice_lists_all_results(open_page, coordinator):
    page = open_page("/", user=coordinator, language="en")

    page.keyboard.press("/")
    page.keyboard.type("jaguar")
    page.keyboard.press("Enter")

    page.wait_for_url("**/search/?q=jaguar")
    expect(page.locator("mark", has_text="Jaguar")).to_have_count(2)


def test_the_field_offers_actions_and_pages(open_page, world, coordinator):
    page = open_page("/", user=coordinator, language="en")

    page.keyboard.press("/")
    page.keyboard.type("new mee")
    page.get_by_role("option", name="New meeting").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{reverse('committees:meeting-create', args=[world.committee.pk])}")


def test_the_key_is_no_trap_while_somebody_types_and_can_be_switched_off(open_page, coordinator):
    page = open_page(reverse("search"), user=coordinator, language="en")
    own = page.get_by_label("Search for")
    own.click()
    page.keyboard.type("a/b")
    expect(own).to_have_value("a/b")

    page.goto(reverse("help-keys"))
    page.get_by_label("Use this key on this device").first.uncheck()
    page.goto("/")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search")).not_to_be_focused()


def test_filters_narrow_down_at_once(open_page, coordinator):
    page = open_page(f"{reverse('search')}?q=jaguar", user=coordinator, language="en")

    page.get_by_label("Kind").select_option("risk")

    page.wait_for_url("**kind=risk**")
    expect(page.locator("#results .rows > li")).to_have_count(2)


def test_a_search_is_saved_and_removed(open_page, coordinator):
    page = open_page(f"{reverse('search')}?q=jaguar", user=coordinator, language="en")

    page.get_by_role("button", name="Save this search").click()
    saved = page.locator("section", has=page.get_by_role("heading", name="Saved searches"))
    expect(saved.get_by_role("link", name="jaguar")).to_be_visible()
    assert SavedSearch.objects.count() == 1

    saved.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The search was removed.")).to_be_visible()
    assert not SavedSearch.objects.exists()


def test_recent_searches_stay_on_the_device_until_sign_out(open_page, coordinator):
    page = open_page(f"{reverse('search')}?q=jaguar", user=coordinator, language="en")
    page.goto(f"{reverse('search')}?q=herido")
    page.goto(reverse("search"))

    recent = page.locator(
        "section", has=page.get_by_role("heading", name="Recent searches on this device")
    )
    expect(recent.get_by_role("link")).to_have_text(["herido", "jaguar"])
    stored = page.evaluate("localStorage.getItem('portal-typed:searches')")
    assert "jaguar" in stored

    page.evaluate(
        "localStorage.setItem('portal-typed:searches', JSON.stringify("
        "JSON.parse(localStorage.getItem('portal-typed:searches'))"
        ".map((one) => ({ ...one, at: one.at - 8 * 24 * 3600 * 1000 }))))"
    )
    page.reload()
    expect(recent).to_be_hidden()

    page.goto(f"{reverse('search')}?q=jaguar")
    expect(recent.get_by_role("link")).to_have_text(["jaguar"])
    page.locator("form[data-forget]").first.evaluate("(form) => form.requestSubmit()")
    page.wait_for_url(lambda url: "/search/" not in url)
    assert page.evaluate("localStorage.getItem('portal-typed:searches')") is None


def test_on_a_phone_the_field_opens_over_the_bar(open_page, coordinator):
    page = open_page("/", user=coordinator, language="en", width="phone")
    page.set_viewport_size({"width": PHONE, "height": 740})

    page.get_by_role("combobox", name="Search").click()
    page.keyboard.type("jagu")
    listbox = page.get_by_role("listbox")
    expect(listbox.get_by_role("option")).to_have_count(3)
    box = listbox.bounding_box()

    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    listbox.get_by_role("option", name="All results").click()
    page.wait_for_url("**/search/?q=jagu")


def test_all_of_it_works_without_javascript(open_page, coordinator):
    page = open_page("/", user=coordinator, language="en", java_script_enabled=False)

    page.locator(".find input").fill("jaguar")
    page.locator(".find input").press("Enter")
    page.wait_for_url("**/search/?q=jaguar")
    page.get_by_label("Kind").select_option("risk")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#results .rows > li")).to_have_count(2)
    page.get_by_role("button", name="Save this search").click()
    expect(page.get_by_role("link", name="jaguar · Risk")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    assert not SavedSearch.objects.exists()
