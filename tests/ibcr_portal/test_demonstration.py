"""The demonstration loads twice, and its documents keep to what was known on their day."""

import io
import re
from datetime import date

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import User
from committees.models import ActionPlan, Attendance, Meeting, Resolution
from ibcr_portal.demo.loader import read
from partners.models import Contact
from projects.models import Project
from reports.models import Report

pytestmark = pytest.mark.django_db

NUMBER_WORDS = {
    "deux": 2,
    "trois": 3,
    "quatre": 4,
    "cinq": 5,
    "vingt": 20,
    "veinte": 20,
    "twenty": 20,
}


@pytest.fixture
def demonstration(settings):
    settings.EMBEDDED = True
    call_command("load_demo", stdout=io.StringIO())


def counts():
    models = (User, Contact, Project, Meeting, Resolution, ActionPlan, Report)
    return {model.__name__: model.objects.count() for model in models}


def test_it_loads_twice_and_keeps_what_people_changed(demonstration):
    before = counts()
    Project.objects.filter(code="HN-TRATA").update(donor_number="changed by a person")

    call_command("load_demo", stdout=io.StringIO())

    assert counts() == before
    assert Project.objects.get(code="HN-TRATA").donor_number == "changed by a person"


def test_it_is_refused_where_a_known_password_would_be_a_door(settings):
    settings.EMBEDDED = False

    with pytest.raises(CommandError, match="password that everyone knows"):
        call_command("load_demo")

    assert not User.objects.exists()


def test_honduras_is_history_as_the_article_tells_it(demonstration):
    meeting = Meeting.objects.get(committee__project__code="HN-TRATA", number=2)
    decision = meeting.resolutions.get(number="2020-02")
    plan = ActionPlan.objects.get(project__code="HN-TRATA", period__number=2, version=2)
    project = meeting.committee.project

    assert (meeting.day, meeting.mode, meeting.headcount) == (date(2020, 9, 3), "online", 20)
    assert (decision.seats_present, decision.seats_required, decision.seats_total) == (9, 6, 11)
    assert plan.validated_by == decision
    assert (project.original_end, project.current_end) == (date(2022, 3, 31), date(2022, 8, 31))


def test_the_attendance_list_is_as_long_as_the_headcount_says(demonstration):
    for meeting in Meeting.objects.exclude(headcount=None):
        there = meeting.attendances.filter(presence__in=Attendance.THERE)
        assert there.count() == meeting.headcount, meeting


def test_the_example_has_something_to_come_in_review_to_sign_and_late(demonstration):
    example = {"project__code": "EXEMPLE-01"}

    assert Meeting.objects.upcoming().filter(committee__project__code="EXEMPLE-01").exists()
    assert ActionPlan.objects.in_review().filter(**example).exists()
    assert Report.objects.filter(status=Report.Status.IN_REVIEW, **example).exists()
    assert Resolution.objects.overdue().filter(committee__project__code="EXEMPLE-01").exists()


def texts(value):
    """Every text in the frozen data, whatever its place."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def days_in(text):
    """ISO days and the long days of the three languages, as dates."""
    months = {
        name: number
        for number, names in enumerate(
            [
                ("janvier", "enero", "january"),
                ("février", "febrero", "february"),
                ("mars", "marzo", "march"),
                ("avril", "abril", "april"),
                ("mai", "mayo", "may"),
                ("juin", "junio", "june"),
                ("juillet", "julio", "july"),
                ("août", "agosto", "august"),
                ("septembre", "septiembre", "september"),
                ("octobre", "octubre", "october"),
                ("novembre", "noviembre", "november"),
                ("décembre", "diciembre", "december"),
            ],
            start=1,
        )
        for name in names
    }
    names = "|".join(months)
    low = text.lower()
    for day, month, year in re.findall(
        rf"(\d{{1,2}})(?:er)?(?: de)? ({names})(?: de)? (\d{{4}})", low
    ):
        yield date(int(year), months[month], int(day))
    for month, day, year in re.findall(rf"({names}) (\d{{1,2}}), (\d{{4}})", low):
        yield date(int(year), months[month], int(day))


def signed_reports():
    return Report.objects.exclude(snapshot=None).select_related("snapshot", "project", "period")


def test_a_document_cites_nothing_that_happened_after_its_day(demonstration):
    """What is planned may lie ahead: dates of plans, periods and ends of projects."""
    for report in signed_reports():
        ahead = {report.project.original_end, report.project.current_end}
        ahead |= {
            day for period in report.project.periods.all() for day in (period.start, period.end)
        }
        ahead |= {
            day
            for plan in report.project.plans.all()
            for terms in plan.terms.all()
            for day in (terms.starts_on, terms.ends_on)
        }
        ahead |= set(report.project.amendments.values_list("end_after", flat=True))
        due = Resolution.objects.filter(committee__project=report.project)
        ahead |= set(due.values_list("due_on", flat=True))

        cited = {day for text in texts(report.snapshot.data) for day in days_in(text)}
        assert cited, "the test reads no dates"
        assert {day for day in cited if day > report.signed_off_on} <= ahead


def test_what_came_after_the_signature_is_not_in_the_document(demonstration):
    """The donor approved the extension in October 2020; the report was signed in September."""
    report = Report.objects.get(project__code="HN-TRATA")

    everything = " ".join(texts(report.snapshot.data))

    assert "30 octobre 2020" not in everything
    assert "October 30, 2020" not in everything


@pytest.mark.parametrize("name", ["honduras", "example"])
def test_counts_in_the_prose_are_those_of_the_tables(name):
    """`vingt personnes` in a meeting's note is its headcount."""
    for meeting in read(name)["meeting"]:
        note = " ".join(meeting.get("note", {}).values()).lower()
        told = [
            NUMBER_WORDS[word]
            for word in re.findall(r"(\w+) (?:personnes|personas|people)", note)
            if word in NUMBER_WORDS
        ]
        assert set(told) <= {meeting.get("headcount")}


def test_everybody_in_it_is_visibly_a_role(demonstration):
    people = [*User.objects.values_list("full_name", flat=True)]
    people += Contact.objects.values_list("full_name", flat=True)
    people += Attendance.objects.exclude(guest_name="").values_list("guest_name", flat=True)

    assert [name for name in people if not re.search(r"\b\d\d\b", name)] == []
