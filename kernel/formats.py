"""Numbers, dates and lists as the reader's language writes them: fr-CA, es-HN, en-CA.

The language is Django's active one, so that pages, mails and PDFs need not pass it. A missing
value is written as a dash, never as zero.
"""

import datetime
import math
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_decimal
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from kernel.text import active_language

LOCALES = {
    "fr": Locale.parse("fr_CA"),
    "es": Locale.parse("es_HN"),
    "en": Locale.parse("en_CA"),
}
MISSING = "–"
MINUS = "\u2212"
NO_BREAK = "\u00a0"
NARROW_NO_BREAK = "\u202f"

# CLDR's patterns differ from what people write: es_HN, for instance, pads the day with a zero.
_LONG_DAYS = {"fr": "d MMMM y", "es": "d 'de' MMMM 'de' y", "en": "MMMM d, y"}
# Spanish shortens with a point; CLDR leaves it out.
_SHORT_DAYS = {"fr": "d MMM y", "es": "d MMM'.' y", "en": "MMM d, y"}
_WEEKDAYS = {"fr": "EEEE ", "es": "EEEE ", "en": "EEEE, "}
_FULL_DAYS = {language: _WEEKDAYS[language] + form for language, form in _LONG_DAYS.items()}
_TIMES = {"fr": "H 'h' mm", "es": "h:mm a", "en": "h:mm a"}
# The first day of a range leaves out the year if both share it, and the month if they share that.
_DAY_WITHOUT_YEAR = {"fr": "d MMMM", "es": "d 'de' MMMM", "en": "MMMM d"}
_DAY_WITHOUT_MONTH = {"fr": "d", "es": "d", "en": "MMMM d"}
_LAST_DAY_WITHOUT_MONTH = {"fr": "d MMMM y", "es": "d 'de' MMMM 'de' y", "en": "d, y"}

# “Juan e Inés”, but “agua y hierba”: before this sound Spanish turns “y” into “e”.
_SOUNDS_LIKE_I = re.compile(r"h?[ií](?![aeou])", re.IGNORECASE)

HUGE = 10**20

# Besides spaces, the signs by which pages in a language separate thousands.
_GROUPS = {"fr": "", "es": ",", "en": ","}

Number = Decimal | float | int


def locale() -> Locale:
    return LOCALES[active_language()]


# Numbers


def number(value: Number | None, digits: int | None = None) -> str:
    """1 234,5 · 1,234.5: with `digits` decimals, or by default with those it has (at most six)."""
    if value is None or not math.isfinite(value):
        return MISSING
    if abs(_decimal(value)) >= HUGE:
        return _with_exponent(_decimal(value))
    return _number_in(active_language(), _decimal(value), digits)


@lru_cache(maxsize=2000)
def _number_in(language: str, value: Decimal, digits: int | None) -> str:
    """Cached, since documents repeat their numbers and Babel takes 30 µs for each."""
    decimals = "." + "#" * 6 if digits is None else "." + "0" * digits if digits else ""
    written = format_decimal(value, format=f"#,##0{decimals}", locale=LOCALES[language])
    if language == "fr":
        # CLDR separates thousands by a full no-break space; typographers use a narrow one.
        written = written.replace(NO_BREAK, NARROW_NO_BREAK)
    # A negative number that rounds to zero loses its sign.
    return written.replace("-", MINUS if re.search("[1-9]", written) else "")


def _with_exponent(value: Decimal) -> str:
    """1,2E25: nobody counts so far, but a typing error should not break the page it is on."""
    written = f"{value:.1E}".replace("E+", "E").replace("-", MINUS)
    return written.replace(".", ",") if active_language() == "fr" else written


def percent(share: Number | None, digits: int = 0) -> str:
    """31 % · 31%, of a share between 0 and 1."""
    if share is None:
        return MISSING
    written = number(_decimal(share) * 100, digits)
    return f"{written}{NO_BREAK}%" if active_language() == "fr" else f"{written}%"


