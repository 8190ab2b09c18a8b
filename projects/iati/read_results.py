"""Reads the results of an IATI activity, with indicators, baselines, targets and actuals by period, and
its money."""

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from projects import codelists
from projects.iati.document import (
    IatiAmount,
    IatiBudget,
    IatiOrganisation,
    IatiTransaction,
    MeasuredBaseline,
    MeasuredIndicator,
    MeasuredPeriod,
    MeasuredResult,
    MeasuredValue,
    PlannedDisbursement,
    Texts,
)
from projects.iati.reading import YEARS, Element, ElementReader, note_unread_children

KINDS = {"1", "2", "3", "9"}
UNIT, PERCENTAGE, QUALITATIVE = "1", "2", "5"
LIKE_UNITS = {"3", "4"}
LEVELS = {"ultimate", "intermediate", "immediate", "output"}
_CODE_AND_TITLE = re.compile(r"(.{1,20}?) · (.+)", re.DOTALL)


class ResultReader:
    """Reads the results of one activity."""

    def __init__(self, reader: ElementReader) -> None:
        self.reader, self.notes = reader, reader.notes

    def result(self, element: Element) -> MeasuredResult | None:
        code, title = _without_code(self.reader.texts(element.find("title"), 1022))
        if not title:
            self.notes.leave(element, _("A result without a title."))
            return None
        kind = element.get("type", "")
        if kind not in KINDS:
            self.notes.change(element, _("Its type is unknown: imported as an outcome."))
            kind = "2"
        note_unread_children(self.notes, element, {"title", "reference", "indicator"})
        indicators = [self.indicator(each) for each in element.iterfind("indicator")]
        return MeasuredResult(
            title=title,
            kind=kind,
            code=code,
            level=self._level(element),
            indicators=[each for each in indicators if each],
        )

    def _level(self, element: Element) -> str:
        level = ""
        for reference in element.iterfind("reference"):
            code = reference.get("code", "")
            if reference.get("vocabulary") == codelists.OWN and code in LEVELS and not level:
                level = code
            else:
                self.notes.leave(reference, _("References to other frameworks are not kept."))
        return level

    def indicator(self, element: Element) -> MeasuredIndicator | None:
        code, title = _without_code(self.reader.texts(element.find("title"), 322))
        measure = element.get("measure", "")
        if not title:
            self.notes.leave(element, _("An indicator without a title."))
            return None
        if measure in LIKE_UNITS:
            self.notes.change(
                element, _("The portal counts nominal and ordinal values as numbers.")
            )
            measure = UNIT
        if measure not in (UNIT, PERCENTAGE, QUALITATIVE):
            self.notes.leave(element, _("An indicator whose measure is unknown."))
            return None
        note_unread_children(self.notes, element, {"title", "baseline", "period"})
        return MeasuredIndicator(
            title=title,
            measure=measure,
            code=code,
            ascending=_boolean(element.get("ascending"), default=True),
            adds_up=_boolean(element.get("aggregation-status"), default=False),
            baselines=self._baselines(element, measure),
            periods=self._periods(element, measure),
        )

    def _baselines(self, element: Element, measure: str) -> list[MeasuredBaseline]:
        found = []
        for each in element.iterfind("baseline"):
            year = each.get("year", "").strip()
            if not (year.isdecimal() and len(year) == 4 and int(year) in YEARS):
                self.notes.leave(each, _("A baseline without its year."))
            elif measured := self._measured(each, measure):
                found.append(MeasuredBaseline(int(year), measured))
        return found

    def _periods(self, element: Element, measure: str) -> list[MeasuredPeriod]:
        found = []
        for each in element.iterfind("period"):
            start = self.reader.day(each.find("period-start"))
            end = self.reader.day(each.find("period-end"))
            if not start or not end or start >= end:
                self.notes.leave(each, _("A period without a start before its end."))
                continue
            period = MeasuredPeriod(
                start=start,
                end=end,
                targets=self._all(each, "target", measure),
                actuals=self._all(each, "actual", measure),
            )
            note_unread_children(
                self.notes, each, {"period-start", "period-end", "target", "actual"}
            )
            if period.targets or period.actuals:
                found.append(period)
        return sorted(found, key=lambda period: (period.start, period.end))

    def _all(self, period: Element, name: str, measure: str) -> list[MeasuredValue]:
        found = (self._measured(each, measure) for each in period.iterfind(name))
        return [each for each in found if each]

    def _measured(self, element: Element, measure: str) -> MeasuredValue | None:
        """Returns a number, or words for a qualitative indicator; None, with a note, without them."""
        note_unread_children(self.notes, element, {"dimension", "comment"})
        comment = self.reader.texts(element.find("comment"), 2000)
        dimensions = [
            (self.reader.attribute(each, "name", 60), self.reader.attribute(each, "value", 60))
            for each in element.iterfind("dimension")
        ]
        number = element.get("value", "").strip()
        if measure == QUALITATIVE:
            if number:
                self.notes.leave(element, _("The number of a qualitative indicator."))
            if not comment:
                self.notes.leave(element, _("A value without words."))
            return MeasuredValue(None, comment, dimensions) if comment else None
        if not number:
            self.notes.leave(element, _("A value without its number."))
            return None
        value = self.reader.number(element, number)
        if value is None or not self._fits(element, value, measure):
            return None
        return MeasuredValue(value, comment, dimensions)

    def _fits(self, element: Element, value: Decimal, measure: str) -> bool:
        if measure == PERCENTAGE and not 0 <= value <= 100:
            self.notes.leave(element, _("A percentage outside 0 to 100."))
            return False
        return True


