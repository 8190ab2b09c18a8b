"""What members say of minutes that circulate: comments, objections, and other words for a sentence."""

from collections.abc import Collection
from typing import Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from committees.models.agenda import AgendaItem
from committees.models.answer import NotWithdrawnManager, Withdrawable
from committees.models.minutes import Minutes
from committees.models.seat import Seat
from kernel.channel import Received


class MinutesRemarkQuerySet(models.QuerySet["MinutesRemark"]):
    def open(self) -> Self:
        return self.filter(settled_at=None)

    def for_audiences(self, audiences: Collection[str]) -> Self:
        """Leave out comments on reserved items of other audiences."""
        return self.filter(Q(agenda_item=None) | Q(agenda_item__audience__in=audiences))

    def with_related(self) -> Self:
        return self.select_related("seat__institution", "agenda_item").prefetch_related(
            "seat__institution__names"
        )


class MinutesRemark(Withdrawable, Received):
    """A member's comment on a sentence, an item or the whole, or how a sentence should read. An
    objection breaks silence."""

    class Part(models.TextChoices):
        OPENING = "opening", _("Opening")
        CLOSING = "closing", _("Closing")

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")

    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="remarks")
    agenda_item = models.ForeignKey(
        AgendaItem,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="minutes_remarks",
        verbose_name=_("agenda item"),
    )
    seat = models.ForeignKey(
        Seat, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat")
    )
    # Of a comment on one sentence: where it is, if not in an item, and what its author read.
    part = models.CharField(max_length=10, choices=Part, blank=True, default="", editable=False)
    sentence = models.TextField(_("sentence"), blank=True, default="", editable=False)
    text = models.TextField(_("comment"), blank=True, max_length=4000)
    suggestion = models.TextField(_("how it should read"), blank=True, default="", max_length=4000)
    is_objection = models.BooleanField(
        _("this is an objection"),
        default=False,
        help_text=_("While an objection is open, silence does not adopt the minutes."),
    )
    reply = models.TextField(_("reply"), blank=True, max_length=4000)
    # What the coordination did with a suggestion.
    outcome = models.CharField(
        max_length=10, choices=Outcome, blank=True, default="", editable=False
    )
    settled_at = models.DateTimeField(null=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    # Set by pages whose reader may take it back.
    withdraw_url = ""

    # What the translation queue knows of its texts.
    pairs = GenericRelation("projects.Translation")

    objects = NotWithdrawnManager.from_queryset(MinutesRemarkQuerySet)()

    class Meta(Received.Meta):
        ordering = ["pk"]
        verbose_name = _("comment on minutes")
        verbose_name_plural = _("comments on minutes")
        constraints = [
            *Received.Meta.constraints,
            models.CheckConstraint(
                name="minutesremark_says_something", condition=~Q(text="") | ~Q(suggestion="")
            ),
            models.CheckConstraint(
                name="minutesremark_suggests_for_a_sentence",
                condition=Q(suggestion="") | ~Q(sentence=""),
            ),
            models.CheckConstraint(
                name="minutesremark_declined_with_a_reply",
                condition=~Q(outcome="declined") | ~Q(reply=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat} · {(self.text or self.suggestion)[:40]}"
