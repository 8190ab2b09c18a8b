"""The live page of a meeting in a browser: keys, notes that survive a lost connection, a clash."""

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from committees.meetings.services.check_in import mark_seat
from committees.meetings.services.session import open_meeting
from committees.models import Invitation, Meeting, SeatTerm
from tests.factories import (
    AgendaItemFactory,
    AssignmentFactory,
    MeetingFactory,
    SeatFactory,
    SeatTermFactory,
    UserFactory,
)
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def world():
    return World()


@pytest.fixture
def meeting(world):
    now = timezone.now()
    meeting = MeetingFactory(
        committee=world.committee,
        number=5,
        mode=Meeting.Mode.HYBRID,
        status=Meeting.Status.FROZEN,
        starts_at=now - timedelta(minutes=5),
        ends_at=now + timedelta(hours=2),
    )
    AgendaItemFactory(meeting=meeting, position=1, title_fr="Ouverture")
    AgendaItemFactory(meeting=meeting, position=2, title_fr="Plan", purpose="decide")
    seat = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    SeatTermFactory(seat=seat)
    SeatTermFactory(seat=seat, capacity=SeatTerm.Capacity.ALTERNATE)
    open_meeting(meeting, by=world.people["coordinator"], why="")
    return meeting


def live(meeting):
    return f"{meeting.get_absolute_url()}session/"


def test_notes_survive_a_dropped_connection(open_page, world, meeting):
    page = open_page(live(meeting), user=world.people["coordinator"], language="en")
    page.get_by_role("button", name="Go on to this item").click()
    notes = page.get_by_label("Notes: Ouverture")
    notes.fill("The chair opens.")
    state = page.locator(".sit.now [data-state]")
    expect(state).to_contain_text("Saved")

    page.context.set_offline(True)
    notes.fill("The chair opens. The agenda is adopted.")
    expect(state).to_contain_text("kept in this browser")
    kept = page.evaluate("Object.keys(localStorage).filter(k => k.includes(':session:')).length")
    page.context.set_offline(False)

    expect(state).to_contain_text("Saved")
    item = meeting.items.first()
    assert (kept, item.notes) == (1, "The chair opens. The agenda is adopted.")
    assert page.evaluate("Object.keys(localStorage).filter(k => k.includes(':session:'))") == []


def test_notes_typed_without_a_connection_outlive_the_page(open_page, world, meeting):
    page = open_page(live(meeting), user=world.people["coordinator"], language="en")
    page.get_by_role("button", name="Go on to this item").click()
    expect(page.locator(".sit.now")).to_be_visible()
    page.route("**/notes/typed/", lambda route: route.abort())
    page.get_by_label("Notes: Ouverture").fill("Typed in a tunnel.")
    expect(page.locator(".sit.now [data-state]")).to_contain_text("kept in this browser")
    page.unroute("**/notes/typed/")

    page.reload()

    expect(page.get_by_label("Notes: Ouverture")).to_have_value("Typed in a tunnel.")
    expect(page.locator(".sit.now [data-state]")).to_contain_text("Saved")
    assert meeting.items.first().notes == "Typed in a tunnel."


def test_signing_out_leaves_no_notes_behind(open_page, world, meeting):
    page = open_page(live(meeting), user=world.people["coordinator"], language="en")
    page.route("**/notes/typed/", lambda route: route.abort())
    page.get_by_label("Notes: Ouverture").fill("Not for the next one.")
    expect(page.locator("[data-state]").first).to_contain_text("kept in this browser")

    page.get_by_label("My account: Rôle — coordinator").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()

    assert "Not for the next one." not in page.evaluate("JSON.stringify(localStorage)")


def test_two_who_write_the_same_note_are_told_and_lose_nothing(open_page, world, meeting):
    other = UserFactory(full_name="Rôle — second coordinator")
    AssignmentFactory(project=world.project, user=other)
    first = open_page(live(meeting), user=world.people["coordinator"], language="en")
    second = open_page(live(meeting), user=other, language="en")
    first.get_by_label("Notes: Ouverture").fill("Of the first.")
    expect(first.locator("[data-state]").first).to_contain_text("Saved")

    second.get_by_label("Notes: Ouverture").fill("Of the second.")

    clash = second.locator(".conflict").first
    expect(clash).to_contain_text("Somebody else saved notes")
    expect(clash.locator(".theirs")).to_have_text("Of the first.")
    assert meeting.items.first().notes == "Of the first."
    second.get_by_role("button", name="Combine both").click()
    expect(second.locator("[data-state]").first).to_contain_text("Saved")
    assert meeting.items.first().notes.splitlines() == ["Of the first.", "", "Of the second."]


