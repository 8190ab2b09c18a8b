"""What a report tells in a kind of section: its figures, its rows, or the blocks that are printed."""

from dataclasses import asdict

from django.utils import translation

from partners.naming import read_by
from reports.compose.document import part_of
from reports.compose.governance import governance_of
from reports.compose.reading import ReportReading
from reports.compose.results import results_of
from reports.models import SectionKind
from reports.word_template import rows_of as rows_of_table
from tests.reports.conftest import SIGNED_ON


def reading_of(report, *, language="fr", audience="donor", as_of=SIGNED_ON):
    return ReportReading.of(report, language=language, audience=audience, as_of=as_of)


def results_in(report, **options):
    """The results with their indicators in words."""
    return told(
        report,
        lambda reading: [asdict(row) for row in results_of(reading, outputs=False)],
        **options,
    )


def governance_in(report, **options):
    return told(report, governance_of, **options)


def blocks_in(report, kind, **options):
    return told(report, lambda reading: part_of(SectionKind(kind), reading), **options)


def table_in(report, kind, key, **options):
    """The rows of a table by the keys of its columns; small lines are under `key_note`."""
    tables = [one for one in blocks_in(report, kind, **options) if one.get("key") == key]
    return [row for one in tables for row in rows_of_table(one)]


def texts_in(report, kind, **options):
    """Everything that the paragraphs and boxes of a section say, in one text."""
    found = []
    for block in blocks_in(report, kind, **options):
        found += [block["title"]["text"]] if block["type"] == "box" else []
        found += [block["text"]] if block.get("text") else []
        lines = block.get("lines", [])
        found += ["".join(piece["text"] for piece in line) for line in lines]
    return "\n".join(found)


def told(report, compose, **options):
    reading = reading_of(report, **options)
    with translation.override(reading.language), read_by(reading.naming):
        return compose(reading)
