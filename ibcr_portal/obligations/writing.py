"""Writes the obligations of projects, and writes them anew once something has changed.

Triggers note which projects changed, in the transaction of the change (`ibcr_portal.migrations._initial_operations`).
Whoever reads obligations first writes those of a few changed projects anew, so people see at once
what they did; the worker takes the others on its next round, and each project once a day.
"""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

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
from ibcr_portal.obligations.facts import ProjectFacts
from ibcr_portal.portfolio.standing import write_standing
from kernel.keys import Keys
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
