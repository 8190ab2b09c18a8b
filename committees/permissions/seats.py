"""Permissions to set up a committee, and to read a handover sheet."""

from accounts.models import User
from committees.models import Committee, Seat
from committees.models.committee import CommitteeQuerySet
from committees.permissions.roles import (
    may_see_names,
    seats_held,
)
from partners.models import Institution
from projects.models import Project
from projects.permissions.roles import may_edit


def may_see_handover(user: User, committee: Committee, institution: Institution) -> bool:
    """The coordination, and holders and alternates of a seat of the institution, may read its
    handover sheet. An institution without a seat has none."""
    seats = Seat.objects.of_institution(institution).filter(committee=committee)
    if not may_see_names(user, committee.project):
        seats = seats.filter(pk__in=[term.seat_id for term in seats_held(user, committee.project)])
    return seats.exists()


def may_create_committee(user: User, project: Project) -> bool:
    return may_edit(user, project)


def may_edit_committee(user: User, committee: Committee) -> bool:
    return may_edit(user, committee.project)


def committees_to_copy(user: User, committee: Committee) -> CommitteeQuerySet:
    """Return the committees of other projects that the person may read, to copy from them."""
    return Committee.objects.visible_to(user).exclude(pk=committee.pk)


def templates_to_copy(user: User, committee: Committee) -> CommitteeQuerySet:
    """Return the committees whose template of agendas the person may read: that is for those who
    coordinate their project."""
    coordinated = Project.objects.coordinated_by(user)
    others = committees_to_copy(user, committee).filter(project__in=coordinated.values("pk"))
    return others.filter(template__isnull=False).distinct()
