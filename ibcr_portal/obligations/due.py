"""One obligation as a person reads it: its project, its day, and who has to fulfil it."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext_lazy

from committees.models import Committee
from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.obligations.role_sets import role_set
from ibcr_portal.reader import Reader
from kernel.addresses import addresses
from kernel.entering import days_late
from kernel.formats import day, day_short
from kernel.text import columns_of
from partners.models import Institution
from projects.models import Assignment, Project
from projects.permissions.roles import Role

SOON = 30  # days
HORIZON = 366  # what lies further ahead is not listed


class DueState(StrEnum):
    LATE = "late"
    SOON = "soon"
    LATER = "later"
    DONE = "done"

    @property
    def label(self) -> str:
        return str(STATES[self])


STATES = {
    DueState.LATE: gettext_lazy("Late"),
    DueState.SOON: gettext_lazy("Within 30 days"),
    DueState.LATER: gettext_lazy("Later"),
    DueState.DONE: pgettext_lazy("what was due", "Done"),
}


@dataclass(frozen=True)
class ResponsibleParty:
    """Who has to fulfil it, in words, and the keys of the institutions and people among them."""

    label: str
    institutions: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Due:
    """One obligation.

    `on` is its last day, or None if no day is set. `in_time_until`: the last day on which it is not late,
    where that is a later one, since it was entered late. `key` identifies it and is the same each time.
    `is_theirs` says whether the reader has to do it, `is_event` that it takes place by itself, such
    as a meeting. `done_url` is the page where the coordination marks it as done, if nothing else in
    the portal does.
    """

    project: Project
    kind: ObligationKind
    key: str
    title: str
    url: str
    on: date | None
    owner: ResponsibleParty
    today: date = field(repr=False)
    in_time_until: date | None = None
    is_theirs: bool = False
    note: str = ""
    done: bool = False
    is_event: bool = False
    done_url: str = ""

    @property
    def days_left(self) -> int | None:
        """The days until the last one, by the project's clock; negative once it is over. What is past
        but not late yet has the days until it is."""
        if self.on is None:
            return None
        last = self.on if self.on >= self.today else max(self.on, self.in_time_until or self.on)
        return (last - self.today).days

    @property
    def state(self) -> DueState:
        if self.done:
            return DueState.DONE
        left = self.days_left
        if left is None:
            return DueState.SOON
        if left < 0:
            return DueState.LATE
        return DueState.SOON if left <= SOON else DueState.LATER

    @property
    def countdown(self) -> str:
        """The state in words with the number of days from the day that is shown: “12 days late”,
        “in 3 days”."""
        left = self.days_left
        if self.done or self.on is None or left is None or left > SOON:
            return self.state.label if self.done else ""
        if late := days_late(self.on, self.in_time_until or self.on, self.today):
            return lateness(late)
        if self.on < self.today:
            return _("to catch up on")
        if left == 0:
            return _("today")
        return ngettext("in %(days)s day", "in %(days)s days", left) % {"days": left}

    @property
    def tone(self) -> str:
        return tone_of(self.state)

    @property
    def short_day(self) -> str:
        return day_short(self.on) if self.on else ""

    @property
    def place(self) -> tuple[bool, date, str, str]:
        """Sort by day; obligations without a day come last."""
        return (self.on is None, self.on or date.max, self.project.code, self.title)


def line_of(due: Due, *, with_project: bool) -> dict[str, str]:
    """Return what a long list shows of it, ready for the template."""
    facts = {
        "project": str(due.project) if with_project else "",
        "kind": str(due.kind.label),
        "owner": due.owner.label,
        "note": Truncator(due.note).chars(120),
    }
    is_to_note = due.done_url and not due.done and due.url != due.done_url
    return facts | {
        "title": due.title,
        "url": due.url,
        "when": day(due.on) if due.on else "",
        "day": due.short_day,
        "countdown": due.countdown,
        "tone": due.tone,
        "done_url": due.done_url if is_to_note else "",
    }


def team_label(role: Role | str = Role.COORDINATOR) -> str:
    return str(Assignment.Role(role).label)


def tone_of(state: DueState) -> str:
    tones = {DueState.LATE: "bad", DueState.SOON: "warn", DueState.DONE: "ok"}
    return tones.get(state, "neutral")


def lateness(number: int) -> str:
    return ngettext("%(days)s day late", "%(days)s days late", number) % {"days": number}


# --- Page ---
#
# What a page of obligations needs to show them: the projects, institutions and roles of its rows,
# each read once.

Row = TypeVar("Row", bound=Model)


def by_key(
    build: Callable[[list[int]], QuerySet[Row]],
) -> Callable[[list[Obligation]], dict[int, Row]]:
    """Make a function that returns the things of rows by their keys."""

    def things(rows: list[Obligation]) -> dict[int, Row]:
        return {thing.pk: thing for thing in build(sorted({row.thing for row in rows}))}

    return things


def _named_committees(keys: list[int]) -> QuerySet[Committee]:
    return Committee.objects.filter(pk__in=keys).only(*columns_of("name", "minutes_name"))


# Kinds whose title names the institution.
OF_INSTITUTIONS = (ObligationKind.SEAT, ObligationKind.AGREEMENT, ObligationKind.SAFEGUARDING)


class DuePage:
    """The rows of a page and its reader. `today` is the day where the projects are."""

    def __init__(
        self, reader: Reader, rows: Collection[Obligation], *, with_owners: bool = True
    ) -> None:
        self.reader = reader
        self.with_owners = with_owners
        self._projects = reader.projects_by_key({row.project_id for row in rows})
        self.today: date = next((one.today for one in self._projects.values()), reader.today)
        self._institutions = {
            row.institution_id
            for row in rows
            if row.institution_id and (with_owners or row.kind in OF_INSTITUTIONS)
        }
        self._institutions |= {row.facts["with"] for row in rows if "with" in row.facts}
        self._addresses: dict[tuple[object, ...], Any] = {}
        self._committee_keys = {row.facts["committee"] for row in rows if "committee" in row.facts}

    @cached_property
    def _committees(self) -> dict[int, Committee]:
        return {row.pk: row for row in _named_committees(sorted(self._committee_keys))}

    def project(self, row: Obligation) -> Project:
        return self._projects[row.project_id]

    def projects_of(self, rows: Iterable[Obligation]) -> list[Project]:
        return [self._projects[pk] for pk in {row.project_id for row in rows}]

    def institution(self, key: int) -> Institution:
        return self.reader.institutions(self._institutions | {key})[key]

    def committee_name(self, row: Obligation) -> str:
        """Return the name of the committee, which is responsible, if the page says who is."""
        return self.committee(row.facts["committee"]).name if self.with_owners else ""

    def committee(self, key: int) -> Committee:
        return self._committees[key]

    def address(self, view: str, *before: object, key: int | None = None) -> str:
        """Return the address of a view; of many rows that differ by the last argument alone it is
        looked up once."""
        if key is None:
            known = self._addresses.get((view, *before))
            if known is None:
                known = self._addresses[view, *before] = reverse(view, args=before)
            return str(known)
        make = self._addresses.get((view, *before, None))
        if make is None:
            make = self._addresses[view, *before, None] = addresses(view, *before)
        return str(make(key))

    def coordinates(self, row: Obligation) -> bool:
        roles = self.reader.roles_by_project.get(row.project_id, frozenset())
        return bool(roles & {Role.ADMINISTRATOR, Role.COORDINATOR})

    def is_theirs(self, row: Obligation) -> bool:
        user = self.reader.user.pk
        if row.user_id == user:
            return True
        if row.entered_by_id == user:
            return False
        roles = self.reader.roles_by_project.get(row.project_id, frozenset())
        if row.owners & role_set(roles):
            return True
        return (row.project_id, row.institution_id) in self.reader.own

    def due(
        self, row: Obligation, title: str, url: str, label: str = "", note: str = "", **more: Any
    ) -> Due:
        """Return the row with its words. `label` says who is responsible, if it is not the
        institution of the row, or the coordination."""
        if not label and self.with_owners:
            key = row.institution_id
            label = self.institution(key).short_name if key else team_label()
        return Due(
            project=self.project(row),
            kind=ObligationKind(row.kind),
            key=row.key,
            title=title,
            url=url,
            on=row.on,
            in_time_until=row.in_time_until,
            owner=ResponsibleParty(
                label,
                institutions=frozenset({row.institution_id} if row.institution_id else ()),
                people=frozenset({row.user_id} if row.user_id else ()),
            ),
            today=self.today,
            is_theirs=self.is_theirs(row),
            note=note,
            done=row.done,
            is_event=row.is_event,
            **more,
        )
