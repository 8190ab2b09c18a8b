"""Puts files back from a backup, while the portal runs: those that are missing or altered, and that the
backup has as their rows say.
"""

import os
import re
import tempfile
from dataclasses import dataclass, field
from functools import cache
from typing import IO, BinaryIO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from ibcr_portal.backups.reading import BackupReader, Identities, Taker
from ibcr_portal.backups.targets import Refused, files_away_refused
from ibcr_portal.models import FileProblem
from ibcr_portal.stored_files import NamedFile, named, problem_of
from kernel.media import move
from kernel.quarantine import Quarantined


@dataclass
class Mended:
    back: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """What the backup does not have, or not as its row says."""


def put_files_back(source: BinaryIO, identities: Identities) -> Mended:
    """Read the whole backup, and take from it what is wrong here. Raises Refused and Damaged."""
    with files_away_refused():
        known = [*FileProblem.objects.values_list("name", flat=True)]
        wanted = {name: file for name, file in named(known).items() if problem_of(file)}
        mender = Mender(wanted)
        try:
            BackupReader(connection.vendor, mender).read(source, identities)
        except OSError as error:
            raise Refused(f"The files cannot be written: {error.strerror or error}.") from error
    FileProblem.note({}, mended=[name for name in known if name not in mender.wanted])
    return Mended(mender.back, [*mender.wanted])


class Mender(Taker):
    def __init__(self, wanted: dict[str, NamedFile]) -> None:
        self.wanted = wanted
        self.back: list[str] = []
        self.content: IO[bytes] | None = None

    def file(self, name: str) -> None:
        if name in self.wanted:
            self.content = tempfile.TemporaryFile()  # noqa: SIM115  (until the file ends)

    def data(self, content: bytes) -> None:
        if self.content:
            self.content.write(content)

    def file_end(self, name: str, *, sha256: str) -> None:
        if self.content is None:
            return
        with self.content as content:
            self.content = None
            row = self.wanted[name]
            is_it = row.sha256 == sha256 if row.sha256 else content.tell() == row.size
            if sha256 and is_it:
                content.seek(0)
                self._store(name, content)

    def _store(self, name: str, content: IO[bytes]) -> None:
        """An altered file is kept apart for a while: it may show what happened."""
        if default_storage.exists(name):
            move(name, Quarantined(timezone.now().date(), name).place)
        if default_storage.save(name, File(content)) != name:
            raise Refused(f"The file {name} could not be stored.")
        self.back.append(name)
        del self.wanted[name]


# --- Surroundings ---
#
# Which settings an installation has, by their names alone: whoever sets up another one after a
# loss sees what is missing. Their values may be secrets, and are in no backup.

READ_IN = ("settings.py", "environment.py", "sign_in_environment.py")


@cache
def known_settings() -> frozenset[str]:
    """Return the names of the variables that the portal reads."""
    folder = settings.BASE_DIR / "ibcr_portal"
    texts = [(folder / name).read_text("utf-8") for name in READ_IN]
    return frozenset(re.findall(r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"', "".join(texts)))


def settings_that_are_set() -> list[str]:
    return sorted(name for name in known_settings() if os.environ.get(name))
