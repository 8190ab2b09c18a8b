"""The obligations on the home page: those that wait for the person, and coming events."""

from dataclasses import replace
from typing import Any

from django.db.models import Case, CharField, Count, Min, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from ibcr_portal.home.line import SHOWN, WAITING, HomeLine
from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.obligations.due import Due, DueState, days_late, tone_of
from ibcr_portal.obligations.reading import Obligations
from ibcr_portal.reader import Reader
from kernel.formats import day
from projects.permissions.roles import Role


def due_on_home(reader: Reader) -> tuple[list[HomeLine], list[HomeLine]]:
    """Return the lines of what waits for the reader, and of meetings and ends of reviews to come,
    whether or not the person has to do something for them."""
    obligations = Obligations(reader)
    groups = Groups(obligations)
    coming = obligations.rows.filter(~obligations.in_state(DueState.LATE), is_event=True)[:SHOWN]
    found = obligations.shown([*groups.single_rows, *coming])
    waiting = [*(_waiting_line(due) for due in found if not due.is_event), *groups.lines]
    return waiting, [HomeLine.of(due) for due in found if due.is_event]


def _waiting_line(due: Due) -> HomeLine:
    line = HomeLine.of(due)
    # Policies are many and old, and with their days would push down everything else.
    return replace(line, on=None) if due.kind == ObligationKind.SAFEGUARDING else line


class Groups:
    """The obligations that wait for the reader; many of one kind become one line.

    For everybody these are their own, if they are late, due soon or without a day; a recommendation
    from its first day, as an invitation of theirs. For the coordination also those of others that
    are late.
    """

    def __init__(self, obligations: Obligations) -> None:
        self.obligations = obligations
        late, later = (obligations.in_state(state) for state in (DueState.LATE, DueState.LATER))
        coordinated = obligations.reader.where(Role.COORDINATOR)
        theirs, coordinates = obligations.theirs, Q(project__in=coordinated)
        from_first_day = Q(kind=ObligationKind.RESOLUTION) | Q(user__isnull=False)
        waits = (late & (theirs | coordinates)) | (theirs & (~later | from_first_day))
        group = Case(
            When(Q(kind=ObligationKind.ACTION) & coordinates, then=Value("")),
            When(Q(kind=ObligationKind.VALUE) & theirs, then=Value("")),
            When(kind=ObligationKind.ACTION, then=Value("actions")),
            When(kind=ObligationKind.SAFEGUARDING, then=Value("policies")),
            When(kind=ObligationKind.VALUE, then=Value("values")),
            default=Value(""),
            output_field=CharField(),
        )
        rows = obligations.rows.filter(waits, done=False, is_event=False)
        self.rows: QuerySet[Obligation] = rows.annotate(group=group)
        groups = self.rows.exclude(group="").order_by().values("group")
        self.counted: list[dict[str, Any]] = list(
            groups.annotate(number=Count("pk"), first=Min("on"), one=Min("pk"))
        )

    @property
    def single_rows(self) -> QuerySet[Obligation]:
        """Those that have a line of their own."""
        single = [
            each["one"]
            for each in self.counted
            if each["number"] == 1 and each["group"] != "actions"
        ]
        return self.rows.filter(Q(group="") | Q(pk__in=single))[: WAITING + 1]

    @property
    def lines(self) -> list[HomeLine]:
        makers = {"actions": _actions_to_note, "policies": _policies_to_sign, "values": _values}
        return [
            self._dated(each, makers[each["group"]](each["number"]))
            for each in self.counted
            if each["number"] > 1 or each["group"] == "actions"
        ]

    def _dated(self, each: dict[str, Any], line: HomeLine) -> HomeLine:
        """Add the day of the first, and how late it is."""
        on = each["first"]
        if on is None or each["group"] == "policies":
            return line
        late = (self.obligations.today - on).days
        line = replace(line, when=day(on), on=on)
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
