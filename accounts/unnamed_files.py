"""Sets files aside that no row names, and tells administrators what was done or why it was not."""

import logging
from collections.abc import Callable
from functools import partial

from django.db.models import QuerySet
from django.utils import timezone

from accounts.letters import Letter, files_left_letter, files_set_aside_letter
from accounts.mail import send_to_person
from accounts.models import User
from kernel.quarantine import SetAside, Why, set_aside
from kernel.storage import StorageUnavailable

logger = logging.getLogger(__name__)


def set_aside_unnamed(folder: str, rows: QuerySet) -> SetAside:
    """Take the files of a folder away that no row of `rows` refers to: their worker died before it
    stored the name. All files of `rows` lie in this folder."""
    try:
        found = set_aside(folder, rows)
    except StorageUnavailable:  # the next sweep looks again, and what else this one does goes on
        return SetAside()
    if found.moved:
        logger.warning("Set aside %s files that no row names: %s", len(found.moved), found.moved)
        _notify("moved", partial(files_set_aside_letter, len(found.moved)))
    if found.why:
        logger.error(
            "%s files that no row names stay in %s: %s", len(found.left), folder, found.why
        )
        is_foreign = found.why is Why.FOREIGN
        _notify(
            f"left:{found.why}",
            partial(files_left_letter, len(found.left), found.of, is_foreign=is_foreign),
        )
    return found


def _notify(what: str, letter: Callable[[], Letter]) -> None:
    """At most once a day: it stays so until somebody has looked."""
    for person in User.objects.filter(is_staff=True, is_active=True):
        key = f"quarantine:{what}:{timezone.localdate()}:{person.pk}"
        send_to_person(person, letter, key=key, about=None)
