"""Pages that are kept on a phone: read and answered without a connection, sent once when it is back.

The portal is behind a line that breaks (`tests.browser.cut_line`).
"""

import io
import json
import random
import re
import shutil
from collections import deque
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from accounts.models import AccessLink
from committees.models import (
    ActionPlan,
    Invitation,
    Meeting,
    NoteFile,
    Position,
    ProgressNote,
    Remark,
)
from projects.models import DataPoint, ValueRequest
from tests.browser.conftest import PHONE
from tests.browser.cut_line import BEFORE, HALF, UNANSWERED
from tests.browser.test_axe import faults_on
from tests.conftest import CHROMIUM_FLAGS, LOCALES, signed_in
from tests.factories import DataPointFactory, RemarkFactory
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("in_english"),
]

# Everything that the browser holds of the portal, but for what it shows.
HELD = """async () => {
  const db = await new Promise((done) => {
    const asked = indexedDB.open("portal-kept", 1);
    asked.onsuccess = () => done(asked.result);
  });
  if (!db.objectStoreNames.length) return [];
  const names = ["kept", "pages", "drafts", "entries"];
  const rows = await Promise.all(names.map((name) => new Promise((done) => {
    const asked = db.transaction(name).objectStore(name).getAll();
    asked.onsuccess = () => done(asked.result);
  })));
  db.close();
  return rows.flat().filter((row) => row.id !== "shell").map((row) => JSON.stringify(row));
}"""
AGE = """async (days) => {
  const db = await new Promise((done) => {
    const asked = indexedDB.open("portal-kept", 1);
    asked.onsuccess = () => done(asked.result);
  });
  const store = db.transaction("kept", "readwrite").objectStore("kept");
  const rows = await new Promise((done) => { store.getAll().onsuccess = (event) => done(event.target.result); });
  for (const row of rows) store.put({ ...row, until: row.until - days * 24 * 3600 * 1000 });
  await new Promise((done) => { store.transaction.oncomplete = done; });
  db.close();
}"""


@pytest.fixture
def world():
    """The partner's institution reviews a plan and is asked for values; the member's has an action of
    a plan in execution. Another institution has said something about the plan."""
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=ActionPlan.Status.IN_REVIEW, review_until=timezone.localdate() + timedelta(days=6)
    )
    RemarkFactory(
        plan=world.plan,
        institution=world.institutions["member"],
        text="Dicho por otra institución.",
        by=world.people["member"],
    )
    world.asked = ValueRequest.objects.create(
        project=world.project,
        institution=world.institutions["partner"],
        period=world.year,
        due_on=timezone.localdate() + timedelta(days=7),
    )
    world.people["partner"].language = world.people["member"].language = "en"
    for role in ("partner", "member"):
        world.people[role].save()
    return world


def in_execution(world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=ActionPlan.Status.IN_EXECUTION, validated_by=world.decision
    )


def address(world, page, person="partner", thing=None, purpose=""):
    link, token = AccessLink.issue(world.people[person], purpose, thing, by=None)
    return link, reverse(page, args=[token]), token


def plan_link(world):
    return address(world, "committees:plan-link", thing=world.plan, purpose="review_plan")


def action_link(world):
    in_execution(world)
    return address(world, "committees:action-link", "member", world.action, "note_progress")


def keep(page, url):
    page.goto(url)
    if page.locator("#keep details:not([open])").count():  # above a long plan it takes one line
        page.get_by_text("Bad connection?").click()
    page.get_by_role("button", name="Keep on this phone").click()
    page.wait_for_url("**/kept/*/")
    expect(page.get_by_text("Kept on this phone until")).to_be_visible()
    return page.url


def lose(page, line):
    line.is_up = False
    page.context.set_offline(True)


def find_again(page, line):
    line.is_up = True
    page.context.set_offline(False)


def status(page):
    return page.locator("#kept [role=status]")


# Reading


