"""Takes one message in, from a mail server that starts a program for each: see docs/rules/mail-in.md."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from accounts.mail_in.addresses import takes_mail
from accounts.mail_in.intake import receive
from accounts.mail_in.parts import MOST_BYTES

# Of sysexits.h: the mail server keeps the message, and hands it over again later.
TRY_AGAIN = 75
MISCONFIGURED = 78


class Command(BaseCommand):
    help = "Takes one incoming message from standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--recipient",
            default=os.environ.get("ORIGINAL_RECIPIENT") or os.environ.get("RECIPIENT") or "",
            help="the address at which the message came, if the mail server says so",
        )

    def handle(self, *args: Any, recipient: str, **options: Any) -> None:
        if not takes_mail():
            raise CommandError("INBOUND_ADDRESS is not set.", returncode=MISCONFIGURED)
        data = sys.stdin.buffer.read(MOST_BYTES + 1)
        while sys.stdin.buffer.read(1_000_000):
            pass  # a program that stops reading would be called broken
        try:
            row = receive(data, recipient=recipient)
        except DatabaseError as error:
            raise CommandError(type(error).__name__, returncode=TRY_AGAIN) from None
        self.stdout.write(f"{row.kind} {row.outcome} {row.reason}".strip())
