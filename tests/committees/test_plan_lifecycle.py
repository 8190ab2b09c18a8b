"""A plan goes from draft to closed; only a decision with its quorum validates it, and the
donor's approval is another fact."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from committees.models import ActionPlan, Resolution
from committees.plans.services.lifecycle import (
    create_plan,
    record_approval,
    record_changes_asked,
    start_plan,
    validate_plan,
)
from kernel.lifecycle import TransitionError
from kernel.refusal import Refusal
from tests.factories import (
    ActionPlanFactory,
    MeetingFactory,
    RecommendationFactory,
    ResolutionFactory,
    SubjectFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db

Status = ActionPlan.Status


@pytest.fixture
def world():
    return World()


@pytest.fixture
def coordinator(world):
    return world.people["coordinator"]


def presented(world, **fields):
    world.plan.status = Status.PRESENTED
    world.plan.save()
    SubjectFactory(resolution=world.decision, plan=world.plan)
    return world.plan


def validated(world, status=Status.VALIDATED):
    plan = presented(world)
    plan.status, plan.validated_by = status, world.decision
    plan.donor_approved_on = date(2020, 10, 1) if status == Status.APPROVED else None
    plan.save()
    return plan


# The table of steps


LIFE = {
    Status.DRAFT: {"submit"},
    Status.IN_REVIEW: {"extend", "present", "return"},
    Status.PRESENTED: {"return", "validate"},
    Status.VALIDATED: {"submit_to_donor", "start", "supersede"},
    Status.SUBMITTED: {"request_changes", "approve", "start", "supersede"},
    Status.CHANGES_REQUESTED: {"submit_to_donor", "start", "supersede"},
    Status.APPROVED: {"start", "supersede"},
    Status.IN_EXECUTION: {"approve_under_way", "request_changes_under_way", "close", "supersede"},
    Status.CLOSED: set(),
    Status.SUPERSEDED: set(),
}


@pytest.mark.parametrize("status", Status)
def test_each_state_allows_its_steps_and_no_other(status):
    assert set(ActionPlan(status=status).open_steps) == LIFE[status]


def test_what_the_committee_validated_never_becomes_a_draft_again():
    back = {verb for verb, step in ActionPlan.STEPS.items() if step.target == Status.DRAFT}
    sources = set().union(*(ActionPlan.STEPS[verb].sources for verb in back))

    assert sources.isdisjoint(ActionPlan.AFTER_VALIDATION)


# Validation


def test_a_decision_that_names_the_plan_validates_it(world, coordinator):
    plan = presented(world)

    validate_plan(plan, decision=world.decision, by=coordinator)

    plan.refresh_from_db()
    change = plan.status_changes.last()
    assert plan.status == Status.VALIDATED
    assert plan.validated_by == world.decision
    assert plan.donor_approved_on is None
    assert (change.verb, change.happened_on, change.by) == (
        "validate",
        world.decision.resolved_on,
        coordinator,
    )


def test_a_meeting_without_quorum_cannot_validate(world, coordinator):
    """Five of eleven seats were there and six are needed: the decision cannot be adopted, and
    what is not adopted validates nothing."""
    plan = presented(world)
    decision = ResolutionFactory(
        agenda_item=world.item,
        number="2020-02",
        status=Resolution.Status.DRAFTED,
        seats_present=None,
        seats_required=None,
        seats_total=None,
        resolved_on=None,
    )
    SubjectFactory(resolution=decision, plan=plan)

    with pytest.raises(IntegrityError), transaction.atomic():
        decision.take("adopt", by=coordinator, seats_present=5, seats_required=6, seats_total=11)
    decision.refresh_from_db()
    with pytest.raises(Refusal, match="only an adopted decision counts"):
        validate_plan(plan, decision=decision, by=coordinator)

    plan.refresh_from_db()
    assert plan.status == Status.PRESENTED
    assert plan.validated_by is None


def test_a_decision_whose_quorum_is_not_stated_needs_a_meeting_that_says_so(world, coordinator):
    plan = presented(world)
    Resolution.objects.filter(pk=world.decision.pk).update(seats_present=None, seats_required=None)

    with pytest.raises(Refusal, match="without a quorum"):
        validate_plan(plan, decision=world.decision, by=coordinator)

    world.meeting.quorum_is_stated = False
    world.meeting.save()
    validate_plan(plan, decision=world.decision, by=coordinator)
    assert plan.status == Status.VALIDATED


@pytest.mark.parametrize("status", ["drafted", "rejected", "deferred", "superseded"])
def test_only_an_adopted_decision_validates(world, coordinator, status):
    plan = presented(world)
    Resolution.objects.filter(pk=world.decision.pk).update(status=status)

    with pytest.raises(Refusal, match="only an adopted decision counts"):
        validate_plan(plan, decision=world.decision, by=coordinator)


def test_a_recommendation_validates_nothing(world, coordinator):
    plan = presented(world)
    recommendation = RecommendationFactory(agenda_item=world.item)
    SubjectFactory(resolution=recommendation, plan=plan)

    with pytest.raises(Refusal, match="the committee has to decide"):
        validate_plan(plan, decision=recommendation, by=coordinator)


def test_a_decision_on_another_version_validates_nothing(world, coordinator):
    plan = presented(world)
    world.decision.subjects.all().delete()
    SubjectFactory(resolution=world.decision, plan=ActionPlanFactory(period=world.year, version=7))

    with pytest.raises(Refusal, match="does not name this version"):
        validate_plan(plan, decision=world.decision, by=coordinator)


def test_a_decision_of_another_project_validates_nothing(world, coordinator):
    plan = presented(world)
    foreign = ResolutionFactory(agenda_item__meeting=MeetingFactory())
    SubjectFactory(resolution=foreign, plan=plan)

    with pytest.raises(Refusal, match="another project"):
        validate_plan(plan, decision=foreign, by=coordinator)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW])
def test_only_a_presented_plan_is_validated(world, coordinator, status):
    plan = presented(world)
    plan.status = status
    plan.save()

    with pytest.raises(TransitionError):
        validate_plan(plan, decision=world.decision, by=coordinator)


def test_of_two_who_validate_at_once_the_second_is_told(world, coordinator, client):
    plan = presented(world)
    seen_by_the_other = ActionPlan.objects.get(pk=plan.pk)
    validate_plan(plan, decision=world.decision, by=coordinator)

    with pytest.raises(TransitionError, match="no longer possible"):
        validate_plan(seen_by_the_other, decision=world.decision, by=coordinator)

    assert plan.status_changes.filter(verb="validate").count() == 1


def test_the_form_offers_the_adopted_decisions_that_name_the_plan(client, world, coordinator):
    plan = presented(world)
    elsewhere = ResolutionFactory(agenda_item__meeting=MeetingFactory())
    client.force_login(coordinator)
    url = reverse("committees:plan-validate", args=[plan.pk])

    page = client.get(url)
    refused = client.post(url, {"decision": elsewhere.pk})
    accepted = client.post(url, {"decision": world.decision.pk})

    assert list(page.context["form"].fields["decision"].queryset) == [world.decision]
    assert "decision" in refused.context["form"].errors
    assert accepted.status_code == 302
    plan.refresh_from_db()
    assert plan.status == Status.VALIDATED


def test_without_a_decision_the_page_says_what_to_do(client, world, coordinator):
    plan = presented(world)
    world.decision.subjects.all().delete()
    client.force_login(coordinator)

    page = client.get(reverse("committees:plan-validate", args=[plan.pk]))

    assert "No adopted decision names this version" in page.content.decode()


# The donor


def test_the_coordination_records_the_donors_letter(client, world, coordinator):
    plan = validated(world, Status.SUBMITTED)
    client.force_login(coordinator)
    url = reverse("committees:plan-donor-answer", args=[plan.pk])

    without_letter = client.post(url, {"answer": "approve", "on": "2020-10-02", "reference": ""})
    client.post(url, {"answer": "approve", "on": "2020-10-02", "reference": "Letter 2020-114"})

    assert "reference" in without_letter.context["form"].errors
    plan.refresh_from_db()
    assert plan.status == Status.APPROVED
    assert plan.donor_approved_on == date(2020, 10, 2)
    assert plan.donor_reference == "Letter 2020-114"


def test_the_donor_approves_by_itself(client, world):
    plan = validated(world, Status.SUBMITTED)
    client.force_login(world.people["donor"])

    page = client.get(plan.get_absolute_url())
    client.post(
        reverse("committees:plan-donor-answer", args=[plan.pk]),
        {"answer": "approve", "on": timezone.localdate().isoformat(), "reference": ""},
    )

    assert page.context["next_step"]["url"].endswith("/donor-answer/")
    plan.refresh_from_db()
    assert plan.status == Status.APPROVED
    assert plan.status_changes.last().by == world.people["donor"]


def test_a_partner_cannot_answer_for_the_donor(client, world):
    plan = validated(world, Status.SUBMITTED)
    client.force_login(world.people["partner"])

    response = client.post(
        reverse("committees:plan-donor-answer", args=[plan.pk]),
        {"answer": "approve", "on": "2020-10-02", "reference": "x"},
    )

    assert response.status_code == 403
    plan.refresh_from_db()
    assert plan.status == Status.SUBMITTED


def test_changes_asked_by_the_donor_leave_the_validated_text_and_open_a_version(world, coordinator):
    plan = validated(world, Status.SUBMITTED)

    record_changes_asked(
        plan, on=date(2020, 10, 2), reference="L 7", why="Fewer workshops.", by=coordinator
    )
    following = create_plan(world.year, by=coordinator)

    plan.refresh_from_db()
    assert plan.status == Status.CHANGES_REQUESTED
    assert plan.validated_by == world.decision
    assert not plan.terms_are_open
    assert (following.version, following.status) == (2, Status.DRAFT)


def test_execution_before_the_approval_is_allowed_and_marked(client, world, coordinator):
    plan = validated(world, Status.SUBMITTED)
    client.force_login(coordinator)

    client.post(reverse("committees:plan-press", args=[plan.pk, "start"]))
    marked = client.get(plan.get_absolute_url()).content.decode()
    plan.refresh_from_db()
    record_approval(plan, on=date(2020, 10, 2), reference="L 7", by=coordinator)
    after = client.get(plan.get_absolute_url()).content.decode()

    assert plan.status == Status.IN_EXECUTION
    assert "before the donor's approval" in marked
    assert "before the donor's approval" not in after


def test_the_approval_is_recorded_once(world, coordinator):
    plan = validated(world, Status.IN_EXECUTION)
    record_approval(plan, on=date(2020, 10, 2), reference="L 7", by=coordinator)

    with pytest.raises(Refusal, match="is already recorded"):
        record_approval(plan, on=date(2020, 10, 3), reference="L 8", by=coordinator)

    plan.refresh_from_db()
    assert plan.donor_approved_on == date(2020, 10, 2)


def test_both_facts_stand_on_the_page(client, world, coordinator):
    plan = validated(world, Status.VALIDATED)
    client.force_login(coordinator)

    context = client.get(plan.get_absolute_url()).context

    assert context["decision"]["name"] == "Decision 2020-01"
    assert context["donor"]["text"] == "Not yet submitted"


# Execution


def test_a_version_that_starts_takes_the_place_of_the_one_before(world, coordinator):
    first = validated(world, Status.IN_EXECUTION)
    second = ActionPlanFactory(
        period=world.year, version=2, status=Status.VALIDATED, validated_by=world.decision
    )

    start_plan(second, by=coordinator)

    first.refresh_from_db()
    assert (first.status, second.status) == (Status.SUPERSEDED, Status.IN_EXECUTION)
    assert first.status_changes.last().why == str(second)


def test_a_version_in_review_leaves_the_one_in_execution(world, coordinator):
    first = validated(world, Status.IN_EXECUTION)
    second = create_plan(world.year, by=coordinator)

    second.take("submit", by=coordinator, review_until=timezone.localdate())

    first.refresh_from_db()
    assert first.status == Status.IN_EXECUTION


def test_an_older_version_cannot_start_over_a_newer_one(world, coordinator):
    first = validated(world, Status.APPROVED)
    ActionPlanFactory(
        period=world.year, version=2, status=Status.IN_EXECUTION, validated_by=world.decision
    )

    with pytest.raises(Refusal, match="is already in execution"):
        start_plan(first, by=coordinator)


def test_a_start_that_fails_leaves_the_earlier_version_as_it_was(world, coordinator):
    first = validated(world, Status.IN_EXECUTION)
    second = ActionPlanFactory(
        period=world.year, version=2, status=Status.VALIDATED, validated_by=world.decision
    )
    stale = ActionPlan.objects.get(pk=second.pk)
    second.take("submit_to_donor", by=coordinator)

    with pytest.raises(TransitionError):
        start_plan(stale, by=coordinator)

    first.refresh_from_db()
    assert first.status == Status.IN_EXECUTION


# Who


STEPS_OF_THE_COORDINATION = [
    ("plan-submit", Status.DRAFT, {"until": "2099-01-01"}),
    ("plan-extend", Status.IN_REVIEW, {"until": "2099-01-01"}),
    ("plan-press present", Status.IN_REVIEW, {}),
    ("plan-return", Status.PRESENTED, {"why": "Dates."}),
    ("plan-validate", Status.PRESENTED, {}),
    ("plan-to-donor", Status.VALIDATED, {}),
    ("plan-press start", Status.APPROVED, {}),
    ("plan-press close", Status.IN_EXECUTION, {}),
]


@pytest.mark.parametrize(("name", "status", "fields"), STEPS_OF_THE_COORDINATION)
@pytest.mark.parametrize("role", ["monitoring", "reader", "auditor", "member", "partner", "donor"])
def test_only_the_coordination_moves_a_plan(client, world, name, status, fields, role):
    plan = validated(world, status) if status in ActionPlan.AFTER_VALIDATION else world.plan
    ActionPlan.objects.filter(pk=plan.pk).update(
        status=status, review_until=timezone.localdate() + timedelta(days=5)
    )
    client.force_login(world.people[role])

    view, *verb = name.split()
    response = client.post(reverse(f"committees:{view}", args=[plan.pk, *verb]), fields)

    plan.refresh_from_db()
    assert response.status_code in {403, 404}
    assert plan.status == status


@pytest.mark.parametrize(("name", "status", "fields"), STEPS_OF_THE_COORDINATION)
def test_an_outsider_finds_no_plan(client, world, name, status, fields):
    client.force_login(world.people["outsider"])

    view, *verb = name.split()
    response = client.post(reverse(f"committees:{view}", args=[world.plan.pk, *verb]), fields)

    assert response.status_code == 404


def test_a_step_pressed_too_late_says_so(client, world, coordinator):
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=Status.IN_REVIEW)
    client.force_login(coordinator)
    url = reverse("committees:plan-press", args=[world.plan.pk, "present"])

    client.post(url)
    again = client.post(url, follow=True)

    assert "is no longer possible" in again.content.decode()
    assert world.plan.status_changes.count() == 1


def test_returning_a_plan_asks_for_a_reason(client, world, coordinator):
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=Status.PRESENTED)
    client.force_login(coordinator)
    url = reverse("committees:plan-return", args=[world.plan.pk])

    without = client.post(url, {"why": " "})
    client.post(url, {"why": "The dates of the workshops."})

    assert "why" in without.context["form"].errors
    world.plan.refresh_from_db()
    assert world.plan.status == Status.DRAFT
    assert world.plan.status_changes.last().why == "The dates of the workshops."