def test_a_plan_opens_without_a_connection_and_its_address_has_no_token(phone, line, world):
    _link, url, token = plan_link(world)
    own = {"institution": world.institutions["partner"], "by": world.people["partner"]}
    RemarkFactory(plan=world.plan, **own)
    page = phone()
    kept = keep(page, url)
    for name in ("Reply", "Withdraw"):
        expect(page.get_by_role("link", name=name)).to_be_visible()

    lose(page, line)
    page.goto(url)  # as in the message

    assert page.url == kept
    assert token not in page.url + page.content()
    expect(page.get_by_role("heading", level=1)).to_contain_text(world.plan.title)
    expect(page.get_by_text("There is no connection: this is how the page was")).to_be_visible()
    for name in ("Reply", "Withdraw"):  # their pages are not kept
        expect(page.get_by_role("link", name=name)).to_be_hidden()
    assert (
        page.evaluate("getComputedStyle(document.querySelector('header.top')).display") == "block"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    page.get_by_role("link", name=f"Comment {world.action.reference}", exact=True).click()
    expect(page.get_by_label("Remark")).to_be_visible()
    expect(page.locator("[name=action]")).to_have_value(str(world.action.pk))


def type_a_value(page, line, world):
    """Submit 40 for the indicator without a connection."""
    indicator = world.indicator
    indicator.responsible, indicator.due_per = world.institutions["partner"], "project_year"
    indicator.save()
    _link, url, _token = address(
        world, "projects:request-link", thing=world.asked, purpose="enter_values"
    )
    kept = keep(page, url)
    lose(page, line)
    page.goto(kept)
    page.locator(f"[name=i{indicator.pk}-total]").fill("40")
    page.get_by_role("button", name="Submit all").click()
    expect(status(page)).to_have_text("1 waiting to be sent.")
    return kept


def test_values_that_were_typed_without_a_connection(phone, line, world):
    page = phone()
    kept = type_a_value(page, line, world)
    find_again(page, line)
    page.goto(kept)

    expect(status(page)).to_contain_text("Sent ")
    (point,) = DataPoint.objects.totals()
    assert (point.value, point.status) == (40, "submitted")
    assert point.given_by == world.institutions["partner"]


def test_an_invitation_that_was_answered_without_a_connection(phone, line, world):
    begins = timezone.now() + timedelta(days=3)
    Meeting.objects.filter(pk=world.meeting.pk).update(
        status=Meeting.Status.CONVENED, starts_at=begins, ends_at=begins + timedelta(hours=2)
    )
    invitation = Invitation.objects.create(
        meeting=world.meeting, contact=world.people["member"].contacts.get(), seat=world.seat
    )
    _link, url, _token = address(
        world, "committees:invitation-link", "member", invitation, "invitation"
    )
    page = phone()
    kept = keep(page, url)
    lose(page, line)
    page.goto(kept)
    page.get_by_role("button", name="I am coming").click()
    expect(status(page)).to_have_text("1 waiting to be sent.")
    find_again(page, line)
    page.goto(kept)

    expect(status(page)).to_contain_text("Sent ")
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.channel) == ("accepted", "link")


def test_what_is_not_kept_says_so(phone, line, world):
    _link, url, _token = plan_link(world)
    page = phone()
    kept = keep(page, url)
    lose(page, line)
    page.goto("/kept/")
    expect(page.locator("#kept-list li")).to_have_count(1)
    page.goto("/calls/")
    expect(page.get_by_text("that page is not kept on this phone")).to_be_visible()
    page.goto(f"{kept}actions/{world.action.pk}/propose/")
    expect(page.get_by_text("This part is not kept on this phone.")).to_be_visible()


@pytest.mark.parametrize("language", LOCALES)
def test_kept_pages_are_open_to_everybody(phone, line, world, language):
    """Read with what waits, and with what was refused."""
    world.people["partner"].language = language
    world.people["partner"].save()
    _link, url, _token = plan_link(world)
    page = phone(language)
    page.goto(url)
    page.locator("#keep summary").click()
    page.locator("#keep button").click()
    page.wait_for_url("**/kept/*/")
    kept = page.url
    lose(page, line)
    for rest, field in (("remark/", "[name=text]"), ("position/?stance=asks", None)):
        page.goto(kept + rest)
        if field:
            page.locator(field).fill("Texto")
        page.locator("main form .btn-primary").click()
        page.wait_for_url(kept)
    expect(page.locator("#kept .chip.warn")).to_have_count(2)
    assert faults_on(page, language, deep=True) == []
    find_again(page, line)
    page.goto(kept)
    expect(page.locator("#kept .chip.bad")).to_have_count(1)
    assert faults_on(page, language, deep=True) == []