WATCH = """() => {
  window.shift = 0;
  new PerformanceObserver((list) => { for (const each of list.getEntries()) window.shift += each.value; })
    .observe({ type: "layout-shift" });
}"""
PLACES = "() => [...document.querySelectorAll('.marks button')].map((one) => one.getBoundingClientRect().top)"


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_nothing_moves_under_the_pointer_while_people_are_marked(open_page, world, meeting, width):
    """A message that goes, marks of one's own, and those of somebody else."""
    seat = world.seat
    Invitation.objects.create(
        meeting=meeting,
        seat=seat,
        contact=seat.holder.contact,
        capacity="holder",
        answer="accepted",
        answered_at=timezone.now(),
        answered_for=meeting.starts_at,
    )
    page = open_page(live(meeting), user=world.people["coordinator"], language="en", width=width)
    page.get_by_role("button", name="Mark all who said they come").click()
    page.get_by_role("dialog").get_by_role("button", name="Mark all who said they come").click()
    expect(page.get_by_text("1 seat is marked as present.")).to_be_visible()
    page.locator(f"#seat-{seat.pk} button[data-key=o]").hover()
    page.evaluate(WATCH)
    before = page.evaluate(PLACES)

    for key in ("O", "E", "A", "P", "L", "B"):
        page.locator(f"#seat-{seat.pk} button[data-key={key.lower()}]").click()
        expect(page.locator(f"#seat-{seat.pk}.htmx-request")).to_have_count(0)
        page.wait_for_timeout(700)
        assert page.evaluate(PLACES) == before, key
    other = meeting.committee.seats.exclude(pk=seat.pk).get()
    mark_seat(meeting, other, "online")
    expect(page.locator(f"#seat-{other.pk} [data-key=o]")).to_have_attribute(
        "aria-pressed", "true", timeout=20_000
    )

    assert page.evaluate(PLACES) == before
    assert width == "phone" or page.evaluate("window.shift") == 0


MOVED = """() => {
  window.moved = [];
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) {
      if (!each.hadRecentInput && !window.pressed) window.moved.push(each.value);
    }
  }).observe({ type: "layout-shift", buffered: true });
}"""


@contextmanager
def pressing(page):
    """What a press of one's own moves is meant, however long its answer takes."""
    page.evaluate("window.pressed = true")
    yield
    page.wait_for_timeout(500)
    page.evaluate("window.pressed = false")


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_nothing_moves_by_itself_over_a_whole_session(open_page, world, meeting, width):
    page = open_page(live(meeting), user=world.people["coordinator"], language="en", width=width)
    page.evaluate(MOVED)
    for seat in range(2):
        page.locator(".seat").nth(seat).get_by_role("button", name="Online").click()
        expect(page.locator("#pulse")).to_contain_text(f"{seat + 1} of 2 voting seats")
    expect(page.locator("#pulse")).to_contain_text("Reached")
    with pressing(page):
        page.get_by_role("button", name="Go on to this item").click()
        page.get_by_label("Notes: Ouverture").fill("The chair opens.")
    expect(page.locator(".sit.now [data-state]")).to_contain_text("Saved")
    mark_seat(meeting, meeting.committee.seats.first(), "in_person")
    with pressing(page):
        page.locator("#outline a").nth(1).click()
        item = page.locator(".sit.shown")
        item.get_by_role("button", name="Go on to this item").click()
        item.get_by_role("link", name="Record a decision").click()
        item.get_by_label("Text (English)").fill("The plan is validated.")
        item.get_by_role("button", name="Save").last.click()
        expect(item.locator(".out")).to_contain_text("The plan is validated.")
    page.wait_for_timeout(16_000)  # the marks of others are asked for every 15 seconds

    assert meeting.resolutions.count() == 1
    assert page.evaluate("window.moved") == []


def test_a_seat_is_checked_in_by_one_key(open_page, world, meeting):
    page = open_page(live(meeting), user=world.people["coordinator"], language="en")
    page.locator(".seat button").first.focus()

    page.keyboard.press("o")
    expect(page.locator("#pulse")).to_contain_text("1 of 2 voting seats")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("s")
    expect(page.locator("#pulse")).to_contain_text("2 of 2 voting seats")
    expect(page.locator("#pulse")).to_contain_text("Reached")
    page.keyboard.press("l")
    expect(page.locator("#pulse")).to_contain_text("1 of 2 voting seats")

    rows = meeting.attendances.order_by("seat__position")
    assert [(row.presence, row.by_alternate, bool(row.left_at)) for row in rows] == [
        ("online", False, False),
        ("in_person", True, True),
    ]


