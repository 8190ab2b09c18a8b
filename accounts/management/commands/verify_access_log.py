from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from accounts.checkpoints import own_checkpoints
from accounts.log_check import check_log


class Command(BaseCommand):
    help = "Checks that no event of the access log was changed, removed, inserted or moved."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--checkpoint",
            type=Path,
            metavar="FILE",
            help="Checkpoints that were kept elsewhere, such as by a witness. Without it, those "
            "that the portal keeps itself.",
        )

    @translation.override("en")
    def handle(self, *args: Any, checkpoint: Path | None, **options: Any) -> None:
        text = own_checkpoints()
        if checkpoint:
            try:
                text = checkpoint.read_text("utf-8", errors="replace")
            except OSError as error:
                raise CommandError(f"{checkpoint}: {error.strerror}") from None
        check = check_log(text)
        if checkpoint and not check.compared:
            check.unusable.append(f"{checkpoint} holds no checkpoint of this portal.")
        for note in check.notes:
            self.stdout.write(note)
        if found := [*check.problems, *check.unusable]:
            raise CommandError("\n".join(found), returncode=1)
        self.stdout.write(
            f"OK: {check.count} events; {check.compared} checkpoints; "
            f"{check.uncovered} events newer than the last one."
        )
