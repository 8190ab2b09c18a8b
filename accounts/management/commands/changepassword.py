"""`manage.py changepassword EMAIL`: as Django's, but logged, and the owner is notified."""

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.mail import send_to_person
from accounts.models import AccessEvent, User


class Command(changepassword.Command):
    def handle(self, *args: Any, **options: Any) -> str | None:
        # No transaction around it: on SQLite, others would wait until the operator has typed.
        outcome = super().handle(*args, **options)
        person = User.objects.get_by_natural_key(options["username"] or getpass.getuser())
        AccessEvent.record(
            AccessEvent.Kind.ACCOUNT, user=None, thing=person, change="password_changed"
        )
        facts = {"what": _("Your password was changed."), "timestamp": timezone.now()}
        send_to_person(person, "accounts/email/account_changed", facts, subject=_("Your account"))
        return outcome
