"""Documents of every format that there was: whole as PDF, Word and text, under the same code."""

import re
from collections.abc import Iterator
from copy import deepcopy
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.utils.html import strip_tags
from docx import Document

from kernel.text import plain_text
from reports.annexes import rendered_document
from reports.frozen import DOCUMENT
from reports.pdf import html_of
from reports.plain_text import text_of
from reports.word import docx_of
from reports.word_template import fields_of
from tests.frozen.fixtures import fixtures, numbers
from tests.reports.pdf_reading import Pdf
from tests.reports.word_files import words_of

pytestmark = pytest.mark.django_db  # photographs are asked for

CODE = "7F3A-91C2-D04E"
KEPT = [
    pytest.param(number, document, id=f"{number}-{document['kind']}-{document['language']}")
    for number in numbers("document")
    for document in fixtures("document", number)
]
REPORTS = [one for one in KEPT if one.values[1]["kind"] == "annual_report"]
# What code reads and nobody else, and what is drawn in pictures.
UNPRINTED = {
    *(
        "format",
        "paper",
        "kind",
        "language",
        "audience",
        "layout",
        "as_of",
        "type",
        "style",
        "tone",
        "key",
    ),
    *("anchor", "to", "lang", "code", "sha256", "data", "chart", "columns", "rating", "status"),
    *("state", "rate", "end_target", "deliverable", "period_name", "alternative", "annexes"),
    "path",  # see test_each_way_leads_to_the_portal
}


