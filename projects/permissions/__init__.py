"""Who is who in a project, and who may do what to its content, a file per subject."""

from projects.permissions.agreements import (
    agreements_with_files,
    may_edit_agreement,
    visible_agreements,
)
from projects.permissions.amendments import (
    may_record_donor_answer,
    visible_amendments,
)
from projects.permissions.duties import (
    may_edit_duties,
    may_see_duty_files,
    visible_duties,
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
from projects.permissions.roles import (
    TEAM,
    Role,
    institutions_of,
    learn_roles,
    may_create_project,
    may_edit,
    may_see_amounts,
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
    "agreements_with_files",
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
    "may_edit_agreement",
    "may_edit_contacts",
    "may_edit_duties",
    "may_edit_institution",
    "may_edit_value",
    "may_edit_values",
    "may_enter_actual",
    "may_record_donor_answer",
    "may_see_amounts",
    "may_see_contacts",
    "may_see_duty_files",
    "may_see_team",
    "roles_of",
    "visible_agreements",
    "visible_amendments",
    "visible_duties",
    "visible_institutions",
    "visible_values",
    "works_for",
]
