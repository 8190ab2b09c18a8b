"""`manage.py reset_second_factor EMAIL`: for the operator, where no two people of the team are left
to remove a lost second factor, such as that of the only administrator."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessEvent, User
from accounts.second_factor import has_factor, remove_factors
from accounts.services import tell_of_change


class Command(BaseCommand):
    help = "Remove the second factor of a person who lost it; it is logged, and they are notified by e-mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    @transaction.atomic
    def handle(self, *, email: str, **options: Any) -> None:
        person = User.objects.filter(email=User.objects.normalize_email(email)).first()
        if not person:
            raise CommandError(f"Nobody has the address {email}.")
        if not has_factor(person):
            raise CommandError(f"{person} has no second factor.")
        remove_factors(person)
        AccessEvent.record(
            AccessEvent.Kind.ACCOUNT, user=None, thing=person, change="second factor removed"
        )
        what = _("The second step of your sign-in was removed by the operator of the portal.")
        tell_of_change(person, what)
        self.stdout.write(f"The second factor of {person} is removed, and all sessions are ended.")
