"""Names in texts that people type, which not every reader may know.

Whoever may know such a name is offered the neutral designation. To whoever may not know it nothing is
said, since this would confirm that the name is right: their text is held until the coordination releases
it or changes its words.
"""

from collections.abc import Collection, Iterator

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.languages import present_place
from kernel.names import plain
from kernel.typed_texts import Guard
from partners.naming import present_readers
from projects.models import HeldText, NamedTo, Project
from projects.models.translation import same_source
from projects.permissions.institutions import HiddenNames, hidden_names
from projects.permissions.naming import (
    COORDINATION,
    NamesForAudience,
    NamesForPerson,
    readers_in,
)
from projects.permissions.roles import may_edit, roles_of

KEPT = "_held_texts"
# Those who may come to read what somebody types in a project. The public reads nothing of it.
AUDIENCES = (NamedTo.COMMITTEE, NamedTo.PARTNERS, NamedTo.DONOR)


# --- Typing ---


def names_to_replace(text: str) -> list[tuple[str, str]]:
    """Return the names in the text that its writer may know and some readers may not."""
    writer = _writer()
    if writer is None or not writer.rules.guarded:
        return []
    unknown = hidden_names(writer)
    return [
        (name, instead)
        for hidden in _hidden_from_others(writer)
        for name, instead in _found(hidden, text)
        if not (unknown and unknown.pattern.search(name))
    ]


def hold_unknown(text: str) -> None:
    """Hold a text whose writer may not know a name in it. They get the same answer as for any other."""
    writer = _writer()
    if writer is None or not writer.rules.guarded or not writer.user.is_authenticated:
        return
    unknown = hidden_names(writer)
    if unknown and writer.place and unknown.pattern.search(text):
        held = {"project_id": writer.place.pk, "source": same_source(text), "by_id": writer.user.pk}
        # Sent twice at the same moment, a text may have two rows, which are released together.
        if not HeldText.objects.filter(**held).exists():
            HeldText.objects.create(**held)


GUARD = Guard(names_to_replace, hold_unknown)


def _writer() -> NamesForPerson | None:
    """Return whoever writes on a page of a project."""
    readers = present_readers()
    is_here = isinstance(readers, NamesForPerson) and bool(readers.place)
    return readers if is_here else None  # type: ignore[return-value]


def _hidden_from_others(writer: NamesForPerson) -> Iterator[HiddenNames]:
    place = writer.place
    assert place is not None
    for audience in AUDIENCES:
        readers = NamesForAudience(place, readers_in(place, audience), writer.rules)
        if hidden := hidden_names(readers):
            yield hidden


def _found(hidden: HiddenNames, text: str) -> Iterator[tuple[str, str]]:
    for found in hidden.pattern.finditer(text):
        name = found.group()
        yield name, hidden.instead.get(plain(name), _("institution not named"))


# --- Reading ---


def is_held(text: str) -> bool:
    """Whether the coordination has not released the text yet."""
    return same_source(text) in _unreleased()


def is_withheld(text: str) -> bool:
    """Whether the present reader may not read the text: it is held, and they are neither its author
    nor of the coordination."""
    authors = _unreleased().get(same_source(text))
    return authors is not None and not _reads_held(authors)


def _reads_held(authors: Collection[int]) -> bool:
    readers, place = present_readers(), present_place()
    if isinstance(readers, NamesForAudience):
        return readers.readers.is_coordination
    if not (isinstance(readers, NamesForPerson) and readers.user.is_authenticated):
        return False
    return readers.user.pk in authors or coordinates(readers.user, place)


def coordinates(user: User, place: object) -> bool:
    if isinstance(place, Project) and roles_of(user, place) & COORDINATION:
        return True
    return user.is_staff


def _unreleased() -> dict[str, set[int]]:
    """Return the authors of the held texts of the present project, read once for a page."""
    place = present_place()
    if (pk := getattr(place, "pk", None)) is None:
        return {}
    if KEPT not in place.__dict__:
        found: dict[str, set[int]] = {}
        rows = HeldText.objects.unreleased().filter(project=pk)
        for source, by in rows.values_list("source", "by"):
            found.setdefault(source, set()).add(by)
        place.__dict__[KEPT] = found
    kept: dict[str, set[int]] = place.__dict__[KEPT]
    return kept


# --- Releasing ---


@transaction.atomic
def release(held: HeldText, *, by: User) -> None:
    """Let others read the text as it is, wherever it is shown."""
    same = HeldText.objects.unreleased().filter(project=held.project_id, source=held.source)
    same.update(released_at=timezone.now(), released_by=by)


def address_of_held(text: str) -> str:
    """Return where the coordination releases the text, if it is held and they read it."""
    readers, place = present_readers(), present_place()
    if not (is_held(text) and isinstance(readers, NamesForPerson) and isinstance(place, Project)):
        return ""
    if not (readers.user.is_authenticated and may_edit(readers.user, place)):
        return ""  # its author reads no word of it
    return reverse("projects:held-texts", args=[place.code])
