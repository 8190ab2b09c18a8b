"""Who is who in a project, and who may do what to its content, a file per subject."""

from projects.permissions.amendments import (
    may_record_donor_answer,
    visible_amendments,
)
from projects.permissions.exchange import may_publish, may_see_exchange
from projects.permissions.institutions import (
    coordinated_institutions,
    may_correct_institution,
    may_create_institution,
    may_delete_institution,
    may_edit_contacts,
    may_edit_institution,
    may_see_contacts,
    visible_institutions,
)
from projects.permissions.roles import (
    TEAM,
    Role,
    institutions_of,
    learn_roles,
    may_create_project,
    may_edit,
    may_see_team,
    roles_of,
    works_for,
)
from projects.permissions.values import (
    is_responsible,
    may_approve_value,
    may_edit_value,
    may_edit_values,
    may_enter_actual,
    visible_values,
)

__all__ = [
    "TEAM",
    "Role",
    "coordinated_institutions",
    "institutions_of",
    "is_responsible",
    "learn_roles",
    "may_approve_value",
    "may_correct_institution",
    "may_create_institution",
    "may_create_project",
    "may_delete_institution",
    "may_edit",
    "may_edit_contacts",
    "may_edit_institution",
    "may_edit_value",
    "may_edit_values",
    "may_enter_actual",
    "may_publish",
    "may_record_donor_answer",
    "may_see_contacts",
    "may_see_exchange",
    "may_see_team",
    "roles_of",
    "visible_amendments",
    "visible_institutions",
    "visible_values",
    "works_for",
]
