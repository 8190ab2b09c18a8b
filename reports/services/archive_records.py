"""Records of a project as lists for an archive: decisions, actions, the register of documents."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import ActionTerms
from committees.permissions.plans import visible_plans
from committees.permissions.resolutions import visible_resolutions
from kernel.sheets import SheetOfRows
from kernel.workbooks import CellValue
from projects.models import Project
from projects.permissions.hidden_names import hidden_names, without
from projects.permissions.naming import NamesForPerson
from reports.models import FiledDocument
from reports.permissions.filing import visible_filed


def record_pages(user: User, project: Project) -> list[SheetOfRows]:
    """Return the lists as far as the reader may see them. To be called while the reader is known."""
    hidden = hidden_names(NamesForPerson(user, project))
    pages = (
        (_("Decisions and recommendations"), _decision_head(), list(_decisions(user, project))),
        (_("Actions"), _action_head(), list(_actions(user, project))),
        (_("Register of documents"), _filed_head(), list(_filed(user, project))),
    )
    return [SheetOfRows(title, head, without(rows, hidden)) for title, head, rows in pages]


def _decision_head() -> list[str]:
    return [_("Number"), _("Kind"), _("Day"), _("Text"), _("Status"), _("Answer")]


def _decisions(user: User, project: Project) -> Iterator[list[CellValue]]:
    for row in visible_resolutions(user, project).order_by("resolved_on", "pk"):
        status, kind = row.get_status_display(), row.get_kind_display()
        yield [row.number, str(kind), row.resolved_on, row.text, str(status), row.answer]


def _action_head() -> list[str]:
    return [_("Code"), _("Title"), _("Responsible"), _("Start"), _("End"), _("Status")]


def _actions(user: User, project: Project) -> Iterator[list[CellValue]]:
    """Each action as the newest plan that the reader sees has it."""
    terms = ActionTerms.objects.filter(plan__in=visible_plans(user, project)).with_related()
    newest = {one.action_id: one for one in terms.order_by("plan__period__start", "plan__version")}
    for one in sorted(newest.values(), key=lambda each: each.action.reference):
        who = one.responsible.name if one.responsible else ""
        status = str(one.action.get_status_display())
        yield [one.action.reference, one.title, who, one.starts_on, one.ends_on, status]


def _filed_head() -> list[str]:
    return [
        *(_("Reference"), _("Kind"), _("Date"), _("Title"), _("From"), _("To")),
        *(_("Their reference"), _("Versions"), _("Removed on")),
    ]


def _filed(user: User, project: Project) -> Iterator[list[CellValue]]:
    rows: list[FiledDocument] = list(visible_filed(user, project).with_related())
    for row in sorted(rows, key=lambda one: (one.on, one.pk)):
        row.project = project
        yield [
            row.reference,
            str(row.get_kind_display()),
            row.on,
            row.title,
            row.sender.name if row.sender else row.email_from,
            row.recipient.name if row.recipient else row.email_to,
            row.their_reference,
            len(row.all_versions),
            row.withdrawn_on,
        ]
