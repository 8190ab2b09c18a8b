"""Whether the keys of this process are those with which the data of its database were written.

Their ids are kept in the database (`KnownKey`) when they are used first, by `manage.py update`. A key that
is another one now was mixed up, most likely in a move: nothing that depends on it can be read.
"""

from ibcr_portal.backups.keys import keys_in_use
from ibcr_portal.key_file import LOG, SECRET, Key
from ibcr_portal.models import KnownKey

NAMES = (SECRET, LOG)


def note_keys() -> None:
    """Keep the ids of keys that are new here. A SECRET_KEY that was changed as the manual says, with the
    former one among SECRET_KEY_FALLBACKS, takes its place."""
    for name, keys in _in_use().items():
        ids = [key.id for key in keys]
        row, _is_new = KnownKey.objects.get_or_create(name=name, defaults={"key_id": ids[0]})
        if row.key_id in ids[1:]:
            KnownKey.objects.filter(name=name).update(key_id=ids[0])


def accept_keys() -> None:
    """The former ones are lost for ever, and these count from now on."""
    for name, keys in _in_use().items():
        KnownKey.objects.update_or_create(name=name, defaults={"key_id": keys[0].id})


def other_keys() -> list[str]:
    """Return the names of those that are not the ones with which the data were written."""
    used = {name: {key.id for key in keys} for name, keys in _in_use().items()}
    known = KnownKey.objects.filter(name__in=NAMES).values_list("name", "key_id")
    return sorted(name for name, key_id in known if key_id not in used[name])


def _in_use() -> dict[str, list[Key]]:
    """Return the versions of each key, the newest first."""
    keys = sorted(keys_in_use(), key=lambda key: -key.version)
    return {name: [key for key in keys if key.name == name] for name in NAMES}
