"""Every page, in three languages and two widths: no barrier that axe knows, nothing that sticks
out of a telephone, no word of another language, nothing that is heard otherwise than it is read. The
main pages once for every commit, one of each
kind for each reader."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.heard import faults_heard
from tests.browser.words import VISIBLE, leaks
from tests.conftest import LOCALES, WIDTHS

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # Whoever speaks to the computer says what is written on a button.
    "rules": {"label-content-name-mismatch": {"enabled": True}},
    "resultTypes": ["violations"],
}
# What else axe asks of the main pages depends neither on the width nor on the language: `make check`
# asks it once. `make deep` asks everything of every page, six times.
MAIN_PAGES = {
    *("account_login", "home", "due", "projects:detail", "projects:framework"),
    *("committees:detail", "committees:meeting", "committees:meeting-session"),
    *("committees:minutes", "committees:plan", "reports:detail", "calls:propose"),
}
OF_THE_WIDTH = {
    "runOnly": {
        "type": "rule",
        "values": ["target-size", "scrollable-region-focusable", "button-name"],
    },
    "resultTypes": ["violations"],
}
RUN = """async rules => {
  if (!window.axe) throw new Error('axe is not there')
  const found = await axe.run(document, rules)
  return found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' — '
    + n.failureSummary.replace(/\\s+/g, ' ')).join(' | '))
}"""
WIDE = """() => {
  const limit = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth <= limit) return []
  const out = [...document.querySelectorAll('body *')].filter(
    node => node.getBoundingClientRect().left + node.scrollWidth > limit + 1)
  return [out.map(node => node.tagName + '.' + node.className).slice(-3).join(' ') || 'something']
}"""


@pytest.fixture
def transactional_db(demonstration):
    """The demonstration stays from one test to the next: they only read."""


def test_the_main_pages_are_open_to_everybody(reader_of, demonstration):
    found = [place for place in demonstration.places() if place.name in MAIN_PAGES]
    assert {place.name for place in found} == MAIN_PAGES
    once = {(place.name, place.reader): place for place in found}
    walk(reader_of, once.values(), "fr", deep=False)


@pytest.mark.parametrize(
    "language",
    [pytest.param(code, marks=pytest.mark.deep(part=f"axe-{code}")) for code in LOCALES],
)
@pytest.mark.parametrize("part", range(6))
def test_every_page_is_open_in_each_language_at_each_width(
    reader_of, demonstration, language, part
):
    places = demonstration.places()
    assert len(places) > 190
    walk(reader_of, sorted(places, key=lambda place: place.reader)[part::6], language, deep=True)


def walk(reader_of, places, language, *, deep):
    readers, faults = {}, []
    for place in sorted(places, key=lambda place: place.reader):
        page = readers.get(place.reader) or reader_of(place.reader, language)
        readers[place.reader] = page

        found = faults_of(page, place, place.language or language, deep=deep)

        if found:
            faults += ["", f"{place.name} {place.url} as {place.reader}:", *found]
    assert not faults, "\n".join(faults)


def faults_of(page, place, language, *, deep):
    answer = page.goto(place.url)
    if answer.status != place.status:
        return [f"answers {answer.status}"]
    if answer.request.redirected_from:
        return [f"leads to {answer.url}: it lacks what its page shows"]
    return faults_on(page, language, deep=deep)


def faults_on(page, language, *, deep=False):
    said = page.evaluate("document.documentElement.lang")
    found = [] if said == language else [f"in {said}"]
    found += [f"in English: {text}" for text in leaks(page.evaluate(VISIBLE), language)]
    found += faults_heard(page)
    page.evaluate(AXE_SCRIPT)
    for name, (width, height) in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        whole = deep or (name, language) == ("desktop", "fr")
        rules = RULES if whole else OF_THE_WIDTH
        found += [f"{name}: {fault}" for fault in page.evaluate(RUN, rules)]
        found += [f"{name}: sticks out: {node}" for node in page.evaluate(WIDE)]
    return found


BREAK = """() => {
  document.querySelector('main').insertAdjacentHTML('beforeend',
    '<button></button><p class="text-nowrap">' + 'x'.repeat(200) + '</p><p>Sign in</p>'
    + '<p id="fact">2026<span>Demain</span></p>' + '<section aria-label="x"></section>'.repeat(12)
    + '<button aria-label="Envoyer">Enregistrer</button>')
  document.getElementById('fact').addEventListener('click', () => {})
}"""


def test_a_page_with_barriers_is_noticed(reader_of, demonstration):
    page = reader_of("visitor", "fr")
    page.goto("/accounts/login/")
    page.evaluate(BREAK)

    found = faults_on(page, "fr")

    assert {fault.split(": ")[0] for fault in found} == {
        *("in English", "phone", "desktop", "heard as one word", "heard as something to press"),
        "landmarks",
    }
    for fault in ("button-name", "label-content-name-mismatch", "sticks out", "2026|Demain"):
        assert any(fault in each for each in found), fault
