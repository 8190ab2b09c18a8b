"""What a result shows: its title and place, and where in its text the words are.

Everything is read from the thing itself as it is now, with the names that the reader may know.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from accounts.models import User
from ibcr_portal.kinds import SOURCES, label_in_search
from ibcr_portal.models import SearchEntry
from ibcr_portal.search.finding import find
from ibcr_portal.search.question import Hit, SearchQuestion, ask, begin
from ibcr_portal.search.rights import EVERYTHING, Finder, Narrowing
from ibcr_portal.search.words import lexemes_of
from ibcr_portal.search.writing import AT_ONCE, OF_FILES, OF_ROWS, write_changed
from kernel.contents import Content, Texts
from kernel.languages import reading_order
from kernel.text import active_language, plain_text
from projects.models import Project
from projects.permissions.institutions import without_names

BEFORE, SHOWN = 60, 220  # characters of a text around the first word
LONGEST_TITLE = 160


class ShownText(NamedTuple):
    text: str
    html: SafeString
    """The same, with the words marked."""
    language: str


class FoundThing(NamedTuple):
    kind: str
    title: ShownText
    url: str
    project: str
    place: list[str]
    day: date | None
    snippet: ShownText | None
    score: float

    @property
    def label(self) -> str:
        return label_in_search(self.kind)


def results(hits: Sequence[Hit], question: SearchQuestion) -> list[FoundThing]:
    """Return what is shown of the hits, in their order. What was deleted since is left out, and of
    several versions of the same thing the best one counts."""
    keys: dict[str, set[int]] = defaultdict(set)
    for hit in hits:
        keys[hit.entry.kind].add(hit.entry.thing)
    things = {
        (kind, row.pk): row
        for kind, every in keys.items()
        for row in SOURCES[kind].rows(sorted(every))
    }
    of_files = [hit.entry.key for hit in hits if hit.entry.kind in OF_FILES]
    # Not those of a title alone, which have no language.
    kept = SearchEntry.objects.exclude(text="").in_bulk(of_files) if of_files else {}
    in_projects = sorted({hit.entry.project for hit in hits if hit.entry.project})
    projects = {row.pk: row for row in SOURCES["project"].rows(in_projects)}
    wanted = frozenset(word for group in question.groups for each in group.words for word in each)
    parts = _PartsOfThings()
    found: dict[tuple[str, str], FoundThing] = {}
    for hit in hits:
        row = things.get((hit.entry.kind, hit.entry.thing))
        if row and (content := _content(hit, row, kept.get(hit.entry.key), parts)):
            project = projects.get(hit.entry.project) if hit.entry.project else None
            result = _result(hit, row, project, wanted, content)
            found.setdefault((result.url, result.title.html), result)
    return list(found.values())


def _result(
    hit: Hit,
    row: object,
    project: Project | None,
    wanted: frozenset[str],
    content: Content,
) -> FoundThing:
    source = SOURCES[hit.entry.kind]
    texts, titles = _WithoutNames(content.texts), _WithoutNames(content.titles)
    title = _title(hit, titles, wanted)
    language = _found_in([hit.language, *texts], texts, wanted)
    snippet = None
    if not language and "<mark>" not in title.html:
        # A title of which only another line, or another language, has the words.
        snippet = _in_other_title(hit, titles, wanted)
    if not language and texts:
        language = hit.language if hit.language in texts else _read_in(texts)
    return FoundThing(
        kind=hit.entry.kind,
        title=title,
        url=content.address(language) if content.address and language else source.url(row),
        project=project.short_title if project and hit.entry.kind != "project" else "",
        place=[without_names(str(each)) for each in source.place(row)],
        day=hit.entry.day,
        snippet=snippet or (_snippet(texts[language], language, wanted) if texts else None),
        score=hit.score,
    )


class _WithoutNames(Mapping[str, str]):
    """Texts without the names that the reader may not know, so that nothing tells whether one has
    them. Each is read for names when it is needed: most of the other languages never are."""

    def __init__(self, texts: Texts) -> None:
        self._texts = {language: text for language, text in texts.items() if text.strip()}
        self._read: dict[str, str] = {}

    def __getitem__(self, language: str) -> str:
        if language not in self._read:
            self._read[language] = without_names(self._texts[language])
        return self._read[language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


class _PartsOfThings:
    """The parts of things by their numbers, each thing read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], dict[int, Content]] = {}

    def part(self, hit: Hit, row: object) -> Content | None:
        thing = (hit.entry.kind, hit.entry.thing)
        if thing not in self._known:
            contents = SOURCES[hit.entry.kind].contents(row)
            self._known[thing] = {each.part: each for each in contents}
        return self._known[thing].get(hit.entry.part)


def _content(
    hit: Hit, row: object, kept: SearchEntry | None, parts: _PartsOfThings
) -> Content | None:
    """Return the words of the part that was found, or None if it is gone."""
    source = SOURCES[hit.entry.kind]
    if hit.entry.kind in OF_FILES:
        titles = {kept.language if kept else active_language(): source.file_title(row)}
        return Content(titles, {kept.language: kept.text} if kept else {}, hit.entry.part)
    return parts.part(hit, row)


