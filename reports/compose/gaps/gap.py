"""One line of the list of gaps, and what several kinds of gaps are found in."""

from dataclasses import dataclass
from functools import cached_property

from projects.framework.tree import FrameworkParts, whole_framework
from projects.models import Period, Result
from projects.reading import periods_of
from reports.models import PresetSection, Report, Section, home_of
from reports.models.place import slug_of

Gap = dict[str, str]
"""A sentence, and the page where the gap is closed."""


@dataclass(frozen=True)
class WritingPlace:
    """A section, or a result: `slug` is what addresses name it by (`SectionPlace`)."""

    slug: str
    name: str


class GapReading:
    """A report and what belongs to it, each read once. `sections`: with their citations, if the
    caller has read them."""

    def __init__(self, report: Report, sections: list[Section] | None = None) -> None:
        self.report = report
        self.project = report.project
        self.sections = (
            list(report.sections.prefetch_related("citations")) if sections is None else sections
        )

    @cached_property
    def written(self) -> dict[str, dict[str, Section]]:
        """The texts that say something, by place (`SectionPlace.slug`) and language."""
        found: dict[str, dict[str, Section]] = {}
        for section in self.sections:
            if section.words:
                found.setdefault(section.slug, {})[section.language] = section
        return found

    @property
    def rows(self) -> list[PresetSection]:
        return self.report.preset.rows

    @cached_property
    def kinds(self) -> set[str]:
        return {row.kind for row in self.rows}

    @cached_property
    def results(self) -> list[Result]:
        """The results that a chapter of the report is about."""
        return [one for one in self.framework.results if home_of(one) in self.kinds]

    @cached_property
    def places(self) -> list[WritingPlace]:
        """The sections of the preset, then the results, as they are named and found."""
        sections = [WritingPlace(row.kind, row.name) for row in self.rows]
        return [
            *sections,
            *(
                WritingPlace(slug_of("", one.pk), f"{one.level_name} {one.code}")
                for one in self.results
            ),
        ]

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
