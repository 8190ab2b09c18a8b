"""Writes the index, and writes anew what has changed.

Triggers note what changed, in the transaction of the change (`ibcr_portal.migrations._initial_operations`). Whoever
searches first writes a few changed things anew, so people find at once what they did; the worker
takes the others every few seconds. Until then a changed thing is not found, so what was taken out
of a text is out of the index at the same moment.
"""

import itertools
import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models.fields.files import FieldFile

from ibcr_portal.kinds import SOURCES
from ibcr_portal.models import SearchChange, SearchEntry
from ibcr_portal.persons.file_texts import UnsearchableFile, words_of_file
from ibcr_portal.search.tables import having, keep
from ibcr_portal.search.words import anywhere, forms, lexemes, mark, of_entry
from kernel.contents import Content, Texts
from kernel.kinds import Kind
from kernel.names import any_of, apart, whole_words
from kernel.text import LANGUAGES, clean_text
from partners.models import Institution
from partners.naming import EVERY_NAME, read_by
from projects.permissions.institutions import SHORTEST_ACRONYM, SHORTEST_NAME, names_ever

# --- The text of files, page by page: PDF, Word, Excel and plain text, read by a worker ---

LARGEST = 20_000_000  # bytes of a file
MOST_PAGES = 400
LONGEST = 4_000  # characters of a page that is kept; a long one is several parts


def file_pages(file: FieldFile, language: str, titles: Texts | None = None) -> Iterator[Content]:
    """Yield the pages of a file as parts, counted from 1; nothing of one that cannot be read, that is
    gone, or that is too large."""
    try:
        if not file or file.size > LARGEST:
            return
        with file.storage.open(str(file.name)) as opened:
            pages = "\f".join(words_of_file(opened.read())).split("\f")
    except (OSError, UnsearchableFile):
        return
    number = 0
    for page in pages[:MOST_PAGES]:
        text = re.sub(r"[ \t]+", " ", clean_text(page)).strip()
        for start in range(0, len(text), LONGEST):
            number += 1
            part = text[start : start + LONGEST]
            yield Content(titles or {}, {language: part}, part=number, file_text=part)


# --- What the search looks through: the kinds of records that have a name in its index ---
#
# The index and a result read a record by the same functions: the index keeps words only.

# What is read from files, by a worker and never by a page.
OF_FILES = frozenset(name for name, kind in SOURCES.items() if kind.file)
OF_ROWS = frozenset(SOURCES) - OF_FILES


def contents_of(kind: Kind, row: Any) -> Iterator[Content]:
    """Yield what is said of a record, and the pages of its file, which have its title."""
    titles: Texts = {}
    for content in kind.contents(row):
        titles = content.titles
        yield content
    if kind.file and (file := kind.file(row)):
        yield from file_pages(file, row.language, titles)


# --- Writing ---

logger = logging.getLogger(__name__)

AT_ONCE = 40  # things that a page writes before it searches
IN_A_BATCH = 200


class GuardedNames:
    """The names of institutions that chose who may know them. Their words in a text are found only
    by those who may."""

    @cached_property
    def patterns(self) -> dict[int, re.Pattern[str]]:
        keys = Institution.objects.filter(is_guarded=True).values_list("pk", flat=True)
        names: dict[int, set[str]] = defaultdict(set)
        for institution, acronym, *spelt in names_ever(keys):
            names[institution] |= {name for name in spelt if len(name) >= SHORTEST_NAME}
            if len(acronym) >= SHORTEST_ACRONYM:
                names[institution].add(acronym)
        return {
            institution: re.compile(whole_words(f"(?i:{any_of(spelt)})"))
            for institution, spelt in names.items()
            if spelt
        }

    def taken_out(self, texts: Texts) -> tuple[Texts, set[str]]:
        """Return the texts without these names, and the words of the names that were in them,
        marked by the key of their institution."""
        marked: set[str] = set()
        for institution, pattern in self.patterns.items():
            for language, text in texts.items():
                if found := pattern.findall(apart(text)):
                    texts = texts | {language: pattern.sub(" ", apart(text))}
                    words = {word for name in found for word in lexemes(name, language)}
                    marked |= {f"x{institution}_{word}" for word in words}
        return texts, marked

    def words_of(self, content: Content) -> set[str]:
        titles, in_titles = self.taken_out(content.titles)
        texts, in_texts = self.taken_out(content.texts)
        words = of_entry(titles, texts, own_code=content.code, is_name=content.is_name)
        return words | in_titles | in_texts


def write_changed(kinds: Iterable[str], limit: int) -> int:
    """Write things of these kinds anew that have changed, at most so many; return how many."""
    noted = SearchChange.objects.filter(kind__in=list(kinds)).order_by("pk")
    changed: dict[str, set[int]] = defaultdict(set)
    for kind, thing in noted.values_list("kind", "thing")[:limit]:
        changed[kind].add(thing)
    guarded = GuardedNames()
    for kind, things in changed.items():
        try:
            write(kind, sorted(things), guarded)
        except Exception:  # whatever is wrong with one thing, the others are found
            for thing in sorted(things):
                _write_or_leave(kind, thing, guarded)
    return sum(map(len, changed.values()))


