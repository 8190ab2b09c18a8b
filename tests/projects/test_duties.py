"""Duties to the donor: rules as data, a preset, periods in a row, and what was handed in."""

from datetime import date
from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override
from hypothesis import given, strategies as st

from accounts.models import AccessEvent
from projects.amendments.periods import months_later
from projects.duties.services import add_preset_duties, next_start, open_periods, periods_from
from projects.models import DutyDone, DutyFile, Period, ReportingDuty
from tests.factories import ProjectFactory, ReportingDutyFactory
from tests.kernel.made_files import PDF
from tests.world import World

DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("edge", "days", "expected"),
    [
        ("end", 60, date(2020, 5, 30)),
        ("end", 0, date(2020, 3, 31)),
        ("start", -1, date(2019, 3, 31)),
        ("end", -366, date(2019, 3, 31)),
    ],
)
def test_a_duty_is_due_so_many_days_from_an_edge_of_its_period(edge, days, expected):
    period = Period(start=date(2019, 4, 1), end=date(2020, 3, 31))

    assert ReportingDuty(edge=edge, days=days).due_on(period) == expected


@given(start=DAYS, kind=st.sampled_from(Period.Kind.values), years=st.integers(1, 9))
def test_periods_follow_each_other_without_gap_or_overlap(start, kind, years):
    until = months_later(start, 12 * years)
    rows = list(periods_from(start, kind, until))

    assert rows[0][0] == start
    assert rows[-1][0] <= until <= rows[-1][1]
    assert all((after[0] - before[1]).days == 1 for before, after in pairwise(rows))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("starts_on", "kind", "expected"),
    [
        (date(2019, 6, 10), "project_year", date(2019, 6, 10)),
        (date(2019, 6, 10), "fiscal_year", date(2019, 4, 1)),
        (date(2019, 3, 31), "fiscal_year", date(2018, 4, 1)),
        (date(2019, 11, 10), "semester", date(2019, 10, 1)),
        (date(2019, 11, 10), "quarter", date(2019, 10, 1)),
    ],
)
def test_the_first_period_begins_where_the_donors_year_does(starts_on, kind, expected):
    assert next_start(ProjectFactory(starts_on=starts_on), kind) == expected


@pytest.mark.django_db
def test_periods_are_opened_to_the_end_of_the_project_and_go_on_from_the_last():
    project = ProjectFactory()

    first = open_periods(project, "quarter", start=date(2019, 4, 1))

    assert [(p.number, p.start, p.end) for p in first[:2]] == [
        (1, date(2019, 4, 1), date(2019, 6, 30)),
        (2, date(2019, 7, 1), date(2019, 9, 30)),
    ]
    assert (len(first), next_start(project, "quarter")) == (12, date(2022, 4, 1))
    for start in (date(2022, 4, 1), date(2019, 5, 1), date(1970, 1, 1), date.max):
        with pytest.raises(ValidationError):
            open_periods(project, "quarter", start=start)
    assert project.periods.count() == 12


@pytest.mark.django_db
def test_the_last_project_year_ends_with_the_project_and_a_year_of_the_donor_does_not():
    project = ProjectFactory(
        starts_on=date(2019, 1, 1), original_end=date(2021, 3, 31), current_end=date(2021, 3, 31)
    )

    years = open_periods(project, "project_year", start=date(2019, 1, 1))
    donors = open_periods(project, "fiscal_year", start=date(2019, 7, 1))

    assert [one.end for one in years][-2:] == [date(2020, 12, 31), date(2021, 3, 31)]
    assert donors[-1].end == date(2021, 6, 30)


@pytest.mark.django_db
def test_a_few_days_more_belong_to_the_last_project_year():
    end = date(2021, 1, 9)
    project = ProjectFactory(starts_on=date(2019, 1, 1), original_end=end, current_end=end)

    years = open_periods(project, "project_year", start=date(2019, 1, 1))

    assert [(one.start, one.end) for one in years] == [
        (date(2019, 1, 1), date(2019, 12, 31)),
        (date(2020, 1, 1), end),
    ]


