"""Counts by reason what an IATI file leaves out, for the preview before it is published."""

from collections import Counter
from enum import Enum, auto

from django.utils.translation import ngettext_lazy

from kernel.text import StrOrPromise


class HeldBackReason(Enum):
    AT_RISK = auto()
    NO_ROLE = auto()
    WITHOUT_INDICATOR = auto()
    NOT_APPROVED = auto()
    COMMENT = auto()
    PERSONAL = auto()
    SMALL = auto()
    SMALL_VALUE = auto()
    NO_DIMENSION = auto()
    BUDGET = auto()
    LONG_BUDGET = auto()
    MONEY_AT_RISK = auto()
    PASSED_ON = auto()


SENTENCES: dict[HeldBackReason, StrOrPromise] = {
    HeldBackReason.AT_RISK: ngettext_lazy(
        "%(number)d institution at risk is not named.",
        "%(number)d institutions at risk are not named.",
        "number",
    ),
    HeldBackReason.NO_ROLE: ngettext_lazy(
        "%(number)d institution has a role that IATI does not know (beneficiary, represents "
        "the donor).",
        "%(number)d institutions have a role that IATI does not know (beneficiary, represents "
        "the donor).",
        "number",
    ),
    HeldBackReason.WITHOUT_INDICATOR: ngettext_lazy(
        "%(number)d result has no indicator, without which IATI takes no result.",
        "%(number)d results have no indicator, without which IATI takes no result.",
        "number",
    ),
    HeldBackReason.NOT_APPROVED: ngettext_lazy(
        "%(number)d value is not approved.",
        "%(number)d values are not approved.",
        "number",
    ),
    HeldBackReason.COMMENT: ngettext_lazy(
        "%(number)d comment on a number stays with the team.",
        "%(number)d comments on numbers stay with the team.",
        "number",
    ),
    HeldBackReason.PERSONAL: ngettext_lazy(
        "%(number)d value in words may tell of a person.",
        "%(number)d values in words may tell of persons.",
        "number",
    ),
    HeldBackReason.SMALL: ngettext_lazy(
        "%(number)d breakdown has a count of fewer than five persons, or would give one away.",
        "%(number)d breakdowns have a count of fewer than five persons, or would give one away.",
        "number",
    ),
    HeldBackReason.SMALL_VALUE: ngettext_lazy(
        "%(number)d value counts fewer than five persons, or would give such a count away.",
        "%(number)d values count fewer than five persons, or would give such a count away.",
        "number",
    ),
    HeldBackReason.NO_DIMENSION: ngettext_lazy(
        "%(number)d breakdown is by groups that have no name in a file (there are sex, age "
        "group, kind of institution and department).",
        "%(number)d breakdowns are by groups that have no name in a file (there are sex, age "
        "group, kind of institution and department).",
        "number",
    ),
    HeldBackReason.BUDGET: ngettext_lazy(
        "%(number)d budget is not approved.", "%(number)d budgets are not approved.", "number"
    ),
    HeldBackReason.LONG_BUDGET: ngettext_lazy(
        "%(number)d budget covers more than a year, or a single day.",
        "%(number)d budgets cover more than a year, or a single day.",
        "number",
    ),
    HeldBackReason.MONEY_AT_RISK: ngettext_lazy(
        "%(number)d amount is of an institution at risk.",
        "%(number)d amounts are of institutions at risk.",
        "number",
    ),
    HeldBackReason.PASSED_ON: ngettext_lazy(
        "%(number)d sum passed on to partners may hold what an institution at risk received.",
        "%(number)d sums passed on to partners may hold what an institution at risk received.",
        "number",
    ),
}


class HeldBack:
    """How many things were left out, by reason."""

    def __init__(self) -> None:
        self.counts: Counter[HeldBackReason] = Counter()

    def hold_back(self, why: HeldBackReason, number: int = 1) -> bool:
        """Counts what is held back. Returns False, so that it can end a condition: `may or …`."""
        self.counts[why] += number
        return False

    def sentences(self) -> list[str]:
        return [
            str(SENTENCES[why] % {"number": self.counts[why]})
            for why in HeldBackReason
            if self.counts[why]
        ]
