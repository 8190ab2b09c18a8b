"""Hides an institution of civil society everywhere as a precaution, and lifts that again."""

from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.made_files import made_files
from accounts.mail import send_to_person
from accounts.models import AccessEvent, User
from kernel.refusal import Refusal
from partners.models import Institution
from projects.institutions.letters import precaution_letter
from projects.institutions.services.guarding import guard, replace_files
from projects.models import (
    Assignment,
    NamingChoice,
    NamingPrecaution,
    Participation,
    PrecautionLift,
    Project,
    Representation,
)
from projects.permissions.precautions import (
    coordinates_for_real,
    liftable_projects,
    may_lift_everywhere,
    not_yet,
    open_precautions,
    why_no_precaution,
)


@transaction.atomic
def take_precaution(institution: Institution, reason: str, *, by: User) -> int:
    """Hide the institution in all its projects, and return how many documents give way.

    A coordinator does so alone and at once. Everybody concerned is notified. Raises Refusal.
    """
    institution = _locked(institution)
    if not coordinates_for_real(by, institution):
        raise Refusal(_("Only the coordination of one of its projects takes this precaution."))
    if refused := why_no_precaution(institution):
        raise Refusal(refused)
    precaution = NamingPrecaution(institution=institution, reason=reason, taken_by=by)
    precaution.full_clean()
    precaution.save()
    guard(institution, None)
    _log(precaution, None, "hidden everywhere as a precaution", by=by)
    _notify(institution, "taken", by=by)
    return replace_files(institution, None, "precaution")


@transaction.atomic
def lift_precaution(institution: Institution, lift: PrecautionLift, *, by: User) -> int:
    """Lift what hides the institution, in `lift.project` or in all projects, and return how many
    files are offered again. Raises Refusal or ValidationError."""
    institution = _locked(institution)
    found = open_precautions(institution)
    if not found:
        raise Refusal(_("The precaution was lifted already. Look at the page again."))
    _check(institution, lift, by=by)
    restored = _lift(found, lift, by=by)
    _notify(institution, "lifted", by=by, project=lift.project)
    return restored


def _check(institution: Institution, lift: PrecautionLift, *, by: User) -> None:
    if may_lift_everywhere(by, institution):
        if by.is_staff and not lift.reason.strip():
            sentence = _("Say which written consent allows this: whose, of which day, kept where.")
            raise ValidationError({"reason": sentence})
        return
    if lift.project not in liftable_projects(by, institution):
        raise Refusal(not_yet())
    if not lift.reason.strip():
        raise ValidationError({"reason": _("Say who agreed for the institution.")})


def end_by_choice(choice: NamingChoice, *, by: User | None) -> None:
    """End the precaution where the institution has chosen for itself."""
    if found := open_precautions(choice.institution):
        lift = PrecautionLift(
            project=choice.project,
            agreed_on=choice.said_on,
            channel=choice.channel,
            reason=choice.reason,
        )
        _lift(found, lift, by=by)
        _notify(choice.institution, "lifted", by=by, project=choice.project)


def _lift(found: list[NamingPrecaution], lift: PrecautionLift, *, by: User | None) -> int:
    for precaution in found:
        row = PrecautionLift(
            precaution=precaution,
            project=lift.project,
            agreed_on=lift.agreed_on,
            channel=lift.channel,
            reason=lift.reason,
            lifted_by=by,
        )
        row.full_clean()
        row.save()
        _log(precaution, lift.project, "precaution lifted", by=by)
    return len(made_files().restore(lift.project))


def _locked(institution: Institution) -> Institution:
    return Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)


def _log(
    precaution: NamingPrecaution, project: Project | None, change: str, *, by: User | None
) -> None:
    AccessEvent.record(
        AccessEvent.Kind.ROLE,
        user=by,
        thing=project or precaution.institution,
        institution=precaution.institution_id,
        change=change,
    )


def _notify(
    institution: Institution, what: str, *, by: User | None, project: Project | None = None
) -> None:
    """Write to everybody concerned, but whoever did it: no message names the institution."""
    concerned = people_concerned(institution, project)
    for person in concerned.exclude(pk=by.pk) if by else concerned:
        letter = partial(precaution_letter, institution, what)
        send_to_person(person, letter, about=institution)


def people_concerned(institution: Institution, project: Project | None = None) -> QuerySet[User]:
    """Return administrators, the coordinators of the institution's projects, or of that project,
    and those who represent it."""
    places = Participation.objects.filter(institution=institution)
    if project:
        places = places.filter(project=project)
    coordinators = Assignment.objects.current().filter(
        role=Assignment.Role.COORDINATOR, project__in=places.values("project")
    )
    own = Representation.objects.in_force().filter(participation__institution=institution)
    return User.objects.filter(
        Q(is_staff=True)
        | Q(pk__in=coordinators.values("user"))
        | Q(pk__in=own.values("contact__user")),
        is_active=True,
    ).order_by("pk")