def test_nothing_of_other_partners_is_stored(phone, world):
    _link, url, _token = plan_link(world)
    page = phone()
    keep(page, url)

    held = page.evaluate(HELD)

    assert len(held) > 3
    assert not [row for row in held if "Dicho por otra institución." in row]
    assert not [row for row in held if "/mail/link/" in row]
    assert not [row for row in held if world.people["partner"].full_name in row]


# Sending


def test_what_is_sent_without_a_connection_waits_and_is_sent_once(phone, line, world):
    _link, url, _token = plan_link(world)
    page = phone()
    kept = keep(page, url)
    lose(page, line)
    page.goto(f"{kept}remark/")
    page.get_by_label("Remark").fill("Noviembre sería mejor.")
    page.get_by_role("button", name="Send the remark").click()

    expect(status(page)).to_have_text("1 waiting to be sent.")
    expect(page.get_by_text("Noviembre sería mejor.")).to_be_visible()
    assert not Remark.objects.filter(text="Noviembre sería mejor.").exists()
    page.goto("about:blank")
    find_again(page, line)
    page.goto(kept)

    expect(status(page)).to_contain_text("Sent ")
    expect(page.locator("#kept ul")).to_be_hidden()
    remark = Remark.objects.get(text="Noviembre sería mejor.")
    assert (remark.by, remark.institution) == (
        world.people["partner"],
        world.institutions["partner"],
    )


def test_what_is_not_sent_survives_the_browser(chromium, line, world, tmp_path):
    _link, url, _token = plan_link(world)
    with browser_of_its_own(chromium, line, tmp_path) as page:
        kept = keep(page, url)
        lose(page, line)
        page.goto(f"{kept}remark/")
        page.get_by_label("Remark").fill("Después de cerrar.")
        page.get_by_role("button", name="Send the remark").click()
        expect(status(page)).to_have_text("1 waiting to be sent.")
    line.is_up = True

    with browser_of_its_own(chromium, line, tmp_path) as page:
        page.goto(kept)
        expect(status(page)).to_contain_text("Sent ")

    assert Remark.objects.filter(text="Después de cerrar.").count() == 1


@contextmanager
def browser_of_its_own(chromium, line, folder):
    """A browser that keeps what it holds in a folder, so that it can be closed and opened again."""
    context = chromium.browser_type.launch_persistent_context(
        folder,
        executable_path=next(filter(None, map(shutil.which, ("chromium", "chromium-browser")))),
        args=CHROMIUM_FLAGS,
        base_url=line.url,
        locale=LOCALES["en"],
        viewport=PHONE,
    )
    with closing(context):
        yield context.pages[0]


def test_thirty_notes_over_a_line_that_breaks_fifty_times(phone, line, world):
    """Before the portal got it, before its answer, and in the middle of its answer."""
    _link, url, _token = action_link(world)
    page = phone()
    kept = keep(page, url)
    order = random.Random(2026)
    breaks = [*(order.choice((BEFORE, UNANSWERED, HALF)) for _each in range(50)), *[None] * 30]
    order.shuffle(breaks)
    line.breaks = deque(breaks)
    texts = [f"Nota {number:02}" for number in range(1, 31)]

    for text in texts:
        page.goto(kept)
        page.get_by_label("What was done").fill(text)
        page.get_by_role("button", name="Note the progress").click()
        expect(status(page)).to_have_text(re.compile("Sent|waiting"))
    for _attempt in range(100):
        if page.locator("#kept ul").is_hidden():
            break
        page.get_by_role("button", name="Send now").click()
        expect(status(page)).to_have_text(re.compile("Sent|waiting"))

    assert len(line.met) == 50
    assert set(line.met) == {BEFORE, UNANSWERED, HALF}
    notes = ProgressNote.objects.filter(action=world.action).order_by("pk")
    assert sorted(notes.values_list("text", flat=True)) == texts


# Conflicts


