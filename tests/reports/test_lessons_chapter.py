"""The lessons that a project noted stand below what its report says of them."""

from datetime import timedelta

import pytest

from reports.compose import compose
from tests.factories import LessonFactory
from tests.reports.conftest import SIGNED_ON, begun_report
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def lessons_told(report, audience):
    document = compose(report, language="fr", audience=audience, as_of=SIGNED_ON)
    tables = [
        block
        for chapter in document["chapters"]
        if chapter["kind"] == "lessons"
        for block in chapter["blocks"]
        if block["type"] == "table"
    ]
    return [row["cells"][0]["text"] for table in tables for row in table["rows"]]


@pytest.mark.parametrize(
    ("audience", "told"),
    [
        ("donor", ["Au début.", "À la fin."]),
        ("partners", ["Au début.", "À la fin."]),
        ("public", []),
    ],
)
def test_those_of_the_period_are_told_to_who_sees_the_project(audience, told):
    report = begun_report(World())
    first, last = report.period.start, report.period.end
    for learned, day in (
        ("À la fin.", last),
        ("Au début.", first),
        ("Avant.", first - timedelta(1)),
        ("Après.", last + timedelta(1)),
    ):
        LessonFactory(project=report.project, learned_fr=learned, noted_on=day)

    assert lessons_told(report, audience) == told


def test_a_lesson_that_is_made_up_has_a_star():
    report = begun_report(World())
    day = report.period.start
    LessonFactory(project=report.project, learned_fr="Inventée.", noted_on=day, illustrative=True)

    assert lessons_told(report, "donor") == ["Inventée.\u00a0*"]
