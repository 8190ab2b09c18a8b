"""What things in the access log are called, for whoever reads it. The log keeps only their kinds and
keys, since a name cannot be taken out of it."""

import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from accounts.models import AccessEvent, User

# Names by key, of things of one kind that are there still.
NamesOf: TypeAlias = Callable[[set[int]], dict[int, str]]
Names: TypeAlias = "dict[tuple[str, str], str]"
_sources: dict[str, NamesOf] = {}

# Details that are keys of things, by the kind of the thing.
KEYS = {"institution": "partners.institution"}


def add_names_in_log(label: str, names: NamesOf) -> None:
    """Let an app above this one say how its things are called, once, when it is loaded."""
    _sources[label] = names


def names_in(events: Iterable[AccessEvent]) -> Names:
    """Return the names of what these events are about, by kind and key as the log has them: one
    statement for each kind."""
    keys: dict[str, set[int]] = defaultdict(set)
    for label, key in (pair for event in events for pair in _things_of(event)):
        if label in _sources and re.fullmatch("[0-9]{1,18}", key):  # or altered in the database
            keys[label].add(int(key))
    return {
        (label, str(key)): name
        for label, wanted in keys.items()
        for key, name in _sources[label](wanted).items()
    }


def _things_of(event: AccessEvent) -> list[tuple[str, str]]:
    details = ((label, str(event.details.get(name, ""))) for name, label in KEYS.items())
    return [(event.thing_label, event.thing_key), *details]


def name_of_thing(event: AccessEvent, things: Names) -> str:
    return things.get((event.thing_label, event.thing_key), event.thing_name)


def with_names(details: dict[str, Any], things: Names) -> dict[str, Any]:
    named = {name: things.get((label, str(details.get(name)))) for name, label in KEYS.items()}
    return details | {name: words for name, words in named.items() if words}


def person_in(event: AccessEvent) -> uuid.UUID | None:
    """Return the key of the person whom the event concerns."""
    is_person = event.thing_label == User._meta.label_lower
    key = event.thing_key if is_person else event.details.get("person")
    try:
        return uuid.UUID(str(key)) if key else None
    except ValueError:  # altered in the database
        return None
