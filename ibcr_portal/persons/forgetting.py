"""Forgets a person: their rows become a pseudonym, and every text, file, message and document loses
the name. What a law or an agreement requires is locked away (`keeping`), and what cannot be changed
is listed with its reason."""

import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.db import DatabaseError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from accounts.identities import record_erasure
from accounts.mailbox import remove_letters
from accounts.models import AccessEvent, AccessLink, OutgoingMail, User
from accounts.models.outbox import EMPTIED
from accounts.second_factor import sign_out_everywhere
from committees.models import SeatTerm
from ibcr_portal.models import Erasure, PersonRequest
from ibcr_portal.persons import ledger
from ibcr_portal.persons.held import destroy_documents, held_projects_in
from ibcr_portal.persons.keeping import FILES, kept_until, lock_file, lock_identity, reasons_to_keep
from ibcr_portal.persons.matching import Spellings
from ibcr_portal.persons.places import Place
from ibcr_portal.persons.searching import DataSubject, Findings, NamingRow, content_of, findings_of
from kernel.files import StoredFile, sha256_of
from kernel.refusal import Refusal
from projects.models import Assignment, Representation

# Why a row still holds the name.
WHY_IT_REMAINS = {
    "sealed": gettext_lazy(
        "Sealed or approved: it never changes. Write an erratum or a new version."
    ),
    "unsearchable": gettext_lazy(
        "Cannot be read by a program. Check it, and delete it if it names them."
    ),
    "word": gettext_lazy(
        "A single word that may mean something else. Check it, and change it if it names them."
    ),
    "thing": gettext_lazy(
        "The name of an institution or the title of a project. Change it there if it names them."
    ),
}


@dataclass
class Outcome:
    pseudonym: str
    changed: Counter[str] = field(default_factory=Counter)
    remains: list[tuple[str, str]] = field(default_factory=list)
    """The row, and a key of WHY_IT_REMAINS."""


def new_pseudonym() -> str:
    return f"P-{secrets.token_hex(4).upper()}"


def refuse_forgetting(subject: DataSubject, found: Findings, *, by: User | None) -> None:
    """Raises Refusal with the reason and what to do."""
    if holds := subject.holds:
        raise Refusal(
            _(
                "A hold covers this person (“%(reason)s”). If it is no longer needed, lift it "
                "first, under Personal data."
            )
            % {"reason": holds[0].reason}
        )
    if project := held_projects_in(found).first():
        raise Refusal(
            _(
                "A hold covers %(project)s, which names this person. If it is no longer needed, "
                "lift it first, under Personal data."
            )
            % {"project": project}
        )
    if subject.user is None:
        return
    if by and subject.user.pk == by.pk:
        raise Refusal(
            _("Another administrator has to do this: you would be signed out halfway through.")
        )
    others = User.objects.filter(is_staff=True, is_active=True).exclude(pk=subject.user.pk)
    if subject.user.is_staff and not others.exists():
        raise Refusal(_("This is the last administrator. Name another one first."))


@transaction.atomic
def forget(subject: DataSubject, spellings: Spellings, *, by: User | None) -> Outcome:
    """Forget the person now. Raises Refusal if a hold covers them, or what names them."""
    if subject.user:
        User.objects.select_for_update().get(pk=subject.user.pk)
    found = findings_of(subject, spellings)
    refuse_forgetting(subject, found, by=by)
    entry = ledger.Entry.signed(
        pseudonym=new_pseudonym(),
        user=subject.user,
        contacts=list(subject.people.contacts),
        spellings=spellings,
    )
    # The first of all that waits for the commit, so that no other failure keeps it away.
    transaction.on_commit(partial(ledger.append, entry.done()))
    outcome = erase(subject, spellings, entry.pseudonym, found, by=by)
    # Last, so that a failure before it leaves no line; if the line cannot be written, nothing was
    # erased. Whether the transaction is saved, only the second line says.
    ledger.append(entry)
    return outcome


