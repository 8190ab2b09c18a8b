"""The pages of the samples, as whoever downloads one turns them: full, whole, and not too many."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from tests.reports.pdf_reading import Pdf

FOLDER = settings.BASE_DIR / "docs" / "samples"
SAMPLES = sorted(FOLDER.glob("honduras-year-1-*.pdf"))
LETTERS = sorted(FOLDER.glob("honduras-convocation-*.pdf"))
pytestmark = pytest.mark.every_case
each_report = pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
# Of the body: cover, contents and identification included, annexes not.
FEWEST_PAGES, MOST_PAGES = 16, 20
ANNEX = {"fr": "Annexe", "es": "Anexo", "en": "Annex"}
GLANCE = {"fr": "En un coup d’œil", "es": "De un vistazo", "en": "At a glance"}
HEAD, FOOT = 27, 19  # of a page, in millimetres (`static/css/print.css`)
MILLIMETRE = 72 / 25.4


def pdf_of(file) -> Pdf:
    return Pdf(file.read_bytes())


def language_of(file) -> str:
    return file.stem[-2:]


def pages_of_body(pdf: Pdf, language: str) -> int:
    """The number of the first page of an annex, counted from zero, is the number of those before."""
    titles = {
        each.title: pdf.reader.get_destination_page_number(each)
        for each in pdf.reader.outline
        if not isinstance(each, list)
    }
    return min(page for title, page in titles.items() if title.startswith(ANNEX[language]))


def lowest(page: Any) -> float:
    """How far down the text of a page reaches: 0 at its head, 1 at its foot."""
    height = float(page.mediabox.height)
    upper, lower = height - HEAD * MILLIMETRE, FOOT * MILLIMETRE
    found: list[float] = [upper]

    def see(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        if text.strip() and lower - 1 <= y <= upper:
            found.append(y)

    page.extract_text(visitor_text=see)
    return (upper - min(found)) / (upper - lower)


def rows_on_pages(pdf: Pdf) -> Iterator[tuple[str, set[int]]]:
    """Each row of a table with the pages that it is on."""
    places = {page.indirect_reference.idnum: page.page_number for page in pdf.reader.pages}
    for row in pdf.tagged("TR"):
        pages = {places[tag.raw_get("/Pg").idnum] for tag in [row, *pdf.below(row)] if "/Pg" in tag}
        yield str(row.get("/K")), pages


def test_there_are_samples():
    assert len(SAMPLES) >= 3


@each_report
def test_the_second_page_says_the_most_important(file):
    assert GLANCE[language_of(file)] in pdf_of(file).reader.pages[1].extract_text()


@each_report
def test_the_body_is_short(file):
    assert FEWEST_PAGES <= pages_of_body(pdf_of(file), language_of(file)) <= MOST_PAGES


@each_report
def test_no_page_is_more_than_half_empty(file):
    """But for the cover, which is full by its colour, and the last one."""
    pages = pdf_of(file).reader.pages[1:-1]

    assert {
        page.page_number + 1: round(lowest(page), 2) for page in pages if lowest(page) < 0.5
    } == {}


@each_report
def test_no_row_is_torn(file):
    rows = list(rows_on_pages(pdf_of(file)))

    assert len(rows) > 50
    assert [row for row, pages in rows if len(pages) > 1] == []


@each_report
def test_what_is_cited_leads_to_the_portal_without_a_token(file):
    links = [link for link in pdf_of(file).links() if "/verify/" not in link]

    assert len(links) >= 4
    assert [
        link
        for link in links
        if not re.fullmatch(r"https://portal\.example\.org/[a-zA-Z0-9/._#?=&-]+", link)
        or re.search(r"token|[0-9a-f]{20}", link)
    ] == []


@pytest.mark.parametrize("file", LETTERS, ids=lambda file: file.stem)
def test_a_letter_is_on_one_page_with_its_signature(file):
    assert len(pdf_of(file).reader.pages) == 1
