"""What a report says on safeguarding: days and numbers, and nothing else."""

from datetime import date, timedelta

import pytest

from projects.models import Participation, Period
from reports.compose.governance_extras import policies_beside_partners, safeguarding
from tests.factories import PeriodFactory
from tests.reports.chapters import sentences, told
from tests.reports.conftest import SIGNED_ON

pytestmark = pytest.mark.django_db


@pytest.fixture
def alone(world, report):
    """A project in which no partner signs a policy."""
    Participation.objects.filter(project=world.project).exclude(role="funding").delete()
    return report


def settle(world, **facts):
    Period.objects.filter(pk=world.year.pk).update(**facts)


def test_the_days_are_those_that_were_known_on_the_day(world, alone):
    type(world.project).objects.filter(pk=world.project.pk).update(
        code_of_conduct_on=date(2019, 10, 7)
    )
    settle(world, attested_on=SIGNED_ON)
    PeriodFactory(
        project=world.project,
        kind="semester",
        start=world.year.start,
        end=world.year.start + timedelta(days=180),
        attested_on=date(2020, 4, 10),
    )

    assert sentences(told(safeguarding, alone)) == [
        "Code of conduct signed by the team: October 7, 2019",
        "Safeguarding attested to the donor: April 10, 2020 and September 30, 2020",
    ]
    assert sentences(told(safeguarding, alone, as_of=date(2020, 5, 1))) == [
        "Code of conduct signed by the team: October 7, 2019",
        "Safeguarding attested to the donor: April 10, 2020",
    ]
    assert told(safeguarding, alone, as_of=date(2019, 10, 1)) == []


@pytest.mark.parametrize(
    ("number", "audience", "said"),
    [
        (0, "donor", "0"),
        (2, "donor", "< 5"),
        (4, "partners", "< 5"),
        (2, "coordination", "2"),
        (5, "donor", "5"),
    ],
)
def test_few_notifications_are_withheld_as_few_persons_are(world, alone, number, audience, said):
    settle(world, notifications=number)

    assert sentences(told(safeguarding, alone, audience=audience)) == [
        f"Safeguarding notifications to the donor: {said}"
    ]


def test_an_unknown_number_is_not_said(world, alone):
    assert told(safeguarding, alone) == []


def test_a_final_report_adds_them_up_or_says_nothing(world, alone):
    settle(world, notifications=3)
    before = PeriodFactory(
        project=world.project,
        number=9,
        start=world.year.start - timedelta(days=365),
        end=world.year.start - timedelta(days=1),
    )
    alone.preset.type = "final"
    alone.preset.save()

    unknown = told(safeguarding, alone)
    before.notifications = 4
    before.save()

    assert unknown == []
    assert sentences(told(safeguarding, alone)) == ["Safeguarding notifications to the donor: 7"]


def test_the_policies_of_partners_stand_once(report):
    assert told(policies_beside_partners, report) == []
    report.preset.sections.filter(kind="safeguarding").delete()

    beside = told(policies_beside_partners, report)

    assert "safeguarding policy in force" in sentences(beside)[0]
