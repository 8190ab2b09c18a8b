"""The register of risks of the demonstration, and what waits for the donor."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from ibcr_portal.demo.loader import ProjectLoader
from ibcr_portal.demo.plans import Event
from ibcr_portal.demo.texts import Data, at, columns, day, read, save_translated
from partners.models import Agreement
from projects.amendments.services.amendments import submit_amendment
from projects.models import Amendment, Participation, Risk, RiskRating

FILES = {"HN-TRATA": "honduras_risks", "EXEMPLE-01": "example_risks"}


class DemoRisks:
    def __init__(self, loaded: ProjectLoader) -> None:
        self.loaded, self.project, self.by = loaded, loaded.project, loaded.coordinator
        self.data = read(FILES[loaded.project.code])
        self.risks: dict[int, Risk] = {}

    def events(self) -> Iterator[Event]:
        for row in self.data["risk"]:
            yield day(row["identified_on"]), partial(self._enter, row)
            for entry in row["rating"]:
                yield day(entry[0]), partial(self._rate, row, entry)
            if "closed" in row:
                yield day(row["closed"]["on"]), partial(self._close, row)
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
        submit_amendment(amendment, by=self.by, on=day(row["submitted_on"]), why=row["why"])
