"""Light projects of the demonstration, wholly invented: with them a portfolio has something to
compare. They have periods, a few indicators, money, a duty to the donor and risks, and nothing else.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from django.utils import timezone

from ibcr_portal.demo.loader import ProjectLoader
from ibcr_portal.demo.people import DemoPeople
from ibcr_portal.demo.reports import Event
from ibcr_portal.demo.texts import FOLDER, Data, at, columns, day, read, save_translated
from partners.models import Agreement, Institution
from projects.duties.services import add_preset_duties, open_periods
from projects.framework.services.workbooks import approve_logic_model
from projects.models import (
    Amendment,
    Assignment,
    Budget,
    BudgetCategory,
    BudgetLine,
    DutyDone,
    Expenditure,
    Lesson,
    LogicModelVersion,
    Participation,
    Period,
    ReportingDuty,
    Result,
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


# --- Logic ---
#
# The logic model of the demonstration: results that join the tree, and what was approved when.

FILES = {"HN-TRATA": "honduras_logic", "EXEMPLE-01": "example_logic"}


class DemoLogicModel:
    def __init__(self, loaded: ProjectLoader) -> None:
        self.loaded, self.project = loaded, loaded.project
        file = FILES.get(self.project.code)
        self.data: Data = read(file) if file else {}

    def events(self) -> Iterator[Event]:
        for row in self.data.get("version", []):
            yield day(row["approved_on"]), partial(self._approve, row)

    def _approve(self, row: Data) -> None:
        """Apply the changes of a version, then approves it."""
        for entry in row.get("result", []):
            self._write(entry)
        version = LogicModelVersion(
            project=self.project,
            approved_on=day(row["approved_on"]),
            approver=row["approver"],
            reference=row.get("reference", ""),
            donor_approved_on=day(row.get("donor_approved_on")),
            donor_reference=row.get("donor_reference", ""),
            illustrative=True,
            **columns("reason", row.get("reason")),
        )
        version.note_translations([f"reason_{language}" for language in row.get("reason", {})])
        approve_logic_model(version, by=self.loaded.coordinator)

    def _write(self, entry: Data) -> None:
        results = self.loaded.results
        result = results.get(entry["code"]) or Result(
            project=self.project, code=entry["code"], level=entry["level"], illustrative=True
        )
        if "parent" in entry:
            result.parent = results[entry["parent"]]
        for column, text in columns("statement", entry).items():
            setattr(result, column, text)
        result.full_clean()
        results[entry["code"]] = save_translated(result)


# --- Obligations ---
#
# Obligations of the demonstration: duties to the donor and their fulfilment, agreements, and the
# dates of safeguarding policies. All of it is illustrative.

DONORS_CODES = ("purchase_order", "vendor_number", "fund_code")


class DemoObligations:
    def __init__(self, name: str, loaded: ProjectLoader) -> None:
        self.loaded, self.project = loaded, loaded.project
        there = (FOLDER / f"{name}_obligations.toml").exists()
        self.data: Data = read(f"{name}_obligations") if there else {}

    def events(self) -> Iterator[Event]:
        if self.data:
            yield self.project.starts_on, self._sign
            yield timezone.localdate(), self._owe

    def _sign(self) -> None:
        """The agreements and safeguarding policies, which reports know from the beginning on."""
        for row in self.data.get("agreement", []):
            self._agreement(row)
        for key, signed in self.data.get("safeguarding", {}).items():
            institution = self.loaded.institutions[key]
            if institution.safeguarding_signed_on is None:
                Institution.objects.filter(pk=institution.pk).update(
                    safeguarding_signed_on=day(signed)
                )

    def _owe(self) -> None:
        if preset := self.data.get("preset"):
            add_preset_duties(self.project, preset, once=False)
            for kind in self.data["opened"]:
                open_periods(self.project, kind, start=self.data["opened_from"])
        for row in self.data.get("duty", []):
            self._duty(row)
        self.project.reporting_duties.update(illustrative=True)
        for rule in self.data.get("done", []):
            self._done(rule)

    def _duty(self, row: Data) -> None:
        save_translated(
            ReportingDuty(
                project=self.project,
                kind=row["kind"],
                period_kind=row["period"],
                days=row["days"],
                edge=row["edge"],
                role=row["role"],
                **columns("title", row),
            )
        )

    def _agreement(self, row: Data) -> None:
        agreement, _is_new = Agreement.objects.get_or_create(
            institution=self.loaded.institutions[row["institution"]],
            kind=row["kind"],
            reference=row["reference"],
            defaults={
                **{name: row.get(name, "") for name in DONORS_CODES},
                "signed_on": day(row.get("signed_on")),
                "starts_on": day(row.get("starts_on")),
                "ends_on": day(row.get("ends_on")),
                "illustrative": True,
            },
        )
        Participation.objects.filter(
            project=self.project, institution=agreement.institution, role=row["role"]
        ).update(agreement=agreement)

    def _done(self, rule: Data) -> None:
        """Mark each period up to a number as done, so many days before its due date, some of them
        after it."""
        duties = self.project.reporting_duties.filter(kind=rule["kind"], period_kind=rule["period"])
        late = {int(number): days for number, days in rule.get("late", {}).items()}
        for duty in duties:
            periods = Period.objects.filter(project=self.project, kind=rule["period"])
            for period in periods.filter(number__lte=rule["through"]):
                due = duty.due_on(period)
                DutyDone.objects.create(
                    duty=duty,
                    period=period,
                    on=due + timedelta(days=late.get(period.number, -rule["days_before"])),
                    note=rule.get("note", ""),
                    by=self.loaded.coordinator,
                    illustrative=True,
                )


# --- The register of risks of the demonstration, and what waits for the donor ---

RISKS_FILES = {"HN-TRATA": "honduras_risks", "EXEMPLE-01": "example_risks"}


class DemoRisks:
    def __init__(self, loaded: ProjectLoader) -> None:
        self.loaded, self.project, self.by = loaded, loaded.project, loaded.coordinator
        self.data = read(RISKS_FILES[loaded.project.code])
        self.risks: dict[int, Risk] = {}

    def events(self) -> Iterator[Event]:
        for row in self.data["risk"]:
            yield day(row["identified_on"]), partial(self._enter, row)
            for entry in row["rating"]:
                yield day(entry[0]), partial(self._rate, row, entry)
            if "closed" in row:
                yield day(row["closed"]["on"]), partial(self._close, row)
        for row in self.data.get("lesson", []):
            yield day(row["on"]), partial(self._learn, row)
        for row in self.data.get("agreement", []):
            yield day(row["starts_on"]), partial(self._agree, row)
        for row in self.data.get("amendment", []):
            yield day(row["submitted_on"]), partial(self._submit, row)

    def _enter(self, row: Data) -> None:
        owner = row.get("owner")
        identified = day(row["identified_on"])
        risk = save_translated(
            Risk(
                project=self.project,
                number=row["number"],
                kind=row["kind"],
                strategy=row["strategy"],
                owner=self.loaded.institutions[owner] if owner else None,
                owner_role=row.get("owner_role", ""),
                is_shared=row.get("shared", False),
                identified_on=identified,
                recorded_at=at(identified, "09:00"),
                illustrative=True,
                **columns("definition", row["definition"]),
                **columns("cause", row.get("cause")),
                **columns("response", row.get("response")),
            )
        )
        risk.results.set(self.loaded.results[code] for code in row.get("results", []))
        self.risks[risk.number] = risk

    def _rate(self, row: Data, entry: list) -> None:
        when, likelihood, impact = entry
        rated_on: date = day(when)
        RiskRating.objects.create(
            risk=self.risks[row["number"]],
            rated_on=rated_on,
            likelihood=likelihood,
            impact=impact,
            note=row.get("notes", {}).get(str(when), ""),
            language="fr",
            by=self.by,
            recorded_at=at(rated_on, "09:00"),
        )

    def _close(self, row: Data) -> None:
        entry = row["closed"]
        self.risks[row["number"]].take("close", by=self.by, on=day(entry["on"]), why=entry["why"])

    def _learn(self, row: Data) -> None:
        save_translated(
            Lesson(
                project=self.project,
                result=self.loaded.results[row["result"]] if "result" in row else None,
                noted_on=day(row["on"]),
                recorded_by=self.by,
                illustrative=True,
                **columns("learned", row["learned"]),
                **columns("happened", row["happened"]),
                **columns("change", row.get("change")),
            )
        )

    def _agree(self, row: Data) -> None:
        institution = self.loaded.institutions[row["institution"]]
        agreement, _created = Agreement.objects.get_or_create(
            institution=institution,
            kind=row["kind"],
            reference=row["reference"],
            defaults={
                "starts_on": day(row["starts_on"]),
                "ends_on": day(row["ends_on"]),
                "illustrative": True,
            },
        )
        Participation.objects.filter(project=self.project, institution=institution).update(
            agreement=agreement
        )

    def _submit(self, row: Data) -> None:
        amendment = save_translated(
            Amendment(
                project=self.project,
                number=row["number"],
                kind=row["kind"],
                end_before=self.project.current_end,
                end_after=self.project.current_end + timedelta(days=row["extends_by"]),
                illustrative=True,
                **columns("title", row["title"]),
                **columns("reason", row["reason"]),
            )
        )
        amendment.take("submit", by=self.by, on=day(row["submitted_on"]), why=row["why"])
