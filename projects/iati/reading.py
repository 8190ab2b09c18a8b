"""Reads texts, days and numbers in elements of an IATI file, and notes what is left out."""

import html
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import nh3
from django.utils.translation import gettext as _
from lxml import etree

from kernel.languages import LANGUAGES, first_language, organisation_languages
from kernel.text import clean_text
from projects.iati.document import IatiAmount, IatiOrganisation, Texts

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
YEARS = range(1900, 2201)
HUNDREDTH = Decimal("0.01")
MOST_LINES = 20

_MARKUP = re.compile(r"</?[A-Za-z!][^<>]*>")
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")

Element = etree._Element


@dataclass
class ReadingNote:
    """One kind of content that was not taken, with its lines.

    `is_changed`: it was taken, but changed. `sums`: what amounts that were not taken come to, by
    currency, as text, since the note is kept as JSON.
    """

    element: str
    why: str
    lines: list[int] = field(default_factory=list)
    count: int = 0
    is_changed: bool = False
    sums: dict[str, str] = field(default_factory=dict)

    def add(self, amount: IatiAmount | None = None) -> None:
        """Counts one more, with its line and its amount where it has them."""
        self.count += 1
        if amount is None:
            return
        if amount.line and len(self.lines) < MOST_LINES:
            self.lines.append(amount.line)
        before = Decimal(self.sums.get(amount.currency, "0"))
        self.sums[amount.currency] = str(before + amount.amount)


class ReadingNotes:
    """Collects notes; those with the same element and reason become one, with all its lines."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], ReadingNote] = {}

    def leave(
        self, element: Element, why: str, *, name: str = "", is_changed: bool = False
    ) -> None:
        path = name or path_of(element)
        known = self._found.setdefault(
            (path, why), ReadingNote(element=path, why=why, is_changed=is_changed)
        )
        known.count += 1
        if element.sourceline and len(known.lines) < MOST_LINES:
            known.lines.append(element.sourceline)

    def change(self, element: Element, why: str, *, name: str = "") -> None:
        """Notes that the content was taken, but changed."""
        self.leave(element, why, name=name, is_changed=True)

    def __iter__(self) -> Iterator[ReadingNote]:
        return iter(sorted(self._found.values(), key=lambda each: each.lines[:1] or [0]))


def path_of(element: Element) -> str:
    """Returns the path of an element below the activity, such as result/indicator/period."""
    names = [_name_of(element)]
    for parent in element.iterancestors():
        if parent.tag in ("iati-activity", "iati-activities"):
            break
        names.append(_name_of(parent))
    return "/".join(reversed(names))[:200]


def _name_of(element: Element) -> str:
    """Returns the tag without its namespace: {…}note of another standard is called note."""
    return clean_text(etree.QName(element).localname)[:60]


def note_unread_children(notes: ReadingNotes, element: Element, known: Collection[str]) -> None:
    """Notes the children whose tags are not in `known`."""
    for child in element:
        name = etree.QName(child)
        if name.namespace:
            notes.leave(child, _("A private extension of the standard."))
        elif name.localname not in known:
            notes.leave(child, reason_not_read(name.localname))


def reason_not_read(tag: str) -> str:
    """Returns why an element of the standard is not taken, in the reader's language."""
    reasons = {
        "location": _(
            "Places more precise than a country are not imported: they can endanger people."
        ),
        "recipient-region": _("The portal keeps countries, not regions."),
        "document-link": _("Documents of others are not imported; enter those you need."),
        "related-activity": _("Activities are not linked to each other."),
        "conditions": _("Conditions are in the agreement."),
        "description": _("Only the statement is kept."),
        "reference": _("References to other frameworks are not kept."),
    }
    return reasons.get(tag, _("The portal has no place for it."))


