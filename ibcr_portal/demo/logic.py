"""The logic model of the demonstration: results that join the tree, and what was approved when."""

from collections.abc import Iterator

from ibcr_portal.demo.loader import Data, ProjectLoader, columns, day, read, save_translated
from ibcr_portal.demo.planning import Event
from projects.framework.services.logic_model import approve_logic_model
from projects.models import LogicModelVersion, Result

FILES = {"HN-TRATA": "honduras_logic", "EXEMPLE-01": "example_logic"}


class Logic:
    def __init__(self, loaded: ProjectLoader) -> None:
        self.loaded, self.project = loaded, loaded.project
        file = FILES.get(self.project.code)
        self.data: Data = read(file) if file else {}

    def events(self) -> Iterator[Event]:
        for row in self.data.get("version", []):
            yield day(row["approved_on"]), lambda row=row: self._approve(row)

    def _approve(self, row: Data) -> None:
        """First what this version says otherwise, then its approval."""
        for told in row.get("result", []):
            self._write(told)
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

    def _write(self, told: Data) -> None:
        results = self.loaded.results
        result = results.get(told["code"]) or Result(
            project=self.project, code=told["code"], level=told["level"], illustrative=True
        )
        if "parent" in told:
            result.parent = results[told["parent"]]
        for column, text in columns("statement", told).items():
            setattr(result, column, text)
        result.full_clean()
        results[told["code"]] = save_translated(result)
