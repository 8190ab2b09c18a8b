"""Reads payments and breakdowns of a project from the database, as plain data for `publishable`.

Each function takes one project and makes a constant number of queries; what the portal does not
hold is an empty list, never a zero. Nothing is left out here: `publishable` and
`publishable_results` decide what may be published.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kernel.organisation import organisation
from kernel.text import LANGUAGES, Multilingual
from partners.models import Institution
from projects import codelists
from projects.iati.document import Texts
from projects.iati.rules import FORBIDDEN
from projects.models import (
    DataPoint,
    Grant,
    Instalment,
    Participation,
    Project,
)
from projects.money.budget_figures import cents
from projects.money.ledger import Books, MoneyFlow, ledger_transactions

# Types of transactions of IATI.
RECEIVED, PASSED_ON, SPENT, COMMITTED = "1", "3", "4", "11"
TRANSACTION_TYPES = {
    MoneyFlow.INCOMING: RECEIVED,
    MoneyFlow.DISBURSEMENT: PASSED_ON,
    MoneyFlow.EXPENDITURE: SPENT,
}


def in_languages(thing: Multilingual, name: str) -> Texts:
    """Returns a text of the portal in those of its languages in which it was written."""
    texts = {language: getattr(thing, f"{name}_{language}").strip() for language in LANGUAGES}
    return {language: text for language, text in texts.items() if text}


@dataclass(frozen=True)
class PlannedPayment:
    """A payment that an institution still owes the project, or the project it (`is_outgoing`)."""

    on: date
    amount: Decimal
    currency: str
    institution: Institution
    is_outgoing: bool = False


@dataclass(frozen=True)
class MoneyMovement:
    """Money promised, received or spent, in the project's currency.

    `kind`: the type of transaction of IATI. Without an institution it is the sum of the period that
    began on the day `since`.
    """

    kind: str
    on: date
    amount: Decimal
    reference: str = ""
    institution: Institution | None = None
    since: date | None = None


@dataclass(frozen=True)
class BreakdownCell:
    """The value of one cell of a breakdown, and its categories, such as (("sex", "women"),).

    A dimension without a name in IATI files has an empty one here.
    """

    dimensions: tuple[tuple[str, str], ...]
    point: DataPoint


def planned_payments(project: Project, books: Books) -> list[PlannedPayment]:
    """Returns what donors promised and have not paid yet, then what signed grants still bring."""
    promised = [each for each in books.contributions if each.received is None and each.expected_on]
    incoming = [
        PlannedPayment(
            each.expected_on,
            cents(each.value_promised),
            project.currency,
            each.participation.institution,
        )
        for each in sorted(promised, key=lambda each: (each.expected_on or date.max, each.pk))
        # Constraint contribution_is_promised_or_received: unpaid ones have both.
        if each.expected_on and each.value_promised
    ]
    unpaid = Instalment.objects.filter(
        grant__project=project,
        grant__status__in=[Grant.Status.SIGNED, Grant.Status.RUNNING],
        paid_on=None,
    ).select_related("grant__institution")
    outgoing = [
        PlannedPayment(each.due_on, each.amount, each.grant.currency, each.grant.institution, True)
        for each in unpaid.prefetch_related("grant__institution__names").order_by("due_on", "pk")
    ]
    return incoming + outgoing


def money_movements(
    participations: Iterable[Participation], books: Books, *, through: date
) -> list[MoneyMovement]:
    """Returns what signed agreements promise, then what the books hold up to the day `through`.

    Expenditure and what was passed on to partners are summed per period, so that neither vouchers
    nor payees appear.
    """
    promised = [
        MoneyMovement(
            kind=COMMITTED,
            on=each.agreement.signed_on,
            amount=each.amount,
            reference=each.agreement.reference,
            institution=each.institution,
        )
        for each in participations
        if each.role == Participation.Role.FUNDING
        and each.amount
        and each.agreement
        and each.agreement.signed_on
    ]
    moved = [
        MoneyMovement(
            TRANSACTION_TYPES[each.flow], each.on, each.amount, "", each.institution, each.start
        )
        for each in ledger_transactions(books, through=through)
    ]
    return promised + moved


def donors_activity(
    project: Project, donor: Institution | None, participations: Iterable[Participation]
) -> str:
    """Returns the identifier with which the donor reports the project to IATI, made of its own and
    its number for the project; "" where either is unknown.

    Where several institutions fund the project, the number has to begin with that of the donor.
    """
    number = project.donor_number.strip()
    if donor is None or not donor.identifier or not number or FORBIDDEN & set(number):
        return ""
    if number.startswith(f"{donor.identifier}-"):
        return number
    funding = [each for each in participations if each.role == Participation.Role.FUNDING]
    return f"{donor.identifier}-{number}" if len(funding) == 1 else ""


def may_pass_on_to_hidden(
    project: Project, participations: Iterable[Participation], hidden: set[int]
) -> bool:
    """Returns whether one of these institutions may be among those that money was passed on to."""
    if any(each.institution_id in hidden for each in participations):
        return True
    return bool(hidden) and project.grants.filter(institution__in=hidden).exists()


def breakdown_cells(points: Iterable[DataPoint]) -> list[BreakdownCell]:
    """Returns the measured cells among these values, whose categories and dimensions were fetched."""
    return [
        BreakdownCell(
            tuple(
                (codelists.dimension_name(category.dimension.code), category.code)
                for category in (each.category, each.second_category)
                if category
            ),
            each,
        )
        for each in points
        if not each.is_total and each.numerator is not None
    ]


# Of the demonstration, so that its files can be looked at: visibly nobody.
FICTITIOUS = "XX-FICTITIOUS-01"


def reporter_of(project: Project) -> str:
    """Return the identifier of the organisation as it is registered: never invented."""
    return FICTITIOUS if project.demonstration else organisation().iati_identifier


# Returns the texts for the key of a project.
SummarySource = Callable[[int], Texts]
SOURCES: list[SummarySource] = []


def add_summary_source(source: SummarySource) -> None:
    SOURCES.append(source)


def public_summary(project: int) -> Texts:
    """Return the summary of the project with this key, by language."""
    found: Texts = {}
    for source in SOURCES:
        found |= source(project)
    return found
