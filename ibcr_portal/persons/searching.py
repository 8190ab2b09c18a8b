"""Finds every place that holds something about a person: the preview of forgetting, and forgetting
itself, work on the same findings.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import models
from django.http import Http404
from django.urls import reverse

from accounts.mailbox import MailboxMessage, letter_files, letters_in
from accounts.models import Hold, OutgoingMail, User
from committees.models import SeatTerm
from ibcr_portal.models import LockedAway
from ibcr_portal.persons.file_texts import UnsearchableFile, words_of_file
from ibcr_portal.persons.matching import Spellings, joined, words_of
from ibcr_portal.persons.places import DELETED, People, Place, Tie, name_in_words, places
from partners.models import Contact
from projects.models import Assignment, Project, Representation
from reports.models import Archive, Rendition, Snapshot

# --- One person, as the portal knows them: an account, entries in the directory, or both ---


@dataclass(frozen=True)
class DataSubject:
    user: User | None
    contacts: tuple[Contact, ...]

    @classmethod
    def of_user(cls, user: User) -> "DataSubject":
        """With the entries that nobody connected with the account, but which have its name and
        address. The address alone may be a mailbox that several people read."""
        name = words_of(user.full_name)
        known = [each for each in _at_address_of(user) if words_of(each.full_name) == name]
        theirs = models.Q(user=user) | models.Q(pk__in=[each.pk for each in known])
        return cls(user, tuple(Contact.objects.filter(theirs).order_by("pk")))

    @classmethod
    def of_own(cls, user: User) -> "DataSubject":
        """For the person's own eyes: with connected entries alone. They may change their name, and
        would see the entry of whoever has that name at a shared address."""
        return cls(user, tuple(user.contacts.order_by("pk")))

    @classmethod
    def of_contact(cls, contact: Contact) -> "DataSubject":
        return cls.of_user(contact.user) if contact.user else cls(None, (contact,))

    @classmethod
    def of_key(cls, key: str) -> "DataSubject":
        """Return the person whom the address of a page names: u12 or c5. Raises Http404."""
        kind, number = key[:1], key[1:]
        if number.isascii() and number.isdigit() and len(number) < 19:
            if kind == "u" and (user := User.objects.filter(pk=number).first()):
                return cls.of_user(user)
            if kind == "c" and (contact := Contact.objects.filter(pk=number).first()):
                return cls.of_contact(contact)
        raise Http404

    @property
    def key(self) -> str:
        return f"u{self.user.pk}" if self.user else f"c{self.contacts[0].pk}"

    def __str__(self) -> str:
        return self.user.full_name if self.user else self.contacts[0].full_name

    def get_absolute_url(self) -> str:
        return reverse("persons:person", args=[self.key])

    @property
    def people(self) -> People:
        users = (self.user.pk,) if self.user else ()
        return People(users, tuple(contact.pk for contact in self.contacts))

    @property
    def rows(self) -> list[User | Contact]:
        return [*([self.user] if self.user else []), *self.contacts]

    @property
    def has_account(self) -> bool:
        return self.user is not None

    @property
    def others_at_address(self) -> list[Contact]:
        """Return entries with the account's address and another name: perhaps the same person."""
        if self.user is None:
            return []
        return [entry for entry in _at_address_of(self.user) if entry not in self.contacts]

    def spellings(self, more: list[str] | None = None) -> Spellings:
        """Return how texts name the person; `more` are further names, as somebody knows them."""
        addresses = [row.email for row in self.rows if row.email]
        addresses += [contact.phone for contact in self.contacts if contact.phone]
        # Not the number of a switchboard, nor the address of an office.
        others = Contact.objects.exclude(pk__in=self.people.contacts)
        shared = {words for row in others for words in map(joined, (row.email, row.phone))}
        addresses = [each for each in addresses if joined(each) not in shared]
        names = [row.full_name for row in self.rows]
        for each in more or []:
            (addresses if "@" in each or each.strip("+ ")[:1].isdigit() else names).append(each)
        return Spellings(names, addresses)

    @cached_property
    def projects(self) -> list[Project]:
        """Return the projects in which the person has or had a role."""
        users, contacts = self.people.users, self.people.contacts
        keys = {
            *Assignment.objects.filter(user__in=users).values_list("project", flat=True),
            *Representation.objects.filter(contact__in=contacts).values_list(
                "participation__project", flat=True
            ),
            *SeatTerm.objects.filter(contact__in=contacts).values_list(
                "seat__committee__project", flat=True
            ),
        }
        return list(Project.objects.filter(pk__in=keys))

    @property
    def holds(self) -> list[Hold]:
        """Return the open holds that cover the person."""
        things: list[models.Model] = [*self.rows, *self.projects]
        covered = {(type(thing), thing.pk) for thing in things}
        return [
            hold
            for hold in Hold.objects.open().select_related("content_type")
            if hold.content_type is None
            or (hold.content_type.model_class(), hold.object_id) in covered
        ]

    def namesakes(self, spellings: Spellings) -> list[str]:
        """Return where other people have one of the names: texts that name them would change as
        well."""
        spellings = Spellings(spellings.names)
        others: list[User | Contact] = [
            *User.objects.exclude(pk__in=self.people.users),
            *Contact.objects.exclude(pk__in=self.people.contacts).select_related("institution"),
        ]
        return [str(other) for other in others if spellings and spellings.are_in(other.full_name)]


def _at_address_of(user: User) -> list[Contact]:
    """Return entries with the person's address that nobody connected with an account."""
    if not user.email:
        return []
    found = Contact.objects.filter(user=None, email__iexact=user.email)
    return list(found.select_related("institution").order_by("pk"))


# --- Searching ---

# Files that are made from the database, or encrypted: dealt with as rows.
MADE = frozenset({Rendition, Archive, LockedAway})


