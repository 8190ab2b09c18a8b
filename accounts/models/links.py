"""Access links, which open one page without a session."""

import hashlib
import secrets
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.access_log import AccessEvent
from accounts.models.people import User
from kernel.keys import by_whom


class AccessLinkQuerySet(models.QuerySet["AccessLink"]):
    def valid(self) -> Self:
        return self.filter(
            expires_at__gt=timezone.now(), revoked_at__isnull=True, user__is_active=True
        )

    def with_token(self, token: str) -> Self:
        return self.filter(token_hash=hash_token(token))

    def opened_by(self, token: str, purpose: str) -> "AccessLink | None":
        """Return the valid link that the token opens for this purpose, or None without any
        reason."""
        links = self.valid().select_related("user", "content_type")
        return links.with_token(token).filter(purpose=purpose).first()

    def are_revoked(self, person: User, thing: models.Model) -> bool:
        """Whether the last link that the person got to the thing was revoked."""
        kind = ContentType.objects.get_for_model(thing)
        given = self.filter(user=person, content_type=kind, object_id=thing.pk)
        newest = given.order_by("-pk").first()
        return newest is not None and newest.revoked_at is not None

    @transaction.atomic(savepoint=False)
    def revoke(self, *, by: User | None) -> int:
        """End these links, as far as they were not ended before; return how many there were."""
        found = self.filter(revoked_at=None).order_by("pk").values_list("pk", flat=True)
        links = list(found)
        if links:
            AccessLink.objects.filter(pk__in=links).update(revoked_at=timezone.now())
            AccessEvent.record(AccessEvent.Kind.LINK_REVOKED, user=by, links=links)
        return len(links)


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class AccessLink(models.Model):
    """Opens one object for one purpose to one person, without a session.

    Only a hash of the token is kept: whoever reads the database cannot use the link.
    """

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_links"
    )
    purpose = models.CharField(_("purpose"), max_length=40)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    thing = GenericForeignKey()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = by_whom(editable=True)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    # Set when its bearer did something in this request (`accounts.links.record_use`).
    is_used = False

    objects = AccessLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["content_type", "object_id"])]
        verbose_name = _("access link")
        verbose_name_plural = _("access links")

    def __str__(self) -> str:
        return f"{self.purpose} · {self.user}"

    @classmethod
    @transaction.atomic(savepoint=False)
    def issue(
        cls,
        user: User,
        purpose: str,
        thing: models.Model,
        *,
        by: User | None,
        lasts: timedelta = timedelta(days=30),
    ) -> tuple["AccessLink", str]:
        """Create a link and return it with its token. The token is not stored: show it now."""
        token = secrets.token_urlsafe(32)
        link = cls.objects.create(
            token_hash=hash_token(token),
            user=user,
            purpose=purpose,
            content_type=ContentType.objects.get_for_model(thing),
            object_id=thing.pk,
            created_by=by,
            expires_at=timezone.now() + lasts,
        )
        AccessEvent.record(
            AccessEvent.Kind.LINK_ISSUED,
            user=by,
            thing=thing,
            person=user,
            purpose=purpose,
            link=link.pk,
        )
        return link, token

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now() and self.user.is_active

    def revoke(self, *, by: User | None = None) -> None:
        AccessLink.objects.filter(pk=self.pk).revoke(by=by)
        self.refresh_from_db(fields=["revoked_at"])
