"""Where the money and the cells of a project come from, as plain data for `publishable`.

The one seam to models that hold them. Each function answers for one project, with a constant number
of queries; what the portal does not hold is an empty list, never a zero. Nothing is left out here:
what may leave is decided in `publishable` and `publishable_results`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kernel.text import LANGUAGES, Multilingual
from partners.models import Institution
from projects import codelists
from projects.iati.document import Texts
from projects.models import (
    Budget,
    Contribution,
    DataPoint,
    Grant,
    Instalment,
    Participation,
    Project,
)
from projects.money.budget_figures import cents
from projects.money.ledger import MoneyFlow, ledger_transactions, published_budgets

RECEIVED, PASSED_ON, SPENT, COMMITTED = "1", "3", "4", "11"
KIND_OF = {
    MoneyFlow.INCOMING: RECEIVED,
    MoneyFlow.DISBURSEMENT: PASSED_ON,
    MoneyFlow.EXPENDITURE: SPENT,
}


def in_languages(thing: Multilingual, name: str) -> Texts:
    """The filled columns of a text in three languages."""
    texts = {language: getattr(thing, f"{name}_{language}").strip() for language in LANGUAGES}
    return {language: text for language, text in texts.items() if text}


@dataclass(frozen=True)
class BudgetYear:
    """The project's approved budget of one year or less, original or revised, in its currency."""

    start: date
    end: date
    amount: Decimal
    is_revised: bool = False


@dataclass(frozen=True)
class PlannedPayment:
    """What an institution is still to pay to the project, or the project to it (`is_outgoing`)."""

    on: date
    amount: Decimal
    currency: str
    institution: Institution
    is_outgoing: bool = False


@dataclass(frozen=True)
class MoneyMovement:
    """Money promised, received or spent, in the project's currency; `kind` is the code of a
    transaction of IATI. Without an institution it is a sum of the period that began on `since`."""

    kind: str
    on: date
    amount: Decimal
    reference: str = ""
    institution: Institution | None = None
    since: date | None = None


@dataclass(frozen=True)
class BreakdownCell:
    """One cell of a breakdown: [("sex", "women")] and its value. A dimension that has no name in a
    file has an empty one here."""

    dimensions: tuple[tuple[str, str], ...]
    point: DataPoint


def budget_is_approved(project: Project) -> bool:
    return Budget.of(project).is_approved


def budgets_of(project: Project) -> list[BudgetYear]:
    """The budget by year: the original amount, and the revised one where it differs."""
    return [
        BudgetYear(each.share.start, each.share.end, each.share.amount, each.is_revised)
        for each in published_budgets(project)
    ]


def planned_payments(project: Project) -> list[PlannedPayment]:
    """What donors promised and did not pay yet, then what grants that were signed still bring."""
    promised = Contribution.objects.filter(participation__project=project, received=None)
    promised = promised.select_related("participation__institution")
    incoming = [
        PlannedPayment(
            each.expected_on,
            cents(each.promised * each.rate),
            project.currency,
            each.participation.institution,
        )
        for each in promised.prefetch_related("participation__institution__names").order_by(
            "expected_on", "pk"
        )
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
    project: Project, participations: Iterable[Participation], *, through: date
) -> list[MoneyMovement]:
    """What was promised by a signed agreement, then what the books hold until the day `through`.

    Expenditure is summed per period, and so is what was passed on: no voucher, no payee.
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
        MoneyMovement(KIND_OF[each.flow], each.on, each.amount, "", each.institution, each.start)
        for each in ledger_transactions(project, through=through)
    ]
    return promised + moved


def may_pass_on_to_at_risk(project: Project, participations: Iterable[Participation]) -> bool:
    """Whether an institution at risk may be among those to which money was passed on."""
    if any(each.institution.is_at_risk for each in participations):
        return True
    return project.grants.filter(institution__is_at_risk=True).exists()


def breakdown_cells(points: Iterable[DataPoint]) -> list[BreakdownCell]:
    """The cells among these values, their categories and dimensions fetched; none where nothing
    was measured."""
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
