"""Finds entries of the index: by their words, by a code, and by the letters of a name.

What has all words is asked for first; where that is much, for each kind apart, so a kind of which
there is much hides no other. Only where that is little, single words count. Of each there is a limit,
because the words of a portal are in thousands of its texts; the search says when it left something
out.
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
from ibcr_portal.search.words import anywhere, of_title

MOST = 50  # entries of a kind that have all words
MOST_OF_ONE = 1_000  # the same, if somebody chose the kind
MOST_OF_A_WORD = 150  # entries of all kinds that have one of the words
ENOUGH = 30  # entries with all words, beside which others are not looked for
NAMED = (SearchKind.PROJECT, SearchKind.INSTITUTION, SearchKind.PERSON)
ALIKE = 0.5  # of the letters of a name
MOST_OF_LETTERS = 2_000  # names that have the same three


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
        wanted: list[Wanted] = [((question.code,),)]
        for group in question.groups:
            wanted += [tuple(map(of_title, group.words)), tuple(map(anywhere, group.words))]
        called_so: dict[FoundEntry, Hit] = {}
        rows, cut = self._with_all(wanted)
        for place, *columns in rows:
            entry = _entry(columns)
            number, in_text = divmod(place - 1, 2)
            if number < 0:
                called_so[entry] = Hit(entry, "", 1.0)
                continue
            words = question.groups[number].words
            found[entry] |= {(word, False) for word in words}
            found[entry] |= {(word, True) for word in words if not in_text}
        return list(called_so.values()), cut

    def _with_all(self, wanted: Sequence[Wanted]) -> tuple[list[Row], set[str]]:
        """Return the entries that have all words of one of these, with its place, and the kinds of
        which there is more. Where there are many, each kind is asked for apart."""
        if len(self.kinds) == 1:
            rows = self._ask(wanted, MOST_OF_ONE)
            full = _full(rows, MOST_OF_ONE)
            return rows, set(self.kinds) if full else set()
        rows = self._ask(wanted, MOST)
        full = _full(rows, MOST)
        apart = [(place, kind) for place in sorted(full) for kind in self.kinds]
        found = self.statement.ask(
            [
                Asked((*wanted[place], *self.finder.marks(kind, self.chosen)), MOST)
                for place, kind in apart
            ]
        )
        cut = {apart[number][1] for number in _full(found, MOST)}
        rows = [row for row in rows if row[0] not in full]
        return [*rows, *((apart[number][0], *columns) for number, *columns in found)], cut

    def add_with_a_word(self, question: SearchQuestion, found: WordsFound) -> list[Word]:
        """Add what has some of the words. Return the words of which there is more."""
        words = list({word: None for group in question.groups for word in group.words})
        wanted: list[Word] = [form for word in words for form in (anywhere(word), of_title(word))]
        rows = self.with_one_of(wanted, MOST_OF_A_WORD)
        for place, *columns in rows:
            found[_entry(columns)].add((words[place // 2], bool(place % 2)))
        full = sorted(_full(rows, MOST_OF_A_WORD))
        by_key = {entry.key: entry for entry in found}
        # Which of the others have it as well.
        for number, key in having_any([(wanted[place],) for place in full], sorted(by_key)):
            place = full[number]
            found[by_key[key]].add((words[place // 2], bool(place % 2)))
        return list({words[place // 2]: None for place in full})

    def with_one_of(self, words: Sequence[Word], most: int) -> list[Row]:
        """Return entries of any of the kinds that have one of these words, with its place."""
        return self._ask([(word,) for word in words], most)

    def _ask(self, wanted: Sequence[Wanted], most: int) -> list[Row]:
        asked = [Asked((*each, *marks), most) for marks in self._marks for each in wanted]
        return [(place % len(wanted), *columns) for place, *columns in self.statement.ask(asked)]

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
    letters = [(each,) for each in sorted(question.letters)]
    counted: Counter[FoundEntry] = Counter()
    for _place, *columns in _Search(finder, chosen, named).with_one_of(letters, MOST_OF_LETTERS):
        counted[_entry(columns)] += 1
    for entry, number in counted.items():
        share = number / len(letters)
        if share >= ALIKE:
            yield Hit(entry, "", share * 0.9)
