"""Reads budgets, planned disbursements and transactions of an IATI activity."""

from django.utils.translation import gettext as _

from projects.iati.document import (
    IatiAmount,
    IatiBudget,
    IatiOrganisation,
    IatiTransaction,
    PlannedDisbursement,
)
from projects.iati.reading import Element, ElementReader, note_unread_children

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
