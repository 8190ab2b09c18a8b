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
        "%(number)d institution has a role unknown to IATI (beneficiary, represents the donor).",
        "%(number)d institutions have a role unknown to IATI (beneficiary, represents the donor).",
        "number",
    ),
    HeldBackReason.WITHOUT_INDICATOR: ngettext_lazy(
        "%(number)d result has no indicator, without which IATI does not accept it.",
        "%(number)d results have no indicator, without which IATI does not accept them.",
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
        "%(number)d value in words may reveal something about a person.",
        "%(number)d values in words may reveal something about persons.",
        "number",
    ),
    HeldBackReason.SMALL: ngettext_lazy(
        "%(number)d breakdown contains a count of fewer than five persons, or would reveal one.",
        "%(number)d breakdowns contain a count of fewer than five persons, or would reveal one.",
        "number",
    ),
    HeldBackReason.SMALL_VALUE: ngettext_lazy(
        "%(number)d value counts fewer than five persons, or would reveal such a count.",
        "%(number)d values count fewer than five persons, or would reveal such a count.",
        "number",
    ),
    HeldBackReason.NO_DIMENSION: ngettext_lazy(
        "%(number)d breakdown uses groups that have no name in a file (only sex, age "
        "group, kind of institution and department have one).",
        "%(number)d breakdowns use groups that have no name in a file (only sex, age "
        "group, kind of institution and department have one).",
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
        "%(number)d amount belongs to an institution at risk.",
        "%(number)d amounts belong to institutions at risk.",
        "number",
    ),
    HeldBackReason.PASSED_ON: ngettext_lazy(
        "%(number)d sum passed on to partners may include what an institution at risk received.",
        "%(number)d sums passed on to partners may include what an institution at risk received.",
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
        return [sentence(why, self.counts[why]) for why in HeldBackReason if self.counts[why]]


def sentence(why: HeldBackReason, number: int) -> str:
    """Returns the sentence for that many things, in the reader's language."""
    return str(SENTENCES[why] % {"number": number})
