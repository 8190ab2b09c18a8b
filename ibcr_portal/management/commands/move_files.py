"""Copies all files between the folder MEDIA_ROOT and the bucket STORAGE_URL, and compares them."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from ibcr_portal.stored_files import every_named_file
from kernel.files import sha256_of
from kernel.media import ID_FILE
from kernel.storage import DiskStorage, StorageUnavailable

OF_ANOTHER = "the files there belong to another installation (manage.py quarantine)"


class Command(BaseCommand):
    help = (
        "Copies every file that a row names from the folder MEDIA_ROOT into the bucket STORAGE_URL, and "
        "compares them there. What is there already is only compared, so the command may run first while "
        "the portal works and once more when it is stopped. Nothing is deleted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--back", action="store_true", help="From the bucket into the folder instead."
        )
        parser.add_argument(
            "--check", action="store_true", help="Copy nothing; compare what is on both sides."
        )

    @translation.override("en")  # of what the storage refuses
    def handle(self, *, back: bool, check: bool, **options: Any) -> None:
        if not settings.STORAGES["default"].get("OPTIONS"):
            raise CommandError("STORAGE_URL is missing: set it to the bucket that the files go to.")
        folder: Storage = DiskStorage(location=Path(settings.MEDIA_ROOT))
        source, target = (default_storage, folder) if back else (folder, default_storage)
        counts = {"copied": 0, "equal": 0}
        problems = []
        try:
            for file in every_named_file():
                problem, outcome = transfer(
                    source, target, file.name, file.sha256, copies=not check
                )
                counts[outcome] = counts.get(outcome, 0) + 1
                if problem:
                    problems.append(f"{file.name}: {problem}")
            # Without it, nothing at the goal is ever tidied up (`kernel.media`).
            if source.exists(ID_FILE) and not check:
                problem, _outcome = transfer(source, target, ID_FILE, "", copies=True)
                if problem:
                    problems.append(f"{ID_FILE}: {OF_ANOTHER}")
        except StorageUnavailable as refusal:
            raise CommandError(f"{refusal} What was copied so far stays: run this again.") from None
        words = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
        self.stdout.write(f"Files that rows name: {words or 'none'}.")
        if problems:
            raise CommandError(
                "\n".join([*problems, f"{len(problems)} files are not on both sides."])
            )


def transfer(
    source: Storage, target: Storage, name: str, sha256: str, *, copies: bool
) -> tuple[str, str]:
    """Copy one file if it is not there, and compare. Return a problem, or '', and what was done."""
    is_there = target.exists(name)
    try:
        with source.open(name) as file:
            here = sha256_of(file)
            if not is_there and copies:
                file.seek(0)
                target.save(name, File(file, name=name))
    except FileNotFoundError:
        if is_there:
            with target.open(name) as file:
                there = sha256_of(file)
            if not sha256 or there == sha256:
                return "", "only at the goal"
        return "it is missing where it should come from", "missing"
    if not is_there and not copies:
        return "it was not copied yet", "not copied"
    with target.open(name) as file:
        there = sha256_of(file)
    if here != there:
        return "the copy has another content", "different"
    if sha256 and there != sha256:
        return "it is not what the portal was given, on either side", "damaged"
    return "", "equal" if is_there else "copied"
