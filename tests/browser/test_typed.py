"""How long a browser keeps what somebody typed and did not save."""

import pytest
from playwright.sync_api import expect

from committees.models import ActionPlan, AgendaItem, Meeting, Resolution
from tests.committees.conftest import in_days
from tests.factories import ActionPlanFactory, AgendaItemFactory, AttendanceFactory, ReportFactory
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
]

WEEK = 7 * 24 * 3600 * 1000
KEPT = """() => [localStorage, sessionStorage].flatMap(Object.entries)
  .filter(([key]) => /^portal-(text|typed)/.test(key)).map(([, value]) => value).join()"""
AGE = """by => [localStorage, sessionStorage].forEach(storage => Object.entries(storage)
  .filter(([key]) => /^portal-(text|typed)/.test(key))
  .forEach(([key, value]) => {
    const text = JSON.parse(value)
    storage.setItem(key, JSON.stringify({ ...text, at: text.at - by }))
  }))"""


@pytest.fixture
def world():
    return World()


def half_written(page, path, words):
    page.goto(path)
    field = page.get_by_role("main").get_by_role("textbox").first
    field.fill(words)
    return field


def test_signing_out_forgets_what_was_typed_in_every_window(open_page, world):
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])
    section = f"{report.get_absolute_url()}sections/context/en/"
    first = open_page("/", user=world.people["coordinator"], language="en")
    second, third = first.context.new_page(), first.context.new_page()
    half_written(second, section, "Half a thought")
    half_written(third, f"/projects/{world.project.code}/edit/", "Half a name")
    third.goto("/")
    assert "Half a thought" in first.evaluate(KEPT)
    assert "Half a name" in third.evaluate(KEPT)

    first.get_by_label("My account: Rôle — coordinator").click()
    first.get_by_role("button", name="Sign out").click()
    expect(first.get_by_role("link", name="Sign in").first).to_be_visible()

    assert [page.evaluate(KEPT) for page in (first, second, third)] == ["", "", ""]
    # Nor does a window keep anything that is closed or used later.
    second.on("dialog", lambda dialog: dialog.accept())
    second.get_by_role("main").get_by_role("textbox").first.press_sequentially(" more")
    second.goto("/privacy/")
    assert second.evaluate(KEPT) == ""


def test_what_is_a_week_old_is_deleted(open_page, world):
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])
    section = f"{report.get_absolute_url()}sections/context/en/"
    page = open_page("/", user=world.people["coordinator"], language="en")
    page.on("dialog", lambda dialog: dialog.accept())
    half_written(page, section, "Half a thought")
    half_written(page, f"/projects/{world.project.code}/edit/", "Half a name")
    page.goto("/projects/")

    page.evaluate(AGE, WEEK - 60_000)
    page.goto("/")
    assert "Half a thought" in page.evaluate(KEPT)
    assert "Half a name" in page.evaluate(KEPT)
    page.evaluate(AGE, 120_000)
    page.goto("/")
    assert page.evaluate(KEPT) == ""


@pytest.mark.parametrize(("changed", "count"), [(False, 1), (True, 2)], ids=["same", "changed"])
def test_going_back_and_saving_again_writes_nothing_twice(open_page, world, changed, count):
    page = open_page("/", user=world.people["coordinator"], language="en")
    page.goto(f"/meetings/{world.meeting.pk}/items/new/")
    before = AgendaItem.objects.count()
    page.get_by_label("Title").first.fill("Budget of the second year")
    page.get_by_role("button", name="Save").first.click()
    page.wait_for_url(lambda url: "/new/" not in url)
    page.go_back()
    title = page.get_by_label("Title").first
    expect(title).to_have_value("Budget of the second year")
    if changed:
        title.press_sequentially(" again")

    page.get_by_role("button", name="Save").first.click()
    page.wait_for_url(lambda url: "/new/" not in url)

    assert page.get_by_text("This was already saved.").count() == int(not changed)
    assert AgendaItem.objects.count() == before + count


def test_a_meeting_planned_twice_by_going_back_is_planned_once_unless_it_was_removed(
    open_page, world
):
    """The number that the page proposes the second time is another one."""
    page = open_page("/", user=world.people["coordinator"], language="en")
    page.goto(f"/committees/{world.committee.pk}/meetings/new/")
    before = Meeting.objects.count()
    page.locator("[name=day]").fill(in_days(40).date().isoformat())
    page.locator("[name=start]").fill("10:00")
    page.locator("[name=end]").fill("12:00")
    page.get_by_role("main").get_by_role("button", name="Save").first.click()
    page.wait_for_url(lambda url: "/new/" not in url)
    page.go_back()

    page.get_by_role("main").get_by_role("button", name="Save").first.click()
    page.wait_for_url(lambda url: "/new/" not in url)

    assert page.get_by_text("This was already saved.").count() == 1
    assert Meeting.objects.count() == before + 1

    made = Meeting.objects.latest("pk")
    page.goto(f"/meetings/{made.pk}/delete/")
    page.get_by_role("main").get_by_role("button", name="Delete").click()
    page.wait_for_url(lambda url: "/delete/" not in url)
    assert Meeting.objects.count() == before
    with page.expect_navigation(url=lambda url: "/new/" in url):
        page.evaluate("history.go(-3)")
    page.get_by_role("main").get_by_role("button", name="Save").first.click()
    page.wait_for_url(lambda url: "/new/" not in url)

    assert Meeting.objects.count() == before + 1


@pytest.mark.parametrize(("changed", "count"), [(False, 1), (True, 2)], ids=["same", "changed"])
def test_a_decision_saved_again_by_going_back_is_one_although_its_effect_is_offered_no_more(
    open_page, world, changed, count
):
    """The plan that it validated is validated by then: another one is offered in its place."""
    AttendanceFactory(meeting=world.meeting, seat=world.seat)
    item = AgendaItemFactory(meeting=world.meeting, purpose=AgendaItem.Purpose.DECIDE)
    plans = [
        ActionPlanFactory(period=world.year, version=number, status=ActionPlan.Status.PRESENTED)
        for number in (2, 3)
    ]
    before = Resolution.objects.count()
    page = open_page("/", user=world.people["coordinator"], language="en")
    page.goto(f"/items/{item.pk}/decisions/new/")
    text = page.locator("[name=text_en], [name=text_fr]").first
    text.fill("The plan is validated.")
    page.locator(f"[name=effects][value=actionplan-{plans[0].pk}]").check()
    page.get_by_role("main").get_by_role("button", name="Save").first.click()
    page.wait_for_url(lambda url: "/new/" not in url)
    page.go_back()
    expect(text).to_have_value("The plan is validated.")
    if changed:
        text.press_sequentially(" Again.")

    page.get_by_role("main").get_by_role("button", name="Save").first.click()
    page.wait_for_url(lambda url: "/new/" not in url)

    assert page.get_by_text("This was already saved.").count() == int(not changed)
    assert Resolution.objects.count() == before + count
    for plan in plans:
        plan.refresh_from_db()
    assert [plan.status for plan in plans] == ["validated", "presented"]
