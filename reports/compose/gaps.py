"""Finds what a donor's checklist would miss in a report, each gap with the page where it is closed.

Everybody who writes in the report reads the list, so it holds nothing that only some of them may
know, such as resolutions on reserved items. To add a kind of gap, add a function.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from committees.models import Audience, Resolution
from kernel.formats import join_list
from kernel.languages import LANGUAGES, language_names, writing_order
from kernel.text import columns_of
from projects.framework.figures import Rating, Standing
from projects.framework.tree import (
    POINT_FIGURES,
    FrameworkParts,
    Node,
    in_periods,
    logic_model,
    whole_framework,
)
from projects.models import (
    Activity,
    DataPoint,
    Indicator,
    LogicModelVersion,
    Period,
    Project,
    Result,
    Risk,
)
from projects.money.budget_tables import unexplained_categories
from projects.money.ledger import budget_periods
from projects.reading import periods_of
from reports.models import PresetSection, Report, Section, SectionKind, home_of
from reports.models.report import slug_of

# Recommendations that everybody who writes in a report may read: not those on reserved items.
OPEN_TO_WRITERS = (Audience.COMMITTEE, Audience.PARTNERS, Audience.DONOR, Audience.PUBLIC)

Gap = dict[str, str]
"""A sentence, and the page where the gap is closed."""


def gaps(report: Report, sections: list[Section] | None = None) -> list[Gap]:
    """Return what the report still lacks: for each thing a sentence, and the address where it is
    mended. `sections`: with their citations, if the caller has read them."""
    reading = GapReading(report, sections)
    return [
        {"url": url, "sentence": sentence}
        for source in SOURCES
        for url, sentence in source(reading)
    ]


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

    def section(self, slug: str, language: str = "") -> str:
        """Return the address of the editor of a section, in the first language without one."""
        language = language or writing_order()[0]
        return reverse("reports:section", args=[self.report.pk, slug, language])


# The address and the sentence of each gap.
Gaps = Iterator[tuple[str, str]]


# The narrative: sections, languages, evidence


def missing_sections(reading: GapReading) -> Gaps:
    """Yield each required section that nobody has written yet. A chapter that says something on a
    result is written."""
    kinds = {one.kind for texts in reading.written.values() for one in texts.values()}
    sentence = _("“%(section)s” is not written yet.")
    if len(languages := reading.project.languages) > 1:
        named = {"languages": join_list(language_names(languages))}
        sentence = f"{sentence} {_('It is needed in: %(languages)s.') % named}"
    for section in reading.rows:
        if section.is_required and section.kind not in kinds:
            yield reading.section(section.kind), sentence % {"section": section.name}


def outcomes_without_narrative(reading: GapReading) -> Gaps:
    """Yield each outcome of which the report says nothing in any language."""
    sentence = _("There is no text on “%(result)s”: say what changed, and why.")
    for result in reading.results:
        slug = slug_of("", result.pk)
        if home_of(result) == SectionKind.PROGRESS and slug not in reading.written:
            yield reading.section(slug), sentence % {"result": result}


def summary_in_one_language(reading: GapReading) -> Gaps:
    """Yield the public summary of results, unless it is written in two languages or in none."""
    kind = SectionKind.ANNEX_SUMMARY
    texts = reading.written.get(kind, {})
    if kind in reading.kinds and len(texts) == 1:
        other = next(one for one in writing_order() if one not in texts)
        yield (
            reading.section(kind, other),
            _("The public summary of results is written in one language: two are needed."),
        )


def untranslated_sections(reading: GapReading) -> Gaps:
    """Yield sections that readers of some language would find in another one.

    A section that is not written in any language is left out, since it is another gap.
    """
    sentence = _("“%(section)s” is not written in: %(languages)s.")
    for place in reading.places:
        texts = reading.written.get(place.slug, {})
        missing = [one for one in reading.project.languages if one not in texts]
        if texts and missing:
            language = next(one for one in writing_order() if one in missing)
            names = {"section": place.name, "languages": join_list(language_names(missing))}
            yield reading.section(place.slug, language), sentence % names


def older_translations(reading: GapReading) -> Gaps:
    """Yield sections that were changed in the first of their languages after the others."""
    sentence = _("“%(section)s” was changed in %(first)s since it was written in: %(languages)s.")
    for place in reading.places:
        texts = reading.written.get(place.slug, {})
        first = next((one for one in reading.project.languages if one in texts), None)
        if first is None:
            continue
        changed_at = texts[first].updated_at
        older = [one for one in LANGUAGES if one in texts and texts[one].updated_at < changed_at]
        if older:
            names = {
                "section": place.name,
                "first": LANGUAGES[first],
                "languages": join_list(language_names(older)),
            }
            yield reading.section(place.slug, older[0]), sentence % names


def outcomes_without_evidence(reading: GapReading) -> Gaps:
    """Yield the narrative on outcomes if it cites nothing in any language."""
    kind = Section.Kind.PROGRESS
    sections = [one for one in reading.sections if one.kind == kind and one.words]
    if sections and not any(section.citations.all() for section in sections):
        sentence = _("“%(section)s” cites no evidence.") % {"section": kind.label}
        yield reading.section(sections[0].slug, sections[0].language), sentence


def codes_leading_nowhere(reading: GapReading) -> Gaps:
    """Yield codes that lead to nothing, since they are mistyped or the thing was deleted."""
    sentence = _("“%(code)s” in “%(section)s” leads to nothing: the documents leave it out.")
    for section in reading.sections:
        for code in section.codes_leading_nowhere:
            names = {"code": code, "section": section}
            yield reading.section(section.slug, section.language), sentence % names


# The framework and the books: values, explanations, translations


def indicators_due(reading: GapReading) -> Gaps:
    """Yield indicators with a target by the end of the period but no approved actual value, and
    those behind their target without an explanation."""
    report = reading.report
    points = DataPoint.objects.approved().totals()
    points = points.filter(indicator__result__project=report.project_id).order_by("pk")
    tree = logic_model(
        reading.project,
        in_periods(list(points.only(*POINT_FIGURES, "comment")), reading.periods),
        through=report.period,
        small_counts=True,
        parts=reading.framework,
    )
    for node in _all(tree):
        for each in node.indicators:
            if sentence := _sentence(report, each.indicator, each.standing):
                yield each.indicator.get_absolute_url(), sentence


def _sentence(report: Report, indicator: Indicator, standing: Standing) -> str:
    actual, target = standing.actual_point, standing.target_point
    if (
        target
        and target.period_id == report.period_id
        and (actual is None or actual.period_id != report.period_id)
    ):
        return _("Indicator %(code)s has a target but no approved value for this period.") % {
            "code": indicator.code
        }
    if standing.rating == Rating.BEHIND and actual and not actual.comment.strip():
        return _("Indicator %(code)s is behind its target, and no reason is given.") % {
            "code": indicator.code
        }
    return ""


def _all(nodes: list[Node]) -> list[Node]:
    return [each for node in nodes for each in [node, *_all(node.children)]]


def budget_unexplained(reading: GapReading) -> Gaps:
    """Yield categories that deviate from their budget of the period beyond the threshold, without
    a comment."""
    project, report = reading.project, reading.report
    years = budget_periods(project, reading.periods)
    if report.period_id not in [year.pk for year in years]:
        return
    url = reverse("projects:budget", args=[project.code])
    sentence = _("Spending on “%(category)s” deviates from its budget, and no reason is given.")
    for line in unexplained_categories(project, report.period):
        yield f"{url}?period={report.period_id}", sentence % {"category": line.label}


def stale_translations(reading: GapReading) -> Gaps:
    """Yield names and statements whose original was changed after they were translated."""
    results, indicators = reading.framework
    things: list[Project | Result | Indicator] = [reading.project, *results, *indicators]
    sentence = _("A translation of “%(thing)s” is older than the original text.")
    for thing in things:
        if thing.stale_translations:
            yield thing.get_absolute_url(), sentence % {"thing": thing}


# The record of the work itself: activities, risks, answers, the approved logic model


def activities_without_days(reading: GapReading) -> Gaps:
    """Yield activities planned to end in the period, and over by now, of which no beginning or end is
    known.

    Activities that were postponed or cancelled are left out.
    """
    found = Activity.objects.filter(
        project=reading.project,
        status=Activity.Status.GOING,
        planned_end__range=(reading.report.start, reading.report.end),
        planned_end__lt=reading.project.today,
        actual_start=None,
        actual_end=None,
    )
    sentence = _("“%(activity)s” was planned for this period, but no day shows that it took place.")
    for activity in found.only("project", "code", *columns_of("title")):
        activity.project = reading.project
        yield activity.get_absolute_url(), sentence % {"activity": activity}


def risks_not_rated(reading: GapReading) -> Gaps:
    """Yield one gap for all open risks known in the period that nobody rated in it."""
    start, end = reading.report.start, reading.report.end
    known = Risk.objects.not_closed().filter(project=reading.project, identified_on__lte=end)
    rated = known.filter(ratings__rated_on__range=(start, end))
    number = known.exclude(pk__in=rated.values("pk")).count()
    if number:
        sentence = ngettext(
            "%(number)s risk was not rated in this period.",
            "%(number)s risks were not rated in this period.",
            number,
        )
        url = reverse("projects:risks", args=[reading.project.code])
        yield url, sentence % {"number": number}


def recommendations_unanswered(reading: GapReading) -> Gaps:
    """Yield each recommendation that is overdue and has no answer, of items that writers may read."""
    waiting = Resolution.objects.recommendations().filter(
        committee__project=reading.project,
        status=Resolution.Status.ISSUED,
        due_on__lt=reading.project.today,
    )
    found = waiting.for_audiences(OPEN_TO_WRITERS).order_by("number").only("kind", "number")
    sentence = _("%(recommendation)s is overdue and has no answer.")
    for resolution in found:
        yield resolution.get_absolute_url(), sentence % {"recommendation": resolution}


def logic_model_not_approved(reading: GapReading) -> Gaps:
    """Yield a gap if no version was approved, since the annex shows the approved version."""
    versions = LogicModelVersion.objects.filter(project=reading.project)
    if reading.framework.results and not versions.exists():
        url = reverse("projects:logic-model", args=[reading.project.code])
        yield url, _("No version of the logic model has been approved.")


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
