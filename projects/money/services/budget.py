"""Enters, approves and revises the budget of a project."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.formats import money
from projects.models import (
    Amendment,
    Budget,
    BudgetCategory,
    BudgetLine,
    BudgetRevision,
    Period,
    Project,
    Result,
)

# Categories that one press adds: code, French, Spanish, English, whether passed on to partners.
USUAL_CATEGORIES = (
    ("PERS", "Personnel", "Personal", "Personnel", False),
    ("VOY", "Déplacements", "Viajes", "Travel", False),
    ("EQP", "Équipement", "Equipo", "Equipment", False),
    (
        "ACT",
        "Activités et formation",
        "Actividades y capacitación",
        "Activities and training",
        False,
    ),
    ("SUB", "Subventions", "Subvenciones", "Grants", True),
    ("BUR", "Bureaux locaux", "Oficinas locales", "Local offices", False),
    ("S&E", "Suivi et évaluation", "Monitoreo y evaluación", "Monitoring and evaluation", False),
    ("ADM", "Administration", "Administración", "Administration", False),
)


def lock_project(project: Project) -> None:
    """Locks the project's row, so that nobody else changes its money until the transaction ends."""
    Project.objects.select_for_update().get(pk=project.pk)


@transaction.atomic
def add_usual_categories(project: Project) -> int:
    """Adds the usual categories to a project that has none. Returns how many were added."""
    lock_project(project)
    if project.budget_categories.exists():
        return 0
    for position, (code, fr, es, en, is_passed_on) in enumerate(USUAL_CATEGORIES, start=1):
        category = BudgetCategory(
            project=project,
            code=code,
            name_fr=fr,
            name_es=es,
            name_en=en,
            position=position,
            is_passed_on=is_passed_on,
        )
        category.note_translations(["name_fr", "name_es", "name_en"])
        category.save()
    return len(USUAL_CATEGORIES)


@dataclass(frozen=True)
class BudgetLineKey:
    """The category and the result, if any, of a line in the budget of a period."""

    category: BudgetCategory
    result: Result | None

    @property
    def ids(self) -> tuple[int, int | None]:
        return self.category.pk, self.result.pk if self.result else None


@dataclass(frozen=True)
class RevisionGrounds:
    """The reason for a change of an approved budget, and the amendment that allows it, which is
    needed beyond the tolerance."""

    reason: str = ""
    amendment: Amendment | None = None


@transaction.atomic
def write_budget(
    period: Period,
    amounts: Mapping[BudgetLineKey, Decimal | None],
    *,
    by: User,
    on: date,
    grounds: RevisionGrounds | None = None,
) -> int:
    """Writes the amounts of a period. Returns how many lines changed.

    Before the approval the amounts are the original ones, and None deletes a line. After it the
    original amounts never change: each change is kept as a `BudgetRevision` with its reason, which
    names an amendment that the donor approved, or is within the tolerance of what was agreed.
    Raises ValidationError.
    """
    project = period.project
    lock_project(project)
    budget = Budget.of(project)
    kept = {
        (line.category_id, line.result_id): line
        for line in project.budget_lines.filter(period=period)
    }
    changed = 0
    for key, amount in amounts.items():
        line = kept.get(key.ids) or BudgetLine(
            project=project, period=period, category=key.category, result=key.result, original=0
        )
        if budget.is_approved:
            changed += _revise(
                line, amount, budget, by=by, on=on, grounds=grounds or RevisionGrounds()
            )
        else:
            changed += _write_original(line, amount)
    return changed


def _write_original(line: BudgetLine, amount: Decimal | None) -> int:
    if amount is None:
        if not line.pk:
            return 0
        line.delete()
        return 1
    if line.pk and line.original == amount:
        return 0
    line.original = amount
    line.full_clean()
    line.save()
    return 1


def _revise(
    line: BudgetLine,
    amount: Decimal | None,
    budget: Budget,
    *,
    by: User,
    on: date,
    grounds: RevisionGrounds,
) -> int:
    after = Decimal(0) if amount is None else amount
    before = line.amount
    if before == after:
        return 0
    if not grounds.reason.strip():
        raise ValidationError({"reason": _("The budget is approved: say why it changes.")})
    within = _is_within_tolerance(line, after, budget)
    if grounds.amendment is None and not within:
        raise ValidationError({"amendment": _tolerance_message(line, after, budget)})
    line.revised = after
    line.full_clean()
    line.save()
    BudgetRevision.objects.create(
        line=line,
        before=before,
        after=after,
        reason=grounds.reason.strip(),
        amendment=grounds.amendment,
        is_within_tolerance=grounds.amendment is None,
        on=on,
        by=by,
    )
    return 1


def agreed_amount(line: BudgetLine) -> Decimal:
    """Returns the amount that the donor agreed to: the original, or that of the latest amendment.

    The tolerance is measured against it, so that many small revisions do not add up to a large one.
    """
    if not line.pk:
        return Decimal(0)
    latest = line.revisions.exclude(amendment=None).last()
    return latest.after if latest else line.original


def _is_within_tolerance(line: BudgetLine, after: Decimal, budget: Budget) -> bool:
    agreed = agreed_amount(line)
    return abs(after - agreed) * 100 <= agreed * budget.tolerance


def _tolerance_message(line: BudgetLine, after: Decimal, budget: Budget) -> str:
    currency = line.project.currency
    return _(
        "%(line)s: from %(agreed)s agreed to %(after)s is more than %(tolerance)s %%: "
        "choose the amendment approved by the donor."
    ) % {
        "line": line,
        "agreed": money(agreed_amount(line), currency),
        "after": money(after, currency),
        "tolerance": budget.tolerance,
    }


@transaction.atomic
def approve_budget(project: Project, *, on: date) -> Budget:
    """Records the approval, after which the original amounts never change.

    Raises ValidationError for an empty budget and for one that is approved already.
    """
    lock_project(project)
    budget = Budget.of(project)
    if budget.is_approved:
        raise ValidationError(_("The budget is already approved: change it by a revision."))
    if not project.budget_lines.aggregate(Sum("original"))["original__sum"]:
        raise ValidationError(_("The budget is empty: enter its amounts first."))
    budget.approved_on = on
    budget.save()
    return budget


def revisable_amendments(project: Project) -> QuerySet[Amendment]:
    """Returns the amendments that allow a change beyond the tolerance: approved, or in effect."""
    approved = [Amendment.Status.APPROVED, Amendment.Status.EFFECTIVE]
    return project.amendments.filter(status__in=approved)
