from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy

# Here so that checks run, and `@shared_task` finds the queue, in every process but the scheduler.
from ibcr_portal import celery, checks  # noqa: F401
from kernel.form_words import say_what_to_do

say_what_to_do()


class PortalConfig(AppConfig):
    name = "ibcr_portal"

    def ready(self) -> None:
        # Services enqueue tasks by name, so each process must have imported them.
        from accounts.recurrent import Recurrent, add_recurrent  # noqa: PLC0415  (models are loaded)
        from accounts.retention import add_retention  # noqa: PLC0415  (likewise)
        from ibcr_portal import tasks  # noqa: F401, PLC0415  (models are there from now on)
        from ibcr_portal.obligations import reminders  # noqa: PLC0415  (likewise)
        from ibcr_portal.persons.retention import RULES  # noqa: PLC0415  (likewise)

        add_recurrent(
            Recurrent(
                reminders.DUE,
                gettext_lazy("Reminders of what is due, and what is new"),
                reminders.has_reminders,
                reminders.choose_reminders,
            )
        )
        add_retention(*RULES)


class PortalAdminConfig(AdminConfig):
    default_site = "ibcr_portal.admin.PortalAdminSite"
