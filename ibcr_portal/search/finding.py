"""Finds entries of the index: by their words, by a code, and by the letters of a name.

What has all words is asked for first, for each kind apart, so a kind of which there is much hides no
other. Only where that is little, single words count. Of each there is a limit, because the words of
a portal are in thousands of its texts; the search says when it left something out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

from ibcr_portal.models import SearchKind
from ibcr_portal.search.question import SearchQuestion
from ibcr_portal.search.rights import EVERYTHING, Finder, Narrowing
from ibcr_portal.search.scoring import (
    FoundEntry,
    Hit,
    Word,
    WordsFound,
    could_be_shown,
    order,
    scored,
)
from ibcr_portal.search.tables import (
    Asked,
    Row,
    SearchStatement,
    Wanted,
    having,
    kinds_with,
    searching,
)
from ibcr_portal.search.words import anywhere, of_title

MOST = 50  # entries of a kind that have all words
MOST_OF_ONE = 1_000  # the same, if somebody chose the kind
MOST_OF_A_WORD = 150  # entries of all kinds that have one of the words
ENOUGH = 30  # entries with all words, beside which others are not looked for
NAMED = (SearchKind.PROJECT, SearchKind.INSTITUTION, SearchKind.PERSON)
ALIKE = 0.5  # of the letters of a name
MOST_OF_LETTERS = 2_000  # names that have the same three
# Kinds with many conditions, which are left out of the statement where nothing has any of the words.
MAY_BE_ABSENT = (
    SearchKind.INSTITUTION,
    SearchKind.PERSON,
    SearchKind.MINUTES,
    SearchKind.CONSULTATION,
    SearchKind.CALL,
    SearchKind.REMARK,
    SearchKind.PROPOSAL,
    SearchKind.COMMENT,
    SearchKind.DOCUMENT,
    SearchKind.PAPER,
)


class Found(NamedTuple):
    hits: list[Hit]
    """The best first."""
    called_so: list[Hit]
    """What has exactly the code that was asked for."""
    cut: frozenset[str]
    """The kinds of which there is more than was looked at; an empty one stands for any."""


def find(
    finder: Finder,
    question: SearchQuestion,
    chosen: Narrowing = EVERYTHING,
    enough: int | None = None,
) -> Found:
    """Return what fits."""
    kinds = _kinds_to_ask(question, chosen)
    found = WordsFound()
    called_so: list[Hit] = []
    cut: set[str] = set()
    more: list[Word] = []
    with _search(finder, chosen, kinds) as search:
        if search:
            called_so, cut = search.add_with_all_words(question, found)
            if len(found) < (ENOUGH if enough is None else enough):
                more = search.add_with_a_word(question, found)
    hits = scored(found, question.groups)
    if any(could_be_shown(word, found, question.groups, hits) for word in more):
        cut.add("")
    if max((hit.score for hit in hits), default=0) < 1:
        # A name may have one word of the question, and the letters of all of them.
        best = {hit.entry: hit for hit in hits}
        for hit in _by_letters(finder, question, chosen):
            if hit.entry not in best or best[hit.entry].score < hit.score:
                best[hit.entry] = hit
        hits = list(best.values())
    return Found(sorted(hits, key=order), called_so, frozenset(cut))


def _kinds_to_ask(question: SearchQuestion, chosen: Narrowing) -> list[str]:
    kinds = chosen.kinds or tuple(SearchKind)
    unsure = [kind for kind in kinds if kind in MAY_BE_ABSENT]
    present = kinds_with([question.code, *question.lexemes], unsure) if unsure else set()
    return [kind for kind in kinds if kind not in MAY_BE_ABSENT or kind in present]


@contextmanager
def _search(finder: Finder, chosen: Narrowing, kinds: Sequence[str]) -> "Iterator[_Search | None]":
    """Yield a search in these kinds; None if the reader may find nothing of them."""
    if not (kinds := finder.among(kinds)):
        yield None
        return
    with searching(*finder.condition(kinds)) as statement:
        yield _Search(statement, finder, chosen, kinds)


class _Search:
    def __init__(
        self, statement: SearchStatement, finder: Finder, chosen: Narrowing, kinds: Sequence[str]
    ) -> None:
        self.statement = statement
        self.finder = finder
        self.chosen = chosen
        self.kinds = kinds

    def add_with_all_words(
        self, question: SearchQuestion, found: WordsFound
    ) -> tuple[list[Hit], set[str]]:
        """Add what has all words in one language. Return what is called so, and the kinds of which
        there is more."""
        wanted: list[Wanted] = [((question.code,),)]
        for group in question.groups:
            wanted += [tuple(map(of_title, group.words)), tuple(map(anywhere, group.words))]
        most = MOST_OF_ONE if len(self.chosen.kinds) == 1 else MOST
        asked = [
            Asked((*each, *self.finder.marks(kind, self.chosen)), most)
            for kind in self.kinds
            for each in wanted
        ]
        called_so = []
        counted: Counter[int] = Counter()
        for place, *columns in self.statement.ask(asked):
            counted[place] += 1
            entry = _entry(columns)
            number, in_text = divmod(place % len(wanted) - 1, 2)
            if number < 0:
                called_so.append(Hit(entry, "", 1.0))
                continue
            words = question.groups[number].words
            found[entry] |= {(word, False) for word in words}
            found[entry] |= {(word, True) for word in words if not in_text}
        full = [place for place, number in counted.items() if number == most]
        return called_so, {self.kinds[place // len(wanted)] for place in full}

    def add_with_a_word(self, question: SearchQuestion, found: WordsFound) -> list[Word]:
        """Add what has some of the words. Return the words of which there is more."""
        words = list({word: None for group in question.groups for word in group.words})
        wanted: list[Word] = [form for word in words for form in (anywhere(word), of_title(word))]
        counted: Counter[int] = Counter()
        for place, *columns in self.with_one_of(wanted, MOST_OF_A_WORD):
            counted[place] += 1
            found[_entry(columns)].add((words[place // 2], bool(place % 2)))
        full = [place for place, number in counted.items() if number >= MOST_OF_A_WORD]
        by_key = {entry.key: entry for entry in found}
        for place in full:  # which of the others have it as well
            for key in having((wanted[place],), sorted(by_key)):
                found[by_key[key]].add((words[place // 2], bool(place % 2)))
        return list({words[place // 2]: None for place in full})

    def with_one_of(self, words: Sequence[Word], most: int) -> list[Row]:
        """Return entries of any kind that have one of these words, with its place."""
        by_marks: dict[Wanted, list[str]] = defaultdict(list)
        for kind in self.kinds:
            (of_kind,), *others = self.finder.marks(kind, self.chosen)
            by_marks[tuple(others)].append(of_kind)
        asked = [
            Asked((word, tuple(marked), *others), most)
            for others, marked in by_marks.items()
            for word in words
        ]
        return [(place % len(words), *columns) for place, *columns in self.statement.ask(asked)]


def _entry(columns: Sequence[Any]) -> FoundEntry:
    entry = FoundEntry(*columns)
    if isinstance(entry.day, str):  # SQLite has no type for days
        return entry._replace(day=date.fromisoformat(entry.day))
    return entry


def _by_letters(finder: Finder, question: SearchQuestion, chosen: Narrowing) -> Iterator[Hit]:
    """Find names that are spelt almost so."""
    named = [kind for kind in NAMED if not chosen.kinds or kind in chosen.kinds]
    if not named or len(question.letters) < 4:
        return
    letters = [(each,) for each in sorted(question.letters)]
    counted: Counter[FoundEntry] = Counter()
    with _search(finder, chosen, named) as search:
        for _place, *columns in search.with_one_of(letters, MOST_OF_LETTERS) if search else ():
            counted[_entry(columns)] += 1
    for entry, number in counted.items():
        share = number / len(letters)
        if share >= ALIKE:
            yield Hit(entry, "", share * 0.9)
