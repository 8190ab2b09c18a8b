"""Gaps in the narrative: sections, languages, evidence."""

from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.formats import join_list
from kernel.languages import LANGUAGES, language_names, writing_order
from reports.compose.gaps.gap import Gap, GapReading
from reports.models import Report, Section, SectionKind, home_of
from reports.models.place import slug_of


def missing_sections(reading: GapReading) -> list[Gap]:
    """Return a gap for each required section that nobody has written yet."""
    return [
        {
            "sentence": _("“%(section)s” is not written yet.") % {"section": section.name},
            "url": _address(reading.report, section.kind, writing_order()[0]),
        }
        for section in reading.rows
        if section.is_required and not _is_written(reading, section.kind)
    ]


def _is_written(reading: GapReading, kind: str) -> bool:
    """A chapter that says something on a result is written."""
    return any(kind == one.kind for texts in reading.written.values() for one in texts.values())


def outcomes_without_narrative(reading: GapReading) -> list[Gap]:
    """Return a gap for each outcome of which the report says nothing in any language."""
    sentence = _("There is no text on “%(result)s”: say what changed, and why.")
    return [
        {
            "sentence": sentence % {"result": result},
            "url": _address(reading.report, slug, writing_order()[0]),
        }
        for result in reading.results
        if home_of(result) == SectionKind.PROGRESS
        and (slug := slug_of("", result.pk)) not in reading.written
    ]


def summary_in_one_language(reading: GapReading) -> list[Gap]:
    """Return a gap if the public summary of results is not written in two languages."""
    kind = SectionKind.ANNEX_SUMMARY
    texts = reading.written.get(kind, {})
    if kind not in reading.kinds or len(texts) != 1:
        return []
    other = next(one for one in writing_order() if one not in texts)
    return [
        {
            "sentence": _(
                "The public summary of results is written in one language: two are needed."
            ),
            "url": _address(reading.report, kind, other),
        }
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
                "section": place.name,
                "languages": join_list(language_names(missing)),
            },
            "url": _address(
                reading.report, place.slug, next(one for one in writing_order() if one in missing)
            ),
        }
        for place in reading.places
        if place.slug in written
        and (
            missing := [one for one in reading.project.languages if one not in written[place.slug]]
        )
    ]


def older_translations(reading: GapReading) -> list[Gap]:
    """Return sections that were changed in the first of their languages after the others."""
    found = []
    for place in reading.places:
        texts = reading.written.get(place.slug, {})
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
                "section": place.name,
                "first": LANGUAGES[first],
                "languages": join_list(language_names(older)),
            }
            found.append(
                {
                    "sentence": sentence % names,
                    "url": _address(reading.report, place.slug, older[0]),
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
            "url": _address(reading.report, section.slug, section.language),
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
            "url": _address(reading.report, sections[0].slug, sections[0].language),
        }
    ]


def _address(report: Report, slug: str, language: str) -> str:
    return reverse("reports:section", args=[report.pk, slug, language])
