"""Pages of expenditure, of exchange rates, and of contributions promised and received."""

from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _, gettext_lazy

from accounts.exports import handed_out
from kernel.cells import Action, Cell, Chip, Column, Empty, dotted, illustrative, money_cell
from kernel.formats import day_in_table, number, range_in_table
from kernel.pages import Crumbs, act, delete_page, posted
from kernel.records import RecordPages
from kernel.sheets import SheetOfRows
from kernel.sorting import in_letters
from kernel.workbooks import CellValue
from projects.models import AccountingLock, Contribution, ExchangeRate, Expenditure, Project
from projects.money.budget_figures import amount, cents, in_cents
from projects.money.forms.budget import ContributionForm, ExchangeRateForm
from projects.money.forms.spending import ExpenditureFilterForm, ExpenditureForm
from projects.money.ledger import books_total, budget_periods
from projects.money.services.approval import lock_covering, locks_in_force
from projects.money.services.budget import lock_project
from projects.money.services.spending import delete_expenditure, save_expenditure
from projects.money.views.budget import MoneyPages
from projects.money.views.spending import books_project
from projects.money.views.vouchers import voucher_context


class ExpenditurePages(MoneyPages[Expenditure]):
    model, name, names = Expenditure, "expenditure", "expenditures"
    form_class, filter_class = ExpenditureForm, ExpenditureFilterForm
    title, new_label = gettext_lazy("Expenditure"), gettext_lazy("New expenditure")
    new_title, edit_title = gettext_lazy("New expenditure"), gettext_lazy("Edit the expenditure")
    saved_sentence = gettext_lazy("The expenditure was saved.")
    list_template, head = "projects/expenditures.html", "what"
    page_template = "projects/expenditure.html"
    export_kinds = ("xlsx", "csv")

    def find_place(self) -> Project:
        return books_project(self.request.user, self.kwargs["code"])

    def crumbs(self, *_more: Any) -> Crumbs:
        return super().crumbs()

    def rows(self) -> QuerySet[Expenditure]:
        related = ("category", "result", "adjusts", "activity", "batch")
        return self.place.expenditures.select_related(*related)

    def editable_rows(self) -> QuerySet[Expenditure]:
        if self.request.method == "POST":
            lock_project(self.place)  # the second of two people who edit a row sees the first one's
        return self.place.expenditures.all()

    def filter_form(self) -> ExpenditureFilterForm:
        periods = [period.pk for period in budget_periods(self.place)]
        used = self.place.expenditures.order_by("currency").values_list("currency", flat=True)
        return ExpenditureFilterForm(
            self.request.GET,
            project=self.place,
            periods=self.place.periods.filter(pk__in=periods),
            currencies=list(used.distinct()),
        )

    def columns(self) -> list[Column]:
        currency = {"currency": self.place.currency}
        return [
            Column("date", _("Date"), self.day_cell, order="spent_on"),
            Column(
                "what",
                _("Purpose of payment"),
                purpose_cell,
                order=lambda: in_letters("description"),
                css="w-50",
            ),
            Column("result", _("Result"), result_of, order="result__code"),
            Column("amount", _("Amount"), amount_cell, order="amount", css="num"),
            Column("value", _("In %(currency)s") % currency, value_cell, css="num"),
        ]

    @cached_property
    def locks(self) -> list[AccountingLock]:
        return locks_in_force(self.place)

    def day_cell(self, row: Expenditure) -> Cell:
        is_locked = lock_covering(self.locks, row.spent_on)
        chips = [Chip(_("locked"))] if is_locked else []
        return Cell(day_in_table(row.spent_on), chips=chips, key=row.spent_on.isoformat())

    def actions(self) -> list[Action]:
        if not self.edits:
            return []
        return [Action(_("Import"), self.url("import"), "upload"), *super().actions()]

    def empty(self) -> Empty:
        text = _("Import a file exported by the accounting system, or enter single rows.")
        return Empty(_("No expenditure yet."), text)

    def no_match(self) -> Empty:
        text, action = _("Choose other filters or clear them."), _("Show all")
        url = self.url(self.names)
        return Empty(_("No expenditure matches."), text, url, action, "search")

    def list_context(self, rows: QuerySet[Expenditure]) -> dict[str, Any]:
        return {"total": books_total(rows)}

    def sheet(self) -> SheetOfRows:
        rows = self.found()[1].iterator(chunk_size=2000)
        widths = [12, 16, 30, 12, 14, 9, 12, 16, 44, 16, 20]
        head = sheet_head(self.place)
        return SheetOfRows(_("Expenditure"), head, [sheet_row(row) for row in rows], widths)

    def hand_out(self, content: bytes, kind: str) -> HttpResponse:
        name = f"{self.place.code}-books"
        return handed_out(self.request, content, name, kind, thing=self.place, what="books")

    def page_context(self, row: Expenditure) -> dict[str, Any]:
        return voucher_context(self.request.user, row)

    def save(self, form: Any) -> bool:
        by = self.request.user
        return bool(act(form, lambda: save_expenditure(form.instance, by=by)))

    def delete(self, pk: int) -> HttpResponse:
        self.ask_editor()
        row = self.record(self.rows(), pk)
        return delete_page(
            self.request,
            row,
            back=row.get_absolute_url(),
            done=self.url(self.names),
            delete=lambda: delete_expenditure(row),
            sentence=_("The expenditure was deleted."),
            crumbs=self.crumbs(),
        )


def purpose_cell(row: Expenditure) -> Cell:
    is_recorded = row.status == Expenditure.Status.RECORDED
    chips = [] if is_recorded else [Chip(row.get_status_display(), row.status)]
    if row.is_adjustment:
        chips.append(Chip(_("Correction"), "info"))
    return Cell(
        row.description or row.category,
        url=row.get_absolute_url(),
        chips=chips + illustrative(row),
        notes=dotted(row.category, row.voucher),
    )


def result_of(row: Expenditure) -> str | None:
    return row.result.code if row.result else None


def amount_cell(row: Expenditure) -> Cell:
    return money_cell(row.amount, amount(row.amount, row.currency))


def value_cell(row: Expenditure) -> Cell:
    return money_cell(row.value, in_cents(row.value))


def sheet_head(project: Project) -> list[str]:
    return [
        _("Date"),
        _("Voucher number"),
        _("Category"),
        _("Result"),
        _("Amount"),
        _("Currency"),
        _("Rate"),
        _("Amount in %(currency)s") % {"currency": project.currency},
        _("Description"),
        _("Corrects"),
        _("Status"),
    ]


def sheet_row(row: Expenditure) -> list[CellValue]:
    return [
        row.spent_on,
        row.voucher,
        str(row.category),
        row.result.code if row.result else "",
        row.amount,
        row.currency,
        row.rate,
        cents(row.value),
        row.description,
        str(row.adjusts) if row.adjusts else (row.concerns_on or ""),
        row.get_status_display(),
    ]


# --- Exchange rates and contributions ---


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

    def rate_cell(self, rate: ExchangeRate) -> Cell:
        words = f"1 {rate.currency} = {number(rate.rate)} {self.place.currency}"
        return Cell(words, key=rate.rate)

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
