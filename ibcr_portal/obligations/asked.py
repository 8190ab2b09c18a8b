"""What a person of an institution is asked themselves: invitations to meetings, and written procedures
for its seats. No obligation is stored for them; the list of open duties by link names them, too."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.links import absolute_url
from accounts.models import User
from committees.consultations.services.consultations import issue_link as link_to_procedure
from committees.meetings.services.convening import issue_link as link_to_invitation
from committees.models import Ballot, Invitation, Meeting, WrittenConsultation
from committees.permissions.roles import seats_held
from ibcr_portal.models import ObligationKind
from ibcr_portal.obligations.due import Due, ResponsibleParty
from kernel.formats import day
from projects.models import Participation, Project

NOBODY_NAMED = ResponsibleParty("")


@dataclass(frozen=True)
class AskedInvitation:
    """An invitation that the person has not answered."""

    invitation: Invitation
    project: Project

    @property
    def due(self) -> Due:
        meeting = self.invitation.meeting
        return Due(
            project=self.project,
            kind=ObligationKind.MEETING,
            key=f"invitation-{self.invitation.pk}",
            title=_("Answer the invitation: %(meeting)s") % {"meeting": meeting},
            url=reverse("committees:meeting", args=[meeting.pk]),
            on=meeting.day,
            owner=NOBODY_NAMED,
            today=self.project.today,
        )

    def link_for(self, person: User, lasts: timedelta) -> str:
        token = link_to_invitation(self.invitation, person, by=person, lasts=lasts)
        return absolute_url(reverse("committees:invitation-link", args=[token]))


@dataclass(frozen=True)
class AskedProcedure:
    """A written procedure that a seat of the institution has not answered. Its subject is not named
    before the code: others may hold the link."""

    consultation: WrittenConsultation
    project: Project

    @property
    def due(self) -> Due:
        return Due(
            project=self.project,
            kind=ObligationKind.RESOLUTION,
            key=f"procedure-{self.consultation.pk}",
            title=_("Answer: written procedure of %(day)s")
            % {"day": day(self.consultation.opened_on)},
            url=reverse("committees:consultation", args=[self.consultation.pk]),
            on=self.consultation.answers_until,
            owner=NOBODY_NAMED,
            today=self.project.today,
        )

    def link_for(self, person: User, lasts: timedelta) -> str:
        return link_to_procedure(self.consultation, person, by=person, lasts=lasts)


Asked = AskedInvitation | AskedProcedure


def asked_of(person: User, participation: Participation) -> Iterator[Asked]:
    """Yields what a person is asked for an institution in a project and has not answered."""
    project = participation.project
    for invitation in _invitations(person, participation):
        yield AskedInvitation(invitation, project)
    for consultation in _unanswered(person, participation):
        yield AskedProcedure(consultation, project)


def _unanswered(person: User, participation: Participation) -> Iterator[WrittenConsultation]:
    seats = {
        term.seat_id: term.seat.committee_id
        for term in seats_held(person, participation.project)
        if term.seat.is_voting and term.seat.institution_id == participation.institution_id
    }
    found = list(_procedures(participation.project_id)) if seats else []
    if not found:
        return
    ballots = Ballot.objects.filter(seat__in=seats, consultation__in=found).order_by()
    answered = set(ballots.values_list("consultation", "seat"))
    for one in found:
        own = [seat for seat, committee in seats.items() if committee == one.committee_id]
        if any((one.pk, seat) not in answered for seat in own):
            yield one


def _invitations(person: User, participation: Participation) -> QuerySet[Invitation]:
    rows = (
        Invitation.objects.of_person(person)
        .unanswered()
        .filter(
            contact__institution=participation.institution_id,
            meeting__committee__project=participation.project_id,
            meeting__status__in=[Meeting.Status.CONVENED, Meeting.Status.FROZEN],
            meeting__starts_at__gt=timezone.now(),
        )
    )
    return rows.select_related("meeting__committee").order_by("meeting__starts_at", "pk")


def _procedures(project: int) -> QuerySet[WrittenConsultation]:
    found = WrittenConsultation.objects.open().filter(committee__project=project)
    return found.order_by("answers_until", "pk")
