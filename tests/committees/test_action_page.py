"""The page of an action: progress, its place in each version, its chain both ways."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.translation import override

from committees.models import Action, ActionPlan
from tests.factories import (
    ActionPlanFactory,
    ActionTermsFactory,
    ActivityFactory,
    AgendaItemFactory,
    RecommendationFactory,
    ResolutionFactory,
    SubjectFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db

Status = ActionPlan.Status


@pytest.fixture
def world():
    world = World()
    move(world, Status.IN_EXECUTION)
    return world


def move(world, status):
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=status, validated_by=world.decision)
    world.plan.refresh_from_db()


def get(client, world, role, url=None):
    client.force_login(world.people[role])
    return client.get(url or world.action.get_absolute_url())


def progress_url(world):
    return reverse("committees:action-progress", args=[world.action.pk])


# Who sees it


@pytest.mark.parametrize(
    ("role", "draft", "running"),
    [
        ("coordinator", 200, 200),
        ("monitoring", 200, 200),
        ("member", 404, 200),
        ("partner", 404, 200),
        ("donor", 404, 200),
        ("outsider", 404, 404),
    ],
)
def test_an_action_is_seen_with_a_plan_in_which_it_stands(client, world, role, draft, running):
    seen = get(client, world, role).status_code
    move(world, Status.DRAFT)
    in_draft = get(client, world, role).status_code

    assert (in_draft, seen) == (draft, running)


def test_only_the_versions_one_sees_are_listed(client, world):
    second = ActionPlanFactory(period=world.year, version=2)
    ActionTermsFactory(plan=second, action=world.action, title_fr="Dans le brouillon")

    def versions(role):
        return [terms.plan for terms, _budget in get(client, world, role).context["versions"]]

    assert versions("coordinator") == [second, world.plan]
    assert versions("partner") == [world.plan]
    assert "Dans le brouillon" not in get(client, world, "partner").content.decode()


def test_the_version_in_execution_counts(client, world):
    second = ActionPlanFactory(period=world.year, version=2, status=Status.IN_REVIEW)
    ActionTermsFactory(plan=second, action=world.action)

    assert get(client, world, "coordinator").context["current"] == world.terms


@pytest.mark.parametrize(
    ("role", "sees"),
    [("coordinator", True), ("donor", True), ("member", True), ("partner", False)],
)
def test_the_budget_is_for_team_donor_and_the_institution_itself(client, world, role, sees):
    world.terms.budget = Decimal("987654")
    world.terms.save()

    assert ("987,654" in get(client, world, role).content.decode()) is sees


# The chain


def test_the_chain_leads_to_what_it_comes_from_and_serves(client, world):
    recommendation = RecommendationFactory(agenda_item=world.item)
    activity = ActivityFactory(project=world.project)
    Action.objects.filter(pk=world.action.pk).update(origin=recommendation)
    world.terms.activity = activity
    world.terms.save()
    world.terms.indicators.add(world.indicator)
    SubjectFactory(resolution=world.decision, action=world.action)
    SubjectFactory(agenda_item=world.item, action=world.action)

    content = get(client, world, "coordinator").content.decode()

    chain = [recommendation, world.decision, world.item, world.result, world.indicator, activity]
    assert [str(thing) for thing in chain if thing.get_absolute_url() not in content] == []


def test_the_chain_shows_nothing_that_the_reader_may_not_see(client, world):
    """A partner without a seat opens no meeting, and no reserved resolution."""
    reserved = AgendaItemFactory(
        meeting=world.meeting, audience="coordination", title_fr="Point réservé"
    )
    origin = ResolutionFactory(agenda_item=reserved, text_fr="Origine réservée.")
    Action.objects.filter(pk=world.action.pk).update(origin=origin)
    SubjectFactory(resolution=origin, action=world.action)
    SubjectFactory(agenda_item=reserved, action=world.action)
    SubjectFactory(agenda_item=world.item, action=world.action)

    def shown(role):
        response = get(client, world, role)
        with override("en"):
            titles = {str(link["title"]) for link in response.context["mentions"]}
        return response.context["origin"], titles

    assert shown("coordinator") == (
        origin,
        {f"Decision {origin.number}", "Point réservé", world.item.title},
    )
    assert shown("member") == (None, {world.item.title})
    assert shown("partner") == (None, set())


# Progress


def test_progress_is_noted_with_what_happened(client, world):
    client.force_login(world.people["coordinator"])

    client.post(progress_url(world), {"share_done": 40, "step": "start"})

    world.action.refresh_from_db()
    change = world.action.status_changes.get()
    assert (world.action.share_done, world.action.status) == (40, "in_progress")
    assert (change.verb, change.by) == ("start", world.people["coordinator"])


def test_what_has_begun_is_in_progress(client, world):
    client.force_login(world.people["coordinator"])

    client.post(progress_url(world), {"share_done": 15, "step": ""})

    world.action.refresh_from_db()
    assert (world.action.share_done, world.action.status) == (15, "in_progress")
    assert world.action.history.first().share_done == 15


def test_what_is_done_is_done_to_the_whole(client, world):
    client.force_login(world.people["coordinator"])

    client.post(progress_url(world), {"share_done": 80, "step": "finish"})

    world.action.refresh_from_db()
    assert (world.action.share_done, world.action.status) == (100, "done")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"share_done": 140}, "share_done"),
        ({"share_done": -1}, "share_done"),
        ({"share_done": "much"}, "share_done"),
        ({"step": "verify"}, "step"),  # what is to do cannot be verified
        ({"step": "block", "text": " "}, "text"),
        ({"step": "cancel"}, "text"),
    ],
)
def test_progress_that_cannot_be_is_refused(client, world, fields, field):
    client.force_login(world.people["coordinator"])

    response = client.post(progress_url(world), {"share_done": 10, "step": ""} | fields)

    assert list(response.context["form"].errors) == [field]
    world.action.refresh_from_db()
    assert (world.action.share_done, world.action.status) == (0, "to_do")


def test_of_two_who_note_at_once_the_second_is_told(client, world):
    by = world.people["coordinator"]
    seen_by_the_other = Action.objects.get(pk=world.action.pk)
    world.action.note_progress(100, by=by, step="finish")

    with pytest.raises(Exception, match="no longer possible"):
        seen_by_the_other.note_progress(50, by=by, step="start")

    world.action.refresh_from_db()
    assert (world.action.share_done, world.action.status) == (100, "done")


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.IN_EXECUTION}))
def test_progress_is_noted_only_while_a_plan_is_in_execution(client, world, status):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=status, donor_approved_on=date(2020, 10, 1)
    )
    client.force_login(world.people["coordinator"])

    response = client.post(progress_url(world), {"share_done": 40, "step": ""}, follow=True)

    world.action.refresh_from_db()
    assert world.action.share_done == 0
    assert "in execution" in response.content.decode()


# Queries


def test_the_page_costs_the_same_for_any_number_of_versions_and_links(
    client, world, django_assert_max_num_queries
):
    client.force_login(world.people["coordinator"])
    counts = []
    for versions in (range(2, 3), range(3, 5)):
        for version in versions:
            plan = ActionPlanFactory(period=world.year, version=version)
            terms = ActionTermsFactory(plan=plan, action=world.action)
            terms.supporting.add(world.institutions["partner"])
            terms.indicators.add(world.indicator)
            SubjectFactory(
                resolution=ResolutionFactory(agenda_item=world.item, number=f"2020-1{version}"),
                action=world.action,
            )
            SubjectFactory(
                agenda_item=AgendaItemFactory(meeting=world.meeting), action=world.action
            )

        client.get(world.action.get_absolute_url())  # what is read once per process is read

        with django_assert_max_num_queries(30) as statements:
            response = client.get(world.action.get_absolute_url())
        counts.append(len(statements))

        assert len(response.context["versions"]) == versions.stop - 1

    few, many = counts
    assert many <= few