@transaction.atomic
def erase(
    subject: DataSubject,
    spellings: Spellings,
    pseudonym: str,
    found: Findings,
    *,
    by: User | None = None,
) -> Outcome:
    """Do what `forget` does, without asking whether it may be done and without the ledger."""
    outcome = Outcome(pseudonym)
    until = kept_until(subject)
    lock_identity(subject, pseudonym)
    end_access(subject, by=by)
    delete_rows(found, outcome)
    rename_rows(subject, pseudonym, outcome)
    answer_removals(subject)
    clean_mail(subject, found, outcome)
    for row in found.texts:
        clean_texts(row, spellings, outcome)
    destroy_documents(found.documents, spellings, pseudonym, outcome.changed, until)
    for place, name, key in found.files:
        clean_file(place, name, key, spellings, outcome, until)
    outcome.remains += [(f"{place.name} {key}", "unsearchable") for place, key in found.unreadable]
    outcome.remains += [
        (f"{place.name} {key}", reason)
        for place, key, reason in found.to_look_at
        if place.model._base_manager.filter(pk=key).exists()
    ]
    Session.objects.filter(session_key__in=found.sessions).delete()
    transaction.on_commit(partial(remove_letters, found.letters))
    outcome.changed["accounts.mailbox"] += len(found.letters)
    changed = {name: count for name, count in sorted(outcome.changed.items()) if count}
    Erasure.objects.update_or_create(
        pseudonym=pseudonym,
        defaults={"done_by": by, "changed": changed, "remains": outcome.remains},
    )
    AccessEvent.record(
        AccessEvent.Kind.ACCOUNT, user=by, thing=subject.user, change="person forgotten"
    )
    return outcome


# --- Rows that are about the person -------------------------------------------------------


def end_access(subject: DataSubject, *, by: User | None) -> None:
    """End sessions, links, feeds, roles, representations and terms of office, and record that nobody
    can say any more whose the events of the access log are."""
    record_erasure(subject.people.users, by=by)
    if person := subject.user:
        sign_out_everywhere(person)
        AccessLink.objects.filter(user=person).revoke(by=by)
    today, yesterday = timezone.localdate(), timezone.localdate() - timedelta(days=1)
    users, contacts = subject.people.users, subject.people.contacts
    runs_on = Q(ends_on=None) | Q(ends_on__gte=today)
    Assignment.objects.filter(runs_on, user__in=users).update(ends_on=yesterday)
    Representation.objects.filter(contact__in=contacts, ended_at=None).update(
        ended_at=timezone.now(), ended_by=by
    )
    terms = SeatTerm.objects.filter(Q(until=None) | Q(until__gt=today), contact__in=contacts)
    terms.filter(since__gt=today).delete()
    terms.update(until=today)


def delete_rows(found: Findings, outcome: Outcome) -> None:
    for tied in found.rows:
        if not tied.is_deleted:
            continue
        rows = tied.place.model._base_manager.filter(pk__in=tied.keys)
        for name in tied.place.files:
            for row in rows.exclude(**{name: ""}):
                stored = getattr(row, name)
                transaction.on_commit(partial(stored.storage.delete, stored.name))
        rows.delete()
        outcome.changed[tied.place.name] += tied.count


def rename_rows(subject: DataSubject, pseudonym: str, outcome: Outcome) -> None:
    """Put the pseudonym in place of the person, to whom everything they did goes on referring."""
    if person := subject.user:
        person.set_unusable_password()
        User.objects.filter(pk=person.pk).update(
            full_name=pseudonym,
            email=None,
            password=person.password,
            is_active=False,
            is_staff=False,
            is_superuser=False,
            news_read_until=None,
            returned_address="",
            returned_at=None,
            time_zone=User._meta.get_field("time_zone").get_default(),
        )
        outcome.changed["accounts.User"] += 1
    for contact in subject.contacts:
        type(contact).objects.filter(pk=contact.pk).update(
            full_name=pseudonym,
            title="",
            email="",
            phone="",
            may_be_named=False,
            is_pseudonymous=True,
            ended_on=contact.ended_on or timezone.localdate(),
        )
        outcome.changed["partners.Contact"] += 1


def answer_removals(subject: DataSubject) -> None:
    """Close the person's open requests for this very thing: nobody is left to be written to."""
    asked = PersonRequest.objects.filter(
        user__in=subject.people.users, kind=PersonRequest.Kind.REMOVE, answered_on=None
    )
    asked.update(
        answered_on=timezone.localdate(),
        outcome=PersonRequest.Outcome.GRANTED,
        answer=_("The person was forgotten."),
    )


