from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from accounts.models import AccessEvent


@shared_task
def forget_what_is_old() -> int:
    """Every night: what the privacy page says is kept no longer."""
    call_command("clearsessions")
    limit = timezone.now() - timedelta(days=settings.ACCESS_LOG_DAYS)
    return AccessEvent.objects.forget(limit)
