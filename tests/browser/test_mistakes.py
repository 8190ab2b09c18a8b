"""Each mistake of the table (docs/rules/mistakes.md) is undone through the pages, from the page of the thing,
in at most three presses; something says so, and nothing sealed changes."""

import re

import pytest
from playwright.sync_api import expect

from committees.models import Minutes
from tests.browser.mistakes import PLAYS
from tests.test_mistakes import rows
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("in_english"),
]

MOST = 3
MISTAKES = [row[0] for row in rows()]


class Hand:
    """Somebody at a page, whose presses are counted: on links, buttons, boxes and what is folded."""

    def __init__(self, page):
        self.page, self.presses = page, 0

    def press(self, target):
        for fold in target.locator("xpath=ancestor::details[not(@open)]").all():
            fold.locator("summary").first.click()
            self.presses += 1
        target.click()
        self.presses += 1

    def follow(self, url):
        """Press what leads to this address or posts there, and answer the question if one is asked."""
        ways = (
            "a[href='{0}']",
            "a[href^='{0}?']",
            "form[action='{0}'] button",
            "button[formaction='{0}']",
        )
        target = self.page.locator(", ".join(way.format(url) for way in ways)).first
        assert target.count(), self.offered()
        self.press(target)
        dialog = self.page.locator("dialog[open]")
        if dialog.count():
            self.press(dialog.locator("button.btn-primary"))
        self.page.wait_for_load_state()

    def submit(self):
        form = self.page.locator("main form:has(.actions)").last
        for field in form.locator("[name=why]:visible, [name=reason]:visible").all():
            field.fill("By mistake")
        self.press(form.locator(".actions button").first)
        self.page.wait_for_load_state()

    def offered(self):
        found = self.page.locator("main a[href], main form").evaluate_all(
            "all => all.map(each => each.getAttribute('href') || each.action)"
        )
        return f"{self.page.url} leads to {found}"


def play_through(hand, play):
    for url in play.way:
        if not hand.page.url.endswith(url):  # the last answer led to it
            hand.follow(url)
        is_form = hand.page.url.split("?")[0].endswith(url)
        if not is_form:
            continue
        for name, text in play.typed.items():
            if (box := hand.page.locator(f"[name='{name}']:visible")).count():
                box.fill(text)
        for name, value in play.choices.items():
            box = hand.page.locator(f"[name='{name}']")
            if box.first.evaluate("box => box.type") == "radio":
                hand.press(hand.page.locator(f"[name='{name}'][value='{value}']"))
            else:
                box.select_option(value)
                hand.presses += 1
        if url == play.way[-1] or (
            hand.page.locator("main form .actions button").count() and play.typed
        ):
            hand.submit()


@pytest.mark.parametrize("words", MISTAKES)
def test_a_mistake_is_undone_in_three_presses(open_page, words):
    assert words in PLAYS, "This row of the table has no play in tests/browser/mistakes.py."
    world = World()
    play = PLAYS[words](world)
    sealed = set(Minutes.objects.filter(status="sealed").values_list("pk", "sha256"))
    hand = Hand(open_page(play.start, user=world.people[play.who], language="en"))

    if play.by_hand:
        play.by_hand(hand)
    else:
        play_through(hand, play)

    said = hand.page.locator(".messages .alert, .messages p, [role=status]:visible")
    expect(said.first).to_have_text(re.compile(r"\w"))
    assert play.undone(), (hand.page.url, said.first.inner_text())
    assert hand.presses <= MOST
    assert set(Minutes.objects.filter(status="sealed").values_list("pk", "sha256")) == sealed