def clean_mail(subject: DataSubject, found: Findings, outcome: Outcome) -> None:
    """Empty the messages to the person, and take the files from others that name them."""
    theirs = OutgoingMail.objects.filter(person__in=subject.people.users)
    waiting = [OutgoingMail.State.QUEUED, OutgoingMail.State.WORKING]
    theirs.filter(state__in=waiting).update(
        state=OutgoingMail.State.CANCELLED, token=None, finished_at=timezone.now()
    )
    outcome.changed["accounts.OutgoingMail"] += theirs.update(**EMPTIED)
    outcome.changed["accounts.OutgoingMail"] += OutgoingMail.objects.filter(
        pk__in=found.mail
    ).update(attachments=[])


# --- Texts and files that name the person -------------------------------------------------


def clean_texts(row: NamingRow, spellings: Spellings, outcome: Outcome) -> None:
    model = row.place.model
    # One by one: of a sealed row, what is not sealed loses the name nevertheless.
    for name in row.fields:
        rows = model._base_manager.filter(pk=row.key)
        value = rows.values_list(name, flat=True).first()
        if value is None:  # deleted meanwhile, with the person
            continue
        clean = spellings.replaced(value, outcome.pseudonym)
        length = getattr(model._meta.get_field(name), "max_length", None)
        if isinstance(clean, str) and length:
            clean = clean[:length]
        try:
            with transaction.atomic():
                rows.update(**{name: clean})
        except DatabaseError:  # a trigger or a constraint keeps it
            outcome.remains.append((f"{row.place.name} {row.key}", "sealed"))
        else:
            outcome.changed[f"{row.place.name}.{name}"] += 1


def clean_file(
    place: Place,
    name: str,
    key: object,
    spellings: Spellings,
    outcome: Outcome,
    until: date,
) -> None:
    """Replace the file by a note, or its words where it is plain text. What has to be kept is
    locked away before."""
    row = place.model._base_manager.filter(pk=key).first()
    if row is None:  # deleted meanwhile, with the person
        return
    content = content_of(getattr(row, name).name)
    text = _as_text(content)
    if place.name in FILES and isinstance(row, StoredFile):
        lock_file(row, content, outcome.pseudonym, until)
        text = None
    note = f"{timezone.localdate()} · {outcome.pseudonym} · {row.pk}\n".encode()
    old, storage = getattr(row, name).name, getattr(row, name).storage
    if text is None:
        put_content(row, name, note, outcome.pseudonym)
    else:
        try:
            with transaction.atomic():
                put_content(row, name, spellings.replaced(text, outcome.pseudonym).encode())
        except DatabaseError:  # another row has the same words, and may be there only once
            put_content(row, name, note, outcome.pseudonym)
    transaction.on_commit(partial(storage.delete, old))
    outcome.changed[f"{place.name}.{name}"] += 1


def put_content(row: models.Model, name: str, content: bytes, pseudonym: str = "") -> None:
    """Store the content as the row's file; with the pseudonym, as a text that is called so."""
    stored = getattr(row, name)
    stored.save("file", ContentFile(content), save=False)
    values: dict[str, Any] = {name: stored.name}
    if hasattr(row, "sha256"):
        values["sha256"] = sha256_of(ContentFile(content))
    if isinstance(row, StoredFile):
        values["size"] = len(content)
        if pseudonym:
            values |= {"kind": "txt", "original_name": f"{pseudonym}.txt"}
    type(row)._base_manager.filter(pk=row.pk).update(**values)


def _as_text(content: bytes) -> str | None:
    """Return the text of a plain file, whose words can be replaced; None of any other."""
    if content.startswith((b"%PDF", b"PK")) or b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def preview(subject: DataSubject, spellings: Spellings) -> dict[str, Any]:
    """Return what forgetting would change, by the same search, and what would be kept."""
    found = findings_of(subject, spellings)
    return {
        "found": found,
        "deleted": [tied for tied in found.rows if tied.is_deleted],
        "renamed": [tied for tied in found.rows if not tied.is_deleted],
        "reasons": reasons_to_keep(subject),
        "until": kept_until(subject),
        "namesakes": subject.namesakes(spellings),
    }
