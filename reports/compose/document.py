"""Composes a report: its cover, its chapters in order, and their narrative."""

from collections.abc import Callable, Iterator, Sequence
from string import ascii_uppercase
from typing import Any

from django.utils.translation import gettext as _

from committees.models import Audience
from kernel.formats import day, day_range
from projects.models import Participation
from reports.comparison import base_of, differences_note
from reports.compose import governance_extras
from reports.compose.activities import activities, schedule_annex
from reports.compose.amendments import amendments
from reports.compose.blocks import STAR, heading, labelled, paragraph, prose
from reports.compose.citing import (
    in_other_languages,
    keep_known_citations,
    portal_links,
    texts_of_sections,
)
from reports.compose.cross_cutting import cross_cutting, disaggregated, people_reached
from reports.compose.evolution import evolution
from reports.compose.finances import finances
from reports.compose.frame import (
    logos_of,
    names_of,
    organisation,
    paper_of,
    project_data,
    without_hidden_names,
)
from reports.compose.framework import framework_annex, logic_model_annex
from reports.compose.glance import glance
from reports.compose.governance import governance
from reports.compose.governance_extras import policies_beside_partners, safeguarding
from reports.compose.identification import (
    acronyms,
    amended_end,
    country_of,
    identification,
    version_text,
)
from reports.compose.lessons import lessons
from reports.compose.plans import plan_of_next_year, plan_of_period
from reports.compose.products import products_annex
from reports.compose.progress import progress
from reports.compose.reading import ReportReading, local_text
from reports.compose.register import decisions_annex
from reports.compose.risks import risk_annex, risks
from reports.document_types import (
    Block,
    Chapter,
    Fact,
    LocalText,
    ReportDocument,
    VersionDifferences,
)
from reports.frozen import DOCUMENT
from reports.models import PresetSection, SectionKind

Part = Callable[[ReportReading], list[Block]]

# A kind without functions has only the narrative that people write.
PARTS: dict[SectionKind, tuple[Part, ...]] = {
    SectionKind.PROGRESS: (progress,),
    SectionKind.ACTIVITIES: (activities,),
    SectionKind.CROSS_CUTTING: (cross_cutting,),
    SectionKind.GENDER: (disaggregated,),
    SectionKind.REACHED: (people_reached,),
    SectionKind.CHANGES: (amendments, evolution),
    SectionKind.RISKS: (risks,),
    SectionKind.GOVERNANCE: (
        governance,
        governance_extras.partners,
        policies_beside_partners,
    ),
    SectionKind.LESSONS: (lessons,),
    SectionKind.SAFEGUARDING: (safeguarding,),
    SectionKind.PLAN: (plan_of_period,),
    SectionKind.FINANCES: (finances,),
    SectionKind.NEXT_YEAR: (plan_of_next_year,),
    SectionKind.ANNEX_SUMMARY: (in_other_languages,),
    SectionKind.ANNEX_LOGIC: (logic_model_annex,),
    SectionKind.ANNEX_FRAMEWORK: (framework_annex,),
    SectionKind.ANNEX_SCHEDULE: (schedule_annex,),
    SectionKind.ANNEX_RISKS: (risk_annex,),
    SectionKind.ANNEX_DECISIONS: (decisions_annex,),
    SectionKind.ANNEX_PRODUCTS: (products_annex,),
}

# The annexes that need no text: the portal fills them.
FILLED = frozenset(kind for kind in PARTS if kind.is_annex) - {SectionKind.ANNEX_SUMMARY}


def part_of(kind: SectionKind, reading: ReportReading) -> list[Block]:
    """Return the blocks that belong to a section of this kind, after what people wrote in it."""
    return [block for part in PARTS.get(kind, ()) for block in part(reading)]


# The report


SHORT = 1200  # a chapter with fewer characters is not split between two pages


def document_of(reading: ReportReading) -> ReportDocument:
    """Return the whole report as data, in the active language and with what its readers may see."""
    report, project = reading.report, reading.project
    chapters, page = _chapters(reading), glance(reading)
    for chapter in chapters:
        chapter["cites"] = portal_links(reading, chapter)
    document: ReportDocument = {
        "format": DOCUMENT.current,
        "kind": "annual_report",
        "language": reading.language,
        "audience": reading.audience,
        "heading": report.preset.title,
        "period_name": _("Whole project") if report.preset.is_final else str(report.period),
        "title": str(report),
        "version": report.version,
        "as_of": reading.as_of.isoformat(),
        "paper": paper_of(reading),
        "signed_off": report.is_signed,
        "organisation": organisation(reading),
        "project": {**project_data(project), "description": local_text(project, "description")},
        "facts": _facts(reading),
        "identification": labelled(
            identification(reading, report_type=str(report.preset.get_type_display()))
        ),
        "illustrative": report.illustrative or project.illustrative,
        "source_note": local_text(project, "source_note"),
        "logos": logos_of(reading),
        "glance": page,
        "chapters": chapters,
        "acronyms": acronyms(reading, [chapters, page]),
        "has_illustrative": any(
            row["text"].endswith(STAR) for row in _objects([chapters, page]) if "text" in row
        ),
        "since": None,
    }
    document = without_hidden_names(document, reading)
    _keep_known_links(document)
    document["since"] = _since(reading, document)
    return document


