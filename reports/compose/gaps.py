"""What a donor's checklist would miss in a report, each with the page where it is mended."""

from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.text import SOURCE
from projects.figures import Rating, Standing
from projects.models import DataPoint, Indicator
from projects.tree import Node, logic_model
from reports.models import Report, Section

Gap = dict[str, str]


def gaps(report: Report) -> list[Gap]:
    return [*_missing_sections(report), *_indicators_due(report)]


def _missing_sections(report: Report) -> list[Gap]:
    written = {section.kind for section in report.sections.all() if section.text.strip()}
    return [
        {
            "sentence": _("“%(section)s” is not written yet.") % {"section": kind.label},
            "url": reverse("reports:section", args=[report.pk, kind.value, SOURCE]),
        }
        for kind in Section.REQUIRED
        if kind.value not in written
    ]


def _indicators_due(report: Report) -> list[Gap]:
    """Indicators with a target until the end of the period and no approved actual of it, and
    those behind their target without a word on why."""
    points = DataPoint.objects.approved().filter(indicator__result__project=report.project)
    tree = logic_model(report.project, points.select_related("period"), through=report.period)
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
        return _("Indicator %(code)s has a target and no approved value for this period.") % {
            "code": indicator.code
        }
    if standing.rating == Rating.BEHIND and actual and not actual.comment.strip():
        return _("Indicator %(code)s is behind its target, and nothing says why.") % {
            "code": indicator.code
        }
    return ""


def _all(nodes: list[Node]) -> list[Node]:
    return [each for node in nodes for each in [node, *_all(node.children)]]