def test_an_answer_that_comes_late_does_not_bring_back_the_quorum_before(open_page, world, meeting):
    page = open_page(live(meeting), user=world.people["coordinator"], language="en")
    late = []
    mark = re.compile(r"/mark/$")
    page.route(mark, lambda route: late.append((route, route.fetch())), times=1)
    for seat in range(2):
        page.locator(".seat").nth(seat).get_by_role("button", name="Online").click()
    page.wait_for_timeout(1000)

    (route, answer), *_ = late
    route.fulfill(response=answer)
    expect(page.locator("#pulse")).to_contain_text("2 of 2 voting seats")
    page.wait_for_timeout(1000)
    expect(page.locator("#pulse")).to_contain_text("2 of 2 voting seats")


def test_a_decision_is_recorded_in_place_and_the_notes_stay(open_page, world, meeting):
    page = open_page(live(meeting), user=world.people["coordinator"], language="en", width="phone")
    for seat in range(2):
        page.locator(".seat").nth(seat).get_by_role("button", name="Online").click()
    expect(page.locator("#pulse")).to_contain_text("Reached")
    page.locator("#outline a").nth(1).click()
    item = page.locator(".sit").nth(1)
    item.get_by_role("link", name="Record a decision").click()
    item.get_by_label("Text (English)").fill("Le plan est validé.")
    item.get_by_label("Responsible").select_option(index=1)
    item.get_by_label("Due").fill(f"{timezone.localdate() + timedelta(days=30)}")
    item.get_by_role("button", name="Save").last.click()

    expect(item.locator(".out")).to_contain_text("Le plan est validé.")
    assert meeting.resolutions.get().seats_present == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_all_of_it_works_without_javascript(open_page, world, meeting):
    page = open_page(
        live(meeting), user=world.people["coordinator"], language="en", java_script_enabled=False
    )
    page.get_by_role("button", name="Nothing to declare").click()
    page.locator(".seat").first.get_by_role("button", name="In person").click()
    page.get_by_role("button", name="Go on to this item").click()
    page.get_by_label("Notes: Ouverture").fill("Written plainly.")
    page.locator(".sit.now").get_by_role("button", name="Save").click()

    expect(page.locator("#said")).to_contain_text("The notes were saved.")
    first = meeting.items.first().pk
    assert page.url.endswith(f"/session/?item={first}#item-{first}")
    assert meeting.items.first().notes == "Written plainly."
    assert meeting.attendances.get().presence == "in_person"


def test_the_agenda_shows_another_item_at_once_with_the_one_toolbar(open_page, world, meeting):
    page = open_page(live(meeting), user=world.people["coordinator"], language="en")
    page.context.set_offline(True)

    page.locator("#outline a").nth(1).click()

    expect(page.locator(".sit.shown")).to_have_count(1)
    expect(page.get_by_label("Notes: Plan")).to_be_visible()
    expect(page.locator(".sit.shown .md-tools")).to_be_visible()
    expect(page.locator("#outline [aria-current]")).to_contain_text("2. Plan")


def test_no_press_is_lost_and_no_style_is_refused(open_page, world, meeting):
    page = open_page(live(meeting), user=world.people["coordinator"], language="en")
    refused = []
    page.on("console", lambda said: "Content Security" in said.text and refused.append(said.text))
    notes = page.get_by_label("Notes: Ouverture")
    notes.evaluate("field => { field.style.height = '300px'; }")  # as somebody drags its corner
    release = []
    page.route("**/item/", lambda route: release.append(route))

    page.get_by_role("button", name="Go on to this item").click()
    page.locator(".sit.shown").get_by_role("link", name="Record a recommendation").click()
    release[0].continue_()

    expect(page.locator(".sit.now .in-place form")).to_be_visible()
    page.locator(".seat button").first.dblclick()
    expect(page.locator(".seat button").first).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".seat").first).to_contain_text("In person")
    assert refused == []


