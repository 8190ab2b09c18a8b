"""Composes a report as data, from the other apps, for one audience in one language.

The audience decides here what a document contains, before any renderer sees it. Names of persons
are never read. The document is made of texts, whole numbers and lists of them, in the words and
formats of the language, so that it can be frozen and hashed (`Snapshot`).
"""

from datetime import date
from typing import Any

from django.conf import settings
from django.utils import translation

from kernel.languages import working_in
from partners.naming import read_by
from reports.compose.document import document_of
from reports.compose.gaps import gaps
from reports.compose.reading import AUDIENCES, ReportReading
from reports.document_types import ReportDocument
from reports.models import Report

__all__ = ["AUDIENCES", "compose", "freeze", "gaps"]


def compose(
    report: Report,
    *,
    language: str,
    audience: str,
    as_of: date,
    shared: dict[str, Any] | None = None,
) -> ReportDocument:
    """Return the document of a report as it is known at the end of that day.

    `shared` holds rows that documents for other readers have read already.
    """
    with translation.override(language):
        reading = ReportReading.of(
            report, language=language, audience=audience, as_of=as_of, shared=shared
        )
        with read_by(reading.naming), working_in(report.project):
            return document_of(reading)


def freeze(report: Report, *, as_of: date) -> dict[str, dict[str, ReportDocument]]:
    """Return the documents for every audience in every language, as a snapshot stores them."""
    shared: dict[str, Any] = {}
    return {
        audience: {
            language: compose(
                report, language=language, audience=audience, as_of=as_of, shared=shared
            )
            for language, _name in settings.LANGUAGES
        }
        for audience in AUDIENCES
    }
