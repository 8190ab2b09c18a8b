"""One obligation as a person reads it: its project, its day, and who has to fulfil it."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from django.utils.text import Truncator
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext_lazy

from ibcr_portal.models import ObligationKind
from kernel.formats import day, day_short
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
        """The state in words with the number of days: “12 days late”, “in 3 days”."""
        left = self.days_left
        if self.done or left is None or left > SOON:
            return self.state.label if self.done else ""
        if left < 0:
            return days_late(-left)
        if self.on and self.on < self.today:
            return _("to catch up on")
        if left == 0:
            return _("today")
        return ngettext("in %(days)s day", "in %(days)s days", left) % {"days": left}

    @property
    def tone(self) -> str:
        return tone_of(self.state)

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
        "day": day_short(due.on) if due.on else "",
        "countdown": due.countdown,
        "tone": due.tone,
        "done_url": due.done_url if is_to_note else "",
    }


def team_label(role: Role | str = Role.COORDINATOR) -> str:
    return str(Assignment.Role(role).label)


def tone_of(state: DueState) -> str:
    tones = {DueState.LATE: "bad", DueState.SOON: "warn", DueState.DONE: "ok"}
    return tones.get(state, "neutral")


def days_late(number: int) -> str:
    return ngettext("%(days)s day late", "%(days)s days late", number) % {"days": number}
