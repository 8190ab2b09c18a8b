"""Gaps in the narrative: sections, languages, evidence."""

from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.formats import join_list
from kernel.languages import LANGUAGES, language_names, writing_order
from reports.compose.gaps.gap import Gap, GapReading
from reports.models import Report, Section


def missing_sections(reading: GapReading) -> list[Gap]:
    """Return a gap for each required section that nobody has written yet."""
    return [
        {
            "sentence": _("“%(section)s” is not written yet.") % {"section": section.name},
            "url": _address(reading.report, section.kind, writing_order()[0]),
        }
        for section in reading.rows
        if section.is_required and section.kind not in reading.written
    ]


def untranslated_sections(reading: GapReading) -> list[Gap]:
    """Return sections that readers of some language would find in another one.

    A section that is not written in any language is left out, since it is another gap.
    """
    written = reading.written
    return [
        {
            "sentence": _("“%(section)s” is not written in: %(languages)s.")
            % {
                "section": section.name,
                "languages": join_list(language_names(missing)),
            },
            "url": _address(
                reading.report, section.kind, next(one for one in writing_order() if one in missing)
            ),
        }
        for section in reading.rows
        if section.kind in written
        and (
            missing := [
                one for one in reading.project.languages if one not in written[section.kind]
            ]
        )
    ]


def older_translations(reading: GapReading) -> list[Gap]:
    """Return sections that were changed in the first of their languages after the others."""
    found = []
    for row in reading.rows:
        texts = reading.written.get(row.kind, {})
        first = next((one for one in reading.project.languages if one in texts), None)
        if first is None:
            continue
        changed_at = texts[first].updated_at
        older = [one for one in LANGUAGES if one in texts and texts[one].updated_at < changed_at]
        if older:
            sentence = _(
                "“%(section)s” was changed in %(first)s since it was written in: %(languages)s."
            )
            names = {
                "section": row.name,
                "first": LANGUAGES[first],
                "languages": join_list(language_names(older)),
            }
            found.append(
                {
                    "sentence": sentence % names,
                    "url": _address(reading.report, row.kind, older[0]),
                }
            )
    return found


def codes_leading_nowhere(reading: GapReading) -> list[Gap]:
    """Return codes that lead to nothing, since they are mistyped or the thing was deleted."""
    return [
        {
            "sentence": _(
                "“%(code)s” in “%(section)s” leads to nothing: the documents leave it out."
            )
            % {"code": code, "section": section},
            "url": _address(reading.report, section.kind, section.language),
        }
        for section in reading.sections
        for code in section.codes_leading_nowhere
    ]


def outcomes_without_evidence(reading: GapReading) -> list[Gap]:
    """Return a gap if the narrative on outcomes cites nothing in any language."""
    kind = Section.Kind.PROGRESS
    sections = [one for one in reading.sections if one.kind == kind and one.words]
    if not sections or any(section.citations.all() for section in sections):
        return []
    return [
        {
            "sentence": _("“%(section)s” cites no evidence.") % {"section": kind.label},
            "url": _address(reading.report, kind.value, sections[0].language),
        }
    ]


def _address(report: Report, kind: str, language: str) -> str:
    return reverse("reports:section", args=[report.pk, kind, language])
