"""For which audiences a person may have a document made, and what is compared where nothing was
chosen."""

import pytest

from committees.models import ActionPlan, InterestDeclaration, Meeting
from reports.compose.plan_differences import earlier_versions
from reports.kinds import kind_of
from reports.models import About, DocumentKind
from reports.permissions.documents import audiences_offered
from tests.factories import ActionPlanFactory, AgendaItemFactory, MeetingFactory, PeriodFactory


def offered(world, role, meeting):
    about = About(meeting, DocumentKind.PACK)
    return audiences_offered(world.people[role], about, kind_of(about).audiences)


@pytest.fixture
def recused(world):
    """The member left a reserved item of the first meeting; the other one has such an item too."""
    other = MeetingFactory(committee=world.committee, number=2, status=Meeting.Status.HELD)
    AgendaItemFactory(meeting=other, audience="voting")
    item = AgendaItemFactory(meeting=world.meeting, audience="voting")
    InterestDeclaration.objects.create(
        meeting=world.meeting, seat=world.seat, text="Bénéficiaire.", recused=True
    ).items.set([item])
    return other


def test_each_is_offered_the_packs_of_the_audiences_to_which_they_belong(world):
    found = {
        role: offered(world, role, world.meeting)
        for role in ("coordinator", "member", "partner", "outsider")
    }

    assert found == {
        "coordinator": ["committee", "voting", "coordination"],
        "member": ["committee", "voting"],
        "partner": [],
        "outsider": [],
    }


def test_who_is_recused_is_not_offered_the_pack_of_the_voting_seats(world, recused):
    assert offered(world, "member", world.meeting) == ["committee"]
    assert offered(world, "member", recused) == ["committee", "voting"]
    assert "voting" in offered(world, "coordinator", world.meeting)


def test_by_default_a_plan_is_compared_with_the_version_right_before_it(world):
    facts = {"validated_by": world.decision, "status": "validated"}
    ActionPlan.objects.filter(pk=world.plan.pk).update(**facts)
    second = ActionPlanFactory(period=world.year, version=2, **facts)
    third = ActionPlanFactory(period=world.year, version=3)
    year = PeriodFactory(project=world.project, number=2, start="2020-04-01", end="2021-03-31")
    next_year = ActionPlanFactory(period=year)

    assert [earlier_versions(plan).first() for plan in (second, third, next_year)] == [
        world.plan,
        second,
        second,
    ]
