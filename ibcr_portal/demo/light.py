"""Light projects of the demonstration, wholly invented: with them a portfolio has something to
compare. They have periods, a few indicators, money, a duty to the donor and risks, and nothing else.
"""

from collections.abc import Callable
from decimal import Decimal

from ibcr_portal.demo.loader import ProjectLoader
from ibcr_portal.demo.people import DemoPeople
from ibcr_portal.demo.texts import Data, columns, day, save_translated
from projects.models import (
    Assignment,
    Budget,
    BudgetCategory,
    BudgetLine,
    Expenditure,
    ReportingDuty,
    Risk,
    RiskRating,
)

LIGHT = ("light_schools", "light_centres")
TEAM = ("coordinator", "monitoring", "finance", "reader")


def load_light(data: Data, people: DemoPeople) -> None:
    LightLoader(data, people).load()


class LightLoader(ProjectLoader):
    def _parts(self) -> list[Callable[[], None]]:
        return [
            *(self._people, self._periods, self._results, self._indicators),
            *(self._money, self._duties, self._risks),
        ]

    def _people(self) -> None:
        self._participate()
        for role in TEAM:
            Assignment.objects.create(project=self.project, user=self.people.users[role], role=role)

    def _indicators(self) -> None:
        super()._indicators()
        for row in self.data["indicator"]:
            indicator = self.indicators[row["code"]]
            for name in ("cumulative", "counts_persons", "standard", "standard_code"):
                setattr(indicator, name, row.get(name, getattr(indicator, name)))
            indicator.save()

    def _money(self) -> None:
        Budget.objects.create(project=self.project, approved_on=self.project.starts_on)
        for position, row in enumerate(self.data["category"]):
            category = save_translated(
                BudgetCategory(
                    project=self.project,
                    code=row["code"],
                    position=position,
                    **columns("name", row),
                )
            )
            for number, amount in enumerate(row["planned"], start=1):
                BudgetLine.objects.create(
                    project=self.project,
                    category=category,
                    period=self.periods[number],
                    original=Decimal(amount),
                )
            for number, spent in enumerate(row["spent"], start=1):
                Expenditure.objects.create(
                    project=self.project,
                    category=category,
                    spent_on=day(spent["on"]),
                    amount=Decimal(spent["amount"]),
                    currency=self.project.currency,
                    description="Dépense d’exemple",
                    voucher=f"{self.project.code}-{row['code']}-{number}",
                    entered_by=self.people.users["finance"],
                    illustrative=True,
                )

    def _duties(self) -> None:
        for row in self.data["duty"]:
            save_translated(
                ReportingDuty(
                    project=self.project,
                    kind=row["kind"],
                    period_kind="project_year",
                    days=row["days"],
                    role="coordinator",
                    illustrative=True,
                    **columns("title", row),
                )
            )

    def _risks(self) -> None:
        for number, row in enumerate(self.data["risk"], start=1):
            risk = save_translated(
                Risk(
                    project=self.project,
                    number=number,
                    kind=row["kind"],
                    owner_role="coordinator",
                    identified_on=day(row["on"]),
                    is_shared=row["shared"],
                    illustrative=True,
                    **columns("definition", row),
                )
            )
            RiskRating.objects.create(
                risk=risk,
                rated_on=day(row["on"]),
                likelihood=row["likelihood"],
                impact=row["impact"],
            )