@pytest.mark.django_db
def test_a_preset_taken_twice_enters_each_duty_once():
    project = ProjectFactory()

    assert (add_preset_duties(project, "gac"), add_preset_duties(project, "gac")) == (8, 0)
    work_plan = project.reporting_duties.get(kind="work_plan")
    year = Period(kind="fiscal_year", start=date(2020, 4, 1), end=date(2021, 3, 31))
    assert (work_plan.title_es, work_plan.due_on(year)) == (
        "Plan operativo anual",
        date(2020, 3, 31),
    )


# Pages


@pytest.fixture
def world():
    return World()


def done_page(duty, period):
    return f"/projects/HN-1/duties/{duty.pk}/periods/{period.pk}/"


@pytest.mark.django_db
def test_what_was_handed_in_is_kept_once_with_its_file_and_can_be_taken_back(client, world):
    duty = ReportingDutyFactory(project=world.project)
    url = done_page(duty, world.year)
    client.force_login(world.people["coordinator"])
    for name in ("a", "b"):
        upload = SimpleUploadedFile(f"{name}.pdf", PDF)
        answer = client.post(
            url, {"outcome": "done", "on": "2020-05-02", "note": name, "upload": upload}
        )
        assert answer.status_code == 302, answer.context["form"].errors

    assert DutyDone.objects.get().note == "b"
    assert DutyFile.objects.get().original_name == "b.pdf"
    client.force_login(world.people["donor"])
    assert b"".join(client.get(f"{url}file/")) == PDF
    assert AccessEvent.objects.filter(kind="download").count() == 1
    client.force_login(world.people["coordinator"])
    client.post(f"{url}undo/")
    assert not DutyDone.objects.exists()
    assert not DutyFile.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"outcome": "done", "on": "2990-01-01"}, "on"),
        ({"outcome": "done", "on": ""}, "on"),
        ({"outcome": "not_owed", "on": "2020-05-02", "note": ""}, "__all__"),
        ({"outcome": "x", "on": "2020-05-02"}, "outcome"),
    ],
)
def test_what_cannot_be_gets_a_sentence(client, world, data, field):
    duty = ReportingDutyFactory(project=world.project)
    client.force_login(world.people["coordinator"])

    answer = client.post(done_page(duty, world.year), data)

    assert list(answer.context["form"].errors) == [field]
    assert not DutyDone.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"role": "coordinator", "institution": "partner"}, "Choose who answers for it"),
        ({}, "Choose who answers for it"),
        ({"role": "finance", "days": "9999"}, "366"),
        (
            {"role": "finance", "since": "2020-02-01", "until": "2020-01-01"},
            "ends before it begins",
        ),
        ({"role": "finance", "participation": "member"}, "Select a valid choice"),
    ],
)
def test_a_duty_that_cannot_be_is_refused(client, world, data, sentence):
    client.force_login(world.people["coordinator"])
    typed = {"title_fr": "R", "kind": "other", "period_kind": "quarter", "days": 30, "edge": "end"}
    if data.get("institution"):
        data = data | {"institution": world.institutions["partner"].pk}
    if data.get("participation"):
        row = world.project.participations.get(institution=world.institutions["member"])
        data = data | {"participation": row.pk}

    page = client.post("/projects/HN-1/duties/new/", typed | data).content.decode()

    assert sentence in page
    assert not ReportingDuty.objects.exists()


@pytest.mark.django_db
def test_the_lists_ask_as_many_queries_for_one_as_for_thirty(
    client, world, django_assert_max_num_queries
):
    client.force_login(world.people["coordinator"])
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _each in numbers:
            ReportingDutyFactory(
                project=world.project, role="", institution=world.institutions["member"]
            )

        # Who asks and for what: session, user, project, roles (2). Shown: count, page, names; the tabs.
        with django_assert_max_num_queries(20) as statements:
            client.get("/projects/HN-1/duties/")
        counts.append(len(statements))

    few, many = counts
    assert many <= few


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "1 jour avant le début de chaque période"),
        ("es", "1 día antes del inicio de cada período"),
        ("en", "1 day before the start of each period"),
    ],
)
@pytest.mark.every_case
def test_a_rule_of_one_day_is_in_the_singular(language, words):
    duty = ReportingDuty(period_kind="quarter", days=-1, edge="start")

    with override(language):
        assert duty.rule == words
