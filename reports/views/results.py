"""What the editor of a section shows of results: the figures beside which one is written about, and
in a chapter the results that have a text or still need one."""

from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext as _, pgettext

from accounts.models import User
from committees.models import Audience
from kernel.formats import join_list
from kernel.languages import language_names
from kernel.text import LANGUAGES
from projects.permissions.values import may_see_small_counts
from reports.compose.reading import ReportReading
from reports.compose.results import ResultRow, results_of
from reports.models import Report, SectionKind, SectionPlace, home_of


def figures_of(user: User, report: Report, place: SectionPlace) -> ResultRow | None:
    """Return the result with its indicators as the report has them, as far as the person may know
    them; nothing for a whole section."""
    if place.result is None:
        return None
    sees_all = may_see_small_counts(user, report.project)
    reading = ReportReading.of(
        report,
        language=get_language() or "",
        audience=Audience.COORDINATION if sees_all else Audience.DONOR,
        as_of=report.project.today,
    )
    rows = results_of(reading, outputs=place.kind == SectionKind.ACTIVITIES)
    return next((row for row in rows if row.code == place.result.code), None)


def results_to_write(report: Report, place: SectionPlace, language: str) -> list[dict[str, Any]]:
    """Return the results of a chapter, each with the state of its text in the language."""
    if place.result or place.kind not in (SectionKind.PROGRESS, SectionKind.ACTIVITIES):
        return []
    written: dict[int, list[str]] = {}
    texts = report.sections.filter(result__isnull=False, words__gt=0)
    for pk, one in texts.values_list("result", "language"):
        written.setdefault(pk, []).append(one)
    rows = []
    for result in report.project.results.order_by("code"):
        result.project = report.project
        if home_of(result) != place.kind:
            continue
        slug = SectionPlace(place.kind, result).slug
        languages = written.get(result.pk, [])
        is_written = language in languages
        rows.append(
            {
                "name": f"{result.level_name} {result.code}",
                "statement": result.statement,
                "tone": "ok" if is_written else "info" if languages else "neutral",
                "state": _state(languages, language),
                "url": reverse("reports:section", args=[report.pk, slug, language]),
                "verb": _("Edit") if is_written else _("Translate") if languages else _("Write"),
            }
        )
    return rows


def _state(languages: list[str], language: str) -> str:
    if language in languages:
        return pgettext("section", "Written")
    if languages:
        names = join_list(language_names([one for one in LANGUAGES if one in languages]))
        return _("Not translated from: %(languages)s") % {"languages": names}
    return pgettext("section", "Empty")
