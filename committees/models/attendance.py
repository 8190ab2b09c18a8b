"""The attendance of a meeting: seat by seat, its guests, and the participants file that waits."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.models.meeting import Meeting
from committees.models.seat import Seat
from kernel.files import WaitingFile
from partners.models import Contact, Institution


class Stay(NamedTuple):
    """From when to when somebody was there without leaving; None where it is not known."""

    arrived_at: datetime | None
    left_at: datetime | None

    @classmethod
    def read(cls, kept: list[str | None]) -> Self:
        return cls(*(datetime.fromisoformat(moment) if moment else None for moment in kept))

    def covers(self, moment: datetime) -> bool:
        came = self.arrived_at is None or self.arrived_at <= moment
        return came and (self.left_at is None or self.left_at > moment)


class Attendance(models.Model):
    """A seat or a guest at a meeting. Never history-kept: attendance must be forgettable."""

    class Presence(models.TextChoices):
        IN_PERSON = "in_person", _("In person")
        ONLINE = "online", _("Online")
        EXCUSED = "excused", _("Excused")
        ABSENT = "absent", _("Absent")

    THERE = frozenset({Presence.IN_PERSON, Presence.ONLINE})

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendances")
    seat = models.ForeignKey(
        Seat,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attendances",
        verbose_name=_("seat"),
    )
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("institution"),
    )
    contact = models.ForeignKey(
        Contact,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="attendances",
        verbose_name=_("person"),
    )
    # Kept when the name is destroyed, so that the counts of women and men stay right.
    sex = models.CharField(max_length=10, choices=Contact.Sex, blank=True, editable=False)
    guest_name = models.CharField(_("guest: name or function"), max_length=200, blank=True)
    by_alternate = models.BooleanField(_("by alternate"), default=False)
    presence = models.CharField(
        _("presence"), max_length=20, choices=Presence, default=Presence.ABSENT
    )
    # Of the last stay; those before it, each from when to when, are in `earlier_stays`.
    arrived_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    earlier_stays = models.JSONField(default=list, editable=False)
    accreditation_due = models.DateField(
        _("accreditation due"),
        null=True,
        blank=True,
        help_text=_("For a delegate admitted by the chair for this meeting."),
    )

    # Of the form that added a guest: the same form sent twice adds one.
    entry_key = models.UUIDField(null=True, editable=False)

    class Meta:
        ordering = ["meeting", "seat__position", "pk"]
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "seat"],
                name="attendance_of_a_seat_once",
                violation_error_message=_("This seat is already on the attendance list."),
            ),
            models.UniqueConstraint(
                fields=["meeting", "contact"],
                condition=Q(presence__in=["in_person", "online"]),
                name="attendance_of_a_person_once",
                violation_error_message=_("One person counts for one seat: choose somebody else."),
            ),
            models.CheckConstraint(
                name="attendance_is_of_a_seat_or_guest",
                condition=Q(seat__isnull=False) | ~Q(guest_name=""),
                violation_error_message=_("Say which seat this is, or who the guest is."),
            ),
            models.CheckConstraint(
                name="attendance_leaves_after_arriving",
                condition=Q(arrived_at=None) | Q(left_at=None) | Q(left_at__gte=F("arrived_at")),
                violation_error_message=_("Nobody can leave before arriving."),
            ),
            models.UniqueConstraint(
                fields=["meeting", "entry_key"], name="attendance_of_a_form_sent_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.seat or self.guest_name)

    def is_there(self, moment: datetime | None) -> bool:
        if self.presence not in self.THERE:
            return False
        return moment is None or any(stay.covers(moment) for stay in self.stays)

    @property
    def stays(self) -> list[Stay]:
        """All times from when to when somebody was there, in their order; at least one."""
        earlier = (Stay.read(kept) for kept in self.earlier_stays)
        return [*earlier, Stay(self.arrived_at, self.left_at)]

    @stays.setter
    def stays(self, stays: Iterable[Stay]) -> None:
        *earlier, last = stays
        self.earlier_stays = [
            [moment and moment.isoformat() for moment in stay] for stay in earlier
        ]
        self.arrived_at, self.left_at = last

    def clean(self) -> None:
        if self.seat and self.seat.committee_id != self.meeting.committee_id:
            raise ValidationError(_("That seat belongs to another committee."))


KEPT_FOR = timedelta(days=1)


class ParticipantsUploadQuerySet(models.QuerySet["ParticipantsUpload"]):
    def forgotten(self) -> Self:
        return self.filter(uploaded_at__lt=timezone.now() - KEPT_FOR)


class ParticipantsUpload(WaitingFile):
    """One file per coordinator and meeting; a new one takes its place. It names people: only the
    person who gave it sees it, it has no history, and it is deleted after a day at the latest."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # Chosen by the owner of the file if 03/09 could be in March or in September.
    date_order = models.CharField(
        max_length=3,
        blank=True,
        choices=[("dmy", _("Day first")), ("mdy", _("Month first"))],
    )

    objects = ParticipantsUploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("participants file")
        verbose_name_plural = _("participants files")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "owner"], name="participantsupload_one_per_owner"
            )
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
