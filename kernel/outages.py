"""Services of others that do not answer, such as the mail server: a row says so, and for a minute nobody
asks them again. So work that needs one of them does not wait for it piece by piece, and whoever administers
the portal reads which one it is."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

# After a failure nobody asks for so long.
PAUSE = timedelta(minutes=1)


class Outage(models.Model):
    """A service that did not answer when it was last asked. The row goes once it answers."""

    service = models.CharField(max_length=30, primary_key=True)
    since = models.DateTimeField(default=timezone.now)
    retry_at = models.DateTimeField()
    # The kind of the error alone: words of a server may name a person or hold a password.
    reason = models.CharField(max_length=60)

    def __str__(self) -> str:
        return self.service


def is_paused(service: str) -> bool:
    """Tell whether it failed less than a minute ago: whoever needs it comes again later."""
    return Outage.objects.filter(service=service, retry_at__gt=timezone.now()).exists()


def began(service: str) -> datetime | None:
    """Return since when it has not answered; None if it answered when it was last asked."""
    return Outage.objects.filter(service=service).values_list("since", flat=True).first()


def note_failure(service: str, error: Exception) -> None:
    reason = type(error).__name__
    now = timezone.now()
    Outage.objects.update_or_create(
        service=service, defaults={"retry_at": now + PAUSE, "reason": reason[:60]}
    )


def note_answer(service: str) -> None:
    Outage.objects.filter(service=service).delete()
