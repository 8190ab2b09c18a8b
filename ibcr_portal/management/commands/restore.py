"""Restore a backup into an empty portal, on SQLite or PostgreSQL, and verify what is there afterwards.

    manage.py restore FILE --identity KEY --check     verify the file, and change nothing
    manage.py restore FILE --identity KEY             restore it
    manage.py restore FILE --identity KEY --files     only files that are missing or altered, while
                                                      the portal runs
    manage.py restore --keys FILE --identity KEY --to FOLDER
                                                      the keys, as files that the settings name

FILE is a path or s3://bucket/name. Stop web server, workers and scheduler before all of it is restored.
"""

import time
from argparse import RawDescriptionHelpFormatter
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ibcr_portal import key_file
from ibcr_portal.backups import making
from ibcr_portal.backups.encryption import decrypted_whole, identities_in
from ibcr_portal.backups.frames import Damaged
from ibcr_portal.backups.keys import keys_in_use, unreadable_without, write_keys
from ibcr_portal.backups.mending import put_files_back, settings_that_are_set
from ibcr_portal.backups.reading import BackupFound, Identities
from ibcr_portal.backups.restoring import Verified, checked, refuse_unknown_maker, restore, verified
from ibcr_portal.backups.targets import Refused, source_of
from ibcr_portal.kinds import SOURCES
from ibcr_portal.models import SearchChange
from ibcr_portal.search.writing import IN_A_BATCH, OF_FILES, OF_ROWS, reindex

LARGEST_KEYS = 1_000_000


