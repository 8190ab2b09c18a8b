"""An IATI activity as plain data, which `export` writes and `read` reads, and the count of what it leaves
out.

It holds only what the portal knows of an activity. Two files with the same content give equal data,
so that an exported file reads back unchanged. Texts are by language, such as {"fr": "…"}; a missing
value is None, never zero; amounts and percentages are Decimal.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum, auto

from django.utils.translation import ngettext_lazy

from kernel.text import StrOrPromise, active_language

Texts = dict[str, str]


# Tells the summary of a report from another description of type 4: the standard has no type of its own
# for it, and allows attributes of other namespaces.
NAMESPACE = "urn:ibcr-portal:iati"
ORIGIN, FROM_REPORT = f"{{{NAMESPACE}}}origin", "report"


@dataclass
class IatiOrganisation:
    """`ref` is an organisation identifier; `kind` a code such as 10 (government) or 21 (NGO)."""

    names: Texts = field(default_factory=dict)
    ref: str = ""
    kind: str = ""

    @property
    def name(self) -> str:
        """The name in the reader's language, or in any other, or else the identifier."""
        names = [*self.names.values(), self.ref]
        return self.names.get(active_language()) or names[0]


@dataclass
class Participant:
    """An organisation that takes part. Role 1 funding, 2 accountable, 3 extending,
    4 implementing. `activity`: the identifier with which it reports its own part."""

    organisation: IatiOrganisation
    role: str
    activity: str = ""


@dataclass
class ContactPoint:
    """The office to write to, never a person."""

    organisation: Texts
    email: str = ""
    website: str = ""


@dataclass
class CodePercentage:
    """A country or sector, and its share of the activity."""

    code: str
    percentage: Decimal | None = None


@dataclass
class PolicyMarker:
    code: str
    vocabulary: str
    significance: str
    names: Texts = field(default_factory=dict)


@dataclass
class IatiAmount:
    """An amount. `on`: the day whose exchange rate counts (value-date); `line`: its place in the
    file that it was read from."""

    amount: Decimal
    currency: str
    on: date
    line: int | None = field(default=None, compare=False)


@dataclass
class IatiBudget:
    """A budget: of at most a year where we write it, of any time in files by others. Kind
    1 original, 2 revised; status 1 indicative, 2 committed."""

    start: date
    end: date
    money: IatiAmount
    kind: str = "1"
    status: str = "1"


@dataclass
class PlannedDisbursement:
    start: date
    end: date | None
    money: IatiAmount
    provider: IatiOrganisation | None = None
    receiver: IatiOrganisation | None = None
    kind: str = "1"
    provider_activity: str = ""


@dataclass
class IatiTransaction:
    """A payment or promise. Kind 1 incoming funds, 2 outgoing commitment, 3 disbursement,
    4 expenditure, 11 incoming commitment. `provider_activity`: the identifier with which the
    provider reports the activity that the money comes from."""

    kind: str
    on: date
    money: IatiAmount
    ref: str = ""
    description: Texts = field(default_factory=dict)
    provider: IatiOrganisation | None = None
    receiver: IatiOrganisation | None = None
    provider_activity: str = ""


@dataclass
class MeasuredValue:
    """A baseline, target or actual value: the total, or with dimensions one cell of it."""

    value: Decimal | None = None
    comment: Texts = field(default_factory=dict)
    dimensions: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class MeasuredBaseline:
    year: int
    measured: MeasuredValue


@dataclass
class MeasuredPeriod:
    start: date
    end: date
    targets: list[MeasuredValue] = field(default_factory=list)
    actuals: list[MeasuredValue] = field(default_factory=list)


@dataclass
class MeasuredIndicator:
    """An indicator and its values. Measure 1 unit, 2 percentage, 3 nominal, 4 ordinal,
    5 qualitative."""

    title: Texts
    measure: str
    code: str = ""
    ascending: bool = True
    adds_up: bool = False
    baselines: list[MeasuredBaseline] = field(default_factory=list)
    periods: list[MeasuredPeriod] = field(default_factory=list)


@dataclass
class MeasuredResult:
    """A result and its indicators. Kind 1 output, 2 outcome, 3 impact, 9 other; `level` is the
    portal's own name for it."""

    title: Texts
    kind: str
    code: str = ""
    level: str = ""
    indicators: list[MeasuredIndicator] = field(default_factory=list)


@dataclass
class IatiDocument:
    """An activity with all its parts.

    `descriptions` are by type (1 general, 4 other), `dates` by type (1 planned start, 2 actual
    start, 3 planned end, 4 actual end), `defaults` by element, such as {"default-flow-type": "10"}.
    `summary` is what the latest report says about results to everybody, a description of type 4 too.
    """

    identifier: str
    reporting: IatiOrganisation
    title: Texts
    status: str
    language: str = "fr"
    currency: str = ""
    descriptions: dict[str, Texts] = field(default_factory=dict)
    summary: Texts = field(default_factory=dict)
    participants: list[Participant] = field(default_factory=list)
    other_identifiers: list[tuple[str, str]] = field(default_factory=list)
    dates: dict[str, date] = field(default_factory=dict)
    contact: ContactPoint | None = None
    scope: str = ""
    countries: list[CodePercentage] = field(default_factory=list)
    sectors: list[CodePercentage] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    markers: list[PolicyMarker] = field(default_factory=list)
    defaults: dict[str, str] = field(default_factory=dict)
    budgets: list[IatiBudget] = field(default_factory=list)
    planned_disbursements: list[PlannedDisbursement] = field(default_factory=list)
    transactions: list[IatiTransaction] = field(default_factory=list)
    results: list[MeasuredResult] = field(default_factory=list)


@dataclass(frozen=True)
class IatiFinding:
    """A sentence about a line of a file. `is_error`: whether it makes the file invalid by IATI's
    schema or rules; otherwise it is a warning."""

    sentence: str
    line: int | None = None
    is_error: bool = True


# --- What is left out ---


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
