"""Writes the words of pages, messages and documents into a folder: `scripts/words.py` says how.

Pages are those of the world of `tests/test_access.py`, each as every role reads it, and those of the
demonstration, each as the one reader that `tests/browser/places.py` names. No test: pytest reads this
file only when it is named.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import NoReverseMatch, URLResolver, get_resolver, reverse
from django.utils import translation

from accounts.models import User
from committees.models import ActionPlan, Attendance, Committee, Meeting, Seat
from ibcr_portal.demo.reports import write_further_reports
from ibcr_portal.help.pages import HELP
from ibcr_portal.kinds import SOURCES
from ibcr_portal.mail_kinds.examples import examples_for
from ibcr_portal.search.writing import write_changed as write_index
from projects.models import Project, Proposal
from reports.kinds import KINDS, compose
from reports.models import KINDS_OF, About, Report
from reports.pdf import html_of
from reports.plain_text import text_of
from tests import factories
from tests.browser.places import Demonstration
from tests.demonstration import load_demonstration
from tests.obligations import write_all
from tests.test_access import COLUMNS, Scene, address_for, addresses, close
from tests.words.visible import lines_of_answer, lines_of_html, queries_of, without_volatile

LANGUAGES = ("en", "fr", "es")
# A Tuesday on which nothing begins or ends.
MOMENT = datetime(2026, 6, 16, 16, tzinfo=UTC)
FIRST_KEY = 1000
"""Of the rows of each part, so that a row more in one of them changes no address of another."""
# An answer without words of its own: asked in the first language alone.
WORDLESS = {302, 404, 405}
NOT_FOUND = "not-found"  # stands for all pages that do not exist for a reader
# Whose pages of the world are asked with their queries: the team's and a partner's.
ASKED_FURTHER = ("coordinator", "partner")
QUERIES = {"search": ["q=plan", "q=xyzzy"], "search-quick": ["q=plan"]}
# Figures of the machine that they run on.
OF_THE_MACHINE = {"system", "health", "health-ready", "metrics"}
OF_ADMINISTRATION = re.compile(r"admin:(index$|\w+_(changelist|add)$)")


@pytest.fixture
def folder(request) -> Path:
    return Path(request.config.option.write_words)


@pytest.fixture(autouse=True)
def without_contexts(monkeypatch):
    """Django's client keeps a copy of each template's context, which takes longer than the page."""
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *_, **__: None)


@pytest.fixture(autouse=True)
def fixed(db):
    """The day, and the keys and names of what is made, whatever was made before."""
    for made in vars(factories).values():
        if isinstance(made, type) and issubclass(made, factories.ModelFactory):
            made.reset_sequence(0, force=True)
    with time_machine.travel(MOMENT, tick=False), connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(format('%%I.%%I', schemaname, sequencename), %s) FROM pg_sequences"
            " WHERE schemaname = 'public'",
            [FIRST_KEY],
        )
        yield


class Book:
    """A file for each reader and language, with a section for each address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sections: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(dict)

    def add(self, reader: str, language: str, address: str, lines: list[str]) -> None:
        self.sections[reader, language][address] = lines

    def write(self) -> None:
        self.folder.mkdir(parents=True)
        for (reader, language), sections in self.sections.items():
            with (self.folder / f"{reader}.{language}.txt").open("w") as file:
                for address, lines in sorted(sections.items()):
                    file.write("\n".join([f"=== {address}", *lines, "", ""]))


class Walk:
    """Asks pages, and takes back whatever an answer leaves: rows, cookies and the cache."""

    def __init__(self, book: Book, clients: dict[str, Client], further: Collection[str]) -> None:
        self.book, self.clients, self.further = book, clients, further
        self.cookies = {role: deepcopy(client.cookies) for role, client in clients.items()}
        for client in clients.values():
            client.raise_request_exception = False
        self.wordless: set[tuple[str, str]] = set()
        self.queries: dict[tuple[str, str], list[str]] = {}

    def page(self, role: str, language: str, name: str, url: str) -> None:
        """The page and what it leads to by a query, in the first language as well as in the others."""
        text = self._answer(role, language, name, url)
        if role not in self.further or "?" in url:
            return
        if (role, name) not in self.queries:
            found = queries_of(text, url) if text.strip() else []
            self.queries[role, name] = list(dict.fromkeys([*QUERIES.get(name, []), *found]))
        if text or name in QUERIES:
            for query in self.queries[role, name]:
                self._answer(role, language, f"{name} ?{query}", f"{url}?{query}")

    def _answer(self, role: str, language: str, name: str, url: str) -> str:
        """Write what the address answers, and return its page if it is one."""
        if language != LANGUAGES[0] and (role, name) in self.wordless:
            return ""
        with self._asked(role, language, url) as answer:
            is_wordless = answer.status_code in WORDLESS and name != NOT_FOUND
            lines = lines_of_answer(answer, with_words=not is_wordless)
            is_page = answer.status_code == 200 and lines[0].endswith("text/html")
            text = answer.content.decode() if is_page else ""
        if is_wordless:
            self.wordless.add((role, name))
        if name in OF_THE_MACHINE:
            lines[1:] = [re.sub(r"-?\d+(?:[.,]\d+)*", "0", line) for line in lines[1:]]
        self.book.add(role, language, name, lines)
        return text

    @contextmanager
    def _asked(self, role: str, language: str, url: str) -> Iterator:
        client = self.clients[role]
        client.cookies = deepcopy(self.cookies[role])
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        cache.clear()
        with transaction.atomic():
            answer = client.get(url)
            yield answer
            close(answer)
            transaction.set_rollback(True)


