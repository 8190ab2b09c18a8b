"""Lists answer by a number of queries that does not grow, and filters say when nothing fits."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone

from projects.models import Activity, Amendment, Participation
from tests.factories import (
    ActivityFactory,
    AmendmentFactory,
    AssignmentFactory,
    ContactFactory,
    DataPointFactory,
    IndicatorFactory,
    InstitutionFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    ResultFactory,
    UserFactory,
)
from tests.obligations import write_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(client):
    user = UserFactory()
    client.force_login(user)
    return user


def a_whole_project(user, things):
    """A project in which each kind of thing is there `things` times."""
    project = ProjectFactory()
    AssignmentFactory(project=project, user=user)
    for number in range(1, things + 1):
        start = project.starts_on + timedelta(days=300 * number)
        period = PeriodFactory(
            project=project, number=number, start=start, end=start + timedelta(days=200)
        )
        ParticipationFactory(project=project, role=Participation.Role.FUNDING)
        result = ResultFactory(project=project)
        indicator = IndicatorFactory(result=result)
        for kind in ("target", "actual"):
            DataPointFactory(indicator=indicator, kind=kind, period=period)
        ActivityFactory(project=project, result=result)
        AmendmentFactory(project=project)
        AssignmentFactory(project=project, role="reader")
    return project


def test_projects(client, user, django_assert_max_num_queries):
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _ in numbers:
            ParticipationFactory(project=a_whole_project(user, 1), role=Participation.Role.FUNDING)

        # session, user, count, keys of the page, its rows, donors and their names
        with django_assert_max_num_queries(15) as statements:
            response = client.get(reverse("projects:list"))
        counts.append(len(statements))

        assert response.context["page"].paginator.count == numbers.stop

    few, many = counts
    assert many <= few


def test_a_project(client, user, django_assert_max_num_queries):
    counts = []
    for things in (1, 30):
        project = a_whole_project(user, things)
        write_all()

        # Who asks, what the tabs count, and what the cards of `ibcr_portal.overview` tell.
        with django_assert_max_num_queries(30) as statements:
            response = client.get(project.get_absolute_url())
        counts.append(len(statements))

        assert response.status_code == 200

    few, many = counts
    assert many <= few


def test_activities(client, user, django_assert_max_num_queries):
    counts = []
    for things in (1, 30):
        project = a_whole_project(user, things)

        # session, user, project, activities and their participants, roles (2), seat, three counts;
        # what can be sifted by: results, periods, institutions and their names
        with django_assert_max_num_queries(25) as statements:
            response = client.get(reverse("projects:activities", args=[project.code]))
        counts.append(len(statements))

        assert response.context["page"].paginator.count == things

    few, many = counts
    assert many <= few


def test_amendments(client, user, django_assert_max_num_queries):
    counts = []
    for things in (1, 3):
        project = a_whole_project(user, things)

        ContentType.objects.get_for_model(Amendment)  # is kept once it was read
        # session, user, project, roles (2), seat, amendments, three counts
        with django_assert_max_num_queries(15) as statements:
            response = client.get(reverse("projects:amendments", args=[project.code]))
        counts.append(len(statements))

        assert response.context["page"].paginator.count == things

    few, many = counts
    assert many <= few


def test_team(client, user, django_assert_max_num_queries):
    counts = []
    for things in (1, 3):
        project = a_whole_project(user, things)

        with django_assert_max_num_queries(20) as statements:
            response = client.get(reverse("projects:team", args=[project.code]))
        counts.append(len(statements))

        assert len(response.context["current"]) == things + 1

    few, many = counts
    assert many <= few


def test_a_result(client, user, django_assert_max_num_queries):
    project = a_whole_project(user, 1)
    result = project.results.get()
    counts = []
    for numbers in (range(1), range(1, 3)):
        for _ in range(1, numbers.stop):  # it has one of each
            indicator = IndicatorFactory(result=result)
            DataPointFactory(indicator=indicator, period=project.periods.get())
            ActivityFactory(project=project, result=result)

        # Who asks and for what: 6 with the result. Shown: values, indicators, children, activities.
        # The chain of evidence: 5.
        with django_assert_max_num_queries(30) as statements:
            response = client.get(result.get_absolute_url())
        counts.append(len(statements))

        assert len(response.context["indicators"]) == numbers.stop

    few, many = counts
    assert many <= few


def test_an_indicator(client, user, django_assert_max_num_queries):
    counts = []
    for things in (1, 3):
        project = a_whole_project(user, things)
        indicator = IndicatorFactory(result=project.results.first())
        for period in project.periods.all():
            DataPointFactory(indicator=indicator, period=period)
            ActivityFactory(project=project, result=indicator.result)

        # session, user, project, indicator, roles (2), values, activities; chain of evidence: 5
        with django_assert_max_num_queries(25) as statements:
            response = client.get(indicator.get_absolute_url())
        counts.append(len(statements))

        assert len(response.context["rows"]) == things

    few, many = counts
    assert many <= few


def test_institutions(client, user, django_assert_max_num_queries):
    project = AssignmentFactory(user=user).project
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _ in numbers:
            ParticipationFactory(project=project)

        # session, user, projects to choose from, count, page, names, participations, may create
        with django_assert_max_num_queries(20) as statements:
            response = client.get(reverse("partners:list"))
        counts.append(len(statements))

        assert response.context["page"].paginator.count == numbers.stop

    few, many = counts
    assert many <= few


def test_an_institution(client, user, django_assert_max_num_queries):
    project = AssignmentFactory(user=user).project
    institution = InstitutionFactory()
    ParticipationFactory(project=project, institution=institution)
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _ in numbers:
            ContactFactory(institution=institution, user=UserFactory())

        # session, user, institution, names, participations, people, what they represent, agreements,
        # proposed changes, naming choices and precautions, announced ends, what may be done
        with django_assert_max_num_queries(30) as statements:
            response = client.get(institution.get_absolute_url())
        counts.append(len(statements))

        assert len(response.context["people"]) == numbers.stop

    few, many = counts
    assert many <= few


# What is listed


def test_everybody_sees_their_own_projects(client, user):
    mine = AssignmentFactory(user=user, role="reader").project
    as_partner = ProjectFactory()
    institution = ParticipationFactory(project=as_partner).institution
    ContactFactory(institution=institution, user=user)
    ended = AssignmentFactory(user=user, ends_on=timezone.localdate() - timedelta(days=1)).project
    ProjectFactory()

    shown = set(client.get(reverse("projects:list")).context["page"])

    assert shown == {mine, as_partner}
    assert client.get(ended.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"A", "B"}),
        ("?q=trata", {"A"}),
        ("?q=TRAFFICKING", {"A"}),
        ("?q=b", {"B"}),
        ("?status=closed", {"B"}),
        ("?status=nonsense", {"A", "B"}),
        ("?page=99", {"A", "B"}),
        ("?page=x", {"A", "B"}),
        ("?q=nothing", set()),
    ],
)
def test_filters_of_projects(client, user, query, expected):
    one = ProjectFactory(code="A", short_title_es="Lucha contra la trata", title_en="Trafficking")
    other = ProjectFactory(code="B", status="closed", short_title_fr="Autre", title_fr="Autre")
    for project in (one, other):
        AssignmentFactory(project=project, user=user)

    response = client.get(reverse("projects:list") + query)

    assert {project.code for project in response.context["page"]} == expected


def test_the_next_date_is_the_nearest_to_come(client, user):
    today = timezone.localdate()
    project = ProjectFactory(
        starts_on=today - timedelta(days=100), original_end=today + timedelta(days=500)
    )
    AssignmentFactory(project=project, user=user)

    def next_date():
        return client.get(reverse("projects:list")).context["page"][0].next_date[0]

    assert next_date() == today + timedelta(days=500)
    PeriodFactory(project=project, start=project.starts_on, end=today + timedelta(days=90))
    assert next_date() == today + timedelta(days=90)
    ActivityFactory(project=project, planned_start=today - timedelta(days=9))
    ActivityFactory(project=project, planned_start=today + timedelta(days=5), share_done=10)
    ActivityFactory(project=project, planned_start=today + timedelta(days=40))
    assert next_date() == today + timedelta(days=40)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"W", "M"}),
        ("?kind=mission", {"M"}),
        ("?state=done", {"W"}),
        ("?state=planned&kind=mission", {"M"}),
        ("?state=nonsense", {"W", "M"}),
    ],
)
def test_filters_of_activities(client, user, query, expected):
    project = AssignmentFactory(user=user).project
    ActivityFactory(project=project, title_fr="W", share_done=100)
    ActivityFactory(project=project, title_fr="M", kind=Activity.Kind.MISSION)

    response = client.get(reverse("projects:activities", args=[project.code]) + query)

    assert {activity.title for activity in response.context["page"]} == expected
