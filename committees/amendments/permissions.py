"""Who puts an amendment into effect."""

from accounts.models import User
from projects.models import Amendment
from projects.permissions import may_edit


def may_put_into_effect(user: User, amendment: Amendment) -> bool:
    return may_edit(user, amendment.project)
