"""The annual report with all its chapters as a PDF, compared with what was composed."""

import hashlib
import re
from itertools import pairwise

import pytest

from projects.models import DataPoint
from reports.compose import compose
from reports.compose.blocks import words_of as small_words
from reports.models import SectionKind
from reports.models.snapshot import canonical
from reports.pdf import html_of
from tests.reports.conftest import SIGNED_ON
from tests.reports.pdf_reading import Pdf, render, render_once

pytestmark = pytest.mark.django_db

CODE = "7F3A-91C2-D04E"


@pytest.fixture
def whole(world, report):
    """Of every chapter that there is."""
    for place, kind in enumerate(SectionKind):
        report.preset.sections.get_or_create(kind=kind, defaults={"position": 90 + place})
    report.signed_off_on = SIGNED_ON
    return report


def document_of(report, language="fr"):
    return compose(report, language=language, audience="donor", as_of=SIGNED_ON)


def html_file(document) -> str:
    return html_of(document, code=CODE, is_draft=False)


def pdf_of(document) -> Pdf:
    return render_once(html_file(document))


def test_every_figure_has_words_and_every_font_is_there(whole):
    pdf = pdf_of(document_of(whole))

    figures = pdf.tagged("Figure")
    assert figures
    assert all(figure.get("/Alt") for figure in figures)
    assert pdf.all_fonts_are_embedded()


def test_headings_skip_no_level(whole):
    headings = pdf_of(document_of(whole)).tagged("H1", "H2", "H3", "H4", "H5", "H6")
    levels = [int(tag["/S"].removeprefix("/H")) for tag in headings]

    assert levels[0] == 1
    assert max(levels) > 2
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_bookmarks_are_the_headings_of_chapters_and_their_parts(whole):
    """Chapters first, what stands in them below; titles of single decisions are none."""
    document = document_of(whole)

    told = dict(below(pdf_of(document).bookmarks()))

    chapters = {one["kind"]: one for one in document["chapters"]}
    for kind in ("progress", "governance"):
        title = f"{chapters[kind]['number']} {chapters[kind]['title']}"
        parts = [
            f"{block['over']} {block['text']}".strip()
            for block in chapters[kind]["blocks"]
            if block["type"] == "heading" and block["level"] == 1
        ]
        assert parts
        assert told[title] == parts


def below(entries):
    """The title of each entry, with those right below it."""
    for place, title in enumerate(entries):
        if isinstance(title, str):
            parts = entries[place + 1 : place + 2]
            inner = parts[0] if parts and isinstance(parts[0], list) else []
            yield title, [one for one in inner if isinstance(one, str)]


def test_every_head_of_a_table_says_what_it_is_the_head_of(whole):
    pdf = pdf_of(document_of(whole))

    scopes = [head["/A"]["/Scope"] for row in pdf.tagged("THead") for head in heads_below(pdf, row)]
    assert scopes
    assert set(scopes) == {"/Column"}
    scopes = [head["/A"]["/Scope"] for row in pdf.tagged("TBody") for head in heads_below(pdf, row)]
    assert scopes
    assert set(scopes) == {"/Row"}


def heads_below(pdf, part):
    return [tag for tag in pdf.below(part) if tag["/S"] == "/TH"]


def words_of(block) -> list[str]:
    """The texts of a part, in the order in which they are read."""
    if block["type"] == "table":
        rows = [cell for row in block["rows"] for cell in row["cells"]]
        return [text for cell in rows for text in [cell["text"], *map(small_words, cell["small"])]]
    if block["type"] in {"heading", "paragraph", "notice"}:
        return [block["text"]]
    return []


def letters(text: str) -> str:
    """Without what the layout adds: spaces, ends of lines and hyphens."""
    return re.sub(r"[\W_]+", "", text)


def spoken(pdf: Pdf) -> str:
    """The text by the order of the pages, without what stands around each of them."""
    return letters(pdf.text())


def test_the_text_has_what_was_composed_in_its_order(whole):
    document = document_of(whole)
    told, missing = spoken(pdf_of(document)), []
    place = told.index(letters(document["chapters"][0]["narrative"]["text"]))

    for chapter in document["chapters"]:
        for text in (t for block in chapter["blocks"] for t in words_of(block)):
            if (found := told.find(letters(text), place)) < 0:
                missing.append((chapter["kind"], text))
            else:
                place = found
    assert missing == []


def test_two_processes_write_the_same_bytes(whole):
    document = document_of(whole)

    assert render(html_file(document)).content == pdf_of(document).content


def test_a_changed_figure_changes_the_hash_and_its_pages_alone(whole, world):
    """The value stands where it is told: on a page without it, not one sign moves."""
    before = document_of(whole)
    DataPoint.objects.filter(indicator=world.indicator, kind="actual").update(numerator=135)
    after = document_of(whole)
    first, second = pdf_of(before), pdf_of(after)

    assert hash_of(before) != hash_of(after)
    pages = list(zip(texts_of(first), texts_of(second), strict=True))
    changed = {n for n, (old, new) in enumerate(pages, 1) if old != new}
    telling = {
        n for n, (old, new) in enumerate(pages, 1) if re.search(r"(?<!\d)13[45](?!\d)", old + new)
    }
    assert changed
    assert changed <= telling
    drawn = list(zip(streams_of(first), streams_of(second), strict=True))
    assert {n for n, (old, new) in enumerate(drawn, 1) if old != new} == changed


def hash_of(document) -> str:
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def texts_of(pdf):
    return [page.extract_text() for page in pdf.reader.pages]


def streams_of(pdf):
    return [page.get_contents().get_data() for page in pdf.reader.pages]
