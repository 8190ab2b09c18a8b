"""The obligations on the home page: those that wait for the person, and coming events."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, Q, QuerySet, SmallIntegerField, When, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from ibcr_portal.home.line import SHOWN, WAITING, HomeLine
from ibcr_portal.models import ObligationKind
from ibcr_portal.obligations.due import Due, DueState, days_late, tone_of
from ibcr_portal.obligations.reading import Obligations
from ibcr_portal.obligations.rights import Scope
from kernel.formats import day
from kernel.keys import Keys
from projects.permissions.roles import Role

# The groups of obligations on the page.
SINGLE, COMING, ACTIONS, POLICIES, VALUES = range(5)


def due_on_home(obligations: Obligations) -> tuple[list[HomeLine], list[HomeLine]]:
    """Return the lines of what waits for the reader, and those of meetings and ends of reviews to
    come, whether or not the person has to do something for them."""
    obligations.write_changed()
    rows = list(_first_of_each_group(obligations.scope))
    groups = [
        Group(row.group, row.number, row.on, row.in_time_until)
        for row in sorted(rows, key=lambda row: row.place)
        if row.group in LINES and row.place == 1 and (row.number > 1 or row.group == ACTIONS)
    ]
    in_one_line = {group.name for group in groups}
    single = [row for row in rows if row.group not in in_one_line]
    found = obligations.shown(single, with_owners=False)
    waiting = [_waiting_line(due) for due in found if not due.is_event]
    waiting += [group.line(obligations.scope.today) for group in groups]
    return waiting, [HomeLine.of(due) for due in found if due.is_event]


def _waiting_line(due: Due) -> HomeLine:
    line = HomeLine.of(due)
    if due.key.startswith("move-"):
        return replace(line, label="")  # a review that is over is not late
    # Policies are many and old, and with their days would push down everything else.
    return replace(line, on=None) if due.kind == ObligationKind.SAFEGUARDING else line


def _first_of_each_group(scope: Scope) -> QuerySet[Any, Any]:
    """Return the first rows of each `group`, with their `place` in it and the `number` of all.

    Coming events are one group. What waits for the reader is in others: for everybody their own
    obligations, if they are late, due soon or without a day; a recommendation from its first day,
    as an invitation of theirs. For the coordination also those of others that are late.
    """
    late, later = scope.in_state(DueState.LATE), scope.in_state(DueState.LATER)
    coordinates = Q(pk__in=[])
    for rights, projects, *_institutions in scope.groups:
        if Role.COORDINATOR in rights.roles:
            coordinates |= Q(project__in=Keys(projects))
    from_first_day = Q(kind=ObligationKind.RESOLUTION) | Q(user__isnull=False)
    waits = (late & coordinates) | (scope.theirs & (~later | from_first_day))
    group = Case(
        When(is_event=True, then=COMING),
        When(Q(kind=ObligationKind.ACTION) & coordinates, then=SINGLE),
        When(Q(kind=ObligationKind.VALUE) & scope.theirs, then=SINGLE),
        When(kind=ObligationKind.ACTION, then=ACTIONS),
        When(kind=ObligationKind.SAFEGUARDING, then=POLICIES),
        When(kind=ObligationKind.VALUE, then=VALUES),
        default=SINGLE,
        output_field=SmallIntegerField(),
    )
    # By numbers alone: of somebody with hundreds of projects tens of thousands are sorted.
    order = (F("on").asc(nulls_last=True), F("is_listed").desc(), F("project"), F("pk"))
    shown = Q(is_event=True, is_listed=True) & ~late | (Q(is_event=False) & waits)
    rows: Any = scope.everything.filter(shown, done=False).annotate(group=group)
    found: QuerySet[Any, Any] = rows.annotate(
        number=Window(Count("pk"), partition_by=F("group")),
        place=Window(RowNumber(), partition_by=F("group"), order_by=order),
    )
    few = Q(place=1) | Q(group=COMING, place__lte=SHOWN) | Q(group=SINGLE, place__lte=WAITING)
    return found.filter(few).order_by()


class Group(NamedTuple):
    """Obligations that become one line if they are many; a person's own actions always do."""

    name: int
    number: int
    first: date | None
    in_time_until: date | None

    def line(self, today: date) -> HomeLine:
        """Return the line, with the day of the first, and how late it is."""
        line = LINES[self.name](self.number)
        if self.first is None or self.name == POLICIES:
            return line
        line = replace(line, when=day(self.first), on=self.first)
        late = (today - (self.in_time_until or self.first)).days
        return (
            replace(line, tone=tone_of(DueState.LATE), label=days_late(late)) if late > 0 else line
        )


def _policies_to_sign(number: int) -> HomeLine:
    title = ngettext(
        "Have %(number)s safeguarding policy signed",
        "Have %(number)s safeguarding policies signed",
        number,
    )
    return HomeLine(
        title=title % {"number": number},
        url=f"{reverse('due')}?kind={ObligationKind.SAFEGUARDING.value}",
        meta=_("Never signed, or no longer valid"),
    )


def _values(number: int) -> HomeLine:
    """The late values of other institutions, which the coordination asks for on one page."""
    return HomeLine(
        title=_("Late values of indicators (%(number)s)") % {"number": number},
        url=f"{reverse('due')}?kind={ObligationKind.VALUE.value}&state={DueState.LATE.value}",
        meta=_("Of institutions that have not answered yet"),
    )


def _actions_to_note(number: int) -> HomeLine:
    title = ngettext(
        "Note the progress of %(number)s action", "Note the progress of %(number)s actions", number
    )
    return HomeLine(
        title=title % {"number": number},
        url=reverse("committees:actions"),
        meta=_("Of your institution: overdue, or to be done within 30 days"),
    )


LINES: dict[int, Callable[[int], HomeLine]] = {
    ACTIONS: _actions_to_note,
    POLICIES: _policies_to_sign,
    VALUES: _values,
}
