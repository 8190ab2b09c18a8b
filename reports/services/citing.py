"""Finds the things that the codes in a text cite, and stores them when its section is saved.

A person can cite only what they may read. A citation that is stored already stays, whoever saves
the section next.
"""

from collections.abc import Collection, Iterable, Mapping

from django.db import models
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from accounts.models import User
from projects.models import Project
from reports.codes import CitationCode, codes_in, tokens_in, with_citations
from reports.evidence import CITABLE, code_for, leads_to, shared_codes
from reports.models import Citation, Report, Section
from reports.permissions.evidence import visible_evidence

# The related rows that the keys of a kind are made from, beside the row itself.
RELATED = {
    "result": ("project",),
    "indicator": ("result__project",),
    "activity": ("project",),
    "action": ("project",),
    "plan": ("project", "period"),
    "amendment": ("project",),
    "risk": ("project",),
    "resolution": ("committee__project",),
    "meeting": ("committee__project",),
}


def store_citations(section: Section, *, by: User) -> None:
    """Store what the saved text cites. The caller holds the transaction of the text."""
    found = resolve(section, section.text, by=by)
    section.citations.all().delete()
    Citation.objects.bulk_create(_citations(section, found))


def resolve(section: Section, text: str, *, by: User) -> dict[str, models.Model]:
    """Return the thing that each token of a text leads to, in the order of the text.

    Tokens that lead nowhere are left out. A code means what it names today among the things that
    the person may read, or else what it named when the section was saved before: the editor shows
    today's codes (`with_current_codes`), so an old one comes from a page that was open meanwhile.
    """
    tokens = tokens_in(text)
    found = find_things(by, section.report.project, [code_in(token) for token in tokens])
    if section.pk and len(found) < len(tokens):
        stored = {one.token: one.thing for one in section.citations.with_things()}
        found = stored | found
    return {token: found[token] for token in tokens if token in found}


def find_things(
    user: User, project: Project, codes: Iterable[CitationCode]
) -> dict[str, models.Model]:
    """Return, by token, the things of the project that the codes name and the person may read.

    A code that names several things is left out. One query for each kind of thing.
    """
    by_kind: dict[str, dict[str, CitationCode]] = {}
    for code in codes:
        by_kind.setdefault(code.name, {})[code.key] = code
    readable = visible_evidence(user, project) if by_kind else {}
    found: dict[str, models.Model] = {}
    for name, asked in by_kind.items():
        evidence = CITABLE[name]
        named: dict[str, list[models.Model]] = {}
        rows = readable[name].filter(evidence.among(asked.keys())).select_related(*RELATED[name])
        for thing in rows:
            for key in evidence.keys(thing):
                named.setdefault(key, []).append(thing)
        found |= {
            asked[key].token: things[0]
            for key, things in named.items()
            if key in asked and len(things) == 1
        }
    return found


def with_current_codes(section: Section) -> str:
    """Return the text of a section, for its editor, with today's codes of the things it cites."""
    citations = {one.token: one for one in section.citations.with_things()} if section.pk else {}
    if not citations:
        return section.text
    return _renewed(section.text, citations, shared_codes(section.report.project))


def _renewed(text: str, citations: Mapping[str, Citation], shared: Collection[str]) -> str:
    if not citations:
        return text
    return with_citations(text, lambda code: str(_current(code, citations, shared)))


def _current(
    code: CitationCode, citations: Mapping[str, Citation], shared: Collection[str]
) -> CitationCode:
    cited = citations.get(code.token)
    if cited is None or leads_to(cited.thing, code, shared):
        return code
    today = code_for(cited.thing, shared)
    return CitationCode(today.name, today.key, code.words)


def copy_sections(before: Report, after: Report) -> None:
    """Begin with the texts of another version, which cite the same things by today's codes."""
    copies: list[Section] = []
    citations: list[Citation] = []
    shared = shared_codes(before.project)
    with_things = Prefetch("citations", Citation.objects.with_things())
    for section in before.sections.prefetch_related(with_things):
        cited = {one.token: one for one in section.citations.all()}
        copied = Section(
            report=after,
            kind=section.kind,
            result_id=section.result_id,
            language=section.language,
            text=_renewed(section.text, cited, shared),
            version=1,
            updated_by_id=section.updated_by_id,
            updated_at=section.updated_at,  # so it is no newer than its translations
        )
        copies.append(copied)
        things = {
            _current(code_in(token), cited, shared).token: cited[token].thing
            for token in tokens_in(section.text)
            if token in cited
        }
        citations += _citations(copied, things)
    bulk_create_with_history(copies, Section)
    Citation.objects.bulk_create(citations)


def _citations(section: Section, things: Mapping[str, models.Model]) -> list[Citation]:
    return [
        Citation(section=section, token=token, position=position, **{code_in(token).name: thing})
        for position, (token, thing) in enumerate(things.items())
    ]


def unknown_code_warning(code: str) -> str:
    return _(
        "“%(code)s” does not lead to anything that you may cite: choose what you mean "
        "from the list of evidence. The text is kept."
    ) % {"code": code}


def code_in(token: str) -> CitationCode:
    return codes_in(f"[[{token}]]")[0]
