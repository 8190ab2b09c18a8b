"""Puts the readable files of this folder into the database, in the order in which it happened.

Each step of a life is taken with the day it happened on, so that the history of a meeting or
plan reads as it was; a report is signed off before what came after it is loaded.
"""

import tomllib
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar, overload
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import invite_person
from committees.models import Committee, Seat, SeatTerm
from kernel.text import Multilingual, translated_names
from partners.models import Contact, Institution, InstitutionName
from projects.institutions.services.naming import record_choice
from projects.models import (
    Activity,
    Amendment,
    Assignment,
    DataPoint,
    Direction,
    Indicator,
    NamingChoice,
    NeutralNumber,
    Participation,
    Period,
    Project,
    Representation,
    Result,
    TeamInvitation,
)

FOLDER = Path(__file__).parent
ZONE = ZoneInfo("America/Tegucigalpa")
LANGUAGES = ("fr", "es", "en")

# Of every representation: what the coordination types in life.
_REASON = "Exemple : lettre de l’institution"

Data = dict[str, Any]
Thing = TypeVar("Thing", bound=Multilingual)


def read(name: str) -> Data:
    with (FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


@overload
def day(value: date | str) -> date: ...
@overload
def day(value: None) -> None: ...
def day(value: date | str | None) -> date | None:
    """A date as it is, or "+10" and "-12": days from the day of loading."""
    if value is None or isinstance(value, date):
        return value
    return timezone.localdate() + timedelta(days=int(value))


def columns(name: str, texts: Data | None) -> Data:
    """`title` and {fr, es, en} to the columns title_fr, title_es, title_en."""
    return {f"{name}_{language}": (texts or {}).get(language, "") for language in LANGUAGES}


def at(when: date, clock: str) -> datetime:
    return datetime.combine(when, time.fromisoformat(clock), tzinfo=ZONE).astimezone(UTC)


class DemoPeople:
    """The accounts and institutions that both projects share."""

    @transaction.atomic
    def __init__(self) -> None:
        self.institutions = {
            key: self._institution(data) for key, data in read("institutions").items()
        }
        accounts = read("people")
        self.users: dict[str, User] = {}
        # Hashed once: it is slow by design, and everyone knows this password.
        password = make_password(accounts["password"])
        for account in accounts["account"]:
            self.users[account["role"]] = self._user(account, password)

    def _institution(self, data: Data) -> Institution:
        name = InstitutionName.objects.filter(name_fr=data["fr"]).first()
        if name:
            return name.institution
        institution = Institution.objects.create(
            kind=data["kind"],
            country=data.get("country", "HN"),
            illustrative=data.get("illustrative", False),
        )
        named = InstitutionName(
            institution=institution, acronym=data.get("acronym", ""), **columns("name", data)
        )
        save_translated(named)
        if said := data.get("naming"):
            choice = NamingChoice(
                institution=institution,
                said_on=day("-60"),
                channel=said["channel"],
                reason=said.get("reason", ""),
                excludes_state=said.get("excludes_state", False),
                **{f"to_{audience}": True for audience in said["to"]},
            )
            record_choice(choice, by=None)
        return institution

    def _user(self, data: Data, password: str) -> User:
        user = invite_person(
            full_name=data["name"], email=data["email"], language=data["language"], by=None
        )
        if not user.has_usable_password():
            user.password = password
            user.is_staff = user.is_superuser = data["role"] == "administrator"
            user.save(update_fields=["password", "is_staff", "is_superuser"])
        if data["role"] == "direction":
            Direction.objects.get_or_create(user=user)
        if key := data.get("institution"):
            Contact.objects.get_or_create(
                user=user,
                institution=self.institutions[key],
                defaults={
                    "full_name": user.full_name,
                    "email": user.email or "",
                    "language": user.language,
                },
            )
        return user

    def represent(self, project: Project) -> None:
        """Let the people with an account represent their institutions; an administrator confirmed
        them. The embassy reads."""
        for place in project.participations.filter(institution__is_guarded=True):
            NeutralNumber.draw(place.institution)
        administrator = self.users["administrator"]
        places = project.participations.filter(institution__contacts__user__in=self.users.values())
        for place in places.distinct():
            is_funding = place.role == Participation.Role.FUNDING
            for contact in place.institution.contacts.exclude(user=None):
                Representation.objects.create(
                    contact=contact,
                    participation=place,
                    right=Representation.Right.ACCEPTS if is_funding else "reads",
                    since=project.starts_on,
                    reason=_REASON,
                    granted_by=self.users["coordinator"],
                    confirmed_by=administrator,
                    confirmed_at=timezone.now(),
                )

    def contact(self, key: str, *, minor: bool = False) -> Contact:
        """The contact who speaks for an institution: the account's, or a role without one."""
        institution = self.institutions[key]
        known = institution.contacts.order_by("pk").first()
        return known or Contact.objects.create(
            institution=institution,
            full_name=f"Membre 01 — {institution.short_name}",
            is_minor=minor,
        )


def save_translated(thing: Thing) -> Thing:
    """Save the object, and note that its translations were made from its present French text."""
    thing.note_translations(
        [
            f"{name}_{language}"
            for name in translated_names(type(thing))
            for language in LANGUAGES
            if getattr(thing, f"{name}_{language}")
        ]
    )
    thing.save()
    return thing


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
                currency=facts["currency"],
                status=facts["status"],
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

    def _people(self) -> None:
        for row in self.data["participation"]:
            Participation.objects.create(
                project=self.project,
                institution=self.institutions[row["institution"]],
                role=row["role"],
            )
        self.people.represent(self.project)
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
        Representation.objects.create(
            contact=contact,
            participation=place,
            right=row["right"],
            reason=_REASON,
            granted_by=self.coordinator,
        )

    def _periods(self) -> None:
        self.periods = {
            row["number"]: Period.objects.create(
                project=self.project,
                number=row["number"],
                start=day(row["start"]),
                end=day(row["end"]),
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
