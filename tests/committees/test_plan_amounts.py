"""Who reads which amounts of a plan: the same on the page, by link, in the sheet and in documents."""

from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from committees.models import ActionPlan, Audience
from committees.permissions.amounts import amounts_for
from committees.plans.services.review import issue_link
from tests.factories import ActionFactory, ActionTermsFactory
from tests.world import World

pytestmark = pytest.mark.django_db

OWN, OTHERS, TOTAL = "4,001", "5,003", "9,004"
EVERYTHING, OWN_AND_TOTAL, TOTAL_ALONE = {OWN, OTHERS, TOTAL}, {OWN, TOTAL}, {TOTAL}


@pytest.fixture
def world():
    """One action of the member's institution, and one of the donor's, for the same result."""
    world = World()
    world.terms.budget = 4001
    world.terms.save()
    ActionTermsFactory(
        plan=world.plan,
        action=ActionFactory(project=world.project, reference="1.2"),
        result=world.result,
        responsible=world.institutions["donor"],
        budget=5003,
    )
    world.plan.status = ActionPlan.Status.PRESENTED
    world.plan.review_until = timezone.localdate()
    world.plan.save()
    return world


def amounts_in(text):
    return {amount for amount in (OWN, OTHERS, TOTAL) if amount in text}


def on_page(client, world, role):
    client.force_login(world.people[role])
    return amounts_in(client.get(world.plan.get_absolute_url()).content.decode())


def in_sheet(client, world, role):
    client.force_login(world.people[role])
    response = client.get(reverse("committees:plan-sheet", args=[world.plan.pk]))
    rows = load_workbook(BytesIO(response.content)).active.iter_rows(values_only=True)
    return amounts_in(" ".join(f"{row[-1]:,}" for row in rows if isinstance(row[-1], int)))


@pytest.mark.parametrize("seen", [on_page, in_sheet])
@pytest.mark.parametrize(
    ("role", "amounts"),
    [
        ("coordinator", EVERYTHING),
        ("finance", EVERYTHING),
        ("donor", EVERYTHING),
        ("member", OWN_AND_TOTAL),
        ("partner", TOTAL_ALONE),
    ],
)
def test_each_reads_the_amounts_meant_for_them(client, world, seen, role, amounts):
    assert seen(client, world, role) == amounts


def test_a_project_may_open_all_amounts(client, world):
    world.project.plan_amounts_open = True
    world.project.save()

    assert on_page(client, world, "partner") == in_sheet(client, world, "member") == EVERYTHING


def test_a_link_shows_the_totals_and_what_is_ones_own(client, world):
    ActionPlan.objects.update(status=ActionPlan.Status.IN_REVIEW)
    world.plan.refresh_from_db()
    _link, url = issue_link(world.plan, world.people["member"], by=None)

    assert amounts_in(client.get(url).content.decode()) == OWN_AND_TOTAL


def test_a_document_says_what_its_audience_may_know(world):
    each = {audience: amounts_for(audience, world.project).each for audience in Audience}
    totals = {audience for audience in Audience if amounts_for(audience, world.project).totals}

    assert {audience for audience, shown in each.items() if shown} == {"coordination", "donor"}
    assert totals == set(Audience) - {Audience.PUBLIC}
