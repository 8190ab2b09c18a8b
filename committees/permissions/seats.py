"""Permissions to set up a committee, and to read a handover sheet."""

from accounts.models import User
from committees.models import (
    Committee,
    Seat,
)
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