def test_a_review_that_ended_meanwhile_is_said_and_the_text_stays(phone, line, world):
    _link, url, _token = plan_link(world)
    page = phone()
    kept = keep(page, url)
    lose(page, line)
    page.goto(f"{kept}remark/")
    page.get_by_label("Remark").fill("Demasiado tarde.")
    page.get_by_role("button", name="Send the remark").click()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        review_until=timezone.localdate() - timedelta(days=1)
    )
    find_again(page, line)
    page.goto(kept)

    expect(page.get_by_text("Not accepted")).to_be_visible()
    expect(page.get_by_text("The time has run out: this was not recorded.")).to_be_visible()
    expect(page.get_by_text("Demasiado tarde.")).to_be_visible()
    assert not Remark.objects.filter(text="Demasiado tarde.").exists()

    page.locator("#kept ul").get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.locator("#kept ul")).to_be_hidden()
    assert not [row for row in page.evaluate(HELD) if "Demasiado tarde." in row]


def test_what_somebody_else_saved_meanwhile_is_shown_first(phone, line, world):
    page = phone()
    kept = type_a_value(page, line, world)
    DataPointFactory(indicator=world.indicator, period=world.year, numerator=30, status="submitted")
    find_again(page, line)
    page.goto(kept)
    page.get_by_role("link", name="Open and correct").click()

    field = page.locator(f"[name=i{world.indicator.pk}-total]")
    expect(field).to_have_value("40")
    expect(page.locator(".error-summary")).to_contain_text("30")
    assert DataPoint.objects.totals().get().value == 30

    page.get_by_role("button", name="Submit all").click()  # saving again is a decision
    expect(status(page)).to_contain_text("Sent ")
    assert DataPoint.objects.totals().get().value == 40


def test_what_was_refused_is_opened_corrected_and_sent(phone, line, world):
    _link, url, _token = plan_link(world)
    page = phone()
    kept = keep(page, url)
    lose(page, line)
    page.goto(f"{kept}position/?stance=asks")
    page.get_by_label("Asks for changes").check()
    page.get_by_role("button", name="Record the position").click()
    expect(status(page)).to_have_text("1 waiting to be sent.")
    find_again(page, line)
    page.goto(kept)
    page.get_by_role("link", name="Open and correct").click()
    expect(page.locator(".error-summary")).to_be_visible()
    assert page.get_by_label("Asks for changes").is_checked()
    page.get_by_label("Reason or remark").fill("Un mes más.")
    page.get_by_role("button", name="Record the position").click()

    expect(status(page)).to_contain_text("Sent ")
    expect(page.locator("#kept ul")).to_be_hidden()
    position = Position.objects.get()
    assert (position.stance, position.text) == ("asks", "Un mes más.")


def test_another_sign_in_does_not_keep_the_entry_from_being_sent(phone, line, world):
    """The CSRF token of the kept page is too old then."""
    in_execution(world)
    member = world.people["member"]
    page = phone()
    page.context.add_cookies([signed_in(member) | {"url": line.url}])
    kept = keep(page, reverse("committees:action-progress", args=[world.action.pk]))
    lose(page, line)
    page.goto(kept)
    page.get_by_label("What was done").fill("Taller hecho.")
    page.get_by_role("button", name="Save").click()
    expect(status(page)).to_have_text("1 waiting to be sent.")
    page.context.clear_cookies()
    find_again(page, line)
    page.goto(kept)
    expect(page.get_by_text("Sign in again, and it is sent.")).to_be_visible()
    assert not ProgressNote.objects.exists()

    page.context.add_cookies([signed_in(member) | {"url": line.url}])
    page.goto(kept)

    expect(status(page)).to_contain_text("Sent ")
    assert ProgressNote.objects.get().text == "Taller hecho."


# Removing


def test_what_is_kept_goes_with_the_link_and_what_was_typed_stays(phone, line, world):
    link, url, _token = plan_link(world)
    page = phone()
    kept = keep(page, url)
    lose(page, line)
    page.goto(f"{kept}remark/")
    page.get_by_label("Remark").fill("Ya no llega.")
    page.get_by_role("button", name="Send the remark").click()
    link.revoke()
    find_again(page, line)

    # Also where the text was sent first: the second time nothing is kept any more.
    for _ in range(2):
        page.goto(kept)
        expect(page.get_by_text("it was removed from this phone")).to_be_visible()
        expect(page.get_by_text("Ya no llega.")).to_be_visible()
    typed, ended = sorted(page.evaluate(HELD), key=lambda row: "Ya no llega." not in row)
    assert "Ya no llega." in typed
    assert sorted(json.loads(ended)) == ["at", "code", "id", "words"]


