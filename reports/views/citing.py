"""Evidence on the pages of a report: what can be cited, what is cited, and the text with its
links."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from accounts.links import absolute_url
from accounts.models import User
from kernel.formats import day
from kernel.text import render_markdown, validate_markdown
from projects.models import Project
from reports.compose.citing import escaped
from reports.evidence import (
    CitationCode,
    can_be_written,
    citation_label,
    code_for,
    shared_codes,
    with_citations,
)
from reports.models import Citation, Report, Section
from reports.permissions.evidence import citations_seen, cited_evidence, visible_evidence
from reports.services.writing import RELATED, code_in, resolve

# What a section of a kind mostly cites: the editor offers it first, all else below.
FIRST = {
    "progress": ("result", "indicator"),
    "activities": ("activity", "result"),
    "cross_cutting": ("indicator", "activity"),
    "changes": ("amendment", "resolution"),
    "risks": ("risk",),
    "governance": ("resolution", "meeting"),
    "plan": ("action", "plan", "resolution"),
    "finances": ("amendment", "resolution"),
    "next_year": ("action", "plan"),
    "annex_risks": ("risk",),
    "annex_decisions": ("resolution",),
    "annex_schedule": ("activity",),
}


@dataclass(frozen=True)
class CitableGroup:
    """A group of the editor's panel: things of one kind that can be cited, each with its code."""

    title: str
    rows: list[dict[str, str]]
    is_open: bool


def citable_groups(user: User, project: Project, kind: str) -> list[CitableGroup]:
    """Return what the person may cite in a section, one query for each kind of thing.

    The kinds that a section of this kind mostly cites come first.
    """
    first = FIRST.get(kind, ())
    readable = visible_evidence(user, project)
    shared = shared_codes(project)
    groups = []
    for name in sorted(readable, key=lambda name: (name not in first, Citation.THINGS.index(name))):
        things = readable[name].select_related(*RELATED[name])
        rows = [_row(thing, code_for(thing, shared)) for thing in things]
        rows = [row for row in rows if row["code"]]
        if rows:
            title = capfirst(str(readable[name].model._meta.verbose_name_plural))
            groups.append(CitableGroup(title, rows, name in first))
    return groups


def _row(thing: models.Model, code: CitationCode) -> dict[str, str]:
    """Return code, label and text; no code if the thing's name cannot be written in brackets."""
    words = _text_of(thing)
    return {
        "code": str(code) if can_be_written(code.key) else "",
        "label": citation_label(thing),
        "text": "" if words == citation_label(thing) else words,
    }


def _text_of(thing: models.Model) -> str:
    for name in ("statement", "name", "title", "definition", "text"):
        if words := getattr(thing, name, ""):
            return str(words)
    held_on: date | None = getattr(thing, "day", None)
    return day(held_on) if held_on else ""


def shown_text(user: User, section: Section, text: str) -> SafeString:
    """Return a section's text as its writer sees it on a page.

    A citation is a link if the person may read the thing, otherwise the thing's name. A code that
    leads to nothing stays as it was typed.
    """
    found: dict[str, Any] = dict(resolve(section, text, by=user))
    cited = [
        Citation(token=token, **{code_in(token).name: thing}) for token, thing in found.items()
    ]
    visible = {one.token for one in citations_seen(user, section.report.project, cited)}

    def put(code: CitationCode) -> str:
        if code.token not in found:
            return escaped(str(code))
        label = escaped(code.words or f"[{citation_label(found[code.token])}]")
        if code.token not in visible:
            return label
        return f"[{label}]({absolute_url(found[code.token].get_absolute_url())})"

    with translation.override(section.language):  # as in the document
        linked = with_citations(text, put)
    try:
        validate_markdown(linked)
    except ValidationError:  # with links the text is too long, so it is shown with codes
        return render_markdown(text)
    return render_markdown(linked)


def evidence_of(user: User, report: Report) -> list[dict[str, Any]]:
    """Return what each section cites, all of its languages together, as far as the person may see
    it."""
    citations = [(one, each) for one in report.sections.all() for each in one.citations.all()]
    things = cited_evidence(user, report.project, [each for _section, each in citations])
    by_kind: dict[str, dict[str, str]] = {}
    for section, each in citations:
        if thing := things.get((each.name, each.thing_pk)):
            links = by_kind.setdefault(section.kind, {})
            links.setdefault(thing.get_absolute_url(), citation_label(thing))
    return [
        {
            "section": str(kind.label),
            "links": [{"url": url, "label": label} for url, label in by_kind[kind.value].items()],
        }
        for kind in Section.Kind
        if kind.value in by_kind
    ]
