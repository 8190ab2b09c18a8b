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


@pytest.mark.parametrize("count", [1, 3, 30])
def test_calls_and_grants(client, project, django_assert_num_queries, count):
    CallFactory.create_batch(min(count, 20), project=project)
    GrantFactory.create_batch(count, project=project)

    with django_assert_num_queries(9):
        answer = client.get(reverse("projects:calls", args=[project.code]))

    assert len(answer.context["grants"]) == count


@pytest.mark.parametrize("count", [1, 3, 30])
def test_proposals_with_their_ranking(client, project, django_assert_num_queries, count):
    call = a_judged_call(project, count)

    with django_assert_num_queries(12):
        answer = client.get(reverse("projects:proposals", args=[project.code, call.pk]))

    assert answer.context["page"].paginator.count == count


@pytest.mark.parametrize("count", [1, 3, 30])
def test_open_calls(client, django_assert_num_queries, count):
    CallFactory.create_batch(count)

    with django_assert_num_queries(1):
        answer = client.get(reverse("calls:open"))

    assert len(answer.context["calls"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_a_grant(client, project, django_assert_num_queries, count):
    grant = GrantFactory(project=project)
    for number in range(1, count + 1):
        Instalment.objects.create(grant=grant, number=number, due_on=grant.ends_on, amount=1)
    client.get(grant.get_absolute_url())  # from now on it is known which row stands for which model

    with django_assert_num_queries(11):
        client.get(grant.get_absolute_url())


@pytest.mark.parametrize("count", [1, 3])
def test_the_calls_on_whose_panel_one_sits(client, django_assert_num_queries, count):
    user = UserFactory()
    client.force_login(user)
    for _ in range(count):
        PanelMemberFactory(user=user)

    with django_assert_num_queries(4):  # session, user, open calls, seats with their calls
        answer = client.get(reverse("calls:open"))

    assert len(answer.context["panels"]) == count
