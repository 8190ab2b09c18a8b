"""The citations in the narrative of a report, as its readers may know them.

What the readers may not know is removed here, so that it is not in the data of their document. A
citation becomes a Markdown link to its place in the document, in the language of the sentence
around it: “[Indicator 1110.1]”, or the words that the writer chose.

The same text is the description of results that IATI publishes (`reports.services.public_summary`).
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any
from urllib.parse import quote, unquote

from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import get_language_info

from committees.models import Action, ActionPlan, Audience, Meeting, Resolution
from kernel.languages import LANGUAGES, reading_order
from kernel.text import validate_markdown
from projects.models import Amendment, Risk
from reports.compose.blocks import heading, prose
from reports.compose.reading import ReportReading, in_language
from reports.document_types import Block, Chapter, LocalText, PortalLink, ReportDocument
from reports.evidence import CitationCode, anchor_of, citation_label, with_citations
from reports.models import Citation, Section, SectionKind

# Signs that Markdown could interpret, and square brackets, which are not matched in this form.
_MARKS = re.compile(r"[\\`*_\[\]<>&|~!#]")
_LINK = re.compile(r"\[([^\[\]]*)\]\(#([^()\s]+)\)")


def cited(reading: ReportReading, section: Section) -> str:
    """Return the text of a section with its citations; those that the readers may not know leave no
    trace.

    A code that leads to nothing is removed as well, since it may have named something that was not
    for these readers. If links would make the text too long to be rendered, names without links are
    used, and if that is too long, no citations at all. A list of sections fetches the citations with
    their things before.
    """
    if "[[" not in section.text:
        return section.text
    citations = list(section.citations.all())
    shown = {one.token: one for one in _disclosed(reading, citations)}
    with translation.override(section.language):
        for written in (_linked, _named):
            text = with_citations(section.text, _written_by(written, shown))
            try:
                validate_markdown(text)
            except ValidationError:
                continue
            return text
    return with_citations(section.text, lambda code: None)


def _written_by(
    written: Callable[[CitationCode, Citation], str], shown: dict[str, Citation]
) -> Callable[[CitationCode], str | None]:
    return lambda code: written(code, shown[code.token]) if code.token in shown else None


def _linked(code: CitationCode, citation: Citation) -> str:
    return f"[{_named(code, citation)}](#{quote(anchor_of(citation.thing), safe='')})"


def _named(code: CitationCode, citation: Citation) -> str:
    return escaped(code.words) if code.words else escaped(f"[{citation_label(citation.thing)}]")


def escaped(text: str) -> str:
    """Return the words so that Markdown shows them unchanged.

    Backslashes would not do: brackets behind them would still be counted as open ones.
    """
    return _MARKS.sub(lambda found: f"&#{ord(found.group())};", text)


# Visibility


def _disclosed(reading: ReportReading, citations: Collection[Citation]) -> list[Citation]:
    """Return the citations that the readers of the document may know, as of its day.

    All readers may know results, indicators and activities. The other kinds take one query each.
    """
    if reading.is_internal:
        return list(citations)
    known = {
        name: known_of(reading, {one.thing_pk for one in citations if one.name == name})
        for name, known_of in DISCLOSED.items()
        if any(one.name == name for one in citations)
    }
    return [
        one for one in citations if one.name not in DISCLOSED or one.thing_pk in known[one.name]
    ]


def _resolutions(reading: ReportReading, keys: set[int]) -> set[int]:
    """Return resolutions on items that the readers may know; partners and donor see only adopted
    ones."""
    resolved = Resolution.objects.filter(pk__in=keys, resolved_on__lte=reading.as_of)
    rows = list(resolved.for_audiences(reading.audiences))
    reading.undo_later_steps(rows)
    if reading.audience == Audience.COMMITTEE:
        return {row.pk for row in rows}
    return {row.pk for row in rows if row.status not in Resolution.NOT_ADOPTED}


def _meetings(reading: ReportReading, keys: set[int]) -> set[int]:
    held = Meeting.objects.held().filter(pk__in=keys)
    return {
        meeting.pk
        for meeting in held.select_related("committee__project")
        if meeting.day <= reading.as_of
    }


def _plans(reading: ReportReading, keys: Iterable[int]) -> set[int]:
    """Return plans that were presented by the day of the document."""
    plans = list(ActionPlan.objects.filter(pk__in=keys))
    reading.undo_later_steps(plans)
    return {plan.pk for plan in plans if plan.status in ActionPlan.SHOWN_TO_DONOR}


def _actions(reading: ReportReading, keys: set[int]) -> set[int]:
    """Return actions of plans that the readers may know."""
    pairs = list(
        Action.objects.filter(pk__in=keys).exclude(terms=None).values_list("pk", "terms__plan")
    )
    plans = _plans(reading, {plan for _action, plan in pairs})
    return {action for action, plan in pairs if plan in plans}


def _amendments(reading: ReportReading, keys: set[int]) -> set[int]:
    """Return those of which committee and donor know, for partners those in effect."""
    shown = reading.amendments_shown
    if reading.audience not in {Audience.COMMITTEE, Audience.VOTING, Audience.DONOR}:
        shown = [each for each in shown if each.status == Amendment.Status.EFFECTIVE]
    return {each.pk for each in shown} & keys


def _risks(reading: ReportReading, keys: set[int]) -> set[int]:
    """Return all risks for the donor, for the committee those shared with it, for others none."""
    risks = Risk.objects.filter(pk__in=keys)
    if reading.audience in {Audience.COMMITTEE, Audience.VOTING}:
        risks = risks.filter(is_shared=True)
    elif reading.audience != Audience.DONOR:
        return set()
    return set(risks.values_list("pk", flat=True))


DISCLOSED = {
    "resolution": _resolutions,
    "meeting": _meetings,
    "plan": _plans,
    "action": _actions,
    "amendment": _amendments,
    "risk": _risks,
}


# Links within the document


def keep_known_citations(document: ReportDocument, known: Collection[str]) -> None:
    """Keep citations as links only if their place is in this document (`known` holds all
    anchors)."""

    def keep(found: re.Match[str]) -> str:
        return found.group() if unquote(found[2]) in known else found[1]

    for chapter in document["chapters"]:
        for text in _texts(chapter):
            text["text"] = _LINK.sub(keep, text["text"])


def portal_links(reading: ReportReading, chapter: Chapter) -> list[PortalLink]:
    """Return the name of each thing that the texts of a chapter cite, with the path of its page.

    Texts hold only what the readers may know. A path holds codes and numbers; whoever opens it signs
    in and sees what they may.
    """
    texts = [text["text"] for text in _texts(chapter)]
    found = [unquote(one[2]) for text in texts for one in _LINK.finditer(text)]
    if not found:
        return []
    things = reading.once("things cited", lambda: _things_cited(reading))
    return [
        {"label": citation_label(things[anchor]), "path": things[anchor].get_absolute_url()}
        for anchor in dict.fromkeys(found)
        if anchor in things
    ]


def _things_cited(reading: ReportReading) -> dict[str, Any]:
    rows = Citation.objects.filter(section__report=reading.report).with_things()
    return {anchor_of(one.thing): one.thing for one in rows}


def cited_in(document: ReportDocument) -> dict[str, list[str]]:
    """Return, for each anchor, the numbers of the chapters whose narrative cites it."""
    chapters: dict[str, list[str]] = {}
    for chapter in document["chapters"]:
        found = (link[2] for text in _texts(chapter) for link in _LINK.finditer(text["text"]))
        for anchor in dict.fromkeys(map(unquote, found)):
            chapters.setdefault(anchor, []).append(chapter["number"])
    return chapters


def _texts(chapter: Chapter) -> Iterator[LocalText]:
    """Yield what people wrote in a chapter: its narrative, and the texts among its blocks."""
    if chapter["narrative"]:
        yield chapter["narrative"]
    for block in chapter["blocks"]:
        if block["type"] == "prose":
            yield block


# What people wrote


def texts_of_sections(reading: ReportReading) -> dict[str, LocalText]:
    """Return the text of each section, by its kind."""
    rows = (one for one in _written(reading) if one.result is None)
    return _read(reading, ((one.kind, one) for one in rows))


def texts_on_results(reading: ReportReading, codes: Iterable[str]) -> dict[str, LocalText]:
    """Return the texts on those results that have one, by the codes of the results."""
    asked = set(codes)
    rows = ((one.result.code, one) for one in _written(reading) if one.result)
    return _read(reading, ((code, one) for code, one in rows if code in asked))


def text_in(reading: ReportReading, kind: str, language: str) -> LocalText | None:
    """Return the text of a section in a certain language, if it is written in that."""
    for one in _written(reading):
        if one.result is None and (one.kind, one.language) == (kind, language):
            text = in_language(cited(reading, one), language)
            return text if text["text"].strip() else None
    return None


def _written(reading: ReportReading) -> list[Section]:
    things = Prefetch("citations", Citation.objects.with_things())
    rows = reading.report.sections.select_related("result").prefetch_related(things)
    found = reading.once("sections", lambda: list(rows))
    return [one for one in found if one.text.strip()]


def _read(reading: ReportReading, sections: Iterable[tuple[str, Section]]) -> dict[str, LocalText]:
    """Return each text in the reader's language, or else in the first in which it is written."""
    written: dict[str, dict[str, Section]] = {}
    for key, section in sections:
        written.setdefault(key, {})[section.language] = section
    order = [reading.language, *reading_order()]
    read = {
        key: next(in_language(cited(reading, texts[one]), one) for one in order if one in texts)
        for key, texts in written.items()
    }
    # A text that consists of citations which these readers may not see is empty for them.
    return {key: text for key, text in read.items() if text["text"].strip()}


# The public summary of results


def in_other_languages(reading: ReportReading) -> list[Block]:
    """Return the summary in the languages other than the one in which the chapter has it, each under
    the name of its language."""
    kind = SectionKind.ANNEX_SUMMARY.value
    shown = texts_of_sections(reading).get(kind)
    if shown is None:
        return []
    blocks: list[Block] = []
    for language in LANGUAGES:
        if language == (shown["lang"] or reading.language):
            continue
        if text := text_in(reading, kind, language):
            name = capfirst(get_language_info(language)["name_local"])
            blocks += [heading(in_language(name, language)), prose(text)]
    return blocks
