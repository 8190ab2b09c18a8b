"""Protects a person in one step: everything by which somebody could act or read as them ends, and
their name is hidden outside the coordination."""

from typing import Any

from django.db import transaction

from accounts.factor_resets import sign_out_everywhere
from accounts.models import AccessEvent, User
from ibcr_portal.persons.permissions import Reach
from partners.models import Contact
from reports.models import Rendition
from reports.services.naming import downloaders, renditions_that_name


@transaction.atomic
def protect(reach: Reach, *, by: User) -> None:
    """End sessions, links and feeds, as far as the protector's reach goes, and name the person in
    nothing that goes beyond the coordination. Their account and roles stay: they sign in anew, on a
    device that they trust."""
    if reach.account and reach.is_whole:
        sign_out_everywhere(reach.account)
    reach.links.revoke(by=by)
    keys = [contact.pk for contact in reach.hidden]
    Contact.objects.filter(pk__in=keys).update(is_pseudonymous=True, may_be_named=False)
    AccessEvent.record(
        AccessEvent.Kind.ACCOUNT, user=by, thing=reach.account, change="person protected"
    )


def protection_summary(reach: Reach) -> dict[str, Any]:
    """Return what is still open, and the entries whose name the protector hides and may show
    again."""
    entries = reach.known.contacts
    return {
        "links": reach.links.valid().count(),
        "entries": len(entries),
        "named": sum(not contact.is_pseudonymous for contact in entries),
        "undo": [contact for contact in reach.hidden if contact.is_pseudonymous],
    }


def documents_that_name(reach: Reach) -> list[tuple[Rendition, list[object]]]:
    """Return each document that still holds the name, with who downloaded it and when."""
    words = reach.known.spellings().all
    projects = [None] if reach.projects is None else reach.projects
    found = [
        rendition
        for project in projects
        for rendition in renditions_that_name(words, project=project).with_related()
    ]
    taken = downloaders(found)
    return [(rendition, list(taken.get(rendition.pk, []))) for rendition in found]
