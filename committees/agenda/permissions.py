"""Who proposes items for an agenda, and who sees what was proposed."""

from accounts.models import User
from committees.models import (
    AgendaItem,
    Committee,
)
from committees.permissions import (
    roles_in,
    seats_held,
)
from projects.models import Project
from projects.permissions import TEAM, Role, roles_of


def visible_item_proposals(user: User, project: Project):
    """What members proposed: the team sees all, a member those of the seats they hold."""
    proposals = AgendaItem.objects.proposals().filter(meeting__committee__project=project)
    if roles_of(user, project) & TEAM:
        return proposals
    return proposals.filter(proposed_seat__in=[term.seat_id for term in seats_held(user, project)])


def may_see_item_proposals(user: User, committee: Committee) -> bool:
    return bool(roles_in(user, committee.project) & (TEAM | {Role.MEMBER}))


def may_propose_item(user: User, committee: Committee) -> bool:
    """Whoever holds a seat or stands in for its holder."""
    return bool(seats_held(user, committee.project))
