"""Loads the demonstration; run again, it leaves what is there as people have changed it."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ibcr_portal.demo.whole import load_demonstration


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--public-password",
            action="store_true",
            help="Load it outside the embedded mode too, although everyone knows the password.",
        )

    def handle(self, *, public_password: bool, **options: object) -> None:
        if not (settings.EMBEDDED or public_password):
            raise CommandError(
                "The demonstration's accounts have a password that everyone knows. "
                "If that is meant, say --public-password."
            )
        for code in load_demonstration(is_open=True):
            self.stdout.write(f"{code} is loaded.")