def _write_or_leave(kind: str, thing: int, guarded: GuardedNames) -> None:
    """Write one thing. One that cannot be read is not found until it changes, or all are written."""
    try:
        write(kind, [thing], guarded)
    except Exception:
        logger.exception("The search cannot read %s %s.", kind, thing)
        with transaction.atomic():
            SearchEntry.objects.filter(kind=kind, thing=thing).delete()
            SearchChange.objects.filter(kind=kind, thing=thing).delete()


def write(kind: str, things: list[int], guarded: GuardedNames) -> None:
    """Write the entries of some things of a kind as they are now, if they are noted as changed.

    A file may take long to read, so that is done before the transaction: what changes meanwhile is
    noted again, and stays so. Of two who write the same at once the second writes nothing.
    """
    changes = SearchChange.objects.filter(kind=kind, thing__in=things)
    noted = list(changes.order_by("pk").values_list("pk", flat=True))
    with read_by(EVERY_NAME):  # whoever searches finds what they may read
        rows = list(_entries(kind, SOURCES[kind].rows(things), guarded))
    with transaction.atomic():
        present = SearchChange.objects.select_for_update().filter(pk__in=noted).order_by("pk")
        if len(present) < len(noted):
            return
        SearchEntry.objects.filter(kind=kind, thing__in=things).delete()
        entries = SearchEntry.objects.bulk_create([entry for entry, _words in rows])
        keep((entry.pk, words) for entry, (_row, words) in zip(entries, rows, strict=True))
        SearchChange.objects.filter(pk__in=noted).delete()
        if kind == "institution":
            _note_what_names(things)


def _note_what_names(institutions: list[int]) -> None:
    """Let what holds a guarded name be written anew, with the words of the name marked: it was
    written before the name was guarded, or before it was a name of the institution."""
    guarded = Institution.objects.filter(pk__in=institutions, is_guarded=True)
    keys = list(guarded.values_list("pk", flat=True))
    entries: set[int] = set()
    for _institution, *spelt in names_ever(keys):
        for name, language in itertools.product(filter(None, spelt), LANGUAGES):
            words = tuple(map(anywhere, forms(name, language)))
            entries.update(having(words) if words else ())
    things = SearchEntry.objects.filter(pk__in=entries).exclude(kind="institution")
    noted = things.order_by().values_list("kind", "thing").distinct()
    SearchChange.objects.bulk_create(SearchChange(kind=kind, thing=thing) for kind, thing in noted)


def _entries(
    kind: str,
    rows: Iterable[Any],
    guarded: GuardedNames,
) -> Iterator[tuple[SearchEntry, set[str]]]:
    source = SOURCES[kind]
    for row in rows:
        for content in contents_of(source, row):
            # An institution itself is found by its name, by those who see it.
            is_institution = kind == "institution"
            words = _plain(content) if is_institution else guarded.words_of(content)
            if words:
                entry = SearchEntry(
                    kind=kind,
                    thing=row.pk,
                    part=content.part,
                    project_id=source.project_of(row),
                    day=source.day_of(row),
                    state=source.state(row),
                    text=content.file_text,
                    language=next(iter(content.texts), "") if content.file_text else "",
                )
                yield entry, words | _marks(entry)


def _marks(entry: SearchEntry) -> set[str]:
    """Return what narrows a search down to this entry, so that the index itself does it."""
    marks = {mark("kind", entry.kind)}
    if entry.project_id:
        marks.add(mark("project", entry.project_id))
    if entry.day:
        marks.add(mark("year", entry.day.year))
    if entry.state:
        marks.add(mark("state", entry.state))
    return marks


def _plain(content: Content) -> set[str]:
    return of_entry(content.titles, content.texts, own_code=content.code, is_name=content.is_name)


def reindex(kinds: Iterable[str] = SOURCES) -> Iterator[tuple[str, int]]:
    """Write the index of these kinds anew; yield each kind with how many things it has. Each batch
    is noted as changed first, so whoever writes it at the same time waits."""
    guarded = GuardedNames()
    for kind in kinds:
        everything = SOURCES[kind].model._base_manager.order_by("pk")
        keys = list(everything.values_list("pk", flat=True))
        SearchEntry.objects.filter(kind=kind).exclude(thing__in=keys).delete()
        for start in range(0, len(keys), IN_A_BATCH):
            batch = keys[start : start + IN_A_BATCH]
            SearchChange.objects.bulk_create(SearchChange(kind=kind, thing=pk) for pk in batch)
            write(kind, batch, guarded)
        yield kind, len(keys)
