"""A value's whole way: a partner enters it on a telephone by the link of the request, monitoring
returns it, the partner corrects it, monitoring approves it, and everybody reads it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone, translation
from playwright.sync_api import expect

from accounts.models import OutgoingMail
from projects.models import DataPoint
from tests.factories import CategoryFactory, DimensionFactory
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world():
    world = World()
    sex = DimensionFactory(name_fr="Sexe", name_en="Sex")
    for name in ("Women", "Men"):
        CategoryFactory(dimension=sex, name_fr=name, name_en=name)
    indicator = world.indicator
    indicator.dimension, indicator.counts_persons = sex, True
    indicator.responsible, indicator.due_per = world.institutions["partner"], "project_year"
    indicator.save()
    return world


def test_a_value_from_the_request_to_the_framework(open_page, world):
    with translation.override("en"):
        address = ask(open_page, world)
        enter(open_page(address, width="phone", language="en", java_script_enabled=False))
        monitoring = open_page(framework_of(world), user=world.people["monitoring"], language="en")
        return_it(monitoring)
        correct(open_page(address, width="phone", language="en"))
        approve(monitoring, world)

        donor = open_page(framework_of(world), user=world.people["donor"], language="en")
        row = donor.get_by_role("row").filter(has_text="1100.1")
        expect(row).to_contain_text("63")
        expect(row).to_contain_text("Breakdown not disclosed")

    total = DataPoint.objects.totals().get()
    assert [change.verb for change in total.status_changes] == [
        "submit",
        "return",
        "submit",
        "approve",
    ]


def framework_of(world):
    return f"{world.project.get_absolute_url()}framework/"


def ask(open_page, world):
    """The coordination asks; the address is in the message that the portal writes."""
    page = open_page(framework_of(world), user=world.people["coordinator"], language="en")
    page.get_by_role("link", name="Requests").click()
    page.get_by_role("link", name="Ask for values").click()
    until = timezone.localdate() + timedelta(days=6)
    page.get_by_label("Until").fill(until.isoformat())
    page.get_by_role("button", name="Send the requests").click()
    expect(page.get_by_text("1 institution was asked.")).to_be_visible()
    message = OutgoingMail.objects.get(person=world.people["partner"])
    return re.search(r"http\S+/values/link/\S+", message.text)[0]


def enter(page):
    page.get_by_role("button", name="Enter the values").click()
    page.get_by_label("Women").fill("60")
    page.get_by_label("Men", exact=True).fill("two")
    page.get_by_role("button", name="Submit all").click()
    expect(page.locator(".errors").get_by_text("“two” is not a number")).to_be_visible()
    page.get_by_label("Men", exact=True).fill("2")
    page.get_by_role("button", name="Submit all").click()
    expect(page.get_by_text("Submitted: 1 of 1 indicator.")).to_be_visible()


def return_it(page):
    page.get_by_role("link", name="Approve values (1)").click()
    page.get_by_label("1100.1").check()
    page.get_by_label("Remark").fill("Count the men of the last workshop.")
    page.get_by_role("button", name="Return them with the remark").click()
    expect(page.get_by_text("1 value returned.")).to_be_visible()


def correct(page):
    page.get_by_role("button", name="Enter the values").click()
    expect(page.get_by_text("Count the men of the last workshop.")).to_be_visible()
    page.get_by_label("Men", exact=True).fill("3")
    page.get_by_role("button", name="Submit all").click()
    expect(page.get_by_text("Submitted: 1 of 1 indicator.")).to_be_visible()


def approve(page, world):
    page.reload()
    page.get_by_label("1100.1").check()
    page.get_by_role("button", name="Approve the ticked ones").click()
    expect(page.get_by_text("1 value approved.")).to_be_visible()
    page.goto(framework_of(world))
    row = page.get_by_role("row").filter(has_text="1100.1")
    for text in ("63", "Women 60", "Men 3"):
        expect(row).to_contain_text(text)
