"""Writes the obligations of projects, and writes them anew once something has changed.

Triggers note which projects changed, in the transaction of the change (`ibcr_portal.migrations._initial_operations`).
Whoever reads obligations first writes those of a few changed projects anew, so people see at once
what they did; the worker takes the others on its next round, and each project once a day.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ibcr_portal.models import Obligation, ObligationChange, ObligationsWritten
from ibcr_portal.obligations import (
    answers,
    calls,
    donor,
    follow_up,
    partners,
    steering,
    vouchers,
    work,
)
from ibcr_portal.obligations.due import Due, DuePage, DueState
from ibcr_portal.obligations.facts import ProjectFacts
from ibcr_portal.obligations.rights import Scope
from ibcr_portal.portfolio.standing import write_standing
from ibcr_portal.reader import Reader
from kernel.keys import Keys
from kernel.prepared import prepared
from projects.models import PanelMember, Project, TeamInvitation
from projects.models.project import ProjectQuerySet

Source = Callable[[ProjectFacts], Iterator[Obligation]]

SOURCES: list[Source] = [
    donor.find_duties,
    donor.find_periods_to_open,
    steering.find_meetings,
    steering.find_meetings_missing,
    steering.find_minutes,
    steering.find_accreditations,
    steering.find_resolutions,
    steering.find_seats,
    work.find_actions,
    work.find_reviews,
    work.find_next_plans,
    follow_up.find_values,
    follow_up.find_contributions,
    follow_up.find_amendments,
    follow_up.find_risks,
    calls.find_calls,
    calls.find_scores,
    calls.find_instalments,
    calls.find_grant_reports,
    partners.find_agreements,
    partners.find_safeguarding,
    partners.find_roles_ending,
    partners.find_invitations,
    answers.find_plans,
    answers.find_reports,
    answers.find_values,
    vouchers.find_vouchers,
]
AT_ONCE = 3  # projects that a page writes anew before it is shown

# All columns but the key and the facts, which have no hash.
_SAID = attrgetter(
    *(one.attname for one in Obligation._meta.concrete_fields if one.name not in ("id", "facts"))
)


def computed(project: Project) -> list[Obligation]:
    if project.closed_on:
        return []  # nothing falls due any more
    facts = ProjectFacts(project)
    return [row for source in SOURCES for row in source(facts)]


def write_changed_for(person: int, projects: list[int]) -> None:
    """Write some of the changed projects anew before the person reads of them: of these, and of
    those that only ask something of the person."""
    invited = TeamInvitation.objects.filter(user=person).values("project")
    judging = PanelMember.objects.filter(user=person).values("call__project")
    concerning = Q(pk__in=Keys(projects)) | Q(pk__in=invited) | Q(pk__in=judging)
    write_changed(Project.objects.filter(concerning), AT_ONCE)


def changed_projects(projects: ProjectQuerySet) -> ProjectQuerySet:
    """Keep the projects whose obligations have to be written: those in which something changed, or
    whose were not written today."""
    changes = ObligationChange.objects.filter(project_key=OuterRef("pk"))
    today = ObligationsWritten.objects.filter(project=OuterRef("pk"), day=Project().today)
    return projects.filter(Exists(changes) | ~Exists(today)).order_by()


def write_changed(projects: ProjectQuerySet, limit: int) -> int:
    """Write those of some of the changed projects anew; return how many."""
    found = list(changed_projects(projects).values_list("pk", flat=True)[:limit])
    for pk in found:
        write(pk)
    return len(found)


@transaction.atomic
def write(pk: int) -> None:
    """Write the obligations and the figures of a project as they are now. Of two who do it at once, the second
    waits, and finds nothing to change."""
    ObligationsWritten.objects.get_or_create(project_id=pk, defaults={"day": Project().today})
    written = ObligationsWritten.objects.select_for_update().get(project=pk)
    # What changes from now on stays noted; what was noted so far is seen by the statements below.
    noted = list(ObligationChange.objects.filter(project_key=pk).values_list("pk", flat=True))
    project = Project.objects.get(pk=pk)
    _replace(computed(project), _stored(pk))
    write_standing(project)
    if written.day != project.today:
        written.day = project.today
        written.save(update_fields=["day"])
    ObligationChange.objects.filter(pk__in=noted).delete()


def _stored(project: int) -> QuerySet[Obligation]:
    return Obligation.objects.filter(project=project).order_by()


def _replace(rows: Iterable[Obligation], stored: Iterable[Obligation]) -> None:
    """Add and delete what differs, so that a change of one thing writes one row."""
    wanted = {content(row): row for row in rows}
    gone = []
    for row in stored:
        if wanted.pop(content(row), None) is None:
            gone.append(row.pk)
    if gone:
        Obligation.objects.filter(pk__in=gone).delete()
    if wanted:
        Obligation.objects.bulk_create(wanted.values())


def content(row: Obligation) -> tuple[Any, ...]:
    """Return all that the row says, to compare a stored one with a computed one."""
    return (*_SAID(row), repr(sorted(row.facts.items())))


# --- Reading ---
#
# Reads the obligations that a person may see: filtered, counted and cut by the database, then
# given words.
#
# The stored rows say which roles, institutions and people see them. What they show is read again
# through the `visible_…` functions of each kind where more than the role decides.

# By the first word of their keys.
SHOWN: dict[str, Callable[[DuePage, list[Obligation]], Iterator[Due]]] = {
    "duty": donor.show_duties,
    "period": donor.show_periods_to_open,
    "meeting": steering.show_meetings,
    "convene": steering.show_convening,
    "meet": steering.show_meetings_missing,
    "minutes": steering.show_minutes,
    "written": steering.show_written_procedures,
    "accreditation": steering.show_accreditations,
    "resolution": steering.show_resolutions,
    "seat": steering.show_seats,
    "action": work.show_actions,
    "review": work.show_reviews,
    "closes": work.show_ends_of_reviews,
    "plan": work.show_next_plans,
    "values": follow_up.show_values,
    "contribution": follow_up.show_contributions,
    "amendment": follow_up.show_amendments,
    "risks": follow_up.show_risks,
    "call": calls.show_calls,
    "scores": calls.show_scores,
    "panel": calls.show_scores,
    "instalment": calls.show_instalments,
    "grantreport": calls.show_grant_reports,
    "agreement": partners.show_agreements,
    "safeguarding": partners.show_safeguarding,
    "access": partners.show_roles_ending,
    "invitation": partners.show_invitations,
    "move": answers.show_plans,
    "proposals": answers.show_proposals,
    "report": answers.show_reports,
    "datapoint": answers.show_values,
    "approvals": vouchers.show_approvals,
    "settlements": vouchers.show_settlements,
    "advance": vouchers.show_advances,
}


class Chosen(NamedTuple):
    """The filters of the list of what is due. `span`: from which day until which, and what has no
    day. `dated`: only what has a day, or only what has none."""

    is_mine: bool = False
    kinds: tuple[str, ...] = ()
    state: str = ""
    span: tuple[date, date] | None = None
    events: bool = True
    dated: bool | None = None

    def condition(self, scope: Scope) -> Q:
        found = scope.in_state(DueState(self.state)) if self.state else Q(done=False)
        if self.is_mine:
            found &= scope.theirs
        if self.kinds:
            found &= Q(kind__in=self.kinds)
        if self.span:
            found &= Q(on=None) | Q(on__gte=self.span[0], on__lte=self.span[1])
        if self.dated is not None:
            found &= Q(on__isnull=not self.dated)
        return found if self.events else found & Q(is_event=False)


@prepared
def _rows_by_day(
    chosen: Chosen, part: tuple[int, int | None], *scope: Any
) -> QuerySet[Obligation, tuple[int]]:
    found = Scope.of_values(*scope)
    return found.rows.filter(chosen.condition(found)).values_list("pk")[slice(*part)]


class Obligations:
    """The obligations of one reader; of some projects, if they are given."""

    def __init__(self, reader: Reader, projects: Iterable[Project] | None = None) -> None:
        self.reader = reader
        only = None if projects is None else [project.pk for project in projects]
        self.scope = Scope.of(reader, only)
        self._is_written = False

    def write_changed(self) -> None:
        """Write projects that changed anew, before the first of their obligations are read."""
        if not self._is_written:
            write_changed_for(self.reader.user.pk, self.reader.keys)
            self._is_written = True

    def rows(self, chosen: Chosen, first: int = 0, last: int | None = None) -> list[Obligation]:
        """Return rows that pass the filters, or some of them, by their day."""
        self.write_changed()
        keys = [pk for (pk,) in _rows_by_day(chosen, (first, last), *self.scope.values)]
        found = Obligation.objects.in_bulk(keys)
        return [found[pk] for pk in keys if pk in found]

    def numbers(self, chosen: Chosen) -> tuple[int, ...]:
        """Return how many there are in each state, and how many pass the filters."""
        self.write_changed()
        scope = self.scope
        states = {
            f"in_{state.value}": Count("pk", filter=scope.in_state(state)) for state in DueState
        }
        number = Count("pk", filter=chosen.condition(scope))
        found = scope.rows.order_by().aggregate(**states, number=number)
        return tuple(found.values())

    def shown(self, rows: Iterable[Obligation], *, with_owners: bool = True) -> list[Due]:
        """Give the rows their words, sorted by day. What the reader may not see after all is left
        out."""
        rows = list(rows)
        if not rows:
            return []
        page = DuePage(self.reader, rows, with_owners=with_owners)
        by_word: dict[str, list[Obligation]] = defaultdict(list)
        for row in rows:
            word, _dash, rest = row.key.partition("-")
            by_word["closes" if rest.startswith("closes") else word].append(row)
        found = [due for word, group in by_word.items() for due in SHOWN[word](page, group)]
        return sorted(found, key=lambda due: due.place)

    def chosen(self, chosen: Chosen) -> list[Due]:
        return self.shown(self.rows(chosen))


class RowsOfPages(Sequence[Obligation]):
    """The rows of a list, of which a page reads its own. `number`: of all of them."""

    def __init__(self, obligations: Obligations, chosen: Chosen, number: int) -> None:
        self.obligations, self.chosen, self.number = obligations, chosen, number

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, part: Any) -> Any:
        return self.obligations.rows(self.chosen, part.start, part.stop)
