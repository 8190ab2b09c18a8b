"""The logic model of the demonstration: results that join the tree, and what was approved when."""

from collections.abc import Iterator
from functools import partial

from ibcr_portal.demo.loader import ProjectLoader
from ibcr_portal.demo.plans import Event
from ibcr_portal.demo.texts import Data, columns, day, read, save_translated
from projects.framework.services.logic_model import approve_logic_model
from projects.models import LogicModelVersion, Result

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
