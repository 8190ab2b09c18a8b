"""The kinds of things that can be cited in a report: their codes, their names, their places in the
document."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from projects.models import Activity, Indicator, Project
from reports.codes import CitationCode

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
