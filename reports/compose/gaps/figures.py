"""Gaps in the framework and in the books: values, explanations, translations."""

from django.urls import reverse
from django.utils.translation import gettext as _

from projects.framework.figures import Rating, Standing
from projects.framework.tree import Node, in_periods, logic_model
from projects.models import Indicator, Project, Result
from projects.money.budget_tables import unexplained_categories
from projects.money.ledger import budget_periods
from reports.compose.gaps import rows
from reports.compose.gaps.gap import Gap, GapReading
from reports.models import Report


def stale_translations(reading: GapReading) -> list[Gap]:
    """Return names and statements whose original was changed after they were translated."""
    results, indicators = reading.framework
    things: list[Project | Result | Indicator] = [
        reading.project,
        *results,
        *indicators,
    ]
    return [
        {
            "sentence": _("A translation of “%(thing)s” is older than the original text.")
            % {"thing": thing},
            "url": thing.get_absolute_url(),
        }
        for thing in things
        if thing.stale_translations
    ]


def indicators_due(reading: GapReading) -> list[Gap]:
    """Return indicators with a target by the end of the period but no approved actual value, and
    those behind their target without an explanation."""
    report = reading.report
    tree = logic_model(
        reading.project,
        in_periods(rows.approved(report.project_id), reading.periods),
        through=report.period,
        small_counts=True,
        parts=reading.framework,
    )
    found = []
    for node in _all(tree):
        for each in node.indicators:
            if sentence := _sentence(report, each.indicator, each.standing):
                found.append({"sentence": sentence, "url": each.indicator.get_absolute_url()})
    return found


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


def budget_unexplained(reading: GapReading) -> list[Gap]:
    """Return categories that deviate from their budget of the period beyond the threshold, without
    a comment."""
    project, report = reading.project, reading.report
    years = budget_periods(project, reading.periods)
    if report.period_id not in [year.pk for year in years]:
        return []
    url = reverse("projects:budget", args=[project.code])
    return [
        {
            "sentence": _(
                "Spending on “%(category)s” deviates from its budget, and no reason is given."
            )
            % {"category": line.label},
            "url": f"{url}?period={report.period_id}",
        }
        for line in unexplained_categories(project, report.period)
    ]
