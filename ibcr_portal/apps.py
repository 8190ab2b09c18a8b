from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy

# Here so that checks run, and `@shared_task` finds the queue, in every process but the scheduler.
from ibcr_portal import celery, checks  # noqa: F401
from kernel.events import count_statements_of
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
        from ibcr_portal.persons.keeping import RULES  # noqa: PLC0415  (likewise)

        add_recurrent(
            Recurrent(
                reminders.DUE,
                gettext_lazy("Reminders of what is due, and what is new"),
                reminders.has_reminders,
                reminders.choose_reminders,
            )
        )
        add_retention(*RULES)
        observe()


def observe() -> None:
    """Count the statements of each connection, note what becomes of the access log, and report
    errors where that is switched on."""
    from accounts.log_check import log_checked  # noqa: PLC0415  (models are loaded)
    from ibcr_portal.models import Watch  # noqa: PLC0415  (likewise)

    connection_created.connect(count_statements_of)
    log_checked.connect(lambda is_whole, **kwargs: Watch.note(log_is_whole=is_whole), weak=False)
    if settings.SENTRY_DSN:
        from ibcr_portal.observing import sentry  # noqa: PLC0415  (few installations need it)

        sentry.start(settings.SENTRY_DSN)


class PortalAdminConfig(AdminConfig):
    default_site = "ibcr_portal.admin.PortalAdminSite"
