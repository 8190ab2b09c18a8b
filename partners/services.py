"""Keeps the directory of people and gives them accounts; keeps and removes files of agreements.

An account gives access to nothing: see `projects.institutions.services.representations`.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, User
from accounts.services import change_address, invite_person
from kernel.files import CheckedFile, StoredFile
from partners.models import Agreement, AgreementFile, Contact, Institution


def lock_register() -> None:
    """Let nobody else add an institution before this transaction ends: two that are added at once,
    in two projects, would not see that they are the same."""
    kind = ContentType.objects.get_for_model(Institution)
    ContentType.objects.select_for_update(no_key=True).get(pk=kind.pk)


@transaction.atomic
def invite_contact(contact: Contact, *, by: User | None) -> User:
    """Give the contact an account. The caller sends the letter once this is committed.

    Raises ValidationError with a sentence if the contact cannot be invited.
    """
    contact = Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
    if contact.ended_on:
        raise ValidationError(_("This person has left; enter a new contact instead."))
    if contact.is_minor:
        raise ValidationError(
            _("A minor receives no account: inform the person accompanying them.")
        )
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


def let_in(contacts: Iterable[Contact], *, by: User | None) -> None:
    """Give an account to those who get one, so that a message with a link reaches them; they need not
    sign in to answer. Whoever cannot have one has to be informed by other means."""
    for contact in contacts:
        if contact.gets_account and not contact.user_id:
            with suppress(ValidationError), transaction.atomic():
                contact.user = invite_contact(contact, by=by)


def invite_by_address(*, full_name: str, email: str, language: str, by: User) -> User:
    """Give an account to somebody who need not be in the directory.

    Raises ValidationError if this is no address, or if the directory has the person as a minor; the
    sentence does not say so to whoever may not know them.
    """
    known = Contact.objects.current().filter(is_minor=True)
    if known.filter(email__iexact=email.strip(), full_name__iexact=full_name.strip()).exists():
        raise ValidationError(_("This person can receive no account. Ask an administrator."))
    return invite_person(full_name=full_name, email=email, language=language, by=by)


def enter_contact(contact: Contact) -> Contact:
    """Add a person to the directory, or return the entry that says the same name and address.

    So nobody learns from a refusal who works at the institution. Raises ValidationError.
    """
    known = Contact.objects.current().filter(
        institution=contact.institution,
        full_name__iexact=contact.full_name,
        email__iexact=contact.email,
    )
    if contact.pk or (found := known.first()) is None:
        contact.full_clean()
        contact.save()
        return contact
    return found


def name_account(contact: Contact) -> None:
    """Give the account of a corrected entry its name, unless its person has signed in: then it is
    theirs to change. Messages greet people by the name of the account."""
    accounts = User.objects.filter(contacts=contact, last_login=None)
    accounts.update(full_name=contact.full_name)


@transaction.atomic
def record_departure(contact: Contact, *, on: date, by: User) -> None:
    """Record that the person left the institution. They speak for it nowhere any more."""
    Contact.objects.filter(pk=contact.pk).update(ended_on=on)
    contact.refresh_from_db(fields=["ended_on"])
    if contact.user:
        _record(contact, contact.user, by=by, change="left")


@transaction.atomic
def change_contact_address(contact: Contact, address: str, *, by: User) -> None:
    """Change the address at which a person with an account is reached and signs in, in all entries
    of the directory. Raises ValidationError if somebody else has it."""
    assert contact.user is not None
    known = Contact.objects.filter(user=contact.user, email__iexact=contact.user.email or "")
    keys = list(known.values_list("pk", flat=True))
    change_address(contact.user, address, by=by)
    Contact.objects.filter(pk__in=keys).update(email=contact.user.email)


def _record(contact: Contact, person: User, *, by: User | None, change: str) -> None:
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