def printed_words(value: Any, key: str = "") -> Iterator[str]:
    """The words of frozen content that are printed, in any of its formats."""
    if key in UNPRINTED or (key in {"project", "committee"} and isinstance(value, dict)):
        return
    if isinstance(value, dict):
        for name, each in value.items():
            yield from printed_words(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from printed_words(each, key)
    elif isinstance(value, str) and value.strip():
        # Of what people wrote, the beginning of each line, without its marks.
        for line in plain_text(value).splitlines():
            yield plain(" ".join(line.split()[:6]))


def plain(words: str) -> str:
    return re.sub(r"\s+", " ", words).strip(" ·–")


def printed(html: str) -> str:
    body = html[html.index("<body") :]
    return plain(strip_tags(re.sub(r"<(?=/?(td|th|tr|p|li|h\d|br|div|span))", " <", body)))


def expected(frozen: dict[str, Any], way: str) -> set[str]:
    """Letters have no head; a report has its title in its head and its sources in the PDF alone;
    Word has no pictures."""
    left = {"html": {"title"}, "word": {"source_note"}, "text": {"source_note"}}[way]
    if way == "html" and frozen.get("layout"):
        left |= {"heading", "facts"}
    shown = {key: value for key, value in frozen.items() if key not in left}
    if way == "word" and "blocks" in frozen:
        shown["blocks"] = [one for one in frozen["blocks"] if one["type"] != "figure"]
    if way == "word" and "chapters" in frozen:
        shown["chapters"] = [
            chapter | {"blocks": [one for one in chapter["blocks"] if one["type"] != "figure"]}
            if "blocks" in chapter
            else chapter
            for chapter in frozen["chapters"]
        ]
    return set(printed_words(shown))


@pytest.mark.parametrize(("number", "frozen"), KEPT)
def test_each_way_says_all_that_was_frozen(number, frozen):
    document = DOCUMENT.read(frozen)
    ways = {
        "html": printed(html_of(document, code=CODE, is_draft=False)),
        "word": plain(words_of(docx_of(document, is_draft=False))),
        "text": plain(text_of(document, code=CODE)),
    }

    for way, words in ways.items():
        assert {one for one in expected(frozen, way) if one not in words} == set(), way


@pytest.mark.parametrize(("number", "frozen"), [one for one in REPORTS if one.values[0] >= 5])
def test_each_way_leads_to_the_portal(number, frozen, settings):
    cites = [link for chapter in frozen["chapters"] for link in chapter["cites"]]
    addresses = {settings.SITE_URL + link["path"] for link in cites}
    document = DOCUMENT.read(frozen)

    html = html_of(document, code="", is_draft=True)
    word = Document(BytesIO(docx_of(document, is_draft=False)))

    in_word = {part.target_ref for part in word.part.rels.values() if part.is_external}
    assert addresses <= {unescape(one) for one in re.findall(r'href="([^"]+)"', html)}
    assert addresses <= in_word
    assert addresses <= {*text_of(document).split()}


def test_some_reports_lead_to_the_portal():
    """Without them, the test above would compare nothing."""
    assert any(chapter.get("cites") for one in REPORTS for chapter in one.values[1]["chapters"])


@pytest.mark.parametrize(("number", "frozen"), REPORTS)
def test_no_chapter_is_empty(number, frozen):
    """What was computed is in the chapter of its day, beside what was written."""
    document = DOCUMENT.read(frozen)
    html = html_of(document, code=CODE, is_draft=False)
    sections = {
        re.search(r'<h1 id="(\w+)"', part)[1]: plain(strip_tags(part))
        for part in html.split('<section class="chapter')[1:]
    }

    assert [*sections] == [chapter["kind"] for chapter in frozen["chapters"]]
    for chapter, converted in zip(frozen["chapters"], document["chapters"], strict=True):
        assert chapter["title"] in sections[chapter["kind"]]
        assert bool(chapter.get("part") or chapter.get("blocks")) == bool(converted["blocks"])
        if chapter["narrative"]:
            assert next(printed_words(chapter["narrative"])) in sections[chapter["kind"]]
        if converted["blocks"] or chapter["narrative"]:
            assert len(sections[chapter["kind"]]) > len(chapter["title"]) + 40


@pytest.mark.parametrize(
    ("number", "frozen"),
    # One of each format, each in another language: a PDF takes seconds.
    [one for place, one in enumerate(REPORTS) if place % 3 == one.values[0] % 3],
)
def test_the_pdf_has_its_chapters_and_key_figures(number, frozen):
    document = DOCUMENT.read(frozen)

    with rendered_document(document, lambda *_news: None, code=CODE, is_draft=False) as pdf:
        words = plain(Pdf(pdf.content.read()).text())

    figures = {
        one for one in printed_words(frozen["chapters"]) if re.fullmatch(r"[+–-]?[\d\s]+( %)?", one)
    }
    assert len(figures) > 5
    for one in (*(plain(chapter["title"]) for chapter in frozen["chapters"]), *figures, CODE):
        assert one in words


@pytest.mark.parametrize(("number", "frozen"), REPORTS)
def test_a_donors_template_finds_what_it_takes(number, frozen):
    fields = fields_of(DOCUMENT.read(frozen), is_draft=False)

    lists = ["outcomes", "indicators", "activities", "actions", "meetings"]
    # Since the fifth format decisions are told in their annex alone, and some fixtures have none.
    if number < 5 or any(one["kind"] == "annex_decisions" for one in frozen["chapters"]):
        lists.append("decisions")
    for name in lists:
        assert fields[name], name
    assert all(row["code"] and row["name"] for row in fields["indicators"])
    assert fields["donor"]
    assert fields["period"]
    assert fields["narrative"]["summary"]


@pytest.mark.parametrize(("number", "frozen"), KEPT)
def test_reading_changes_nothing_that_was_frozen(number, frozen):
    before = deepcopy(frozen)

    DOCUMENT.read(frozen)

    assert frozen == before


@pytest.mark.parametrize("number", [1, 2])
def test_a_report_without_a_number_is_recognised(number):
    reports = [one for one in fixtures("document", number) if "chapters" in one]

    assert {"format" in one for one in reports} == {False}
    assert {DOCUMENT.unnumbered(one) for one in reports} == {number}


def test_papers_of_the_first_format_are_recognised_by_their_blocks():
    papers = [one for one in fixtures("document", 1) if "blocks" in one]
    telling = {"heading", "box", "table"}

    for paper in papers:
        is_known = any(block["type"] in telling for block in paper["blocks"])
        # Of others both formats are the same.
        assert DOCUMENT.unnumbered(paper) == (1 if is_known else 2)
