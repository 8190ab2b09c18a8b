"""Gives people roles in a project, changes and ends them."""

from datetime import date
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mail import send_to_person
from accounts.models import AccessEvent, User
from kernel.refusal import Refusal
from partners.services import invite_by_address
from projects.models import Assignment, Project, TeamInvitation
from projects.permissions.roles import may_edit
from projects.retention import held_projects
from projects.team.letters import team_invitation_ended_letter, team_invitation_letter

Outcome = TeamInvitation.Outcome


@transaction.atomic
def add_person(
    project: Project,
    *,
    email: str,
    full_name: str,
    language: str,
    role: str,
    ends_on: date | None,
    by: User,
) -> Assignment | TeamInvitation:
    """Invite whoever has this address, or give the role at once to a person whom the coordination
    sees in the team's lists anyway.

    The answer and what the team's page shows are the same whether the address was known or not, so
    that nobody learns who has an account. Raises ValidationError.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    known = User.objects.filter(email__iexact=User.objects.normalize_email(email)).first()
    if known and known.is_active and (by.is_staff or is_seen_in(project, known)):
        return _assign(project, known, role=role, ends_on=ends_on, by=by)
    person = known or invite_by_address(full_name=full_name, email=email, language=language, by=by)
    typed = {"typed_name": full_name, "typed_email": email, "ends_on": ends_on}
    invitation, _is_new = TeamInvitation.objects.update_or_create(
        project=project,
        user=person,
        role=role,
        defaults=typed
        | {"sent_at": timezone.now(), "sent_by": by, "outcome": "", "ended_at": None},
    )
    _record_role(invitation, by=by, change="invited")
    if person.is_active:
        letter = partial(team_invitation_letter, invitation)
        send_to_person(person, letter, by=by, about=project, thread=invitation)
    return invitation


def coordinate(project: Project, *, by: User) -> Assignment:
    """Give the coordination of a new project to the administrator who creates it."""
    role = Assignment.Role.COORDINATOR
    return _assign(project, by, role=role, ends_on=None, by=by)


def is_seen_in(project: Project, person: User) -> bool:
    return project.assignments.filter(user=person).exists()


@transaction.atomic
def accept_invitation(invitation: TeamInvitation) -> Assignment:
    """Raises Refusal, or ValidationError."""
    invitation = _locked(invitation)
    project, sender = invitation.project, invitation.sent_by
    if invitation.ends_on and invitation.ends_on < timezone.localdate():
        raise Refusal(
            _("The last day of this role has passed. Ask the coordination for a new invitation.")
        )
    if not (sender and sender.is_active and may_edit(sender, project)):
        raise Refusal(
            _(
                "The person who invited you no longer coordinates this project. Ask the "
                "coordination for a new invitation."
            )
        )
    return _assign(
        project,
        invitation.user,
        role=invitation.role,
        ends_on=invitation.ends_on,
        by=invitation.user,
    )


@transaction.atomic
def end_invitation(invitation: TeamInvitation, *, by: User) -> None:
    """Decline it, as the person who got it, or withdraw it, as the coordination. Raises Refusal."""
    invitation = _locked(invitation)
    outcome = Outcome.DECLINED if by.pk == invitation.user_id else Outcome.WITHDRAWN
    _record_role(invitation, by=by, change=outcome.value)
    _end(invitation, outcome)


@transaction.atomic
def expire_invitations() -> None:
    """End those that nobody answered in time, and forget those that ended long ago."""
    late = TeamInvitation.objects.to_expire().select_for_update(of=["self"])
    for invitation in late.select_related("project", "sent_by"):
        _end(invitation, Outcome.EXPIRED)
    TeamInvitation.objects.to_forget().exclude(project__in=held_projects()).delete()


def _end(invitation: TeamInvitation, outcome: TeamInvitation.Outcome) -> None:
    """Keep what became of it, and notify the sender of what they did not do themselves."""
    invitation.outcome, invitation.ended_at = outcome, timezone.now()
    invitation.save(update_fields=["outcome", "ended_at"])
    sender = invitation.sent_by
    if outcome == Outcome.WITHDRAWN or not (sender and sender.is_active):
        return
    declined = outcome == Outcome.DECLINED
    letter = partial(team_invitation_ended_letter, invitation, declined=declined)
    send_to_person(sender, letter, about=invitation)


def _locked(invitation: TeamInvitation) -> TeamInvitation:
    """Lock the project, as whoever changes its team does, and read the invitation again: somebody
    else may have ended it."""
    Project.objects.select_for_update(no_key=True).get(pk=invitation.project_id)
    rows = TeamInvitation.objects.select_for_update(of=["self"])
    fresh = rows.select_related("project", "user", "sent_by").filter(pk=invitation.pk).first()
    if fresh is None or not fresh.is_open:
        raise Refusal(_("This invitation is no longer open. Ask the coordination for a new one."))
    return fresh


def _assign(
    project: Project, person: User, *, role: str, ends_on: date | None, by: User
) -> Assignment:
    """An assignment that had ended begins again."""
    own = Assignment.objects.filter(project=project, user=person, role=role)
    if own.current().exists():
        raise ValidationError(_("This person already has this role in the project."))
    assignment = own.first() or Assignment(project=project, user=person, role=role)
    assignment.began_on, assignment.ends_on = timezone.localdate(), ends_on
    assignment.full_clean()
    assignment.save()
    # An invitation that stayed open would give the role once more after it was ended.
    TeamInvitation.objects.filter(project=project, user=person, role=role).update(
        outcome=Outcome.ACCEPTED, ended_at=timezone.now()
    )
    _record_role(assignment, by=by, change="added")
    return assignment


@transaction.atomic
def change_end(assignment: Assignment, *, ends_on: date | None, by: User) -> None:
    """Set, change or clear the last day of a role. Raises ValidationError."""
    Project.objects.select_for_update(no_key=True).get(pk=assignment.project_id)
    assignment.ends_on = ends_on
    assignment.full_clean()
    if ends_on:
        _keep_one_coordinator(assignment)
    assignment.save(update_fields=["ends_on"])
    until = ends_on.isoformat() if ends_on else ""
    _record_role(assignment, by=by, change="changed", until=until)


@transaction.atomic
def remove_assignment(assignment: Assignment, *, by: User) -> None:
    """End a role at once; the access log keeps a record. Raises ValidationError."""
    Project.objects.select_for_update(no_key=True).get(pk=assignment.project_id)
    _keep_one_coordinator(assignment)
    _record_role(assignment, by=by, change="removed")
    assignment.delete()


def _keep_one_coordinator(assignment: Assignment) -> None:
    """Raise ValidationError for the only coordinator: nobody but an administrator could add one
    then."""
    if assignment.role != Assignment.Role.COORDINATOR:
        return
    others = Assignment.objects.exclude(pk=assignment.pk).filter(
        project=assignment.project_id, role=Assignment.Role.COORDINATOR, ends_on=None
    )
    if not others.exists():
        raise ValidationError(
            _("This is the project's only coordinator. Add another one first, without an end date.")
        )


def _record_role(
    assignment: Assignment | TeamInvitation, *, by: User, change: str, **details: str
) -> None:
    AccessEvent.record(
        AccessEvent.Kind.ROLE,
        user=by,
        thing=assignment.project,
        role=assignment.role,
        change=change,
        person=assignment.user,
        **details,
    )
