import logging

from celery import shared_task
from django.utils import translation

from accounts import outbox, second_factor
from accounts.checkpoints import own_checkpoints
from accounts.log_check import check_log, keep_checkpoint, log_checked, warn_administrators
from accounts.mail_in.imap import fetch_mail
from accounts.retention import apply_retention

logger = logging.getLogger(__name__)


@shared_task(name=outbox.DELIVER)
def deliver_mail(pk: int) -> None:
    outbox.deliver(pk)


@shared_task(name="accounts.tasks.sweep_mail")
def sweep_mail() -> None:
    outbox.enqueue_due()


@shared_task(name="accounts.tasks.fetch_incoming_mail")
def fetch_incoming_mail() -> int:
    return fetch_mail()


@shared_task(name="accounts.tasks.sign_access_log")
def sign_access_log() -> None:
    keep_checkpoint()


@shared_task(name="accounts.tasks.check_access_log")
@translation.override("en")  # the language of logs
def check_access_log() -> None:
    """Look every day whether somebody changed the log, and say so where it is noticed."""
    check = check_log(own_checkpoints())
    if found := [*check.problems, *check.unusable]:
        logger.error(
            "The access log or the file of its checkpoints is not whole: %s", " ".join(found)
        )
        warn_administrators()
    log_checked.send(check_access_log, is_whole=not found)


@shared_task(name="accounts.tasks.renew_secrets")
def renew_secrets() -> int:
    return second_factor.renew_secrets()


@shared_task(name="accounts.tasks.forget_what_is_old")
def forget_what_is_old() -> int:
    """Delete every night what the privacy page promises to keep no longer; return how many events of
    the access log those were."""
    return apply_retention().get("access-log", 0)
