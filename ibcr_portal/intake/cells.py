"""Reads the cells of a row. What cannot be read is marked in its cell, with a sentence that says what
to do; reading goes on, so that people see all sentences at once.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ibcr_portal.intake.draft import Draft
from ibcr_portal.intake.sheets import Choices, in_any_language
from kernel.formats import join_list
from kernel.languages import LANGUAGES, writing_order
from kernel.names import plain, plain as plain_name
from kernel.three_way import CellProblem, number_of, refuse_formula, text_of
from kernel.workbooks import CellValue, WorkbookRow
from partners.models import Institution

Value = TypeVar("Value")

_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_CLOCK = re.compile(r"(\d{1,2})[:hH.](\d{2})(?::\d{2})?\s*([aApP])?\.?\s?[mM]?\.?")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
MAX_NUMBER = 10**12


def mark_addresses(draft: Draft) -> None:
    """Mark e-mail addresses in columns for something else: where a cell was left out, the following
    ones are each in the column of another."""
    for rows in draft.rows.values():
        for row in rows:
            for name, cell in row.cells.items():
                if name != "email" and isinstance(cell, str) and _ADDRESS.fullmatch(cell.strip()):
                    row.marks[name] = _(
                        "“%(text)s” is an e-mail address, and this column is for something else: "
                        "check whether a column is missing."
                    ) % {"text": cell.strip()[:80]}


class Cells:
    """One row while it is read. A method returns what the cell of a column says, or None if it is
    empty or was marked."""

    def __init__(self, row: WorkbookRow) -> None:
        self.row = row

    @property
    def is_marked(self) -> bool:
        return bool(self.row.marks)

    def mark(self, name: str, sentence: str) -> None:
        """Keep the first sentence of each cell."""
        self.row.marks.setdefault(name, sentence)

    def is_empty(self, name: str) -> bool:
        return not text_of(self.row.cells.get(name))

    def need(self, name: str, sentence: str) -> None:
        if self.is_empty(name):
            self.mark(name, sentence)

    def _read(self, name: str, reader: Callable[[CellValue], Value]) -> Value | None:
        if self.is_empty(name):
            return None
        try:
            return reader(self.row.cells[name])
        except CellProblem as problem:
            self.mark(name, str(problem))
            return None

    def text(self, name: str) -> str:
        return self._read(name, _plain_text) or ""

    def texts(self, name: str) -> dict[str, str]:
        """Return the fields of a text in each language."""
        fields = [f"{name}_{language}" for language in LANGUAGES]
        return {field: self.text(field) for field in fields}

    def need_text(self, name: str, sentence: str) -> None:
        """Mark the cell of the first language if the text is there in none."""
        if not any(self.texts(name).values()):
            self.mark(f"{name}_{writing_order()[0]}", sentence)

    def day(self, name: str) -> date | None:
        return self._read(name, day_of)

    def clock(self, name: str) -> time | None:
        return self._read(name, clock_of)

    def number(self, name: str) -> Decimal | None:
        return self._read(name, _small_number)

    def whole(self, name: str) -> int | None:
        return self._read(name, _whole)

    def choice(self, name: str, choices: Callable[[], Choices]) -> str | None:
        def chosen(cell: CellValue) -> str:
            if value := in_any_language(choices, cell):
                return value
            shown = [str(label) for value, label in choices() if value]
            if len(shown) > 12:  # such as the countries of the world
                raise CellProblem(_not_listed(text_of(cell), shown))
            raise CellProblem(_("Choose one of these: %(names)s.") % {"names": join_list(shown)})

        return self._read(name, chosen)

    def yes(self, name: str, *, default: bool) -> bool:
        said = self.choice(name, lambda: [("yes", _("Yes")), ("no", _("No"))])
        return default if said is None else said == "yes"

    def check(
        self, thing: models.Model, names: Collection[str], aliases: Mapping[str, str] | None = None
    ) -> None:
        """Mark what the fields `names` of the thing refuse. `aliases`: the columns of fields that
        are called otherwise."""
        others = [one.name for one in thing._meta.fields if one.name not in names]
        try:
            thing.clean_fields(exclude=others)
        except ValidationError as error:
            self.refuse(
                error, aliases, {one.name: str(one.verbose_name) for one in thing._meta.fields}
            )

    def refuse(
        self,
        error: ValidationError,
        aliases: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Mark the cells that the error is about, or the row, of which a column may be missing:
        then the sentence begins with what the field is called."""
        by_field: dict[str, Any] = getattr(
            error, "message_dict", {NON_FIELD_ERRORS: error.messages}
        )
        for field, sentences in by_field.items():
            name = (aliases or {}).get(field, field)
            sentence = " ".join(sentences)
            if name not in self.row.cells | self.row.marks:
                label = (labels or {}).get(field, "")
                name, sentence = "", f"{capfirst(label)}: {sentence}" if label else sentence
            self.mark(name, sentence)


def _not_listed(text: str, labels: list[str]) -> str:
    """Say that a list does not have it, and which of its words comes near."""
    labels_by_words = {plain_name(label): label for label in labels}
    words = {"text": text[:40]}
    if near := get_close_matches(plain_name(text), labels_by_words, n=1, cutoff=0.7):
        words["name"] = labels_by_words[near[0]]
        return _("“%(text)s” is not in the list. Did you mean “%(name)s”?") % words
    return _("“%(text)s” is not in the list: choose from it.") % words


