"""People: who signs in, what a link in a mail opens, and who looked at what."""

import hashlib
import json
import secrets
import uuid
import zoneinfo
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is no time zone."), params={"name": name})


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> "User":
        """Create a person; without a password they sign in by a code sent to their address."""
        user = self.model(email=self.normalize_email(email) or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """One person, one address: letter case never makes two."""
        return (email or "").strip().lower()


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do follows from data of the other apps, per project."""

    email = models.EmailField(_("e-mail address"), unique=True, null=True, blank=True)
    full_name = models.CharField(_("full name"), max_length=200)
    language = models.CharField(
        _("language"),
        max_length=2,
        choices=settings.LANGUAGES,
        default=settings.LANGUAGE_CODE,
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=50,
        default=settings.TIME_ZONE,
        validators=[validate_time_zone],
    )
    is_staff = models.BooleanField(_("administrator"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    previous_visit = models.DateTimeField(null=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        ordering = ["full_name"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_is_one_persons",
                violation_error_message=_("Somebody else has this e-mail address."),
            )
        ]

    def __str__(self) -> str:
        return self.full_name

    def clean(self) -> None:
        super().clean()
        self.email = User.objects.normalize_email(self.email) or None
        self.full_name = " ".join(self.full_name.split())

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Their time zone; the portal's where the name they chose is known no more."""
        try:
            return zoneinfo.ZoneInfo(self.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            return zoneinfo.ZoneInfo(settings.TIME_ZONE)

    @property
    def initials(self) -> str:
        words = [word for word in self.full_name.split() if word[0].isalnum()]
        return "".join(
            word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)
        ).upper()


class AccessLinkQuerySet(models.QuerySet["AccessLink"]):
    def valid(self) -> Self:
        return self.filter(
            expires_at__gt=timezone.now(), revoked_at__isnull=True, user__is_active=True
        )

    def opened_by(self, token: str, purpose: str) -> "AccessLink | None":
        """The valid link that the token opens for that purpose; None reveals no reason."""
        links = self.valid().select_related("user", "content_type")
        return links.filter(token_hash=hash_token(token), purpose=purpose).first()


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
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    objects = AccessLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["content_type", "object_id"])]
        verbose_name = _("access link")
        verbose_name_plural = _("access links")

    def __str__(self) -> str:
        return f"{self.purpose} · {self.user}"

    @classmethod
    def issue(
        cls,
        user: User,
        purpose: str,
        thing: models.Model,
        *,
        by: User | None,
        lasts: timedelta = timedelta(days=30),
    ) -> tuple["AccessLink", str]:
        """Make a link and answer it with its token, which is not kept and shown only now."""
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
        return link, token

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now() and self.user.is_active

    def revoke(self) -> None:
        AccessLink.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now())
        self.refresh_from_db(fields=["revoked_at"])


class Pseudonym(models.Model):
    """The person behind a key of the access log. Deleting this row forgets them; the log
    stays whole."""

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
        """The one row, for this transaction alone."""
        cls.objects.get_or_create(pk=1)
        return cls.objects.select_for_update().get(pk=1)


class AccessEventQuerySet(models.QuerySet["AccessEvent"]):
    def about(self, thing: models.Model) -> Self:
        kind = ContentType.objects.get_for_model(thing)
        return self.filter(content_type=kind, object_id=thing.pk)

    def broken(self) -> list[int]:
        """The events whose hash does not follow from the one before: [] is a whole chain."""
        chain = AccessChain.objects.filter(pk=1).first()
        wrong, head = [], chain.start if chain else NOTHING_BEFORE
        for event in self.order_by("pk").iterator():
            if event.previous != head or event.hash != event.computed_hash():
                wrong.append(event.pk)
            head = event.hash
        return wrong

    def is_cut(self) -> bool:
        """Whether the last events are missing: no event left can tell that itself."""
        chain = AccessChain.objects.filter(pk=1).first()
        last = self.order_by("pk").last()
        return chain is not None and chain.head != (last.hash if last else chain.start)

    @transaction.atomic
    def forget(self, before: datetime) -> int:
        """Delete what happened before, leaving a checkpoint from which the rest still follows."""
        chain = AccessChain.locked()
        last = self.filter(at__lt=before).order_by("pk").last()
        if last is None:
            return 0
        chain.start = last.hash
        chain.save(update_fields=["start"])
        return self.filter(pk__lte=last.pk).delete()[0]


class AccessEvent(models.Model):
    """Somebody signed in, got a role, downloaded or exported. Append-only, hash-chained."""

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

        Details hold no names: what is logged cannot be unlogged.
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
