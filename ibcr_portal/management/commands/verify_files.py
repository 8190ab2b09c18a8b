"""Compare every file that a row names with the hash that the row holds, or with its size where it holds none.

    manage.py verify_files                            all of them; exit code 3 where one is wrong
    manage.py verify_files --accept NAME --why WORDS  no copy of it is left, and this is why

What is wrong is named here, on the page of the system and by doctor, until it is right again or accepted.
"""

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from ibcr_portal.models import FileProblem
from ibcr_portal.stored_files import every_named_file, note_all, problem_of
from kernel.storage import StorageUnavailable

WRONG_CODE = 3
ADVICE = (
    "Put back what a backup still has, while the portal runs:\n"
    "    manage.py restore BACKUP --identity KEY --files\n"
    "Take the newest backup from before they were lost; `--check` says how many files one lacks. Of a file "
    "that no backup has, say why:\n"
    "    manage.py verify_files --accept NAME --why WORDS"
)


class Command(BaseCommand):
    help = __doc__

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(*args, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--accept", nargs="+", metavar="NAME", help="Files of which no copy is left."
        )
        parser.add_argument("--why", default="", help="What became of them.")

    @translation.override("en")  # of what the storage refuses
    def handle(self, *, accept: list[str] | None, why: str, **options: Any) -> None:
        if accept:
            self.accept(accept, why)
            return
        found, count = {}, 0
        try:
            for file in every_named_file():
                count += 1
                if kind := problem_of(file):
                    found[file.name] = kind
        except StorageUnavailable as refusal:
            raise CommandError(str(refusal)) from None
        wrong = note_all(found)
        for name, kind in wrong.items():
            self.stdout.write(f"{kind:<8} {name}")
        if accepted := FileProblem.objects.exclude(accepted_at=None).count():
            self.stdout.write(f"{accepted} file(s) are accepted as lost.")
        if wrong:
            raise CommandError(
                f"{len(wrong)} of {count} files are missing or altered.\n{ADVICE}",
                returncode=WRONG_CODE,
            )
        self.stdout.write(f"Files that rows name: {count}, each as its row says.")

    def accept(self, names: list[str], why: str) -> None:
        if not why.strip():
            raise CommandError("Say with --why what became of them, for whoever asks later.")
        rows = FileProblem.objects.filter(name__in=names)
        if unknown := set(names) - {row.name for row in rows}:
            raise CommandError(
                f"{min(unknown)} is not known as missing or altered: run manage.py verify_files first."
            )
        rows.update(accepted_at=timezone.now(), why=why.strip()[:500])
        self.stdout.write(f"{len(rows)} file(s) are accepted as lost.")
