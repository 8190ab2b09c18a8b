"""Counts by reason what an IATI file leaves out, for the preview before it is published."""

from collections import Counter
from enum import Enum, auto

from django.utils.translation import ngettext


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


class HeldBack:
    """How many things were left out, by reason."""

    def __init__(self) -> None:
        self.counts: Counter[HeldBackReason] = Counter()

    def hold_back(self, why: HeldBackReason, number: int = 1) -> bool:
        """Counts what is held back. Returns False, so that it can end a condition: `may or …`."""
        self.counts[why] += number
        return False

    def sentences(self) -> list[str]:
        return [sentence(why, self.counts[why]) for why in HeldBackReason if self.counts[why]]


def sentence(why: HeldBackReason, number: int) -> str:
    return _sentences(number)[why] % {"number": number}


def _sentences(number: int) -> dict[HeldBackReason, str]:
    """Returns the sentences by reason, in the singular or plural form for the number."""
    return {
        HeldBackReason.AT_RISK: ngettext(
            "%(number)d institution at risk is not named.",
            "%(number)d institutions at risk are not named.",
            number,
        ),
        HeldBackReason.NO_ROLE: ngettext(
            "%(number)d institution has a role that IATI does not know (beneficiary, represents "
            "the donor).",
            "%(number)d institutions have a role that IATI does not know (beneficiary, represents "
            "the donor).",
            number,
        ),
        HeldBackReason.WITHOUT_INDICATOR: ngettext(
            "%(number)d result has no indicator, without which IATI takes no result.",
            "%(number)d results have no indicator, without which IATI takes no result.",
            number,
        ),
        HeldBackReason.NOT_APPROVED: ngettext(
            "%(number)d value is not approved.",
            "%(number)d values are not approved.",
            number,
        ),
        HeldBackReason.COMMENT: ngettext(
            "%(number)d comment on a number stays with the team.",
            "%(number)d comments on numbers stay with the team.",
            number,
        ),
        HeldBackReason.PERSONAL: ngettext(
            "%(number)d value in words may tell of a person.",
            "%(number)d values in words may tell of persons.",
            number,
        ),
        HeldBackReason.SMALL: ngettext(
            "%(number)d breakdown has a count of fewer than five persons, or would give one away.",
            "%(number)d breakdowns have a count of fewer than five persons, or would give one away.",
            number,
        ),
        HeldBackReason.SMALL_VALUE: ngettext(
            "%(number)d value counts fewer than five persons, or would give such a count away.",
            "%(number)d values count fewer than five persons, or would give such a count away.",
            number,
        ),
        HeldBackReason.NO_DIMENSION: ngettext(
            "%(number)d breakdown is by groups that have no name in a file (there are sex, age "
            "group, kind of institution and department).",
            "%(number)d breakdowns are by groups that have no name in a file (there are sex, age "
            "group, kind of institution and department).",
            number,
        ),
        HeldBackReason.BUDGET: ngettext(
            "%(number)d budget is not approved.", "%(number)d budgets are not approved.", number
        ),
        HeldBackReason.LONG_BUDGET: ngettext(
            "%(number)d budget covers more than a year, or a single day.",
            "%(number)d budgets cover more than a year, or a single day.",
            number,
        ),
        HeldBackReason.MONEY_AT_RISK: ngettext(
            "%(number)d amount is of an institution at risk.",
            "%(number)d amounts are of institutions at risk.",
            number,
        ),
        HeldBackReason.PASSED_ON: ngettext(
            "%(number)d sum passed on to partners may hold what an institution at risk received.",
            "%(number)d sums passed on to partners may hold what an institution at risk received.",
            number,
        ),
    }
