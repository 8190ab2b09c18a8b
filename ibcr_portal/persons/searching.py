"""Finds every place that holds something about a person: the preview of forgetting, and forgetting
itself, work on the same findings."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import models

from accounts.mailbox import MailboxMessage, letter_files, letters_in
from accounts.models import OutgoingMail
from ibcr_portal.models import LockedAway
from ibcr_portal.persons.file_texts import UnsearchableFile, words_of_file
from ibcr_portal.persons.matching import Spellings
from ibcr_portal.persons.places import DELETED, Place, Tie, name_in_words, places
from ibcr_portal.persons.subject import DataSubject
from reports.models import Archive, Rendition, Snapshot

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
