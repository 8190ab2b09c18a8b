"""People at the pages of the portal, whose presses and typed fields are counted by phase."""

import re
from collections import Counter
from contextlib import contextmanager

from playwright.sync_api import expect

from tests.browser.words import VISIBLE, leaks

FRENCH = re.compile(r"franc[eé]s|français|french", re.IGNORECASE)


class Tally:
    """How much everybody pressed and typed, in each phase.

    A press is a click on a button, a link or a tick box, a choice from a list, a file that is given,
    and a link of a message that is opened. A field is a box into which something is typed.
    """

    def __init__(self):
        self.presses, self.fields = Counter(), Counter()
        self.phases = ()

    @contextmanager
    def during(self, *phases):
        """Count for these phases: what belongs to two counts in both."""
        self.phases = phases
        yield
        self.phases = ()

    def press(self):
        self.presses.update(self.phases)

    def type(self):
        self.fields.update(self.phases)


class Hand:
    """Somebody at a page. Before each press they read it: all of it is in Spanish."""

    def __init__(self, page, tally):
        self.page, self.tally = page, tally
        self.foreign = []

    def link(self, name, *, within="main"):
        self.press(self.page.locator(within).get_by_role("link", name=name, exact=True).first)

    def button(self, name, *, within="main"):
        self.press(self.page.locator(within).get_by_role("button", name=name, exact=True).first)

    def press(self, target):
        expect(target).to_be_visible(timeout=30_000)  # the page that the last press led to has come
        self.look()
        target.click()
        self.tally.press()

    def choose(self, label, option, *, within="main"):
        self._box(label, within).select_option(label=option)
        self.tally.press()

    def tick(self, label):
        self._box(label).check()
        self.tally.press()

    def type(self, label, text, *, within="main"):
        self._box(label, within).fill(text)
        self.tally.type()

    def give(self, label, name, content):
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        self._box(label).set_input_files(file)
        self.tally.press()

    def download(self, name):
        with self.page.expect_download() as download:
            self.link(name)
        return download.value.path().read_bytes()

    def open(self, address):
        """Open a link of a message."""
        self.page.goto(address)
        self.tally.press()

    def reads(self, text):
        expect(self.page.locator("body")).to_contain_text(text)

    def look(self):
        """Note each text of the page that is not in Spanish, and each box that asks for French."""
        self.page.wait_for_load_state()
        said = self.page.locator("html").get_attribute("lang")
        texts = self.page.evaluate(VISIBLE)
        found = [] if said == "es" else [f"in {said}"]
        found += [text for other in ("en", "fr") for text in leaks(texts, "es", of=other)]
        labels = self.page.locator("main label:visible").all_inner_texts()
        found += [f"asks for {label}" for label in labels if FRENCH.search(label)]
        self.foreign += [f"{self.page.url}: {text}" for text in found]

    def _box(self, label, within="main"):
        """The box with this label, which may have the star of what is required."""
        name = re.compile(rf"^\s*{re.escape(label)}\s*\*?\s*$")
        return self.page.locator(within).get_by_label(name).first
