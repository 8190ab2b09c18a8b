"""Say what is wrong with this installation, and what to do; fail where something is.

It changes nothing and shows no secret. Run it where the portal runs, as the same user:

    docker compose exec web-a python manage.py doctor
"""

import platform
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from ibcr_portal.doctor.all import examine
from ibcr_portal.doctor.findings import Level
from ibcr_portal.version import VERSION


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []  # what they find is one of the answers

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(*args, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--here", action="store_true", help="Ask nothing over the network but the database."
        )
        parser.add_argument("--strict", action="store_true", help="Fail for a warning, too.")

    @translation.override("en")
    def handle(self, *, here: bool, strict: bool, **options: object) -> None:
        self.stdout.write(f"Portal {VERSION}, Python {platform.python_version()}\n")
        found = dict.fromkeys(Level, 0)
        for subject, finding in examine(with_network=not here):
            found[finding.level] += 1
            mark = {Level.GOOD: "ok", Level.WARNING: "WARNING", Level.WRONG: "WRONG"}[finding.level]
            self.stdout.write(f"{mark:<8} {subject:<14} {finding.sentence}")
            if finding.advice:
                self.stdout.write(f"{'':<8} {'':<14} -> {finding.advice}")
            self.stdout.flush()
        if found[Level.WRONG] or (strict and found[Level.WARNING]):
            raise CommandError(
                f"{found[Level.WRONG]} wrong, {found[Level.WARNING]} warning(s).", returncode=1
            )
        self.stdout.write(f"Nothing is wrong; {found[Level.WARNING]} warning(s).")
