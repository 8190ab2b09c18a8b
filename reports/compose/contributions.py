"""The contributions of institutions and the exchange rates, for the chapter on finances."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _

from kernel.formats import MISSING, NO_BREAK, day_range, day_short, money, number
from partners.models import Institution
from projects.models import Contribution, Participation
from projects.money.budget_figures import cents
from reports.compose.blocks import Cell, cell, column, field, heading, table, table_of
from reports.compose.reading import ReportReading
from reports.document_types import Block


def contributions(reading: ReportReading) -> list[Block]:
    """Return what each institution contributes as agreed, in money or in kind, and what arrived by
    the day."""
    project = reading.project
    institutions = Participation.objects.filter(project=project).with_institutions()
    given = reading.once("participations with amounts", lambda: list(institutions))
    agreed = [each for each in given if each.amount is not None]
    received = Contribution.objects.filter(participation__project=project)
    received = received.select_related("participation__institution")
    received = received.prefetch_related("participation__institution__names")
    found = reading.once("contributions", lambda: list(received))
    rows = [
        _instalment(reading, each)
        for each in found
        if each.promised or reading.knows(each.received_on)
    ]
    if not (agreed or rows):
        return []
    return [
        heading(_("Contributions"), 2),
        *([_agreed(reading, agreed)] if agreed else []),
        *([_instalments(reading, rows, found)] if rows else []),
    ]


def _agreed(reading: ReportReading, agreed: list[Participation]) -> Block:
    currency = reading.project.currency
    total = [_("Total"), "", money(sum(each.amount or Decimal(0) for each in agreed), currency)]
    return table_of(
        agreed,
        [
            field(_("Institution"), lambda each: _name(reading, each.institution)),
            field(_("Role"), lambda each: each.get_role_display(), 24),
            field(_("Amount"), lambda each: money(each.amount, currency), 24, num=True),
        ],
        _("What institutions contribute to the project, in money or in kind"),
        total=total,
    )


def _instalment(reading: ReportReading, each: Contribution) -> list[Cell]:
    came = reading.knows(each.received_on)
    return [
        cell(_name(reading, each.participation.institution), small=each.reference),
        _in_both_currencies(reading, each, each.promised),
        day_short(each.expected_on),
        _in_both_currencies(reading, each, each.received if came else None),
        day_short(each.received_on if came else None),
    ]


def _in_both_currencies(reading: ReportReading, each: Contribution, amount: Decimal | None) -> Cell:
    """Return an amount in the institution's own currency, and its value in the project's."""
    own = reading.project.currency
    if amount is None:
        return cell(MISSING)
    other = "" if each.currency == own else money(cents(amount * each.rate), own)
    return cell(money(amount, each.currency), small=other)


def _instalments(
    reading: ReportReading, rows: list[list[Cell]], found: Iterable[Contribution]
) -> Block:
    currency = reading.project.currency
    columns = [
        column(_("From")),
        column(_("Promised"), 19, num=True),
        column(_("Expected on"), 15),
        column(_("Received"), 19, num=True),
        column(_("Received on"), 15),
    ]
    promised = [each.value_promised for each in found if each.promised]
    came = [each.value_received for each in found if reading.knows(each.received_on)]
    sums = [
        money(cents(sum((one or Decimal(0) for one in each), Decimal(0))), currency)
        for each in (promised, came)
    ]
    total = [_("Total"), sums[0], "", sums[1], ""]
    return table(_("Contributions of the donors"), columns, rows, head=0, total=total)


def _name(reading: ReportReading, institution: Institution) -> str:
    return str(institution.name_on(reading.names_on) or MISSING)


def exchange_rates(reading: ReportReading) -> list[Block]:
    """Return the exchange rates of the days that the report covers."""
    period, own = reading.report.period, reading.project.currency
    last = min(period.end, reading.as_of)
    used = reading.project.exchange_rates.filter(starts_on__lte=last, ends_on__gte=period.start)
    rates = reading.once("exchange rates", lambda: list(used))
    if not rates:
        return []
    fields = [
        field(
            _("Rate"),
            lambda rate: f"1{NO_BREAK}{rate.currency} = {_exactly(rate.rate)}{NO_BREAK}{own}",
            28,
        ),
        field(_("Days"), lambda rate: day_range(rate.starts_on, rate.ends_on), 34),
        field(_("Source"), lambda rate: rate.source),
    ]
    return [heading(_("Exchange rates"), 2), table_of(rates, fields)]


def _exactly(rate: Decimal) -> str:
    """Return the rate with all of its decimals."""
    return number(rate, max(-int(rate.normalize().as_tuple().exponent), 0))
