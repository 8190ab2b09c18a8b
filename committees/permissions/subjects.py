"""Which of the things that an item or a resolution is about a person may see."""

from collections.abc import Iterable

from accounts.models import User
from committees.models import (
    Subject,
)
from committees.permissions.minutes import visible_minutes
from committees.permissions.plans import visible_actions, visible_plans
from committees.permissions.resolutions import visible_resolutions
from projects.models import Project
from projects.permissions.amendments import visible_amendments
from projects.permissions.risks import visible_risks
from projects.permissions.roles import TEAM, Role, roles_of


def subjects_seen(user: User, project: Project, subjects: Iterable[Subject]) -> set[int]:
    """Return the keys of the links to things that the person may see.

    Everybody who sees the project sees its results, indicators and activities.
    """
    plans = set(visible_plans(user, project).values_list("pk", flat=True))
    actions = set(visible_actions(user, project).values_list("pk", flat=True))
    amendments = set(visible_amendments(user, project).values_list("pk", flat=True))

    minutes = set(visible_minutes(user, project).values_list("pk", flat=True))
    resolutions = set(visible_resolutions(user, project).values_list("pk", flat=True))
    subjects = list(subjects)
    risks = set()
    if any(subject.risk_id for subject in subjects):
        seen = visible_risks(user, project)
        risks = set(seen.values_list("pk", flat=True))
    roles = roles_of(user, project)

    def is_seen(subject: Subject) -> bool:
        if subject.plan_id:
            return subject.plan_id in plans
        if subject.action_id:
            return subject.action_id in actions
        if subject.minutes_id:
            return subject.minutes_id in minutes
        if subject.earlier_id:
            return subject.earlier_id in resolutions
        if subject.risk_id:
            return subject.risk_id in risks
        if subject.call:  # the donor sees what was awarded
            awarded = Role.DONOR in roles and subject.call.status == "awarded"
            return awarded or bool(roles & TEAM)
        return subject.amendment_id is None or subject.amendment_id in amendments

    return {subject.pk for subject in subjects if is_seen(subject)}
