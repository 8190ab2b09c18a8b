"""A contact's access to the portal: given by an invitation, ended with it or with the office.
The files of agreements: kept once, removed with their row, and who took them is logged."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, AccessLink, Pseudonym, User
from accounts.services import invite_person
from kernel.files import CheckedFile, StoredFile
from partners.models import Agreement, AgreementFile, Contact


@transaction.atomic
def invite_contact(contact: Contact, *, by: User) -> User:
    """Give the contact an account; the letter is the caller's, once this is committed.

    Raises ValidationError with a sentence where that cannot be.
    """
    contact = Contact.objects.select_for_update().get(pk=contact.pk)
    if contact.ended_on:
        raise ValidationError(_("This person has left; enter a new contact instead."))
    if not contact.email:
        raise ValidationError(_("Enter an e-mail address first; the invitation goes there."))
    person = invite_person(
        full_name=contact.full_name, email=contact.email, language=contact.language, by=by
    )
    if not person.is_active:
        raise ValidationError(_("This person's account was closed. Ask an administrator."))
    if contact.user_id != person.pk:
        contact.user = person
        contact.save(update_fields=["user"])
        _record(contact, person, by=by, change="invited")
    return person


@transaction.atomic
def withdraw_access(contact: Contact, *, by: User) -> None:
    """Take back the invitation: the person no longer speaks for the institution here.

    The account stays; without another role it sees nothing. Links that were sent stop working.
    """
    contact = Contact.objects.select_for_update().get(pk=contact.pk)
    if not (person := contact.user):
        return
    contact.user = None
    contact.save(update_fields=["user"])
    AccessLink.objects.filter(user=person, revoked_at=None).update(revoked_at=timezone.now())
    _record(contact, person, by=by, change="withdrawn")


@transaction.atomic
def record_departure(contact: Contact, *, on: date, by: User) -> None:
    """The person left the institution: their access ends at once."""
    withdraw_access(contact, by=by)
    Contact.objects.filter(pk=contact.pk).update(ended_on=on)
    contact.refresh_from_db(fields=["ended_on", "user"])


def _record(contact: Contact, person: User, *, by: User, change: str) -> None:
    key, _created = Pseudonym.objects.get_or_create(user=person)
    AccessEvent.record(
        AccessEvent.Kind.ROLE,
        user=by,
        thing=contact.institution,
        role="contact",
        change=change,
        person=str(key.key),
    )


@transaction.atomic
def keep_agreement_file(agreement: Agreement, content: CheckedFile, *, by: User) -> AgreementFile:
    """Keep a file with its agreement; the same file given twice is kept once."""
    Agreement.objects.select_for_update().get(pk=agreement.pk)
    if known := agreement.files.filter(sha256=content.sha256).first():
        return known
    file = AgreementFile(agreement=agreement, added_by=by)
    file.keep(content)
    file.save()
    return file


@transaction.atomic
def remove_files(*files: StoredFile) -> None:
    """Take files away for good: what should not be here must not stay."""
    for stored in files:
        stored.delete()
        stored.delete_content_on_commit()
