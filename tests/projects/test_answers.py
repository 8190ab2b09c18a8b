"""What institutions answer for a period: kept, submitted, confirmed where others entered it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import AccessLink, OutgoingMail
from projects.framework.services.requests import (
    PURPOSE,
    answer_request,
    ask_for_values,
    indicators_asked,
    issue_link,
)
from projects.framework.services.values import Numbers, ValueEntry
from projects.models import DataPoint, ValueRequest
from projects.permissions.values import may_answer_request, may_see_requests, visible_requests
from tests.factories import DataPointFactory, IndicatorFactory, PeriodFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def indicators(world):
    own = {"result": world.result, "responsible": world.institutions["partner"]}
    return [IndicatorFactory(code=code, due_per="project_year", **own) for code in ("A", "B")]


@pytest.fixture
def asked(world, indicators):
    return ValueRequest.objects.create(
        project=world.project,
        institution=world.institutions["partner"],
        period=world.year,
        due_on=timezone.localdate() + 7 * DAY,
    )


def entry(world, channel="portal", number=7):
    came = {"evidence": "Appel", "received_on": date(2020, 5, 4)} if channel == "letter" else {}
    return ValueEntry(
        by=world.people["coordinator" if channel == "letter" else "partner"],
        given_by=world.institutions["partner"],
        channel=channel,
        total=Numbers(Decimal(number)),
        **came,
    )


@pytest.mark.parametrize(("channel", "is_told"), [("portal", 0), ("link", 0), ("letter", 1)])
def test_what_others_entered_is_confirmed_to_the_institution(
    world, asked, indicators, channel, is_told
):
    count = answer_request(asked, [(indicators[0], entry(world, channel))], submit=True)

    assert count == 1
    assert OutgoingMail.objects.filter(person=world.people["partner"]).count() == is_told
    assert OutgoingMail.objects.count() == is_told


def test_an_answer_is_what_was_submitted_and_not_what_was_kept(world, asked, indicators):
    said = [(indicator, entry(world)) for indicator in indicators]

    assert answer_request(asked, said, submit=False) == 0
    asked.refresh_from_db()
    assert asked.answered_at is None
    assert answer_request(asked, said[:1], submit=True) == 1
    asked.refresh_from_db()
    assert asked.answered_at
    statuses = DataPoint.objects.order_by("indicator__code").values_list("status", flat=True)
    assert list(statuses) == ["submitted", "draft"]


def test_the_sheet_asks_for_the_institution_s_indicators_of_that_kind_of_period(
    world, asked, indicators
):
    other = {"result": world.result, "due_per": "project_year"}
    IndicatorFactory(code="C", responsible=world.institutions["member"], **other)
    IndicatorFactory(code="D", **other)
    IndicatorFactory(
        code="E",
        result=world.result,
        due_per="quarter",
        responsible=world.institutions["partner"],
    )
    IndicatorFactory(
        code="F",
        result__project=world.neighbour,
        responsible=world.institutions["partner"],
        due_per="project_year",
    )

    assert indicators_asked(asked) == indicators


def test_each_is_asked_once_a_period_with_the_day_and_the_word_of_the_first_time(world, indicators):
    partner, member = world.institutions["partner"], world.institutions["member"]
    by = world.people["coordinator"]
    until = timezone.localdate() + 5 * DAY

    first = ask_for_values(world.year, [partner], until=until, note="Merci", by=by)
    again = ask_for_values(world.year, [partner, member], until=until + DAY, note="Encore", by=by)
    following = PeriodFactory(
        project=world.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
    )
    later = ask_for_values(following, [partner], until=until, note="", by=by)

    counts = [(len(asked.requests), asked.people) for asked in (first, again, later)]
    assert counts == [(1, 1), (1, 1), (1, 1)]
    kept = ValueRequest.objects.get(institution=partner, period=world.year)
    assert (kept.due_on, kept.note, kept.asked_by, kept.project) == (
        until,
        "Merci",
        by,
        world.project,
    )


def test_a_fresh_link_is_for_one_person_and_one_request(world, asked):
    url = issue_link(asked, world.people["partner"], by=world.people["coordinator"])

    link = AccessLink.objects.get()
    assert (link.user, link.thing, link.purpose) == (world.people["partner"], asked, PURPOSE)
    assert "http" in url


@pytest.mark.parametrize(
    ("role", "sees", "answers", "when_over"),
    [
        ("coordinator", True, True, True),
        ("monitoring", True, True, True),
        ("reader", True, False, False),
        ("partner", True, True, False),
        ("member", False, False, False),
        ("donor", False, False, False),
    ],
)
def test_an_institution_answers_until_its_day_and_the_coordination_after_it(
    world, asked, role, sees, answers, when_over
):
    user = world.people[role]

    assert visible_requests(user, world.project).exists() is sees
    assert may_answer_request(user, asked) is answers
    asked.due_on = timezone.localdate() - 2 * DAY
    assert may_answer_request(user, asked) is when_over
    assert may_see_requests(user, world.project) is (role != "donor")


def test_a_value_that_was_given_is_not_owed_again(client, sign_in, world, asked, indicators):
    DataPointFactory(indicator=indicators[0], period=world.year, status="approved", numerator=3)
    sign_in("partner")

    sheet = client.get(asked.get_absolute_url()).context["sheet"]

    assert [form.indicator for form in sheet.forms] == [indicators[1]]
    assert [form.indicator for form in sheet.approved] == [indicators[0]]
    assert (sheet.submitted, sheet.count) == (1, 2)
