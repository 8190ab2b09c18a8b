"""The money of a synthetic project, and its risks."""

from datetime import timedelta
from decimal import Decimal

from bench.builder import ProjectParts
from bench.sizes import FIRST_DAY, REPORTED
from bench.words import sentence
from projects.models import (
    Assignment,
    Budget,
    BudgetCategory,
    BudgetLine,
    Expenditure,
    Risk,
    RiskRating,
)


def spend(ground: ProjectParts) -> None:
    Budget.objects.create(project=ground.project, approved_on=FIRST_DAY)
    categories = BudgetCategory.objects.bulk_create(
        BudgetCategory(
            project=ground.project,
            code=f"{n:02}",
            name_fr=f"Catégorie synthétique {n:02}",
            name_es=f"Categoría sintética {n:02}",
            name_en=f"Synthetic category {n:02}",
            position=n,
        )
        for n in range(1, ground.size.categories + 1)
    )
    BudgetLine.objects.bulk_create(
        BudgetLine(
            project=ground.project,
            category=category,
            period=period,
            result=result,
            original=Decimal(ground.chance.randrange(2_000, 90_000)),
        )
        for category in categories
        for period in ground.periods
        for result in (None, *ground.results[:3])
    )
    Expenditure.objects.bulk_create(
        (
            Expenditure(
                project=ground.project,
                category=categories[n % len(categories)],
                spent_on=ground.day(ground.periods[n % REPORTED]),
                amount=Decimal(ground.chance.randrange(100, 900_000)) / 100,
                currency=ground.project.currency,
                description=f"Dépense synthétique {n + 1}",
                voucher=f"SYN-{n + 1:05}",
            )
            for n in range(ground.size.expenditures)
        ),
        batch_size=1000,
    )


def run_risks(ground: ProjectParts) -> None:
    risks = Risk.objects.bulk_create(
        Risk(
            project=ground.project,
            number=n + 1,
            kind=list(Risk.Kind)[n % len(Risk.Kind)],
            owner_role=Assignment.Role.COORDINATOR,
            identified_on=FIRST_DAY,
            is_shared=n % 2 == 0,
            **ground.texts("definition", sentence, 18),
            **ground.texts("cause", sentence, 12),
            **ground.texts("response", sentence, 24),
        )
        for n in range(ground.size.risks)
    )
    RiskRating.objects.bulk_create(
        RiskRating(
            risk=risk,
            rated_on=period.start + timedelta(30),
            likelihood=ground.chance.randint(1, 4),
            impact=ground.chance.randint(1, 4),
            by=ground.by,
        )
        for risk in risks
        for period in ground.periods[:REPORTED]
    )