def _boolean(text: str | None, *, default: bool) -> bool:
    return default if text is None else text.strip() in ("1", "true")


def _without_code(title: Texts) -> tuple[str, Texts]:
    """Splits a title such as “1100 · More capacity” into its code and the title without it.

    The code is empty unless the title has the same one in each language.
    """
    matches = {key: _CODE_AND_TITLE.fullmatch(text) for key, text in title.items()}
    parts = {key: (match[1], match[2].strip()) for key, match in matches.items() if match}
    codes = {code for code, _title in parts.values()}
    if len(codes) != 1 or len(parts) < len(title):
        return "", title
    return codes.pop(), {key: text for key, (_code, text) in parts.items()}


# --- Money ---

SIDES = {"provider-org", "receiver-org"}


class MoneyReader:
    """Reads the money of one activity. `currency`: that of amounts that do not say theirs."""

    def __init__(self, reader: ElementReader, currency: str) -> None:
        self.reader, self.notes = reader, reader.notes
        self.currency = currency

    def budget(self, element: Element) -> IatiBudget | None:
        note_unread_children(self.notes, element, {"period-start", "period-end", "value"})
        start = self.reader.day(element.find("period-start"))
        end = self.reader.day(element.find("period-end"))
        money = self.money(element)
        if not (start and end and money) or not start < end:
            self.notes.leave(element, _("A budget needs an amount, a start and a later end."))
            return None
        return IatiBudget(
            start=start,
            end=end,
            money=money,
            kind=_one_or_two(element, "type"),
            status=_one_or_two(element, "status"),
        )

    def planned_disbursement(self, element: Element) -> PlannedDisbursement | None:
        known = {"period-start", "period-end", "value", *SIDES}
        note_unread_children(self.notes, element, known)
        start = self.reader.day(element.find("period-start"))
        money = self.money(element)
        if not (start and money):
            self.notes.leave(element, _("A payment needs its day and its amount."))
            return None
        return PlannedDisbursement(
            start=start,
            end=self.reader.day(element.find("period-end")),
            money=money,
            kind=_one_or_two(element, "type"),
            provider=self._organisation(element.find("provider-org")),
            receiver=self._organisation(element.find("receiver-org")),
            provider_activity=self._provider_activity(element),
        )

    def transaction(self, element: Element) -> IatiTransaction | None:
        known = {"transaction-type", "transaction-date", "value", "description", *SIDES}
        note_unread_children(self.notes, element, known)
        on = self.reader.day(element.find("transaction-date"))
        kind = element.find("transaction-type")
        money = self.money(element)
        if kind is None or not (on and money):
            self.notes.leave(element, _("A payment needs its type, its day and its amount."))
            return None
        return IatiTransaction(
            kind=self.reader.attribute(kind, "code", 3),
            on=on,
            money=money,
            ref=self.reader.attribute(element, "ref", 100),
            description=self.reader.texts(element.find("description"), 2000),
            provider=self._organisation(element.find("provider-org")),
            receiver=self._organisation(element.find("receiver-org")),
            provider_activity=self._provider_activity(element),
        )

    def money(self, element: Element) -> IatiAmount | None:
        value = element.find("value")
        if value is None:
            return None
        amount = self.reader.number(value, value.text or "", digits=12)
        on = self.reader.day(value, "value-date")
        currency = _code(value.get("currency", "")) or self.currency
        if amount is None or on is None:
            return None
        if not currency:
            self.notes.leave(value, _("An amount without its currency."))
            return None
        return IatiAmount(amount, currency, on, value.sourceline)

    def _provider_activity(self, element: Element) -> str:
        provider = element.find("provider-org")
        return "" if provider is None else self.reader.attribute(provider, "provider-activity-id")

    def _organisation(self, element: Element | None) -> IatiOrganisation | None:
        return None if element is None else self.reader.organisation(element)


def activity_currency(activity: Element) -> str:
    """Returns the default currency, or else the single one of all amounts; "" where there is none,
    or several."""
    if stated := _code(activity.get("default-currency", "")):
        return stated
    found = currencies_of(activity)
    return found[0] if len(found) == 1 else ""


def currencies_of(activity: Element) -> list[str]:
    """Returns the currencies that amounts of the activity state themselves, in order."""
    codes = (_code(each.get("currency", "")) for each in activity.iter("value"))
    return list(dict.fromkeys(code for code in codes if code))


def _code(text: str) -> str:
    """Returns the first three letters as a currency; "" where they are none."""
    code = text.strip().upper()[:3]
    return code if len(code) == 3 and code.isascii() and code.isalpha() else ""


def _one_or_two(element: Element, name: str) -> str:
    """Returns a code that is 1 or 2; 1 for any other, as IATI does where it is missing."""
    return "2" if element.get(name) == "2" else "1"
