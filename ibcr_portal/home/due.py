"""The obligations on the home page: those that wait for the person, and coming events."""

from dataclasses import replace
from datetime import date
from typing import NamedTuple

from django.db.models import Case, CharField, Count, F, Min, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from ibcr_portal.home.line import SHOWN, WAITING, HomeLine
from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.obligations.due import Due, DueState, days_late, tone_of
from ibcr_portal.obligations.reading import Obligations
from ibcr_portal.obligations.rights import Scope, for_reader
from ibcr_portal.reader import Reader
from kernel.formats import day
from projects.permissions.roles import Role


def due_on_home(reader: Reader) -> tuple[list[HomeLine], list[HomeLine]]:
    """Return the lines of what waits for the reader, and of meetings and ends of reviews to come,
    whether or not the person has to do something for them."""
    obligations = Obligations(reader)
    keys = obligations.keys
    groups = [Group(*each) for each in _groups(keys)]
    keys.chosen = [each.one for each in groups if not each.is_one_line]
    rows = [*_lines_of_their_own(keys), *_coming(keys)]
    found = obligations.shown(rows, with_owners=False)
    waiting = [_waiting_line(due) for due in found if not due.is_event]
    waiting += [each.line(keys.today) for each in groups if each.is_one_line]
    return waiting, [HomeLine.of(due) for due in found if due.is_event]


def _waiting_line(due: Due) -> HomeLine:
    line = HomeLine.of(due)
    if due.key.startswith("move-"):
        return replace(line, label="")  # a review that is over is not late
    # Policies are many and old, and with their days would push down everything else.
    return replace(line, on=None) if due.kind == ObligationKind.SAFEGUARDING else line


def _waiting(scope: Scope) -> QuerySet[Obligation]:
    """The obligations that wait for the reader, with the `group` of those that become one line.

    For everybody they are their own, if they are late, due soon or without a day; a recommendation
    from its first day, as an invitation of theirs. For the coordination also those of others that
    are late.
    """
    late, later = scope.in_state(DueState.LATE), scope.in_state(DueState.LATER)
    coordinates = Q(pk__in=[])
    for rights, projects, *_institutions in scope.groups:
        if Role.COORDINATOR in rights.roles:
            coordinates |= Q(project__in=projects)
    from_first_day = Q(kind=ObligationKind.RESOLUTION) | Q(user__isnull=False)
    waits = (late & (scope.theirs | coordinates)) | (scope.theirs & (~later | from_first_day))
    group = Case(
        When(Q(kind=ObligationKind.ACTION) & coordinates, then=Value("")),
        When(Q(kind=ObligationKind.VALUE) & scope.theirs, then=Value("")),
        When(kind=ObligationKind.ACTION, then=Value("actions")),
        When(kind=ObligationKind.SAFEGUARDING, then=Value("policies")),
        When(kind=ObligationKind.VALUE, then=Value("values")),
        default=Value(""),
        output_field=CharField(),
    )
    return scope.everything.filter(waits, done=False, is_event=False).annotate(group=group)


@for_reader
def _groups(scope: Scope) -> QuerySet[Obligation, tuple[str, int, date, int]]:
    groups = _waiting(scope).exclude(group="").order_by().values("group")
    counted = groups.annotate(number=Count("pk"), first=Min("on"), one=Min("pk"))
    return counted.values_list("group", "number", "first", "one")


@for_reader
def _lines_of_their_own(scope: Scope) -> QuerySet[Obligation]:
    rows = _waiting(scope).filter(Q(group="") | Q(pk__in=scope.chosen))
    order = (F("on").asc(nulls_last=True), "-is_listed", "kind", "project", "key", "pk")
    return rows.order_by(*order)[: WAITING + 1]


@for_reader
def _coming(scope: Scope) -> QuerySet[Obligation]:
    return scope.rows.filter(~scope.in_state(DueState.LATE), is_event=True)[:SHOWN]


class Group(NamedTuple):
    """Obligations that become one line if they are many; a person's own actions always do."""

    name: str
    number: int
    first: date | None
    one: int

    @property
    def is_one_line(self) -> bool:
        return self.number > 1 or self.name == "actions"

    def line(self, today: date) -> HomeLine:
        """Return the line, with the day of the first, and how late it is."""
        makers = {"actions": _actions_to_note, "policies": _policies_to_sign, "values": _values}
        line = makers[self.name](self.number)
        if self.first is None or self.name == "policies":
            return line
        line = replace(line, when=day(self.first), on=self.first)
        late = (today - self.first).days
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
        meta=_("Never signed, or older than the policy lasts"),
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
