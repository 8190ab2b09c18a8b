"""The public summary of results of the latest report, as IATI publishes it: without marks and without
citations, which lead to pages of the portal."""

from typing import Any

from kernel.text import plain_text
from projects.iati.document import Texts
from reports.evidence import with_citations
from reports.models import Report, Section, SectionKind

# The donor has accepted it, or everybody may read it already.
IS_PUBLIC = (Report.Status.ACCEPTED, Report.Status.PUBLISHED)


def _summaries(project: int) -> list[tuple[Any, ...]]:
    rows = Section.objects.filter(
        report__project=project,
        report__status__in=IS_PUBLIC,
        kind=SectionKind.ANNEX_SUMMARY,
        words__gt=0,
    )
    latest = rows.order_by("-report__period__end", "-report__version", "-report")
    return list(latest.values_list("report", "language", "text"))


def summary_of_latest_report(project: int) -> Texts:
    """Return the texts of the first report, by language."""
    rows = _summaries(project)
    return {
        language: plain_text(with_citations(text, lambda code: code.words or None)).strip()
        for report, language, text in rows
        if report == rows[0][0]
    }
