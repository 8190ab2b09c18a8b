"""Where backups are kept: a file, a folder, or a prefix of an S3 bucket.

A backup appears under its name once it is complete, and takes the place of no other one.
"""

from pathlib import Path

from ibcr_portal.backups.targets.base import Refused, Target, Writing, files_away_refused
from ibcr_portal.backups.targets.files import FileTarget, FolderTarget
from ibcr_portal.backups.targets.s3 import S3Target, s3_file

__all__ = ["Refused", "Target", "Writing", "files_away_refused", "source_of", "target_of"]


def target_of(text: str) -> Target:
    """Return the target that somebody named. A folder is one that is there, or ends with a slash."""
    if text.startswith("s3://"):
        return S3Target.of(text)
    if text.endswith("/") or Path(text).is_dir():
        return FolderTarget(Path(text))
    return FileTarget(Path(text))


def source_of(text: str) -> tuple[Target, str]:
    """Return where a backup is, and its name there."""
    if text.startswith("s3://"):
        return s3_file(text)
    path = Path(text)
    if not path.is_file():
        raise Refused(f"There is no file {text}.")
    return FolderTarget(path.parent), path.name
