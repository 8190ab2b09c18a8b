"""One line of the list of gaps, and what several kinds of gaps are found in."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kernel.prepared import Moment, Question
from kernel.related import share
from kernel.together import ask_together
from projects.framework.tree import FrameworkParts, indicator_rows, result_rows
from projects.models import Period, Result
from projects.money.budget_tables import BudgetToAsk
from projects.money.ledger import budget_periods
from projects.reading import period_rows, periods_of
from reports.compose.gaps import rows
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
    """A report and what belongs to it, each read once: `first` and then `second` are asked
    together, with what else a page asks."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.project = report.project
        key, today = report.project_id, Moment(report.project.today)
        days = Moment(report.start), Moment(report.end)
        self._periods = period_rows.question(key)
        self._results = result_rows.question(key, False)
        self._indicators = indicator_rows.question(key, False)
        self.approved = rows.approved.question(key)
        self.planned = rows.planned_until.question(key, *days, today)
        self.unrated = rows.without_rating.question(key, *days)
        self.unanswered = rows.unanswered.question(key, today)
        self.versions = rows.logic_versions.question(key)

    @property
    def first(self) -> list[Question[Any]]:
        return [
            *(self._periods, self._results, self._indicators, self.approved),
            *(self.planned, self.unrated, self.unanswered, self.versions),
        ]

    @property
    def second(self) -> list[Question[Any]]:
        return self.budget.questions if self.budget else []

    @cached_property
    def sections(self) -> list[Section]:
        """With their citations."""
        kept = getattr(self.report, "_prefetched_objects_cache", {})
        sections = self.report.sections.all()
        return list(sections if "sections" in kept else sections.prefetch_related("citations"))

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
        return periods_of(self.project, self._periods.rows)

    @cached_property
    def budget(self) -> BudgetToAsk | None:
        """The books, if the report is on a period of the budget."""
        years = budget_periods(self.project, self.periods)
        if self.report.period_id not in [year.pk for year in years]:
            return None
        return BudgetToAsk(self.project, self.periods, self.report.period)

    @cached_property
    def framework(self) -> FrameworkParts:
        parts = FrameworkParts(self._results.rows, self._indicators.rows)
        results = {result.pk: result for result in parts.results}
        for result in parts.results:
            result.project = self.project
        share(parts.indicators, "result", results)
        return parts

    def ask(self) -> None:
        ask_together(*self.first)
        ask_together(*self.second)
