"""The words of texts and questions as the index holds them.

A word is kept as its stem, without accents, behind a letter for its language: so the word of one
language is not found in a text of another, and all languages share one index. The first letter of
an entry of the index says what the rest is:

    f, s, e   the stem of a French, Spanish or English word
    tf, ts, te   the same, of a word in the title, which is kept once
    c         a number or code in the text, such as 2020-02 or HN-TRATA
    k         the thing's own code
    g         three letters of a name, by which a misspelt one is found
    x12_      a word that is part of the name of the guarded institution 12
    m_        a mark: the kind of the thing, its project, year and state

Stems follow the Snowball algorithms; accents are taken off before as well as after, since people
leave them out when they search.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import snowballstemmer
from django.urls import reverse
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.models import User
from committees.models import Committee
from kernel.text import StrOrPromise
from projects.models import Project
from projects.permissions.roles import edited_projects, may_create_project

LETTERS = {"fr": "f", "es": "s", "en": "e"}
NAMES = {"fr": "french", "es": "spanish", "en": "english"}
LONGEST = 40  # letters of a word
# Words joined by such signs are also codes: 2020-02, 1300.2, HN-TRATA, D/3.
_TOKEN = re.compile(r"[^\W_]+(?:[-./_’'][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_CODE = re.compile(r"(?=.*\d)[\w\-./]+|[A-ZÀ-Þ]{2,}(?:[-./_][A-ZÀ-Þ\d]+)+")
_FOLDED = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"}

_STOP = {
    "fr": "a à ai ainsi alors au aucun aussi autre autres aux avec avoir c ce cela celle celles celui "
    "ces cet cette ceux chaque chez ci comme comment d dans de depuis des dont du elle elles en encore "
    "entre est et étaient était été être eu eux fait il ils j je jusqu l la le les leur leurs lors lui "
    "m ma mais me même mes moins mon n ne ni nos notre nous on ont ou où par parce pas pendant peu peut "
    "plus pour pourquoi qu quand que quel quelle quelles quels qui quoi s sa sans se selon sera seront "
    "ses si soit son sont sous sur t ta te tes ton tous tout toute toutes très tu un une vers vos votre "
    "vous y",
    "es": "a al algo algún alguna algunas algunos ante antes aquel aquella así aún aunque cada como cómo "
    "con contra cual cuál cuales cuando cuándo de del desde donde dónde dos durante e el él ella ellas "
    "ellos en entre era eran es esa esas ese eso esos esta está están estas este esto estos fue fueron "
    "ha había han hasta hay la las le les lo los más me mi mientras mis mucho muy nada ni no nos nosotros "
    "nuestra nuestro o os otra otras otro otros para pero poco por porque pues que qué quien quién se sea "
    "según ser será si sí sido sin sino sobre son su sus también tan tanto te tenía tiene tienen todo "
    "todos tu tus u un una unas uno unos usted ya yo y",
    "en": "a about after all also an and any are as at be because been before being between both but by "
    "can could did do does during each for from had has have he her hers him his how i if in into is it "
    "its itself just may me more most my no nor not of off on once only or other our ours out over own "
    "s same she should so some such t than that the their theirs them then there these they this those "
    "through to too under until up us very was we were what when where which while who whom why will "
    "with would you your yours",
}


def folded(text: str) -> str:
    """Return the text in small letters and without accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(each for each in letters if not unicodedata.combining(each))
    return "".join(_FOLDED.get(each, each) for each in kept)


STOP = {language: frozenset(map(folded, words.split())) for language, words in _STOP.items()}


@lru_cache(maxsize=50_000)
def stems(word: str, language: str) -> tuple[str, ...]:
    """Return the stems of a word in a language: as it is written, and as it is without accents. A
    word that says nothing has none."""
    plain = _letters(word)
    if len(plain) < 2 or plain in STOP[language]:
        return ()
    stem = snowballstemmer.stemmer(
        NAMES[language]
    ).stemWord  # one that threads share mixes words up
    found = {_letters(stem(word.casefold()[:LONGEST])), stem(plain)}
    return tuple(sorted(LETTERS[language] + each for each in found if each))


def _letters(word: str) -> str:
    """Return the letters and digits of a word without accents. A sign such as ½ falls apart into
    some that are none."""
    return "".join(_PART.findall(folded(word)))[:LONGEST]


def tokens(text: str) -> Iterator[str]:
    """Return the words of a text, those with a sign within as one."""
    for found in _TOKEN.finditer(text):
        yield found.group()


def code(text: str) -> str:
    """Return what all spellings of a code have in common: `HN-TRATA` and `hn trata` are one."""
    return "_".join(_PART.findall(folded(text)))[:LONGEST]


def is_code(token: str) -> bool:
    return bool(_CODE.fullmatch(token))


def forms(text: str, language: str) -> Iterator[tuple[str, ...]]:
    """Return the stems of each word of a text that says something."""
    for token in tokens(text):
        for part in _PART.findall(token):
            # What is further back says nothing, and `stems` would keep it.
            if found := stems(part[: 3 * LONGEST], language):
                yield found


def lexemes(text: str, language: str) -> Iterator[str]:
    """Return what the index keeps of a text in a language."""
    for token in tokens(text):
        yield from lexemes_of(token, language)


def lexemes_of(token: str, language: str) -> frozenset[str]:
    """Return what the index keeps of one token; of a long one, such as a coded file, each time anew."""
    is_long = len(token) > 2 * LONGEST
    return (_lexemes.__wrapped__ if is_long else _lexemes)(token, language)


@lru_cache(maxsize=10_000)
def _lexemes(token: str, language: str) -> frozenset[str]:
    codes = {f"c{code(token)}"} if is_code(token) else set()
    return frozenset(codes.union(*forms(token, language)))


