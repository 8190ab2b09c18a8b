"""Finds entries of the index: by their words, by a code, and by the letters of a name.

What has all words is asked for first, titles before texts; where that is much, for each kind apart, so
a kind of which there is much hides no other. Only where that is little, single words count. Of each
there is a limit, because the words of a portal are in thousands of its texts; the search says when it
left something out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from ibcr_portal.models import SearchKind
from ibcr_portal.search.question import SearchQuestion
from ibcr_portal.search.rights import EVERYTHING, OF_NO_PROJECT, Finder, Narrowing
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
    having_any,
    in_time,
)
from ibcr_portal.search.words import anywhere, mark, of_title

MOST = 50  # entries of a kind that have all words
MOST_OF_ONE = 1_000  # the same, if somebody chose the kind
MOST_OF_A_WORD = 150  # entries of all kinds that have one of the words
ENOUGH = 30  # entries with all words, beside which others are not looked for
NAMED = (SearchKind.PROJECT, SearchKind.INSTITUTION, SearchKind.PERSON)
ALIKE = 0.5  # of the letters of a name


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
    """Return what fits. Raises Refusal if that takes too long."""
    found = WordsFound()
    more: list[Word] = []
    search = _Search(finder, chosen, chosen.kinds or tuple(SearchKind))
    with in_time():
        called_so, cut = search.add_with_all_words(question, found)
        if len(found) < (ENOUGH if enough is None else enough):
            more = search.add_with_a_word(question, found)
        hits = scored(found, question.groups)
        # A name may have one word of the question, and the letters of all of them.
        is_answered = any(hit.score >= 1 for hit in hits)
        alike = [] if is_answered else list(_by_letters(finder, question, chosen))
    if any(could_be_shown(word, found, question.groups, hits) for word in more):
        cut.add("")
    best = {hit.entry: hit for hit in hits}
    for hit in alike:
        if hit.entry not in best or best[hit.entry].score < hit.score:
            best[hit.entry] = hit
    return Found(sorted(best.values(), key=order), called_so, frozenset(cut))


class _Search:
    """A search in some kinds."""

    def __init__(self, finder: Finder, chosen: Narrowing, kinds: Sequence[str]) -> None:
        self.statement = SearchStatement(finder.entries())
        self.finder = finder
        self.chosen = chosen
        self.kinds = kinds

    def add_with_all_words(
        self, question: SearchQuestion, found: WordsFound
    ) -> tuple[list[Hit], set[str]]:
        """Add what has all words in one language. Return what is called so, and the kinds of which
        there is more."""
        rows, cut = self._with_all([((question.code,),)], self.kinds)
        called_so = {_entry(columns): None for _place, *columns in rows}
        every = [group.words for group in question.groups]
        left = list(self.kinds)
        # What has them in its title is better than all else: where that is much, it is enough.
        for form, is_title in ((of_title, True), (anywhere, False)):
            rows, full = self._with_all([tuple(map(form, words)) for words in every], left)
            for place, *columns in rows:
                known = found[_entry(columns)]
                known |= {(word, False) for word in every[place]}
                if is_title:
                    known |= {(word, True) for word in every[place]}
            left = [kind for kind in left if kind not in full]
            cut |= full
        return [Hit(entry, "", 1.0) for entry in called_so], cut

    def _with_all(
        self, wanted: Sequence[Wanted], kinds: Sequence[str]
    ) -> tuple[list[Row], set[str]]:
        """Return the entries of these kinds that have all words of one of these, with its place, and
        the kinds of which there is more. Where there are many, each kind is asked for apart, and one
        of which there is enough no more."""
        if len(self.kinds) == 1:
            of_kind = self._ask(wanted, MOST_OF_ONE) if kinds else []
            return of_kind, set(kinds) if _full(of_kind, MOST_OF_ONE) else set()
        rows: list[Row] = []
        full = set(range(len(wanted)))
        if len(kinds) == len(self.kinds):
            rows = self._ask(wanted, MOST)
            full = _full(rows, MOST)
            rows = [row for row in rows if row[0] not in full]
        cut: set[str] = set()
        for place in sorted(full):
            apart = [kind for kind in kinds if kind not in cut]
            found = self.statement.ask(
                [
                    Asked((*wanted[place], *self.finder.marks(kind, self.chosen)), MOST)
                    for kind in apart
                ]
            )
            cut |= {apart[number] for number in _full(found, MOST)}
            rows += [(place, *columns) for _number, *columns in found]
        return rows, cut

    def add_with_a_word(self, question: SearchQuestion, found: WordsFound) -> list[Word]:
        """Add what has some of the words. Return the words of which there is more."""
        words = list({word: None for group in question.groups for word in group.words})
        more: list[Word] = []
        unsure: list[tuple[Word, bool]] = []  # not all that was found is known to have it or not
        for form, in_title in ((of_title, True), (anywhere, False)):
            left = [word for word in words if word not in more]
            rows = self._ask([(form(word),) for word in left], MOST_OF_A_WORD)
            for place, *columns in rows:
                found[_entry(columns)] |= {(left[place], in_title), (left[place], False)}
            full = [left[place] for place in sorted(_full(rows, MOST_OF_A_WORD))]
            more += full
            unsure += [(word, in_title) for word in full]
        unsure += [(word, False) for word, in_title in unsure if in_title]
        by_key = {entry.key: entry for entry in found}
        wanted = [((of_title if in_title else anywhere)(word),) for word, in_title in unsure]
        for place, key in having_any(wanted, sorted(by_key)):
            found[by_key[key]].add(unsure[place])
        return more

    def with_letters(self, letters: Sequence[str], among: Sequence[int]) -> list[Row]:
        """Return those of these entries that have any of the letters."""
        return self._ask([(tuple(letters),)], len(among), among) if among else []

    def _ask(
        self, wanted: Sequence[Wanted], most: int, among: Sequence[int] | None = None
    ) -> list[Row]:
        asked = [Asked((*each, *marks), most) for marks in self._marks for each in wanted]
        found = self.statement.ask(asked, among)
        return [(place % len(wanted), *columns) for place, *columns in found]

    @cached_property
    def _marks(self) -> list[Wanted]:
        """The marks of the kinds, those with the same marks together. All kinds together need none
        of their own: to read which entry is of which kind takes longer than all else."""
        by_marks: dict[Wanted, list[str]] = defaultdict(list)
        for kind in self.kinds:
            (of_kind,), *others = self.finder.marks(kind, self.chosen)
            by_marks[tuple(others)].append(of_kind)
        has_all = len(self.kinds) == len(SearchKind)
        return [
            others if has_all and len(marked) > len(OF_NO_PROJECT) else (tuple(marked), *others)
            for others, marked in by_marks.items()
        ]


def _full(rows: Iterable[Row], most: int) -> set[int]:
    """Return the places of the questions for which there is more than these rows."""
    counted = Counter(place for place, *_columns in rows)
    return {place for place, number in counted.items() if number >= most}


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
    letters = sorted(question.letters)
    kinds = tuple(mark("kind", kind) for kind in named)
    # Most have few of the letters, and what the reader may find takes longer than to count them.
    counted = Counter(key for _place, key in having_any([((each,), kinds) for each in letters]))
    alike = [key for key, number in counted.items() if number >= ALIKE * len(letters)]
    for _place, *columns in _Search(finder, chosen, named).with_letters(letters, alike):
        entry = _entry(columns)
        yield Hit(entry, "", counted[entry.key] / len(letters) * 0.9)
