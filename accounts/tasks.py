from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from accounts import outbox
from accounts.models import AccessEvent, OutgoingMail


@shared_task(name=outbox.DELIVER)
def deliver_mail(pk: int) -> None:
    outbox.deliver(pk)


@shared_task
def sweep_mail() -> None:
    outbox.enqueue_due()


@shared_task
def forget_what_is_old() -> int:
    """Delete every night what the privacy page promises to keep no longer."""
    call_command("clearsessions")
    now = timezone.now()
    OutgoingMail.objects.forget_texts(now - timedelta(days=settings.MAIL_TEXT_DAYS))
    limit = now - timedelta(days=settings.ACCESS_LOG_DAYS)
    OutgoingMail.objects.forget(limit)
    return AccessEvent.objects.forget(limit)
