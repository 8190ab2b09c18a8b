"""Who is behind the keys of the access log, and whether somebody exchanged them in the database.

A key is a commitment to the name and address that the person had when it was made. What comes later
is an event: another name or address, the commitment for a key of release 1.0, and the erasure.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, Self
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _, ngettext

from accounts.models import AccessChain, AccessEvent, AccessEventQuerySet, Pseudonym, User
from accounts.models.access_log import commitment, new_secret

RECORDED = "identity recorded"
CHANGED = "identity changed"
RENEWED = "identity renewed"
ERASED = "identity erased"

OF_1_0 = 4  # the version of keys that release 1.0 drew


# --- Recording ----------------------------------------------------------------------------


@contextmanager
def identity_changes(person: User, *, by: User | None) -> Iterator[None]:
    """Record that the block changes the person's name or address.

    If they were not as recorded before, it records nothing: a new commitment would cover up for
    whoever changed them in the database.
    """
    with transaction.atomic():
        AccessChain.locked()
        rows = Pseudonym.objects.select_related("user")
        before = rows.filter(user=person.pk).first()
        right = before.commitment if before and _is_as_recorded(before) else None
        yield
        if right and (now := rows.get(user=person.pk)).commitment != right:
            _record(now, CHANGED, by=by)


def record_erasure(people: Collection[int], *, by: User | None) -> None:
    """Record that these people are forgotten, which the database requires before their keys go."""
    for row in Pseudonym.objects.filter(user__in=people).select_related("user"):
        AccessEvent.record(AccessEvent.Kind.IDENTITY, user=by, thing=row.user, change=ERASED)


@transaction.atomic
def record_earlier_identities() -> int:
    """Record who is behind the keys that release 1.0 made, before the update or beside this version.
    Returns how many there were."""
    if not Pseudonym.objects.of_earlier_version().exists():
        return 0
    AccessChain.locked()
    found = Identities.of(AccessEvent.objects.all())
    count = 0
    for row in Pseudonym.objects.of_earlier_version().select_related("user"):
        if found.is_planted(str(row.key)):
            continue  # the check says so
        row.secret = new_secret()
        row.save(update_fields=["secret"])
        _record(row, RECORDED, by=None)
        count += 1
    return count


def renew_identities(through: int) -> None:
    """Record again what is about to go with the events up to this one."""
    found = Identities.of(recorded_identities())
    keys = [key for key, number in found.since.items() if number <= through and found.recorded[key]]
    for row in Pseudonym.objects.filter(key__in=keys).select_related("user"):
        _record(row, RENEWED, by=None)


def _record(row: Pseudonym, change: str, *, by: User | None) -> None:
    AccessEvent.record(
        AccessEvent.Kind.IDENTITY,
        user=by,
        thing=row.user,
        change=change,
        identity=str(row.commitment),
    )


def recorded_identities() -> AccessEventQuerySet:
    return AccessEvent.objects.filter(kind=AccessEvent.Kind.IDENTITY)


def _is_as_recorded(row: Pseudonym) -> bool:
    latest = recorded_identities().about(row.user).order_by("-number").first()
    expected = latest.details.get("identity") if latest else str(row.key)
    return str(row.commitment) == expected


# --- Checking -----------------------------------------------------------------------------


def _is_key(text: str) -> bool:
    """Whether it is a key, and not what somebody wrote into the database instead."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


class Known(NamedTuple):
    """Whom the database names for a key."""

    key: str
    secret: str
    name: str
    address: str | None


def known_identities() -> set[Known]:
    rows = Pseudonym.objects.values_list("key", "secret", "user__full_name", "user__email")
    return {Known(str(key), secret, name, address) for key, secret, name, address in rows}


@dataclass
class Identities:
    """What the events say about the people behind their keys."""

    first: dict[str, int] = field(default_factory=dict)
    """The first event that names a key."""
    recorded: dict[str, str] = field(default_factory=dict)
    """The last commitment of a key; empty if the person was forgotten."""
    since: dict[str, int] = field(default_factory=dict)
    """In which event it was recorded."""
    update: int = 0
    """The first event that records a key of release 1.0."""

    @classmethod
    def of(cls, events: AccessEventQuerySet) -> Self:
        found = cls()
        for event in events.order_by("number").iterator():
            found.see(event)
        return found

    def see(self, event: AccessEvent) -> None:
        details = event.details if isinstance(event.details, dict) else {}
        of_person = event.thing_key if event.thing_label == User._meta.label_lower else ""
        for key in (str(event.key or ""), of_person, str(details.get("person", ""))):
            if _is_key(key):
                self.first.setdefault(key, event.number)
        if event.kind == AccessEvent.Kind.IDENTITY and _is_key(of_person):
            self.recorded[of_person] = str(details.get("identity", ""))
            self.since[of_person] = event.number
            if details.get("change") == RECORDED:
                self.update = self.update or event.number

    def is_planted(self, key: str) -> bool:
        """Whether somebody gave a key of before the update to a person after it."""
        return UUID(key).version != OF_1_0 or (0 < self.first.get(key, self.update) < self.update)

    def altered(self, known: Collection[Known]) -> list[int]:
        """Return the first events of people who are not those that were recorded."""
        return sorted(self.first.get(each.key, 0) for each in known if not self._fits(each))

    def _fits(self, known: Known) -> bool:
        recorded = self.recorded.get(known.key)
        if recorded is None and not known.secret:
            return not self.is_planted(known.key)  # of release 1.0, and soon recorded
        expected = known.key if recorded is None else recorded
        return str(commitment(known.secret, known.name, known.address)) == expected

    def lost(self, keys: Collection[str]) -> list[int]:
        """Return the first events of people of whom nobody knows any more who they are, although
        they were not forgotten. `keys`: those that the database knows."""
        return sorted(
            number
            for key, number in self.first.items()
            if key not in keys and self.recorded.get(key, key) and not self._is_earlier(key)
        )

    def _is_earlier(self, key: str) -> bool:
        """Whether release 1.0 may have forgotten the person, which it did not record."""
        return key not in self.recorded and UUID(key).version == OF_1_0

    def problems(self, before: set[Known], after: set[Known]) -> list[str]:
        """Say in words what does not fit, as the database was before the events were read and after
        it: what changed meanwhile is left to the next check."""
        changed, gone = (
            _(
                "Who is behind event %(number)d and others is not the person who was recorded: "
                "name, address or key were changed in the database."
            ),
            _(
                "Who is behind event %(number)d and others cannot be said any more: the key was "
                "deleted in the database, and the log records no erasure."
            ),
        )
        keys = {each.key for each in before | after}
        return [
            *(changed % {"number": number} for number in self.altered(before & after)),
            *(gone % {"number": number} for number in self.lost(keys)),
        ]

    def notes(self, known: set[Known]) -> list[str]:
        found = []
        if count := sum(not recorded for recorded in self.recorded.values()):
            sentence = ngettext(
                "%(count)d person was forgotten, as the log records: nobody can say who it was.",
                "%(count)d people were forgotten, as the log records: nobody can say who they were.",
                count,
            )
            found.append(sentence % {"count": count})
        if count := sum(not each.secret for each in known):
            sentence = ngettext(
                "The identity of %(count)d person is not recorded yet: version 1.0 made the key.",
                "The identities of %(count)d people are not recorded yet: version 1.0 made the keys.",
                count,
            )
            found.append(sentence % {"count": count})
        return found
