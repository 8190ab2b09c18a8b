"""The access log, which is append-only, and the people behind its keys."""

import hashlib
import json
import uuid
import zoneinfo
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class Pseudonym(models.Model):
    """The person behind a key of the access log. Deleting the row forgets the person; the log
    remains complete."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="pseudonym"
    )

    class Meta:
        verbose_name = _("pseudonym")
        verbose_name_plural = _("pseudonyms")

    def __str__(self) -> str:
        return str(self.key)


NOTHING_BEFORE = "0" * 64


class AccessChain(models.Model):
    """Both ends of the log's hash chain: one row, locked while an event is appended.

    `start` is the checkpoint left by the events that grew too old to keep.
    """

    start = models.CharField(max_length=64, default=NOTHING_BEFORE)
    head = models.CharField(max_length=64, default=NOTHING_BEFORE)

    def __str__(self) -> str:
        return self.head

    @classmethod
    def locked(cls) -> "AccessChain":
        """Return the only row, locked until the transaction ends."""
        cls.objects.get_or_create(pk=1)
        return cls.objects.select_for_update().get(pk=1)


class AccessEventQuerySet(models.QuerySet["AccessEvent"]):
    def about(self, thing: models.Model) -> Self:
        kind = ContentType.objects.get_for_model(thing)
        return self.filter(content_type=kind, object_id=thing.pk)

    def broken(self) -> list[int]:
        """Return the events whose hash does not follow from the one before; [] for a whole
        chain."""
        chain = AccessChain.objects.filter(pk=1).first()
        wrong, head = [], chain.start if chain else NOTHING_BEFORE
        for event in self.order_by("pk").iterator():
            if event.previous != head or event.hash != event.computed_hash():
                wrong.append(event.pk)
            head = event.hash
        return wrong

    def is_cut(self) -> bool:
        """Whether the last events are missing, which no remaining event can show by itself."""
        chain = AccessChain.objects.filter(pk=1).first()
        last = self.order_by("pk").last()
        return chain is not None and chain.head != (last.hash if last else chain.start)

    @transaction.atomic
    def forget(self, before: datetime) -> int:
        """Delete older events, and keep a checkpoint from which the remaining chain follows."""
        chain = AccessChain.locked()
        last = self.filter(at__lt=before).order_by("pk").last()
        if last is None:
            return 0
        chain.start = last.hash
        chain.save(update_fields=["start"])
        return self.filter(pk__lte=last.pk).delete()[0]


class AccessEvent(models.Model):
    """Somebody signed in, got a role, downloaded or exported something. Append-only, hash-
    chained."""

    class Kind(models.TextChoices):
        SIGN_IN = "sign_in", _("Sign-in")
        LINK = "link", _("Access link used")
        ROLE = "role", _("Role changed")
        DOWNLOAD = "download", _("Download")
        EXPORT = "export", _("Export")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    key = models.UUIDField(null=True)
    content_type = models.ForeignKey(
        ContentType, on_delete=models.PROTECT, null=True, related_name="+"
    )
    object_id = models.PositiveBigIntegerField(null=True)
    thing = GenericForeignKey()
    details = models.JSONField(default=dict)
    at = models.DateTimeField(_("at"))
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = AccessEventQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["content_type", "object_id"])]
        verbose_name = _("access event")
        verbose_name_plural = _("access events")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.at:%Y-%m-%d %H:%M}"

    def computed_hash(self) -> str:
        parts = [
            self.previous,
            self.kind,
            str(self.key),
            str(self.content_type_id),
            str(self.object_id),
            json.dumps(self.details, sort_keys=True),
            self.at.astimezone(zoneinfo.ZoneInfo("UTC")).isoformat(),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @classmethod
    @transaction.atomic
    def record(
        cls, kind: str, *, user: User | None, thing: models.Model | None = None, **details: Any
    ) -> "AccessEvent":
        """Append an event; `user` is None for what the portal's operator did.

        Put no names into `details`: an event cannot be taken out of the log.
        """
        chain = AccessChain.locked()
        pseudonym = Pseudonym.objects.get_or_create(user=user)[0] if user else None
        event = cls(
            kind=kind,
            key=pseudonym.key if pseudonym else None,
            content_type=ContentType.objects.get_for_model(thing) if thing else None,
            object_id=thing.pk if thing else None,
            details=details,
            at=timezone.now(),
            previous=chain.head,
        )
        event.hash = event.computed_hash()
        event.save()
        chain.head = event.hash
        chain.save(update_fields=["head"])
        return event
