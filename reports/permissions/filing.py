"""Who reads which documents of a project, and who files them."""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from committees.permissions.meetings import items_seen
from committees.permissions.resolutions import visible_resolutions
from projects.models import Project
from projects.permissions.amendments import visible_amendments
from projects.permissions.roles import EDITORS, TEAM, Role, may_edit, roles_of
from reports.models import FiledDocument
from reports.models.filed import FiledDocumentQuerySet
from reports.permissions.reports import visible_reports

READS_CONFIDENTIAL = EDITORS | {Role.AUDITOR, Role.DIRECTION}


def filed_seen(roles: frozenset[Role]) -> Q:
    """Match the documents that people with these roles read."""
    if roles & READS_CONFIDENTIAL:
        return Q()
    if roles & TEAM:
        return Q(is_confidential=False)
    seen = Q(pk__in=[])
    for role, named in (
        (Role.MEMBER, "for_committee"),
        (Role.DONOR, "for_donor"),
        (Role.PARTNER, "for_partners"),
    ):
        if role in roles:
            seen |= Q(**{named: True})
    return seen & Q(withdrawn_on=None)


def visible_filed(user: User, project: Project) -> FiledDocumentQuerySet:
    return FiledDocument.objects.filter(filed_seen(roles_of(user, project)), project=project)


def may_file(user: User, project: Project) -> bool:
    return may_edit(user, project)


def places_offered(user: User, project: Project) -> dict[str, QuerySet[Any]]:
    """Return the things to which a document may belong, by field, of those that the person sees."""
    items = items_seen(user, project).select_related("meeting")
    return {
        "agenda_item": items.order_by("-meeting__starts_at", "pk"),
        "resolution": visible_resolutions(user, project),
        "amendment": visible_amendments(user, project),
        "report": visible_reports(user, project).with_related(),
    }


def filed_for_edition(rows: FiledDocumentQuerySet, *, is_full: bool) -> FiledDocumentQuerySet:
    """Keep what the full edition of an archive holds, or that for the donor."""
    return rows if is_full else rows.filter(filed_seen(frozenset({Role.DONOR})))
