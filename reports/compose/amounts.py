"""How tables of money write amounts."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from kernel.formats import MISSING, number, percent
from projects.money.budget_figures import cents
from projects.money.budget_tables import BudgetTables


@dataclass(frozen=True)
class AmountStyle:
    """Writes either all amounts of the tables with cents or none, so that decimals are aligned."""

    currency: str
    digits: int

    @classmethod
    def of(cls, currency: str, tables: BudgetTables) -> "AmountStyle":
        lines = [*tables.categories, *tables.results, *tables.years]
        rows = [tables.total, *(line.figures for line in lines)]
        amounts = [
            amount
            for row in rows
            for amount in (row.revised, row.budget, row.actual, row.cumulative, row.forecast)
        ]
        return cls(currency, 2 if any(cents(each) % 1 for each in amounts if each) else 0)

    def amount(self, value: Decimal | None) -> str:
        return number(cents(value), self.digits)

    def signed(self, value: Decimal | None) -> str:
        """Return an amount with its sign, such as +1 200 if more was spent than planned."""
        return with_sign(self.amount(value), cents(value))


def with_sign(written: str, value: Decimal | None) -> str:
    """Return the written amount with a plus if it is above zero; a minus is in the writing."""
    return f"+{written}" if value is not None and value > 0 else written


def signed_share(share: Decimal | None) -> str:
    """Return a share such as +12,5 %, with one decimal, which shows whether a threshold was
    exceeded."""
    return MISSING if share is None else with_sign(percent(share, 1), round(share, 3))


def in_currency(caption: str, currency: str) -> str:
    """Return the caption of a table with the currency of its amounts."""
    return _("%(table)s (%(currency)s)") % {"table": caption, "currency": currency}
