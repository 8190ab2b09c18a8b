"""A page by link over a line that is cut: what was typed stays, and what was sent counts once.

The journeys (test_journeys.py) do the same at each of their forms.
"""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from committees.models import ActionPlan, Remark
from tests.browser.cut_line import BEFORE, UNANSWERED
from tests.browser.slow_line import wait_for_the_error_page
from tests.browser.test_kept import find_again, lose, plan_link
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("in_english"),
]
SENTENCE = "No connection. What you typed stays here; try again when the connection is back."
TEXT = "Noviembre sería mejor."


@pytest.fixture
def world():
    """The partner's institution reviews a plan."""
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=ActionPlan.Status.IN_REVIEW, review_until=timezone.localdate() + timedelta(days=6)
    )
    return world


@pytest.fixture
def page(phone, world):
    """The form of a remark, without a draft of the server: nothing was kept before the line broke."""
    _link, url, _token = plan_link(world)
    page = phone()
    page.goto(url)
    page.get_by_role("link", name="Comment on the whole plan").click()
    return page


def press(page):
    page.get_by_role("button", name="Send the remark").click()


def remarks() -> list[str]:
    return list(Remark.objects.filter(channel="link").order_by("pk").values_list("text", flat=True))


def test_a_form_stays_where_it_is_without_a_connection(page, line):
    lose(page, line)
    page.get_by_label("Remark").fill(TEXT)
    press(page)
    expect(page.locator(".toast-line")).to_have_text(SENTENCE)
    expect(page.get_by_label("Remark")).to_have_value(TEXT)
    find_again(page, line)
    press(page)

    expect(page.get_by_text(TEXT)).to_be_visible()
    assert remarks() == [TEXT]


def test_a_computer_without_a_network_reaches_its_own_portal(phone, world):
    _link, url, _token = plan_link(world)
    page = phone()
    page.add_init_script("Object.defineProperty(navigator, 'onLine', { value: false })")
    page.goto(f"{url}remark/")
    page.get_by_label("Remark").fill(TEXT)
    press(page)

    expect(page.get_by_text(TEXT)).to_be_visible()
    assert remarks() == [TEXT]


def press_unanswered(page, line, broken=UNANSWERED):
    """The browser shows a page of its own in place of the form, which is then opened again."""
    form = page.url
    line.form_break = broken
    press(page)
    wait_for_the_error_page(page)
    line.form_break = None
    page.go_back()
    page.locator("a[href$='/remark/']").last.click()
    page.wait_for_url(form)


@pytest.mark.parametrize("broken", [BEFORE, UNANSWERED])
def test_what_got_no_answer_is_there_again_and_counts_once(page, line, broken):
    page.get_by_label("Remark").fill(TEXT)
    press_unanswered(page, line, broken)
    expect(page.get_by_label("Remark")).to_have_value(TEXT)
    press(page)

    expect(page.get_by_text(TEXT)).to_be_visible()
    assert remarks() == [TEXT]


KEPT = "Object.entries(sessionStorage).filter(([key]) => key.startsWith('portal-typed:sent:'))"


def test_what_is_put_back_says_so_is_kept_no_longer_and_can_be_discarded(page, line):
    """The next person at the computer may be another one."""
    page.get_by_label("Remark").fill(TEXT)
    form = page.url
    line.form_break = UNANSWERED
    press(page)
    wait_for_the_error_page(page)
    line.form_break = None
    page.go_back()
    [(_name, kept)] = page.evaluate(KEPT)
    page.locator("a[href$='/remark/']").last.click()
    page.wait_for_url(form)

    assert TEXT in kept
    assert "csrfmiddlewaretoken" not in kept
    expect(page.get_by_role("status").filter(has_text="was put back")).to_be_visible()
    expect(page.get_by_label("Remark")).to_have_value(TEXT)
    assert page.evaluate(KEPT) == []
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_label("Remark")).to_have_value("")


def test_what_was_sent_a_day_ago_is_deleted_on_whichever_page(page):
    page.evaluate(
        "sessionStorage.setItem('portal-typed:sent:/elsewhere/', JSON.stringify("
        "{ at: Date.now() - 25 * 3600 * 1000, values: [['text', 'x']], isLost: true }))"
    )
    page.reload()

    assert page.evaluate(KEPT) == []


def test_the_script_goes_on_where_storage_is_blocked(phone, world):
    _link, url, _token = plan_link(world)
    page, broken = phone(), []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, "
        "{ get() { throw new DOMException('blocked', 'SecurityError'); } })"
    )
    page.goto(f"{url}remark/")
    page.keyboard.press("/")
    page.get_by_label("Remark").fill(TEXT)
    press(page)

    expect(page.get_by_text(TEXT)).to_be_visible()
    assert broken == []


def test_another_text_than_what_got_no_answer_is_another_remark(page, line):
    page.get_by_label("Remark").fill(TEXT)
    press_unanswered(page, line)
    page.get_by_label("Remark").press_sequentially(" O diciembre.")
    press(page)

    expect(page.get_by_text("O diciembre.")).to_be_visible()
    assert remarks() == [TEXT, f"{TEXT} O diciembre."]


def test_after_an_answer_the_form_is_empty(page):
    page.get_by_label("Remark").fill(TEXT)
    press(page)
    expect(page.get_by_text(TEXT)).to_be_visible()
    page.locator("a[href$='/remark/']").last.click()

    expect(page.get_by_label("Remark")).to_have_value("")
    kept = page.evaluate("Object.keys(sessionStorage)")
    assert [key for key in kept if key.startswith("portal-typed")] == []
