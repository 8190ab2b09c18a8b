"""Somebody translates one text after the other: by keyboard, without JavaScript, beside somebody else."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from projects.models import Translation
from tests.factories import RemarkFactory
from tests.ibcr_portal.translating.test_queue import confirm
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
]
REMARK = "Il faut une salle à Choluteca."


@pytest.fixture
def world():
    world = World()
    # The memory knows a sentence that is nearly the same as the others.
    known = RemarkFactory(plan=world.plan, text="Il faut une salle à Danlí.")
    confirm(world, known, "text", "Hace falta una sala en Danlí.")
    for number in range(5):
        RemarkFactory(plan=world.plan, text=f"{REMARK} Numéro {number} bis.")
    return world


def url_of(world, thing, field="text"):
    address = [world.project.code, "es", thing._meta.label_lower, thing.pk, field]
    return reverse("projects:translation", args=address)


def remarks(world):
    return list(world.plan.remarks.filter(text__startswith=REMARK).order_by("pk"))


def test_one_text_after_the_other_by_keyboard_alone(open_page, world):
    first, *others = remarks(world)
    page = open_page(url_of(world, first), user=world.people["coordinator"], language="en")
    text = page.locator("#translating textarea")
    expect(text).to_be_focused()

    for number, remark in enumerate([first, *others]):
        expect(page).to_have_url(url_matching(world, remark))
        page.wait_for_load_state()  # with its keys
        expect(text).to_be_focused()
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        page.keyboard.press("Alt+m")
        expect(text).to_have_value("Hace falta una sala en Danlí.")
        page.keyboard.type(f" Número {number}.")
        page.keyboard.press("Control+Enter")

    expect(page.get_by_text("Confirmed.").first).to_be_visible()
    written = Translation.objects.confirmed().filter(
        object_id__in=[one.pk for one in remarks(world)]
    )
    assert sorted(row.text for row in written) == [
        f"Hace falta una sala en Danlí. Número {number}." for number in range(5)
    ]


def url_matching(world, remark):
    return re.compile(re.escape(url_of(world, remark)))


def test_the_keys_can_be_switched_off_and_the_arrows_lead_on(open_page, world):
    first, second, *_others = remarks(world)
    page = open_page(url_of(world, first), user=world.people["coordinator"], language="en")

    page.keyboard.press("Alt+ArrowDown")
    expect(page).to_have_url(url_matching(world, second))
    page.keyboard.press("Alt+ArrowUp")
    expect(page).to_have_url(url_matching(world, first))
    page.get_by_label("Use these keys on this device").uncheck()
    page.reload()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_label("Use these keys on this device")).not_to_be_checked()

    expect(page).to_have_url(url_matching(world, first))


def test_without_javascript_a_match_is_inserted_and_nothing_typed_is_lost(open_page, world):
    first, *_others = remarks(world)
    page = open_page(
        url_of(world, first),
        user=world.people["coordinator"],
        language="en",
        java_script_enabled=False,
    )
    text = page.locator("#translating textarea")
    text.fill("Antes.")

    page.get_by_role("button", name="Insert").first.click()
    expect(text).to_have_value("Antes. Hace falta una sala en Danlí.")
    confirm(world, first, "text", "La de otra persona.")
    page.get_by_role("button", name="Confirm and go on").click()
    expect(page.get_by_text("Rôle — coordinator saved this translation").first).to_be_visible()
    expect(text).to_have_value("Antes. Hace falta una sala en Danlí.")
    page.get_by_role("button", name="Confirm and go on").click()

    expect(page).not_to_have_url(url_matching(world, first))
    assert (
        Translation.objects.get(object_id=first.pk).text == "Antes. Hace falta una sala en Danlí."
    )
