"""Protects a person in one step: everything by which somebody could act or read as them ends, and
their name is hidden outside the coordination."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.factor_resets import sign_out_everywhere
from accounts.models import AccessEvent, AccessLink
from accounts.models.people import User
from ibcr_portal.persons.subject import DataSubject
from reports.models import Rendition
from reports.services.naming import downloaders, renditions_that_name


@transaction.atomic
def protect(subject: DataSubject, *, by: User) -> None:
    """End sessions, links and feeds, and name the person in nothing that goes beyond the
    coordination. Their account and roles stay: they sign in anew, on a device that they trust."""
    if person := subject.user:
        sign_out_everywhere(person)
        AccessLink.objects.filter(user=person).revoke(by=by)
    for contact in subject.contacts:
        type(contact).objects.filter(pk=contact.pk).update(is_pseudonymous=True, may_be_named=False)
    AccessEvent.record(
        AccessEvent.Kind.ACCOUNT, user=by, thing=subject.user, change="person protected"
    )


def what_protection_ends(subject: DataSubject) -> dict[str, int]:
    users = subject.people.users
    links = AccessLink.objects.filter(
        Q(expires_at__gt=timezone.now()), user__in=users, revoked_at=None
    )
    named = [contact for contact in subject.contacts if not contact.is_pseudonymous]
    return {"links": links.count(), "named": len(named)}


def documents_that_name(subject: DataSubject) -> list[tuple[Rendition, list[object]]]:
    """Return each document that still holds the name, with who downloaded it and when."""
    found = renditions_that_name(subject.spellings().all).with_related()
    taken = downloaders(found)
    return [(rendition, list(taken.get(rendition.pk, []))) for rendition in found]
