"""The sentences of minutes: members comment on one of them, or propose how it should read."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from committees.models import Minutes, MinutesRemark
from kernel.refusal import Refusal

# After these, a full stop ends no sentence.
SHORTENED = frozenset(
    [
        "art",
        "arts",
        "no",
        "nos",
        "núm",
        "num",
        "nro",
        "sr",
        "sra",
        "sres",
        "dr",
        "dra",
        "lic",
        "licda",
        "ing",
        "abg",
        "prof",
        "m",
        "mm",
        "mme",
        "mlle",
        "mr",
        "mrs",
        "ms",
        "st",
        "p",
        "pp",
        "pág",
        "cf",
        "ej",
        "etc",
        "vs",
        "inc",
        "ltd",
        "av",
        "col",
        "lps",
        "hon",
        "gral",
        "cnel",
    ]
)
MOST_SHOWN = 200  # of a part: minutes have far fewer
# A full stop or its like, with what closes a quotation, before a space and something new.
END = re.compile(r"[.!?…]+[»”\")\]]*(?=\s+[«“\"(\[¿¡—–]?\s?[A-ZÀ-ÖØ-Þ0-9])")
WORD_BEFORE = re.compile(r"(\w+)[.]$")
# What Markdown puts before the words of a line.
MARKER = re.compile(r"^\s*(?:#{1,6}\s+|[-*+]\s+|\d+[.)]\s+|>\s*)?")


class Sentence(NamedTuple):
    key: str
    text: str


class MinutesPart(NamedTuple):
    """The opening, the closing or the notes of an item, as they circulate in the language that is
    authoritative. `item` is the key of the agenda item, if it is one."""

    name: str  # "opening", "closing" or "item-12"
    title: str
    language: str
    item: int | None
    sentences: list[Sentence]

    def sentence(self, key: str) -> Sentence | None:
        return next((one for one in self.sentences if one.key == key), None)


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text, each exactly as it is there, without the marks of lists."""
    found = []
    for line in text.splitlines():
        words = line[MARKER.match(line).end() :].rstrip()  # type: ignore[union-attr]  # always matches
        found += [one for one in _split(words) if any(sign.isalnum() for sign in one)]
    return found


def _split(line: str) -> Iterator[str]:
    start = 0
    for end in END.finditer(line):
        so_far = line[start : end.end()]
        word = WORD_BEFORE.search(so_far)
        if word and (word[1].lower() in SHORTENED or (len(word[1]) == 1 and word[1].isalpha())):
            continue
        yield so_far.strip()
        start = end.end()
    yield line[start:].strip()


def key_of(sentence: str) -> str:
    return hashlib.sha256(sentence.encode()).hexdigest()[:12]


def parts_of(minutes: Minutes, text: dict[str, Any]) -> dict[str, MinutesPart]:
    """Return the parts of the circulated text with their sentences, by name. `text` is the
    authoritative one as its reader may read it (`for_reader`)."""
    parts = []
    for name, title in (("opening", _("Opening")), ("closing", _("Closing"))):
        if words := text[name]:
            parts.append(_part(name, title, words, None, minutes))
    numbers = minutes.items_by_number
    for item in text["items"]:
        if item["notes"] and (pk := numbers.get(item["number"])):
            parts.append(_part(f"item-{pk}", item["title"]["text"], item["notes"], pk, minutes))
    return {part.name: part for part in parts}


def _part(
    name: str, title: str, words: dict[str, str], item: int | None, minutes: Minutes
) -> MinutesPart:
    sentences = dict.fromkeys(sentences_of(words["text"]))
    shown = [Sentence(key_of(one), one) for one in sentences][:MOST_SHOWN]
    return MinutesPart(name, title, words["lang"] or minutes.language, item, shown)


def put_suggestion(remark: MinutesRemark, minutes: Minutes, *, by: Any) -> None:
    """Write the suggestion in the place of its sentence. The caller has locked the minutes, which are
    `minutes`.

    Raises Refusal if the sentence reads differently by now, or is there twice.
    """
    if not minutes.may_be_written:
        raise Refusal(
            _("The minutes are “%(status)s”: return them to draft before you change the text.")
            % {"status": minutes.get_status_display()}
        )
    item = remark.agenda_item
    before = item.notes if item else getattr(minutes, remark.part)
    if before.count(remark.sentence) != 1:
        raise Refusal(
            _(
                "This sentence reads differently by now, or is there twice. Change the words by "
                "hand, or decline the suggestion and say why."
            )
        )
    after = before.replace(remark.sentence, remark.suggestion)
    if item:
        item.save_notes(after, language=item.notes_language, version=item.notes_version, by=by)
        return
    setattr(minutes, remark.part, after)
    Minutes.objects.filter(pk=minutes.pk).update(**{remark.part: after})


# Comments that are taken back


def sent_before(remark: MinutesRemark) -> MinutesRemark | None:
    """Return what the same form recorded before. Raises Refusal if that was withdrawn since."""
    if not remark.entry_key:
        return None
    known = MinutesRemark._base_manager.filter(entry_key=remark.entry_key).first()
    if known and known.withdrawn_at:
        raise Refusal(_("This was withdrawn. Open the page again if you want to send it."))
    return known


def why_settled(remark: MinutesRemark) -> str:
    """Return the sentence for somebody who answers a comment that is no longer open."""
    if MinutesRemark._base_manager.filter(pk=remark.pk, withdrawn_at__isnull=False).exists():
        return _("The seat has withdrawn this comment: there is nothing to answer.")
    return _("Somebody has already answered this comment. Reload the page to see the answer.")


@transaction.atomic
def withdraw_remark(remark: MinutesRemark) -> None:
    """Take back a comment of one's own seat. Raises Refusal once it was answered."""
    open_still = MinutesRemark._base_manager.filter(pk=remark.pk, settled_at=None)
    if not open_still.update(withdrawn_at=timezone.now()):
        raise Refusal(_("The coordination has answered it already: write another comment instead."))
