"""Turns the money of an IATI file into unsaved budget lines, promises and contributions.

It takes what the file knows better than the portal: budgets by year, promises, and what donors
paid. Expenditure comes from the accounting system, and payments to partners from their grants.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from projects.exchange.services.draft_institutions import DraftParticipation, InstitutionRegister
from projects.exchange.services.draft_results import AddNote
from projects.iati.document import IatiAmount, IatiBudget, IatiDocument, IatiOrganisation
from projects.iati.sources import COMMITTED, PASSED_ON, RECEIVED, SPENT
from projects.models import BudgetLine, Contribution, Participation, Period

ORIGINAL, REVISED = "1", "2"
COMMITTED_BUDGET = "2"


@dataclass(frozen=True)
class SignedPromise:
    """The contribution that a signed agreement promises."""

    amount: Decimal
    signed_on: date
    reference: str


@dataclass
class DraftMoney:
    """The money of a draft: budget lines, and promises and contributions with their donors.

    `lines`: one for each period, all in one category. `approved_on`: None for an indicative budget.
    """

    lines: list[BudgetLine] = field(default_factory=list)
    approved_on: date | None = None
    promises: list[tuple[DraftParticipation, SignedPromise]] = field(default_factory=list)
    contributions: list[tuple[DraftParticipation, Contribution]] = field(default_factory=list)

    @property
    def periods(self) -> list[Period]:
        return [line.period for line in self.lines]


def draft_money(
    document: IatiDocument,
    currency: str,
    donors: Iterable[DraftParticipation],
    register: InstitutionRegister,
    note: AddNote,
) -> DraftMoney:
    """Drafts the money of an activity.

    `currency`: that of the project; amounts in another one are left out, since files have no rates.
    `note`: takes the element and the reason for what is left out.
    """
    drafting = _MoneyDrafter(currency, donors, register, note)
    drafting.budgets(document.budgets)
    drafting.planned(document)
    drafting.transactions(document)
    return drafting.draft


class _MoneyDrafter:
    """Drafts the money of one activity."""

    def __init__(
        self,
        currency: str,
        donors: Iterable[DraftParticipation],
        register: InstitutionRegister,
        note: AddNote,
    ) -> None:
        self.currency, self.register, self.note = currency, register, note
        self.donors = {
            id(each.institution): each for each in donors if each.role == Participation.Role.FUNDING
        }
        self.draft = DraftMoney()

    # Budgets

    def budgets(self, budgets: list[IatiBudget]) -> None:
        """Adds a line for each period; of overlapping budgets it keeps the first."""
        lines: dict[tuple[date, date], BudgetLine] = {}
        for each in sorted(budgets, key=lambda each: (each.start, each.end, each.kind)):
            if not self._is_of_this_currency("budget", each.money):
                continue
            line = lines.get((each.start, each.end))
            if each.money.amount < 0:
                self.note("budget", _("An amount cannot be negative."))
            elif line and (each.kind == ORIGINAL or line.revised is not None):
                self.note("budget", _("A second budget for the same days."))
            elif line:
                line.revised = each.money.amount
            elif any(each.start <= end and start <= each.end for start, end in lines):
                self.note("budget", _("It overlaps other budgets in the file."))
            else:
                lines[each.start, each.end] = self._line(each)
        self.draft.lines = list(lines.values())
        if lines:
            why = _("IATI has no categories: everything is listed under one.")
            self.note("budget", why, is_changed=True)
        self._approve(budgets)

    def _line(self, budget: IatiBudget) -> BudgetLine:
        if budget.kind == REVISED:
            why = _("Only its revised amount is known, which is also used as the original one.")
            self.note("budget", why, is_changed=True)
        period = Period(kind=Period.Kind.PROJECT_YEAR, start=budget.start, end=budget.end)
        return BudgetLine(period=period, original=budget.money.amount)

    def _approve(self, budgets: list[IatiBudget]) -> None:
        """Takes committed budgets as approved, and revised ones, which were approved before."""
        committed = [
            each for each in budgets if each.status == COMMITTED_BUDGET or each.kind == REVISED
        ]
        if self.draft.lines and committed:
            self.draft.approved_on = min(each.money.on for each in committed)
            why = _("Committed: taken as approved on the first day of its amounts.")
            self.note("budget", why, is_changed=True)

    # Promised and received

    def planned(self, document: IatiDocument) -> None:
        """Adds what donors still owe. A revised plan replaces the original one of the same day."""
        rows: dict[tuple[int, date], list[tuple[DraftParticipation, Contribution]]] = {}
        for each in document.planned_disbursements:
            tag = "planned-disbursement"
            if each.provider is None:
                self.note(tag, _("Payments to others are planned with their grant."))
                continue
            donor = self._donor(tag, each.provider, each.money)
            if donor is None:
                continue
            promised = Contribution(
                currency=self.currency, promised=each.money.amount, expected_on=each.start
            )
            of_day = rows.setdefault((id(donor), each.start), [])
            if each.kind == REVISED:
                of_day.clear()
            of_day.append((donor, promised))
        self.draft.contributions += [row for of_day in rows.values() for row in of_day]

    def transactions(self, document: IatiDocument) -> None:
        """Adds what donors paid, and the first promise of each."""
        tag = "transaction"
        promised: set[int] = set()
        for each in document.transactions:
            if each.kind in (SPENT, PASSED_ON):
                self.note(tag, _("Spending comes from the accounting system."))
            elif each.kind not in (RECEIVED, COMMITTED):
                self.note(tag, _("The portal keeps what was promised and received."))
            elif each.on > timezone.localdate():
                self.note(tag, _("This day is in the future, which is not possible."))
            elif donor := self._donor(tag, each.provider, each.money):
                if each.kind == RECEIVED:
                    row = Contribution(
                        currency=self.currency, received=each.money.amount, received_on=each.on
                    )
                    self.draft.contributions.append((donor, row))
                elif id(donor) in promised:
                    self.note(tag, _("A second promise from the same institution."))
                else:
                    promised.add(id(donor))
                    reference = each.ref or document.identifier[:100]
                    promise = SignedPromise(each.money.amount, each.on, reference)
                    self.draft.promises.append((donor, promise))

    def _donor(
        self, tag: str, provider: IatiOrganisation | None, money: IatiAmount
    ) -> DraftParticipation | None:
        """Returns the donor that the amount comes from; None, with a note, where it is unknown."""
        if not self._is_of_this_currency(tag, money):
            return None
        if money.amount <= 0:
            self.note(tag, _("An amount promised or received has to be more than zero."))
            return None
        entry = self.register.institution(provider) if provider else None
        donor = self.donors.get(id(entry.institution)) if entry else None
        if donor is None:
            self.note(tag, _("It does not come from an institution that funds the project."))
        return donor

    def _is_of_this_currency(self, tag: str, money: IatiAmount) -> bool:
        if money.currency != self.currency:
            self.note(
                tag, _("An amount in another currency needs its exchange rate: enter it by hand.")
            )
        return money.currency == self.currency
