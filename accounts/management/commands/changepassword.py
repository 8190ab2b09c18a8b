"""`manage.py changepassword EMAIL`: as Django's, but logged, and the owner is notified."""

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessEvent, User
from accounts.services import tell_of_change


class Command(changepassword.Command):
    def handle(self, *args: Any, **options: Any) -> str | None:
        # No transaction around it: on SQLite, others would wait until the operator has typed.
        outcome = super().handle(*args, **options)
        person = User.objects.get_by_natural_key(options["username"] or getpass.getuser())
        AccessEvent.record(
            AccessEvent.Kind.ACCOUNT, user=None, thing=person, change="password_changed"
        )
        tell_of_change(person, _("Your password was changed."))
        return outcome
