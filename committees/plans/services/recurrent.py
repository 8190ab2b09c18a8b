"""The messages about actions that a person may stop."""

from django.utils.translation import gettext_lazy as _

from accounts.recurrent import Recurrent
from committees.plans.services import reminders

RECURRENT = (
    Recurrent(
        reminders.DIGEST,
        _("The weekly summary of what is to be done"),
        reminders.has_digest,
        reminders.choose_digest,
    ),
    Recurrent(
        reminders.REMINDERS,
        _("Reminders of single actions"),
        reminders.has_reminders,
        reminders.choose_reminders,
    ),
)