@dataclass(frozen=True)
class TiedRows:
    """Rows that refer to the person by one field."""

    place: Place
    tie: str
    keys: list[object]

    @property
    def is_deleted(self) -> bool:
        return self.place.name in DELETED and self.place.ties[self.tie] is Tie.ABOUT

    @property
    def count(self) -> int:
        return len(self.keys)

    @property
    def field_label(self) -> str:
        return name_in_words(self.place.model._meta.get_field(self.tie))


@dataclass(frozen=True)
class NamingRow:
    """A row with texts that name the person."""

    place: Place
    key: object
    fields: list[str]


@dataclass
class Findings:
    rows: list[TiedRows] = field(default_factory=list)
    texts: list[NamingRow] = field(default_factory=list)
    files: list[tuple[Place, str, object]] = field(default_factory=list)
    """Uploaded files that name the person: table, field and key."""
    unreadable: list[tuple[Place, object]] = field(default_factory=list)
    to_look_at: list[tuple[Place, object, str]] = field(default_factory=list)
    """Rows that are not changed, with a key of `WHY_IT_REMAINS`."""
    documents: list[Snapshot] = field(default_factory=list)
    mail: list[int] = field(default_factory=list)
    letters: list[MailboxMessage] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)

    @property
    def texts_by_place(self) -> list[tuple[str, int]]:
        counts: dict[str, int] = {}
        for found in self.texts:
            counts[found.place.label] = counts.get(found.place.label, 0) + 1
        return sorted(counts.items())

    @property
    def messages(self) -> int:
        return len(self.mail) + len(self.letters)

    @property
    def is_empty(self) -> bool:
        return not any(vars(self).values())


def findings_of(subject: DataSubject, spellings: Spellings) -> Findings:
    found = Findings(rows=list(tied_rows(subject)))
    if not spellings:
        return found
    for place in places():
        search_texts(found, place, spellings)
    found.documents = list(naming_snapshots(spellings))
    found.mail = [mail.pk for mail in mails_with_attachments() if _is_attached(mail, spellings)]
    found.letters = list(naming_letters(spellings))
    found.sessions = list(naming_sessions(spellings))
    search_files(found, spellings)
    return found


def tied_rows(subject: DataSubject) -> Iterator[TiedRows]:
    for place in places():
        for tie in place.ties:
            if keys := list(place.rows_of(tie, subject.people).values_list("pk", flat=True)):
                yield TiedRows(place, tie, keys)


def search_texts(found: Findings, place: Place, spellings: Spellings) -> None:
    texts = [each.attname for each in place.texts]
    names = [each.attname for each in place.names]
    if not texts and not names:
        return
    rows = place.model._base_manager.order_by("pk").values("pk", *texts, *names)
    for row in rows.iterator(chunk_size=1000):
        key = row["pk"]
        if fields := [name for name in texts if row[name] and spellings.are_in(row[name])]:
            found.texts.append(NamingRow(place, key, fields))
        if any(spellings.are_in(row[name]) for name in names):
            found.to_look_at.append((place, key, "thing"))
        if any(spellings.may_be_in(row[name]) for name in texts):
            found.to_look_at.append((place, key, "word"))


def naming_snapshots(spellings: Spellings) -> Iterator[Snapshot]:
    for snapshot in Snapshot.objects.order_by("pk").iterator(chunk_size=50):
        if spellings.are_in(snapshot.data):
            yield snapshot


def mails_with_attachments() -> models.QuerySet[OutgoingMail]:
    return OutgoingMail.objects.exclude(attachments=[])


def _is_attached(mail: OutgoingMail, spellings: Spellings) -> bool:
    return any(spellings.are_in(file.name) or names(spellings, file.content) for file in mail.files)


def names(spellings: Spellings, content: bytes) -> bool:
    """Whether the file names somebody; one that cannot be read may do so."""
    try:
        return any(spellings.are_in(text) for text in words_of_file(content))
    except UnsearchableFile:
        return True


def naming_letters(spellings: Spellings) -> Iterator[MailboxMessage]:
    for path in letter_files():
        for letter in letters_in(path):
            texts = [letter.subject, str(letter.message["To"]), letter.text, letter.html]
            parts = letter.message.iter_attachments()
            files = [part.get_payload(decode=True) for part in parts]
            if any(map(spellings.are_in, texts)) or any(
                names(spellings, content) for content in files if isinstance(content, bytes)
            ):
                yield letter


def naming_sessions(spellings: Spellings) -> Iterator[str]:
    for session in Session.objects.iterator(chunk_size=500):
        if spellings.are_in(SessionStore().decode(session.session_data)):
            yield session.session_key


def search_files(found: Findings, spellings: Spellings) -> None:
    for place, name, key, texts in uploaded_files():
        if texts is None:
            found.unreadable.append((place, key))
        elif any(map(spellings.are_in, texts)):
            found.files.append((place, name, key))
        elif any(map(spellings.may_be_in, texts)):
            found.to_look_at.append((place, key, "word"))


def uploaded_files() -> Iterator[tuple[Place, str, object, list[str] | None]]:
    """Return each uploaded file (table, field and key of the row) with its words, or None if no
    program can read them."""
    for place in places():
        if place.model in MADE:
            continue
        for name in place.files:
            rows = place.model._base_manager.exclude(**{name: ""}).exclude(**{name: None})
            for key, path in rows.order_by("pk").values_list("pk", name):
                try:
                    yield place, name, key, list(words_of_file(content_of(path)))
                except FileNotFoundError:
                    continue
                except UnsearchableFile:
                    yield place, name, key, None


def content_of(path: str) -> bytes:
    with default_storage.open(path) as file:
        content: bytes = file.read()
    return content
