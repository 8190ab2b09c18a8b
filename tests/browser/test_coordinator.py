"""The coordinator settles what was proposed and presents the plan, then plans a meeting and
records it: the plan is validated with a quorum alone."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from committees.models import ActionPlan, ProposedChange, Resolution
from tests.factories import (
    PASSWORD,
    ContactFactory,
    ProposedChangeFactory,
    SeatFactory,
    SeatTermFactory,
)
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("in_english"),
]


@pytest.fixture
def world():
    """The committee has three voting seats, and two institutions propose different dates for an
    action of the plan in review."""
    world = World()
    for role in ("partner", "embassy"):
        seat = SeatFactory(committee=world.committee, institution=world.institutions[role])
        contact = ContactFactory(institution=seat.institution)
        SeatTermFactory(seat=seat, contact=contact, since=date(2019, 6, 1))
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=ActionPlan.Status.IN_REVIEW, review_until=timezone.localdate() + timedelta(days=3)
    )
    for role, ends_on in (("member", "2019-10-31"), ("partner", "2019-11-30")):
        ProposedChangeFactory(
            plan=world.plan,
            action=world.action,
            institution=world.institutions[role],
            by=world.people[role],
            new_value=ends_on,
        )
    return world


def test_a_meeting_from_its_agenda_to_the_validated_plan(open_page, world, with_password):
    page = open_page("/accounts/login/", language="en")
    page.set_default_timeout(20_000)
    sign_in(page, with_password(world.people["coordinator"]))
    settle_and_present(page, world)
    page.goto(world.committee.get_absolute_url())

    plan_the_meeting(page)
    write_the_agenda(page, world)
    page.get_by_role("link", name="Record afterwards").click()
    page.get_by_label("Source of this record").fill("Signed minutes")
    page.get_by_role("button", name="Record afterwards").click()
    page.wait_for_url("**/session/")
    meeting = page.url.removesuffix("session/")
    page.goto(meeting)

    record_attendance(page, present=1)
    page.goto(meeting)
    record_the_decision(page, world)
    expect(page.get_by_text("Without a quorum nothing can be decided.")).to_be_visible()
    assert not Resolution.objects.filter(meeting__number=2).exists()
    assert ActionPlan.objects.get().status == ActionPlan.Status.PRESENTED

    page.goto(meeting)
    record_attendance(page, present=2)
    page.goto(meeting)
    write_notes(page, meeting)
    record_the_decision(page, world)
    record_the_recommendation(page, world, meeting)
    the_plan_is_validated(page, world)


def sign_in(page, person):
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()


def settle_and_present(page, world):
    """Both proposals stand side by side: one is accepted, the other declined, with an answer."""
    first = ProposedChange.objects.first().pk
    page.goto(f"{world.plan.get_absolute_url()}proposals/")
    member, partner = (str(world.institutions[role]) for role in ("member", "partner"))
    expect(page.locator(f"ul:has(#proposal-{first}) > li")).to_have_count(2)

    page.get_by_role("link", name=f"Accept or decline {partner}").click()
    page.get_by_label("Accept").check()
    page.get_by_role("button", name="Settle").click()
    page.get_by_role("link", name=f"Accept or decline {member}").click()
    page.get_by_label("Decline").check()
    page.get_by_role("button", name="Settle").click()
    expect(
        page.get_by_text("Say why it is declined: the institution will read this.", exact=True)
    ).to_be_visible()
    page.get_by_label("Answer to the institution").fill("Octobre est trop tôt pour les autres.")
    page.get_by_role("button", name="Settle").click()
    expect(page.get_by_text("The proposal is declined")).to_be_visible()

    page.goto(world.plan.get_absolute_url())
    page.get_by_role("button", name="Present to the committee").click()
    dialog = page.get_by_role("dialog", name="Present the plan?")
    dialog.get_by_role("button", name="Present to the committee").click()
    expect(page.get_by_text("The plan is before the committee.")).to_be_visible()
    settled = ProposedChange.objects.order_by("new_value").values_list("status", "answer")
    assert list(settled) == [
        ("declined", "Octobre est trop tôt pour les autres."),
        ("accepted", ""),
    ]
    world.terms.refresh_from_db()
    assert world.terms.ends_on == date(2019, 11, 30)
    assert ActionPlan.objects.get().status == ActionPlan.Status.PRESENTED


def plan_the_meeting(page):
    page.get_by_role("link", name="Plan a meeting").click()
    page.get_by_label("Day").fill("2020-09-03")
    page.get_by_label("Start").fill("09:00")
    page.get_by_label("End").fill("12:00")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Save as it is").click()
    expect(page.get_by_text("The meeting is planned. Now write its agenda.")).to_be_visible()


def write_the_agenda(page, world):
    page.get_by_role("link", name="Add an item").click()
    page.get_by_label("Title (English)").fill("Action plan of the year")
    page.get_by_label("Purpose").select_option(label="To decide")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Edit this item").click()
    page.get_by_role("link", name="Links", exact=True).click()
    page.get_by_label("Relates to").select_option(label=str(world.plan))
    page.get_by_role("button", name="Add the link").click()
    page.get_by_role("navigation", name="You are here").get_by_role("link").last.click()
    expect(page.get_by_role("link", name=str(world.plan))).to_be_visible()


def record_attendance(page, *, present):
    page.get_by_role("link", name="Attendance", exact=False).first.click()
    page.get_by_role("link", name="Record the attendance").first.click()
    for number in range(present):
        page.get_by_label("Presence").nth(number).select_option(label="Online")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("table").get_by_text("Online")).to_have_count(present)


def write_notes(page, meeting):
    """On the live page, which saves them while they are typed."""
    page.get_by_role("link", name="Write them").click()
    item = page.locator(".sit.shown")
    item.get_by_role("textbox").fill("The plan was discussed **action by action**.")
    expect(item.locator("[data-state]")).to_contain_text("Saved")
    page.goto(meeting)
    expect(page.get_by_text("action by action")).to_be_visible()


def record_the_decision(page, world):
    page.get_by_text("Edit this item").click()
    page.get_by_role("link", name="Record a decision").click()
    page.get_by_label("Text (English)").fill("The plan of the year is validated.")
    page.get_by_label(f"validates “{world.plan}”").check()
    page.get_by_role("main").get_by_role("button", name="Save").click()


def record_the_recommendation(page, world, meeting):
    page.goto(meeting)
    page.get_by_text("Edit this item").click()
    page.get_by_role("link", name="Record a recommendation").click()
    page.get_by_label("Text (English)").fill("Name a team in charge.")
    page.get_by_label("Responsible").select_option(label=str(world.institutions["partner"]))
    page.get_by_label("Due").fill("2020-12-15")
    page.get_by_role("main").get_by_role("button", name="Save").click()
    page.goto(meeting)
    expect(page.get_by_text("Name a team in charge.")).to_be_visible()
    expect(page.get_by_text("Due December 15, 2020")).to_be_visible()


def the_plan_is_validated(page, world):
    page.goto(world.plan.get_absolute_url())
    decision = Resolution.objects.get(meeting__number=2, kind="decision")
    recommendation = Resolution.objects.get(meeting__number=2, kind="recommendation")
    plan = ActionPlan.objects.get()

    expect(page.get_by_text("Validated", exact=True).first).to_be_visible()
    expect(page.get_by_role("link", name=str(decision)).first).to_be_visible()
    assert (plan.status, plan.validated_by) == (ActionPlan.Status.VALIDATED, decision)
    assert (decision.seats_present, decision.seats_required, decision.seats_total) == (2, 2, 3)
    assert recommendation.addressee == world.institutions["partner"]
    assert recommendation.due_on == date(2020, 12, 15)
