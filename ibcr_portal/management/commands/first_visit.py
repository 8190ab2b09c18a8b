"""`manage.py first_visit`: a new key to the first visit of an empty portal; the one before is no good
any more."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ibcr_portal.starting.key import is_over, welcome


class Command(BaseCommand):
    help = "Make a new key to the first visit, as long as nobody has an account."

    def handle(self, **options: Any) -> None:
        if is_over():
            raise CommandError(
                "Somebody has an account already. Further ones are made in the portal, or by "
                "manage.py createsuperuser."
            )
        self.stdout.write("\n".join(welcome()))
