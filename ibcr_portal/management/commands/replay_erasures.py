"""Forget again whom the ledger of erasures names: after an older database was restored."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ibcr_portal.persons.ledger import NoEntry, entries
from ibcr_portal.persons.replaying import missing_entries, replay


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all",
            action="store_true",
            help="Also those that this database knows: parts of it may be older, such as files.",
        )

    def handle(self, *, all: bool, **options: object) -> None:
        try:
            wanted = list(entries()) if all else missing_entries()
        except NoEntry as error:
            raise CommandError(
                "A line of the ledger is none, or was not signed by this portal. Compare the file "
                "with its copies before you go on."
            ) from error
        for outcome in replay(wanted):
            count = sum(outcome.changed.values())
            self.stdout.write(
                f"{outcome.pseudonym}: {count} changed, {len(outcome.remains)} remain"
            )
        self.stdout.write(f"{len(wanted)} erasures were done again.")
