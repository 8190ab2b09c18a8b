"""Finds the things that the codes in a text cite, and stores them when its section is saved.

A person can cite only what they may read. A citation that is stored already stays, whoever saves
the section next.
"""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.text import count_words
from projects.models import Project
from reports.codes import CitationCode, codes_in, tokens_in, typed_codes, with_citations
from reports.evidence import CITABLE, code_for, leads_to, shared_codes
from reports.models import Citation, Section
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
    Citation.objects.bulk_create(
        Citation(
            section=section, token=token, position=position, **{code_in(token).name: found[token]}
        )
        for position, token in enumerate(found)
    )


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
    shared = shared_codes(section.report.project)

    def renew(code: CitationCode) -> str:
        cited = citations.get(code.token)
        if cited is None or leads_to(cited.thing, code, shared):
            return str(code)
        today = code_for(cited.thing, shared)
        return str(CitationCode(today.name, today.key, code.words))

    return with_citations(section.text, renew)


def copy_citations(before: Section, after: Section) -> None:
    """Let a copied text cite the same things as the original, by today's codes."""
    after.text = with_current_codes(before)
    words, codes = count_words(after.text), typed_codes(after.text)
    Section.objects.filter(pk=after.pk).update(text=after.text, words=words, codes=codes)
    things = {one.token: one for one in before.citations.with_things()}
    shared = shared_codes(before.report.project) if things else set()
    position = 0
    for token in tokens_in(before.text):
        if cited := things.get(token):
            code = code_in(token)
            if not leads_to(cited.thing, code, shared):
                code = code_for(cited.thing, shared)
            after.citations.get_or_create(
                token=code.token, defaults={"position": position, cited.name: cited.thing}
            )
            position += 1


def unknown_code_warning(code: str) -> str:
    return _(
        "“%(code)s” does not lead to anything that you may cite: choose what you mean "
        "from the list of evidence. The text is kept."
    ) % {"code": code}


def code_in(token: str) -> CitationCode:
    return codes_in(f"[[{token}]]")[0]
