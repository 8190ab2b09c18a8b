"""A partner reviews a plan on a telephone, without JavaScript: by the link of the message that
the portal sent, or signed in with a code."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.mailbox import letter_files, letters_in
from accounts.models import OutgoingMail
from committees.models import ActionPlan, Channel, Position, ProposedChange, Remark
from tests.factories import ActionFactory, ActionPlanFactory, ActionTermsFactory
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("in_english"),
]

PHONE = {"width": "phone", "language": "en", "java_script_enabled": False}


@pytest.fixture
def world():
    """The plan has a version before it, and one action more, which is the partner's."""
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(version=2)
    before = ActionPlanFactory(
        period=world.year, status=ActionPlan.Status.SUPERSEDED, validated_by=world.decision
    )
    same = {"action": world.action, "result": world.result, "title_fr": world.terms.title_fr}
    responsible = world.terms.responsible
    ActionTermsFactory(plan=before, ends_on=date(2019, 8, 31), responsible=responsible, **same)
    world.own = ActionTermsFactory(
        plan=world.plan,
        action=ActionFactory(project=world.project, reference="9.9"),
        result=world.result,
        responsible=world.institutions["partner"],
    )
    return world


@pytest.fixture
def asked(open_page, world):
    """The coordinator opens the review in the browser; the portal writes to the partners."""
    page = open_page(world.plan.get_absolute_url(), user=world.people["coordinator"], language="en")
    until = timezone.localdate() + timedelta(days=6)
    page.get_by_role("link", name="Open the review").click()
    page.get_by_label("Open until").fill(until.isoformat())
    page.get_by_role("button", name="Open and inform the institutions").click()
    expect(page.get_by_text("In review").first).to_be_visible()
    page.context.close()
    return world.people["partner"]


def test_by_the_link_of_the_message(open_page, world, asked):
    message = OutgoingMail.objects.get(person=asked)
    address = re.search(r"http\S+/plans/link/\S+", message.text)[0]

    page = open_page(address, **PHONE)
    read_what_concerns_it(page, world)
    propose_other_dates(page, world)
    review(page, world)

    answers = [Remark.objects.get(), ProposedChange.objects.get(), *Position.objects.all()]
    assert {answer.channel for answer in answers} == {Channel.LINK}
    assert "sessionid" not in {cookie["name"] for cookie in page.context.cookies()}


@pytest.mark.deep(part="browser")
def test_signed_in_with_a_code(open_page, world, asked):
    page = open_page(world.plan.get_absolute_url(), **PHONE)
    page.get_by_role("link", name="Send me a code by e-mail").click()
    page.get_by_label("Email").fill(asked.email)
    page.get_by_role("button", name="Request Code").click()
    code = re.search(r"^([A-Z]{4}-[A-Z]{4})$", newest_letter(asked), re.MULTILINE)[1]
    page.get_by_label("Code").fill(code)
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(world.plan.get_absolute_url())

    review(page, world)

    answers = [Remark.objects.get(), *Position.objects.all()]
    assert {answer.channel for answer in answers} == {Channel.PORTAL}
    assert {answer.by for answer in answers} == {asked}


def newest_letter(person) -> str:
    letters = (letter for path in letter_files() for letter in letters_in(path))
    return next(letter.text for letter in letters if letter.to == person.email)


def read_what_concerns_it(page, world):
    """Its own action before the others, and what is otherwise than in the version before."""
    rows = page.locator("tr[id^=action-]")
    expect(rows.nth(0)).to_contain_text("9.9")
    expect(rows.nth(0)).to_contain_text("Your institution")
    expect(rows.nth(1)).to_contain_text(world.action.reference)

    page.get_by_text("What changed since version 1: 2 actions").click()
    changed = page.locator(f"#change-{world.action.pk}")
    expect(changed.locator("del")).to_contain_text("August 31, 2019")
    expect(changed.locator("ins")).to_contain_text("September 30, 2019")
    expect(page.locator(f"#change-{world.own.action_id}")).to_contain_text("9.9")


def propose_other_dates(page, world):
    page.get_by_role("link", name="Propose a change 9.9", exact=True).click()
    page.locator("[name=ends_on]").fill("2019-11-30")
    page.get_by_label("Why").fill("La salle est fermée en octobre.")
    page.get_by_role("button", name="Send the proposal").click()

    expect(page.locator(f"#action-{world.own.action_id}")).to_contain_text("La salle est fermée")
    proposal = ProposedChange.objects.get()
    assert (proposal.action, proposal.field) == (world.own.action, "ends_on")
    assert (proposal.old_value, proposal.new_value) == ("2019-09-30", "2019-11-30")
    assert proposal.institution == world.institutions["partner"]
    world.own.refresh_from_db()
    assert world.own.ends_on == date(2019, 9, 30)


def review(page, world):
    """Comment on an action, endorse, then ask for changes; each is said back."""
    institution = world.institutions["partner"]
    page.get_by_role("link", name=f"Comment {world.action.reference}", exact=True).click()
    page.get_by_label("Remark").fill("Novembre conviendrait mieux.")
    page.get_by_role("button", name="Send the remark").click()
    expect(page.get_by_text("Novembre conviendrait mieux.")).to_be_visible()

    page.get_by_role("link", name="Endorse", exact=True).click()
    page.get_by_role("button", name="Record the position").click()
    expect(page.get_by_text(f"Recorded for {institution}: Endorses.")).to_be_visible()

    page.get_by_role("link", name="Give or change a position").click()
    page.get_by_label("Asks for changes").check()
    page.get_by_role("button", name="Record the position").click()
    expect(
        page.get_by_text("Say which changes your institution asks for.", exact=True)
    ).to_be_visible()
    page.get_by_label("Reason or remark").fill("Un mois de plus.")
    page.get_by_role("button", name="Record the position").click()
    expect(page.get_by_text(f"Recorded for {institution}: Asks for changes.")).to_be_visible()

    assert Remark.objects.get().action == world.action
    newest = Position.objects.order_by("-pk").first()
    assert (newest.institution, newest.stance) == (institution, "asks")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
