"""The outline of a report: the state of each section, in one language at a time."""

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _, ngettext, pgettext

from kernel.formats import day_in_table, join_list
from kernel.languages import language_names, language_rank, working_in, writing_order
from kernel.text import LANGUAGES
from reports.compose.document import FILLED
from reports.models import PresetSection, Report, Section


class ReportOutline:
    """What the page of a report shows of its sections in one language.

    A report that was signed off shows only what was written: nothing can be added any more. One
    that is being written shows its sections to those who write.
    """

    def __init__(self, report: Report, asked: str, *, writes: bool, sees_versions: bool) -> None:
        self.report, self.writes, self.sees_versions = report, writes, sees_versions
        self.found: dict[str, dict[str, Section]] = defaultdict(dict)
        # The number of texts on results, by kind of chapter and language.
        self.on_results: Counter[tuple[str, str]] = Counter()
        for section in report.sections.all():
            if section.result_id is None:
                self.found[section.kind][section.language] = section
            elif section.words:
                self.on_results[section.kind, section.language] += 1
        self.languages = self._languages()
        self.language = asked if asked in self.languages else self._first()
        self.edit = section_address(report, "section")
        self.versions = section_address(report, "section-versions")

    def _languages(self) -> list[str]:
        project = self.report.project
        used = {one.language for each in self.found.values() for one in each.values() if one.words}
        used |= {language for _kind, language in self.on_results}
        required = [*project.languages, *project.report_languages]
        return list(dict.fromkeys([*required, *sorted(used, key=language_rank)]))

    def _first(self) -> str:
        with working_in(self.report.project):
            return writing_order()[0]

    @property
    def is_shown(self) -> bool:
        return bool(self.kinds)

    @property
    def kinds(self) -> list[PresetSection]:
        if not (self.writes or self.report.is_frozen):
            return []
        kinds: list[PresetSection] = self.report.preset.rows
        if not self.report.is_frozen:
            return kinds
        on_results = {kind for kind, _language in self.on_results}
        return [row for row in kinds if self._written(row.kind) or row.kind in on_results]

    def _written(self, kind: str) -> dict[str, Section]:
        """Return the section in the languages in which it says something."""
        return {language: one for language, one in self.found[kind].items() if one.words}

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """Return the languages, each with the number of sections that are written in it."""
        url = self.report.get_absolute_url()
        return [
            {
                "label": LANGUAGES[language],
                "url": f"{url}?language={language}#sections",
                "current": language == self.language,
                "count": sum(language in self._written(row.kind) for row in self.kinds),
            }
            for language in self.languages
        ]

    @property
    def lacking(self) -> int:
        """The number of sections that must be written, and are in no language."""
        on_results = {kind for kind, _language in self.on_results}
        lacking = (row for row in self.kinds if row.is_required and row.kind not in on_results)
        return sum(not self._written(row.kind) for row in lacking)

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [self._row(row) for row in self.kinds]

    @property
    def first_rows(self) -> list[dict[str, Any]]:
        """Those that are required, or say something."""
        return [row for row in self.rows if not row["is_further"]]

    @property
    def further_rows(self) -> list[dict[str, Any]]:
        """Those that may stay empty, or that the portal fills."""
        return [row for row in self.rows if row["is_further"]]

    def _row(self, row: PresetSection) -> dict[str, Any]:
        kind, language, written = row.kind, self.language, self._written(row.kind)
        section = written.get(language)
        tone, state = self._state(row, written)
        stored = self.found[kind].get(language)
        shows_versions = self.sees_versions and stored is not None and stored.version > 1
        return {
            "name": row.name,
            "is_required": row.is_required,
            "is_further": not (row.is_required or written or self._is_on_results(kind)),
            "tone": tone,
            "state": state,
            "words": _number_of_words(section.words) if section else "",
            "on_results": _number_of_texts(self.on_results[kind, language]),
            "changed": _last_change(section, self.writes) if section else "",
            "url": self.edit(kind, language) if self.writes else "",
            "verb": _("Edit") if section else _("Translate") if written else _("Write"),
            "versions_url": self.versions(kind, language) if shows_versions else "",
        }

    def _is_on_results(self, kind: str) -> bool:
        return any(one == kind for one, _language in self.on_results)

    def _state(self, row: PresetSection, written: dict[str, Section]) -> tuple[str, str]:
        """Return tone and words for the state of a section in the language that is shown."""
        section = written.get(self.language)
        if section:
            first = next((one for one in self.languages if one in written), self.language)
            if written[first].updated_at > section.updated_at:
                sentence = _("Older than the text in %(language)s")
                return "warn", sentence % {"language": LANGUAGES[first]}
            return "ok", pgettext("section", "Written")
        if written:
            names = join_list(language_names(sorted(written, key=language_rank)))
            return "info", _("Not translated from: %(languages)s") % {"languages": names}
        if row.is_required:
            return "bad", _("Missing")
        if row.kind in FILLED:
            return "ok", _("The portal fills it")
        return "neutral", pgettext("section", "Empty")


def section_address(report: Report, page: str) -> Callable[[str, str], str]:
    """Return a function from kind and language to the address of a page of a section, which is
    found once for all of them."""
    pattern = reverse(f"reports:{page}", args=[report.pk, "KIND", "LANGUAGE"])
    return lambda kind, language: pattern.replace("KIND", kind).replace("LANGUAGE", language)


def _number_of_words(words: int) -> str:
    text = ngettext("%(words)s word", "%(words)s words", words)
    return text % {"words": localize(words)}


def _number_of_texts(texts: int) -> str:
    if not texts:
        return ""
    return ngettext("%(texts)s text on a result", "%(texts)s texts on results", texts) % {
        "texts": texts
    }


def _last_change(section: Section, writes: bool) -> str:
    on = day_in_table(section.updated_at)
    return f"{on} · {section.updated_by}" if writes else on
