"""A project's page tells in one screen where it stands, each card for who may see it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from committees.models import Action, ActionPlan, Committee
from ibcr_portal.models import ObligationKind
from ibcr_portal.obligations.due import Due, ResponsibleParty
from ibcr_portal.overview import share_of_actions, together
from ibcr_portal.overview_reading import actions_in_execution
from projects.models import DataPoint
from projects.permissions.roles import Role
from tests.factories import (
    ActionFactory,
    ActionTermsFactory,
    ActivityFactory,
    AssignmentFactory,
    BudgetLineFactory,
    DataPointFactory,
    ExpenditureFactory,
    IndicatorFactory,
    MeetingFactory,
    ReportingDutyFactory,
    RiskFactory,
    RiskRatingFactory,
)
from tests.obligations import write_all
from tests.world import ROLES, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """A plan in execution, whose action of the member is late."""
    world = World()
    ActionPlan.objects.update(status="in_execution", validated_by=world.decision)
    return world


def cards(client, world, role):
    client.force_login(world.people[role])
    response = client.get(world.project.get_absolute_url())
    return {card.name: card.facts for card in response.context["cards"]}, response


def test_time_is_set_against_what_is_done(client, world):
    ActivityFactory(project=world.project, share_done=40)
    ActivityFactory(project=world.project, share_done=81)
    Action.objects.update(share_done=30)

    facts = cards(client, world, "partner")[0]["progress"]

    # Half is rounded to the even number: 60.5 is 60.
    assert [row[1] for row in facts["chart"].rows] == ["100%", "60%", "30%"]
    assert facts["behind"] == 40


def test_actions_count_the_same_and_those_cancelled_not_at_all(world):
    for status, share in (("done", 0), ("cancelled", 10), ("in_progress", 50)):
        action = ActionFactory(project=world.project, status=status, share_done=share)
        ActionTermsFactory(plan=world.plan, action=action)

    assert (
        share_of_actions(actions_in_execution(world.project.pk, frozenset({Role.COORDINATOR})))
        == Decimal(150) / 3
    )
    assert share_of_actions([]) is None


def test_indicators_are_counted_by_the_rating_of_their_approved_values(client, world):
    for actual in (10, 9, 1):
        indicator = IndicatorFactory(result=world.result)
        for kind, number in (("target", 10), ("actual", actual)):
            DataPointFactory(indicator=indicator, kind=kind, period=world.year, numerator=number)
    DataPoint.objects.filter(numerator=1).update(status="submitted")  # then it is not measured

    facts = cards(client, world, "coordinator")[0]["indicators"]

    assert (facts["on_track"], facts["total"], facts["behind"]) == (2, 4, [])


def test_what_is_late_is_shown_to_who_may_see_it(client, world):
    ReportingDutyFactory(project=world.project)

    late = {
        role: [due.kind.value for due in found["late"]["rows"]]
        if "late" in (found := cards(client, world, role)[0])
        else []
        for role in ("coordinator", "reader", "member", "partner", "donor")
    }

    assert late == {
        "coordinator": ["safeguarding", "action", "period", "report"],
        "reader": ["safeguarding", "action", "period", "report"],
        "member": ["safeguarding", "action"],
        "partner": ["safeguarding"],
        "donor": ["report"],
    }


def test_as_much_is_late_as_in_the_list_of_what_is_due(client, world):
    for number in range(8):
        action = ActionFactory(project=world.project, reference=f"9.{number}")
        ActionTermsFactory(plan=world.plan, action=action)
    late = cards(client, world, "coordinator")[0]["late"]

    listed = client.get(f"/projects/{world.project.code}/due/?state=late")

    assert late["number"] == listed.context["page"].paginator.count > len(late["rows"])


def test_the_next_meeting_is_shown_once_it_is_convened(client, world):
    meeting = MeetingFactory(
        committee=world.committee,
        number=8,
        status="planned",
        starts_at=timezone.now() + timedelta(days=9),
        ends_at=timezone.now() + timedelta(days=9, hours=1),
    )

    assert cards(client, world, "coordinator")[0]["committee"]["next"] == meeting
    assert cards(client, world, "member")[0]["committee"]["next"] is None


@pytest.mark.parametrize(("status", "is_said"), [("active", True), ("dissolved", False)])
def test_a_dissolved_committee_has_no_next_meeting(client, world, status, is_said):
    Committee.objects.filter(pk=world.committee.pk).update(status=status)
    client.force_login(world.people["coordinator"])

    page = client.get(world.project.get_absolute_url()).text

    assert ("Next meeting" in page) == is_said


def test_budget_is_set_against_spending_for_who_may_see_it(client, world):
    line = BudgetLineFactory(period=world.year, original=1000)
    ExpenditureFactory(project=world.project, category=line.category, amount=250)

    told = {
        role: "money" in cards(client, world, role)[0] for role in ("donor", "reader", "member")
    }
    facts, response = cards(client, world, "coordinator")

    assert told == {"donor": True, "reader": True, "member": False}
    assert [row[1] for row in facts["money"]["chart"].rows] == ["1,000", "250", "250"]
    assert "<b>25%</b> of the approved budget has been spent; 100% of the time" in response.text


def test_the_three_gravest_risks_are_shown_to_who_may_see_them(client, world):
    for likelihood, impact in ((1, 1), (4, 4), (2, 2), (3, 4)):
        risk = RiskFactory(project=world.project, is_shared=impact == 2)
        RiskRatingFactory(risk=risk, likelihood=likelihood, impact=1, rated_on=date(2019, 5, 1))
        RiskRatingFactory(risk=risk, likelihood=likelihood, impact=impact)
    RiskRatingFactory(risk__project=world.project, risk__status="closed", impact=4, likelihood=4)

    seen = {
        role: [(g.level, g.trend) for g, _tone in found["risks"]["risks"]]
        for role in ("donor", "member", "reader", "partner")
        if "risks" in (found := cards(client, world, role)[0])
    }

    assert seen == {"donor": [(16, "up"), (12, "up"), (4, "up")], "member": [(4, "up")]}


def test_what_is_late_comes_first_and_a_card_without_content_is_left_out(client, world):
    assert list(cards(client, world, "coordinator")[0])[:2] == ["late", "coming"]

    project = AssignmentFactory(user=world.people["coordinator"]).project
    page = client.get(project.get_absolute_url())

    assert (page.context["cards"], page.context["plans"], page.context["reports"]) == ([], [], [])


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("panel", "outsider")])
def test_the_page_is_light_for_every_role(client, world, role, django_assert_max_num_queries):
    ReportingDutyFactory(project=world.project)
    line = BudgetLineFactory(period=world.year, original=1000)
    ExpenditureFactory(project=world.project, category=line.category)
    for _each in range(4):
        RiskRatingFactory(risk__project=world.project, risk__is_shared=True)
    client.force_login(world.people[role])
    write_all()

    with django_assert_max_num_queries(30):
        assert client.get(world.project.get_absolute_url()).status_code == 200


def test_the_page_asks_as_much_for_thirty_things_as_for_one(
    client, world, django_assert_max_num_queries
):
    client.force_login(world.people["coordinator"])
    counts = []
    for numbers in (range(1), range(1, 30)):
        for each in numbers:
            ReportingDutyFactory(project=world.project)
            ActionTermsFactory(plan=world.plan, responsible=world.institutions["partner"])
            IndicatorFactory(result=world.result, code=f"1199.{each}")
            BudgetLineFactory(period=world.year)
            RiskRatingFactory(risk__project=world.project)
        write_all()

        # Who asks and for what: session, user, project, roles (2), seat. Facts: values, results,
        # indicators, participations (2). Cards: activities, plans, actions with names (2), periods,
        # budget, spending, risks, meetings, resolutions, reports, what is due. Tabs: one of counts.
        with django_assert_max_num_queries(30) as statements:
            client.get(world.project.get_absolute_url())
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def test_policies_that_wait_for_the_same_day_share_a_line(world):
    policy = {
        "project": world.project,
        "kind": ObligationKind.SAFEGUARDING,
        "url": "/",
        "on": date(2026, 9, 1),
        "owner": ResponsibleParty("IEA"),
        "today": date(2026, 11, 28),
    }
    names = ("Never signed: IEA", "Never signed: IEB", "To be signed again: IEC")
    rows = [Due(key=name, title=name, **policy) for name in names]
    rows.append(replace(rows[0], key="other", title="Never signed: IED", on=date(2026, 9, 2)))
    rows.append(replace(rows[0], key="plan", title="Never: X", kind=ObligationKind.PLAN))

    assert [(due.title, due.url, due.owner.label) for due in together(rows)] == [
        (
            "Never signed: IEA, IEB",
            reverse("projects:due", args=[world.project.code]),
            "Institutions",
        ),
        ("To be signed again: IEC", "/", "IEA"),
        ("Never signed: IED", "/", "IEA"),
        ("Never: X", "/", "IEA"),
    ]
