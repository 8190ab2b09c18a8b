"""What gives a person a place in a project besides working for it: a representation of one of its
institutions, and rows of apps above this one."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User

# Rows of an app above this one that give a contact a place in a project today, such as a seat of
# its committee. Each source returns rows with `contact`, `place` (in words) and, as `place_in`, the
# project's key.
PlaceSource = Callable[[], models.QuerySet[Any]]
place_sources: list[PlaceSource] = []

# The roles (of `Participation.Role`) in which the coordination alone grants representations. Those
# of institutions in all other roles, which fund or are accountable, are confirmed by somebody else.
DIRECT_ROLES = frozenset({"extending", "implementing", "partner", "beneficiary"})


def end_has_not_come(prefix: str = "") -> Q:
    """Match representations of which nobody announced the end, or whose announced end is to come.

    The database reads its own clock: statements are kept for a day, and this is about a moment.
    """
    return Q(**{f"{prefix}ends_at": None}) | Q(**{f"{prefix}ends_at__gt": Now()})


def representation_is_in_force(prefix: str = "") -> Q:
    """Match representations that give access today; `prefix` leads to them from another model.

    One of a funding or accountable institution counts once it is confirmed. The role is read as it
    is today: whoever turns a partner into the donor gives nobody the donor's access by it.
    """
    today = timezone.localdate()
    return (
        Q(**{f"{prefix}ended_at": None, f"{prefix}since__lte": today})
        & (Q(**{f"{prefix}until": None}) | Q(**{f"{prefix}until__gte": today}))
        & end_has_not_come(prefix)
        & (
            Q(**{f"{prefix}participation__role__in": DIRECT_ROLES})
            | Q(**{f"{prefix}confirmed_at__isnull": False})
        )
        & Q(**{f"{prefix}contact__ended_on": None})
    )


def is_acting(user: User) -> bool:
    """Whether the person sends or takes something just now, and does not only read
    (`permissions.roles.set_acting`)."""
    return "_is_acting" in user.__dict__
