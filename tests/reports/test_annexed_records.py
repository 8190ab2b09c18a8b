"""What the committee decided and what activities handed over, as annexes of a report."""

import json
from datetime import date, timedelta

import pytest

from committees.models import Resolution
from projects.models import Activity, Amendment
from reports.compose.products import products_annex
from reports.compose.register import decisions_annex
from tests.factories import (
    ActivityFactory,
    AgendaItemFactory,
    DeliverableFactory,
    ResolutionFactory,
)
from tests.reports.conftest import SIGNED_ON
from tests.reports.reading_blocks import blocks_of, of_type, rows_of

pytestmark = pytest.mark.django_db

LATER = SIGNED_ON + timedelta(days=30)


def table_of(annex, report, **who):
    (table,) = of_type(blocks_of(annex, report, **who), "table")
    return rows_of(table)


# Decisions


@pytest.fixture
def resolved(world, report):
    """Beside the adopted decision of the world, and the recommendation of the report."""
    add = {"agenda_item": world.item, "resolved_on": date(2020, 9, 3)}
    of_world = Resolution.objects.filter(committee=world.committee)
    of_world.filter(kind="decision").update(text_en="The plan is valid.", rule="consensus")
    Resolution.objects.filter(number="2020-R1").update(
        text_en="Meet online.",
        addressee=world.institutions["member"],
        due_on=date(2020, 11, 30),
        answer="ANSWER",
        answered_on=date(2020, 9, 10),
    )
    ResolutionFactory(number="2020-02", text_en="Refused.", status="rejected", **add)
    ResolutionFactory(
        number="2020-03",
        text_en="RESERVED",
        agenda_item=AgendaItemFactory(meeting=world.meeting, audience="coordination"),
        resolved_on=date(2020, 9, 3),
    )
    ResolutionFactory(number="2020-09", agenda_item=world.item, resolved_on=LATER)
    return report


def told(report, audience, as_of=SIGNED_ON):
    blocks = blocks_of(decisions_annex, report, audience=audience, as_of=as_of)
    return [
        (
            box["title"]["text"],
            box["text"],
            ["".join(one["text"] for one in line) for line in box["lines"]],
        )
        for box in of_type(blocks, "box")
    ]


def adopted(*see):
    return (
        "Decision 2020-01 · Adopted by consensus",
        "The plan is valid.",
        ["9 voting seats present, 6 required", *see],
    )


def test_the_record_tells_how_it_was_adopted_and_by_how_many_seats(world, resolved):
    who = world.institutions["member"].names.get().acronym
    recommended = (
        "Recommendation 2020-R1 · Issued",
        "Meet online.",
        [
            "9 voting seats present, 6 required",
            f"Responsible: {who} · Due: November 30, 2020",
            "Response: ANSWER (September 10, 2020)",
        ],
    )
    amendment = Amendment.objects.get(project=world.project)
    # Partners do not know an amendment that is not in effect.
    assert told(resolved, "donor") == [adopted(f"See: Amendment {amendment.number}"), recommended]
    assert told(resolved, "partners") == [adopted(), recommended]


def test_what_was_refused_is_for_who_reads_the_register(resolved):
    titles = ["Decision 2020-01", "Decision 2020-02", "Recommendation 2020-R1"]
    found = [title.partition(" · ")[0] for title, *_rest in told(resolved, "committee")]
    assert found == titles


def test_what_is_reserved_leaves_no_trace(resolved):
    inside = blocks_of(decisions_annex, resolved, audience="coordination")
    assert "RESERVED" in json.dumps(inside)
    for audience in ("donor", "committee", "partners"):
        outside = json.dumps(blocks_of(decisions_annex, resolved, audience=audience))
        assert "RESERVED" not in outside
        assert "2020-03" not in outside


def test_what_was_decided_after_the_day_is_not_known_and_after_the_period_is_said(resolved):
    assert "2020-09" not in json.dumps(blocks_of(decisions_annex, resolved))

    headings = of_type(blocks_of(decisions_annex, resolved, as_of=LATER), "heading")
    assert [heading["text"].endswith("2020 (after the period)") for heading in headings] == [
        True
    ] * 2
    assert [
        date in heading["text"]
        for heading, date in zip(headings, ("September 3", "October 30"), strict=True)
    ] == [True] * 2


def test_a_committee_that_decided_nothing_says_so(report):
    (paragraph,) = blocks_of(decisions_annex, report, as_of=date(2020, 3, 31))
    assert paragraph["text"] == "The committee adopted no decision and issued no recommendation."


# Products


@pytest.fixture
def products(world, report):
    Activity.objects.filter(project=world.project).delete()
    activity = ActivityFactory(project=world.project, title_en="Kit", place="Tela")
    for title, planned, delivered, wanted, given in (
        ("Guide", date(2019, 9, 1), date(2019, 9, 3), None, None),
        ("Films", date(2020, 3, 1), date(2020, 3, 2), 4, 3),
        ("Kits", date(2020, 3, 31), LATER, 2, 2),
        ("Next year", date(2020, 9, 1), None, None, None),
        ("Before", date(2018, 1, 1), date(2018, 1, 1), None, None),
    ):
        DeliverableFactory(
            activity=activity,
            title_en=title,
            planned_on=planned,
            delivered_on=delivered,
            quantity_planned=wanted,
            quantity_actual=given,
        )
    return report


def test_products_of_the_period_as_they_were_known(products):
    assert table_of(products_annex, products) == [
        ["Guide | Document or report", "Kit | Tela", "September 1, 2019", "September 3, 2019", ""],
        ["Films | Document or report", "Kit | Tela", "March 1, 2020", "March 2, 2020 | Late", "3 of 4"],
        ["Kits | Document or report", "Kit | Tela", "March 31, 2020", "Late", "– of 2"],
    ]  # fmt: skip
    later = table_of(products_annex, products, as_of=LATER)
    assert later[2][3:] == ["October 30, 2020", "2 of 2"]
