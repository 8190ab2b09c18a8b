"""Obligations of the demonstration: duties to the donor and their fulfilment, agreements, and the
dates of safeguarding policies. All of it is illustrative."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from ibcr_portal.demo.loader import ProjectLoader
from ibcr_portal.demo.plans import Event
from ibcr_portal.demo.texts import FOLDER, Data, columns, day, read, save_translated
from partners.models import Agreement, Institution
from projects.duties.services import add_preset_duties, open_periods
from projects.models import DutyDone, Participation, Period, ReportingDuty

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