class Command(BaseCommand):
    help = __doc__
    requires_migrations_checks = False

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(*args, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="A path, or s3://bucket/name.")
        parser.add_argument(
            "--identity", action="append", type=Path, default=[], help="A file with the secret key."
        )
        parser.add_argument("--check", action="store_true", help="Verify it, and change nothing.")
        parser.add_argument(
            "--ledger", action="append", type=Path, default=[], help="Another copy of the ledger."
        )
        parser.add_argument(
            "--foreign", action="store_true", help="Also if other keys than these signed it."
        )
        parser.add_argument(
            "--keep-links",
            action="store_true",
            help="Links go on opening: nothing was revoked since the backup, as in a move.",
        )
        parser.add_argument(
            "--files",
            action="store_true",
            help="Put back files that are missing or altered (manage.py verify_files), and nothing else.",
        )
        parser.add_argument("--with-keys", metavar="FILE", help="With --check: a backup of keys.")
        parser.add_argument("--keys", action="store_true", help="The file is a backup of keys.")
        parser.add_argument("--to", type=Path, metavar="FOLDER", help="Where keys are written.")

    def handle(self, *, file: str, check: bool, keys: bool, **options: Any) -> None:
        try:
            identities = self.identities(options["identity"])
            if keys:
                self.restore_keys(file, identities, options["to"])
                return
            target, name = source_of(file)
            with target.opened(name) as source:
                self.say(f"Reading {file} to its end …")
                found = checked(source, identities)
                self.describe(found)
                if check:
                    self.report_keys(found, options["with_keys"], identities)
                    return
                refuse_unknown_maker(found, is_foreign_taken=options["foreign"])
                if options["files"]:
                    self.put_files_back(source, identities)
                    return
                began = time.monotonic()
                copies = [target.read_text(making.NAME), *map(read, options["ledger"])]
                keeps = options["keep_links"]
                restored = restore(source, identities, found, copies, self.say, keeps_links=keeps)
            self.say("Writing the index of the search …")
            things = sum(count for _kind, count in reindex(OF_ROWS))
            files = note_files()
            self.say("Verifying …")
            lines = [*verified(restored), Verified("Things that the search finds", things)]
            lines.append(Verified("Files that the worker reads for the search", files))
        except (Refused, Damaged) as refusal:
            raise CommandError(f"{refusal} Nothing was restored.") from refusal
        self.table(lines)
        if restored.mail_held:
            self.say(
                f"{restored.mail_held} messages waited at that moment and are not sent now, since they "
                "probably were: manage.py outbox --unclear lists them, and --send-again sends them."
            )
        self.say(f"Restored in {time.monotonic() - began:.1f} s.")
        if any(line.wrong for line in lines):
            raise CommandError("Everything was restored, but not everything is right: see above.")

    def identities(self, paths: list[Path]) -> Identities:
        found: Identities = []
        for path in paths:
            try:
                found += identities_in(path)
            except OSError as error:
                raise Refused(f"{path}: {error.strerror}.") from None
            except ValueError:
                raise Refused(f"{path} has no secret key of age (AGE-SECRET-KEY-…).") from None
        return found

    def describe(self, found: BackupFound) -> None:
        header = found.header
        self.say(
            f"Whole: {sum(found.rows.values()):,} rows in {len(found.rows)} tables, {found.files:,} files "
            f"({found.file_bytes:,} bytes), as of {found.at:%Y-%m-%d %H:%M:%S} UTC, of "
            f"{shown(header.get('site'))}, version {shown(header.get('portal'))}, from "
            f"{shown(header.get('engine'))}."
        )
        signed = (
            "by this portal" if found.is_signed else "with other keys than those of this portal"
        )
        self.say(f"Signed {signed}.")
        if found.missing:
            self.say(f"{len(found.missing)} files were missing when it was made.")
        if lacking := set(map(str, header["settings"])) - set(settings_that_are_set()):
            self.say(
                f"Settings that were set there, and are not here: {', '.join(sorted(lacking))}."
            )

    def report_keys(
        self, found: BackupFound, with_keys: str | None, identities: Identities
    ) -> None:
        keys = self.keys_in(with_keys, identities) if with_keys else keys_in_use()
        whose = "the keys of that file" if with_keys else "the keys of this portal"
        lacking = unreadable_without(found.header["keys"], found.rows, keys)
        for sentence in lacking:
            self.say(sentence)
        if not lacking:
            self.say(f"With {whose}, everything in it can be read.")

    def put_files_back(self, source: BinaryIO, identities: Identities) -> None:
        mended = put_files_back(source, identities)
        for name in mended.back:
            self.say(f"Put back: {name}")
        for name in mended.left:
            self.say(f"Not in this backup as its row says: {name}")
        self.say(f"{len(mended.back)} file(s) were put back, {len(mended.left)} were not.")
        if mended.left:
            raise CommandError("Try an older backup for the others.", returncode=3)

    def restore_keys(self, file: str, identities: Identities, folder: Path | None) -> None:
        if folder is None:
            raise CommandError("Say with --to into which folder the keys are written.")
        keys = self.keys_in(file, identities)
        try:
            paths = write_keys(keys, folder)
        except FileExistsError as error:
            raise CommandError(
                f"{error} is there already, and is not replaced: choose another folder."
            ) from None
        except OSError as error:
            raise CommandError(f"{folder}: {error.strerror}.") from None
        for path in paths:
            self.say(f"{path} was written.")

    def keys_in(self, file: str, identities: Identities) -> list[key_file.Key]:
        target, name = source_of(file)
        with target.opened(name) as source:
            content = source.read(LARGEST_KEYS)
        try:
            return key_file.read(decrypted_whole(content, identities))
        except key_file.NoKeyFile:
            raise Refused(f"{file} is no backup of keys.") from None

    def table(self, lines: list[Verified]) -> None:
        for line in lines:
            self.say(line.text)
            for each in line.wrong[:20]:
                self.say(f"    {each}")

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def note_files() -> int:
    """Let the worker read the files for the search, which may take hours, once the portal runs."""
    count = 0
    for kind in OF_FILES:
        rows = SOURCES[kind].model._base_manager.order_by("pk")
        keys = list(rows.values_list("pk", flat=True))
        SearchChange.objects.bulk_create(
            (SearchChange(kind=kind, thing=key) for key in keys), batch_size=IN_A_BATCH
        )
        count += len(keys)
    return count


def read(path: Path) -> str:
    with suppress(FileNotFoundError):
        return path.read_text("utf-8", errors="replace")
    raise Refused(f"There is no file {path}.")


def shown(text: object) -> str:
    """What a backup says of itself, without signs that a terminal would obey."""
    return "".join(sign for sign in str(text)[:100] if sign.isprintable())
