"""Which help belongs to which page, and how its text is read.

A help page is a file in `texts/<language>/`: its title, then three to six sentences. Terms of the
glossary are marked as links: `[quorum](#term-quorum)`; each is explained below the text.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from kernel.text import render_markdown

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# --- Glossary ---
#
# The glossary, `glossary.toml`: what things are called in each language, and what that means.
#
# `scripts/catalogues.py` reads the same file, without Django, and finds words that the glossary
# gave up in translations.

FILE = Path(__file__).with_name("glossary.toml")


@dataclass(frozen=True)
class Term:
    key: str
    word: str
    meaning: str
    elsewhere: dict[str, str]  # the word in the other languages, by language


@cache
def glossary_file() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(FILE.read_text("utf-8"))


@lru_cache
def glossary(language: str) -> dict[str, Term]:
    """Return the terms by key, in the order of the alphabet."""
    terms = [
        Term(
            key,
            word=entry["word"][language],
            meaning=entry["meaning"][language],
            elsewhere={code: word for code, word in entry["word"].items() if code != language},
        )
        for key, entry in glossary_file().items()
    ]
    return {term.key: term for term in sorted(terms, key=lambda term: term.word.casefold())}


# --- Pages ---

TEXTS = Path(__file__).with_name("texts")
_TERM = re.compile(r"\]\(#term-([a-z-]+)\)")

# By subject and help page: the names of the views that it helps with. A name counts for the names
# that begin with it and go on after a hyphen or underscore, unless they have an entry of their own.
SUBJECTS: "list[tuple[StrPromise, dict[str, str]]]" = [
    (
        _("Everywhere"),
        {
            "home": "home",
            "news": "news",
            "search": "search",
            "due": "due projects:due",
            "due-link": "due-link projects:due-ask",
            "reminders": "accounts:mail-choices",
            "kept": "accounts:kept",
            "calendar": "committees:calendar due-calendar",
            "sign-in": "account accounts:unsaved",
            "second-step": "mfa accounts:lost-factors accounts:lost-factor",
            "account": "accounts:profile accounts:sessions account_change",
            "own-data": "persons:own",
            "protect": "persons:protect",
            "personal-data": "persons:index persons:retention persons:person persons:forget persons:erasure"
            " persons:locked persons:request persons:incident persons:consent persons:hold",
            "access-log": "accounts:access-log",
            "incoming-mail": "accounts:incoming",
            "system": "system",
            "starting": "start begin organisation demonstration",
        },
    ),
    (
        _("Projects"),
        {
            "projects": "projects:list projects:create",
            "project": "projects:detail projects:subjects projects:edit projects:delete projects:period"
            " projects:periods",
            "intake": "projects:intake",
            "translations": "projects:translations projects:translation",
            "mail-notes": "projects:mail-notes projects:mail-note",
            "filing": "projects:documents reports:filed",
            "closing": "projects:closing",
            "portfolio": "portfolio",
            "team": "projects:team projects:assignment projects:support projects:held-texts "
            "projects:handover",
            "participations": "projects:participation projects:participations",
            "representation": "projects:representation",
            "exchange": "projects:exchange projects:classification projects:iati-import",
        },
    ),
    (
        _("Results"),
        {
            "logic-model": "projects:logic projects:result",
            "framework": "projects:framework",
            "framework-workbook": "projects:framework-workbook",
            "indicator": "projects:indicator",
            "values": "projects:value projects:values",
            "requests": "projects:request projects:requests",
            "request-link": "projects:request-link",
            "activities": "projects:activities",
            "activity": "projects:activity projects:deliverable projects:evidence",
            "duties": "projects:duties projects:duty",
            "risks": "projects:risk projects:risks",
            "lessons": "projects:lesson projects:lessons",
            "amendments": "projects:amendment projects:amendments committees:amendment",
        },
    ),
    (
        _("Money"),
        {
            "budget": "projects:budget",
            "expenditures": "projects:expenditure projects:expenditures projects:scan",
            "advances": "projects:advance projects:advances",
            "advance-link": "projects:advance-link",
            "donor-forms": "projects:donor-form projects:donor-forms",
            "accounting-file": "projects:import",
            "locks": "projects:lock projects:locks",
            "rates": "projects:rate projects:rates",
            "contributions": "projects:contribution projects:contributions",
            "audit": "projects:audit projects:sample projects:samples",
        },
    ),
    (
        _("Calls for projects"),
        {
            "calls": "projects:call projects:calls projects:criterion projects:panel",
            "proposals": "projects:proposal projects:proposals",
            "grants": "projects:grant projects:instalment",
            "propose": "calls",
        },
    ),
    (
        _("Institutions"),
        {
            "partners": "partners:list partners:create",
            "institution": "partners",
            "seen-by-others": "seen-link projects:seen-ask",
            "agreement": "partners:agreement",
        },
    ),
    (
        _("Committee"),
        {
            "committee": "committees:create committees:detail committees:edit committees:committee"
            " committees:terms committees:copy projects:committee",
            "seats": "committees:composition committees:seat committees:term committees:holders"
            " committees:handover",
            "agenda": "committees:item committees:template committees:agenda committees:carry-over",
            "agenda-proposals": "committees:proposal committees:proposals",
            "documents": "committees:document committees:committee-document"
            " committees:meeting-document committees:item-document",
            "meetings": "committees:meetings projects:meetings",
            "meeting": "committees:meeting",
            "meeting-messages": "committees:meeting-step committees:meeting-invitations-send"
            " committees:meeting-invitations-update",
            "invitations": "committees:meeting-invitations committees:meeting-invitation"
            " committees:meeting-invite",
            "meeting-answer": "committees:meeting-answer committees:invitation-link"
            " committees:invitation-paper",
            "session": "committees:meeting-session committees:meeting-seat committees:meeting-declare"
            " committees:meeting-pulse committees:item-notes committees:delegate committees:guest",
            "check-in": "committees:meeting-check-in committees:check-in",
            "attendance": "committees:meeting-attendance committees:attendance",
            "feedback": "committees:meeting-feedback committees:feedback",
            "resolutions": "committees:resolution committees:resolutions committees:meeting-resolutions"
            " committees:decision committees:recommendation committees:provisional projects:resolutions",
            "consultation": "committees:consultation",
            "consultation-link": "committees:consultation-link committees:consultation-answer",
            "minutes": "committees:minutes committees:meeting-minutes",
            "minutes-steps": "committees:minutes-step",
            "minutes-link": "committees:minutes-link",
        },
    ),
    (
        _("Action plans"),
        {
            "plans": "committees:plans committees:plan-create projects:plans",
            "plan": "committees:plan",
            "plan-writing": "committees:plan-write committees:plan-carry-over committees:plan-row"
            " committees:plan-dates committees:action-create committees:action-edit"
            " committees:action-remove committees:action-from-resolution",
            "plan-workbook": "committees:plan-workbook",
            "plan-review": "committees:plan-positions committees:plan-position committees:plan-messages"
            " committees:plan-remark committees:plan-withdraw committees:plan-proposals committees:plan-proposal"
            " committees:plan-propose committees:plan-enter committees:plan-links committees:plan-link-revoke"
            " committees:plan-extend",
            "plan-link": "committees:plan-link",
            "plan-progress": "committees:plan-progress committees:plan-timeline committees:action-shift",
            "actions": "committees:actions",
            "action": "committees:action committees:note",
            "action-link": "committees:action-link",
        },
    ),
    (
        _("Reports"),
        {
            "reports": "reports:list projects:reports reports:data",
            "report": "reports:create reports:detail reports:step reports:outcome reports:revise"
            " reports:remark reports:file",
            "read": "reports:read reports:figure",
            "chain": "chain",
            "section": "reports:section",
            "glance": "reports:glance",
            "presets": "reports:preset reports:presets reports:template",
            "made-documents": "reports:documents reports:document reports:rendition reports:request"
            " reports:download reports:downloads reports:links reports:archive",
            "superseded": "reports:superseded reports:supersede reports:differences",
            "shared": "reports:shared",
            "verify": "reports:verify reports:seal",
        },
    ),
]
HELP = {page: names for _subject, pages in SUBJECTS for page, names in pages.items()}
_BY_NAME = {name: page for page, names in HELP.items() for name in names.split()}


@dataclass(frozen=True)
class HelpText:
    title: str
    html: SafeString
    terms: list[Term]


@lru_cache(maxsize=2000)
def page_for(view_name: str) -> str:
    """Return the help page of a view, or nothing: a file or an action needs none."""
    name = view_name
    while name:
        if page := _BY_NAME.get(name):
            return page
        name = name[: max(name.rfind(sign) for sign in ":-_")] if set(name) & set(":-_") else ""
    return ""


@lru_cache(maxsize=500)
def help_text(page: str, language: str) -> HelpText:
    title, _blank, text = source_of(page, language).partition("\n")
    terms = glossary(language)
    marked = dict.fromkeys(_TERM.findall(text))  # each once, in their order
    return HelpText(title.removeprefix("# "), render_markdown(text), [terms[key] for key in marked])


def source_of(page: str, language: str) -> str:
    return (TEXTS / language / f"{page}.md").read_text("utf-8")


# --- The context of every page: where its help is ---

SECRETS = frozenset({"token", "key"})


def help_links(request: HttpRequest) -> dict[str, str]:
    """Return where the help with this page is, and the same with the way back; nothing where it has
    none."""
    match = request.resolver_match
    page = page_for(match.view_name) if match else ""
    if match is None or not page:
        return {}
    url = reverse("help-page", args=[page])
    # What opens a page to whoever has it is written into no other address, and the page of signing
    # in may lead back to such a page.
    is_secret = bool(SECRETS & match.kwargs.keys()) or "next" in request.GET
    is_secret = is_secret or match.view_name == "committees:check-in"
    back = "" if is_secret else f"?from={quote(request.get_full_path())}"
    return {"help_url": url, "help_page_url": f"{url}{back}"}
