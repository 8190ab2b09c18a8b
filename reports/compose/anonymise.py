"""Replaces the names of institutions that the readers of a document may not know.

Each part of a document names institutions in its own way: as responsible, by their seat, in minutes
that were frozen long ago, in free text. So names are replaced in the whole document, as data, beside
the neutral designations that it is composed with (`partners.naming`).
"""

from typing import TypeVar

from projects.permissions.hidden_names import hidden_names, without
from reports.compose.reading import DocumentReading
from reports.document_types import FramedDocument, ReportDocument

Composed = TypeVar("Composed", ReportDocument, FramedDocument)


def without_hidden_names(document: Composed, reading: DocumentReading) -> Composed:
    """Replace the names and acronyms of institutions, also of other projects, that the readers of
    the document may not know."""
    return without(document, hidden_names(reading.naming))
