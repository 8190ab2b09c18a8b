"""Reading the parts of a chapter: what a test compares of them."""

import json

from django.utils import translation

from partners.naming import read_by
from reports.compose.blocks import words_of
from reports.compose.reading import ReportReading
from reports.figures import FigureCounter
from tests.reports.conftest import SIGNED_ON


def reading_of(report, *, language="en", audience="donor", as_of=SIGNED_ON):
    """Everything asked anew, as the worker does."""
    report = type(report).objects.get(pk=report.pk)
    return ReportReading.of(report, language=language, audience=audience, as_of=as_of)


def told(chapter, report, **options):
    """The parts of a chapter. They can be frozen: texts, whole numbers and lists alone."""
    reading = reading_of(report, **options)
    with translation.override(reading.language), read_by(reading.naming):
        blocks = chapter(reading)
    assert json.loads(json.dumps(blocks)) == blocks
    assert {type(value) for value in _leaves(blocks)} <= {str, int, bool, type(None)}
    return blocks


def table(blocks, caption):
    """The texts of the cells of a table, row by row; small lines behind their cell."""
    found = next(one for one in blocks if one["type"] == "table" and one["caption"] == caption)
    return [[_text(cell) for cell in row["cells"]] for row in found["rows"]]


def heads(blocks, caption):
    found = next(one for one in blocks if one["type"] == "table" and one["caption"] == caption)
    return [column["label"] for column in found["columns"]]


def figure(blocks, chart):
    (found,) = [one for one in blocks if one["type"] == "figure" and one["chart"] == chart]
    return found


def drawn(blocks, language="en"):
    """The pictures, as a document in that language has them."""
    with translation.override(language):
        return [
            one["figure"]
            for one in FigureCounter(tables=False).numbered(blocks)
            if one["type"] == "figure"
        ]


def words(blocks):
    """All that is told, to be searched."""
    return json.dumps(blocks, ensure_ascii=False)


def sentences(blocks):
    return [one["text"] for one in blocks if one["type"] == "paragraph"]


def captions(blocks):
    return [one["caption"] for one in blocks if one["type"] == "table"]


def _text(cell):
    return " | ".join(each for each in [cell["text"], *map(words_of, cell["small"])] if each)


def _leaves(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    else:
        yield value
