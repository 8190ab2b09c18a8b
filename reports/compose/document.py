"""The frame of a report: its cover, its chapters in order, and their narrative."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from committees.models import Audience
from kernel.formats import day, day_range, join_list
from kernel.text import LANGUAGES
from partners.models import Institution
from projects.models import Participation
from reports.compose.citing import cited, keep_known_citations
from reports.compose.governance import governance
from reports.compose.plans import plan_of_next_year, plan_of_period
from reports.compose.progress import activities, amendments, progress
from reports.compose.reading import ReportReading, Said, in_language, said
from reports.models import Section

Kind = Section.Kind
SHORT = 1200  # characters that a page should not tear


def document_of(reading: ReportReading) -> dict[str, Any]:
    report, project = reading.report, reading.project
    parts = {
        Kind.PROGRESS: progress(reading),
        Kind.ACTIVITIES: activities(reading),
        Kind.CHANGES: amendments(reading),
        Kind.GOVERNANCE: governance(reading),
        Kind.PLAN: plan_of_period(reading),
        Kind.NEXT_YEAR: plan_of_next_year(reading),
    }
    document = {
        "kind": "annual_report",
        "language": reading.language,
        "audience": reading.audience,
        "heading": _("Annual progress report"),
        "period_name": str(report.period),
        "title": str(report),
        "version": report.version,
        "as_of": reading.as_of.isoformat(),
        "signed_off": report.is_signed,
        "organisation": _organisation(reading),
        "project": {
            "code": project.code,
            "name": said(project, "short_title"),
            "title": said(project, "title"),
            "description": said(project, "description"),
        },
        "facts": _facts(reading),
        "illustrative": report.illustrative or project.illustrative,
        "source_note": said(project, "source_note"),
        "chapters": _chapters(reading, parts),
    }
    document["has_illustrative"] = any(
        row["illustrative"] for row in _all_with("illustrative", parts)
    )
    _keep_known_links(document)
    return document


def _facts(reading: ReportReading) -> list[dict[str, str]]:
    """What the cover says, without what is not known."""
    report, project = reading.report, reading.project
    rows = [
        (_("Country"), str(project.country.name)),
        (_("Donor"), _names(reading, Participation.Role.FUNDING)),
        (_("Donor's project number"), project.donor_number),
        (_("Reporting period"), day_range(report.period.start, report.period.end)),
        (_("Start of the project"), day(project.starts_on)),
        (_("End as first agreed"), day(project.original_end)),
        (_("End as amended"), _amended_end(reading)),
        (_("Version"), _version(reading)),
        (_("Prepared for"), str(Audience(reading.audience).label)),
    ]
    return [{"label": label, "value": value} for label, value in rows if value]


def _amended_end(reading: ReportReading) -> str:
    end = reading.current_end
    return day(end) if end != reading.project.original_end else ""


def _version(reading: ReportReading) -> str:
    report = reading.report
    if not report.is_signed:
        return _("%(number)s, draft") % {"number": report.version}
    return _("%(number)s, signed off on %(day)s") % {
        "number": report.version,
        "day": day(report.signed_off_on),
    }


def _organisation(reading: ReportReading) -> str:
    return _names(reading, Participation.Role.ACCOUNTABLE) or _names(
        reading, Participation.Role.IMPLEMENTING
    )


def _names(reading: ReportReading, role: str) -> str:
    """The institutions of that role by the names of the last day reported on."""
    found = Institution.objects.filter(
        participations__project=reading.project, participations__role=role
    ).with_names()
    names = [str(institution.name_on(reading.report.period.end) or "") for institution in found]
    return join_list(names) if names else ""


def _chapters(reading: ReportReading, parts: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that say something, numbered; in a draft also those that have to be written."""
    texts = _narrative(reading)
    chapters = []
    for kind in Kind:
        narrative, part = texts.get(kind.value), parts.get(kind)
        is_missing = kind in Section.REQUIRED and not narrative
        if not (narrative or part or (is_missing and not reading.report.is_signed)):
            continue
        chapters.append(
            {
                "kind": kind.value,
                "number": len(chapters) + 1,
                "title": str(kind.label),
                "narrative": narrative,
                "is_missing": is_missing,
                "part": part,
                "is_short": not part and len((narrative or {}).get("text", "")) < SHORT,
            }
        )
    return chapters


def _narrative(reading: ReportReading) -> dict[str, Said]:
    """Each section in the reader's language, or else in the first in which it is written."""
    written: dict[str, dict[str, Section]] = {}
    for section in reading.report.sections.all():
        if section.text.strip():
            written.setdefault(section.kind, {})[section.language] = section
    order = [reading.language, *LANGUAGES]
    read = {
        kind: next(in_language(cited(reading, texts[one]), one) for one in order if one in texts)
        for kind, texts in written.items()
    }
    # What cites only what is not for these readers says nothing to them.
    return {kind: text for kind, text in read.items() if text["text"].strip()}


def _keep_known_links(document: dict[str, Any]) -> None:
    """A link leads to what stands in this document; what does not stays a name."""
    known = {row["anchor"] for row in _all_with("anchor", document)}
    for link in _all_with("to", document):
        if link["to"] not in known:
            link["to"] = ""
    keep_known_citations(document, known)


def _all_with(key: str, value: Any) -> Iterator[dict[str, Any]]:
    """Every object with that key, however deep in lists and objects."""
    if isinstance(value, dict):
        if key in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _all_with(key, each)