def trigrams(name: str) -> set[str]:
    """Return all groups of three letters of the words of a name, with its beginnings and ends."""
    found = set()
    for word in _PART.findall(folded(name)):
        framed = f"_{word[:LONGEST]}_"
        found |= {f"g{framed[at : at + 3]}" for at in range(len(framed) - 2)}
    return found


def of_entry(
    titles: dict[str, str],
    texts: dict[str, str],
    *,
    own_code: str = "",
    is_name: bool = False,
) -> set[str]:
    """Return all that the index keeps of a thing: of its titles and texts by language, its code,
    and the letters of its name."""
    found: set[str] = set()
    for language, text in titles.items():
        for each in lexemes(text, language):
            found.add(each if each[0] == "c" else f"t{each}")
        if is_name:
            found |= trigrams(text)
    for language, text in texts.items():
        found.update(each for each in lexemes(text, language) if f"t{each}" not in found)
    if own_code:
        found |= {f"k{code(own_code)}", f"c{code(own_code)}"}
    return found


def of_title(word: tuple[str, ...]) -> tuple[str, ...]:
    """Return the forms of a word in a title. A code is the same everywhere."""
    return tuple(f"t{form}" for form in word if form[0] in LETTERS.values()) or word


def anywhere(word: tuple[str, ...]) -> tuple[str, ...]:
    """Return the forms of a word in a title or in a text."""
    return tuple(dict.fromkeys([*word, *of_title(word)]))


def mark(what: str, value: object) -> str:
    """Return the mark by which entries are narrowed down: `m_kind_item`, `m_project_12`."""
    return f"m_{what}_{value}"


# --- Words of the field that stand for each other, within a language and between them ---
#
# Apertium knows one word of the other language for each, and people use several: `juez` and
# `magistrado`, `seat` and `siège`. A row of `alike.csv` has the words of one meaning in each
# language; a word may be in several rows.

FILE = Path(__file__).with_name("alike.csv")


def alike(word: Iterable[str], language: str) -> set[str]:
    """Return the lexemes that mean much the same in this language as a word, which is given by its
    lexemes in any language."""
    rows = _rows()
    found: set[str] = set()
    for lexeme in word:
        for place in _places().get(lexeme, ()):
            found |= rows[place][language]
    return found.difference(word)


@cache
def _rows() -> tuple[dict[str, frozenset[str]], ...]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            {language: _lexemes_of(row[language], language) for language in LETTERS}
            for row in csv.DictReader(file)
        )


def _lexemes_of(words: str, language: str) -> frozenset[str]:
    return frozenset(lexeme for word in words.split() for lexeme in stems(word, language))


@cache
def _places() -> dict[str, list[int]]:
    """Return by each lexeme the rows that have it."""
    found: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(_rows()):
        for lexemes in row.values():
            for lexeme in lexemes:
                found[lexeme].append(place)
    return dict(found)


# --- Pages and actions that the field of the search offers beside what it finds ---

MOST = 4


class PageOffered(NamedTuple):
    label: str
    url: str


# Label and address of what everybody may open.
PAGES: tuple[tuple[StrOrPromise, str], ...] = (
    (_("Home"), "home"),
    (_("What is due"), "due"),
    (_("New"), "news"),
    (_("Projects"), "projects:list"),
    (_("Meetings"), "committees:meetings"),
    (_("Action plans"), "committees:plans"),
    (_("Decisions and recommendations"), "committees:resolutions"),
    (_("Reports"), "reports:list"),
    (_("Partner institutions"), "partners:list"),
    (_("My account"), "accounts:profile"),
    (_("Help"), "help"),
    (_("Glossary"), "help-glossary"),
    (_("Keyboard shortcuts"), "help-keys"),
)
# What one may begin in each project that one coordinates.
NEW_MEETING = pgettext_lazy("command", "New meeting")
NEW_PLAN = pgettext_lazy("command", "New action plan")
NEW_REPORT = pgettext_lazy("command", "New report")
NEW_PROJECT = pgettext_lazy("command", "New project")


def pages_like(text: str, user: User) -> list[PageOffered]:
    """Return the pages and actions whose words begin as those of the text do."""
    wanted = folded(text).split()
    if not wanted:
        return []
    found = [
        PageOffered(str(label), reverse(name)) for label, name in PAGES if _fits(label, wanted)
    ]
    return [*found, *_actions(wanted, user)][:MOST]


def _fits(label: StrOrPromise, wanted: list[str]) -> bool:
    words = folded(str(label)).split()
    return all(any(word.startswith(each) for word in words) for each in wanted)


def _actions(wanted: list[str], user: User) -> Iterator[PageOffered]:
    if _fits(NEW_PROJECT, wanted) and may_create_project(user):
        yield PageOffered(str(NEW_PROJECT), reverse("projects:create"))
    in_projects = [
        (label, name)
        for label, name in ((NEW_PLAN, "committees:plan-create"), (NEW_REPORT, "reports:create"))
        if _fits(label, wanted)
    ]
    begins_meetings = _fits(NEW_MEETING, wanted)
    if not (in_projects or begins_meetings) or not (edited := edited_projects(user)[:MOST]):
        return
    if begins_meetings:
        for committee in Committee.objects.filter(project__in=edited).select_related("project"):
            url = reverse("committees:meeting-create", args=[committee.pk])
            yield PageOffered(f"{NEW_MEETING} · {committee} · {committee.project}", url)
    for project in Project.objects.filter(pk__in=edited) if in_projects else ():
        for label, name in in_projects:
            yield PageOffered(f"{label} · {project}", reverse(name, args=[project.code]))
