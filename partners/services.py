"""Gives contacts access to the portal and takes it away; keeps and removes files of agreements."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, AccessLink, User
from accounts.services import invite_person
from kernel.files import CheckedFile, StoredFile
from partners.models import Agreement, AgreementFile, Contact


@transaction.atomic
def invite_contact(contact: Contact, *, by: User) -> User:
    """Give the contact an account. The caller sends the letter once this is committed.

    Raises ValidationError with a sentence if the contact cannot be invited.
    """
    contact = Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
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
    """Take back the invitation: the person no longer speaks for the institution in the portal.

    The account remains, but sees nothing without another role. Links sent to it stop working.
    """
    contact = Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
    if not (person := contact.user):
        return
    contact.user = None
    contact.save(update_fields=["user"])
    AccessLink.objects.filter(user=person).revoke(by=by)
    _record(contact, person, by=by, change="withdrawn")


@transaction.atomic
def record_departure(contact: Contact, *, on: date, by: User) -> None:
    """Record that the person left the institution. Their access ends at once."""
    withdraw_access(contact, by=by)
    Contact.objects.filter(pk=contact.pk).update(ended_on=on)
    contact.refresh_from_db(fields=["ended_on", "user"])


def _record(contact: Contact, person: User, *, by: User, change: str) -> None:
    AccessEvent.record(
        AccessEvent.Kind.ROLE,
        user=by,
        thing=contact.institution,
        role="contact",
        change=change,
        person=person,
    )


@transaction.atomic
def keep_agreement_file(agreement: Agreement, content: CheckedFile, *, by: User) -> AgreementFile:
    """Keep a file with its agreement. The same file given twice is kept once."""
    Agreement.objects.select_for_update().get(pk=agreement.pk)
    if known := agreement.files.filter(sha256=content.sha256).first():
        return known
    file = AgreementFile(agreement=agreement, added_by=by)
    file.keep(content)
    file.save()
    return file


@transaction.atomic
def remove_files(*files: StoredFile) -> None:
    """Delete files and their content for good, such as one that should never have been uploaded."""
    for stored in files:
        stored.delete()
        stored.delete_content_on_commit()
