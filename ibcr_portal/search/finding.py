"""Finds entries of the index: by their words, by a code, and by the letters of a name.

What has all words is asked for first, titles before texts; where that is much, for each kind apart, so
a kind of which there is much hides no other. Only where that is little, single words count. Of each
there is a limit, because the words of a portal are in thousands of its texts; the search says when it
left something out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from ibcr_portal.kinds import SOURCES
from ibcr_portal.search.question import (
    Hit,
    SearchQuestion,
    Word,
    WordsFound,
    WordWeights,
    could_be_shown,
    order,
    scored,
)
from ibcr_portal.search.rights import EVERYTHING, Finder, Narrowing
from ibcr_portal.search.tables import (
    Asked,
    FoundEntry,
    Row,
    Wanted,
    having_any,
    in_time,
)
from ibcr_portal.search.words import anywhere, mark, of_title
from ibcr_portal.search.writing import OF_FILES

MOST = 30  # entries of a kind that have all words
MOST_PAGES = 100  # the same of files, of which one may have dozens
MOST_OF_ONE = 1_000  # the same, if somebody chose the kind
MANY = 100  # entries of several kinds, above which each kind is asked for apart
MOST_OF_A_WORD = 100  # entries of all kinds that have one of the words
ENOUGH = 30  # things with all words, beside which others are not looked for
READ_WHOLE = 10  # projects at most, in which all that fits is read, to keep the newest
FEW_OTHERS = 6  # kinds, which are quicker left out than all others asked for
ALL_KINDS = tuple(mark("kind", kind) for kind in SOURCES)
NAMED = ("project", "institution", "person")
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
    newest_first = enough is None and finder.number_of_projects(chosen) <= READ_WHOLE
    search = _Search(finder, chosen, chosen.kinds or tuple(SOURCES), newest_first=newest_first)
    with in_time():
        called_so, cut = search.add_with_all_words(question, found)
        if found.number_of_things < (ENOUGH if enough is None else enough):
            more = search.add_with_a_word(question, found)
        weights = WordWeights(found, question.groups)
        hits = scored(found, weights)
        # A name may have one word of the question, and the letters of all of them.
        is_answered = any(hit.score >= 1 for hit in hits)
        alike = [] if is_answered else list(_by_letters(finder, question, chosen))
    if any(could_be_shown(word, weights, hits) for word in more):
        cut.add("")
    best = {hit.entry: hit for hit in hits}
    for hit in alike:
        if hit.entry not in best or best[hit.entry].score < hit.score:
            best[hit.entry] = hit
    return Found(sorted(best.values(), key=order), called_so, frozenset(cut))


class _Search:
    """A search in some kinds."""

    def __init__(
        self,
        finder: Finder,
        chosen: Narrowing,
        kinds: Sequence[str],
        *,
        newest_first: bool = False,
    ) -> None:
        """`newest_first`: above the limit of a kind, the newest that have all words are kept."""
        self.newest_first = newest_first
        self.finder = finder
        self.chosen = chosen
        self.kinds = kinds

    def add_with_all_words(
        self, question: SearchQuestion, found: WordsFound
    ) -> tuple[list[Hit], set[str]]:
        """Add what has all words in one language. Return what is called so, and the kinds of which
        there is more."""
        rows, cut = self._with_all([((question.code,),)], self.kinds, [])
        called_so = {entry: None for _place, entry in rows}
        every = [group.words for group in question.groups]
        left = list(self.kinds)
        # What has them in its title is better than all else: where that is much, it is enough.
        for form, is_title in ((of_title, True), (anywhere, False)):
            wanted = [tuple(map(form, words)) for words in every]
            rows, full = self._with_all(wanted, left, [entry.key for entry in found])
            where = (False, True) if is_title else (False,)
            answered = [{(word, each) for word in words for each in where} for words in every]
            for number, entry in rows:
                found[entry] |= answered[number]
            left = [kind for kind in left if kind not in full]
            cut |= full
        return [Hit(entry, "", 1.0) for entry in called_so], cut

    def _with_all(
        self, wanted: Sequence[Wanted], kinds: Sequence[str], known: Sequence[int]
    ) -> tuple[list[Row], set[str]]:
        """Return the entries of these kinds that have all words of one of these and are not known,
        with its place, and the kinds of which there is more."""
        if len(self.kinds) == 1:
            if not kinds:  # of the only one there is enough
                return [], set()
            rows = self._ask(wanted, MOST_OF_ONE, known=known, newest_first=self.newest_first)
            return rows, set(kinds) if _full(rows, MOST_OF_ONE) else set()
        # Where titles had much, texts have more, and to ask for all kinds first would be for nothing.
        ask = self._together if len(kinds) == len(self.kinds) else self._apart
        entries, cut = ask(wanted[0], kinds, known)
        rows = [(0, entry) for entry in entries]
        # What a kind has enough of in the language of the question is asked for in no other.
        left = [kind for kind in kinds if kind not in cut]
        known = [*known, *(entry.key for entry in entries)]
        found = self._ask(wanted[1:], MANY, kinds=left, known=known, newest_first=self.newest_first)
        rows += [(place + 1, entry) for place, entry in found]
        for place in sorted(_full(found, MANY)):
            counted = Counter(entry.kind for number, entry in found if number == place)
            cut |= {kind for kind, number in counted.items() if number >= _most(kind)}
            left = [kind for kind in left if kind not in cut]
            entries, full = self._together(wanted[place + 1], left, known)
            rows += [(place + 1, entry) for entry in entries]
            cut |= full
        return rows, cut

    def _together(
        self, wanted: Wanted, kinds: Sequence[str], known: Sequence[int]
    ) -> tuple[list[FoundEntry], set[str]]:
        """Return the entries of these kinds, and the kinds of which there is more. Where there is
        much, each kind is asked for apart, so that none hides another."""
        rows = self._ask([wanted], MOST, kinds=kinds, known=known)
        if _full(rows, MOST):
            return self._apart(wanted, kinds, known)
        return [entry for _place, entry in rows], set()

    def _apart(
        self, wanted: Wanted, kinds: Sequence[str], known: Sequence[int]
    ) -> tuple[list[FoundEntry], set[str]]:
        """Return what `_together` does, each kind with a limit of its own."""
        asked = [
            Asked((*wanted, *self.finder.marks(kind, self.chosen)), _most(kind)) for kind in kinds
        ]
        rows = self.finder.entries(asked, known=known, newest_first=self.newest_first)
        counted = Counter(place for place, _entry in rows)
        full = {kinds[place] for place, number in counted.items() if number >= asked[place].most}
        return [entry for _place, entry in rows], full

    def add_with_a_word(self, question: SearchQuestion, found: WordsFound) -> list[Word]:
        """Add what has some of the words. Return the words of which there is more."""
        words = list({word: None for group in question.groups for word in group.words})
        more: list[Word] = []
        unsure: list[tuple[Word, bool]] = []  # not all that was found is known to have it or not
        for in_title in (True, False):
            left = [word for word in words if word not in more]
            # A word of the title is kept as such alone, so what has it there is found once.
            wanted = [(of_title(word) if in_title else word,) for word in left]
            rows = self._ask(wanted, MOST_OF_A_WORD)
            for place, entry in rows:
                found[entry] |= {(left[place], in_title), (left[place], False)}
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
        self,
        wanted: Sequence[Wanted],
        most: int,
        among: Sequence[int] | None = None,
        kinds: Sequence[str] | None = None,
        known: Sequence[int] = (),
        *,
        newest_first: bool = False,
    ) -> list[Row]:
        marked = self._marks if kinds is None else self._marks_of(kinds)
        asked = [
            Asked((*each, *marks), most, others) for marks, others in marked for each in wanted
        ]
        found = self.finder.entries(asked, among, known, newest_first=newest_first)
        return [(place % len(wanted), entry) for place, entry in found]

    @cached_property
    def _marks(self) -> list[tuple[Wanted, tuple[str, ...]]]:
        return self._marks_of(self.kinds)

    def _marks_of(self, kinds: Sequence[str]) -> list[tuple[Wanted, tuple[str, ...]]]:
        """Return the marks that entries of these kinds have, those with the same marks together, and
        those that they have not. Of almost all kinds the few others are left out: to read which
        entry is of which kind takes longer than all else."""
        by_marks: dict[Wanted, list[str]] = defaultdict(list)
        for kind in kinds:
            (of_kind,), *marks = self.finder.marks(kind, self.chosen)
            by_marks[tuple(marks)].append(of_kind)
        found: list[tuple[Wanted, tuple[str, ...]]] = []
        for shared, of_kinds in by_marks.items():
            others = tuple(each for each in ALL_KINDS if each not in of_kinds)
            if len(others) <= FEW_OTHERS:
                found.append((shared, others))
            else:
                found.append(((tuple(of_kinds), *shared), ()))
        return found


def _most(kind: str) -> int:
    return MOST_PAGES if kind in OF_FILES else MOST


def _full(rows: Iterable[Row], most: int) -> set[int]:
    """Return the places of the questions for which there is more than these rows."""
    counted = Counter(place for place, _entry in rows)
    return {place for place, number in counted.items() if number >= most}


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
    for _place, entry in _Search(finder, chosen, named).with_letters(letters, alike):
        yield Hit(entry, "", counted[entry.key] / len(letters) * 0.9)
