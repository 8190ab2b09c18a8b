"""Finds what a donor's checklist would miss in a report, each gap with the page where it is closed.

Everybody who writes in the report reads the list, so it holds nothing that only some of them may
know, such as resolutions on reserved items. To add a kind of gap, add a function.
"""

from reports.compose.gaps.figures import budget_unexplained, indicators_due, stale_translations
from reports.compose.gaps.gap import Gap, GapReading
from reports.compose.gaps.sections import (
    codes_leading_nowhere,
    missing_sections,
    older_translations,
    outcomes_without_evidence,
    outcomes_without_narrative,
    summary_in_one_language,
    untranslated_sections,
)
from reports.compose.gaps.work import (
    activities_without_days,
    logic_model_not_approved,
    recommendations_unanswered,
    risks_not_rated,
)
from reports.models import Report, Section

__all__ = ["Gap", "gaps"]

SOURCES = (
    missing_sections,
    outcomes_without_narrative,
    summary_in_one_language,
    untranslated_sections,
    older_translations,
    outcomes_without_evidence,
    codes_leading_nowhere,
    indicators_due,
    activities_without_days,
    risks_not_rated,
    recommendations_unanswered,
    budget_unexplained,
    logic_model_not_approved,
    stale_translations,
)


def gaps(report: Report, sections: list[Section] | None = None) -> list[Gap]:
    """Return what the report still lacks: for each thing a sentence, and the address where it is
    mended. `sections`: with their citations, if the caller has read them."""
    reading = GapReading(report, sections)
    return [gap for source in SOURCES for gap in source(reading)]
