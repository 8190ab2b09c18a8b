"""`manage.py outbox`: messages that did not go out, or that may not have, and why; with `--send-again` the
unclear ones are sent again at once.

No message is shown, and of an address only enough for whoever knows the person.
"""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone, translation

from accounts.codes import hint_of
from accounts.models import OutgoingMail
from accounts.outbox import post

DAYS = 7
Failure = OutgoingMail.Failure
WAITS, GIVEN_UP = "waits", "not sent"


class Command(BaseCommand):
    help = "List messages that did not go out, or that may not have; --send-again sends the unclear ones."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--unclear", action="store_true", help="Only those that may or may not have gone out."
        )
        parser.add_argument(
            "--send-again",
            nargs="*",
            type=int,
            metavar="NUMBER",
            help="Send unclear messages again: those of these numbers, or all that --unclear lists.",
        )

    @translation.override("en")
    def handle(self, *, unclear: bool, send_again: list[int] | None, **options: Any) -> None:
        if send_again is not None:
            self._send_again(send_again)
            return
        since = timezone.now() - timedelta(days=DAYS)
        rows = (
            OutgoingMail.objects.unclear() if unclear else OutgoingMail.objects.undelivered(since)
        )
        for mail in rows.order_by("pk"):
            self.stdout.write(line_of(mail))
        if not rows:
            self.stdout.write("There is none.")

    def _send_again(self, numbers: list[int]) -> None:
        rows = OutgoingMail.objects.unclear()
        if numbers:
            rows = rows.filter(pk__in=numbers)
            if missing := set(numbers) - set(rows.values_list("pk", flat=True)):
                raise CommandError(
                    f"Nothing is sent: {', '.join(map(str, sorted(missing)))} is not in the list of "
                    "manage.py outbox --unclear."
                )
        sent = 0
        for mail in rows.order_by("pk"):
            with transaction.atomic():
                if mail.send_again():
                    post(mail)
                    sent += 1
        self.stdout.write(f"{sent} message(s) will be sent again at once.")


def line_of(mail: OutgoingMail) -> str:
    moment = mail.finished_at or mail.started_at or mail.requested_at
    what = WAITS if mail.in_hand else "unclear" if mail.failure == Failure.UNCLEAR else GIVEN_UP
    reason = mail.bounce_reason or mail.get_failure_display()
    if mail.address:
        reason = reason.replace(mail.address, hint_of(mail.address))
    about = mail.thread or "account"
    return f"{mail.pk}  {moment:%Y-%m-%d %H:%M} UTC  {hint_of(mail.address)}  {about}  {what}: {reason}"
