"""Sums that change while somebody types, and drafts that are kept until their form is sent."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import AccessLink, FormDraft
from accounts.models.links import hash_token
from committees.models import ActionPlan, Remark
from projects.models import ProposalLink
from tests.factories import BudgetCategoryFactory, BudgetLineFactory, CallFactory, ProposalFactory
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def world():
    return World()


# Sums


@pytest.mark.parametrize(
    ("language", "typed", "sum_shown"),
    [
        ("en", ("1,000", "250.5"), "1,250.5"),
        ("es", ("1,000", "250.50"), "1,250.5"),
        ("fr", ("1 000", "250,5"), "1\u00a0250,5"),
        ("en", ("1 000", "250,75"), "1,250.75"),
    ],
)
def test_the_sum_of_a_budget_follows_what_is_typed_as_people_write_it(
    open_page, world, language, typed, sum_shown
):
    for number in (1, 2):
        category = BudgetCategoryFactory(project=world.project, code=f"C{number}")
        BudgetLineFactory(category=category, period=world.year, original=number)
    finance = world.people["finance"]
    finance.keep_language(language)
    url = reverse("projects:budget-year", args=[world.project.code, world.year.pk])
    page = open_page(url, user=finance, language=language)
    total = page.locator("[data-total-of]")
    expect(total).to_be_visible()
    expect(total).to_have_text("3")

    amounts = page.locator("td:last-child input")
    for place, text in enumerate(typed):
        amounts.nth(place).fill("")
        amounts.nth(place).press_sequentially(text)

    expect(total).to_have_text(sum_shown)
    amounts.nth(0).fill("a lot")
    expect(total).to_have_text("–")
    amounts.nth(0).fill("")
    amounts.nth(1).fill("7")
    expect(total).to_have_text("7")


def test_the_sum_is_marked_above_what_a_call_pays(open_page):
    call = CallFactory(largest=5_000, currency="USD")
    proposal = ProposalFactory(call=call, status="draft", language="en", submitted_at=None)
    token = proposal_token(proposal)
    page = open_page(reverse("calls:proposal", args=[call.code, token]), language="en")
    total = page.locator("[data-total-of]")

    page.locator("[name=amount_1]").fill("4,999.50")
    expect(total).to_have_text("4,999.5")
    expect(total).not_to_have_class("text-danger")
    page.locator("[name=amount_2]").fill("0.51")
    expect(total).to_have_text("5,000.01")
    expect(total).to_have_class("text-danger")


def test_without_a_script_no_sum_is_shown(open_page, world):
    BudgetLineFactory(category__project=world.project, period=world.year)
    url = reverse("projects:budget-year", args=[world.project.code, world.year.pk])
    page = open_page(url, user=world.people["finance"], java_script_enabled=False)

    assert page.locator("[data-total-of]").count() == 1
    expect(page.locator("[data-total-of]")).to_be_hidden()


def proposal_token(proposal):
    ProposalLink.objects.create(proposal=proposal, token_hash=hash_token("t0ken"))
    return "t0ken"


# Drafts


@pytest.fixture
def remark_page(world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="in_review", review_until=timezone.localdate() + timedelta(days=6)
    )
    _link, token = AccessLink.issue(world.people["partner"], "review_plan", world.plan, by=None)
    return reverse("committees:plan-link-remark", args=[token])


def keeping(page):
    """The requests of the page that keep a draft, and how each ended."""
    found = []
    page.on(
        "request",
        lambda request: request.headers.get("x-draft") and found.append(request),
    )
    return found


def test_what_is_typed_is_kept_after_two_seconds_and_comes_back(open_page, remark_page):
    page = open_page(remark_page, language="en")

    with page.expect_response(lambda answer: answer.request.headers.get("x-draft")) as kept:
        page.locator("[name=text]").fill("Half a thought")

    assert kept.value.status == 204
    assert FormDraft.objects.count() == 1
    page.reload()
    expect(page.locator("[name=text]")).to_have_value("Half a thought")


def test_sending_the_form_aborts_what_is_being_kept(open_page, remark_page):
    """A draft that arrives after the form would come back as one although it was sent."""
    page = open_page(remark_page, language="en")
    drafts, failed = keeping(page), []
    page.on("requestfailed", lambda request: failed.append(request))
    # The line is slow: the draft is under way when the form is sent.
    page.route(
        "**/*",
        lambda route: None if route.request.headers.get("x-draft") else route.continue_(),
    )
    page.locator("[name=text]").fill("A whole thought")
    page.wait_for_timeout(2500)
    assert len(drafts) == 1

    page.locator("form[data-draft] button.btn-primary").click()
    page.wait_for_url(lambda url: not url.endswith(remark_page))
    page.wait_for_timeout(2500)

    assert [request for request in failed if request in drafts] == drafts
    assert len(drafts) == 1  # nor is it kept again when the page is left
    assert (Remark.objects.get().text, FormDraft.objects.count()) == ("A whole thought", 0)


def test_sending_at_once_keeps_no_draft_at_all(open_page, remark_page):
    page = open_page(remark_page, language="en")
    drafts = keeping(page)
    page.locator("[name=text]").fill("A quick thought")

    page.locator("form[data-draft] button.btn-primary").click()
    page.wait_for_url(lambda url: not url.endswith(remark_page))
    page.wait_for_timeout(2500)

    assert drafts == []
    assert (Remark.objects.get().text, FormDraft.objects.count()) == ("A quick thought", 0)


def test_leaving_the_page_keeps_what_was_typed_a_moment_before(open_page, remark_page):
    page = open_page(remark_page, language="en")
    page.locator("[name=text]").fill("Half a thought")
    page.goto("/privacy/")
    for _attempt in range(50):  # it is sent while the next page comes
        if FormDraft.objects.exists():
            break
        page.wait_for_timeout(200)
    page.goto(remark_page)

    expect(page.locator("[name=text]")).to_have_value("Half a thought")
