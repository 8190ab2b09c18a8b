"""Who is who in a project, and who may do what to its content, a file per subject."""

from projects.permissions.amendments import (
    may_keep_amendment_files,
    may_record_donor_answer,
    may_see_amounts,
    visible_amendments,
)
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
from projects.permissions.risks import (
    may_edit_risks,
    may_see_risks,
    may_see_unshared_risks,
    visible_risks,
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
    "may_edit_risks",
    "may_edit_value",
    "may_edit_values",
    "may_enter_actual",
    "may_keep_amendment_files",
    "may_record_donor_answer",
    "may_see_amounts",
    "may_see_contacts",
    "may_see_risks",
    "may_see_team",
    "may_see_unshared_risks",
    "roles_of",
    "visible_amendments",
    "visible_institutions",
    "visible_risks",
    "visible_values",
    "works_for",
]
