"""One obligation: its project, its day, and who has to fulfil it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Model
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext_lazy

from ibcr_portal.models import ObligationKind
from ibcr_portal.reader import Reader
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
    """Who has to fulfil it: roles in the project, institutions or single people (by their keys),
    with a `label` for all of them."""

    label: str
    roles: frozenset[Role] = frozenset()
    institutions: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Due:
    """One obligation.

    `on` is its last day, or None if no day is set. `key` identifies it and is the same each time it
    is computed. `is_event` marks something that takes place by itself, such as a meeting.
    `to_donor` marks what the donor expects, and therefore sees. `done_url` is the page where the
    coordination marks it as done, if nothing else in the portal does.
    """

    project: Project
    kind: ObligationKind
    key: str
    title: str
    url: str
    on: date | None
    owner: ResponsibleParty
    note: str = ""
    done: bool = False
    is_event: bool = False
    to_donor: bool = False
    done_url: str = ""

    @property
    def days_left(self) -> int | None:
        """The days until the last one, by the project's clock; negative once it is over."""
        return None if self.on is None else (self.on - self.project.today).days

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
        """The state in words with the number of days: “12 days late”, “in 3 days”."""
        left = self.days_left
        if self.done or left is None or left > SOON:
            return self.state.label if self.done else ""
        if left < 0:
            return ngettext("%(days)s day late", "%(days)s days late", -left) % {"days": -left}
        if left == 0:
            return _("today")
        return ngettext("in %(days)s day", "in %(days)s days", left) % {"days": left}

    @property
    def tone(self) -> str:
        tones = {DueState.LATE: "bad", DueState.SOON: "warn", DueState.DONE: "ok"}
        return tones.get(self.state, "neutral")

    @property
    def place(self) -> tuple[bool, date, str, str]:
        """Sort by day; obligations without a day come last."""
        return (self.on is None, self.on or date.max, self.project.code, self.title)

    def is_of(self, reader: Reader) -> bool:
        """Whether the reader has to do it."""
        own = reader.holds(self.project.pk, self.owner.roles)
        own = own or reader.user.pk in self.owner.people
        return own or reader.speaks_for(self.project.pk, self.owner.institutions)

    def is_seen_by(self, reader: Reader) -> bool:
        """The team sees all of its projects, other people their own obligations, and the donor
        those towards it.

        Sources already start from what the person may see; this is checked for all of them again.
        """
        if reader.works_for(self.project.pk) or self.is_of(reader):
            return True
        return self.to_donor and reader.holds(self.project.pk, [Role.DONOR])


def team(role: Role | str = Role.COORDINATOR) -> ResponsibleParty:
    return ResponsibleParty(str(Assignment.Role(role).label), roles=frozenset({Role(role)}))


def of_institution(reader: Reader, institution: Institution, project: int) -> ResponsibleParty:
    """Return the institution as the responsible party, with the coordination if it is the
    accountable one."""
    answers = (project, institution.pk) in reader.accountable
    return ResponsibleParty(
        institution.short_name,
        roles=frozenset({Role.COORDINATOR} if answers else ()),
        institutions=frozenset({institution.pk}),
    )


def key_of(word: str, *things: Model) -> str:
    return "-".join([word, *(str(thing.pk) for thing in things)])
