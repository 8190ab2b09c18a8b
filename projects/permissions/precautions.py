"""Decides who hides an institution everywhere as a precaution, and who lifts that."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Institution
from projects.models import NamingPrecaution, Participation, PrecautionLift, Project
from projects.permissions.institutions import may_widen_naming, narrowable_projects


def coordinates_for_real(user: User, institution: Institution) -> bool:
    """Whether the person coordinates a project of the institution that is not for training."""
    return any(not project.training for project in narrowable_projects(user, institution))


def why_no_precaution(institution: Institution) -> str:
    """Return, in a sentence, why it cannot be hidden everywhere as a precaution, or nothing."""
    acts_for_donor = institution.participations.filter(role__in=Participation.DONOR_ROLES).exists()
    if institution.kind != Institution.Kind.CIVIL_SOCIETY or acts_for_donor:
        return _(
            "Only an organisation of civil society that is no donor can be hidden everywhere as a "
            "precaution. Record in your own project where this institution may be named."
        )
    if _decided_itself(institution):
        return _(
            "The institution has decided itself where it may be named, and a precaution does not "
            "override that. Ask it, or an administrator, to hide it everywhere; hide it at once in "
            "your own project, under “Record its choice”."
        )
    if any(not one.lifts.exists() for one in open_precautions(institution)):
        return _("It is hidden everywhere as a precaution already.")
    return ""


def _decided_itself(institution: Institution) -> bool:
    chosen = institution.naming_choices.filter(project=None).order_by("-pk").first()
    lifted = PrecautionLift.objects.filter(precaution__institution=institution, project=None)
    return bool(chosen and chosen.is_own) or lifted.exists()


def instead_of_precaution(user: User, institution: Institution) -> str:
    """Return what its coordination does where its own choice rules a precaution out, or nothing."""
    is_civil_society = institution.kind == Institution.Kind.CIVIL_SOCIETY
    if not is_civil_society or not coordinates_for_real(user, institution):
        return ""
    return why_no_precaution(institution) if _decided_itself(institution) else ""


def may_take_precaution(user: User, institution: Institution) -> bool:
    return coordinates_for_real(user, institution) and not why_no_precaution(institution)


def open_precautions(institution: Institution) -> list[NamingPrecaution]:
    """Return the precautions that hold in some project, the newest first."""
    rows = NamingPrecaution.objects.in_force().filter(institution=institution)
    return list(rows.select_related("taken_by").prefetch_related("lifts__project"))


def may_lift_everywhere(user: User, institution: Institution) -> bool:
    """The institution itself at any time, or an administrator with its written consent."""
    return may_widen_naming(user, institution)


def liftable_projects(user: User, institution: Institution) -> list[Project]:
    """Return the projects in which the coordination ends the precaution, with the agreement of the
    institution: their own, once the time of the institution is over."""
    found = open_precautions(institution)
    if not found or any(one.coordinators_lift_from > timezone.now() for one in found):
        return []
    lifted = {lift.project_id for lift in found[0].lifts.all()}
    own = narrowable_projects(user, institution)
    return [project for project in own if project.pk not in lifted]


def not_yet() -> str:
    """Say who lifts the precaution, to somebody who may not, or not yet."""
    return _(
        "For 72 hours only the institution lifts the precaution, or an administrator with its written "
        "consent. Then you may do so in a project that you coordinate, if the institution agrees."
    )
