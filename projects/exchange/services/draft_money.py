"""Turns the money of an IATI file into unsaved budget lines, promises and contributions.

It takes what the file knows better than the portal: budgets by year, promises, and what donors
paid. Expenditure comes from the accounting system, and payments to partners from their grants. In
a donor's own file its commitments are our promises, and its disbursements what we received.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from kernel.organisation import organisation
from projects.exchange.services.draft_cells import DraftParticipation, InstitutionRegister
from projects.exchange.services.draft_results import AddNote
from projects.iati.document import (
    IatiAmount,
    IatiBudget,
    IatiDocument,
    IatiOrganisation,
    IatiTransaction,
)
from projects.iati.rules import a_year_after
from projects.iati.sources import COMMITTED, PASSED_ON, RECEIVED, SPENT
from projects.models import BudgetLine, Contribution, Participation, Period
from projects.money.budget_figures import BudgetPart, split_by_calendar

ORIGINAL, REVISED = "1", "2"
COMMITTED_BUDGET = "2"
COMMITMENT = "2"
# What the transactions of a donor are for the project that it pays to.
AS_RECEIVED = {COMMITMENT: COMMITTED, PASSED_ON: RECEIVED}
TRANSACTION = "transaction"
IMPLEMENTS = frozenset({Participation.Role.IMPLEMENTING, Participation.Role.PARTNER})


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
    def promised(self) -> Decimal:
        """What signed agreements promise."""
        return sum((promise.amount for _donor, promise in self.promises), Decimal(0))

    @property
    def received(self) -> Decimal:
        amounts = (each.received for _donor, each in self.contributions)
        return sum((amount for amount in amounts if amount), Decimal(0))

    @property
    def periods(self) -> list[Period]:
        return [line.period for line in self.lines]


def draft_money(
    document: IatiDocument,
    currency: str,
    participations: Iterable[DraftParticipation],
    register: InstitutionRegister,
    note: AddNote,
) -> DraftMoney:
    """Drafts the money of an activity.

    `currency`: that of the project; amounts in another one are left out, since files have no rates.
    `note`: takes the element and the reason for what is left out.
    """
    drafting = _MoneyDrafter(currency, participations, register, note)
    drafting.budgets(document.budgets)
    drafting.planned(document)
    drafting.transactions(document)
    return drafting.draft


@dataclass
class _KeptBudget:
    """The amounts for the same days."""

    original: Decimal
    revised: Decimal | None = None


def _is_ours(reporting: IatiOrganisation) -> bool:
    return reporting.ref != "" and reporting.ref == organisation().iati_identifier


def _is_long(start: date, end: date) -> bool:
    return end > a_year_after(start)


class _MoneyDrafter:
    """Drafts the money of one activity."""

    def __init__(
        self,
        currency: str,
        participations: Iterable[DraftParticipation],
        register: InstitutionRegister,
        note: AddNote,
    ) -> None:
        self.currency, self.register, self.note = currency, register, note
        of_role: dict[str, dict[int, DraftParticipation]] = defaultdict(dict)
        for each in participations:
            of_role[each.role][id(each.institution)] = each
        self.donors = of_role[Participation.Role.FUNDING]
        self.implementers = {key for role in IMPLEMENTS for key in of_role[role]}
        self.commitments: dict[int, list[tuple[DraftParticipation, IatiAmount, SignedPromise]]] = {}
        self.draft = DraftMoney()

    # Budgets

    def budgets(self, budgets: list[IatiBudget]) -> None:
        """Adds a line for each period; of overlapping budgets it keeps the first.

        Budgets of a year or less come before those of several years, which say less.
        """
        kept: dict[tuple[date, date], _KeptBudget] = {}

        def order(each: IatiBudget) -> tuple[bool, date, date, str]:
            return (_is_long(each.start, each.end), each.start, each.end, each.kind)

        for each in sorted(budgets, key=order):
            if self._is_of_this_currency("budget", each.money):
                self._keep(each, kept)
        for (start, end), budget in sorted(kept.items()):
            self.draft.lines += self._lines(start, end, budget)
        if kept:
            why = _("IATI has no categories: everything is listed under one.")
            self.note("budget", why, is_changed=True)
        self._approve(budgets)

    def _keep(self, budget: IatiBudget, kept: dict[tuple[date, date], "_KeptBudget"]) -> None:
        days = (budget.start, budget.end)
        known, money = kept.get(days), budget.money
        if money.amount < 0:
            self.note("budget", _("An amount cannot be negative."), amount=money)
        elif known and (budget.kind == ORIGINAL or known.revised is not None):
            self.note("budget", _("A second budget for the same days."), amount=money)
        elif known:
            known.revised = money.amount
        elif any(budget.start <= end and start <= budget.end for start, end in kept):
            self.note("budget", _("It overlaps other budgets in the file."), amount=money)
        else:
            kept[days] = _KeptBudget(money.amount)
            if budget.kind == REVISED:
                why = _("Only its revised amount is known, which is also used as the original one.")
                self.note("budget", why, is_changed=True)

    def _lines(self, start: date, end: date, budget: "_KeptBudget") -> list[BudgetLine]:
        """Returns a line, or one for each calendar year of a budget of several years."""
        parts = [BudgetPart(start, end, budget.original)]
        revised: list[Decimal | None] = [budget.revised]
        if _is_long(start, end):
            parts = split_by_calendar(start, end, budget.original)
            revised = [None] * len(parts)
            if budget.revised is not None:
                revised = [each.amount for each in split_by_calendar(start, end, budget.revised)]
            why = _("Of more than a year: divided among the calendar years, in proportion to days.")
            self.note("budget", why, is_changed=True)
        return [
            BudgetLine(
                period=Period(kind=Period.Kind.PROJECT_YEAR, start=part.start, end=part.end),
                original=part.amount,
                revised=of_part,
            )
            for part, of_part in zip(parts, revised, strict=True)
        ]

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
            provider = each.provider
            if provider is None and self._is_of_a_donor(document.reporting, document):
                provider = document.reporting
            if provider is None:
                why = _("Payments to others are planned with their grant.")
                self.note(tag, why, amount=each.money)
                continue
            donor = self._donor(tag, provider, each.money)
            if donor is None:
                continue
            promised = Contribution(
                currency=self.currency, promised=each.money.amount, expected_on=each.start
            )
            of_day = rows.setdefault((id(donor), each.start), [])
            if each.kind == REVISED:
                for _donor, replaced in of_day:
                    assert replaced.promised is not None  # each row here is one
                    money = IatiAmount(replaced.promised, self.currency, each.start)
                    self.note(tag, _("The revised plan of the same day replaces it."), amount=money)
                of_day.clear()
            of_day.append((donor, promised))
        self.draft.contributions += [row for of_day in rows.values() for row in of_day]

    def transactions(self, document: IatiDocument) -> None:
        """Adds what donors paid, and the first promise of each."""
        for each in document.transactions:
            payment = self._as_received(each, document)
            if payment.kind not in (RECEIVED, COMMITTED):
                self._leave(payment)
            elif payment.on > timezone.localdate():
                why = _("This day is in the future, which is not possible.")
                self.note(TRANSACTION, why, amount=payment.money)
            elif payment.kind == RECEIVED:
                if donor := self._donor(TRANSACTION, payment.provider, payment.money):
                    row = Contribution(
                        currency=self.currency,
                        received=payment.money.amount,
                        received_on=payment.on,
                    )
                    self.draft.contributions.append((donor, row))
            elif each.kind == COMMITMENT:
                self._add_commitment(payment, document)
            elif donor := self._donor(TRANSACTION, payment.provider, payment.money):
                self._promise(donor, payment, document)
        self._add_up_commitments()

    def _as_received(self, payment: IatiTransaction, document: IatiDocument) -> IatiTransaction:
        """Returns what a donor committed or disbursed as what is promised to us, or came in.
        Without a provider it is the reporter."""
        provider = payment.provider or document.reporting
        if payment.kind not in AS_RECEIVED or not self._is_of_a_donor(provider, document):
            return payment
        why = _("The donor’s own file: its commitments are promises, its disbursements came in.")
        self.note(TRANSACTION, why, is_changed=True)
        return replace(payment, kind=AS_RECEIVED[payment.kind], provider=provider)

    def _is_of_a_donor(self, giver: IatiOrganisation, document: IatiDocument) -> bool:
        """Returns whether what `giver` pays comes in here.

        Where a donor implements the project as well, it passes its payments on to others. In a file
        of our own nobody else's money goes out.
        """
        entry = self.register.institution(giver)
        key = id(entry.institution) if entry else None
        is_donor = key in self.donors and key not in self.implementers
        return is_donor and not _is_ours(document.reporting)

    def _leave(self, payment: IatiTransaction) -> None:
        why = _("The portal keeps what was promised and received.")
        if payment.kind in (SPENT, PASSED_ON):
            why = _("Spending comes from the accounting system.")
        self.note(TRANSACTION, why, amount=payment.money)

    def _promise(
        self, donor: DraftParticipation, payment: IatiTransaction, document: IatiDocument
    ) -> None:
        if any(each is donor for each, _promise in self.draft.promises):
            why = _("A second promise from the same institution.")
            self.note(TRANSACTION, why, amount=payment.money)
            return
        reference = payment.ref or document.identifier[:100]
        promise = SignedPromise(payment.money.amount, payment.on, reference)
        self.draft.promises.append((donor, promise))

    def _add_commitment(self, payment: IatiTransaction, document: IatiDocument) -> None:
        """Keeps a commitment of a donor's own file, where each changes what was committed before
        it; a negative one takes something back."""
        if donor := self._donor(TRANSACTION, payment.provider, payment.money, positive=False):
            promise = SignedPromise(
                payment.money.amount, payment.on, payment.ref or document.identifier[:100]
            )
            self.commitments.setdefault(id(donor), []).append((donor, payment.money, promise))

    def _add_up_commitments(self) -> None:
        for rows in self.commitments.values():
            donor = rows[0][0]
            first = min((promise for *_rest, promise in rows), key=lambda each: each.signed_on)
            total = sum((promise.amount for *_rest, promise in rows), Decimal(0))
            refused = ""
            if total <= 0:
                refused = _("An amount promised or received has to be more than zero.")
            elif any(each is donor for each, _promise in self.draft.promises):
                refused = _("A second promise from the same institution.")
            if refused:
                for _donor, money, _promise in rows:
                    self.note(TRANSACTION, refused, amount=money)
                continue
            if len(rows) > 1:
                why = _("Several commitments of one donor: added up, with the day of the first.")
                self.note(TRANSACTION, why, is_changed=True)
            self.draft.promises.append((donor, replace(first, amount=total)))

    def _donor(
        self,
        tag: str,
        provider: IatiOrganisation | None,
        money: IatiAmount,
        *,
        positive: bool = True,
    ) -> DraftParticipation | None:
        """Returns the donor that the amount comes from; None, with a note, where it is unknown."""
        if not self._is_of_this_currency(tag, money):
            return None
        if positive and money.amount <= 0:
            why = _("An amount promised or received has to be more than zero.")
            self.note(tag, why, amount=money)
            return None
        entry = self.register.institution(provider) if provider else None
        donor = self.donors.get(id(entry.institution)) if entry else None
        if donor is None:
            why = _("It does not come from an institution that funds the project.")
            self.note(tag, why, amount=money)
        return donor

    def _is_of_this_currency(self, tag: str, money: IatiAmount) -> bool:
        if money.currency != self.currency:
            why = _("An amount in another currency needs its exchange rate: enter it by hand.")
            self.note(tag, why, amount=money)
        return money.currency == self.currency
