"""The access log, which is append-only, and the people behind its keys.

Each event is chained to the one before by a hash that needs a key outside the database. The hash
covers nothing that a dump and its restore may change: no key of a row, no content type, and no
fraction of a second that one of the engines or formats would cut off.
"""

import hmac
import json
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.checkpoints import Checkpoint, NoCheckpoint, chained
from accounts.models.people import User


class PseudonymQuerySet(models.QuerySet["Pseudonym"]):
    def of_earlier_version(self) -> Self:
        """Keys that release 1.0 drew at random, and whose identity was not recorded since."""
        return self.filter(secret="")


class Pseudonym(models.Model):
    """The person behind a key of the access log. Deleting the row forgets the person; the log
    remains complete.

    The key is a commitment to name and address, so each event says who did it to whoever gets to
    know the secret. Without the secret, which goes with the row, it says nothing.
    """

    key = models.UUIDField(primary_key=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="pseudonym"
    )
    secret = models.CharField(max_length=64, db_default="", editable=False)

    objects = PseudonymQuerySet.as_manager()

    class Meta:
        verbose_name = _("pseudonym")
        verbose_name_plural = _("pseudonyms")

    def __str__(self) -> str:
        return str(self.key)

    @property
    def commitment(self) -> uuid.UUID:
        """Return the key that fits the present name and address."""
        return commitment(self.secret, self.user.full_name, self.user.email)

    @classmethod
    def of(cls, user: User) -> "Pseudonym":
        return cls.objects.filter(user=user).first() or cls._make(user)

    @classmethod
    @transaction.atomic
    def _make(cls, user: User) -> "Pseudonym":
        AccessChain.locked()  # so that name and address do not change meanwhile
        secret = new_secret()
        # As the database has them, since a form may hold what is not saved yet.
        name, address = User.objects.values_list("full_name", "email").get(pk=user.pk)
        values = {"key": commitment(secret, name, address), "secret": secret}
        return cls.objects.get_or_create(user=user, defaults=values)[0]


def new_secret() -> str:
    return secrets.token_hex(32)


def commitment(secret: str, name: str, address: str | None) -> uuid.UUID:
    """Return a keyed hash of an identity. Its version tells it from keys of release 1.0, which
    were drawn at random (version 4)."""
    content = json.dumps([name, address or ""]).encode()
    return uuid.UUID(bytes=hmac.digest(secret.encode(), content, "sha256")[:16], version=5)


NOTHING_BEFORE = "0" * 64


class AccessChain(models.Model):
    """The end of the log's hash chain: one row, locked while an event is appended."""

    number = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64, default=NOTHING_BEFORE)

    def __str__(self) -> str:
        return f"{self.number} {self.head}"

    @classmethod
    def locked(cls) -> "AccessChain":
        """Return the only row, locked until the transaction ends."""
        rows = cls.objects.select_for_update()
        if chain := rows.filter(pk=1).first():
            return chain
        cls.objects.get_or_create(pk=1)
        return rows.get(pk=1)


def name_of(thing: models.Model) -> tuple[str, str]:
    """Return the name under which the log knows a thing: its model and key. A person is known by
    their pseudonym, so that they can be forgotten, and since a dump need not keep their key."""
    key = Pseudonym.of(thing) if isinstance(thing, User) else thing.pk
    return thing._meta.label_lower, str(key)


class AccessEventQuerySet(models.QuerySet["AccessEvent"]):
    def about(self, thing: models.Model) -> Self:
        label, key = name_of(thing)
        return self.filter(thing_label=label, thing_key=key)

    def beginning(self) -> Checkpoint | None:
        """Return the signed state from which the log goes on, if older events were deleted."""
        entry = self.filter(kind=AccessEvent.Kind.PRUNED).order_by("-number").first()
        try:
            state = Checkpoint.read(entry.details.get("checkpoint")) if entry else None
        except NoCheckpoint:
            return None
        return state if state and state.is_genuine else None


