"""Sets of roles as numbers, in which the database finds one of a person's roles."""

from collections.abc import Iterable

from django.db.models import F, Q
from django.db.models.lookups import GreaterThan

from projects.permissions.roles import Role

# Never change the place of a role: stored numbers would mean another one until the next night.
_PLACES = (
    Role.ADMINISTRATOR,
    Role.COORDINATOR,
    Role.MONITORING,
    Role.FINANCE,
    Role.READER,
    Role.AUDITOR,
    Role.DIRECTION,
    Role.MEMBER,
    Role.PARTNER,
    Role.DONOR,
    Role.ACCEPTS_FOR_DONOR,
    Role.PANEL,
)
_BITS = {role: 1 << place for place, role in enumerate(_PLACES)}


def role_set(roles: Iterable[Role]) -> int:
    return sum(_BITS[role] for role in set(roles))


def has_one_of(column: str, roles: Iterable[Role]) -> Q:
    """Match rows whose set of roles has one of these."""
    return Q(GreaterThan(F(column).bitand(role_set(roles)), 0))
