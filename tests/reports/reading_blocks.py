"""Composes one part of a report for a test, and says what a reader finds in it."""

from contextlib import contextmanager

from django.utils import translation

from reports.compose.blocks import words_of
from reports.compose.reading import ReportReading
from reports.pdf import html_of
from tests.reports.conftest import SIGNED_ON
from tests.reports.pdf_reading import render_once


@contextmanager
def reading_of(report, *, language="en", audience="donor", as_of=SIGNED_ON):
    with translation.override(language):
        yield ReportReading.of(report, language=language, audience=audience, as_of=as_of)


def blocks_of(compose, report, **who):
    with reading_of(report, **who) as reading:
        return [block for block in compose(reading) if block]


def of_type(blocks, kind):
    return [block for block in blocks if block["type"] == kind]


def rows_of(block):
    """The cells of a table as their words, what stands in small letters behind them."""
    return [
        [
            " | ".join([cell["text"], *map(words_of, cell["small"])]).removeprefix(" | ")
            for cell in row["cells"]
        ]
        for row in block["rows"]
    ]


def heads_of(block):
    return [column["label"] for column in block["columns"]]


def document_of(blocks):
    """A document in English that is made of these parts."""
    return {
        "kind": "plan",
        "language": "en",
        "heading": "Annex",
        "title": "Products",
        "organisation": "",
        "project": {"code": "HN-1", "name": {"text": "P"}, "title": {"text": "P", "lang": ""}},
        "as_of": SIGNED_ON.isoformat(),
        "paper": "a4",
        "illustrative": False,
        "facts": [],
        "layout": "",
        "blocks": blocks,
    }


def pdf_of(document):
    return render_once(html_of(document, code="", is_draft=False))
