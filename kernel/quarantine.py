"""Files that no row names are kept apart for a while instead of being deleted.

Such a file was left by a worker that died; or the database is older than the files, and they are
needed. Nobody can tell by looking at one file, so what happens is the same for both: it goes to
`quarantine/DAY/NAME`, from where it can be put back, and is deleted QUARANTINE_DAYS later. Where
more than QUARANTINE_SHARE per cent of a folder would go, or the files belong to another
installation (`kernel.media`), nothing does.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils import timezone

from kernel.media import belongs_here, files_below, move

FOLDER = "quarantine"
# A file younger than this may be about to be stored: its row does not refer to it yet.
STORING = timedelta(hours=1)
# So few may go whatever their share is: a portal begins with few files.
FEW = 5


class Why(StrEnum):
    """Why files that no row names stay where they are."""

    FOREIGN = "foreign"
    MANY = "many"


@dataclass
class SetAside:
    """What became of the files of a folder that no row names."""

    moved: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    why: Why | None = None
    of: int = 0
    """How many files the folder has."""


@dataclass(frozen=True)
class Quarantined:
    day: date
    name: str
    """Where it was, and goes back to."""

    @property
    def place(self) -> str:
        return f"{FOLDER}/{self.day.isoformat()}/{self.name}"

    @property
    def until(self) -> date:
        return self.day + timedelta(days=settings.QUARANTINE_DAYS)


def set_aside(folder: str, rows: QuerySet, *, at_most: int | None = None) -> SetAside:
    """Take the files of a folder away that no row of `rows` refers to. All files of `rows` lie in
    this folder. `at_most`: the share in per cent, if it is not that of the settings."""
    unnamed, count = _unnamed(folder, rows)
    found = SetAside(left=unnamed, of=count)
    if not unnamed:
        return found
    if not belongs_here():
        found.why = Why.FOREIGN
        return found
    already = sum(each.name.startswith(f"{folder}/") for each in quarantined())
    share = settings.QUARANTINE_SHARE if at_most is None else at_most
    if already + len(unnamed) > max(FEW, (count + already) * share / 100):
        found.why = Why.MANY
        return found
    today = timezone.now().date()
    for name in unnamed:
        try:
            move(name, Quarantined(today, name).place)
        except FileNotFoundError:
            continue  # another worker was first
        found.moved.append(name)
    found.left = []
    return found


def _unnamed(folder: str, rows: QuerySet) -> tuple[list[str], int]:
    """Return the files that no row refers to, and how many there are of both."""
    before = timezone.now() - STORING
    try:
        _folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return [], 0
    names = [f"{folder}/{file}" for file in files if file]
    # After the files: what is stored meanwhile is in neither.
    named = set(rows.exclude(file="").values_list("file", flat=True))
    unnamed = [name for name in names if name not in named and _is_older(name, before)]
    return unnamed, len(names)


def _is_older(name: str, moment: datetime) -> bool:
    try:
        return bool(default_storage.get_modified_time(name) < moment)
    except FileNotFoundError:
        return False


def quarantined() -> Iterator[Quarantined]:
    for place in files_below(FOLDER):
        day, _slash, name = place.removeprefix(f"{FOLDER}/").partition("/")
        try:
            yield Quarantined(date.fromisoformat(day), name)
        except ValueError:
            continue  # not of ours


def put_back(files: Iterable[Quarantined]) -> list[str]:
    """Move files to where they were; return those whose place is taken."""
    taken = []
    for each in files:
        try:
            move(each.place, each.name)
        except FileExistsError:
            taken.append(each.name)
    return taken


def delete_old() -> list[str]:
    """Delete what was kept long enough, and return the names."""
    today = timezone.now().date()
    old = [each for each in quarantined() if each.until < today]
    if not old or not belongs_here():
        return []
    for each in old:
        default_storage.delete(each.place)
    return [each.name for each in old]
