"""One line of the list of gaps, and what several kinds of gaps are found in."""

from functools import cached_property

from projects.framework.tree import FrameworkParts, whole_framework
from projects.models import Period
from projects.reading import periods_of
from reports.models import PresetSection, Report, Section

Gap = dict[str, str]
"""A sentence, and the page where the gap is closed."""


class GapReading:
    """A report and what belongs to it, each read once."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.project = report.project

    @cached_property
    def sections(self) -> list[Section]:
        """With their citations."""
        kept = getattr(self.report, "_prefetched_objects_cache", {})
        sections = self.report.sections.all()
        return list(sections if "sections" in kept else sections.prefetch_related("citations"))

    @cached_property
    def written(self) -> dict[str, dict[str, Section]]:
        """The sections that say something, by kind and language."""
        found: dict[str, dict[str, Section]] = {}
        for section in self.sections:
            if section.text.strip():
                found.setdefault(section.kind, {})[section.language] = section
        return found

    @property
    def rows(self) -> list[PresetSection]:
        return self.report.preset.rows

    @cached_property
    def periods(self) -> list[Period]:
        return periods_of(self.project)

    @cached_property
    def framework(self) -> FrameworkParts:
        parts = whole_framework(self.project)
        results = {result.pk: result for result in parts.results}
        for result in parts.results:
            result.project = self.project
        for indicator in parts.indicators:
            indicator.result = results[indicator.result_id]
        return parts
