"""What every document of a meeting, a seat or a plan has: its head, and the parts below it."""

from collections.abc import Sequence
from typing import Unpack

from django.utils.translation import gettext as _

from committees.models import Audience
from kernel.formats import day, join_list
from partners.models import Institution
from projects.models import Participation
from reports.compose.anonymise import without_names_at_risk
from reports.compose.blocks import labelled
from reports.compose.reading import DocumentReading, local_text
from reports.document_types import Block, DocumentExtras, FramedDocument
from reports.frozen import DOCUMENT
from reports.models import About, Kind


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
    """heading: what kind of document it is, in the committee's word where it has one. title: of
    what. layout: "letter", "certificate" or nothing, for the style. illustrative: None as the project
    is."""
    project = reading.project
    rows: list[tuple[object, object]] = [*facts, (_("Data of"), day(reading.as_of))]
    if shows_audience:
        rows.append((_("Prepared for"), Audience(reading.audience).label))
    document: FramedDocument = {
        "format": DOCUMENT.current,
        "kind": about.kind,
        "language": reading.language,
        "audience": reading.audience,
        "heading": heading or str(Kind(about.kind).label),
        "title": title or str(about.page),
        "organisation": organisation(reading),
        "project": {
            "code": project.code,
            "name": local_text(project, "short_title"),
            "title": local_text(project, "title"),
        },
        "as_of": reading.as_of.isoformat(),
        "illustrative": project.illustrative if illustrative is None else illustrative,
        "facts": labelled(rows),
        "layout": layout,
        "blocks": [block for block in blocks if block],
        **more,
    }
    return without_names_at_risk(document, reading)


def organisation(reading: DocumentReading) -> str:
    """Who answers for the project, by the name of the day: the letterhead."""
    role = Participation.Role
    return names_of(reading, role.ACCOUNTABLE) or names_of(reading, role.IMPLEMENTING)


def names_of(reading: DocumentReading, role: str) -> str:
    """The institutions of that role, by the names of the reading's day."""
    rows = Institution.objects.filter(
        participations__project=reading.project, participations__role=role
    )
    found = reading.once(f"institutions as {role}", lambda: list(rows.with_names()))
    names = [str(one.name_on(reading.names_on) or "") for one in found]
    return join_list(names) if names else ""