def _since(reading: ReportReading, document: ReportDocument) -> VersionDifferences | None:
    """Return the differences from the version that the same readers had before, if there is one."""
    audience = reading.audience
    base = reading.once(f"version before, {audience}", lambda: base_of(reading.report, audience))
    note = differences_note(base, document, audience=reading.audience, language=reading.language)
    if note is None:
        return None
    version, sentences = note
    return {"version": version, "sentences": sentences}


def _facts(reading: ReportReading) -> list[Fact]:
    """Return the facts on the cover, without those that are not known."""
    project = reading.project
    rows = [
        ("country", _("Country"), country_of(project)),
        ("donor", _("Donor"), names_of(reading, Participation.Role.FUNDING)),
        ("donor_number", _("Donor's project number"), project.donor_number),
        ("period", _("Reporting period"), day_range(reading.start, reading.end)),
        ("start", _("Start of the project"), day(project.starts_on)),
        ("original_end", _("End as first agreed"), day(project.original_end)),
        ("amended_end", _("End as amended"), amended_end(reading)),
        ("version", _("Version"), version_text(reading)),
        ("audience", _("Prepared for"), str(Audience(reading.audience).label)),
    ]
    return [{"key": key, "label": label, "value": value} for key, label, value in rows if value]


def _chapters(reading: ReportReading) -> list[Chapter]:
    """Return the chapters of the preset that are not empty: numbered, annexes by letters.

    A draft also has the empty chapters that must be written.
    """
    texts = texts_of_sections(reading)
    chapters: list[Chapter] = []
    for section, inner in in_chapters(reading.report.preset.rows):
        kind = SectionKind(section.kind)
        narrative, blocks = texts.get(kind.value), part_of(kind, reading)
        for one in inner:
            blocks += _within_chapter(reading, one, texts.get(one.kind))
        is_missing = section.is_required and not narrative
        if not (narrative or blocks or (is_missing and not reading.report.is_signed)):
            continue
        chapters.append(
            {
                "kind": kind.value,
                "number": _number(kind, chapters),
                "title": section.name,
                "is_annex": kind.is_annex,
                "narrative": narrative,
                "is_missing": is_missing,
                "cites": [],
                "blocks": blocks,
                "is_short": not blocks and len(narrative["text"] if narrative else "") < SHORT,
            }
        )
    # Annexes come last, wherever the preset has them.
    return sorted(chapters, key=lambda chapter: chapter["is_annex"])


def in_chapters(
    rows: Sequence[PresetSection],
) -> list[tuple[PresetSection, list[PresetSection]]]:
    """Return the sections that begin a chapter, each with those printed within it: they follow it in
    the preset and belong to it (`SectionKind.home`)."""
    chapters: list[tuple[PresetSection, list[PresetSection]]] = []
    for row in rows:
        if chapters and SectionKind(row.kind).home == chapters[-1][0].kind != row.kind:
            chapters[-1][1].append(row)
        else:
            chapters.append((row, []))
    return chapters


def _within_chapter(
    reading: ReportReading, section: PresetSection, narrative: LocalText | None
) -> list[Block]:
    """Return a section that is printed within the chapter of another one; nothing if it is empty,
    unless a draft must say that it is missing."""
    blocks = part_of(SectionKind(section.kind), reading)
    if narrative:
        blocks = [prose(narrative), *blocks]
    elif section.is_required and not reading.report.is_signed:
        blocks = [paragraph(_("This section is not written yet."), "missing"), *blocks]
    return [heading(section.name, anchor=section.kind), *blocks] if blocks else []


def _number(kind: SectionKind, chapters: list[Chapter]) -> str:
    place = sum(chapter["is_annex"] == kind.is_annex for chapter in chapters)
    return ascii_uppercase[place] if kind.is_annex else str(place + 1)


def _keep_known_links(document: ReportDocument) -> None:
    """Turn links to places that this document does not have into plain text."""
    known = {chapter["kind"] for chapter in document["chapters"]}
    links = []
    for row in _objects(document):
        if "anchor" in row:
            known.add(row["anchor"])
        if row.get("to"):
            links.append(row)
    for link in links:
        if link["to"] not in known:
            link["to"] = ""
    keep_known_citations(document, known)


def _objects(composed: object) -> Iterator[dict[str, Any]]:
    """Yield every object, however deep in lists and objects. Not recursive: a document has a
    hundred thousand parts."""
    left = [composed]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            yield value
            left += value.values()
        elif isinstance(value, list):
            left += value
