"""A project's page tells in one screen where it stands, to each what they may see."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from committees.models import ActionPlan, Committee
from ibcr_portal.models import ObligationKind
from ibcr_portal.obligations.due import Due, ResponsibleParty
from ibcr_portal.overview import together
from projects.models import DataPoint
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
)
from tests.obligations import write_all
from tests.world import ROLES, World

pytestmark = pytest.mark.django_db
ROLES_SHOWN = ("coordinator", "donor", "reader", "member")


@pytest.fixture
def world():
    """A plan in execution, whose action of the member is late."""
    world = World()
    ActionPlan.objects.update(status="in_execution", validated_by=world.decision)
    return world


def opened(client, world, role):
    client.force_login(world.people[role])
    return client.get(world.project.get_absolute_url())


def figures(client, world, role):
    return {each.label: each for each in opened(client, world, role).context["figures"]}


def test_time_is_set_against_what_is_done(client, world):
    ActivityFactory(project=world.project, share_done=40)
    ActivityFactory(project=world.project, share_done=81)

    found = figures(client, world, "partner")["Time"]

    # Half is rounded to the even number: 60.5 is 60.
    assert (found.value, found.share, found.more) == ("100%", 100, "activities: 60% done")
    assert found.note == "1,096 of 1,096 days"


def test_indicators_are_counted_by_the_rating_of_their_approved_values(client, world):
    for actual in (10, 9, 1):
        indicator = IndicatorFactory(result=world.result)
        for kind, number in (("target", 10), ("actual", actual)):
            DataPointFactory(indicator=indicator, kind=kind, period=world.year, numerator=number)
    DataPoint.objects.filter(numerator=1).update(status="submitted")  # then it is not measured

    found = figures(client, world, "coordinator")["Indicators"]

    assert (found.value, found.of, found.share) == ("2", "of 4", 50)


def test_what_is_late_is_shown_to_who_may_see_it(client, world):
    ReportingDutyFactory(project=world.project)

    pages = {
        role: opened(client, world, role)
        for role in ("coordinator", "reader", "member", "partner", "donor")
    }

    assert {
        role: [due.kind.value for due in page.context["late"]] for role, page in pages.items()
    } == {
        "coordinator": ["safeguarding", "action"],
        "reader": ["safeguarding", "action"],
        "member": ["safeguarding", "action"],
        "partner": ["safeguarding"],
        "donor": ["report"],
    }
    assert {role: page.context["more_late"] for role, page in pages.items()} == {
        "coordinator": 4,
        "reader": 4,
        "member": 0,
        "partner": 0,
        "donor": 0,
    }
    assert "4 more late" in pages["coordinator"].text


def test_as_much_is_late_as_in_the_list_of_what_is_due(client, world):
    for number in range(8):
        action = ActionFactory(project=world.project, reference=f"9.{number}")
        ActionTermsFactory(plan=world.plan, action=action)
    late = figures(client, world, "coordinator")["Late"]

    listed = client.get(late.url)

    assert int(late.value) == listed.context["page"].paginator.count > 8


def test_nothing_late_is_said_without_alarm(client):
    coordinator = AssignmentFactory(role="coordinator")
    client.force_login(coordinator.user)

    page = client.get(coordinator.project.get_absolute_url())

    late = page.context["figures"][-1]
    assert (late.label, late.value, late.is_bad) == ("Late", "0", False)
    assert "Nothing is late, and nothing falls due within 30 days." in page.text


def test_the_next_meeting_is_shown_once_it_is_convened(client, world):
    meeting = MeetingFactory(
        committee=world.committee,
        number=8,
        status="planned",
        starts_at=timezone.now() + timedelta(days=9),
        ends_at=timezone.now() + timedelta(days=9, hours=1),
    )

    assert opened(client, world, "coordinator").context["meeting"] == meeting
    assert opened(client, world, "member").context["meeting"] is None


def test_only_those_who_prepare_it_are_led_to_the_next_meeting(client, world):
    starts = timezone.now() + timedelta(days=9)
    MeetingFactory(
        committee=world.committee, number=8, status="convened",
        starts_at=starts, ends_at=starts + timedelta(hours=1),
    )  # fmt: skip

    led = {
        role: "Prepare: 8th meeting" in opened(client, world, role).text
        for role in ("coordinator", "member")
    }

    assert led == {"coordinator": True, "member": False}


@pytest.mark.parametrize(("status", "is_said"), [("active", True), ("dissolved", False)])
def test_a_dissolved_committee_has_no_next_meeting(client, world, status, is_said):
    Committee.objects.filter(pk=world.committee.pk).update(status=status)
    client.force_login(world.people["coordinator"])

    page = client.get(world.project.get_absolute_url()).text

    assert ("Next meeting" in page) == is_said


def test_budget_is_set_against_spending_for_who_may_see_it(client, world):
    line = BudgetLineFactory(period=world.year, original=1000)
    ExpenditureFactory(project=world.project, category=line.category, amount=250)
    label = "Spent, in CAD"

    found = {role: figures(client, world, role).get(label) for role in ROLES_SHOWN}

    assert {role for role, figure in found.items() if figure} == {"donor", "reader", "coordinator"}
    assert (found["donor"].value, found["donor"].share) == ("25%", 25)
    assert found["donor"].note == "250 of 1,000"


def test_spending_without_a_budget_has_no_bar(client, world):
    ExpenditureFactory(project=world.project, amount=250)

    found = figures(client, world, "coordinator")["Spent, in CAD"]

    assert (found.value, found.share, found.note) == ("250", None, "without a budget")


def test_the_last_decision_is_shown_to_who_may_see_it(client, world):
    assert opened(client, world, "coordinator").context["decision"] == world.decision


def test_a_new_project_has_its_first_steps_and_no_empty_parts(client, world):
    project = AssignmentFactory(user=world.people["coordinator"]).project
    client.force_login(world.people["coordinator"])

    page = client.get(project.get_absolute_url())

    assert [each.label for each in page.context["figures"]] == ["Time", "Late"]
    assert (page.context["committee"], page.context["decision"]) == (None, None)


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("panel", "outsider")])
def test_the_page_is_light_for_every_role(client, world, role, django_assert_max_num_queries):
    ReportingDutyFactory(project=world.project)
    line = BudgetLineFactory(period=world.year, original=1000)
    ExpenditureFactory(project=world.project, category=line.category)
    client.force_login(world.people[role])
    write_all()

    with django_assert_max_num_queries(26):
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
        write_all()

        # Who asks and for what: session, user, project, roles (2), seat. Facts: values, results,
        # indicators, participations (2), periods. Figures: budget, spending. Then what is due with
        # names, committee, meetings and decisions. Tabs: one of counts.
        with django_assert_max_num_queries(26) as statements:
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