def money(amount: Number | None, currency: str) -> str:
    """31 700 CAD · 31,700 CAD: with the code of the currency, and with cents only if there are
    some."""
    if amount is None:
        return MISSING
    whole = number(amount, 2).endswith(("00", MISSING))
    return f"{number(amount, 0 if whole else 2)}{NO_BREAK}{currency}"


def file_size(size: int | None) -> str:
    """1,2 Mo · 1.2 MB, of a size in bytes."""
    if size is None:
        return MISSING
    names = ("o", "ko", "Mo", "Go") if active_language() == "fr" else ("B", "kB", "MB", "GB")
    value, unit = float(size), 0
    while value >= 999.5 and unit < len(names) - 1:
        value, unit = value / 1000, unit + 1
    digits = 1 if unit > 1 and value < 99.95 else 0
    return f"{number(value, digits)}{NO_BREAK}{names[unit]}"


def ordinal(n: int, gender: str = "m") -> str:
    """2e · 2.º · 2nd, of a masculine noun, or of a feminine one with gender="f"."""
    language = active_language()
    if language == "fr":
        return f"{n}e" if n != 1 else "1re" if gender == "f" else "1er"
    if language == "es":
        return f"{n}.ª" if gender == "f" else f"{n}.º"
    if n % 100 in (11, 12, 13):
        return f"{n}th"
    return f"{n}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th') }"


# Dates


def day(date: datetime.date | None) -> str:
    """3 septembre 2020 · 3 de septiembre de 2020 · September 3, 2020."""
    return _day(date, _LONG_DAYS)


def day_short(date: datetime.date | None) -> str:
    """3 sept. 2020 · 3 sept. 2020 · Sep 3, 2020: for charts, documents and dense tables."""
    return _day(date, _SHORT_DAYS)


def full_day(date: datetime.date | None) -> str:
    """jeudi 3 septembre 2020 · jueves 3 de septiembre de 2020 · Thursday, September 3, 2020."""
    return _day(date, _FULL_DAYS)


def day_in_table(date: datetime.date | None) -> str:
    """The short form, on one line."""
    return day_short(date).replace(" ", NO_BREAK)


def range_in_table(start: datetime.date | None, end: datetime.date | None) -> str:
    """3 sept. 2020 – 5 oct. 2020, each day on one line; an open end stays open."""
    if start is None or end is None:
        return _open_range(start, end, day_in_table)
    start, end = _as_date(start), _as_date(end)
    if start == end:
        return day_in_table(start)
    return f"{day_in_table(start)} – {day_in_table(end)}"


def day_range(start: datetime.date | None, end: datetime.date | None) -> str:
    """3–5 septembre 2020 · 3 septembre – 5 octobre 2020; an open end stays open."""
    if start is None or end is None:
        return _open_range(start, end)
    start, end = _as_date(start), _as_date(end)
    if start == end:
        return day(start)
    if (start.year, start.month) == (end.year, end.month):
        return f"{_day(start, _DAY_WITHOUT_MONTH)}–{_day(end, _LAST_DAY_WITHOUT_MONTH)}"
    first = _DAY_WITHOUT_YEAR if start.year == end.year else _LONG_DAYS
    return f"{_day(start, first)} – {day(end)}"


def clock(when: datetime.datetime | datetime.time | None, tz: datetime.tzinfo | None = None) -> str:
    """9 h 00 · 9:00 a. m. · 9:00 a.m., in the time zone `tz` (or else the active one)."""
    if when is None:
        return MISSING
    if isinstance(when, datetime.datetime) and timezone.is_aware(when):
        when = timezone.localtime(when, tz)
    written = format_time(when, _TIMES[active_language()], locale=locale())
    return written.replace(" ", NO_BREAK)


