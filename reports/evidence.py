"""The kinds of things that can be cited in a report: their codes, their names, their places in the
document.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from projects.models import Activity, Indicator, Project

# Codes
#
# The codes by which a text of a report cites its evidence: `[[I 1110.1]]`, or with the writer's
# words `[[D 2020-03|the decision]]`.
#
# The letter is the kind of thing; the letters were chosen so that people remember them in French,
# Spanish and English. This module does not know which thing a code leads to.

# Result, indicator, decision and action begin with the same letter in the three languages. Session
# (séance, sesión), plan, amendment (modification), risk (risque: the letter is taken, K as in risK)
# and activity (tâche, tarea) have the best of the remaining letters.
LETTERS = {
    "R": "result",
    "I": "indicator",
    "T": "activity",
    "A": "action",
    "P": "plan",
    "M": "amendment",
    "K": "risk",
    "D": "resolution",
    "S": "meeting",
}
LETTER_OF = {name: letter for letter, name in LETTERS.items()}

# Every part is bounded, so that a long text which is no code is rejected after a few steps. A bar
# in a cell of a table has a backslash before it.
_LETTER = f"[{''.join(LETTERS)}{''.join(LETTERS).lower()}]"
_CODE = re.compile(
    rf"\[\[[ \t]{{0,3}}({_LETTER})[ \t]{{1,3}}"
    r"([^\[\]|\r\n]{1,60})(?:\|([^\[\]\r\n]{1,300}))?\]\]"
)
_LIKE_A_CODE = re.compile(r"\[\[([^\[\]\r\n]{1,300})\]\]")


@dataclass(frozen=True)
class CitationCode:
    """`name` is the kind of thing, as the fields of `Citation` are called; `key` distinguishes it
    from others of its kind; `words` is the writer's text instead of its name."""

    name: str
    key: str
    words: str = ""

    @property
    def token(self) -> str:
        """The code without the words, which is the same for all citations of one thing by this
        key."""
        return f"{LETTER_OF[self.name]} {self.key}"

    def __str__(self) -> str:
        return f"[[{self.token}|{self.words}]]" if self.words else f"[[{self.token}]]"


def can_be_written(key: str) -> bool:
    """Whether a code can hold the key, since codes of results and indicators may be any text."""
    return codes_in(f"[[R {key}]]") == [CitationCode("result", key)]


def codes_in(text: str) -> list[CitationCode]:
    """Return all codes, in the order of the text."""
    return [_read(found) for found in _CODE.finditer(text)]


def tokens_in(text: str) -> list[str]:
    """Return each token once, in the order of the text."""
    return list(dict.fromkeys(code.token for code in codes_in(text)))


def typed_codes(text: str) -> list[str]:
    """Return all codes and all texts that look like one, each once."""
    return list(dict.fromkeys([*map(str, codes_in(text)), *no_codes_in(text)]))


def no_codes_in(text: str) -> list[str]:
    """Return texts in double brackets that are no codes, as they were typed."""
    return [
        found.group() for found in _LIKE_A_CODE.finditer(text) if not _CODE.fullmatch(found.group())
    ]


def with_citations(text: str, resolve: Callable[[CitationCode], str | None]) -> str:
    """Return the text with the result of `resolve` in place of each code.

    If that is None, the code is removed with everything that would reveal it: the space before it,
    empty brackets, emphasis around it, an item of a list that holds nothing else.
    """
    replacements: list[str] = []

    def mark(found: re.Match[str]) -> str:
        replacement = resolve(_read(found))
        if replacement is None:
            return REMOVED
        replacements.append(replacement)
        return f"{KEPT}{len(replacements) - 1}{KEPT}"

    marked = _CODE.sub(mark, text.replace(REMOVED, "").replace(KEPT, ""))
    if REMOVED in marked:
        marked = "\n".join(filter(_is_left, map(_without_traces, marked.split("\n"))))
    return _PLACE.sub(lambda found: replacements[int(found[1])], marked)


def _read(found: re.Match[str]) -> CitationCode:
    letter, key, words = found.groups()
    key = " ".join(key.rstrip("\\").split())
    return CitationCode(LETTERS[letter.upper()], key, " ".join((words or "").split()))


# Removing

REMOVED, KEPT = "\x00", "\x01"  # no text contains them: the database refuses one, forms the other
_PLACE = re.compile(f"{KEPT}(\\d+){KEPT}")
_LEFT_OUT = "\x02"  # marks a line to remove
_EMPHASIS = re.compile(f"(\\*{{1,3}}|_{{1,3}}|~~|`){REMOVED}\\1")
_BRACKETS = re.compile(f"\\(([^()\r\n]*{REMOVED}[^()\r\n]*)\\)")
_AND = r"(?:[,;]|[ ]+(?:and|or|et|ou|y|e|o|u)(?=[ ]))"
_LED_ON = re.compile(f"{REMOVED}{_AND}[ ]+(?=[{REMOVED}{KEPT}])")
_LED_HERE = re.compile(f"(?<=[{REMOVED}{KEPT}]){_AND}[ ]+{REMOVED}")
_FIRST = re.compile(f"^((?:[ \t>]|[-*+][ ]|\\d{{1,9}}[.)][ ])*){REMOVED}[ \t]*")
_BARE = re.compile(r"^[ \t>]*(?:[-*+]|\d{1,9}[.)]|#{1,6})?[\s.,;:!?…–—-]*$")


