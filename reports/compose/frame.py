"""The frame that all documents of meetings, seats and plans have in common, without the names of
institutions that their readers may not know.

Each part of a document names institutions in its own way: as responsible, by their seat, in minutes
that were frozen long ago, in free text. So names are replaced in the whole document, as data, beside
the neutral designations that it is composed with (`partners.naming`).
"""

from collections.abc import Sequence
from typing import TypeVar, Unpack

from django.utils.translation import gettext as _

from committees.models import Audience
from kernel.formats import day, join_list
from partners.models import Institution, InstitutionLogo
from projects.models import Participation, Project
from projects.permissions.institutions import hidden_names, without
from reports.compose.blocks import labelled
from reports.compose.reading import DocumentReading, local_text
from reports.document_types import (
    Block,
    DocumentExtras,
    FramedDocument,
    PlacedLogo,
    ProjectData,
    ReportDocument,
)
from reports.frozen import DOCUMENT
from reports.models import About, DocumentKind

Composed = TypeVar("Composed", ReportDocument, FramedDocument)


def without_hidden_names(document: Composed, reading: DocumentReading) -> Composed:
    """Replace the names and acronyms of institutions, also of other projects, that the readers of
    the document may not know."""
    return without(document, hidden_names(reading.naming))


# The frame


# Where paper has the size Letter, by the Common Locale Data Repository; elsewhere it has A4.
LETTER_COUNTRIES = frozenset(
    {
        *("BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"),
    }
)


def framed(
    about: About,
    reading: DocumentReading,
    blocks: Sequence[Block | None],
    *,
    heading: str = "",
    title: str = "",
    facts: Sequence[tuple[object, object]] = (),
    layout: str = "",
    shows_audience: bool = True,
    illustrative: bool | None = None,
    **more: Unpack[DocumentExtras],
) -> FramedDocument:
    """Return a document of these blocks, without names that their readers may not know.

    `heading` names the kind of document, if the committee has its own word for it, `title` the
    thing. `layout` is "letter", "certificate" or empty, for the style. A document is illustrative
    as its project, unless `illustrative` is given.
    """
    rows: list[tuple[object, object]] = [*facts, (_("Data of"), day(reading.as_of))]
    if shows_audience:
        rows.append((_("Prepared for"), Audience(reading.audience).label))
    document: FramedDocument = {
        "format": DOCUMENT.current,
        "kind": about.kind,
        "language": reading.language,
        "audience": reading.audience,
        "heading": heading or str(DocumentKind(about.kind).label),
        "title": title or str(about.page),
        "organisation": organisation(reading),
        "project": project_data(reading.project),
        "as_of": reading.as_of.isoformat(),
        "paper": paper_of(reading),
        "illustrative": reading.project.illustrative if illustrative is None else illustrative,
        "facts": labelled(rows),
        "layout": layout,
        "blocks": [block for block in blocks if block],
        **more,
    }
    return without_hidden_names(document, reading)


def project_data(project: Project) -> ProjectData:
    return {
        "code": project.code,
        "name": local_text(project, "short_title"),
        "title": local_text(project, "title"),
    }


def organisation(reading: DocumentReading) -> str:
    """Return the name for the letterhead: the institution that is accountable for the project."""
    role = Participation.Role
    return names_of(reading, role.ACCOUNTABLE) or names_of(reading, role.IMPLEMENTING)


def paper_of(reading: DocumentReading) -> str:
    """Return the paper on which the donor prints."""
    donors = _institutions(reading, Participation.Role.FUNDING)
    return "letter" if donors and str(donors[0].country) in LETTER_COUNTRIES else "a4"


def logos_of(reading: DocumentReading) -> list[PlacedLogo]:
    """Return the logos of the donors that the readers may know by name."""
    donors = [one for one in _institutions(reading, Participation.Role.FUNDING) if one.is_named]
    rows = InstitutionLogo.objects.filter(institution__in=donors).defer("content")
    logos = {one.institution_id: one.sha256 for one in reading.once("logos", lambda: list(rows))}
    return [
        {
            "institution": one.pk,
            "sha256": logos[one.pk],
            "name": str(one.name_on(reading.names_on) or ""),
        }
        for one in donors
        if one.pk in logos
    ]


def names_of(reading: DocumentReading, role: str) -> str:
    """Return the institutions with a role in the project, by the names that they had on the day."""
    names = [str(one.name_on(reading.names_on) or "") for one in _institutions(reading, role)]
    return join_list(names) if names else ""


def _institutions(reading: DocumentReading, role: str) -> list[Institution]:
    rows = Institution.objects.filter(
        participations__project=reading.project, participations__role=role
    )
    return reading.once(f"institutions as {role}", lambda: list(rows.with_names()))
