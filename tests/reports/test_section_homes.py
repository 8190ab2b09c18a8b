"""Sections that are printed within the chapter of another one, and when they are chapters of their own."""

import pytest

from reports.compose import compose
from reports.models import PresetSection
from tests.factories import SectionFactory
from tests.reports.conftest import SIGNED_ON

pytestmark = pytest.mark.django_db


def chapters(report, **options):
    options = {"language": "en", "audience": "donor", "as_of": SIGNED_ON} | options
    return {one["kind"]: one for one in compose(report, **options)["chapters"]}


def headed(chapter, anchor):
    """The blocks from the heading with the anchor to the next heading of its level."""
    blocks = chapter["blocks"]
    at = next(n for n, one in enumerate(blocks) if one.get("anchor") == anchor)
    rest = blocks[at + 1 :]
    end = next(
        (n for n, one in enumerate(rest) if one["type"] == "heading" and one["level"] == 1),
        len(rest),
    )
    return [blocks[at]["text"], *(one.get("text", one["type"]) for one in rest[:end])]


def test_a_section_behind_the_one_it_belongs_to_stands_in_its_chapter(report):
    SectionFactory(report=report, kind="environment", language="en", text="Few journeys.")

    found = chapters(report)

    assert headed(found["cross_cutting"], "environment") == [
        "Environment and climate",
        "Few journeys.",
    ]
    assert "environment" not in found


def test_the_home_comes_into_being_for_what_stands_in_it(report):
    SectionFactory(report=report, kind="sustainability", language="en", text="Kits stay.")

    lessons = chapters(report)["lessons"]

    assert (lessons["narrative"], headed(lessons, "sustainability")) == (
        None,
        ["Sustainability and exit", "Kits stay."],
    )


def test_elsewhere_it_is_a_chapter_of_its_own(report):
    SectionFactory(report=report, kind="visibility", language="en", text="On every kit.")
    report.preset.sections.filter(kind="visibility").update(position=99)

    found = chapters(type(report).objects.get(pk=report.pk))

    assert found["visibility"]["narrative"]["text"] == "On every kit."
    assert all(one.get("anchor") != "visibility" for one in found["governance"]["blocks"])


def test_without_its_home_it_is_a_chapter_of_its_own(report):
    SectionFactory(report=report, kind="gender", language="en", text="More women.")
    PresetSection.objects.filter(preset=report.preset, kind="cross_cutting").delete()

    found = chapters(type(report).objects.get(pk=report.pk))

    assert found["gender"]["narrative"]["text"] == "More women."


def test_a_draft_says_what_is_missing_and_a_signed_report_does_not(report):
    report.preset.sections.filter(kind="assets").update(is_required=True)
    draft = chapters(type(report).objects.get(pk=report.pk))
    report.signed_off_on = SIGNED_ON
    signed = chapters(report)

    assert headed(draft["governance"], "assets") == ["Assets", "This section is not written yet."]
    assert all(one.get("anchor") != "assets" for one in signed["governance"]["blocks"])
