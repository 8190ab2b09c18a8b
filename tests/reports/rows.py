"""What a report tells in a kind of section, before it is put into the parts of a document."""

from dataclasses import asdict

from django.utils import translation

from partners.naming import read_by
from reports.compose.activities import activities_of
from reports.compose.amendments import amendments_of
from reports.compose.governance import governance_of
from reports.compose.plans import plan_of
from reports.compose.reading import ReportReading
from reports.compose.results import results_of
from tests.reports.conftest import SIGNED_ON

ROWS = {
    "progress": lambda reading: results_of(reading, outputs=False),
    "activities": activities_of,
    "changes": amendments_of,
    "governance": governance_of,
    "plan": lambda reading: plan_of(reading, reading.report.period),
}


def reading_of(report, *, language="fr", audience="donor", as_of=SIGNED_ON):
    return ReportReading.of(report, language=language, audience=audience, as_of=as_of)


def rows_of(reading, kind):
    with translation.override(reading.language), read_by(reading.naming):
        return _plain(ROWS[kind](reading))


def _plain(rows):
    """Rows as dictionaries, so that tests compare them with what they expect."""
    if isinstance(rows, list):
        return [asdict(row) for row in rows]
    return asdict(rows) if rows else None