def _title(hit: Hit, titles: Mapping[str, str], wanted: frozenset[str]) -> ShownText:
    if not titles:
        return _text(label_in_search(hit.entry.kind), active_language(), frozenset())
    language = _read_in(titles)
    title = titles[language].partition("\n")[0]
    return _text(Truncator(title).chars(LONGEST_TITLE), language, wanted)


def _in_other_title(
    hit: Hit, titles: Mapping[str, str], wanted: frozenset[str]
) -> ShownText | None:
    order = [active_language(), hit.language, *titles]
    language = _found_in(order, titles, wanted)
    return _snippet(titles[language], language, wanted) if language else None


def _read_in(texts: Mapping[str, str]) -> str:
    """Return the language in which the reader is shown a text that exists in these."""
    order = [active_language(), *reading_order()]
    return next((language for language in order if texts.get(language)), next(iter(texts)))


def _found_in(order: Iterable[str], texts: Mapping[str, str], wanted: frozenset[str]) -> str:
    """Return the first language whose text has the words, or an empty text. That of the hit may have
    none of them: a code counts in each language."""
    found = (
        language
        for language in order
        if any(True for _place in _places(texts.get(language, ""), language, wanted))
    )
    return next(found, "")


def _snippet(text: str, language: str, wanted: frozenset[str]) -> ShownText:
    """Return the part of the text in which the words are."""
    part, is_inside = _paragraphs(text.strip(), language, wanted)
    first = _first(part, language, wanted) or 0
    start = part.rfind(" ", 0, max(first - BEFORE, 0)) + 1 if first > BEFORE else 0
    shown = Truncator(part[start:]).chars(SHOWN)
    return _text(("… " if is_inside or start else "") + shown, language, wanted)


def _paragraphs(text: str, language: str, wanted: frozenset[str]) -> tuple[str, bool]:
    """Return the plain words of the paragraphs from the words on, and whether others come before. To
    read a long text as Markdown takes long."""
    first = _first(text, language, wanted) or 0
    begin = text.rfind("\n\n", 0, first)
    end = text.find("\n\n", first + SHOWN)
    cut = text[max(begin, 0) : end if end > 0 else None].strip("\n")
    # Links may be explained elsewhere, and an indented paragraph is part of a list before it.
    if "]:" not in text and not cut[:1].isspace():
        part = " ".join(plain_text(cut).split())
        if _first(part, language, wanted) is not None:
            return f"{part}…" if end > 0 else part, begin > 0
    return " ".join(plain_text(text).split()), False


def _first(text: str, language: str, wanted: frozenset[str]) -> int | None:
    """Return where the first of the words is."""
    return next((start for start, _end in _places(text, language, wanted)), None)


def _places(text: str, language: str, wanted: frozenset[str]) -> Iterable[tuple[int, int]]:
    begun = tuple(each[:-1] for each in wanted if each.endswith("*"))  # of a word half typed
    for found in re.finditer(r"[^\W_]+(?:[-./_][^\W_]+)*", text):
        kept = lexemes_of(found.group(), language)
        is_begun = begun and any(each.startswith(begun) for each in kept)
        if is_begun or not wanted.isdisjoint(kept):
            yield found.span()


def _text(text: str, language: str, wanted: frozenset[str]) -> ShownText:
    html: list[str] = []
    done = 0
    for start, end in _places(text, language, wanted):
        html += [escape(text[done:start]), "<mark>", escape(text[start:end]), "</mark>"]
        done = end
    # Each piece was escaped above.
    marked = mark_safe("".join([*html, escape(text[done:])]))  # noqa: S308
    return ShownText(text, marked, language)


# --- One search: what changed is written, the question is read for its reader, and found ---

SUGGESTED = 6
NAMES_AT_ONCE = 1_000


class Search(NamedTuple):
    question: SearchQuestion
    hits: list[Hit]
    called_so: list[Hit]
    """What has exactly this code."""
    cut: frozenset[str]
    """The kinds of which more fits than was looked at; an empty one stands for any."""


def search(user: User, text: str, chosen: Narrowing = EVERYTHING) -> Search:
    """Search for a text as this person. Raises Refusal if nothing can be looked for.

    Names come first: what holds one that was just guarded is noted by them, and not found.
    """
    _names_first()
    write_changed(OF_ROWS, AT_ONCE)
    finder = Finder(user)
    question = ask(text, active_language(), finder.known)
    return Search(question, *find(finder, question, chosen))


def suggest(user: User, text: str) -> list[FoundThing]:
    """Return the few things that fit best what the person is typing: first what is called so. What
    changed since is not among them until it is searched for, or a worker came by."""
    _names_first()
    finder = Finder(user)
    if (question := begin(text, finder.known)) is None:
        return []
    found = find(finder, question, enough=SUGGESTED)
    hits = [*found.called_so, *found.hits]
    return results(hits[:SUGGESTED], question)[:SUGGESTED]


def _names_first() -> None:
    write_changed(["institution"], NAMES_AT_ONCE)
