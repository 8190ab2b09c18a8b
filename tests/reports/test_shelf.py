"""The page of a project's reports and data, and its shelf on the home page of those who read it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ibcr_portal.home import home_for
from kernel.lifecycle import StatusChange
from projects.models import IatiPublication
from reports.models import DocumentKind
from tests.factories import ParticipationFactory, PeriodFactory, ProjectFactory
from tests.reports.shelves import final_document, published_years, ready_file, standing_report
from tests.world import ROLES

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def page_of(client, world, role):
    client.force_login(world.people[role])
    return client.get(reverse("projects:reports", args=[world.project.code]))


def shown_at(report, when):
    """Submitted, in the portal's history, at that moment."""
    report.take("comment", by=None)
    report.take("resubmit", by=None)
    StatusChange.objects.filter(object_id=report.pk, to_status="submitted").update(recorded_at=when)


# Who comes in


@pytest.mark.parametrize("role", ROLES)
def test_whoever_sees_the_project_has_the_page(client, world, role):
    expected = 404 if role in {"panel", "outsider"} else 200

    assert page_of(client, world, role).status_code == expected
    data = client.get(reverse("reports:data", args=[world.project.code]))
    assert data.status_code == expected
    asked = client.post(reverse("reports:archive-request", args=[world.project.code]))
    assert asked.status_code == (404 if expected == 404 else 302)


@pytest.mark.parametrize("name", ["projects:reports", "reports:data"])
def test_a_visitor_is_sent_to_sign_in(client, world, name):
    answer = client.get(reverse(name, args=[world.project.code]))

    assert answer.status_code == 302
    assert "/accounts/login/" in answer.url


def test_the_donor_of_another_project_sees_nothing(client, world):
    report = standing_report(world)
    ready_file(report.snapshot)
    donor = world.people["donor"]
    world.project.participations.filter(institution=world.institutions["donor"]).update(
        project=world.neighbour
    )

    assert page_of(client, world, "donor").status_code == 404
    assert [(shelf.project, shelf.lines) for shelf in home_for(donor).projects_reports] == [
        (world.neighbour, [])
    ]


# What stands there


def test_a_line_has_each_language_once_the_donors_file_before_others(client, world):
    report = standing_report(world)
    files = [
        ready_file(report.snapshot, language, audience)
        for language, audience in (("es", "committee"), ("fr", "donor"), ("fr", "committee"))
    ]

    lines = page_of(client, world, "coordinator").context["lines"]

    assert [(line.report, line.files) for line in lines] == [(report, [files[1], files[0]])]


def test_the_team_sees_that_a_draft_has_no_file(client, world):
    report = standing_report(world, status="draft")
    ready_file(report.snapshot, is_draft=True)

    lines = page_of(client, world, "coordinator").context["lines"]

    assert [(line.report, line.files) for line in lines] == [(report, [])]
    assert page_of(client, world, "donor").context["lines"] == []


def test_all_versions_stand_on_the_page_the_latest_on_the_home_page(client, world):
    first, second = standing_report(world), standing_report(world, version=2)

    assert [line.report for line in page_of(client, world, "donor").context["lines"]] == [
        second,
        first,
    ]
    [shelf] = home_for(world.people["donor"]).projects_reports
    assert [line.report for line in shelf.lines] == [second]


def test_other_documents_that_stand_are_told_by_kind(client, world):
    plan = final_document(world.plan)
    record = final_document(world.meeting, DocumentKind.RECORD, audience="donor")
    final_document(world.meeting, DocumentKind.RECORD, audience="coordination")
    type(world.plan).objects.filter(pk=world.plan.pk).update(
        status="in_execution", validated_by=world.decision
    )

    def found(role):
        documents = page_of(client, world, role).context["documents"]
        return {
            standing.about.kind: [file.pk for file in standing.files]
            for _label, rows in documents
            for standing in rows
        }

    assert found("donor") == {"record": [record.pk], "plan": [plan.pk]}
    assert found("partner") == {}


def test_the_public_file_is_offered_once_there_is_one(client, world):
    public = reverse("iati-file", args=[world.project.code])
    assert public not in page_of(client, world, "donor").content.decode()

    IatiPublication.objects.create(project=world.project, size=9, sha256="0" * 64, file="a.xml")

    assert public in page_of(client, world, "donor").content.decode()


# What is new, what waits


def test_what_was_shown_since_the_visit_before_this_session_is_new(client, world):
    donor, report = world.people["donor"], standing_report(world, status="submitted")
    shown_at(report, timezone.now() - timedelta(days=3))

    def is_new():
        [shelf] = home_for(donor).projects_reports
        return [line.is_new for line in shelf.lines]

    assert is_new() == [True]
    donor.news_read_until = timezone.now() - timedelta(days=4)
    assert is_new() == [True]
    donor.news_read_until = timezone.now() - timedelta(days=2)
    assert is_new() == [False]


def test_looking_changes_nothing_that_is_new(client, world):
    shown_at(standing_report(world, status="submitted"), timezone.now())
    for _ in range(2):
        lines = page_of(client, world, "donor").context["lines"]
        assert [line.is_new for line in lines] == [True]


def test_what_waits_for_the_donors_answer_stands_first(client, world):
    waits = standing_report(world, status="submitted")
    published_years(world, range(2))

    [shelf] = home_for(world.people["donor"]).projects_reports

    assert shelf.lines[0].report == waits
    assert len(shelf.lines) == 3
    assert "Waiting for your answer" in page_of(client, world, "donor").content.decode()
    assert "Waiting for your answer" not in page_of(client, world, "coordinator").content.decode()


def test_partners_have_a_shelf_for_what_was_published_alone(client, world):
    standing_report(world, status="submitted")
    assert home_for(world.people["partner"]).projects_reports == []

    year = PeriodFactory(project=world.project, number=2)
    published = standing_report(world, year)

    [shelf] = home_for(world.people["partner"]).projects_reports
    assert [line.report for line in shelf.lines] == [published]


def test_the_team_has_no_shelf_on_its_home_page(world):
    standing_report(world)

    assert home_for(world.people["coordinator"]).projects_reports == []


# Queries


def test_the_page_asks_as_much_of_many_reports(client, world, django_assert_max_num_queries):
    client.force_login(world.people["donor"])
    url = reverse("projects:reports", args=[world.project.code])
    counts = []
    for numbers in (range(1), range(1, 30)):
        published_years(world, numbers)
        client.get(url)  # what is kept from now on is read

        with django_assert_max_num_queries(20) as statements:
            client.get(url)
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def test_a_donors_home_asks_as_much_for_many_projects(world, django_assert_max_num_queries):
    donor = world.people["donor"]
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _ in numbers:
            project = ProjectFactory()
            ParticipationFactory(
                project=project, institution=world.institutions["donor"], role="funding"
            )
            report = standing_report(world, PeriodFactory(project=project))
            ready_file(report.snapshot)
        home_for(donor)

        with django_assert_max_num_queries(30) as statements:
            home_for(type(donor).objects.get(pk=donor.pk))
        counts.append(len(statements))

    few, many = counts
    assert many <= few
