"""Forgets again whom the ledger names, after an older database was restored."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction

from accounts.models import User
from ibcr_portal.models import Erasure
from ibcr_portal.persons.forgetting import Outcome, erase
from ibcr_portal.persons.ledger import Entry, append, entries, mark_of, unfinished
from ibcr_portal.persons.matching import Hashes, Spellings, hash_of
from ibcr_portal.persons.places import places
from ibcr_portal.persons.searching import DataSubject, findings_of, uploaded_files
from partners.models import Contact
from reports.models import Snapshot


def missing_entries() -> list[Entry]:
    """Return the lines of the ledger of which this database knows nothing: it is older than they.
    Raises NoEntry."""
    applied = set(Erasure.objects.values_list("pseudonym", flat=True))
    return [entry for entry in entries() if entry.pseudonym not in applied]


def finish_entries() -> list[Entry]:
    """Write the second line where a crash prevented it after the commit. Returns the entries that
    this database does not know: they were not saved, or it is older. Raises NoEntry."""
    applied = set(Erasure.objects.values_list("pseudonym", flat=True))
    unknown = []
    for entry in unfinished():
        if entry.pseudonym in applied:
            append(entry.done())
        else:
            unknown.append(entry)
    return unknown


@transaction.atomic
def replay(wanted: Iterable[Entry]) -> list[Outcome]:
    wanted = list(wanted)
    spelled = spellings_in_texts(wanted)
    return [_replay(entry, spelled[entry.pseudonym]) for entry in wanted]


def _replay(entry: Entry, found: set[tuple[str, bool]]) -> Outcome:
    subject = subject_of(entry)
    rows = subject.spellings() if subject.user or subject.contacts else Spellings([])
    names = [*rows.names, *(text for text, is_address in found if not is_address)]
    addresses = [*rows.addresses, *(text for text, is_address in found if is_address)]
    spellings = Spellings(names, addresses)
    return erase(subject, spellings, entry.pseudonym, findings_of(subject, spellings))


def subject_of(entry: Entry) -> DataSubject:
    """Return the person of the entry in this database. It may know only a part, or nobody: the key
    may be another person's since."""
    user = User.objects.filter(pk=entry.user).first() if entry.user else None
    if user and mark_of(user) != entry.joined:
        user = None
    known = {each for _count, each, _is_address in entry.names}
    contacts = list(Contact.objects.filter(user=user)) if user else []
    others = Contact.objects.filter(pk__in=entry.contacts)
    contacts += [
        contact
        for contact in others.exclude(pk__in=[contact.pk for contact in contacts])
        if hash_of(contact.full_name) in known or hash_of(contact.email) in known
    ]
    return DataSubject(user, tuple(contacts))


def spellings_in_texts(wanted: list[Entry]) -> dict[str, set[tuple[str, bool]]]:
    """Return, by pseudonym, how texts, documents and files spell names of which the ledger has only
    hashes, and whether each is an address."""
    owners: dict[str, list[tuple[str, bool]]] = {}
    by_count: dict[int, set[str]] = {}
    for entry in wanted:
        for count, found, is_address in entry.names:
            owners.setdefault(found, []).append((entry.pseudonym, is_address))
            by_count.setdefault(count, set()).add(found)
    hashes = Hashes({count: frozenset(each) for count, each in by_count.items()})
    spelled: dict[str, set[tuple[str, bool]]] = {entry.pseudonym: set() for entry in wanted}
    for value in searched_texts():
        for found, text in hashes.found_in(value):
            for pseudonym, is_address in owners[found]:
                spelled[pseudonym].add((text, is_address))
    return spelled


def searched_texts() -> Iterator[Any]:
    """Return the texts of all that `findings_of` searches, except messages and sessions, which are
    soon gone."""
    for place in places():
        if names := [each.attname for each in place.texts]:
            rows = place.model._base_manager.values_list(*names)
            yield from map(list, rows.iterator(chunk_size=1000))
    yield from Snapshot.objects.values_list("data", flat=True).iterator(chunk_size=50)
    for _place, _name, _key, texts in uploaded_files():
        yield texts or []
