"""Money of the demonstration: the budget, what was spent and received, a lock and a correction."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils import timezone

from ibcr_portal.demo.loader import ProjectLoader
from ibcr_portal.demo.plans import Event
from ibcr_portal.demo.texts import FOLDER, Data, day, read
from ibcr_portal.demo.vouchers import add_form, demand_approval, enter_advance, enter_voucher
from projects.models import (
    BudgetComment,
    BudgetLine,
    Contribution,
    ExchangeRate,
    Expenditure,
)
from projects.money.services.approval import lock_days
from projects.money.services.budget import (
    BudgetLineKey,
    RevisionGrounds,
    add_usual_categories,
    approve_budget,
    write_budget,
)
from projects.money.services.spending import adjust_expenditure, rate_on

QUARTER = timedelta(days=89)


class DemoMoney:
    """Loads the budget, the books and the payments on the first day, so that reports of each period
    know them; revisions on their days, since they refer to an amendment that the donor has approved
    by then; and what waits for somebody on the last day."""

    def __init__(self, name: str, loaded: ProjectLoader) -> None:
        self.loaded, self.project = loaded, loaded.project
        self.by = loaded.people.users["finance"]
        file = f"{name}_money"
        self.data: Data = read(file) if (FOLDER / f"{file}.toml").exists() else {}

    def events(self) -> Iterator[Event]:
        if not self.data:
            return
        yield max(day(self.data["approved_on"]), self.project.starts_on), self._load
        for row in self.data.get("revision", []):
            yield day(row["on"]), partial(self._revise, row)
        yield timezone.localdate(), self._end

    def _load(self) -> None:
        add_usual_categories(self.project)
        self.categories = {one.code: one for one in self.project.budget_categories.all()}
        self._budget()
        for row in self.data["rate"]:
            ExchangeRate.objects.create(
                project=self.project,
                currency=row["currency"],
                starts_on=day(row["start"]),
                ends_on=day(row["end"]),
                rate=Decimal(row["rate"]),
                source="Moyenne d’exemple",
                illustrative=True,
            )
        self._spending()
        self._contributions()

    def _end(self) -> None:
        for row in self.data.get("comment", []):
            BudgetComment.objects.create(
                category=self.categories[row["category"]],
                period=self.loaded.periods[row["year"]],
                text=row["text"],
                language="fr",
            )
        self._approvals()

    def _place(self, category: str, result: str) -> BudgetLineKey:
        return BudgetLineKey(
            self.categories[category], self.loaded.results[result] if result else None
        )

    def _budget(self) -> None:
        for number, period in self.loaded.periods.items():
            amounts = {
                self._place(category, result): Decimal(years[number - 1])
                for category, result, *years in self.data["lines"]
            }
            write_budget(period, amounts, by=self.by, on=day(self.data["approved_on"]))
        BudgetLine.objects.filter(project=self.project).update(illustrative=True)
        approve_budget(self.project, on=day(self.data["approved_on"]))

    def _revise(self, row: Data) -> None:
        amendment = self.loaded.amendments.get(row.get("amendment", 0))
        for category, result, year, amount in row["amounts"]:
            write_budget(
                self.loaded.periods[year],
                {self._place(category, result): Decimal(amount)},
                by=self.by,
                on=day(row["on"]),
                grounds=RevisionGrounds(row["reason"], amendment),
            )

    def _spending(self) -> None:
        for row in self.data["regular"]:
            for number, amount in enumerate(row["amounts"], start=1):
                on = self.project.starts_on + number * QUARTER - timedelta(days=10)
                entry = {"amount": amount, "fr": f"{row['description']} {number}"}
                self._spend(row | entry | {"voucher": f"{row['voucher']}-{number:02}"}, on)
        to_correct = [(row, self._spend(row, day(row["on"]))) for row in self.data["spending"]]
        for row in self.data["lock"]:
            lock_days(self.project, start=day(row["start"]), end=day(row["end"]), by=self.by)
        for row, original in to_correct:
            if entry := row.get("correction"):
                adjust_expenditure(
                    original,
                    category=original.category,
                    result=original.result,
                    amount=Decimal(entry["amount"]),
                    on=day(entry["on"]),
                    reason=entry["reason"],
                    by=self.by,
                )

    def _approvals(self) -> None:
        users = self.loaded.people.users
        if approval := self.data.get("approval"):
            add_form(self.project, by=self.by)
            demand_approval(self.project, approval["above"])
            for row in approval["voucher"]:
                new = self._new(row, day(row["on"]))
                enter_voucher(new, row, by=self.by, second=users["coordinator"])
        for row in self.data.get("advance", []):
            institution = self.loaded.institutions[row["institution"]]
            enter_advance(self.project, institution, row, by=self.by, partner=users["partner"])

    def _spend(self, row: dict[str, Any], on: date) -> Expenditure:
        expenditure = self._new(row, on)
        expenditure.save()
        return expenditure

    def _new(self, row: dict[str, Any], on: date) -> Expenditure:
        place = self._place(row["category"], row.get("result", ""))
        rate = rate_on(self.project, row["currency"], on)
        assert rate is not None  # the demonstration has a rate for each of its currencies
        return Expenditure(
            project=self.project,
            category=place.category,
            result=place.result,
            activity=self.loaded.activities.get(row.get("activity", "")),
            spent_on=on,
            amount=Decimal(row["amount"]),
            currency=row["currency"],
            rate=rate,
            voucher=row["voucher"],
            description=row["fr"],
            illustrative=True,
        )

    def _contributions(self) -> None:
        for row in self.data["contribution"]:
            giver = self.loaded.institutions[row["institution"]]
            Contribution.objects.create(
                participation=self.project.participations.get(institution=giver, role="funding"),
                currency=row["currency"],
                promised=Decimal(row["promised"]),
                expected_on=day(row["expected_on"]),
                received=Decimal(row["received"]) if "received" in row else None,
                received_on=day(row.get("received_on")),
                reference=row["reference"],
                illustrative=True,
            )
