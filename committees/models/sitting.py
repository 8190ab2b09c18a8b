"""A meeting while it sits: when it began, since when its item is spoken of, how people check in,
and the interests that were declared at its opening."""

from datetime import date, datetime
from typing import Self

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models.agenda import AgendaItem
from committees.models.meeting import Meeting
from committees.models.seat import Seat

SIGNER = signing.Signer(salt="committees.check-in")


class Sitting(models.Model):
    """The hours of a meeting in session. It has no history, since it changes by the minute."""

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="sitting")
    opened_at = models.DateTimeField(_("opened"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    # Since when the meeting's current item is spoken of.
    item_since = models.DateTimeField(null=True)
    # Interests are asked for at the opening, and "nobody declared one" is an answer.
    interests_asked = models.BooleanField(default=False)
    # Without a quorum it went on, to inform only.
    informative_since = models.DateTimeField(_("informative since"), null=True)
    # Each new code makes those before it worthless; a number is never used again.
    check_in_round = models.PositiveIntegerField(default=0)
    check_in_is_open = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("sitting")
        verbose_name_plural = _("sittings")

    def __str__(self) -> str:
        return str(self.meeting)

    @classmethod
    def of(cls, meeting: Meeting) -> Self:
        """Return the sitting of the meeting, or a new one that is not saved."""
        return cls.objects.filter(meeting=meeting).first() or cls(meeting=meeting)

    @property
    def day(self) -> date:
        """The day on which it was opened, at its place; the planned one where that is unknown."""
        zone = self.meeting.zone
        return self.opened_at.astimezone(zone).date() if self.opened_at else self.meeting.day

    def seconds_on(self, item: AgendaItem, *, at: datetime | None = None) -> int:
        """Return how many seconds have been spent on the item so far."""
        if self.meeting.current_item_id != item.pk or self.item_since is None:
            return item.seconds_spent
        return item.seconds_spent + int(((at or timezone.now()) - self.item_since).total_seconds())

    @property
    def check_in_code(self) -> str:
        return SIGNER.sign(f"{self.meeting_id}.{self.check_in_round}")

    @classmethod
    def opened_by(cls, code: str) -> "Sitting | None":
        """The sitting into which the code lets check in now; None reveals no reason."""
        try:
            meeting, number = SIGNER.unsign(code).split(".")
        except (signing.BadSignature, ValueError):
            return None
        return (
            cls.objects.select_related("meeting__committee__project")
            .filter(
                meeting=int(meeting),
                check_in_round=int(number),
                check_in_is_open=True,
                meeting__status=Meeting.Status.IN_SESSION,
            )
            .first()
        )


class InterestDeclaration(models.Model):
    """A seat declares an interest in items. Recused, it leaves their audience, vote and quorum."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="declarations")
    seat = models.ForeignKey(
        Seat, on_delete=models.PROTECT, related_name="declarations", verbose_name=_("seat")
    )
    items = models.ManyToManyField(
        AgendaItem, related_name="declarations", verbose_name=_("agenda items")
    )
    text = models.TextField(
        _("interest"),
        max_length=1000,
        help_text=_("What the interest consists of; a function rather than a name."),
    )
    recused = models.BooleanField(
        _("recused"),
        default=True,
        help_text=_(
            "For these items, the seat loses its access, its vote and its place in the quorum."
        ),
    )
    declared_at = models.DateTimeField(default=timezone.now, editable=False)
    # Of the form that recorded it: the same form sent twice records one.
    entry_key = models.UUIDField(null=True, editable=False)

    class Meta:
        ordering = ["meeting", "seat__position", "pk"]
        verbose_name = _("declaration of interests")
        verbose_name_plural = _("declarations of interests")
        constraints = [
            models.CheckConstraint(name="declaration_says_what", condition=~Q(text="")),
            models.UniqueConstraint(
                fields=["meeting", "entry_key"], name="declaration_of_a_form_sent_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat} · {self.meeting}"

    def clean(self) -> None:
        if self.seat_id and self.seat.committee_id != self.meeting.committee_id:
            raise ValidationError(_("That seat belongs to another committee."))
