"""No chapter of a report repeats another: each decision, risk and activity is in one place."""

from collections import Counter

import pytest
from django.utils import translation

from reports.compose import compose
from reports.models import SectionKind
from tests.factories import ActivityFactory, RiskFactory, RiskRatingFactory
from tests.reports.conftest import SIGNED_ON

pytestmark = pytest.mark.django_db

ANNEXES = {
    SectionKind.ANNEX_DECISIONS: SectionKind.GOVERNANCE,
    SectionKind.ANNEX_RISKS: SectionKind.RISKS,
}


@pytest.fixture
def told(world, report):
    """A report with two risks, one of which is high, and an activity before the period."""
    for number, level in ((1, 4), (2, 1)):
        risk = RiskFactory(project=world.project, number=number, definition_en=f"Risk {number}")
        RiskRatingFactory(risk=risk, likelihood=level, impact=level, rated_on=report.start)
    ActivityFactory(
        project=world.project,
        title_en="Earlier workshop",
        actual_start=report.start.replace(year=report.start.year - 1),
        actual_end=report.start.replace(year=report.start.year - 1),
    )
    return report


def document_of(report, *without):
    report.preset.sections.filter(kind__in=without).delete()
    report.preset.refresh_from_db()
    fresh = type(report).objects.get(pk=report.pk)
    with translation.override("en"):
        return compose(fresh, language="en", audience="donor", as_of=SIGNED_ON)


def anchors(document):
    """By the chapter, the places that others can lead to."""
    found = []

    def walk(kind, value):
        if isinstance(value, dict):
            if value.get("anchor"):
                found.append((kind, value["anchor"]))
            value = list(value.values())
        if isinstance(value, list):
            for each in value:
                walk(kind, each)

    for chapter in document["chapters"]:
        walk(chapter["kind"], chapter["blocks"])
    return found


def chapters_with(document, prefix):
    return {kind for kind, anchor in anchors(document) if anchor.startswith(prefix)}


def test_each_thing_has_one_place(told):
    counted = Counter(anchor for _kind, anchor in anchors(document_of(told)))

    assert [anchor for anchor, times in counted.items() if times > 1] == []


def test_decisions_and_risks_are_in_the_annex_alone(told):
    document = document_of(told)

    assert chapters_with(document, "resolution-") == {"annex_decisions"}
    assert chapters_with(document, "risk-") == {"annex_risks"}


def test_without_the_annexes_they_are_in_their_chapters(told):
    document = document_of(told, *ANNEXES)
    told_risks = [
        block
        for chapter in document["chapters"]
        if chapter["kind"] == "risks"
        for block in chapter["blocks"]
        if block.get("key") == "risk_levels"
    ]

    assert chapters_with(document, "resolution-") == {"governance"}
    assert len(told_risks) == 1


def test_the_schedule_lists_the_activities_of_other_periods_alone(told):
    (annex,) = [each for each in document_of(told)["chapters"] if each["kind"] == "annex_schedule"]
    (table,) = [block for block in annex["blocks"] if block["type"] == "table"]

    assert [row["cells"][0]["text"] for row in table["rows"]] == ["Earlier workshop"]
    links = [piece["to"] for block in annex["blocks"] for piece in block.get("pieces", [])]
    assert "activities-done" in links


def test_what_is_elsewhere_is_named_with_a_link(told):
    document = document_of(told)
    for annex, chapter in ANNEXES.items():
        (found,) = [each for each in document["chapters"] if each["kind"] == chapter]
        links = [
            (piece["text"], piece["to"])
            for block in found["blocks"]
            if block.get("style") == "reference"
            for piece in block["pieces"]
            if piece["to"]
        ]
        title = next(each["title"] for each in document["chapters"] if each["kind"] == annex)
        assert links == [(title, annex.value)]
