"""Mail to people: first a row is written, then the mail server gets it, and never twice."""

import base64
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.models.people import User
from kernel.jobs import Job, JobQuerySet


class Attachment(NamedTuple):
    """A file that goes with a message."""

    name: str
    content: bytes
    kind: str

    def as_row(self) -> dict[str, str]:
        content = base64.b64encode(self.content).decode("ascii")
        return {"name": self.name, "content": content, "kind": self.kind}

    @classmethod
    def of_row(cls, row: dict[str, str]) -> "Attachment":
        return cls(row["name"], base64.b64decode(row["content"]), row["kind"])


class Delivery(models.TextChoices):
    """What became of a message, in the words shown to the coordination."""

    WAITING = "waiting", _("Waiting to be sent")
    PREPARED = "prepared", _("In the mailbox, not sent")
    SENT = "sent", _("Sent")
    BOUNCED = "bounced", pgettext_lazy("of a message", "Came back")
    UNCLEAR = "unclear", _("Unclear whether it was sent")
    NOT_SENT = "not_sent", _("Not sent")


EMPTIED = {
    "address": "",
    "text": "",
    "html": "",
    "attachments": [],
    "sender": "",
    "reply_to": "",
    "unsubscribe_url": "",
    "bounce_reason": "",
}


CLAIMS = 5  # of rows that other workers may take at the same moment
LONGEST_OUTAGE = timedelta(days=3)


class OutgoingMailQuerySet(JobQuerySet["OutgoingMail"]):
    def due(self) -> Self:
        """Return messages to send now, without those that a server was given: nobody knows whether
        they went out."""
        return super().due().filter(handed_over_at=None)

    def claim_next(self, *, lease: timedelta) -> "OutgoingMail | None":
        """Take the oldest message that waits, or return None if there is nothing to take."""
        for pk in self.due().order_by("pk").values_list("pk", flat=True)[:CLAIMS]:
            if taken := self.claim(pk, lease=lease):
                return taken
        return None

    def give_up(self, began: datetime) -> int:
        """Fail what has waited for days for a mail server that has been away since `began`: meanwhile
        it was asked for few of them."""
        limit = timezone.now() - LONGEST_OUTAGE
        if began > limit:
            return 0
        return (
            self.due()
            .filter(state=Job.State.QUEUED, requested_at__lt=limit)
            .update(
                state=Job.State.FAILED,
                failure=OutgoingMail.Failure.UNREACHABLE,
                finished_at=timezone.now(),
            )
        )

    def daily_of(self, person: User) -> Self:
        """Return the daily messages that were written to the person today, where they are."""
        now = timezone.localtime(timezone=person.zone)
        morning = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return self.filter(person=person, is_daily=True, requested_at__gte=morning)

    def interrupted(self) -> Self:
        """Return messages that a worker gave to the mail server and then said nothing more
        about."""
        return self.filter(
            state=Job.State.WORKING, handed_over_at__isnull=False, lease_until__lt=timezone.now()
        )

    def unclear(self) -> Self:
        """Return messages that may or may not have gone out and can be sent again: their text is there."""
        failed = self.filter(state=Job.State.FAILED, failure=OutgoingMail.Failure.UNCLEAR)
        return failed.exclude(text="")

    def undelivered(self, since: datetime) -> Self:
        """Return what has failed since then, or waits because a server refused it or did not answer."""
        waits = Q(state=Job.State.QUEUED, attempt__gt=0)
        return self.filter(waits | Q(state=Job.State.FAILED, finished_at__gte=since))

    def settle_interrupted(self) -> int:
        """Mark them as unclear; a person decides whether to write again."""
        return self.interrupted().update(
            state=Job.State.FAILED,
            failure=OutgoingMail.Failure.UNCLEAR,
            token=None,
            finished_at=timezone.now(),
        )

    def forget_texts(self, before: datetime) -> int:
        """Empty old messages that were not sent. Sent ones are emptied at once: they hold the
        tokens of access links."""
        over = self.filter(finished_at__lt=before).exclude(text="", bounce_reason="")
        return over.exclude(state__in=[Job.State.QUEUED, Job.State.WORKING]).update(**EMPTIED)

    def forget(self, before: datetime) -> int:
        return self.filter(finished_at__lt=before).delete()[0]


def thread_of(thing: models.Model | None) -> str:
    """Return the name of the thread of the messages about a thing. A thing whose messages are those of
    another, as an invitation's are its meeting's, names that one as `mail_about`."""
    about = getattr(thing, "mail_about", thing)
    return f"{about._meta.label_lower}.{about.pk}" if about else ""