def _plain_text(cell: CellValue) -> str:
    refuse_formula(cell)
    if isinstance(cell, Decimal):
        return format(cell.normalize(), "f")  # a code such as 1100 is a number for Excel
    return text_of(cell)


def day_of(cell: CellValue) -> date:
    """Return the day. One that could be read in two ways is refused. Raises CellProblem."""
    if isinstance(cell, date):
        return cell
    refuse_formula(cell)
    text = text_of(cell)
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    found = set()
    if match := _DAY.fullmatch(text):
        first, second, year = map(int, match.groups())
        for day, month in ((first, second), (second, first)):
            try:
                found.add(date(year, month, day))
            except ValueError:
                continue
    if len(found) == 1:
        return found.pop()
    if found:
        one, other = sorted(each.isoformat() for each in found)
        raise CellProblem(
            _("“%(text)s” can be read in two ways: write %(day)s or %(other)s.")
            % {"text": text, "day": one, "other": other}
        )
    raise CellProblem(_("“%(text)s” is not a date: write it as 2027-03-31.") % {"text": text[:40]})


def clock_of(cell: CellValue) -> time:
    text = text_of(cell)
    match = _CLOCK.fullmatch(text)
    if match:
        hour, minute, half = int(match[1]), int(match[2]), (match[3] or "").lower()
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise CellProblem(
        _("“%(text)s” is not a time of day: write it as 14:30.") % {"text": text[:40]}
    )


def _small_number(cell: CellValue) -> Decimal:
    number = number_of(cell)
    assert number is not None  # an empty cell is not read
    if not number.is_finite() or abs(number) >= MAX_NUMBER:
        raise CellProblem(_("This number is too large: check it."))
    rounded = number.quantize(Decimal("0.01"))
    if rounded != number:
        raise CellProblem(_("Write this number with at most two decimals."))
    return rounded


def _whole(cell: CellValue) -> int:
    number = _small_number(cell)
    if number != number.to_integral_value() or not 0 <= number < 32_000:
        raise CellProblem(_("Write a whole number, such as 3."))
    return int(number)


# --- Alike ---
#
# Finds institutions whose names are nearly the same: with other punctuation, with or without a
# legal form or small words, or with one word that is misspelt.

Words = tuple[str, ...]

LEGAL_FORMS = frozenset(
    [
        "ac",
        "asbl",
        "cv",
        "eirl",
        "gmbh",
        "inc",
        "llc",
        "ltd",
        "ltda",
        "ong",
        "osc",
        "rl",
        "sa",
        "sarl",
        "sas",
        "sc",
        "srl",
    ]
)
SMALL_WORDS = frozenset(
    [
        "a",
        "al",
        "and",
        "d",
        "de",
        "del",
        "des",
        "du",
        "e",
        "el",
        "en",
        "et",
        "l",
        "la",
        "las",
        "le",
        "les",
        "los",
        "of",
        "para",
        "por",
        "pour",
        "the",
        "y",
    ]
)
LONG = 5  # letters from which a word may be misspelt: “A” and “B”, or 1 and 2, are not the same
SAME = 85  # of 100, for a word
MOST = 3  # that are proposed

_INITIALS = re.compile(r"(?<=\b\w)\.\s*(?=\w\b)")  # “S. A.” is “SA”
_WORD = re.compile(r"[^\W_]+")


def main_words(name: str) -> Words:
    """Return what stays of a name without punctuation, legal form and small words."""
    words = _WORD.findall(_INITIALS.sub("", plain(name)))
    kept = tuple(word for word in words if word not in SMALL_WORDS | LEGAL_FORMS)
    return kept or tuple(words)


class AlikeNames:
    """The names of institutions, to be found by any that differs in one word at most. They are kept
    by what each has beside one of its words, so that a long register is not compared as a whole."""

    def __init__(self) -> None:
        self._beside: dict[tuple[int, Words], list[tuple[str, Institution]]] = defaultdict(list)

    def add(self, institution: Institution, names: Iterable[str]) -> None:
        for words in set(map(main_words, names)):
            for place, word, others in _apart(words):
                self._beside[place, others].append((word, institution))

    def like(self, names: Iterable[str], country: str) -> list[Institution]:
        from rapidfuzz import fuzz

        found: dict[int, Institution] = {}
        for words in set(map(main_words, names)):
            for place, word, others in _apart(words):
                for other, institution in self._beside.get((place, others), ()):
                    if institution.country != country:
                        continue
                    if word == other or (
                        _may_be_misspelt(word, other) and fuzz.ratio(word, other) >= SAME
                    ):
                        found[institution.pk] = institution
        return list(found.values())[:MOST]


def _apart(words: Words) -> Iterator[tuple[int, str, Words]]:
    for place, word in enumerate(words):
        yield place, word, words[:place] + words[place + 1 :]


def _may_be_misspelt(*words: str) -> bool:
    return all(len(word) >= LONG and word.isalpha() for word in words)