class ElementReader:
    """Reads the parts of elements of one activity. `language`: its default language."""

    def __init__(self, language: str, notes: ReadingNotes) -> None:
        self.language, self.notes = language, notes

    # Texts

    def texts(self, element: Element | None, limit: int) -> Texts:
        """Returns the narratives in the portal's languages, each cut to `limit` characters.

        If there are only others, the first of them is kept as if it were in the first working language, so that it gets
        translated.
        """
        if element is None:
            return {}
        texts: Texts = {}
        others: list[tuple[Element, str, str]] = []
        for narrative in element.iterfind("narrative"):
            language = (narrative.get(LANG) or self.language).lower()[:2]
            text = self.text(narrative, limit)
            if not text:
                continue
            if language not in LANGUAGES:
                others.append((narrative, language, text))
            elif language in texts:
                self.notes.leave(narrative, _("The same language a second time."))
            else:
                texts[language] = text
        if others and not texts:
            narrative, language, text = others.pop(0)
            texts[own := first_language()] = text
            self.notes.change(
                narrative,
                _(
                    "Written in “%(language)s”; it is used as the text in %(own)s until it "
                    "is translated."
                )
                % {"language": language, "own": LANGUAGES[own]},
            )
        for narrative, _language, _text in others:
            self.notes.leave(narrative, _("The portal has texts in French, Spanish and English."))
        return texts

    def text(self, element: Element, limit: int) -> str:
        """Returns the words of an element without markup, cut to `limit` characters."""
        text = "".join(element.itertext())
        if len(element) or _MARKUP.search(text):
            text = html.unescape(nh3.clean(text, tags=set()))
            self.notes.change(element, _("Markup was removed; the words are kept."))
        text = clean_text(text).strip()
        if len(text) > limit:
            self.notes.change(element, _("Cut to %(limit)d characters.") % {"limit": limit})
            text = text[:limit].rstrip()
        return text

    def attribute(self, element: Element, name: str, limit: int = 200) -> str:
        text = clean_text(element.get(name, "")).strip()
        if len(text) > limit:
            self.notes.change(element, _("Cut to %(limit)d characters.") % {"limit": limit})
        return text[:limit].rstrip()

    def organisation(self, element: Element) -> IatiOrganisation:
        return IatiOrganisation(
            names=self.texts(element, 200),
            ref=self.attribute(element, "ref", 80),
            kind=self.attribute(element, "type", 3),
        )

    # Days and numbers

    def day(self, element: Element | None, name: str = "iso-date") -> date | None:
        if element is None:
            return None
        try:
            day = date.fromisoformat(element.get(name, "").strip()[:10])
        except ValueError:
            day = None
        if day is None or day.year not in YEARS:
            self.notes.leave(element, _("This is not a day, or it is of another age."))
            return None
        return day

    def number(self, element: Element, text: str, *, digits: int = 14) -> Decimal | None:
        """Returns a decimal number, rounded to two decimals; None, with a note, where it is none."""
        text = text.strip()
        try:
            value = Decimal(text) if _NUMBER.fullmatch(text) else None
        except InvalidOperation:
            value = None
        if value is None or abs(value) >= Decimal(10) ** digits:
            self.notes.leave(
                element, _("“%(text)s” is not a number that can be kept.") % {"text": text[:30]}
            )
            return None
        kept = value.quantize(HUNDREDTH, ROUND_HALF_UP)
        if kept != value:
            self.notes.change(element, _("Rounded to two decimals."))
        return kept.to_integral() if kept == kept.to_integral() else kept.normalize()

    def share(self, element: Element) -> Decimal | None:
        text = element.get("percentage", "").strip()
        value = self.number(element, text) if text else None
        if value is not None and not 0 < value <= 100:
            self.notes.leave(element, _("A percentage is above 0 and at most 100."))
            return None
        return value


def default_language(activity: Element) -> str:
    """Returns the language of an activity's texts that do not name their own."""
    return (activity.get(LANG) or "").lower()[:2] or organisation_languages()[0]
