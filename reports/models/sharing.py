"""Links by which somebody without an account gets one document."""

import secrets
from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.models import AccessEvent, User, hash_token
from reports.models.rendition import Rendition


class SharedLinkQuerySet(models.QuerySet["SharedLink"]):
    def valid(self) -> Self:
        return self.filter(expires_at__gt=timezone.now(), revoked_at=None)

    def opened_by(self, token: str) -> "SharedLink | None":
        """Return the valid link with that token; None does not reveal why there is none."""
        return self.valid().filter(token_hash=hash_token(token)).first()


class SharedLink(models.Model):
    """Gives one document to whoever holds the address, until a day or until it is revoked.

    It is no `accounts.AccessLink`, which speaks for a person with an account. Only a hash of the
    token is kept: whoever reads the database cannot use the link.
    """

    class State(models.TextChoices):
        VALID = "valid", pgettext_lazy("of a link", "Valid")
        EXPIRED = "expired", pgettext_lazy("of a link", "Expired")
        REVOKED = "revoked", pgettext_lazy("of a link", "Revoked")

    DAYS = 30
    MAX_DAYS = 365

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    rendition = models.ForeignKey(
        Rendition, on_delete=models.CASCADE, related_name="shared_links", verbose_name=_("document")
    )
    label = models.CharField(_("for whom"), max_length=120)
    expires_at = models.DateTimeField(_("expires"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    # The public page of the portal lists the document, for anybody.
    is_listed = models.BooleanField(_("list it on the public page"), default=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = SharedLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("link to a document")
        verbose_name_plural = _("links to documents")

    def __str__(self) -> str:
        return self.label

    @classmethod
    @transaction.atomic(savepoint=False)
    def issue(
        cls,
        rendition: Rendition,
        *,
        label: str,
        expires_at: datetime,
        by: User,
        is_listed: bool = False,
    ) -> tuple["SharedLink", str]:
        """Make a link and answer it with its token, which is not kept and shown only now."""
        token = secrets.token_urlsafe(32)
        link = cls.objects.create(
            token_hash=hash_token(token),
            rendition=rendition,
            label=label,
            expires_at=expires_at,
            is_listed=is_listed,
            created_by=by,
        )
        AccessEvent.record(
            AccessEvent.Kind.LINK_ISSUED, user=by, thing=rendition, shared_link=link.pk
        )
        return link, token

    @property
    def state(self) -> State:
        if self.revoked_at:
            return self.State.REVOKED
        return self.State.VALID if self.expires_at > timezone.now() else self.State.EXPIRED

    @property
    def is_valid(self) -> bool:
        return self.state == self.State.VALID

    @property
    def last_day(self) -> date:
        """The day at whose end it expires."""
        return timezone.localdate(self.expires_at - timedelta(seconds=1))

    @transaction.atomic(savepoint=False)
    def revoke(self, *, by: User | None = None) -> None:
        """Make the link open nothing from now on; the day of an earlier revocation is kept."""
        valid = SharedLink.objects.filter(pk=self.pk, revoked_at=None)
        if valid.update(revoked_at=timezone.now()):
            AccessEvent.record(
                AccessEvent.Kind.LINK_REVOKED, user=by, thing=self.rendition, shared_link=self.pk
            )
        self.refresh_from_db(fields=["revoked_at"])