class OutgoingMail(Job):
    """One message to one person.

    A worker marks the row just before it gives the message to the mail server. If it dies before
    that, the next worker takes the row up. After that the message is never sent again by itself: if
    no server confirmed or refused it, it is shown as unclear.
    """

    class Failure(models.TextChoices):
        REFUSED = "refused", _("The mail server refused the address.")
        # While it waits for its next try, too: what is wrong is not this address.
        POLICY = (
            "policy",
            _(
                "The mail server refuses messages of this portal by a rule; it is asked for three days."
            ),
        )
        UNREACHABLE = "unreachable", _("The mail server could not be reached for days.")
        UNCLEAR = (
            "unclear",
            _("The connection to the mail server broke off: the message may have gone out."),
        )
        WORKER_DIED = "worker_died", _("The work was interrupted several times. Try again.")
        BROKEN = (
            "broken",
            _("Something in the portal failed. Try again, or tell your administrator."),
        )
        TRAINING = "training", _("Not sent: this project is for training.")

    # What the mail server said no to, whatever it meant.
    REFUSALS: ClassVar[frozenset[str]] = frozenset({"refused", "policy"})
    # Of a message that is kept and never sent.
    SILENT: ClassVar[dict[str, Any]] = {"state": Job.State.CANCELLED, "failure": "training"}

    MAX_ATTEMPTS = 80  # with the pauses below: about three days
    LONGEST_PAUSE = timedelta(hours=1)

    # Empty for people without an account, such as those who propose a project.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="mail"
    )
    # Says what the message is about: a second message with the same key is not sent.
    key = models.CharField(max_length=150, unique=True, null=True, blank=True)
    address = models.EmailField(_("e-mail address"), blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    # The name beside the portal's own address, and who gets an answer.
    sender = models.CharField(_("sender"), max_length=200, blank=True)
    reply_to = models.EmailField(_("answers go to"), blank=True)
    # What mail programs show together: the thing that messages are about. It stays, so that what
    # comes back later is known to be about it.
    thread = models.CharField(max_length=100, blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(blank=True)
    attachments = models.JSONField(default=list, blank=True)
    # A page that stops messages of this kind on POST, from a person or from a mail program.
    unsubscribe_url = models.CharField(max_length=300, blank=True)
    # Of the messages that the portal writes by itself, of which a person gets one a day.
    is_daily = models.BooleanField(default=False, editable=False)
    failure = models.CharField(max_length=20, choices=Failure, blank=True, editable=False)
    handed_over_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    bounced_at = models.DateTimeField(_("came back"), null=True, editable=False)
    bounce_reason = models.CharField(max_length=300, blank=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="mail_to_be_sent",
                condition=Q(state__in=["queued", "working"]),
            )
        ]
        verbose_name = _("message")
        verbose_name_plural = _("messages")

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def delivery(self) -> Delivery:
        if self.bounced_at:
            return Delivery.BOUNCED
        if not settings.SENDS_MAIL and (self.sent_at or self.in_hand):
            return Delivery.PREPARED
        if self.sent_at:
            return Delivery.SENT
        if self.in_hand:
            return Delivery.WAITING
        unclear = self.failure == self.Failure.UNCLEAR
        return Delivery.UNCLEAR if unclear else Delivery.NOT_SENT

    @property
    def files(self) -> list[Attachment]:
        return [Attachment.of_row(row) for row in self.attachments]

    @classmethod
    def rows_of(cls, attachments: Iterable[Attachment]) -> list[dict[str, str]]:
        return [attachment.as_row() for attachment in attachments]

    def mark_handed_over(self, *, lease: timedelta) -> None:
        """Note that the mail server gets it: it is never sent twice. Raises `LostLease`."""
        now = timezone.now()
        self._under_token(handed_over_at=now, lease_until=now + lease)

    def mark_sent(self) -> None:
        """Note that the server took it.

        A slow worker may report this after the sweep has settled the message as unclear.
        """
        now = timezone.now()
        mine = OutgoingMail.objects.filter(pk=self.pk, sent_at=None).filter(
            Q(token=self.token, state=self.State.WORKING) | Q(failure=self.Failure.UNCLEAR)
        )
        self._write(
            mine,
            **EMPTIED,
            state=self.State.READY,
            failure="",
            token=None,
            sent_at=now,
            finished_at=now,
        )

    def mark_refused(self, reason: str) -> None:
        """Note that the server refused the address, and its reason."""
        now = timezone.now()
        self._under_token(
            state=self.State.FAILED,
            failure=self.Failure.REFUSED,
            token=None,
            bounced_at=now,
            bounce_reason=reason[:300],
            finished_at=now,
        )

    def wait(self, policy: str = "") -> None:
        """Try again later: the server took nothing, or refused it by the `policy` of these words. The
        pauses grow, and after some days it is given up."""
        failure = self.Failure.POLICY if policy else ""
        if self.attempt >= self.MAX_ATTEMPTS:
            self.fail(failure or self.Failure.UNREACHABLE)
            return
        pause = min(timedelta(seconds=30) * 2 ** min(self.attempt, 10), self.LONGEST_PAUSE)
        self.try_later(pause, handed_over_at=None, failure=failure, bounce_reason=policy[:300])

    def send_again(self) -> bool:
        """Send an unclear message once more, since a person decided so."""
        return self._from_states(
            {self.State.FAILED},
            state=self.State.QUEUED,
            failure="",
            attempt=0,
            handed_over_at=None,
            next_attempt_at=timezone.now(),
            finished_at=None,
        )

    def came_back(self, reason: str = "") -> bool:
        """Note that a mail server reported later that it could not deliver the message."""
        sent = OutgoingMail.objects.filter(pk=self.pk, bounced_at=None)
        return self._write(
            sent.exclude(sent_at=None), bounced_at=timezone.now(), bounce_reason=reason[:300]
        )

    def _write(self, rows: OutgoingMailQuerySet, **changes: Any) -> bool:
        done = bool(rows.update(**changes))
        self.refresh_from_db(fields=list(changes))
        return done
