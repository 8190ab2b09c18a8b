"""Lists of calls, proposals and grants ask as many queries for one row as for thirty."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.models import Assessment, EligibilityCheck, Instalment, ProposalLine, Score
from tests.factories import (
    AssignmentFactory,
    CallFactory,
    CriterionFactory,
    GrantFactory,
    PanelMemberFactory,
    ProjectFactory,
    ProposalFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client):
    project = ProjectFactory()
    client.force_login(AssignmentFactory(project=project).user)
    return project


def a_judged_call(project, count):
    """A call with so many proposals, each judged by two members."""
    criterion = CriterionFactory(call__project=project)
    call = criterion.call
    seats = PanelMemberFactory.create_batch(2, call=call)
    for proposal in ProposalFactory.create_batch(count, call=call):
        ProposalLine.objects.create(proposal=proposal, label="Radio", amount=Decimal(100))
        EligibilityCheck.objects.create(proposal=proposal, point="who", is_met=True)
        for seat in seats:
            sheet = Assessment.objects.create(
                member=seat, proposal=proposal, has_conflict=False, submitted_at=timezone.now()
            )
            Score.objects.create(assessment=sheet, criterion=criterion, points=4)
    return call


def test_calls_and_grants(client, project, django_assert_max_num_queries):
    counts = []
    for numbers in (range(1), range(1, 30)):
        CallFactory.create_batch(min(len(numbers), 20), project=project)
        GrantFactory.create_batch(len(numbers), project=project)

        with django_assert_max_num_queries(20) as statements:
            answer = client.get(reverse("projects:calls", args=[project.code]))
        counts.append(len(statements))

        assert len(answer.context["grants"]) == numbers.stop

    few, many = counts
    assert many <= few


def test_proposals_with_their_ranking(client, project, django_assert_max_num_queries):
    counts = []
    for count in (1, 30):
        call = a_judged_call(project, count)

        with django_assert_max_num_queries(25) as statements:
            answer = client.get(reverse("projects:proposals", args=[project.code, call.pk]))
        counts.append(len(statements))

        assert answer.context["page"].paginator.count == count

    few, many = counts
    assert many <= few


def test_open_calls(client, django_assert_max_num_queries):
    counts = []
    for numbers in (range(1), range(1, 30)):
        CallFactory.create_batch(len(numbers))

        with django_assert_max_num_queries(15) as statements:
            answer = client.get(reverse("calls:open"))
        counts.append(len(statements))

        assert len(answer.context["calls"]) == numbers.stop

    few, many = counts
    assert many <= few


def test_a_grant(client, project, django_assert_max_num_queries):
    grant = GrantFactory(project=project)
    counts = []
    for numbers in (range(1, 2), range(2, 4)):
        for number in numbers:
            Instalment.objects.create(grant=grant, number=number, due_on=grant.ends_on, amount=1)
        # from now on it is known which row stands for which model
        client.get(grant.get_absolute_url())

        with django_assert_max_num_queries(25) as statements:
            client.get(grant.get_absolute_url())
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def test_the_calls_on_whose_panel_one_sits(client, django_assert_max_num_queries):
    user = UserFactory()
    client.force_login(user)
    counts = []
    for numbers in (range(1), range(1, 3)):
        for _ in numbers:
            PanelMemberFactory(user=user)

        # session, user, open calls, seats with their calls
        with django_assert_max_num_queries(15) as statements:
            answer = client.get(reverse("calls:open"))
        counts.append(len(statements))

        assert len(answer.context["panels"]) == numbers.stop

    few, many = counts
    assert many <= few
