"""The register of risks: levels and trends, who sees what, ratings of many at once, steps."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given, strategies as st
from openpyxl import load_workbook

from accounts.models import AccessEvent
from projects.models import Risk, RiskRating
from projects.risk_levels import Band, Trend, band_of, level_of, trend_of
from projects.risks.register import missing_categories, risk_map
from projects.risks.services import RiskChangeKind, risk_changes_since
from tests.factories import AssignmentFactory, RiskFactory, RiskRatingFactory, UserFactory

pytestmark = pytest.mark.django_db

POINT = st.integers(1, 4)
MET = datetime(2020, 9, 3, 17, 30, tzinfo=UTC)


def page(world, name, *args):
    return reverse(f"projects:{name}", args=[world.project.code, *args])


def rated(risk, *levels):
    """Ratings of (likelihood, impact), a month apart."""
    for month, (likelihood, impact) in enumerate(levels, start=1):
        day = date(2020, month, 1)
        RiskRatingFactory(risk=risk, rated_on=day, likelihood=likelihood, impact=impact)
    return Risk.objects.with_ratings().get(pk=risk.pk)


# Levels and trends


@given(POINT, POINT, POINT, POINT)
def test_a_graver_point_never_lowers_level_or_band(likelihood, impact, more, worse):
    low, high = level_of(likelihood, impact), level_of(max(likelihood, more), max(impact, worse))

    bands = list(Band)
    assert 1 <= low <= high <= 16
    assert bands.index(band_of(low)) <= bands.index(band_of(high))


@given(st.lists(st.integers(1, 16), max_size=6))
def test_the_trend_is_that_of_the_last_two(levels):
    trend = trend_of(levels)

    assert (trend == Trend.NEW) == (len(levels) < 2)
    if len(levels) >= 2:
        assert trend_of(levels[-2:]) == trend
        mirrored = {Trend.UP: Trend.DOWN, Trend.DOWN: Trend.UP, Trend.SAME: Trend.SAME}
        assert trend_of([levels[-1], levels[-2]]) == mirrored[trend]


def test_of_one_day_the_newest_rating_counts():
    risk = RiskFactory()
    RiskRatingFactory(risk=risk, likelihood=4, impact=4)
    RiskRatingFactory(risk=risk, likelihood=1, impact=2)

    assert (risk.level, risk.trend, len(risk.rated)) == (2, Trend.NEW, 1)


def test_a_rating_off_the_scale_is_refused_by_the_database():
    with pytest.raises(IntegrityError), transaction.atomic():
        RiskRatingFactory(likelihood=5)


def test_a_risk_has_one_owner_at_most(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        RiskFactory(owner=world.institutions["partner"], owner_role="finance")


def test_the_register_says_what_it_lacks_and_blocks_nothing():
    kinds = ["fiduciary", "funding", "human_resources", "reputation"]
    risks = [RiskFactory.build(kind=kind) for kind in kinds]

    with override("en"):
        assert missing_categories(risks) == [
            "Operational: 1 of at least 2.",
            "Development: 0 of at least 2.",
        ]


def test_the_map_leaves_out_what_is_closed_or_not_rated():
    shown = rated(RiskFactory(number=7), (4, 1))
    closed = rated(RiskFactory(number=8, status="closed"), (4, 1))
    with override("en"):
        chart = risk_map([shown, closed, RiskFactory(number=9)])

    assert chart.rows[0] == [
        "Very high",
        "4 Low: 7",
        "8 High: –",
        "12 Very high: –",
        "16 Very high: –",
    ]


# The pages


@pytest.fixture
def register(world):
    shared = RiskFactory(project=world.project, number=1, is_shared=True, definition_fr="Partagé")
    own = RiskFactory(project=world.project, number=2, definition_fr="Interne")
    rated(shared, (1, 2), (2, 2), (3, 4), (4, 4))
    rated(own, (1, 1))
    return shared, own


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("coordinator", ["Partagé", "Interne"]),
        ("monitoring", ["Partagé", "Interne"]),
        ("finance", ["Partagé", "Interne"]),
        ("auditor", ["Partagé", "Interne"]),
        ("donor", ["Partagé", "Interne"]),
        ("member", ["Partagé"]),
        ("reader", None),
        ("partner", None),
        ("outsider", None),
    ],
)
def test_who_sees_which_risks(client, world, sign_in, register, role, seen):
    sign_in(role)
    response, export = client.get(page(world, "risks")), client.get(page(world, "risks-export"))

    if seen is None:
        assert [response.status_code, export.status_code] == [404, 404]
        assert client.get(register[0].get_absolute_url()).status_code == 404
        return
    assert [line.risk.definition for line in response.context["page"]] == seen
    sheet = load_workbook(BytesIO(export.content)).active
    assert [row[3] for row in sheet.values][1:] == seen
    own = client.get(register[1].get_absolute_url())
    assert own.status_code == (200 if "Interne" in seen else 404)


def test_the_last_three_dates_stand_beside_each_risk(client, world, coordinator, register):
    response = client.get(page(world, "risks"))

    columns = response.context["table"].columns
    assert [column.name for column in columns][1:-1] == ["2020-02-01", "2020-03-01", "level"]
    shown = [[str(rating) for rating in line.ratings] for line in response.context["page"]]
    assert shown == [["2 × 2 = 4", "3 × 4 = 12", "4 × 4 = 16"], ["1 × 1 = 1"] * 3]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {1, 2}),
        ("?band=very_high", {1}),
        ("?trend=up", {1}),
        ("?trend=new", {2}),
        ("?category=financial", {1, 2}),
        ("?category=reputation", set()),
        ("?status=closed", {3}),
        ("?status=all", {1, 2, 3}),
        ("?status=nonsense&page=x", {1, 2}),
    ],
)
def test_filters_of_risks(client, world, coordinator, register, query, expected):
    RiskFactory(project=world.project, number=3, status="closed")

    response = client.get(page(world, "risks") + query)

    assert {line.risk.number for line in response.context["page"]} == expected


def test_the_number_of_queries_does_not_grow(client, django_assert_max_num_queries):
    assignment = AssignmentFactory(user=UserFactory())
    client.force_login(assignment.user)
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _ in numbers:
            RiskRatingFactory(risk__project=assignment.project)

        # session, user, project, roles (2), seat, risks with ratings and results, three tabs, committee
        with django_assert_max_num_queries(20) as statements:
            response = client.get(reverse("projects:risks", args=[assignment.project.code]))
        counts.append(len(statements))

        assert response.context["page"].paginator.count == numbers.stop

    few, many = counts
    assert many <= few


def test_a_risk_is_entered_with_its_owner_and_results(client, world, coordinator):
    typed = {
        "number": 1,
        "kind": "capacity",
        "definition_fr": "Une équipe formée est mutée.",
        "strategy": "reduce",
        "results": [world.result.pk],
        "owner": world.institutions["partner"].pk,
        "identified_on": "2020-01-05",
    }
    both = client.post(page(world, "risk-create"), typed | {"owner_role": "finance"})
    client.post(page(world, "risk-create"), typed)
    again = client.post(page(world, "risk-create"), typed)

    assert "not both" in str(both.context["form"].errors)
    assert "already has a risk with this number" in str(again.context["form"].errors)
    risk = Risk.objects.get()
    assert (risk.category, list(risk.results.all())) == ("development", [world.result])
    assert (risk.is_shared, risk.owner, risk.history.count()) == (
        False,
        world.institutions["partner"],
        1,
    )


# Rating all at once


def review(register, **changes):
    shared, own = register
    typed = {
        "rated_on": "2020-06-01",
        f"likelihood-{shared.pk}": 4,
        f"impact-{shared.pk}": 4,
        f"likelihood-{own.pk}": 1,
        f"impact-{own.pk}": 1,
    }
    return typed | changes


def newest():
    return list(
        RiskRating.objects.filter(rated_on="2020-06-01").values_list(
            "risk__number", "likelihood", "impact", "note"
        )
    )


def test_only_what_changed_is_written_and_once(client, world, coordinator, register):
    own = register[1]
    typed = review(register, **{f"likelihood-{own.pk}": 3, f"note-{own.pk}": "Élections."})

    client.post(page(world, "risk-review"), typed)
    twice = client.post(page(world, "risk-review"), typed, follow=True)

    assert newest() == [(2, 3, 1, "Élections.")]
    assert "no rating was saved" in twice.content.decode()
    assert RiskRating.objects.get(rated_on="2020-06-01").by == coordinator


def test_what_was_looked_at_is_unchanged_from_that_day(client, world, coordinator, register):
    client.post(page(world, "risk-review"), review(register, looked_at="on"))

    assert newest() == [(1, 4, 4, ""), (2, 1, 1, "")]
    assert {risk.trend for risk in Risk.objects.all()} == {Trend.SAME}


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("rated_on", "2999-01-01", "rated_on"),
        ("rated_on", "tomorrow", "rated_on"),
        ("likelihood", "5", "likelihood"),
        ("likelihood", "", "likelihood"),
        ("impact", "x", "impact"),
    ],
)
def test_a_slip_is_said_at_its_field(client, world, coordinator, register, name, value, field):
    suffix = "" if name == "rated_on" else f"-{register[0].pk}"

    response = client.post(
        page(world, "risk-review"), review(register, **{f"{name}{suffix}": value})
    )

    assert list(response.context["form"].errors) == [f"{field}{suffix}"]
    assert newest() == []


def test_what_is_not_rated_yet_may_be_left_so_but_not_by_half(client, world, coordinator):
    risk = RiskFactory(project=world.project)
    half = {"rated_on": "2020-06-01", f"likelihood-{risk.pk}": 2, f"impact-{risk.pk}": ""}

    refused = client.post(page(world, "risk-review"), half)
    left = client.post(page(world, "risk-review"), half | {f"likelihood-{risk.pk}": ""})

    assert list(refused.context["form"].errors) == [f"impact-{risk.pk}"]
    assert left.status_code == 302
    assert not RiskRating.objects.exists()


def test_only_the_coordination_rates(client, world, sign_in, register):
    for role, status in (("finance", 403), ("member", 403), ("donor", 403), ("reader", 404)):
        sign_in(role)
        assert client.post(page(world, "risk-review"), review(register)).status_code == status
    assert newest() == []


# Its life


def test_a_risk_materialises_with_a_day_and_a_reason(client, world, coordinator, register):
    url = page(world, "risk-step", register[0].pk, "materialise")
    silent = client.post(url, {"on": "2020-05-01", "why": " "})
    early = client.post(url, {"on": "2019-05-01", "why": "…"})
    client.post(url, {"on": "2020-05-01", "why": "Le bureau a fermé."})

    assert [list(each.context["form"].errors) for each in (silent, early)] == [["why"], ["on"]]
    risk = Risk.objects.get(number=1)
    step = risk.status_changes.get()
    assert (risk.status, step.happened_on, step.why) == (
        "materialised",
        date(2020, 5, 1),
        "Le bureau a fermé.",
    )
    assert client.get(page(world, "risk-step", risk.pk, "nonsense")).status_code == 404


def test_a_risk_with_its_ratings_is_deleted_but_not_what_was_spoken_of(
    client, world, coordinator, register
):
    shared, own = register
    world.item.subjects.create(risk=shared)

    kept = client.post(page(world, "risk-delete", shared.pk), follow=True)
    client.post(page(world, "risk-delete", own.pk))

    assert "is in use" in kept.content.decode()
    assert list(Risk.objects.all()) == [shared]


def test_an_export_is_logged_and_its_formulas_are_text(client, world, coordinator):
    RiskFactory(project=world.project, definition_fr="=1+1")

    response = client.get(page(world, "risks-export"))

    cell = load_workbook(BytesIO(response.content)).active["D2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert AccessEvent.objects.filter(kind="export").count() == 1


# What changed since a moment


@pytest.fixture
def change(world):
    """How a risk changed since the committee met, told as one word, or None."""

    def change(ratings, *, identified=date(2019, 6, 1), steps=()):
        risk = RiskFactory(project=world.project, identified_on=identified)
        if identified < date(2020, 9, 3):
            Risk.objects.update(recorded_at=datetime(2019, 6, 1, tzinfo=UTC))
        for day, likelihood in ratings:
            recorded = min(timezone.now(), datetime.combine(day, datetime.min.time(), UTC))
            RiskRatingFactory(
                risk=risk, rated_on=day, likelihood=likelihood, impact=1, recorded_at=recorded
            )
        for verb in steps:
            risk.take(verb, by=None, on=date(2020, 10, 1), why="…")
        found = risk_changes_since(world.project, MET)
        return (found[0].change, found[0].before, found[0].now) if found else None

    return change


BEFORE, AFTER, LATER = date(2020, 8, 1), date(2020, 9, 20), date(2020, 10, 20)


@pytest.mark.parametrize(
    ("ratings", "steps", "expected"),
    [
        ([(BEFORE, 2)], (), None),
        ([(BEFORE, 2), (AFTER, 3)], (), (RiskChangeKind.RISING, 2, 3)),
        ([(BEFORE, 2), (AFTER, 1)], (), (RiskChangeKind.FALLING, 2, 1)),
        ([(BEFORE, 2), (AFTER, 4), (LATER, 2)], (), None),
        ([(BEFORE, 2)], ["materialise"], (RiskChangeKind.MATERIALISED, 2, 2)),
        ([(BEFORE, 2), (AFTER, 4)], ["close"], (RiskChangeKind.CLOSED, 2, 4)),
        ([(BEFORE, 2)], ["close", "reopen"], None),
    ],
)
def test_what_changed_of_a_risk_that_was_known(change, ratings, steps, expected):
    assert change(ratings, steps=steps) == expected


def test_a_risk_seen_since_is_new_unless_it_is_over(change):
    assert change([(AFTER, 3)], identified=AFTER) == (RiskChangeKind.NEW, 0, 3)


def test_what_came_and_went_is_no_news(change):
    assert change([(AFTER, 3)], identified=AFTER, steps=["close"]) is None


def test_what_is_typed_in_later_was_as_it_is_dated(world):
    """The meeting was in September; the rating of August is entered in November."""
    risk = RiskFactory(project=world.project)
    RiskRatingFactory(risk=risk, rated_on=BEFORE, recorded_at=MET + timedelta(days=60))

    assert risk_changes_since(world.project, MET) == []
    assert [each.change for each in risk_changes_since(world.project, None)] == [RiskChangeKind.NEW]