def clock_spans(
    spans: Iterable[tuple[datetime.datetime | None, datetime.datetime | None]],
    tz: datetime.tzinfo | None = None,
) -> str:
    """9:00 a.m. – 9:40 a.m., 10:00 a.m. – ; empty where no time is known."""
    return ", ".join(
        " – ".join(clock(when, tz) if when else "" for when in span).strip(" ")
        for span in spans
        if any(span)
    )


def moment(when: datetime.datetime | None, tz: datetime.tzinfo | None = None) -> str:
    """jeudi 3 septembre 2020, 9 h 00, in the time zone `tz` (or else the active one)."""
    if when is None:
        return MISSING
    if timezone.is_aware(when):
        when = timezone.localtime(when, tz)
    return f"{full_day(when.date())}, {clock(when.time())}"


def moment_in_table(when: datetime.datetime | None) -> str:
    """28 nov. 2026, 9 h 00, in the active time zone; the day on one line."""
    if when is None:
        return MISSING
    when = timezone.localtime(when)
    return f"{day_in_table(when.date())}, {clock(when.time())}"


def city_of(zone: str) -> str:
    """Tegucigalpa, of America/Tegucigalpa: so pages name a time zone, in the reader's language."""
    return localised_city(zone) or zone.rsplit("/", 1)[-1].replace("_", " ")


def localised_city(zone: str) -> str:  # as CLDR names it, where it differs from the zone's name
    return str(LOCALES[active_language()].time_zones.get(zone, {}).get("city", ""))


def _day(date: datetime.date | None, patterns: dict[str, str]) -> str:
    if date is None:
        return MISSING
    language = active_language()
    return _day_in(language, _as_date(date), patterns[language])


@lru_cache(maxsize=2000)
def _day_in(language: str, date: datetime.date, pattern: str) -> str:
    """Cached, since the rows of a page repeat their days and Babel takes 20 µs for each."""
    written = format_date(date, pattern, locale=LOCALES[language])
    if language == "fr":
        written = re.sub(r"\b1(?=$| [^\W\d])", "1er", written)
    return written


def _open_range(
    start: datetime.date | None,
    end: datetime.date | None,
    written: Callable[[datetime.date], str] = day,
) -> str:
    if start:
        return gettext("from %(day)s") % {"day": written(start)}
    return gettext("until %(day)s") % {"day": written(end)} if end else MISSING


def _as_date(date: datetime.date) -> datetime.date:
    """Return the date, or of a moment the day where the reader is."""
    if isinstance(date, datetime.datetime):
        return (timezone.localtime(date) if timezone.is_aware(date) else date).date()
    return date


# Lists


def join_list(items: Iterable[object]) -> str:
    """a, b et c · a, b y c · a, b and c."""
    words = [str(item) for item in items]
    written = format_list(words, locale=locale())
    if active_language() == "es" and len(words) > 1 and _SOUNDS_LIKE_I.match(words[-1]):
        written = f"{written.removesuffix(f'y {words[-1]}')}e {words[-1]}"
    return written


# Numbers as they are typed


def parse_number(text: str, *, groups: str = "") -> Decimal:
    """Read a number typed in any of the three notations.

    Raises ValidationError for text that is no number, and for “1,234”, which could mean two, unless
    `groups` says which signs separate thousands there.
    """
    compact = re.sub(r"(?<=\d)[ \u00a0\u2009\u202f](?=\d{3}(?!\d))", "_", text.strip())
    compact = re.sub(r"^[-\u2212\u2013] ?", "-", compact).removeprefix("+")
    if len(text) > 40 or not re.fullmatch(r"-?[0-9_.,]*", compact):
        raise _no_number(text)
    if found := re.fullmatch(r"-?[1-9][0-9]{0,2}([.,])[0-9]{3}", compact):
        if found[1] not in groups:
            raise _two_readings(compact)
        return Decimal(compact.replace(found[1], ""))
    for group, point in ("_,", "_.", ",.", ".,"):
        group, point = re.escape(group), re.escape(point)
        whole = rf"(?:[0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+)"
        if re.fullmatch(rf"-?(?:{whole}(?:{point}[0-9]+)?|{point}[0-9]+)", compact):
            return _without_idle_zeros(re.sub(group, "", compact).replace(",", "."))
    raise _no_number(text)


