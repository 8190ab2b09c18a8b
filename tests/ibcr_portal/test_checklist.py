"""The first steps of a project, until all of them are done."""

import pytest
from django.urls import reverse

from committees.models import Committee, Meeting
from tests.factories import (
    AssignmentFactory,
    CommitteeFactory,
    ContactFactory,
    IndicatorFactory,
    MeetingFactory,
    ParticipationFactory,
    PeriodFactory,
    SeatTermFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client):
    assignment = AssignmentFactory(role="coordinator")
    client.force_login(assignment.user)
    return assignment.project


def checklist(client, project):
    context = client.get(project.get_absolute_url()).context
    return {str(step["label"]): step["done"] for step in context["checklist"]}, context


def test_each_step_is_done_by_what_was_entered(client, project):
    steps, context = checklist(client, project)
    assert list(steps.values()) == [False] * 6
    assert context["next_step"]["label"] == "Open the periods"

    PeriodFactory(project=project)
    institution = ParticipationFactory(project=project, role="funding").institution
    assert list(checklist(client, project)[0].values()) == [True, *[False] * 5]
    ParticipationFactory(project=project, role="implementing")
    ContactFactory(institution=institution)
    committee = CommitteeFactory(project=project)
    assert list(checklist(client, project)[0].values()) == [True, True, True, *[False] * 3]
    SeatTermFactory(seat__committee=committee)
    IndicatorFactory(result__project=project)
    steps, context = checklist(client, project)
    assert list(steps.values()) == [True] * 5 + [False]
    assert context["next_step"]["url"] == reverse("committees:meeting-create", args=[committee.pk])
    assert not context["next_step"]["note"]
    Committee.objects.update(status="draft")
    assert checklist(client, project)[1]["next_step"]["note"].startswith("The committee is a draft")


def test_it_stays_until_all_steps_are_done(client, project):
    meeting = MeetingFactory(committee__project=project, status="planned")
    assert checklist(client, project)[1]["next_step"]
    Meeting.objects.update(status="held", recorded_afterwards=True)
    assert list(checklist(client, project)[0].values()) == [False] * 6
    Meeting.objects.filter(pk=meeting.pk).update(status="convened", recorded_afterwards=False)
    assert list(checklist(client, project)[0].values()) == [False] * 5 + [True]
    PeriodFactory(project=project)
    for role in ("funding", "implementing"):
        ContactFactory(institution=ParticipationFactory(project=project, role=role).institution)
    SeatTermFactory(seat__committee=meeting.committee)
    assert checklist(client, project)[0]
    IndicatorFactory(result__project=project)
    assert not checklist(client, project)[0]


def test_it_is_for_those_who_edit_the_project(client, project):
    client.force_login(AssignmentFactory(role="reader", project=project).user)
    assert not checklist(client, project)[0]


def test_a_step_leads_back_to_the_checklist(client, project):
    step = checklist(client, project)[1]["next_step"]
    here = project.get_absolute_url()

    page = client.get(step["url"])
    assert page.context["cancel_url"] == here
    assert f'<a href="{here}">Back to the first steps</a>' in page.text
    done = client.post(
        step["url"], {"kind": "project_year", "start": project.starts_on.isoformat()}
    )
    assert done["Location"] == here


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example/", "evil", "/\\evil"])
def test_the_way_back_never_leaves_the_portal(client, project, back):
    url = reverse("projects:periods-open", args=[project.code])
    assert client.get(url, {"back": back}).context["way_back"] == ""
