"""Files that no row of the database names: list them, put them back, or set many aside after all.

manage.py quarantine                     what is there, and whose the files are
manage.py quarantine --put-back          all files, or those named after it
manage.py quarantine --all               set aside however many no row names, after a look
manage.py quarantine --adopt             the files belong to this database from now on
"""

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from committees.meetings.services.attendance_import import FOLDER as UPLOADS
from committees.models import ParticipantsUpload
from kernel.media import belongs_here, carried_id, carry_id
from kernel.models import Installation
from kernel.quarantine import Why, put_back, quarantined, set_aside
from kernel.storage import StorageUnavailable
from reports.models import ARCHIVES, FOLDER, Archive, CallGuide, Rendition

# The folders in which the portal looks for files that no row names, with the rows that may.
SWEPT: dict[str, QuerySet[Any]] = {
    FOLDER: Rendition.objects.all(),
    ARCHIVES: Archive.objects.all(),
    CallGuide.FOLDER: CallGuide.objects.all(),
    UPLOADS: ParticipantsUpload.objects.all(),
}
NOT_OURS = (
    "The files carry the id of another installation, or none. Nothing is set aside. If they are those "
    "of this database, let them belong to it: manage.py quarantine --adopt"
)


class Command(BaseCommand):
    help = __doc__

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(*args, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--put-back", nargs="*", metavar="NAME", help="All files, or these.")
        what.add_argument("--all", action="store_true", help="Whatever their share is.")
        what.add_argument("--adopt", action="store_true", help="Write this installation's id.")

    def handle(self, *, put_back: list[str] | None, all: bool, adopt: bool, **options: Any) -> None:
        try:
            self.act(put_back=put_back, all=all, adopt=adopt)
        except StorageUnavailable:
            raise CommandError("The storage of files does not respond.") from None

    def act(self, *, put_back: list[str] | None, all: bool, adopt: bool) -> None:
        if put_back is not None:
            self.put_back(put_back)
        elif all:
            self.set_all_aside()
        elif adopt:
            carry_id(Installation.ours().key)
            self.stdout.write("The files belong to this database from now on.")
        else:
            self.show()

    def show(self) -> None:
        if not belongs_here():
            self.stdout.write(
                f"{NOT_OURS}\nThis database: {Installation.ours().key}. The files: "
                f"{carried_id() or 'none'}."
            )
        files = list(quarantined())
        for each in files:
            size = default_storage.size(each.place)
            self.stdout.write(f"{each.day} until {each.until} {size:>12,}  {each.name}")
        self.stdout.write(f"{len(files)} files are set aside.")

    def put_back(self, names: list[str]) -> None:
        there = list(quarantined())
        wanted = [each for each in there if not names or each.name in names]
        if missing := set(names) - {each.name for each in wanted}:
            raise CommandError(f"Not set aside: {', '.join(sorted(missing))}.")
        taken = put_back(wanted)
        self.stdout.write(f"{len(wanted) - len(taken)} files are back.")
        for name in taken:
            self.stderr.write(f"{name} is there already: its copy stays set aside.")

    def set_all_aside(self) -> None:
        for folder, rows in SWEPT.items():
            found = set_aside(folder, rows.all(), at_most=100)
            if found.why is Why.FOREIGN:
                raise CommandError(NOT_OURS)
            self.stdout.write(f"{folder}: {len(found.moved)} of {found.of} files set aside.")
