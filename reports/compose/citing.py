"""The citations in the narrative of a report, as its readers may know them.

What the readers may not know is removed here, so that it is not in the data of their document. A
citation becomes a Markdown link to its place in the document, in the language of the sentence
around it: “[Indicator 1110.1]”, or the words that the writer chose.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from urllib.parse import quote, unquote

from django.core.exceptions import ValidationError
from django.utils import translation

from committees.models import Action, ActionPlan, Audience, Meeting, Resolution
from kernel.text import validate_markdown
from projects.models import Amendment, Risk
from reports.block_types import LocalText
from reports.codes import CitationCode, with_citations
from reports.compose.reading import ReportReading
from reports.document_types import Chapter, ReportDocument
from reports.evidence import anchor_of, citation_label
from reports.models import Citation, Section

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
    """Return all amendments for committee and donor, for partners those in effect."""
    shown = reading.amendments
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
