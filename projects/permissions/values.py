"""Who enters, sees and approves the values of indicators."""

from django.db.models import Q, QuerySet

from accounts.models import User
from projects.models import DataPoint, Indicator, Project
from projects.permissions.roles import Role, institutions_of, roles_of, works_for


def may_edit_values(user: User, project: Project) -> bool:
    return bool(roles_of(user, project) & {Role.ADMINISTRATOR, Role.COORDINATOR, Role.MONITORING})


def may_enter_actual(user: User, indicator: Indicator) -> bool:
    """A partner enters what was measured where its institution is responsible for it."""
    return may_edit_values(user, indicator.result.project) or is_responsible(user, indicator)


def may_edit_value(user: User, point: DataPoint) -> bool:
    if point.kind == DataPoint.Kind.ACTUAL:
        return may_enter_actual(user, point.indicator)
    return may_edit_values(user, point.indicator.result.project)


def is_responsible(user: User, indicator: Indicator) -> bool:
    own = institutions_of(user, indicator.result.project)
    return indicator.responsible_id in {institution.pk for institution in own}


def may_approve_value(user: User, point: DataPoint) -> bool:
    """An approval needs a role in the project; who only administers the portal has none.

    That nobody approves what they entered (but by an exception with its reason) is asked of
    whoever may approve, see `services.approve_value`.
    """
    roles = roles_of(user, point.indicator.result.project)
    return bool(roles & {Role.COORDINATOR, Role.MONITORING})


def visible_values(user: User, project: Project) -> QuerySet[DataPoint]:
    """The team sees every value, others the approved ones and those they are responsible for."""
    points = DataPoint.objects.filter(indicator__result__project=project)
    if works_for(user, project):
        return points
    if not roles_of(user, project):
        return points.none()
    own = [institution.pk for institution in institutions_of(user, project)]
    return points.filter(
        Q(status=DataPoint.Status.APPROVED)
        | Q(kind=DataPoint.Kind.ACTUAL, indicator__responsible__in=own)
    )