def speak(language: str) -> None:
    """Everybody reads in that language, and so do those without an account who propose a project."""
    User.objects.update(language=language)
    Proposal.objects.filter(status=Proposal.Status.DRAFT).update(language=language)
    translation.activate(language)


def pages_of_others(resolver=None, prefix="") -> Iterator[str]:
    """Signing in, passwords and second factors; lists and new rows of the administration."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            below = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from pages_of_others(pattern, below)
        elif pattern.name:
            name = f"{prefix}{pattern.name}"
            if name.startswith(("account_", "mfa_")) or OF_ADMINISTRATION.match(name):
                with suppress(NoReverseMatch):  # of one thing
                    yield reverse(name)


def write_pages_of_the_world(walk: Walk, scene: Scene, language: str) -> None:
    for name, converters in addresses():
        arguments = scene.arguments(name, converters)
        for role in COLUMNS:
            walk.page(role, language, name, address_for(name, arguments, role))
    for role in COLUMNS:
        walk.page(role, language, NOT_FOUND, "/nothing-there/")
    for url in pages_of_others():
        for role in ("administrator", "visitor"):
            walk.page(role, language, url, url)
    for page in HELP:
        walk.page("visitor", language, f"help-page {page}", reverse("help-page", args=[page]))


def test_write_the_pages_of_the_world(folder):
    scene = Scene()
    write_all()
    write_index(SOURCES, 10_000)
    walk = Walk(Book(folder / "world"), scene.clients, ASKED_FURTHER)
    for language in LANGUAGES:
        speak(language)
        write_pages_of_the_world(walk, scene, language)
    walk.book.write()


# The demonstration


def test_write_the_demonstration(folder):
    with override_settings(EMBEDDED=True):
        load_demonstration()
        write_messages(Book(folder / "messages"))
        write_pages_of_the_demonstration(folder)
        write_further_reports(Project.objects.get(code="HN-TRATA"))
        write_documents(Book(folder / "documents"))


def write_pages_of_the_demonstration(folder: Path) -> None:
    shown = Demonstration()
    write_all()
    write_index(SOURCES, 10_000)
    clients = {place.reader: Client() for place in shown.places()}
    for role, client in clients.items():
        if role in shown.people:
            client.force_login(shown.people[role])
    walk = Walk(Book(folder / "demonstration"), clients, clients.keys())
    for language in LANGUAGES:
        speak(language)
        seen: Counter[tuple[str, str]] = Counter()
        for place in shown.places():
            seen[place.reader, place.name] += 1
            number = seen[place.reader, place.name]
            name = f"{place.name} ({number})" if number > 1 else place.name
            walk.page(place.reader, language, name, place.url)
    walk.book.write()


def write_messages(book: Book) -> None:
    """Each kind, as the team and as others read it."""
    for role, email in (("team", "coordination"), ("partner", "collectif")):
        reader = User.objects.get(email=f"{email}@example.org")
        for language in LANGUAGES:
            reader.language = language
            with translation.override(language):
                for name, example in examples_for(reader):
                    if example:
                        book.add(role, language, name, lines_of_message(example.words_for(reader)))
    book.write()


def lines_of_message(words) -> list[str]:
    head = [f"subject: {words.subject}", f"sender: {words.sender}"]
    text = words.text.splitlines()
    return [without_volatile(line) for line in (*head, *text, *lines_of_html(words.html))]


def write_documents(book: Book) -> None:
    """Each document that the demonstration's things have, for each audience: what is printed, and the
    plain text."""
    for about in abouts():
        for audience in KINDS[about.kind].audiences:
            for language in LANGUAGES:
                name = f"{about.kind} {about.thing.pk}"
                book.add(audience, language, name, lines_of_document(about, audience, language))
    book.write()


def abouts() -> Iterator[About]:
    models = {
        "report": Report,
        "meeting": Meeting,
        "attendance": Attendance,
        "seat": Seat,
        "committee": Committee,
        "plan": ActionPlan,
    }
    for thing, kinds in KINDS_OF.items():
        for row in models[thing].objects.order_by("pk"):
            for kind in kinds:
                about = About(row, kind)
                if KINDS[kind].applies(about):
                    yield with_first_choice(about)


def with_first_choice(about: About) -> About:
    """A letter to the first institution that may get it, a comparison with the first version."""
    kind = KINDS[about.kind]
    if kind.addressees:
        return About(about.thing, about.kind, addressee=kind.addressees(about).first())
    if kind.bases:
        return About(about.thing, about.kind, base=kind.bases(about).first())
    return about


def lines_of_document(about: About, audience: str, language: str) -> list[str]:
    kind = KINDS[about.kind]
    document = compose(about, language=language, audience=audience, as_of=kind.as_of(about))
    is_draft = kind.is_draft(about)
    with translation.override(language):
        lines = [f"file: {kind.file_name}"]
    lines += lines_of_html(html_of(document, code="", is_draft=is_draft))
    lines += text_of(document, is_draft=is_draft).splitlines() if kind.has_text else []
    return [without_volatile(line) for line in lines]
