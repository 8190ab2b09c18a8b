"""Invitations to meetings, and the answers to them."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.models import Delivery, OutgoingMail, User
from committees.models.meeting import Meeting
from committees.models.seat import Seat, SeatTerm
from kernel.channel import ONLINE, Channel
from partners.models import Contact


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def current(self) -> Self:
        return self.filter(withdrawn_at=None)

    def of_person(self, user: User) -> Self:
        return self.current().filter(contact__user=user, contact__ended_on=None)

    def unanswered(self) -> Self:
        """Return the invitations that still need an answer.

        An answer given for another time than the meeting has now does not count, nor does "perhaps".
        Alternates are only informed.
        """
        silent = Q(answer__in=["", "tentative"]) | ~Q(answered_for=F("meeting__starts_at"))
        return self.current().exclude(capacity=Invitation.Capacity.ALTERNATE).filter(silent)

    def with_related(self) -> Self:
        return self.select_related(
            "contact__user", "alternate", "mail", "entered_by", "seat__institution"
        ).prefetch_related("seat__institution__names", "contact__institution__names")


class Invitation(models.Model):
    """One person, invited once to one meeting: for a seat, or as a guest."""

    class Capacity(models.TextChoices):
        HOLDER = "holder", _("Principal member")
        ALTERNATE = "alternate", _("Alternate")
        OBSERVER = "observer", _("Observer")
        GUEST = "guest", _("Guest")

    class Answer(models.TextChoices):
        NONE = "", pgettext_lazy("to an invitation", "No answer")
        ACCEPTED = "accepted", pgettext_lazy("to an invitation", "Comes")
        DECLINED = "declined", pgettext_lazy("to an invitation", "Does not come")
        ALTERNATE = "alternate", pgettext_lazy("to an invitation", "Sends an alternate")
        # Only calendars answer so. Whoever does is still reminded.
        TENTATIVE = "tentative", pgettext_lazy("to an invitation", "Perhaps")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="invitations")
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("person")
    )
    seat = models.ForeignKey(
        Seat, on_delete=models.CASCADE, null=True, blank=True, related_name="invitations"
    )
    capacity = models.CharField(_("capacity"), max_length=20, choices=Capacity)
    answer = models.CharField(
        _("answer"), max_length=20, choices=Answer, blank=True, default=Answer.NONE
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True, editable=False)
    # The time that the meeting had when it was answered.
    answered_for = models.DateTimeField(null=True, blank=True, editable=False)
    channel = models.CharField(
        _("channel"), max_length=20, choices=Channel, blank=True, default=Channel.PORTAL
    )
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    alternate = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    alternate_function = models.CharField(
        _("function of the person coming"), max_length=200, blank=True
    )
    # The last message to the person, and the day of the last reminder.
    mail = models.ForeignKey(
        OutgoingMail, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    reminded_on = models.DateField(null=True, editable=False)
    # How and when the coordination told somebody whom no message reaches.
    told_by = models.CharField(
        max_length=20, choices=Channel, blank=True, default="", db_default="", editable=False
    )
    told_on = models.DateField(null=True, editable=False)
    invited_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["meeting", "-seat__is_voting", "seat__position", "seat", "-capacity", "pk"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "contact"],
                name="invitation_of_a_person_once",
                violation_error_message=_("This person has already been invited."),
            ),
            models.CheckConstraint(
                name="invitation_answer_entered_with_evidence",
                condition=Q(answer="") | Q(channel__in=sorted(ONLINE)) | ~Q(evidence=""),
                violation_error_message=_(
                    "Say how you know: who called and when, or which letter it was."
                ),
            ),
            models.CheckConstraint(
                name="invitation_answer_has_its_time",
                condition=Q(answer="", answered_at=None)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_for__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return str(self.seat) if self.seat else self.get_capacity_display()

    @property
    def mail_about(self) -> Meeting:
        """What its messages are about, so that all of them are one thread."""
        return self.meeting

    def clean(self) -> None:
        if self.seat and self.contact_id and self.capacity == self.Capacity.GUEST:
            raise ValidationError(_("A guest has no seat."))

    @property
    def person(self) -> User | None:
        """The account to which the portal can write, or None if somebody has to be informed
        otherwise."""
        user = self.contact.user
        return user if user and user.is_active and not self.contact.ended_on else None

    @property
    def address(self) -> str:
        return self.contact.reached_at

    @property
    def is_asked(self) -> bool:
        return self.capacity != self.Capacity.ALTERNATE

    @property
    def is_answered(self) -> bool:
        return bool(self.answer) and self.answered_for == self.meeting.starts_at

    @property
    def is_silent(self) -> bool:
        """Whether an answer is still missing (`unanswered`)."""
        is_open = not self.is_answered or self.answer == self.Answer.TENTATIVE
        return self.is_asked and is_open and not self.withdrawn_at

    @property
    def got_nothing(self) -> bool:
        """Whether no message about the meeting has reached them."""
        missed = {Delivery.BOUNCED, Delivery.NOT_SENT}
        return self.mail is None or self.mail.delivery in missed

    @property
    def answered_another_time(self) -> bool:
        return bool(self.answer) and self.answered_for != self.meeting.starts_at

    @property
    def was_entered_for_them(self) -> bool:
        return bool(self.answer) and self.channel not in ONLINE

    @property
    def delivery(self) -> Delivery | None:
        return self.mail.delivery if self.mail else None

    def alternates(self) -> list[Contact]:
        """Return the alternates of this seat on the day of the meeting; an alternate has none."""
        if self.capacity == self.Capacity.ALTERNATE or self.seat_id is None:
            return []
        terms = SeatTerm.objects.filter(seat=self.seat_id, capacity=SeatTerm.Capacity.ALTERNATE)
        terms = terms.on(self.meeting.day).filter(contact__ended_on=None)
        return [term.contact for term in terms.select_related("contact")]

    def is_of(self, user: User) -> bool:
        """Whether it is among those `of_person`."""
        is_current = not (self.withdrawn_at or self.contact.ended_on)
        return is_current and self.contact.user_id == user.pk

    def keep_answer(self, answer: str, *, at: datetime, **facts: object) -> bool:
        """Save the answer. Returns False if the same answer was recorded already."""
        facts = {"answer": answer, "answered_for": self.meeting.starts_at} | facts
        if all(getattr(self, name) == value for name, value in facts.items()):
            return False
        for name, value in (facts | {"answered_at": at}).items():
            setattr(self, name, value)
        self.save(update_fields=[*facts, "answered_at"])
        return True


def invitation_to_answer(pk: int) -> models.QuerySet[Invitation]:
    """Read an invitation with what the page shows on which the person answers it."""
    related = ("contact__user", "meeting__committee__project")
    return Invitation.objects.filter(pk=pk).select_related(*related).order_by()