def test_what_is_sent_from_a_page_that_was_still_open_says_that_the_link_has_ended(
    phone, line, world
):
    link, url, _token = plan_link(world)
    page = phone()
    kept = keep(page, url)
    old = page.context.new_page()
    old.goto(f"{kept}remark/")
    old.get_by_label("Remark").fill("Ya no llega.")
    link.revoke()
    page.goto(kept)
    expect(page.get_by_text("it was removed from this phone")).to_be_visible()

    old.get_by_role("button", name="Send the remark").click()

    expect(old.get_by_text("it was removed from this phone")).to_be_visible()
    expect(old.get_by_text("Ya no llega.")).to_be_visible()
    reason = "The link has expired, or the page is no longer open to you. Copy your text"
    expect(old.get_by_text(reason)).to_be_visible()
    expect(old.get_by_text("The page is no longer kept on this phone.")).to_have_count(0)


def test_remove_and_fourteen_days_remove_everything(phone, line, world):
    _link, url, _token = plan_link(world)
    page = phone()
    keep(page, url)
    page.get_by_role("button", name="Remove from this phone").click()
    expect(page.get_by_text("Nothing is kept in this browser")).to_be_visible()
    assert page.evaluate(HELD) == []

    kept = keep(page, url)
    page.evaluate(AGE, 13)
    lose(page, line)
    page.goto(kept)
    expect(page.get_by_role("heading", level=1)).to_contain_text(world.plan.title)
    page.evaluate(AGE, 1.01)
    page.goto(kept)
    expect(page.get_by_text("This page is no longer kept on this phone.")).to_be_visible()
    assert page.evaluate(HELD) == []


