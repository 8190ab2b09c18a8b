"""Pages of the exchange rates, and of the contributions promised and received."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _, gettext_lazy

from kernel.cells import Cell, Chip, Column, Empty, dotted, money_cell
from kernel.formats import day_in_table, number, range_in_table
from kernel.pages import posted
from kernel.records import RecordPages
from projects.models import Contribution, ExchangeRate
from projects.money.budget_figures import amount
from projects.money.forms.budget import ContributionForm, ExchangeRateForm
from projects.money.services.budget import lock_project
from projects.money.views.budget import MoneyPages


class RatePages(MoneyPages[ExchangeRate]):
    model, name, names, icon = ExchangeRate, "rate", "rates", "arrow-repeat"
    form_class = ExchangeRateForm
    title, crumb = gettext_lazy("Exchange rates"), gettext_lazy("Rates")
    new_label, new_title = gettext_lazy("New rate"), gettext_lazy("New rate")
    edit_title, saved_sentence = gettext_lazy("Edit the rate"), gettext_lazy("The rate was saved.")
    note = gettext_lazy("Amounts entered before keep the rate they were entered with.")

    def rows(self) -> QuerySet[ExchangeRate]:
        return self.place.exchange_rates.all()

    def columns(self) -> list[Column]:
        return [
            Column("currency", _("Currency"), self.currency_cell),
            Column("days", _("Days"), days_cell),
            Column("rate", _("Rate"), self.rate_cell, css="num"),
            Column("source", _("Source"), lambda rate: rate.source),
        ]

    def currency_cell(self, rate: ExchangeRate) -> Cell:
        hidden = f", {range_in_table(rate.starts_on, rate.ends_on)}" if self.edits else ""
        return self.edit_cell(rate, rate.currency, hidden=hidden)

    def rate_cell(self, rate: ExchangeRate) -> str:
        return f"1 {rate.currency} = {number(rate.rate)} {self.place.currency}"

    def empty(self) -> Empty:
        text = _(
            "Payments in %(currency)s need none. For other currencies, enter what one unit is "
            "worth, and for which days."
        )
        return Empty(_("No rate yet."), text % {"currency": self.place.currency}, icon=self.icon)

    def form(self, rate: ExchangeRate) -> ExchangeRateForm:
        if self.request.method == "POST":
            lock_project(self.place)  # the form refuses two rates for the same day
        return ExchangeRateForm(posted(self.request), instance=rate)

    def form_context(self, _rate: ExchangeRate) -> dict[str, Any]:
        return {"intro": str(self.note)}


def days_cell(rate: ExchangeRate) -> Cell:
    return Cell(range_in_table(rate.starts_on, rate.ends_on), key=rate.starts_on.isoformat())


class ContributionPages(MoneyPages[Contribution]):
    model, name, names, icon = Contribution, "contribution", "contributions", "bank"
    form_class = ContributionForm
    title, new_label = gettext_lazy("Contributions"), gettext_lazy("New contribution")
    new_title = gettext_lazy("New contribution")
    edit_title = gettext_lazy("Edit the contribution")
    saved_sentence = gettext_lazy("The contribution was saved.")
    list_template = "projects/contributions.html"

    def rows(self) -> QuerySet[Contribution]:
        rows = self.editable_rows().select_related("participation__institution")
        return rows.prefetch_related("participation__institution__names")

    def editable_rows(self) -> QuerySet[Contribution]:
        return Contribution.objects.filter(participation__project=self.place)

    def record(self, rows: QuerySet[Any], pk: int) -> Any:
        return RecordPages.record(self, rows, pk)  # it has no project of its own

    def new_record(self) -> Contribution:
        return Contribution()

    def lines(self, rows: QuerySet[Contribution]) -> list[Contribution]:
        return list(rows)

    def columns(self) -> list[Column]:
        return [
            Column("from", _("From"), self.donor_cell),
            Column("promised", _("Promised"), promised_cell, css="num"),
            Column("expected", _("Expected on"), self.expected_cell),
            Column("received", _("Received"), self.received_cell, css="num"),
            Column("received_on", _("Received on"), lambda row: row.received_on),
        ]

    def donor_cell(self, row: Contribution) -> Cell:
        name = row.participation.institution.name
        return self.edit_cell(row, name, notes=dotted(row.reference))

    def expected_cell(self, row: Contribution) -> Cell | None:
        if row.expected_on is None:
            return None
        is_late = row.received is None and row.expected_on < self.place.today
        chips = [Chip(_("Late"), "late")] if is_late else []
        return Cell(day_in_table(row.expected_on), chips=chips, key=row.expected_on.isoformat())

    def received_cell(self, row: Contribution) -> Cell:
        is_foreign = row.received is not None and row.currency != self.place.currency
        notes = [amount(row.value_received, self.place.currency)] if is_foreign else []
        return money_cell(row.received, amount(row.received, row.currency), notes=notes)

    def empty(self) -> Empty:
        text = _(
            "Instalments promised and paid by the donor are listed here. They come from an "
            "institution that funds the project."
        )
        return Empty(_("No contribution yet."), text, icon=self.icon)

    def list_context(self, rows: QuerySet[Contribution]) -> dict[str, Any]:
        return {
            "promised": sum((row.value_promised or Decimal(0) for row in rows), Decimal(0)),
            "received": sum((row.value_received or Decimal(0) for row in rows), Decimal(0)),
        }

    def form(self, row: Contribution) -> ContributionForm:
        return ContributionForm(posted(self.request), instance=row, project=self.place)


def promised_cell(row: Contribution) -> Cell:
    return money_cell(row.promised, amount(row.promised, row.currency))