@pytest.mark.parametrize("kind", ["decision", "recommendation"])
def test_what_is_typed_of_a_resolution_outlives_another_item_and_the_page(
    open_page, world, meeting, kind
):
    page = open_page(live(meeting), user=world.people["coordinator"], language="en")
    plan = page.locator(".sit").nth(1)
    page.locator("#outline a").nth(1).click()
    plan.get_by_role("link", name=f"Record a {kind}").click()
    plan.get_by_label("Text (English)").fill("The plan is to be printed.")
    plan.get_by_label("Due").fill("2031-05-01")
    expect(plan.locator("form [data-state]").last).to_contain_text("kept in this browser")
    expect(page.locator("#outline a").nth(1)).to_contain_text("Not saved yet")

    page.locator("#outline a").nth(0).click()
    page.locator(".sit.shown").get_by_role("button", name="Go on to this item").click()
    expect(page.locator(".sit.now")).to_contain_text("Ouverture")
    page.locator("#outline a").nth(1).click()
    after_another_item = plan.get_by_label("Text (English)")
    expect(after_another_item).to_have_value("The plan is to be printed.")
    page.goto("about:blank")
    page.goto(f"{live(meeting)}?item={meeting.items.last().pk}")
    expect(plan.get_by_label("Text (English)")).to_have_value("The plan is to be printed.")
    expect(plan.get_by_label("Due")).to_have_value("2031-05-01")

    plan.get_by_role("link", name="Cancel").click()
    page.reload()
    expect(page.locator("#outline")).not_to_contain_text("Not saved yet")
    assert page.evaluate("Object.keys(localStorage).filter(k => k.includes(':out:'))") == []


def test_a_recommendation_without_a_day_is_asked_about_and_saved_as_it_is(
    open_page, world, meeting
):
    page = open_page(live(meeting), user=world.people["coordinator"], language="en")
    item = page.locator(".sit.shown")
    item.get_by_role("link", name="Record a recommendation").click()
    item.get_by_label("Text (English)").fill("Everybody reads it.")
    item.get_by_label("Responsible").select_option(index=1)
    item.get_by_role("button", name="Save").last.click()
    expect(item.locator(".alert-warning:visible")).to_contain_text("It has no due day")
    expect(item.locator(".alert-danger")).to_have_count(0)

    item.get_by_role("button", name="Save as it is").click()

    expect(item.locator(".out")).to_contain_text("Everybody reads it.")
    expect(page.locator("#outline")).not_to_contain_text("Not saved yet")
    assert meeting.resolutions.get().text_en == "Everybody reads it."
    assert page.evaluate("Object.keys(localStorage).filter(k => k.includes(':out:'))") == []


def test_signing_out_leaves_no_resolution_behind(open_page, world, meeting):
    page = open_page(live(meeting), user=world.people["coordinator"], language="en")
    item = page.locator(".sit.shown")
    item.get_by_role("link", name="Record a recommendation").click()
    item.get_by_label("Text (English)").fill("Not for the next one.")

    page.get_by_label("My account: Rôle — coordinator").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()

    assert "Not for the next one." not in page.evaluate("JSON.stringify(localStorage)")


def test_an_item_that_comes_late_takes_back_no_note_and_blames_nobody(open_page, world, meeting):
    page = open_page(live(meeting), user=world.people["coordinator"], language="en")
    clashes, held = [], []
    page.on("response", lambda answer: answer.status == 409 and clashes.append(answer.url))
    page.route("**/item/", lambda route: held.append((route, route.fetch(max_redirects=3))))
    page.get_by_role("button", name="Go on to this item").click()
    notes, state = page.get_by_label("Notes: Ouverture"), page.locator(".sit.shown [data-state]")
    page.wait_for_timeout(500)  # the answer is made, and does not come yet
    notes.fill("First sentence.")
    expect(state).to_contain_text("Saved")
    route, answer = held[0]
    route.fulfill(response=answer)
    expect(page.locator(".sit.now")).to_be_visible()
    expect(notes).to_have_value("First sentence.")

    notes.fill("First sentence. Second sentence.")
    expect(state).to_contain_text("Saved")

    assert (clashes, page.locator(".conflict:visible").count()) == ([], 0)
    assert meeting.items.first().notes == "First sentence. Second sentence."


def test_the_focus_goes_to_the_item_that_was_called_up(open_page, world, meeting):
    """The button that was pressed is gone: the next Tab would begin at another place."""
    page = open_page(live(meeting), user=world.people["coordinator"], language="en")

    page.get_by_role("button", name="Go on to this item").press("Enter")
    expect(page.locator(".sit.now h2")).to_be_focused()
    expect(page.locator("#said")).to_contain_text("Now: Ouverture")

    page.locator("#outline [data-see]").nth(1).press("Enter")
    expect(page.locator(".sit.shown h2")).to_be_focused()
    expect(page.locator(".sit.shown h2")).to_contain_text("Plan")