def test_signing_out_removes_everything_and_asks_first(phone, line, world):
    in_execution(world)
    page = phone()
    page.context.add_cookies([signed_in(world.people["member"]) | {"url": line.url}])
    kept = keep(page, reverse("committees:action-progress", args=[world.action.pk]))
    lose(page, line)
    page.goto(kept)
    page.get_by_label("What was done").fill("Se pierde a sabiendas.")
    page.get_by_role("button", name="Save").click()
    expect(status(page)).to_have_text("1 waiting to be sent.")
    line.breaks = deque([BEFORE] * 20)
    find_again(page, line)
    page.goto("/people/me/")
    page.locator("details.menu summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()

    assert page.evaluate(HELD) == []


def test_signing_out_removes_everything_from_a_page_that_was_reloaded_by_force(phone, line, world):
    """The worker does not control such a page."""
    in_execution(world)
    page = phone()
    page.context.add_cookies([signed_in(world.people["member"]) | {"url": line.url}])
    keep(page, reverse("committees:action-progress", args=[world.action.pk]))
    page.goto("/people/me/")
    with page.expect_navigation():
        page.context.new_cdp_session(page).send("Page.reload", {"ignoreCache": True})
    assert page.evaluate("navigator.serviceWorker.controller") is None
    assert page.evaluate(HELD) != []
    page.locator("details.menu summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()

    assert page.evaluate(HELD) == []


# Other websites

ELSEWHERE = "http://elsewhere.test/"
SEND = """([action, fields]) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action });
  for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement("input"), { name, value }));
  document.body.append(form);
  form.submit();
}"""


def send(page, action, **fields):
    """Send a form from the page that is open."""
    with page.expect_navigation():
        page.evaluate(SEND, [action, fields])


def write_and_wait(page, line, kept):
    """Write a remark that waits to be sent. Return its number."""
    lose(page, line)
    page.goto(f"{kept}remark/")
    page.get_by_label("Remark").fill("Todavía no llega.")
    page.get_by_role("button", name="Send the remark").click()
    expect(status(page)).to_have_text("1 waiting to be sent.")
    action = page.locator("#kept ul form").get_attribute("action")
    return action.rstrip("/").rpartition("/")[2]


def held(page):
    """What is kept, but for how often it was sent."""
    return [re.sub(r'"tries":\d+', "", row) for row in page.evaluate(HELD)]


@pytest.mark.parametrize("policy", ["no-referrer", "unsafe-url"])
def test_another_website_removes_and_writes_nothing(phone, line, world, policy):
    """Not even one that knows the key."""
    _link, url, _token = plan_link(world)
    page = phone()
    page.context.route(
        f"{ELSEWHERE}**",
        lambda route: route.fulfill(
            content_type="text/html", body=f'<meta name="referrer" content="{policy}">'
        ),
    )
    kept = keep(page, url)
    number = write_and_wait(page, line, kept)
    before = held(page)

    for base in (f"{line.url}/kept/x/", kept):
        for rest in (f"entries/{number}/", f"remark/?entry={number}", "remark/", "remove/"):
            page.goto(ELSEWHERE)
            send(page, base + rest, text="De otro sitio.")
            assert page.url == base

    assert held(page) == before


def test_the_number_of_an_entry_is_nothing_without_its_key(phone, line, world):
    """On a page of the portal itself."""
    _link, url, _token = plan_link(world)
    page = phone()
    kept = keep(page, url)
    number = write_and_wait(page, line, kept)
    before = held(page)

    send(page, f"/kept/x/entries/{number}/")
    assert held(page) == before
    page.goto(kept)
    send(page, f"/kept/x/remark/?entry={number}", text="De otra página.")
    assert set(before) < set(held(page))
    page.goto(kept)
    send(page, f"{kept}entries/{number}/")
    assert not [row for row in held(page) if "Todavía no llega." in row]


def test_somebody_else_who_signs_in_gets_and_sends_nothing(phone, line, world):
    in_execution(world)
    page = phone()
    page.context.add_cookies([signed_in(world.people["member"]) | {"url": line.url}])
    kept = keep(page, reverse("committees:action-progress", args=[world.action.pk]))
    lose(page, line)
    page.goto(kept)
    page.get_by_label("What was done").fill("Del primero.")
    page.get_by_role("button", name="Save").click()
    expect(status(page)).to_have_text("1 waiting to be sent.")
    page.context.clear_cookies()
    page.context.add_cookies([signed_in(world.people["coordinator"]) | {"url": line.url}])
    find_again(page, line)
    page.goto(kept)

    expect(page.get_by_text("it was removed from this phone")).to_be_visible()
    assert not ProgressNote.objects.exists()
    typed, ended = sorted(page.evaluate(HELD), key=lambda row: "Del primero." not in row)
    assert "Del primero." in typed
    assert sorted(json.loads(ended)) == ["at", "code", "id", "words"]  # why it went


# Typing and photographs


def test_what_is_typed_and_not_sent_is_there_again(phone, line, world):
    _link, url, _token = plan_link(world)
    page = phone()
    kept = keep(page, url)
    lose(page, line)
    page.goto(f"{kept}remark/")
    page.get_by_label("Remark").fill("A medias")
    page.goto("about:blank")
    page.goto(f"{kept}remark/")

    expect(page.get_by_label("Remark")).to_have_value("A medias")
    page.get_by_role("button", name="Discard what I typed").click()
    expect(page.get_by_label("Remark")).to_have_value("")


@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "online"])
def test_a_photograph_is_made_smaller_and_stays_upright(phone, line, world, is_kept):
    _link, url, _token = action_link(world)
    page = phone()
    if is_kept:
        keep(page, url)
    else:
        page.goto(url)
    page.get_by_label("What was done").fill("Con foto.")
    page.get_by_label("Evidence").set_input_files(
        {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    )
    page.get_by_role("button", name="Note the progress").click()
    expect(page.get_by_text("Con foto.").first).to_be_visible()

    with NoteFile.objects.get().file as file, Image.open(file) as sent:
        assert sent.size == (1200, 1600)
        assert dict(sent.getexif()) == {}  # nor does it say where it was taken
        # Red at the top, as the camera meant it.
        red, _green, blue = sent.convert("RGB").getpixel((600, 100))
    assert red > 200 > 50 > blue


def photograph() -> bytes:
    """Of 2400 × 1800, lying on its side: the camera says that it is to be turned clockwise."""
    picture = Image.effect_noise((2400, 1800), 40).convert("RGB")
    picture.paste((0, 0, 255), (1200, 0, 2400, 1800))
    picture.paste((255, 0, 0), (0, 0, 1200, 1800))
    exif = Image.Exif()
    exif[0x0112] = 6
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=95, exif=exif)
    return made.getvalue()


def test_without_a_script_the_page_offers_nothing(phone, world):
    _link, url, _token = plan_link(world)
    page = phone(java_script_enabled=False)
    page.goto(url)

    expect(page.get_by_role("button", name="Keep on this phone")).to_be_hidden()
