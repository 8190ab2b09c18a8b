"""Decides who enters, sees and approves values of indicators."""

from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet

from accounts.models import User
from projects.models import (
    Assignment,
    DataPoint,
    Indicator,
    Participation,
    Project,
    ValueFile,
    ValueRequest,
)
from projects.models.value import DataPointQuerySet, ValueRequestQuerySet
from projects.permissions.roles import (
    TEAM,
    OwnParticipation,
    Role,
    own_institutions,
    own_participations,
    roles_of,
    works_for,
)


def may_edit_values(user: User, project: Project) -> bool:
    return bool(roles_of(user, project) & {Role.ADMINISTRATOR, Role.COORDINATOR, Role.MONITORING})


def may_enter_actual(user: User, indicator: Indicator) -> bool:
    """A partner enters actual values of indicators for which its institution is responsible."""
    return may_edit_values(user, indicator.result.project) or is_responsible(user, indicator)


def may_edit_value(user: User, point: DataPoint) -> bool:
    if point.kind == DataPoint.Kind.ACTUAL:
        return may_enter_actual(user, point.indicator)
    return may_edit_values(user, point.indicator.result.project)


def is_responsible(user: User, indicator: Indicator) -> bool:
    return indicator.responsible_id in own_institutions(user, indicator.result.project)


def may_edit_framework_workbook(user: User, project: Project) -> bool:
    """Whoever enters values, for the team or for a responsible institution, may edit the framework
    as a workbook."""
    if may_edit_values(user, project):
        return True
    own = own_institutions(user, project)
    indicators = Indicator.objects.filter(result__project=project, responsible__in=own)
    return bool(own) and indicators.exists()


def may_approve_value(user: User, point: DataPoint) -> bool:
    """Approving needs a role in the project; an administrator without one may not.

    Nobody approves a value that they entered, except with a reason: `approve_value` checks it.
    """
    return may_approve_values(user, point.indicator.result.project)


def may_approve_values(user: User, project: Project) -> bool:
    return bool(roles_of(user, project) & {Role.COORDINATOR, Role.MONITORING})


def is_only_approver(user: User, project: Project) -> bool:
    """Whether nobody else on the team could approve what the person entered."""
    approvers = (Assignment.Role.COORDINATOR, Assignment.Role.MONITORING)
    others = project.assignments.current().filter(role__in=approvers, user__is_active=True)
    return may_approve_values(user, project) and not others.exclude(user=user).exists()


def may_see_small_counts(user: User, project: Project) -> bool:
    """Whether the person sees counts of fewer than five persons: the team, and a donor whose
    agreement says so."""
    if works_for(user, project):
        return True
    return agreement_tells_small_counts(own_participations(user, project))


def agreement_tells_small_counts(participations: Iterable[OwnParticipation]) -> bool:
    """Whether somebody reads small counts as the donor, by one of their own participations."""
    return any(
        own.sees_small_counts and own.role in Participation.DONOR_ROLES for own in participations
    )


def donors_may_see_small_counts(project: Project) -> bool:
    """Whether a document for the donor shows small counts: the agreements of all donors, and of
    embassies that represent them, must say so."""
    donors = project.participations.filter(role__in=Participation.DONOR_ROLES)
    agreed = list(donors.values_list("agreement__tells_small_counts", flat=True))
    return bool(agreed) and all(agreed)


def may_open_value(user: User, point: DataPoint) -> bool:
    """The team and the responsible institution open the single value with its evidence."""
    project = point.indicator.result.project
    return works_for(user, project) or is_responsible(user, point.indicator)


def visible_files(user: User, point: DataPoint) -> QuerySet[ValueFile]:
    """Evidence may show people: the team sees it, and the institution that gave it."""
    project = point.indicator.result.project
    if works_for(user, project):
        return point.files.all()
    return point.files.filter(given_by__in=own_institutions(user, project))


def files_of_values(user: User, project: Project, points: Collection[int]) -> QuerySet[ValueFile]:
    """Return `visible_files` of several values, by their keys."""
    files = ValueFile.objects.filter(point__in=points)
    if works_for(user, project):
        return files
    return files.filter(given_by__in=own_institutions(user, project))


def visible_requests(user: User, project: Project) -> ValueRequestQuerySet:
    """The team sees the requests to every institution, an institution its own."""
    requests = project.value_requests.all()
    if works_for(user, project):
        return requests
    return requests.filter(institution__in=own_institutions(user, project))


def may_see_requests(user: User, project: Project) -> bool:
    """The team and partners see requests; a donor gets none."""
    return works_for(user, project) or Role.PARTNER in roles_of(user, project)


def may_ask_for_values(user: User, project: Project) -> bool:
    return may_edit_values(user, project)


def may_answer_request(user: User, asked: ValueRequest) -> bool:
    """The institution answers until the last day; coordination and monitoring answer on its
    behalf."""
    if may_edit_values(user, asked.project):
        return True
    return asked.is_open and asked.institution_id in own_institutions(user, asked.project)


def visible_values(user: User, project: Project) -> DataPointQuerySet:
    """The team sees every value, others the approved ones and those for which they are
    responsible."""
    points = DataPoint.objects.filter(indicator__result__project=project)
    return points.filter(values_seen(roles_of(user, project), own_institutions(user, project)))


def values_seen(roles: frozenset[Role], own: Collection[int]) -> Q:
    """Match the values that people with these roles may see, who represent these institutions."""
    if roles & TEAM:
        return Q()
    if not roles:
        return Q(pk__in=[])
    return Q(status=DataPoint.Status.APPROVED) | Q(
        kind=DataPoint.Kind.ACTUAL, indicator__responsible__in=own
    )