def _without_traces(line: str) -> str:
    if REMOVED not in line:
        return line
    line = _EMPHASIS.sub(REMOVED, line)
    line = _LED_ON.sub("", _LED_HERE.sub("", line))
    line = _BRACKETS.sub(_in_brackets, line)
    line = re.sub(f"[ \t]*{REMOVED}", "", _FIRST.sub(r"\1", line))
    return _LEFT_OUT if _BARE.match(line) else line


def _in_brackets(found: re.Match[str]) -> str:
    """Remove the parts that mention only removed codes: “(see [[D 1]]; page 3)” → “(page 3)”."""
    parts = re.split(r"[,;]", found[1])
    kept = [part.strip() for part in parts if REMOVED not in part or KEPT in part]
    return f"({', '.join(kept)})" if kept else REMOVED


def _is_left(line: str) -> bool:
    return line != _LEFT_OUT


# Evidence

MOST = 32_767  # the largest number that the column can be compared with


@dataclass(frozen=True)
class Citable:
    """`among` returns the condition for things that one of the keys may name, `keys` the keys of a
    thing, the short one first, `anchor` its place in a document."""

    among: Callable[[Collection[str]], Q]
    keys: Callable[[Any], tuple[str, ...]]
    label: Callable[[Any], str]
    anchor: Callable[[Any], str]


def _by(column: str) -> Callable[[Collection[str]], Q]:
    return lambda keys: Q(**{f"{column}__in": keys})


def _by_number(column: str = "number") -> Callable[[Collection[str]], Q]:
    return lambda keys: Q(**{f"{column}__in": _numbers(keys)})


def _numbers(keys: Collection[str]) -> list[int]:
    return [int(key) for key in keys if _is_number(key) and int(key) <= MOST]


def _is_number(key: str) -> bool:
    return key.isascii() and key.isdecimal() and len(key) < 10


def _indicators(keys: Collection[str]) -> Q:
    """By its code, or “1100/1100.1” if several results have an indicator of that code."""
    ends = [key.rpartition("/")[2] for key in keys]
    return Q(code__in=[*keys, *ends])


def _activities(keys: Collection[str]) -> Q:
    """By its code, or by its number in the portal, “#12”, if it has none."""
    numbers = [key[1:] for key in keys if key.startswith("#")]
    return Q(code__in=[*keys]) | Q(pk__in=[int(one) for one in numbers if _is_number(one)])


def _keys_of_activity(activity: Activity) -> tuple[str, ...]:
    return (activity.code, f"#{activity.pk}") if activity.code else (f"#{activity.pk}",)


def _plans(keys: Collection[str]) -> Q:
    """By its year and its version, “2.1”."""
    return Q(period__number__in=_numbers([key.partition(".")[0] for key in keys]))


def _label_of_activity(activity: Activity) -> str:
    if not activity.code:
        return str(activity.title)
    return _("Activity %(code)s") % {"code": activity.code}


CITABLE = {
    "result": Citable(
        _by("code"),
        lambda one: (one.code,),
        lambda one: _("Result %(code)s") % {"code": one.code},
        lambda one: f"result-{one.code}",
    ),
    "indicator": Citable(
        _indicators,
        lambda one: (one.code, f"{one.result.code}/{one.code}"),
        lambda one: _("Indicator %(code)s") % {"code": one.code},
        lambda one: f"indicator-{one.result.code}-{one.code}",
    ),
    "activity": Citable(
        _activities, _keys_of_activity, _label_of_activity, lambda one: f"activity-{one.pk}"
    ),
    "action": Citable(
        _by("reference"),
        lambda one: (one.reference,),
        str,
        lambda one: f"action-{one.reference}",
    ),
    "plan": Citable(
        _plans,
        lambda one: (f"{one.period.number}.{one.version}",),
        str,
        lambda one: f"plan-{one.pk}",
    ),
    "amendment": Citable(
        _by_number(),
        lambda one: (str(one.number),),
        str,
        lambda one: f"amendment-{one.number}",
    ),
    "risk": Citable(
        _by_number(), lambda one: (str(one.number),), str, lambda one: f"risk-{one.number}"
    ),
    "resolution": Citable(
        _by("number"), lambda one: (one.number,), str, lambda one: f"resolution-{one.number}"
    ),
    "meeting": Citable(
        _by_number(), lambda one: (str(one.number),), str, lambda one: f"meeting-{one.number}"
    ),
}


def name_of(thing: models.Model) -> str:
    """Return the kind of a thing, as the fields of `Citation` are called."""
    name = str(thing._meta.model_name)
    return "plan" if name == "actionplan" else name


def citation_label(thing: models.Model) -> str:
    """Return the name by which a sentence cites a thing, in the active language: “Indicator
    1110.1”."""
    return CITABLE[name_of(thing)].label(thing)


def anchor_of(thing: models.Model) -> str:
    return CITABLE[name_of(thing)].anchor(thing)


def shared_codes(project: Project) -> set[str]:
    """Return the codes that indicators of several results have, which alone name none of them."""
    indicators = Indicator.objects.filter(result__project=project).order_by()
    counted = indicators.values("code").annotate(times=Count("pk")).filter(times__gt=1)
    return set(counted.values_list("code", flat=True))


def code_for(thing: models.Model, shared: Collection[str] = ()) -> CitationCode:
    """Return the shortest code that names this thing of its project today."""
    name = name_of(thing)
    keys = CITABLE[name].keys(thing)
    if name == "indicator" and keys[0] in shared:
        keys = keys[1:]
    return CitationCode(name, keys[0])


def leads_to(thing: models.Model, code: CitationCode, shared: Collection[str] = ()) -> bool:
    """Whether the code leads to this thing today."""
    keys = CITABLE[name_of(thing)].keys(thing)
    return code.key in keys and not (code.name == "indicator" and code.key in shared)
