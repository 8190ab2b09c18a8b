"""The main pages of the demonstration at three widths: text of charts, targets, menus, whole words; and a
ready sentence that goes to the menu of the telephone."""

import pytest
from playwright.sync_api import expect

from tests.conftest import LIVE_URL, LOCALES

pytestmark = [pytest.mark.browser, pytest.mark.deep(part="browser")]

# One of each kind: with charts, long lists, tables, many links, and what telephones open.
PAGES = {
    *("home", "due", "news", "partners:list", "account_login", "calls:call"),
    *("projects:detail", "projects:framework", "projects:logic-model", "projects:risks"),
    *("projects:activities", "projects:budget", "projects:expenditures", "projects:team"),
    *("projects:audit-log", "committees:meeting", "committees:plan", "reports:detail"),
}
SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desktop": (1366, 768)}

# Text in a picture is as large as the picture is drawn.
SMALL_TEXT = """() => [...document.querySelectorAll('svg text')].filter(text => {
  const box = text.getBoundingClientRect()
  return box.width && text.textContent.trim()
}).map(text => {
  const size = parseFloat(getComputedStyle(text).fontSize) * Math.abs(text.getScreenCTM().a)
  return [Math.round(size * 10) / 10, text.textContent.trim().slice(0, 30)]
}).filter(([size]) => size < 11.95).map(([size, text]) => `${size} px: ${text}`)"""

# A link within a sentence is as high as its line. What is hidden, or read aloud only, is no target.
SMALL_TARGETS = """() => [...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]'
)].filter(node => {
  const box = node.getBoundingClientRect(), style = getComputedStyle(node)
  if (!box.width || style.visibility === 'hidden' || node.closest('[hidden], .visually-hidden')) return false
  if (box.right < 0 || box.bottom < 0 || box.width < 2) return false
  const inSentence = style.display === 'inline' && [...node.parentNode.childNodes].some(
    other => other !== node && other.nodeType === 3 && other.textContent.trim().length > 1)
  if (inSentence || node.closest('svg')) return false
  const label = node.labels?.[0]?.getBoundingClientRect()
  return Math.max(box.height, label?.height ?? 0) < 23.5 || Math.max(box.width, label?.width ?? 0) < 23.5
}).map(node => {
  const box = node.getBoundingClientRect()
  return `${Math.round(box.width)}×${Math.round(box.height)} ${node.tagName}.${node.className} `
    + (node.textContent || node.name || '').trim().slice(0, 30)
})"""

# A word that lies in two lines was broken, unless a hyphen says so.
BROKEN_WORDS = """table => [...document.querySelectorAll(table + ' th, ' + table + ' td')].flatMap(cell => {
  const found = [], walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
  for (let node; (node = walker.nextNode());) {
    for (const match of node.textContent.matchAll(/[^\\s\\u00a0\\u00ad–—/·-]+/g)) {
      const range = document.createRange()
      range.setStart(node, match.index)
      range.setEnd(node, match.index + match[0].length)
      const lines = new Set([...range.getClientRects()].filter(box => box.width > 0.5).map(box => Math.round(box.top)))
      if (lines.size > 1) found.push(match[0])
    }
  }
  return found
})"""

# A bar that scrolls has a shade at the side where there is more, or cuts an entry in two.
MENUS_WITHOUT_A_SIGN = """() => [...document.querySelectorAll('nav ul, .tabs, .table-wrap')].filter(
  bar => bar.scrollWidth > bar.clientWidth + 1 && getComputedStyle(bar).overflowX === 'auto'
).filter(bar => {
  const edge = bar.getBoundingClientRect().right
  const isCut = [...bar.querySelectorAll('a')].some(link => {
    const box = link.getBoundingClientRect()
    return box.left < edge - 8 && box.right > edge + 8
  })
  return !isCut && getComputedStyle(bar).backgroundImage === 'none'
}).map(bar => bar.className || bar.tagName)"""


@pytest.fixture
def transactional_db(demonstration):
    """The demonstration stays from one test to the next: they only read."""


