"""Seventy-five states of pages, on a telephone, at 400 % and on a desk: no barrier that axe knows, nothing
that sticks out, no word of another language."""

from collections import Counter

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Error, expect

from tests.browser.states import States
from tests.browser.test_axe import RULES, RUN, WIDE
from tests.browser.words import VISIBLE, leaks
from tests.conftest import LOCALES

pytestmark = [pytest.mark.browser, pytest.mark.deep(part="states")]


@pytest.fixture
def transactional_db(demonstration):
    """The demonstration stays from one test to the next."""


@pytest.fixture(scope="module")
def states(demonstration, django_db_blocker):
    with django_db_blocker.unblock():
        return States(demonstration).all()


def test_there_are_at_least_sixty_of_them_spread_over_the_languages(states):
    languages = Counter(state.language for state in states)

    assert len({state.name for state in states}) == len(states) >= 60
    assert set(languages) == set(LOCALES)
    assert max(languages.values()) - min(languages.values()) <= 6


@pytest.mark.parametrize("language", LOCALES)
def test_every_state_is_open_to_everybody(reader_of, states, language):
    faults = []
    for state in states:
        if state.language == language and (found := faults_of(reader_of, state)):
            faults += ["", f"{state.name}, {state.url} as {state.reader}:", *found]
    assert not faults, "\n".join(faults)


def faults_of(reader_of, state):
    page = reader_of(state.reader, state.language)
    width, height = state.size
    page.set_viewport_size({"width": width, "height": height})
    try:
        return faults_in(page, state)
    finally:
        page.context.close()


def faults_in(page, state):
    answer = page.goto(state.url)
    if answer.status != state.status:
        return [f"answers {answer.status}"]
    try:
        state.do(page)
        expect(page.locator(state.has).first).to_be_visible()
    except (AssertionError, Error) as error:
        return [f"does not come: {str(error)[:400]}"]
    found = []
    if page.evaluate("document.documentElement.lang") != state.language:
        found.append("is in another language")
    found += [f"in English: {text}" for text in leaks(page.evaluate(VISIBLE), state.language)]
    page.evaluate(AXE_SCRIPT)
    found += page.evaluate(RUN, RULES)
    return found + [f"sticks out: {node}" for node in page.evaluate(WIDE)]
