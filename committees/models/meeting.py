"""Meetings: agenda, attendance, and the quorum at a moment."""

import zoneinfo
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import User
from committees.models.committee import Committee, Seat
from kernel.formats import ordinal
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import Multilingual, translated
from partners.models import Contact, Institution
from projects.models import Project


class Audience(models.TextChoices):
    """Who is meant to read a thing: a set, not a ladder (see `committees.permissions`)."""

    COORDINATION = "coordination", _("Coordination only")
    VOTING = "voting", _("Voting seats")
    COMMITTEE = "committee", _("Committee")
    PARTNERS = "partners", _("Partners")
    DONOR = "donor", _("Donor")
    PUBLIC = "public", _("Public")


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def of_visible_projects(self, user: User) -> Self:
        return self.filter(committee__project__in=Project.objects.visible_to(user))

    def shown_to_members(self) -> Self:
        return self.exclude(status=Meeting.Status.PLANNED)

    def upcoming(self) -> Self:
        return self.filter(starts_at__gte=timezone.now()).exclude(status=Meeting.Status.CANCELLED)

    def with_related(self) -> Self:
        return self.select_related("committee__project")


class Meeting(Lifecycle, Multilingual):
    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        CONVENED = "convened", _("Convened")
        FROZEN = "frozen", _("Agenda frozen")
        IN_SESSION = "in_session", _("In session")
        HELD = "held", _("Held")
        ADJOURNED = "adjourned", _("Adjourned without quorum")
        CANCELLED = "cancelled", _("Cancelled")

    class Kind(models.TextChoices):
        ORDINARY = "ordinary", _("Ordinary meeting")
        EXTRAORDINARY = "extraordinary", _("Extraordinary meeting")

    class Mode(models.TextChoices):
        IN_PERSON = "in_person", _("In person")
        ONLINE = "online", _("Online")
        HYBRID = "hybrid", _("Hybrid")

    STEPS = {
        "convene": Step.of(Status.PLANNED, Status.CONVENED, _("Convene")),
        "freeze": Step.of(Status.CONVENED, Status.FROZEN, _("Freeze the agenda")),
        "open": Step.of([Status.CONVENED, Status.FROZEN], Status.IN_SESSION, _("Open the meeting")),
        "close": Step.of(Status.IN_SESSION, Status.HELD, _("Close the meeting")),
        "record_afterwards": Step.of(Status.PLANNED, Status.HELD, _("Record afterwards")),
        "adjourn": Step.of(Status.IN_SESSION, Status.ADJOURNED, _("Adjourn without quorum")),
        "reconvene": Step.of(Status.ADJOURNED, Status.CONVENED, _("Reconvene on second call")),
        "postpone": Step.of([Status.CONVENED, Status.FROZEN], Status.PLANNED, _("Postpone")),
        "cancel": Step.of(
            [Status.PLANNED, Status.CONVENED, Status.FROZEN],
            Status.CANCELLED,
            _("Cancel the meeting"),
        ),
    }

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="meetings")
    number = models.PositiveSmallIntegerField(_("number"), validators=[MinValueValidator(1)])
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.ORDINARY)
    mode = models.CharField(_("mode"), max_length=20, choices=Mode, default=Mode.ONLINE)
    starts_at = models.DateTimeField(_("start"))
    ends_at = models.DateTimeField(_("end"))
    time_zone = models.CharField(_("time zone"), max_length=50, default=settings.TIME_ZONE)
    # Old meetings may be known by their day only.
    time_is_known = models.BooleanField(_("the time of day is known"), default=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    call_link = models.URLField(_("link of the call"), blank=True)
    headcount = models.PositiveSmallIntegerField(
        _("number of people present"),
        null=True,
        blank=True,
        help_text=_("As counted; the list of names may be shorter."),
    )
    is_second_call = models.BooleanField(_("second call"), default=False, editable=False)
    is_constitutive = models.BooleanField(
        _("constitutive meeting"),
        default=False,
        help_text=_("Decides under the draft terms of reference that it adopts."),
    )
    recorded_afterwards = models.BooleanField(
        _("recorded afterwards"), default=False, editable=False
    )
    quorum_is_stated = models.BooleanField(
        _("the quorum is stated"),
        default=True,
        help_text=_("Switch off for an old meeting whose records do not say who was present."),
    )
    convened_on = models.DateField(_("convened on"), null=True, editable=False)
    current_item = models.ForeignKey(
        "AgendaItem",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    status = status_field(Status, Status.PLANNED)
    illustrative_note = translated(
        models.TextField(_("sources and what is illustrative"), blank=True)
    )

    objects = MeetingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["-starts_at"]
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        constraints = [
            models.CheckConstraint(
                name="meeting_ends_after_it_starts",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The meeting ends before it starts."),
            ),
            models.UniqueConstraint(
                fields=["committee", "number"],
                name="meeting_number_is_used_once",
                violation_error_message=_("The committee already has a meeting of this number."),
            ),
        ]

    def __str__(self) -> str:
        return _("%(ordinal)s meeting") % {"ordinal": ordinal(self.number, gender="f")}

    def get_absolute_url(self) -> str:
        return reverse("committees:meeting", args=[self.pk])

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def day(self):
        """The calendar day where the meeting takes place."""
        return self.starts_at.astimezone(self.zone).date()

    @property
    def notice_given(self) -> int | None:
        """Days between convening and the meeting."""
        return (self.day - self.convened_on).days if self.convened_on else None

    @property
    def minutes_long(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def is_open_for_records(self) -> bool:
        """Attendance, notes and resolutions are written in session and after it."""
        return self.status in {self.Status.IN_SESSION, self.Status.HELD}

    @property
    def agenda_is_open(self) -> bool:
        return self.status in {
            self.Status.PLANNED,
            self.Status.CONVENED,
            self.Status.IN_SESSION,
            self.Status.HELD,
        }

    def quorum_at(self, moment: datetime | None = None) -> "Quorum":
        """The quorum at a moment (None: whoever came at any time counts).

        A voting seat counts once when its holder, alternate or accredited delegate is
        present; vacant seats count in the total unless the terms say otherwise (design of
        the committee, `Committee.seats_required`). Two queries.
        """
        seats = [seat for seat in self.committee.seats.on(self.day).with_people() if seat.is_voting]
        if not self.committee.counts_vacant_seats:
            seats = [seat for seat in seats if seat.holder_on(self.day)]
        there = {
            row.seat_id: row
            for row in self.attendances.all()
            if row.seat_id and row.is_there(moment)
        }
        present = [seat for seat in seats if seat.pk in there]
        by_kind: dict[str, list[int]] = {}
        for seat in seats:
            counts = by_kind.setdefault(seat.institution.get_kind_display(), [0, 0])
            counts[0] += seat.pk in there
            counts[1] += 1
        return Quorum(
            present=len(present),
            by_alternate=sum(there[seat.pk].by_alternate for seat in present),
            total=len(seats),
            required=self.committee.seats_required(len(seats), second_call=self.is_second_call),
            by_kind=[(kind, *counts) for kind, counts in by_kind.items()],
        )


@dataclass(frozen=True)
class Quorum:
    """Voting seats present, of how many, and how many it takes."""

    present: int
    by_alternate: int
    total: int
    required: int
    by_kind: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def is_reached(self) -> bool:
        return self.total > 0 and self.present >= self.required


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def on_agenda(self) -> Self:
        return self.exclude(status__in=[AgendaItem.Status.PROPOSED, AgendaItem.Status.DECLINED])


class AgendaItem(Lifecycle, Multilingual):
    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        ACCEPTED = "accepted", _("On the agenda")
        DECLINED = "declined", _("Declined")
        DISCUSSED = "discussed", _("Discussed")
        DEFERRED = "deferred", _("Deferred")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Purpose(models.TextChoices):
        INFORM = "inform", _("To inform")
        DISCUSS = "discuss", _("To discuss")
        DECIDE = "decide", _("To decide")

    STEPS = {
        "accept": Step.of(Status.PROPOSED, Status.ACCEPTED, _("Accept")),
        "decline": Step.of(Status.PROPOSED, Status.DECLINED, _("Decline")),
        "discuss": Step.of([Status.ACCEPTED, Status.DEFERRED], Status.DISCUSSED, _("Discussed")),
        "defer": Step.of([Status.ACCEPTED, Status.DISCUSSED], Status.DEFERRED, _("Defer")),
        "withdraw": Step.of(Status.ACCEPTED, Status.WITHDRAWN, _("Withdraw")),
    }

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    title = translated(models.CharField(_("title"), max_length=200))
    purpose = models.CharField(
        _("purpose"), max_length=20, choices=Purpose, default=Purpose.DISCUSS
    )
    minutes_planned = models.PositiveSmallIntegerField(_("minutes planned"), null=True, blank=True)
    presenter = models.CharField(
        _("presented by"),
        max_length=120,
        blank=True,
        help_text=_("A role or an institution rather than a name."),
    )
    audience = models.CharField(
        _("audience"),
        max_length=20,
        choices=Audience,
        default=Audience.COMMITTEE,
        help_text=_("A reserved item is seen by its audience and the coordination alone."),
    )
    notes = models.TextField(_("notes"), blank=True, max_length=20_000)
    notes_language = models.CharField(
        _("language of the notes"),
        max_length=2,
        choices=settings.LANGUAGES,
        default=settings.LANGUAGE_CODE,
    )
    # Raised with each saved note: of two people who write at once, the second is told.
    notes_version = models.PositiveIntegerField(default=0, editable=False)
    status = status_field(Status, Status.ACCEPTED)

    objects = AgendaItemQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["meeting", "position", "pk"]
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{self.meeting.get_absolute_url()}#item-{self.pk}"


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
    guest_name = models.CharField(_("guest: name or function"), max_length=200, blank=True)
    by_alternate = models.BooleanField(_("by alternate"), default=False)
    presence = models.CharField(
        _("presence"), max_length=20, choices=Presence, default=Presence.ABSENT
    )
    arrived_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    accreditation_due = models.DateField(
        _("accreditation due"),
        null=True,
        blank=True,
        help_text=_("For a delegate whom the chair admitted for this meeting."),
    )

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
                violation_error_message=_("Nobody leaves before arriving."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.seat or self.guest_name)

    def is_there(self, moment: datetime | None) -> bool:
        if self.presence not in self.THERE:
            return False
        if moment is None:
            return True
        came = self.arrived_at is None or self.arrived_at <= moment
        stays = self.left_at is None or self.left_at > moment
        return came and stays

    def clean(self) -> None:
        if self.seat and self.seat.committee_id != self.meeting.committee_id:
            raise ValidationError(_("That seat is of another committee."))
