"""Who handles the documents and the invitations of a meeting, and what invited people read."""

from collections.abc import Collection

from accounts.models import User
from committees.models import (
    Audience,
    Committee,
    Invitation,
    Meeting,
    SeatTerm,
)
from committees.permissions import (
    audiences_of,
    may_see_names,
)
from projects.permissions import may_edit


def may_edit_documents(user: User, committee: Committee) -> bool:
    return may_edit(user, committee.project)


def audiences_invited(invitation: Invitation, voters: Collection[int]) -> frozenset[str]:
    """What of the agenda goes to somebody invited: a seat reads as the committee on the day of
    the meeting (`voters_on`), a guest as what they are in the project anyway."""
    user = invitation.contact.user
    if invitation.capacity == Invitation.Capacity.GUEST:
        project = invitation.meeting.committee.project
        return audiences_of(user, project) if user else frozenset({Audience.PUBLIC})
    seated = {Audience.COMMITTEE, Audience.PUBLIC}
    return frozenset(seated | {Audience.VOTING} if user and user.pk in voters else seated)


def voters_on(meeting: Meeting) -> set[int]:
    """Who holds a voting seat, or stands in for its holder, on the day of the meeting."""
    terms = SeatTerm.objects.on(meeting.day).filter(
        seat__in=meeting.committee.seats.on(meeting.day),
        seat__is_voting=True,
        contact__ended_on=None,
        contact__user__isnull=False,
    )
    return set(terms.values_list("contact__user", flat=True))


def may_see_invitations(user: User, meeting: Meeting) -> bool:
    """Who comes and who was told, by name: for the coordination and those who check it."""
    return may_see_names(user, meeting.committee.project)


def own_invitation(user: User, meeting: Meeting) -> Invitation | None:
    """The person's own, to answer."""
    own = meeting.invitations.of_person(user).with_related()
    return own.first() if user.is_authenticated else None
