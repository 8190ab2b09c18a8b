"""How figures of indicators and days of activities are written."""

from collections.abc import Mapping
from decimal import Decimal

from django import template
from django.utils.translation import gettext as _, ngettext

from kernel import formats
from projects.activities.participants import Headcount
from projects.framework.figures import Variance
from projects.framework.suppression import FEWEST_DISCLOSED
from projects.models import Activity, DataPoint, Indicator, ParticipantGroup
from projects.money.budget_figures import cents

register = template.Library()

PERCENTAGE = Indicator.Measure.PERCENTAGE


@register.filter
def figure(value: Decimal | None, indicator: Indicator) -> str:
    """A value in the indicator's measure: 1 250 or 42,5 %; a dash where it is missing."""
    if value is not None and indicator.measure == PERCENTAGE:
        digits = 0 if round(value, 1) == round(value) else 1
        return formats.percent(value / 100, digits)
    return formats.number(value)


@register.filter
def of_hundred(percentage: Decimal) -> str:
    """20 % · 12,5 %, of a number from 0 to 100."""
    _whole, _point, decimals = format(percentage.normalize(), "f").partition(".")
    return formats.percent(percentage / 100, len(decimals))


@register.filter
def parts(point: DataPoint) -> str:
    """12 of 40, behind a percentage that came with its parts."""
    if point.numerator is None or point.denominator is None:
        return ""
    return _("%(part)s of %(whole)s") % {
        "part": formats.number(point.numerator),
        "whole": formats.number(point.denominator),
    }


@register.filter
def deviation(variance: Variance | None, indicator: Indicator) -> str:
    """−4, or −15 points between percentages."""
    if variance is None:
        return formats.MISSING
    absolute = variance.absolute
    written = _signed(formats.number(round(absolute, 1)), absolute)
    if indicator.measure == PERCENTAGE:
        written = ngettext("%(number)s point", "%(number)s points", abs(round(absolute))) % {
            "number": written
        }
    return written


@register.filter
def deviation_share(variance: Variance | None) -> str:
    """−40 %, of the target."""
    if variance is None or variance.share is None:
        return formats.MISSING
    return _signed(formats.percent(variance.share), variance.share)


def _signed(written: str, number: Decimal) -> str:
    return f"+{written}" if number > 0 else written


@register.filter
def happens(activity: Activity) -> str:
    """When it was, or when it is planned; the words for it where the days are not known."""
    if activity.actual_start or activity.actual_end:
        start, end = activity.actual_start, activity.actual_end
        if activity.state == Activity.State.DONE:
            start, end = start or end, end or start
        return formats.day_range(start, end)
    if activity.date_note:
        return activity.date_note
    if activity.planned_start or activity.planned_end:
        days = formats.day_range(activity.planned_start, activity.planned_end)
        return _("planned: %(days)s") % {"days": days}
    return formats.MISSING


@register.filter
def heads(count: Headcount) -> str:
    """How many took part: 35, < 5 where the number is too small to be told, a dash where it is
    not known."""
    return f"< {FEWEST_DISCLOSED}" if count.total_is_small else formats.number(count.total)


@register.filter
def count_of(group: ParticipantGroup, sex: str) -> str:
    """The participants of one sex in a group."""
    return formats.number(getattr(group, sex))


@register.filter
def of_key(texts: Mapping[str, str], key: str) -> str:
    """`{{ sexes|of_key:sex }}`"""
    return str(texts[key])


@register.filter
def amount(value: Decimal | None, currency: str) -> str:
    """31 700 CAD: an exact sum, rounded to cents now that it is told."""
    return formats.money(cents(value), currency)


@register.filter
def in_cents(value: Decimal | None) -> str:
    """31 700,00: the same in a column whose head says the currency."""
    return formats.number(cents(value), 2)


@register.filter
def signed(value: Decimal | None) -> str:
    """+1 250,00: a variance in such a column."""
    return formats.MISSING if value is None else _signed(in_cents(value), value)


@register.filter
def signed_share(share: Decimal | None) -> str:
    """−12 %, of the budget."""
    return formats.MISSING if share is None else _signed(formats.percent(share), share)
