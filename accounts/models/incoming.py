"""Mail that came in: what kind, about what, and what became of it. Not its words."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.models.people import User


class IncomingMailQuerySet(models.QuerySet["IncomingMail"]):
    def quarantined(self) -> Self:
        return self.filter(outcome=IncomingMail.Outcome.QUARANTINED)

    def forget(self, before: datetime) -> int:
        return self.filter(received_at__lt=before).delete()[0]


class IncomingMail(models.Model):
    """One message that came in, so that none counts twice and people see what became of it.

    Its content is kept only if nothing could read it, for the administrator.
    """

    class Kind(models.TextChoices):
        ANSWER = "answer", _("Answer from a calendar")
        REPLY = "reply", pgettext_lazy("incoming mail", "Reply")
        AUTOMATIC = "automatic", _("Automatic message")
        BOUNCE = "bounce", _("Message that came back")
        DELAY = "delay", _("Message that is late")
        UNREADABLE = "unreadable", _("Unreadable")

    class Outcome(models.TextChoices):
        TAKEN = "taken", pgettext_lazy("incoming mail", "Taken")
        DROPPED = "dropped", pgettext_lazy("incoming mail", "Dropped")
        REFUSED = "refused", pgettext_lazy("incoming mail", "Refused")
        QUARANTINED = "quarantined", pgettext_lazy("incoming mail", "In quarantine")

    class Reason(models.TextChoices):
        UNSIGNED = "unsigned", _("It came to an address that is not one of the portal's.")
        SENDER = "sender", _("The sender is not the person to whom the address belongs.")
        UNPROVED = "unproved", _("The mail server does not confirm the sender.")
        ATTENDEE = "attendee", _("It is the answer of somebody else.")
        EVENT = "event", _("It answers another event than this invitation.")
        UNCLEAR = "unclear", _("It is not one answer of one person to one event.")
        OTHER_ADDRESS = "other_address", _("It reports an address to which nothing was sent.")
        REVOKED = "revoked", _("The links of the person to it were revoked.")
        EXPIRED = "expired", _("The message that it answers is too old: its address has ended.")
        NOT_ASKED = "not_asked", _("Nothing can be answered there by mail.")
        NOT_NOW = "not_now", _("No answer is taken there any more; the sender was told so.")
        TOO_MANY = "too_many", _("The person sent very many messages within an hour.")
        EMPTY = "empty", _("It held nothing but quoted text or attachments.")
        AUTOMATIC = "automatic", _("No person wrote it.")
        DELAYED = "delayed", _("A mail server is still trying to deliver a message.")
        TOO_LARGE = "too_large", _("It is too large, or its parts are too deeply nested.")
        ENCRYPTED = "encrypted", _("It is encrypted, or in a form that only Outlook reads.")
        BROKEN = "broken", _("It could not be read. Tell whoever maintains the portal.")

    # Of Message-ID, sender, recipients and text: the same message that comes again counts once.
    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    received_at = models.DateTimeField(_("received"), default=timezone.now, db_index=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    content_type = models.ForeignKey(
        ContentType, on_delete=models.CASCADE, null=True, related_name="+"
    )
    object_id = models.PositiveBigIntegerField(null=True)
    thing = GenericForeignKey()
    content = models.BinaryField(null=True, editable=False)

    objects = IncomingMailQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("incoming message")
        verbose_name_plural = _("incoming messages")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.received_at:%Y-%m-%d %H:%M}"

    def note(self, outcome: str, reason: str = "") -> None:
        self.outcome, self.reason = outcome, reason

    def note_place(self, person: User | None, thing: models.Model) -> None:
        self.person, self.thing = person, thing

    @property
    def tone(self) -> str:
        tones = {self.Outcome.TAKEN: "ok", self.Outcome.DROPPED: "neutral"}
        return tones.get(self.Outcome(self.outcome), "warn")

    @property
    def about(self) -> str:
        """The kind of thing it is about; the thing itself may be gone."""
        model = self.content_type.model_class() if self.content_type else None
        return capfirst(str(model._meta.verbose_name)) if model else ""
