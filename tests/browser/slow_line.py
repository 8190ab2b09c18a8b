"""A telephone of 360 px on a slow line: what its pages cost there, and what a line that is cut loses."""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from playwright.sync_api import Error, expect

from tests.browser.cut_line import UNANSWERED
from tests.browser.test_layout import SMALL_TARGETS
from tests.browser.test_weight import FIRST, NEXT, Scale

SLOW = {
    "offline": False,
    "latency": 400,  # milliseconds
    "downloadThroughput": 100_000,  # bytes a second
    "uploadThroughput": 100_000,
}
MOST_SECONDS = 8  # to the first content, on a machine that is busy as well
FIRST_CONTENT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
KEPT = "No connection. What you typed stays here; try again when the connection is back."
TWICE = "This was already saved."
BEFORE = "isBefore"  # marks the page that is about to go
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def wait_for_the_error_page(page) -> None:
    """Of the browser itself, which never says that it is there."""
    for _attempt in range(300):
        page.wait_for_timeout(100)
        if page.url.startswith("chrome-error:"):
            return
    raise AssertionError(f"The browser stays at {page.url}")


@dataclass(frozen=True)
class Shown:
    """A page that came, what it cost, and what is wrong with it."""

    name: str
    bytes: int
    seconds: float
    faults: list[str] = field(default_factory=list)


class Phone:
    """Somebody at a telephone. With a `line` (tests.browser.cut_line), which is cut twice whenever a
    form is sent: before it went out, and after the portal got it."""

    def __init__(self, page, line=None) -> None:
        self.page, self.line = page, line
        self.shown: list[Shown] = []
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)
        self.scale = Scale(page)
        self._slow_down()

    def _slow_down(self) -> None:
        self.scale.wire.send("Network.emulateNetworkConditions", SLOW)

    def _note(self, message) -> None:
        is_of_the_line = self.line is not None and "net::ERR_" in message.text
        if message.type == "error" and not is_of_the_line:
            self.complaints.append(message.text)

    # Pages

    def open(self, path: str) -> None:
        self.page.goto(path)

    def shows(self, name: str, text: str | re.Pattern, *, with_file: bool = False) -> None:
        """Wait for a new page with this text, and note what it cost. `with_file`: it took the time in
        which a file was sent."""
        self._wait_until(lambda: not self.page.evaluate(f"window.{BEFORE}"))
        expect(self.page.locator("main")).to_contain_text(text)
        self.page.wait_for_load_state("networkidle")
        faults = ["it is wider than the telephone"] if self.page.evaluate(TOO_WIDE) else []
        faults += [f"small target: {fault}" for fault in self.page.evaluate(SMALL_TARGETS)]
        seconds = self.page.evaluate(FIRST_CONTENT) / 1000
        limit = NEXT if self.shown else FIRST
        if self.line is None:  # which hides from the browser what it could keep
            faults += [f"{self.scale.bytes} bytes"] * (self.scale.bytes > limit)
            faults += [f"{seconds} s"] * (not 0 < seconds <= MOST_SECONDS and not with_file)
        faults += self.complaints
        self.shown.append(Shown(name, int(self.scale.bytes), seconds, faults))
        self.complaints.clear()
        self.scale.bytes = 0

    def follow(self, link: str) -> None:
        self._unfold(link)
        self.page.evaluate(f"window.{BEFORE} = true")
        self.page.locator("main").locator(link).first.click()

    def _unfold(self, link: str) -> None:
        folded = self.page.locator(f"main details:not([open]):has({link}) > summary")
        if folded.count():
            folded.first.click()

    def _wait_until(self, ready: Callable[[], bool]) -> None:
        for _attempt in range(300):
            with suppress(Error):  # one page goes, and the next has not come
                if ready():
                    return
            time.sleep(0.1)
        raise AssertionError(f"Nothing came after {self.page.url}")

    def take(self, link: str) -> bytes:
        """Download a file, which is no page and counts for none."""
        with self.page.expect_download() as download:
            self.page.locator("main").locator(link).first.click()
        content = download.value.path().read_bytes()
        self.scale.bytes = 0
        return content

    # Forms

    def said(self, text: str) -> re.Pattern:
        """What a page says about a form that was sent: once, or by a line that is cut again."""
        texts = [text] if self.line is None else [text, _(TWICE)]
        return re.compile("|".join(map(re.escape, texts)))

    def send(
        self, button: str, *, unanswered: bool = True, again: bool = True, **typed: str
    ) -> None:
        """Type into fields of these names and press a button; over a line that is cut, three times.
        `unanswered`: the form changes something. `again`: it can be sent again after it was saved."""
        self._unfold(button)
        if self.line is None:
            self._type(typed)
            self.follow(button)
            return
        self._lose()
        self._type(typed)
        self.follow(button)  # and nothing goes out
        expect(self.page.locator(".toast-line")).to_have_text(_(KEPT))
        self._has(typed)
        self._find_again()
        if unanswered:
            self._press_unanswered(button)
            if not again:
                return
            self._has(typed)
        self.follow(button)

    def _press_unanswered(self, button: str) -> None:
        """The portal gets the form, and its answer never arrives: the browser shows a page of its own,
        in place of the form. People open that again."""
        form = self.page.url
        self.line.form_break = UNANSWERED
        self.follow(button)
        wait_for_the_error_page(self.page)
        self.line.form_break = None
        self.page.goto(form)

    def _type(self, typed: dict[str, str]) -> None:
        for name, text in typed.items():
            box = self._box(name)
            kind = box.evaluate("node => node.type")
            if kind in {"checkbox", "radio"}:
                self._choice(name, text, kind).check()
            elif kind.startswith("select"):
                box.select_option(text)
            else:
                box.fill(text)

    def _has(self, typed: dict[str, str]) -> None:
        for name, text in typed.items():
            kind = self._box(name).evaluate("node => node.type")
            if kind in {"checkbox", "radio"}:
                expect(self._choice(name, text, kind)).to_be_checked()
            else:
                expect(self._box(name)).to_have_value(text)

    def _box(self, name: str):
        return self.page.locator(f"main [name={name}]:not([type=hidden])").first

    def _choice(self, name: str, value: str, kind: str):
        which = f"[value={value}]" if kind == "radio" else ""
        return self.page.locator(f"main [name={name}]{which}")

    # The line

    def _lose(self) -> None:
        self.line.is_up = False
        self.page.context.set_offline(True)

    def _find_again(self) -> None:
        self.line.is_up = True
        self.page.context.set_offline(False)
        self._slow_down()  # which the browser forgot
