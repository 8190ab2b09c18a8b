"""Whether the disks of this machine have room for the files of a backup, asked before they are loaded."""

from pathlib import Path
from shutil import disk_usage
from tempfile import gettempdir

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage

from ibcr_portal.backups.reading import BackupFound
from ibcr_portal.backups.targets import Refused

BLOCK = 4096  # a file takes whole blocks of a disk


def refuse_too_little_room(found: BackupFound) -> None:
    """Of each disk: the folder of files takes all files, and the temporary folder one at a time."""
    needed: dict[int, tuple[Path, int]] = {}
    for folder, size in _needs(found):
        while not folder.exists():
            folder = folder.parent
        device = folder.stat().st_dev
        first, before = needed.get(device, (folder, 0))
        needed[device] = (first, before + size)
    for folder, size in needed.values():
        free = disk_usage(folder).free
        if size > free:
            raise Refused(
                f"The disk of {folder} is too small: the files of the backup need {megabytes(size)}, "
                f"{free // 1_000_000:,} MB are free, {megabytes(size - free)} are missing. The backup is whole. "
                "Make room, and restore again."
            )


def _needs(found: BackupFound) -> list[tuple[Path, int]]:
    needs = [(Path(gettempdir()), found.largest_file)]
    if isinstance(default_storage, FileSystemStorage):  # and not a bucket
        size = found.file_bytes + found.files * BLOCK
        needs.append((Path(settings.MEDIA_ROOT), size))
    return needs


def megabytes(size: int) -> str:
    return f"{-(-size // 1_000_000):,} MB"  # rounded up
