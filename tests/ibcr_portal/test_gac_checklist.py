"""The report of the demonstration answers each item of the donor's checklist
(docs/gac-checklist.md), in each language."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import translation

from kernel.text import LANGUAGES
from reports.compose import compose, gaps
from reports.compose.identification import identification
from reports.compose.reading import ReportReading
from reports.models import Report
from tests.demonstration import load_demonstration

pytestmark = pytest.mark.django_db

CHECKLIST = Path("docs/gac-checklist.md")
SIGNED_ON = date(2020, 9, 30)


@pytest.fixture(scope="module")
def demonstration(django_db_setup, django_db_blocker):
    """Loaded once for the tests of this file, and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_demonstration()
        yield Report.objects.get(project__code="HN-TRATA", version=1)
        transaction.set_rollback(True)


def items():
    """The rows of the table: a number, and the places where it is found."""
    lines = CHECKLIST.read_text("utf-8").splitlines()
    rows = [line.strip("|").split("|") for line in lines if re.match(r"\| \d+ \|", line)]
    return {int(cells[0]): re.findall(r"`([^`]+)`", cells[3]) for cells in rows}


def document(report, language):
    return compose(report, language=language, audience="donor", as_of=SIGNED_ON)


def facts(report):
    reading = ReportReading.of(report, language="en", audience="donor", as_of=SIGNED_ON)
    with translation.override("en"):
        return dict(identification(reading))


def is_answered(place, chapters, report):
    kind, _slash, part = place.partition("/")
    if kind == "identification":
        return bool(facts(report).get(part))
    if part == "figures":
        return any(one["type"] == "table" and one["rows"] for one in section(chapters, kind))
    chapter = chapters.get(kind)
    if chapter is None:
        return False
    if part == "each result":
        return each_result_is_written(chapter["blocks"])
    if part == "two languages":
        texts = [chapter["narrative"], *(b for b in chapter["blocks"] if b["type"] == "prose")]
        return len({one["lang"] for one in texts}) >= 2
    if part:
        return section(chapters, part)[:1] != [] and section(chapters, part)[0]["type"] == "prose"
    return bool(chapter["narrative"] or chapter["blocks"])


def section(chapters, kind):
    """The blocks of a section: of its chapter, or below its heading in another one."""
    if kind in chapters:
        return chapters[kind]["blocks"]
    for chapter in chapters.values():
        for place, block in enumerate(chapter["blocks"]):
            if block.get("anchor") == kind:
                rest = chapter["blocks"][place + 1 :]
                return rest[: next((n for n, one in enumerate(rest) if is_head(one)), len(rest))]
    return []


def is_head(block):
    return block["type"] == "heading" and block["level"] == 1


def each_result_is_written(blocks):
    """Each result has a heading of its own, and a text below it; none stands in a table of others."""
    heads = [n for n, one in enumerate(blocks) if one.get("anchor", "").startswith("result-")]
    in_tables = [
        cell
        for one in blocks
        if one["type"] == "table"
        for row in one["rows"]
        for cell in row["cells"]
        if cell["anchor"].startswith("result-")
    ]
    return bool(heads) and not in_tables and all(blocks[n + 1]["type"] == "prose" for n in heads)


def test_the_table_has_the_twelve_items():
    assert list(items()) == [*range(1, 13)]
    assert all(items().values())


def test_the_report_answers_twelve_of_twelve_in_each_language(demonstration):
    unanswered = {}
    for language in LANGUAGES:
        found = document(demonstration, language)
        chapters = {one["kind"]: one for one in found["chapters"]}
        for number, places in items().items():
            for place in places:
                if not is_answered(place, chapters, demonstration):
                    unanswered.setdefault((language, number), []).append(place)

    assert unanswered == {}


def test_an_item_without_its_text_is_unanswered(demonstration):
    """The test above can fail: without a text, the section or the result is not found."""
    with transaction.atomic():
        demonstration.sections.filter(kind="environment").delete()
        demonstration.sections.filter(result__code="1200").delete()
        chapters = {one["kind"]: one for one in document(demonstration, "fr")["chapters"]}
        transaction.set_rollback(True)

    assert not is_answered("cross_cutting/environment", chapters, demonstration)
    assert not is_answered("progress/each result", chapters, demonstration)
    assert is_answered("cross_cutting/gender", chapters, demonstration)


def test_no_text_of_it_is_in_another_language(demonstration):
    for language in LANGUAGES:
        chapters = document(demonstration, language)["chapters"]
        proses = [
            *(one["narrative"] for one in chapters if one["narrative"]),
            *(b for one in chapters for b in one["blocks"] if b["type"] == "prose"),
        ]
        stray = [one["text"] for one in proses if one["lang"]]

        assert len(stray) == 2  # the public summary in the two other languages


def test_nothing_is_missing_that_somebody_writes(demonstration):
    with translation.override("en"):
        found = [gap["sentence"] for gap in gaps(demonstration)]

    assert [one for one in found if "written" in one] == []
