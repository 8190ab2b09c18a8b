"""Filters that format figures of indicators, days of activities and amounts."""

from decimal import Decimal

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _, ngettext

from kernel import formats
from kernel.languages import LANGUAGES
from kernel.text import Multilingual, active_language, which_language
from projects.activities.participants import Headcount
from projects.framework.disclosure import FEWEST_DISCLOSED
from projects.framework.figures import Variance
from projects.held_texts import address_of_held
from projects.models import Activity, DataPoint, Indicator, ParticipantGroup
from projects.money.budget_figures import amount, in_cents
from projects.translations import served

register = template.Library()

register.filter(amount)
register.filter(in_cents)

MUTED = '<span class="muted">{}</span>'
PERCENTAGE = Indicator.Measure.PERCENTAGE


@register.filter
def figure(value: Decimal | None, indicator: Indicator) -> str:
    """Format a value in the indicator's measure: 1 250 or 42,5 %; a dash if it is missing."""
    if value is not None and indicator.measure == PERCENTAGE:
        digits = 0 if round(value, 1) == round(value) else 1
        return formats.percent(value / 100, digits)
    return formats.number(value)


@register.simple_tag
def figure_or(value: Decimal | None, indicator: Indicator, why: str, withheld: bool = False) -> str:
    """`{% figure_or now.target indicator _("No target") %}` writes a figure or why there is none."""
    if withheld:
        return render_to_string("projects/withheld.html")
    if value is None or value == "":  # as templates read what is not there
        return format_html(MUTED, why)
    return figure(value, indicator)


@register.simple_tag
def comment_or(point: DataPoint | None, most: int, missing: str) -> str:
    """Write the beginning of what is said instead of a figure, or why nothing is."""
    return Truncator(point.comment).chars(most) if point else format_html(MUTED, missing)


@register.filter
def amount_of(text: str, currency: str) -> str:
    """Format an amount that was kept as text: 31 700 CAD."""
    return formats.money(Decimal(text), currency)


@register.filter
def of_hundred(percentage: Decimal) -> str:
    """Format a number from 0 to 100 as a percentage: 20 % · 12,5 %."""
    _whole, _point, decimals = format(percentage.normalize(), "f").partition(".")
    return formats.percent(percentage / 100, len(decimals))


@register.filter
def parts(point: DataPoint) -> str:
    """Format the parts of a percentage, if it has any: 12 of 40."""
    if point.numerator is None or point.denominator is None:
        return ""
    part, whole = formats.number(point.numerator), formats.number(point.denominator)
    return _("%(part)s of %(whole)s") % {"part": part, "whole": whole}


@register.filter
def deviation(variance: Variance | None, indicator: Indicator) -> str:
    """Format a variance: −4, or −15 points between percentages."""
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
    """Format a variance as a share of the target: −40 %."""
    if variance is None or variance.share is None:
        return formats.MISSING
    return _signed(formats.percent(variance.share), variance.share)


def _signed(written: str, number: Decimal) -> str:
    return f"+{written}" if number > 0 else written


@register.filter
def happens(activity: Activity) -> str:
    """Format the actual or planned days of an activity, or its date in words."""
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
    """Format how many took part: 35, “< 5” for a small count, a dash if unknown."""
    return f"< {FEWEST_DISCLOSED}" if count.total_is_small else formats.number(count.total)


@register.filter
def count_of(group: ParticipantGroup, sex: str) -> str:
    """Format the number of participants of one sex in a group."""
    return formats.number(getattr(group, sex))


@register.filter
def signed(value: Decimal | None) -> str:
    """Format a variance for such a column, with its sign: +1 250,00."""
    return formats.MISSING if value is None else _signed(in_cents(value), value)


@register.filter
def signed_share(share: Decimal | None) -> str:
    """Format a variance as a share of the budget, with its sign: −12 %."""
    return formats.MISSING if share is None else _signed(formats.percent(share), share)


@register.inclusion_tag("projects/said.html")
def said(text: str, language: str = "") -> dict[str, object]:
    """`{% said remark.text %}` shows a text that somebody typed: in the reader's language where a
    translation of it was confirmed, with its original one step away, or else as it was written.
    `language`: in which it was written, if that was noted."""
    read = served(text, language)
    name = LANGUAGES.get(read.original_language, "")
    return {
        "read": read,
        "lang": "" if read.language == active_language() else read.language,
        "original_name": name,
        "held": address_of_held(text),
    }


@register.inclusion_tag("projects/translated_mark.html")
def translated_mark(thing: Multilingual, name: str) -> dict[str, object]:
    """`{% translated_mark resolution "text" %}` says below a name or text, if the reader is shown a
    translation, from which language it is, and holds the original."""
    language = which_language(thing, name)
    origin = thing.origin_of(name)
    is_made = thing.translation_sources.get(name, {}).get(language)
    if origin in (None, language) or not is_made:
        return {}
    return {
        "original": getattr(thing, f"{name}_{origin}"),
        "original_language": origin,
        "original_name": LANGUAGES[str(origin)],
        "is_stale": (name, language) in thing.stale_translations,
    }