@pytest.mark.parametrize("language", LOCALES)
def test_text_targets_and_menus_of_the_main_pages(reader_of, demonstration, language):
    readers, faults = {}, []
    found = [place for place in demonstration.places() if place.name in PAGES]
    assert {place.name for place in found} == PAGES
    places = {(place.name, place.reader): place for place in found}.values()
    for place in sorted(places, key=lambda place: place.reader):
        page = readers.get(place.reader) or reader_of(place.reader, language)
        readers[place.reader] = page
        page.goto(place.url)
        for name, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            found = {
                "small text": page.evaluate(SMALL_TEXT),
                "small target": page.evaluate(SMALL_TARGETS),
                "menu without a sign": page.evaluate(MENUS_WITHOUT_A_SIGN),
            }
            faults += [
                f"{place.name} {place.url} as {place.reader}, {name}: {kind}: {fault}"
                for kind, each in found.items()
                for fault in each[:3]
            ]
    assert faults == []


@pytest.mark.parametrize("language", LOCALES)
def test_the_framework_breaks_no_word_on_a_desk(reader_of, demonstration, language):
    page = reader_of("donor", language)
    place = next(one for one in demonstration.places() if one.name == "projects:framework")
    page.goto(place.url)

    for width in (1280, 1366, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(BROKEN_WORDS, ".framework") == []


BROKEN = """() => document.querySelector('main').insertAdjacentHTML('beforeend',
  '<table class="framework"><tr><th id="narrow">Responsabilidades</th></tr></table>'
  + '<svg width="100" height="20" viewBox="0 0 200 40"><text y="20" font-size="14">Small</text></svg>'
  + '<p><button id="small">x</button></p>')"""


def test_what_is_small_or_broken_is_noticed(reader_of):
    page = reader_of("visitor", "es")
    page.goto("/accounts/login/")
    assert page.evaluate(SMALL_TEXT) == page.evaluate(SMALL_TARGETS) == []
    page.evaluate(BROKEN)
    page.evaluate(
        """() => {
        const narrow = document.getElementById('narrow').style, small = document.getElementById('small').style
        Object.assign(narrow, {width: '40px', maxWidth: '40px', overflowWrap: 'anywhere', display: 'block'})
        Object.assign(small, {height: '12px', minHeight: 0, padding: 0, width: '12px'})
        }"""
    )

    assert page.evaluate(SMALL_TEXT) == ["7 px: Small"]
    assert [fault.partition(" ")[0] for fault in page.evaluate(SMALL_TARGETS)] == ["12×12"]
    assert page.evaluate(BROKEN_WORDS, ".framework") == ["Responsabilidades"]


# A sentence to hand on

SHARING = "navigator.share = given => { window.given = given; return Promise.resolve() }"
NO_SHARING = "Object.defineProperty(navigator, 'share', { value: undefined })"


@pytest.fixture
def call_place(demonstration):
    return next(one for one in demonstration.places() if one.name == "calls:call")


@pytest.mark.parametrize("language", LOCALES)
def test_a_ready_sentence_goes_to_the_menu_of_the_telephone(reader_of, call_place, language):
    page = reader_of("visitor", language)
    page.add_init_script(SHARING)
    page.goto(call_place.url)
    sentence = page.locator("button[data-share]").evaluate(
        "node => node.previousElementSibling.value"
    )

    page.locator("button[data-share]").click()

    assert page.evaluate("window.given") == {"text": sentence}
    assert LIVE_URL + call_place.url in sentence


def test_without_that_menu_the_sentence_is_copied(reader_of, call_place):
    page = reader_of("visitor", "en", permissions=["clipboard-read", "clipboard-write"])
    page.add_init_script(NO_SHARING)
    page.goto(call_place.url)
    sentence = page.locator("button[data-share]").evaluate(
        "node => node.previousElementSibling.value"
    )

    page.locator("button[data-share]").click()

    expect(page.get_by_text("Copied. Paste it where you want to send it.")).to_be_visible()
    page.evaluate("document.querySelector('main').append(document.createElement('textarea'))")
    page.locator("main > textarea").focus()
    page.keyboard.press("Control+V")
    expect(page.locator("main > textarea")).to_have_value(sentence)