class AccessEvent(models.Model):
    """Somebody signed in, got a role, downloaded or exported something. Append-only, hash-
    chained."""

    class Kind(models.TextChoices):
        SIGN_IN = "sign_in", _("Sign-in")
        SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
        ACCOUNT = "account", _("Password or second step changed")
        REFUSED = "refused", _("Access refused")
        ROLE = "role", _("Role changed")
        LINK_ISSUED = "link_issued", _("Access link issued")
        LINK_REVOKED = "link_revoked", _("Access links revoked")
        LINK = "link", _("Access link used")
        DOWNLOAD = "download", _("Download")
        EXPORT = "export", _("Export")
        PRUNED = "pruned", _("Old events deleted")
        IDENTITY = "identity", _("Identity of a person")

    # What visitors can cause is recorded at most this often an hour, so that it does not fill the
    # log: MOST_OF_ONE for one person or typed address, MOST_AN_HOUR for all known people together
    # and for all others together. Unknown addresses use up nothing of what is left for known
    # people; wrong passwords for known people do.
    MOST_AN_HOUR = 300
    MOST_OF_ONE = 20

    number = models.PositiveBigIntegerField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    key = models.UUIDField(null=True)
    thing_label = models.CharField(_("about"), max_length=100, blank=True)
    thing_key = models.CharField(max_length=64, blank=True)
    details = models.JSONField(default=dict)
    at = models.DateTimeField(_("at"))
    hash = models.CharField(max_length=64)

    objects = AccessEventQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        indexes = [
            models.Index(fields=["thing_label", "thing_key"]),
            models.Index(fields=["kind", "at"]),
        ]
        verbose_name = _("access event")
        verbose_name_plural = _("access events")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.at:%Y-%m-%d %H:%M}"

    @property
    def is_of_visitor(self) -> bool:
        """Whether it was done by somebody who was not signed in, and not by the operator."""
        return self.key is None and self.kind in {self.Kind.SIGN_IN_FAILED, self.Kind.REFUSED}

    @property
    def thing_name(self) -> str:
        """What the event is about, as a reader knows it: the kind of thing and its key."""
        try:
            name = str(apps.get_model(self.thing_label)._meta.verbose_name)
        except (LookupError, ValueError):  # no thing, or of a kind that the portal no longer has
            name = self.thing_label
        is_person = self.thing_label == User._meta.label_lower
        return capfirst(name if is_person else f"{name} {self.thing_key}".strip())

    @property
    def thing(self) -> models.Model | None:
        """What the event is about, unless it is gone."""
        if self.thing_label == User._meta.label_lower:
            return User.objects.filter(pseudonym__key=self.thing_key).first()
        try:
            model = apps.get_model(self.thing_label)
        except (LookupError, ValueError):
            return None
        found: models.Model | None = model._base_manager.filter(pk=self.thing_key).first()
        return found

    def computed_hash(self, previous: str) -> str:
        content = [
            previous,
            self.number,
            self.kind,
            str(self.key or ""),
            self.thing_label,
            self.thing_key,
            self.details,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
        ]
        return chained(json.dumps(content, sort_keys=True, separators=(",", ":")).encode())

    @classmethod
    @transaction.atomic(savepoint=False)
    def record(
        cls,
        kind: str,
        *,
        user: User | None,
        thing: models.Model | None = None,
        person: User | None = None,
        **details: Any,
    ) -> "AccessEvent":
        """Append an event; `user` is None for what the portal's operator or a visitor did.

        `person` is whom it concerns, such as who got a role. Put no names into `details`: an event
        cannot be taken out of the log. No fractions either, which engines write differently.
        """
        by = Pseudonym.of(user).key if user else None
        label, key = name_of(thing) if thing else ("", "")
        if person:
            details["person"] = str(Pseudonym.of(person))
        chain = AccessChain.locked()
        event = cls(
            number=chain.number + 1,
            kind=kind,
            key=by,
            thing_label=label,
            thing_key=key,
            details=details,
            at=to_milliseconds(timezone.now()),
        )
        event.hash = event.computed_hash(chain.head)
        event.save(force_insert=True)
        chain.number, chain.head = event.number, event.hash
        chain.save(update_fields=["number", "head"])
        return event

    @classmethod
    def record_if_few(
        cls,
        kind: str,
        *,
        among: Q,
        same: Q,
        user: User | None,
        thing: models.Model | None = None,
        person: User | None = None,
        **details: Any,
    ) -> "AccessEvent | None":
        """Append an event, unless there were many of its kind in the last hour `among` those that
        share a limit, or many that are the `same`. The last one says that no more will be recorded.
        """
        latest = cls.objects.filter(among, kind=kind, at__gte=timezone.now() - timedelta(hours=1))
        count = latest.aggregate(all=Count("pk"), same=Count("pk", filter=same))
        left = min(cls.MOST_AN_HOUR - count["all"], cls.MOST_OF_ONE - count["same"])
        if left <= 0:
            return None
        if left == 1:
            details["more"] = "not recorded"
        return cls.record(kind, user=user, thing=thing, person=person, **details)


def to_milliseconds(moment: datetime) -> datetime:
    """Cut off what JSON dumps do not keep."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
