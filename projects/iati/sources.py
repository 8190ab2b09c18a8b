"""Where the money and the cells of a project come from, as plain data for `publishable`.

The one seam to models that hold them. Each function answers for one project, with a constant number
of queries; what the portal does not hold yet is an empty list, never a zero. Nothing is left out
here: what may leave is decided in `publishable`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kernel.text import LANGUAGES, Multilingual
from partners.models import Institution
from projects.iati.document import Texts
from projects.models import DataPoint, Participation, Project


def in_languages(thing: Multilingual, name: str) -> Texts:
    """The filled columns of a text in three languages."""
    texts = {language: getattr(thing, f"{name}_{language}").strip() for language in LANGUAGES}
    return {language: text for language, text in texts.items() if text}


@dataclass(frozen=True)
class BudgetYear:
    """The project's budget of one year or less, original or revised, in its currency."""

    start: date
    end: date
    amount: Decimal
    is_revised: bool = False
    is_committed: bool = False


@dataclass(frozen=True)
class Instalment:
    """What an institution is to pay to the project, or the project to it (`is_outgoing`)."""

    start: date
    end: date | None
    amount: Decimal
    institution: Institution
    is_outgoing: bool = False


@dataclass(frozen=True)
class Movement:
    """Money promised, received or spent; `kind` is the code of a transaction of IATI. Without an
    institution it is what the project spent itself."""

    kind: str
    on: date
    amount: Decimal
    reference: str = ""
    institution: Institution | None = None


@dataclass(frozen=True)
class Cell:
    """One cell of a breakdown: [("sex", "women")] and its value. `persons`: the count behind it where
    it counts persons, by which small ones are held back."""

    dimensions: tuple[tuple[str, str], ...]
    value: Decimal
    persons: int | None = None


def budgets_of(project: Project) -> list[BudgetYear]:
    """The budget by year. None yet: the portal keeps no budget lines."""
    return []


def instalments_of(project: Project) -> list[Instalment]:
    """What is still to be paid and received. None yet."""
    return []


def movements_of(project: Project, participations: Iterable[Participation]) -> list[Movement]:
    """What was promised to the project: contributions whose agreement was signed.

    Contributions received, expenditure and grants are added here.
    """
    return [
        Movement(
            kind="11",
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


def cells_of(points: Iterable[DataPoint]) -> dict[int, list[Cell]]:
    """The breakdown of each value, by its key. None yet: the portal keeps whole values only."""
    return {}
