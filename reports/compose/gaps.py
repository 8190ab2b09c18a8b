"""What a donor's checklist would miss in a report, each with the page where it is mended."""

from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.formats import join_list
from kernel.text import LANGUAGES, SOURCE
from projects.figures import Rating, Standing
from projects.models import DataPoint, Indicator
from projects.tree import Node, logic_model
from reports.models import Report

Gap = dict[str, str]


def gaps(report: Report) -> list[Gap]:
    return [
        *_missing_sections(report),
        *_untranslated_sections(report),
        *_indicators_due(report),
        *_stale_translations(report),
    ]


def _missing_sections(report: Report) -> list[Gap]:
    written = {section.kind for section in report.sections.all() if section.text.strip()}
    return [
        {
            "sentence": _("“%(section)s” is not written yet.") % {"section": section.name},
            "url": reverse("reports:section", args=[report.pk, section.kind, SOURCE]),
        }
        for section in report.preset.sections.all()
        if section.is_required and section.kind not in written
    ]


def _untranslated_sections(report: Report) -> list[Gap]:
    """Sections that a reader of some language would find in another one; none where nothing is
    written, since that is said already."""
    written: dict[str, set[str]] = {}
    for section in report.sections.all():
        if section.text.strip():
            written.setdefault(section.kind, set()).add(section.language)
    return [
        {
            "sentence": _("“%(section)s” is not written in: %(languages)s.")
            % {
                "section": section.name,
                "languages": join_list(LANGUAGES[one] for one in missing),
            },
            "url": reverse("reports:section", args=[report.pk, section.kind, missing[0]]),
        }
        for section in report.preset.sections.all()
        if section.kind in written
        and (missing := [one for one in LANGUAGES if one not in written[section.kind]])
    ]


def _stale_translations(report: Report) -> list[Gap]:
    """Names and statements whose French text was changed after they were translated."""
    things = [
        report.project,
        *report.project.results.select_related("project"),
        *Indicator.objects.filter(result__project=report.project).select_related("result__project"),
    ]
    return [
        {
            "sentence": _("A translation of “%(thing)s” is older than the French text.")
            % {"thing": thing},
            "url": thing.get_absolute_url(),
        }
        for thing in things
        if thing.stale_translations
    ]


def _indicators_due(report: Report) -> list[Gap]:
    """Indicators with a target until the end of the period and no approved actual of it, and
    those behind their target without a word on why."""
    points = DataPoint.objects.approved().filter(indicator__result__project=report.project)
    tree = logic_model(
        report.project, points.select_related("period"), through=report.period, whole=True
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
