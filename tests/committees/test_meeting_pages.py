"""Lists of meetings and resolutions, and the page of a meeting: filters, counts, queries."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from committees.models import Meeting
from committees.permissions.meetings import every_visible_meeting, visible_meetings
from committees.permissions.resolutions import every_visible_resolution, visible_resolutions
from projects.models import Project
from tests.committees.conftest import in_days
from tests.factories import (
    AgendaItemFactory,
    AssignmentFactory,
    AttendanceFactory,
    CommitteeFactory,
    MeetingFactory,
    RecommendationFactory,
    ResolutionFactory,
    SeatFactory,
    SeatTermFactory,
    SubjectFactory,
)
from tests.world import ROLES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

MEETINGS = reverse("committees:meetings")
RESOLUTIONS = reverse("committees:resolutions")


def numbers(response):
    return [meeting.number for meeting in response.context["page"]]


# Meetings


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [7, 2, 1]),
        ({"when": "upcoming"}, [2, 7]),
        ({"when": "past"}, [1]),
        ({"project": "HN-1"}, [7, 2, 1]),
        ({"project": "HN-2"}, [7, 2, 1]),  # not one of theirs: no filter
        ({"when": "someday"}, [7, 2, 1]),
    ],
)
def test_meetings_are_filtered(sign_in, world, planned, query, expected):
    MeetingFactory(
        committee=world.committee,
        number=2,
        status=Meeting.Status.CONVENED,
        starts_at=in_days(4),
        ends_at=in_days(4) + timedelta(hours=1),
    )

    assert numbers(sign_in("coordinator").get(MEETINGS, query)) == expected


def test_a_meeting_that_was_cancelled_is_past(sign_in, planned):
    planned.take("cancel", by=None)

    assert numbers(sign_in("coordinator").get(MEETINGS, {"when": "upcoming"})) == []


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("administrator", [7, 1]),
        ("coordinator", [7, 1]),
        ("reader", [7, 1]),
        ("member", [1]),
        ("partner", []),
        ("donor", []),
        ("outsider", []),
    ],
)
def test_everyone_sees_the_meetings_that_are_theirs(sign_in, planned, role, expected):
    assert numbers(sign_in(role).get(MEETINGS)) == expected


def test_an_empty_list_says_what_to_do(sign_in, world):
    Meeting.objects.all().update(committee=CommitteeFactory())

    assert "Plan a meeting" in sign_in("coordinator").get(MEETINGS).content.decode()
    assert (
        "as soon as your committee is convened" in sign_in("member").get(MEETINGS).content.decode()
    )
    filtered = sign_in("coordinator").get(MEETINGS, {"when": "past"}).content.decode()
    assert "No meeting matches" in filtered


def with_projects(world, count):
    """As many further projects, each with a committee and a meeting of its own."""
    for _each in range(count):
        meeting = MeetingFactory()
        AssignmentFactory(project=meeting.committee.project, user=world.people["coordinator"])


def test_the_list_takes_as_many_queries_for_one_meeting_as_for_twenty(
    sign_in, world, django_assert_max_num_queries
):
    client = sign_in("coordinator")
    counts = []
    for further in (0, 19):
        with_projects(world, further)

        # session, user; projects, roles; filter; count, page; committees
        with django_assert_max_num_queries(20) as statements:
            assert len(numbers(client.get(MEETINGS))) == further + 1
        counts.append(len(statements))

    few, many = counts
    assert many <= few


# One truth for one project and for all


@pytest.mark.parametrize("role", ROLES)
def test_lists_over_all_projects_show_what_each_project_shows(world, planned, role):
    reserved = AgendaItemFactory(meeting=world.meeting, audience="coordination")
    voting = AgendaItemFactory(meeting=world.meeting, audience="voting")
    for item in (reserved, voting):
        ResolutionFactory(agenda_item=item)
        ResolutionFactory(agenda_item=item, status="drafted")
    neighbour = MeetingFactory(committee=CommitteeFactory(project=world.neighbour))
    ResolutionFactory(agenda_item=AgendaItemFactory(meeting=neighbour))
    user = world.people[role]

    projects = list(Project.objects.all())
    meetings = [m for project in projects for m in visible_meetings(user, project)]
    resolutions = [r for project in projects for r in visible_resolutions(user, project)]

    assert set(every_visible_meeting(user)) == set(meetings)
    assert set(every_visible_resolution(user)) == set(resolutions)


# The register


def test_the_register_spans_the_projects_that_one_sees(sign_in, world):
    foreign = MeetingFactory(committee=CommitteeFactory(project=world.neighbour))
    ResolutionFactory(agenda_item=AgendaItemFactory(meeting=foreign), number="2020-77")

    page = sign_in("coordinator").get(RESOLUTIONS).context["page"]

    assert [resolution.number for resolution in page] == ["2020-01"]


def test_the_register_is_filtered_by_project(sign_in, world):
    foreign = MeetingFactory(committee=CommitteeFactory(project=world.neighbour))
    ResolutionFactory(agenda_item=AgendaItemFactory(meeting=foreign), number="2020-77")
    AssignmentFactory(project=world.neighbour, user=world.people["coordinator"])

    page = sign_in("coordinator").get(RESOLUTIONS, {"project": "HN-2"}).context["page"]

    assert [resolution.number for resolution in page] == ["2020-77"]


@pytest.mark.parametrize("role", ["partner", "donor", "embassy"])
def test_partners_and_donor_see_what_was_adopted(sign_in, world, role):
    ResolutionFactory(agenda_item=world.item, number="2020-02", status="drafted")
    ResolutionFactory(agenda_item=world.item, number="2020-03", status="rejected")

    page = sign_in(role).get(RESOLUTIONS).context["page"]

    assert [resolution.number for resolution in page] == ["2020-01"]


def test_the_register_takes_as_many_queries_for_one_row_as_for_twenty(
    sign_in, world, django_assert_max_num_queries
):
    world.item.resolutions.all().delete()
    client = sign_in("coordinator")
    counts = []
    for numbers in (range(1), range(1, 20)):
        for _each in numbers:
            resolution = RecommendationFactory(
                agenda_item=world.item, addressee=world.institutions["member"]
            )
            SubjectFactory(resolution=resolution, result=world.result)

        with django_assert_max_num_queries(20) as statements:
            assert len(client.get(RESOLUTIONS).context["page"]) == numbers.stop
        counts.append(len(statements))

    few, many = counts
    assert many <= few


# The page of a meeting


def filled(world, numbers):
    """An item, a resolution, links, a seat and a guest for each number."""
    for number in numbers:
        item = AgendaItemFactory(meeting=world.meeting, notes="Une note.")
        SubjectFactory(agenda_item=item, result=world.result)
        SubjectFactory(agenda_item=item, plan=world.plan)
        resolution = RecommendationFactory(
            agenda_item=item,
            addressee=world.institutions["partner"],
            number=f"2020-R{number + 1}",
            due_on=date(2020, 11, 30),
        )
        SubjectFactory(resolution=resolution, indicator=world.indicator)
        seat = SeatFactory(committee=world.committee)
        contact = SeatTermFactory(seat=seat).contact
        AttendanceFactory(meeting=world.meeting, seat=seat, contact=contact)
        AttendanceFactory(
            meeting=world.meeting,
            seat=None,
            guest_name="Invitée",
            institution=world.institutions["donor"],
        )


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("meeting", "coordinator"),
        ("meeting", "member"),
        ("meeting-attendance", "coordinator"),
        ("meeting-attendance", "member"),
        ("meeting-resolutions", "coordinator"),
        ("meeting-history", "coordinator"),
        ("attendance-edit", "coordinator"),
    ],
)
def test_a_meeting_takes_as_many_queries_for_one_row_as_for_thirty(
    world, sign_in, django_assert_max_num_queries, name, role
):
    client = sign_in(role)
    url = reverse(f"committees:{name}", args=[world.meeting.pk])
    counts = []
    for numbers in (range(1), range(1, 30)):
        filled(world, numbers)
        client.get(url)  # what is read once per process is read

        with django_assert_max_num_queries(30) as statements:
            response = client.get(url)
        counts.append(len(statements))

        assert response.status_code == 200

    few, many = counts
    assert many <= few


def test_an_item_shows_what_was_resolved_on_it_and_nothing_else(world, sign_in):
    filled(world, range(2))

    agenda = sign_in("coordinator").get(world.meeting.get_absolute_url()).context["agenda"]

    shown = {
        entry["item"].pk: [each["resolution"].agenda_item_id for each in entry["resolutions"]]
        for entry in agenda
    }
    assert all(set(owners) == {pk} for pk, owners in shown.items())
    assert len(shown) == 3


def test_illustrative_resolutions_are_marked(world, sign_in):
    world.decision.illustrative = True
    world.decision.save()
    client = sign_in("member")

    for url in (
        world.meeting.get_absolute_url(),
        world.decision.get_absolute_url(),
        RESOLUTIONS,
    ):
        assert "Illustrative" in client.get(url).content.decode()


def test_the_history_shows_roles_and_not_names_outside_the_coordination(world, planned, sign_in):
    planned.take("convene", by=world.people["coordinator"], why="After the hurricane.")
    url = reverse("committees:meeting-history", args=[planned.pk])

    to_member = sign_in("member").get(url).content.decode()
    to_coordinator = sign_in("coordinator").get(url).content.decode()

    name = world.people["coordinator"].full_name
    assert "After the hurricane." in to_member
    assert name not in to_member
    assert name in to_coordinator
