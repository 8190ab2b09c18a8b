"""Back up the portal while it runs: database, files, checkpoints, the ledger of erasures.

    manage.py backup --new-identity FILE     a pair of keys; FILE belongs elsewhere
    manage.py backup TARGET                  to a file, a folder, or s3://bucket/prefix
    manage.py backup --keys TARGET           the keys of the portal, always encrypted
    manage.py backup --scheduled             one a day to BACKUP_TARGET, until it is stopped

A backup is encrypted for BACKUP_RECIPIENTS and for those named with --recipient. The exit code is 3 where
it was written but files that rows name are missing or altered.
"""

import re
import signal
import time
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ibcr_portal import installation
from ibcr_portal.backups.encryption import new_identity, recipients_of
from ibcr_portal.backups.keys import seal_is_out_of_reach
from ibcr_portal.backups.making import (
    Recipients,
    delete_superfluous,
    make_backup,
    make_key_backup,
    run,
)
from ibcr_portal.backups.targets import Refused, Target, target_of

NOT_IN_CLEAR = (
    "A backup has personal data, and is not written in clear. Say for whom it is encrypted with "
    "BACKUP_RECIPIENTS or --recipient age1…; manage.py backup --new-identity FILE makes a pair of "
    "keys. --plain writes in clear."
)
INCOMPLETE = (
    "The backup was written, but it is incomplete: it lacks {count} file(s), see above. It does not count "
    "as a good one and takes the place of none. What to do: manage.py verify_files"
)
INCOMPLETE_CODE = 3
WHICH = {"missing": "is missing", "altered": "is not as it was stored"}


class Command(BaseCommand):
    help = __doc__
    # As a service it would keep what they import, all pages, in memory; `manage.py update` runs them.
    requires_system_checks = []

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(*args, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "target", nargs="?", default="", help="A file, a folder, or s3://bucket/prefix."
        )
        parser.add_argument(
            "--recipient", action="append", default=[], metavar="age1…", help="A public key of age."
        )
        parser.add_argument("--plain", action="store_true", help="Write in clear.")
        parser.add_argument(
            "--keep",
            metavar="D,W,M",
            help="Then delete older ones in the folder, but the newest of so many days, weeks, months.",
        )
        parser.add_argument("--keys", action="store_true", help="The keys, instead of the data.")
        parser.add_argument(
            "--new-identity", type=Path, metavar="FILE", help="Make a pair of keys."
        )
        parser.add_argument("--scheduled", action="store_true", help="One a day, as a service.")

    def handle(self, *, target: str, keep: str | None, **options: Any) -> None:
        if options["new_identity"]:
            self.make_identity(options["new_identity"])
            return
        recipients = self.recipients(options["recipient"], options["plain"], options["keys"])
        self.refuse_other_version()
        named = target or settings.BACKUP_TARGET
        if not named:
            raise CommandError("Say where it is to be written, or set BACKUP_TARGET.")
        try:
            place = target_of(named)
            if options["keys"]:
                self.back_up_keys(place, recipients)
            elif options["scheduled"]:
                self.serve(place, recipients)
            else:
                self.back_up(place, recipients, keeping(keep))
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def make_identity(self, path: Path) -> None:
        try:
            public = new_identity(path)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}.") from None
        self.stdout.write(
            f"{path} was made. Keep it away from this machine, in two places: nobody reads a backup "
            f"without it.\nBACKUP_RECIPIENTS={public}"
        )

    def recipients(self, given: list[str], plain: bool, of_keys: bool) -> Recipients:
        names = [*settings.BACKUP_RECIPIENTS, *given]
        if plain and of_keys:
            raise CommandError("Keys are never written in clear: leave out --plain.")
        if plain:
            return []
        if not names:
            raise CommandError(NOT_IN_CLEAR)
        try:
            return recipients_of(names)
        except ValueError as error:
            raise CommandError(f"{error} is no public key of age, such as age1….") from None

    def refuse_other_version(self) -> None:
        if installation.migrations_are_due():
            raise CommandError(
                "The database is of an earlier version than the code: back up with the code of that "
                "version, or run manage.py update first."
            )

    def back_up(
        self, target: Target, recipients: Recipients, keep: tuple[int, int, int] | None
    ) -> None:
        began = time.monotonic()
        row, lost = make_backup(target, recipients)
        seconds = time.monotonic() - began
        self.stdout.write(
            f"{row.target}: {row.rows} rows and {row.files} files as of {row.at:%Y-%m-%d %H:%M:%S} "
            f"UTC, {row.size:,} bytes, {seconds:.1f} s."
        )
        for name, kind in lost.items():
            self.stderr.write(f"A row names the file {name}, which {WHICH[kind]}.")
        if keep:
            delete_superfluous(target, keep, lambda name: self.stdout.write(f"Deleted {name}."))
        if lost:
            raise CommandError(INCOMPLETE.format(count=len(lost)), returncode=INCOMPLETE_CODE)

    def back_up_keys(self, target: Target, recipients: Recipients) -> None:
        row = make_key_backup(target, recipients)
        names = ", ".join(f"{each['name']} (version {each['version']})" for each in row.keys)
        self.stdout.write(f"{row.target}: {names}. Keep it apart from the backups of the data.")
        if seal_is_out_of_reach():
            self.stderr.write(
                "SEAL_KEY cannot be read here, and is not in it: run the command where the worker runs."
            )

    def serve(self, target: Target, recipients: Recipients) -> None:
        signal.signal(signal.SIGTERM, stop)
        self.stdout.write(f"A backup a day goes to {target.label}.")
        self.stdout.flush()
        run(target, recipients)


def keeping(text: str | None) -> tuple[int, int, int] | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,4}),(\d{1,4}),(\d{1,4})", text)
    if not found:
        raise CommandError("--keep takes how many days, weeks and months are kept, such as 7,5,12.")
    return int(found[1]), int(found[2]), int(found[3])


def stop(number: int, frame: object) -> None:
    raise SystemExit(0)  # what is being written is taken away
