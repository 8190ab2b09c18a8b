"""Who answers a recommendation."""

from accounts.models import User
from committees.models import (
    Resolution,
)
from partners.models import Institution
from projects.permissions import may_edit


def may_answer_recommendation(user: User, resolution: Resolution) -> bool:
    """The addressee answers; the coordination enters what came otherwise."""
    project = resolution.committee.project
    if may_edit(user, project):
        return True
    spoken_for = Institution.objects.spoken_for_by(user)
    return bool(resolution.addressee_id) and spoken_for.filter(pk=resolution.addressee_id).exists()
