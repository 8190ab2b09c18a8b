"""The framework of the demonstration: what indicators count, their values by cell and by period,
a request that waits for its answer, and a value that was returned."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from django.apps import apps
from django.utils import timezone

from ibcr_portal.demo.loader import ProjectLoader
from ibcr_portal.demo.plans import Event
from ibcr_portal.demo.texts import Data, columns, day, read, save_translated
from projects.first_dimensions import bring
from projects.framework.services.values import (
    Numbers,
    ValueEntry,
    approve_value,
    keep_values,
    take_step,
)
from projects.models import DataPoint, Dimension, Indicator, Period, ValueRequest
from projects.models.value import Cell

FILES = {"HN-TRATA": "honduras_framework", "EXEMPLE-01": "example_framework"}


class DemoFramework:
    def __init__(self, loaded: ProjectLoader) -> None:
        self.loaded, self.project = loaded, loaded.project
        self.data = read(FILES[self.project.code])
        if not Dimension.objects.exists():
            bring(apps)

    def events(self) -> Iterator[Event]:
        for since, rows in self._indicators().items():
            yield since, partial(self._settle, rows)
        for row in self.data.get("value", []):
            yield self._submitted_on(row), partial(self._value, row)
        for row in self.data.get("request", []):
            yield timezone.localdate(), partial(self._request, row)

    def _indicators(self) -> dict[date, list[Data]]:
        """Return the indicators by the day from which they are there: those of results that came
        with the logic model wait for it."""
        found: dict[date, list[Data]] = {}
        for row in self.data["indicator"]:
            found.setdefault(row.get("since", self.project.starts_on), []).append(row)
        return found

    def _settle(self, rows: list[Data]) -> None:
        """Complete the indicators of the project, and add those that only the framework has."""
        for row in rows:
            if row["code"] not in self.loaded.indicators:
                self.loaded.indicators[row["code"]] = self._new(row)
            indicator = self.loaded.indicators[row["code"]]
            for name in (
                "counts_persons",
                "cumulative",
                "due_per",
                "source",
                "method",
                "frequency",
                "standard",
                "standard_code",
            ):
                setattr(indicator, name, row.get(name, getattr(indicator, name)))
            indicator.dimension = Dimension.objects.filter(code=row.get("by", "")).first()
            indicator.responsible = self.loaded.institutions[row.get("responsible", "ibcr")]
            indicator.save()

    def _new(self, row: Data) -> Indicator:
        return save_translated(
            Indicator(
                result=self.loaded.results[row["result"]],
                code=row["code"],
                measure=row["measure"],
                illustrative=True,
                **columns("name", row),
            )
        )

    def _submitted_on(self, row: Data) -> date:
        """Two weeks after the period, or today where that is still to come. A baseline is there with
        its indicator."""
        period = self._period(row)
        if period is None:
            known = {one["code"]: one for one in self.data["indicator"]}
            since: date = known[row["indicator"]]["since"]
            return since
        return min(period.end + timedelta(days=14), timezone.localdate())

    def _period(self, row: Data) -> Period | None:
        return self.loaded.periods[row["period"]] if "period" in row else None

    def _value(self, row: Data) -> None:
        """Entered by the coordination or the partner, then approved or returned by monitoring."""
        users = self.loaded.people.users
        by = users[row.get("by", "coordinator")]
        indicator = self.loaded.indicators[row["indicator"]]
        period, on = self._period(row), self._submitted_on(row)
        known = DataPoint.objects.totals().filter(
            indicator=indicator, kind=row["kind"], period=period
        )
        if point := known.first():
            self._add_cells(point, row)
            return
        given_by = indicator.responsible if row.get("by") == "partner" else None
        cells: dict[Cell, Numbers] = {
            (key, None): number for key, number in self._cells(indicator, row).items()
        }
        entry = ValueEntry(
            by=by,
            total=_numbers(row.get("value")),
            cells=cells,
            comment=row.get("comment", ""),
            source=row.get("source", ""),
            given_by=given_by,
        )
        point = keep_values(indicator, row["kind"], period, entry)
        DataPoint.objects.of_same(point).update(illustrative=True)
        take_step(point, "submit", by=by)
        if remark := row.get("returned"):
            take_step(point, "return", by=users["monitoring"], why=remark)
        else:
            approve_value(point, by=users["monitoring"])
        self._date(point, on)

    def _add_cells(self, point: DataPoint, row: Data) -> None:
        """Those of a value that was approved with the project."""
        for key, numbers in self._cells(point.indicator, row).items():
            DataPoint.objects.create(
                indicator=point.indicator,
                kind=point.kind,
                period=point.period,
                category_id=key,
                numerator=numbers.numerator,
                denominator=numbers.denominator,
                entered_by=point.entered_by,
                status=point.status,
                illustrative=True,
            )

    @staticmethod
    def _cells(indicator: Indicator, row: Data) -> dict[int, Numbers]:
        typed = row.get("cells", {})
        if not typed or indicator.dimension is None:
            return {}
        categories = indicator.dimension.categories.filter(code__in=typed)
        return {category.pk: _numbers(typed[category.code]) for category in categories}

    @staticmethod
    def _date(point: DataPoint, on: date) -> None:
        for row in DataPoint.objects.of_same(point):
            row.status_changes.update(happened_on=on)

    def _request(self, row: Data) -> None:
        """Nobody is written to: what is sent of the demonstration is its coming meeting alone."""
        ValueRequest.objects.create(
            project=self.project,
            institution=self.loaded.institutions[row["institution"]],
            period=self.loaded.periods[row["period"]],
            due_on=day(row["due_on"]),
            note=row["note"],
            asked_by=self.loaded.coordinator,
        )


def _numbers(value: int | list[int] | None) -> Numbers:
    if value is None:
        return Numbers()
    pair = value if isinstance(value, list) else [value]
    return Numbers(*(Decimal(number) for number in pair))
