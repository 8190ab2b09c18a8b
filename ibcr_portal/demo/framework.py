"""The framework of the demonstration: what indicators count, their values by cell and by period,
a request that waits for its answer, and a value that was returned.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from simple_history.utils import update_change_reason

from ibcr_portal.demo.loader import ProjectLoader
from ibcr_portal.demo.pictures import illustration
from ibcr_portal.demo.reports import Event
from ibcr_portal.demo.texts import Data, columns, day, read, save_translated
from kernel.files import check_upload
from projects.activities.services import add_evidence, write_groups
from projects.first_dimensions import bring
from projects.framework.services.values import (
    Numbers,
    ValueEntry,
    approve_value,
    keep_values,
    take_step,
)
from projects.models import (
    Activity,
    DataPoint,
    Deliverable,
    Dimension,
    Evidence,
    Indicator,
    ParticipantGroup,
    Period,
    ValueRequest,
)
from projects.models.activity import SEXES
from projects.models.evidence import ACCEPTED, MAX_BYTES
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


# --- Activities of the demonstration: participants in numbers, deliverables and evidence ---
#
# Real activities keep their real facts; only the additions are illustrative.

ACTIVITIES_FILES = {"HN-TRATA": "honduras_activities", "EXEMPLE-01": "example_activities"}


class DemoActivities:
    def __init__(self, loaded: ProjectLoader) -> None:
        self.loaded, self.project = loaded, loaded.project
        self.institutions = loaded.institutions

    def events(self) -> Iterator[Event]:
        """All on the first day: reports and meetings that speak of them come after."""
        name = ACTIVITIES_FILES.get(self.project.code)
        for row in read(name)["activity"] if name else []:
            yield self.project.starts_on, partial(self._load, row)

    def _load(self, row: Data) -> None:
        activity = self._activity(row)
        for name in ("code", "department", "place", "planned_participants", "share_done"):
            setattr(activity, name, row.get(name, getattr(activity, name)))
        activity.responsible = self.institutions.get(row.get("responsible", ""))
        activity.participants = row.get("participants", activity.participants)
        activity.groups_illustrative = "groups" in row
        for name, texts in columns("description", row.get("description")).items():
            setattr(activity, name, texts)
        save_translated(activity)
        activity.partners.set([self.institutions[key] for key in row.get("partners", [])])
        write_groups(activity, [self._group(group) for group in row.get("groups", [])])
        deliverables = [self._deliverable(activity, one) for one in row.get("deliverable", [])]
        for one in row.get("proof", []):
            self._proof(activity, one, deliverables)
        self._change(activity, row)

    def _activity(self, row: Data) -> Activity:
        """One that is there by its French title, or a new one."""
        known = self.project.activities.filter(title_fr=row["fr"]).first()
        return known or Activity(
            project=self.project,
            kind=row["kind"],
            result=self.loaded.results.get(row["result"]),
            illustrative=True,
            **columns("title", row),
            **{
                name: day(row.get(name))
                for name in ("planned_start", "planned_end", "actual_start", "actual_end")
            },
        )

    def _group(self, group: list) -> ParticipantGroup:
        who, *counts = group
        institution = self.institutions.get(who)
        return ParticipantGroup(
            institution=institution,
            kind="" if institution else who,
            **dict(zip(SEXES, counts, strict=False)),
        )

    def _deliverable(self, activity: Activity, row: Data) -> Deliverable:
        return save_translated(
            Deliverable(
                activity=activity,
                kind=row["kind"],
                planned_on=day(row.get("planned_on")),
                delivered_on=day(row.get("delivered_on")),
                quantity_planned=row.get("planned"),
                quantity_actual=row.get("actual"),
                illustrative=True,
                **columns("title", row),
            )
        )

    def _proof(self, activity: Activity, row: Data, deliverables: list[Deliverable]) -> None:
        """A real page as a link, or a drawn picture on which nobody can be recognised."""
        link = row.get("link", "")
        content = None
        if not link:
            picture = SimpleUploadedFile("illustration.png", illustration(row.get("picture", "")))
            content = check_upload(picture, allowed=ACCEPTED, max_bytes=MAX_BYTES)
        given_by = self.institutions.get(row.get("given_by", ""))
        proof = Evidence(
            activity=activity,
            title=row["title"],
            language=row["language"],
            link=link,
            deliverable=deliverables[row["of"]] if "of" in row else None,
            consent=Evidence.Consent.NONE if link else Evidence.Consent.NOBODY,
            audience=Evidence.Audience.TEAM if given_by else Evidence.Audience.SHARED,
            given_by=given_by,
            illustrative=row.get("illustrative", True),
        )
        by = self.loaded.people.users["partner"] if given_by else self.loaded.coordinator
        add_evidence(proof, content, by=by)
        if proof.accepted_on and activity.actual_end:  # in its time, so that reports show it
            on = min(activity.actual_end + timedelta(days=14), timezone.localdate())
            Evidence.objects.filter(pk=proof.pk).update(accepted_on=on)

    def _change(self, activity: Activity, row: Data) -> None:
        """Move or stop an activity, with the reason."""
        if moved := row.get("moved"):
            activity.planned_start, activity.planned_end = day(moved["start"]), day(moved["end"])
            activity.save()
            update_change_reason(activity, moved["why"])
        if stopped := row.get("stopped"):
            on = min(day(stopped["on"]), timezone.localdate())
            activity.take(stopped["verb"], by=self.loaded.coordinator, why=stopped["why"], on=on)
