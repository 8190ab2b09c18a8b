"""Decides who edits activities, who adds evidence, and who sees which evidence."""

from django.db.models import Q

from accounts.models import User
from projects.models import Activity, Evidence, Project
from projects.models.evidence import EvidenceQuerySet
from projects.permissions.roles import Role, own_institutions, roles_of, works_for


def may_edit_activities(user: User, project: Project) -> bool:
    return bool(roles_of(user, project) & {Role.ADMINISTRATOR, Role.COORDINATOR, Role.MONITORING})


def may_add_evidence(user: User, activity: Activity) -> bool:
    """The team and the contacts of the responsible institution may add evidence."""
    if may_edit_activities(user, activity.project):
        return True
    return activity.responsible_id in own_institutions(user, activity.project)


def visible_evidence(user: User, activity: Activity) -> EvidenceQuerySet:
    """The team sees all evidence, an institution also sees its own, and everybody sees shared
    evidence."""
    proofs = Evidence.objects.filter(activity=activity)
    if works_for(user, activity.project):
        return proofs
    own = own_institutions(user, activity.project)
    return proofs.filter(Q(pk__in=proofs.shared().values("pk")) | Q(given_by__in=own))


def openable_evidence(user: User, activity: Activity) -> EvidenceQuerySet:
    """Pictures of minors and photographs without consent are opened by the team alone, even if
    somebody else added them."""
    seen = visible_evidence(user, activity)
    if works_for(user, activity.project):
        return seen
    return seen.consented()


def removable_evidence(user: User, activity: Activity) -> EvidenceQuerySet:
    """The team removes any evidence; whoever added some removes it until the team has accepted
    it."""
    proofs = Evidence.objects.filter(activity=activity)
    if may_edit_activities(user, activity.project):
        return proofs
    own = own_institutions(user, activity.project)
    return proofs.filter(accepted_on=None, given_by__in=own)