def _without_idle_zeros(digits: str) -> Decimal:
    """Read 1.50 as 1.5, so that a field of two decimals does not refuse 1.500."""
    return Decimal(digits.rstrip("0").rstrip(".") or "0") if "." in digits else Decimal(digits)


def write_number(value: Number | None) -> str:
    """Write a number for a form field: without groups, and so that parse_number reads it back."""
    if value is None:
        return ""
    written = format(_decimal(value), "f")
    if re.fullmatch(r"-?[1-9][0-9]{0,2}\.[0-9]{3}", written):
        written = written.rstrip("0") if written.endswith("0") else f"{written}0"
        written = written.rstrip(".")
    return written if active_language() != "fr" else written.replace(".", ",")


class LocalisedDecimalField(forms.DecimalField):
    """A number typed in the notation of any of the three languages, or copied from the page.

    “5,000” means five thousand where pages write it so; a field without decimals takes “5.000” as
    well. Where it may mean two numbers, it is asked about: nobody's amount becomes a thousandth.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(**kwargs)

    # Decimal | None, but the stubs have decimal fields return whole numbers.
    def to_python(self, value: object) -> Any:
        if isinstance(value, str):
            value = parse_number(value, groups=self.groups) if value.strip() else None
        return super().to_python(value)

    @property
    def groups(self) -> str:
        """The signs that separate thousands here, before three digits that could be decimals."""
        if self.decimal_places is None or self.decimal_places > 2:  # a rate, for instance
            return ""
        return ".," if self.decimal_places == 0 else _GROUPS[active_language()]

    def prepare_value(self, value: object) -> object:
        return write_number(value) if isinstance(value, (Decimal, float, int)) else value


class PercentField(LocalisedDecimalField):
    """A share that is stored between 0 and 1, shown and typed in per cent: 50 for half.

    `least` is the smallest share but zero: whoever types 0.5 means a half, and is asked.
    """

    def __init__(self, *, least: Decimal = Decimal(0), **kwargs: Any) -> None:
        super().__init__(max_digits=4, decimal_places=3, min_value=0, **kwargs)
        self.least = least

    def to_python(self, value: object) -> Any:
        per_cent: Decimal | None = super().to_python(value)
        if per_cent is None:
            return None
        share = per_cent / 100
        if share > 1:
            raise ValidationError(gettext_lazy("Enter at most 100 per cent."), code="max_value")
        if share != share.quantize(Decimal("0.001")):
            raise ValidationError(
                gettext_lazy(
                    "Enter at most one digit after the decimal sign, such as %(example)s."
                ),
                code="invalid",
                params={"example": number(Decimal("66.7"))},
            )
        if share < self.least and share >= 0:
            raise ValidationError(
                gettext_lazy("Enter it in per cent: 50 for half of the seats."), code="min_value"
            )
        return share

    def prepare_value(self, value: object) -> object:
        if isinstance(value, (Decimal, float, int)):
            value = _decimal(value) * 100
        return super().prepare_value(value)


def _decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _no_number(text: str) -> ValidationError:
    return ValidationError(
        gettext_lazy("“%(text)s” is not a number; enter it in digits (example: %(example)s)."),
        code="invalid",
        params={"text": text[:40], "example": number(Decimal("1250.5"))},
    )


def _two_readings(compact: str) -> ValidationError:
    whole = Decimal(re.sub("[.,]", "", compact))
    decimal = Decimal(compact.replace(",", "."))
    return ValidationError(
        gettext_lazy("Does “%(text)s” mean %(whole)s or %(decimal)s? Enter it in that form."),
        code="ambiguous",
        params={"text": compact, "whole": write_number(whole), "decimal": write_number(decimal)},
    )
