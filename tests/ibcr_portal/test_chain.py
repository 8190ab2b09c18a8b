"""The evidence chain can be followed from a result, an indicator, an activity or an amendment."""

import pytest

from committees.models import ActionPlan, Audience
from projects.models import Amendment
from tests.factories import ActivityFactory, AgendaItemFactory, AmendmentFactory, SubjectFactory
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def page(client, person, thing):
    client.force_login(person)
    response = client.get(thing.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def test_a_result_leads_to_its_item_its_decision_and_its_action(client, world):
    SubjectFactory(agenda_item=world.item, result=world.result)
    SubjectFactory(resolution=world.decision, result=world.result)

    shown = page(client, world.people["coordinator"], world.result)

    for link in (world.item, world.decision, world.action):
        assert f'href="{link.get_absolute_url()}"' in shown


@pytest.mark.parametrize("make", [ActivityFactory, AmendmentFactory])
def test_so_do_activities_and_amendments(client, world, make):
    thing = make(project=world.project)
    SubjectFactory(resolution=world.decision, **{type(thing).__name__.lower(): thing})

    assert world.decision.get_absolute_url() in page(client, world.people["coordinator"], thing)


def test_the_chain_leads_nowhere_that_the_reader_may_not_go(client, world):
    SubjectFactory(agenda_item=world.item, result=world.result)
    SubjectFactory(resolution=world.decision, result=world.result)
    type(world.item).objects.update(audience=Audience.COORDINATION)

    for role in ("member", "partner", "donor"):
        shown = page(client, world.people[role], world.result)
        for link in (world.item, world.decision, world.action):  # the plan is a draft
            assert link.get_absolute_url() not in shown


def test_the_project_page_shows_what_the_committee_did(client, world):
    shown = page(client, world.people["member"], world.project)

    assert world.committee.get_absolute_url() in shown
    assert world.decision.get_absolute_url() in shown
    assert world.plan.get_absolute_url() not in shown  # a draft is for the team


@pytest.mark.parametrize("status", ["proposed", "declined"])
def test_what_is_not_on_the_agenda_is_for_the_coordination(client, world, status):
    item = AgendaItemFactory(
        meeting=world.meeting,
        title_fr="Proposé",
        status=status,
        proposed_seat=world.committee.seats.first(),
    )
    SubjectFactory(agenda_item=item, result=world.result)

    assert "Proposé" in page(client, world.people["coordinator"], world.result)
    for role in ("member", "partner", "donor", "reader"):
        assert "Proposé" not in page(client, world.people[role], world.result), role


@pytest.mark.parametrize(("status", "offered"), [("approved", True), ("recommended", False)])
def test_an_approved_amendment_offers_to_take_effect(client, world, status, offered):
    amendment = AmendmentFactory(
        project=world.project, status=status, donor_decided_on="2020-10-30"
    )

    shown = page(client, world.people["coordinator"], amendment)

    assert ("take-effect" in shown) is offered
    assert "take-effect" not in page(client, world.people["donor"], amendment)
    assert Amendment.objects.get().status == status


def test_the_number_of_queries_does_not_grow(client, world, django_assert_max_num_queries):
    ActionPlan.objects.update(status=ActionPlan.Status.IN_REVIEW)
    client.force_login(world.people["member"])
    counts = []
    for numbers in (range(1), range(1, 3)):
        for _ in numbers:
            SubjectFactory(agenda_item=world.item, result=world.result)
            SubjectFactory(resolution=world.decision, result=world.result)

        with django_assert_max_num_queries(30) as statements:
            client.get(world.result.get_absolute_url())
        counts.append(len(statements))

    few, many = counts
    assert many <= few
