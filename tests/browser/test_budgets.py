"""How much a main page of the demonstration may ask of its reader, at the first visit: length, links, frames,
and words before the thing to do next. What is above the budget has a ceiling of its own, which may only be
lowered."""

import pytest

from tests.conftest import LOCALES

pytestmark = [pytest.mark.browser, pytest.mark.deep(part="browser")]

WIDTHS = {"desktop": (1366, 768), "phone": (360, 740)}
BUDGET = {
    "screens on a desk": 2.0,
    "screens on a phone": 4.0,
    "links and buttons": 40,
    "frames": 6,
    "words before the button": 120,
    "small text": 0,
    "wider than the screen": 0,
    "layout shift": 0.02,
}

# Outside the menu: tabs and the way back belong to it.
MEASURE = """() => {
  const main = document.querySelector('main')
  const shown = node => {
    const box = node.getBoundingClientRect()
    return box.width > 1 && box.height > 1 && node.checkVisibility({ visibilityProperty: true })
  }
  const inMenu = node => node.closest('.tabs, .crumbs, .help')
  const controls = [...main.querySelectorAll('a[href], button, summary')].filter(node => shown(node) && !inMenu(node))
  const frames = [...main.querySelectorAll('section, div, form, details, article, figure')].filter(node => {
    const style = getComputedStyle(node)
    return shown(node) && ['Top', 'Right', 'Bottom', 'Left'].every(side => parseFloat(style[`border${side}Width`]) > 0)
  })
  const primary = [...main.querySelectorAll('.btn-primary')].find(shown)
  let before = 0
  if (primary) {
    const range = document.createRange()
    range.setStart(main, 0)
    range.setEndBefore(primary)
    before = range.toString().split(/\\s+/).filter(Boolean).length
  }
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT), small = new Set()
  for (let node; (node = walker.nextNode());) {
    const parent = node.parentElement
    if (!node.textContent.trim() || !shown(parent) || parent.closest('svg, .visually-hidden')) continue
    if (parseFloat(getComputedStyle(parent).fontSize) < 12) small.add(parent)
  }
  return {
    height: document.documentElement.scrollHeight,
    controls: controls.length,
    frames: frames.length,
    before,
    small: small.size,
    wide: Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth),
    shift: performance.getEntriesByType('layout-shift').reduce((sum, one) => sum + one.value, 0),
  }
}"""


@pytest.fixture
def transactional_db(demonstration):
    """The demonstration stays from one test to the next: they only read."""


# What is above the budget today; each number may only fall.
CEILINGS = {
    "home": {"screens on a desk": 2.3, "screens on a phone": 4.8},
    "due": {"screens on a desk": 2.3, "screens on a phone": 5.2},
    "portfolio": {"screens on a desk": 2.6, "screens on a phone": 4.9},
    "committee": {"screens on a desk": 2.2, "screens on a phone": 4.1},
    "meeting": {"screens on a desk": 3.3, "screens on a phone": 5.8, "links and buttons": 45},
    "invitations": {"screens on a desk": 2.2, "screens on a phone": 5.1},
    "plan": {"screens on a desk": 3.8, "screens on a phone": 6.6, "links and buttons": 42},
    "report": {"screens on a desk": 2.8, "screens on a phone": 5.2},
}


def main_pages(demonstration):
    example = demonstration.example
    meeting = example.committee.meetings.get(number=2)
    return {
        "home": "/",
        "due": "/due/",
        "portfolio": "/portfolio/",
        "project": example.get_absolute_url(),
        "committee": example.committee.get_absolute_url(),
        "meeting": meeting.get_absolute_url(),
        "invitations": f"{meeting.get_absolute_url()}invitations/",
        "minutes": example.committee.meetings.get(number=1).get_absolute_url(),
        "plan": demonstration.review.get_absolute_url(),
        "report": example.reports.get().get_absolute_url(),
    }


def measure(page, url):
    found = {}
    for name, (width, height) in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        assert page.goto(url, wait_until="networkidle").ok
        found[name] = page.evaluate(MEASURE) | {"screen": height}
    desk, phone = found["desktop"], found["phone"]
    return {
        "screens on a desk": round(desk["height"] / desk["screen"], 1),
        "screens on a phone": round(phone["height"] / phone["screen"], 1),
        "links and buttons": desk["controls"],
        "frames": desk["frames"],
        "words before the button": desk["before"],
        "small text": max(desk["small"], phone["small"]),
        "wider than the screen": max(desk["wide"], phone["wide"]),
        "layout shift": round(max(desk["shift"], phone["shift"]), 3),
    }


@pytest.mark.parametrize("language", LOCALES)
def test_a_main_page_asks_no_more_of_its_reader_than_its_budget(reader_of, demonstration, language):
    page = reader_of("coordinator", language)

    found = {name: measure(page, url) for name, url in main_pages(demonstration).items()}

    assert {
        f"{name}: {what}": amount
        for name, amounts in found.items()
        for what, amount in amounts.items()
        if amount > CEILINGS.get(name, {}).get(what, BUDGET[what])
    } == {}
