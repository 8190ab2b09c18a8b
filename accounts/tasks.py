import logging
from datetime import timedelta

from allauth.usersessions.models import UserSession
from celery import shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone, translation

from accounts import encryption, outbox
from accounts.checkpoints import own_checkpoints
from accounts.log_check import check_log, forget_events, keep_checkpoint, warn_administrators
from accounts.models import FactorReset, OutgoingMail
from accounts.retention import log_begins
from kernel.models import SentForm

logger = logging.getLogger(__name__)


@shared_task(name=outbox.DELIVER)
def deliver_mail(pk: int) -> None:
    outbox.deliver(pk)


@shared_task
def sweep_mail() -> None:
    outbox.enqueue_due()


@shared_task
def sign_access_log() -> None:
    keep_checkpoint()


@shared_task
@translation.override("en")  # the language of logs
def check_access_log() -> None:
    """Look every day whether somebody changed the log, and say so where it is noticed."""
    check = check_log(own_checkpoints())
    if found := [*check.problems, *check.unusable]:
        logger.error(
            "The access log or the file of its checkpoints is not whole: %s", " ".join(found)
        )
        warn_administrators()


@shared_task
def renew_secrets() -> int:
    return encryption.renew_secrets()


@shared_task
def forget_what_is_old() -> int:
    """Delete every night what the privacy page promises to keep no longer."""
    call_command("clearsessions")
    known = Session.objects.values("session_key")
    UserSession.objects.exclude(session_key__in=known).delete()
    now = timezone.now()
    oldest = now - timedelta(days=FactorReset.DAYS_KEPT)
    FactorReset.objects.filter(asked_at__lt=oldest).delete()
    OutgoingMail.objects.forget_texts(now - timedelta(days=settings.MAIL_TEXT_DAYS))
    OutgoingMail.objects.forget(now - timedelta(days=settings.ACCESS_LOG_DAYS))
    SentForm.objects.forget(now - timedelta(days=SentForm.DAYS_KEPT))
    return forget_events(log_begins())
