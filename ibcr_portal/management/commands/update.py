"""Brings static files and database up to this version of the code; quick where they are."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from accounts.identities import record_earlier_identities
from ibcr_portal import installation
from ibcr_portal.database_role import grant_rows
from ibcr_portal.persons.ledger import NoEntry
from ibcr_portal.persons.replaying import finish_entries, missing_entries, subject_of
from ibcr_portal.starting.key import is_over, welcome
from ibcr_portal.stored_files import accept_keys, note_keys
from kernel.media import belongs_here
from kernel.storage import StorageUnavailable

# Of PostgreSQL's advisory locks; any number that nobody else takes.
UPDATING = 0x01BC_0001


@contextmanager
def one_after_the_other() -> Iterator[None]:
    """Wait until no other host updates the same database: each would begin the same migrations."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [UPDATING])
    try:
        yield
    finally:
        # Where the connection is lost, so is the lock.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [UPDATING])


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        only = parser.add_mutually_exclusive_group()
        only.add_argument(
            "--check", action="store_true", help="Change nothing; fail where something is behind."
        )
        only.add_argument("--static", action="store_true", help="The static files alone.")
        parser.add_argument(
            "--no-key",
            action="store_true",
            help="Show no key to the first visit, even if nobody has an account.",
        )
        parser.add_argument(
            "--new-keys",
            action="store_true",
            help="The keys of this process count from now on: the former ones are lost for ever.",
        )

    def handle(
        self, *, check: bool, static: bool, no_key: bool, new_keys: bool, **options: object
    ) -> None:
        if check:
            if complaints := list(installation.complaints()):
                raise CommandError("\n".join(complaints))
            return
        if not installation.static_files_are_current():
            self.say("Collecting static files …")
            installation.collect_static_files()
        if not static:
            self.update_database()
            (accept_keys if new_keys else note_keys)()
            if not (no_key or is_over()):
                self.say("\n".join(welcome()))

    def update_database(self) -> None:
        with one_after_the_other():
            self.update_tables()

    def update_tables(self) -> None:
        if installation.migrations_are_due():
            self.say("Setting up the database …")
            call_command("migrate", verbosity=0)
        record_earlier_identities()
        call_command("createcachetable", verbosity=0)
        self.look_at_files()
        self.forget_again()
        if settings.DATABASE_APP_USER:  # each time, since tables may be new
            grant_rows(settings.DATABASE_APP_USER, settings.DATABASE_APP_PASSWORD)

    def look_at_files(self) -> None:
        try:
            if not belongs_here():
                self.say("The files are not those of this database: see manage.py quarantine.")
        except StorageUnavailable:  # pages without files work meanwhile, and so does the update
            self.say(
                "The storage of files does not respond: whose files they are was not looked at."
            )

    def forget_again(self) -> None:
        """Forget whom an older database brought back. A ledger that was altered stops no update."""
        try:
            unknown = finish_entries()
            missing = missing_entries()
        except NoEntry:
            self.say("The ledger of erasures was altered: see docs/rules/persons.md.")
            return
        for entry in unknown:
            if (subject := subject_of(entry)).rows:
                self.say(
                    f"{entry.pseudonym} was begun and perhaps not saved. Forget the person again: "
                    f"manage.py forget {subject.key} --yes"
                )
        if missing:
            self.say("This database is older than some erasures: doing them again …")
            call_command("replay_erasures", stdout=self.stdout)

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()
