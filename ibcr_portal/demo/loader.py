"""Puts the readable files of this folder into the database, in the order in which it happened.

Each step of a life is taken with the day it happened on, so that the history of a meeting or
plan reads as it was; a report is signed off before what came after it is loaded.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from committees.models import Committee, Seat, SeatTerm
from committees.models.seat import number_seats
from ibcr_portal.demo.people import REASON, DemoPeople
from ibcr_portal.demo.texts import LANGUAGES, Data, columns, day, save_translated
from partners.models import Contact
from projects.models import (
    Activity,
    Amendment,
    Assignment,
    DataPoint,
    Indicator,
    Participation,
    Period,
    Project,
    Representation,
    Result,
    TeamInvitation,
)


class ProjectLoader:
    """Loads a project and the people and institutions in it. Plans, meetings and minutes follow
    later."""

    def __init__(self, data: Data, people: DemoPeople) -> None:
        self.data, self.people = data, people
        self.institutions = people.institutions
        self.coordinator = people.users["coordinator"]

    def load(self) -> None:
        facts = self.data["project"]
        self.project = save_translated(
            Project(
                code=facts["code"],
                languages=[*LANGUAGES],
                starts_on=day(facts["starts_on"]),
                original_end=day(facts["original_end"]),
                current_end=day(facts["original_end"]),
                code_of_conduct_on=day(facts.get("code_of_conduct_on")),
                currency=facts["currency"],
                status=facts["status"],
                country=facts.get("country", "HN"),
                demonstration=True,
                illustrative=facts.get("illustrative", False),
                **columns("short_title", facts["short_title"]),
                **columns("title", facts["title"]),
                **columns("description", facts["description"]),
                **columns("source_note", facts["source_note"]),
            )
        )
        for load in self._parts():
            load()

    def _parts(self) -> list[Callable[[], None]]:
        return [
            self._people,
            self._periods,
            self._results,
            self._indicators,
            self._activities,
            self._committee,
            self._amendment,
        ]

    def _participate(self) -> None:
        """Let the institutions take part, and their people speak for them."""
        for row in self.data["participation"]:
            Participation.objects.create(
                project=self.project,
                institution=self.institutions[row["institution"]],
                role=row["role"],
            )
        self.people.represent(self.project)

    def _people(self) -> None:
        self._participate()
        for row in self.data.get("to_confirm", []):
            self._wait_for_confirmation(row)
        for role in Assignment.Role.values:
            ends = timezone.localdate() + timedelta(days=365) if role == "auditor" else None
            Assignment.objects.create(
                project=self.project, user=self.people.users[role], role=role, ends_on=ends
            )
        if self.project.illustrative:
            self._invite("finance", "monitoring")
            self._invite("monitoring", "finance", outcome="declined", ended_at=timezone.now())

    def _invite(self, person: str, role: str, **fields: Any) -> None:
        user = self.people.users[person]
        TeamInvitation.objects.create(
            project=self.project,
            user=user,
            typed_name=user.full_name,
            typed_email=user.email or "",
            role=role,
            sent_by=self.coordinator,
            **fields,
        )

    def _wait_for_confirmation(self, row: Data) -> None:
        """Enter a person of the donor who sees nothing yet."""
        place = self.project.participations.get(institution=self.institutions[row["institution"]])
        contact = Contact.objects.create(
            institution=place.institution,
            full_name=row["name"],
            email=row["email"],
            language=row["language"],
        )
        self.people.note(contact)
        Representation.objects.create(
            contact=contact,
            participation=place,
            right=row["right"],
            reason=REASON,
            granted_by=self.coordinator,
        )

    def _periods(self) -> None:
        self.periods = {
            row["number"]: Period.objects.create(
                project=self.project,
                number=row["number"],
                start=day(row["start"]),
                end=day(row["end"]),
                attested_on=day(row.get("attested_on")),
                notifications=row.get("notifications"),
            )
            for row in self.data["period"]
        }

    def _results(self) -> None:
        self.results: dict[str, Result] = {}
        for row in self.data["result"]:
            self.results[row["code"]] = save_translated(
                Result(
                    project=self.project,
                    code=row["code"],
                    level=row["level"],
                    parent=self.results.get(row.get("parent", "")),
                    illustrative=row.get("illustrative", False),
                    **columns("statement", row),
                )
            )

    def _indicators(self) -> None:
        self.indicators: dict[str, Indicator] = {}
        for row in self.data["indicator"]:
            indicator = save_translated(
                Indicator(
                    result=self.results[row["result"]],
                    code=row["code"],
                    measure=row["measure"],
                    responsible=self.institutions["ibcr"],
                    illustrative=True,
                    **columns("name", row),
                )
            )
            self.indicators[row["code"]] = indicator
            for kind in DataPoint.Kind.values:
                if kind in row:
                    self._value(indicator, kind, row[kind], row.get("comment", ""))

    def _value(self, indicator: Indicator, kind: str, value: Any, comment: str) -> None:
        """Entered by the coordination, approved by monitoring: four eyes."""
        numerator, denominator = value if isinstance(value, list) else (value, None)
        point = DataPoint.objects.create(
            indicator=indicator,
            kind=kind,
            period=None if kind == "baseline" else self.periods[1],
            numerator=numerator,
            denominator=denominator,
            comment=comment if kind == "actual" else "",
            entered_by=self.coordinator,
            illustrative=True,
        )
        on = min(self.periods[1].end + timedelta(days=14), timezone.localdate())
        point.take("submit", by=self.coordinator, on=on)
        point.take("approve", by=self.people.users["monitoring"], on=on)

    def _activities(self) -> None:
        self.activities: dict[str, Activity] = {}
        for row in self.data["activity"]:
            self.activities[row["kind"]] = save_translated(
                Activity(
                    project=self.project,
                    kind=row["kind"],
                    result=self.results.get(row.get("result", "")),
                    place=row.get("place", ""),
                    planned_start=day(row.get("planned_start")),
                    planned_end=day(row.get("planned_end")),
                    actual_start=day(row.get("actual_start")),
                    actual_end=day(row.get("actual_end")),
                    share_done=row["share_done"],
                    participants=row.get("participants"),
                    evidence=row.get("evidence", ""),
                    illustrative=self.project.illustrative,
                    **columns("title", row),
                    **columns("date_note", row.get("date_note")),
                )
            )

    def _committee(self) -> None:
        facts = self.data["committee"]
        founded = day(facts["constituted_on"])
        self.committee = save_translated(
            Committee(
                project=self.project,
                notice_days=facts["notice_days"],
                **columns("name", facts["name"]),
                **columns("mandate", facts["mandate"]),
                **columns("terms_text", facts.get("terms")),
                **columns("minutes_name", facts.get("minutes_name")),
            )
        )
        self.seats: dict[str, Seat] = {}
        for position, row in enumerate(self.data["seat"]):
            seat = Seat.objects.create(
                committee=self.committee,
                institution=self.institutions[row["institution"]],
                is_voting=row.get("voting", True),
                office=row.get("office", ""),
                position=position,
            )
            contact = self.people.contact(row["institution"], minor=row.get("minor", False))
            SeatTerm.objects.create(seat=seat, contact=contact, since=founded)
            self.seats[row["institution"]] = seat
        number_seats(self.committee.pk)

    def _amendment(self) -> None:
        self.amendments: dict[int, Amendment] = {}
        if facts := self.data.get("amendment"):
            self.amendments[facts["number"]] = save_translated(
                Amendment(
                    project=self.project,
                    number=facts["number"],
                    kind=facts["kind"],
                    end_before=day(facts["end_before"]),
                    end_after=day(facts["end_after"]),
                    illustrative=True,
                    **columns("title", facts["title"]),
                    **columns("reason", facts["reason"]),
                )
            )
