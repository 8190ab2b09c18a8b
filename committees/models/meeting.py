"""Meetings: when, where, how far they are, and the quorum at a moment."""

import zoneinfo
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from committees.models.call import WithCall
from committees.models.clocks import wall_clock
from committees.models.committee import Committee
from committees.models.quorum import Quorum, QuorumRules, count_quorum
from committees.models.seat import Seat
from kernel.formats import city_of, ordinal
from kernel.frozen import Format
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.organisation import home_time_zone
from kernel.text import Multilingual, columns_of, translated

if TYPE_CHECKING:
    from committees.models.agenda import AgendaItem

# What `Meeting.quorum_kept` and `Meeting.announced` hold.
QUORUM_KEPT, ANNOUNCED = Format("quorum_kept"), Format("announced")


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def upcoming(self) -> Self:
        return self.filter(ends_at__gte=timezone.now()).exclude(status__in=Meeting.OVER)

    def past(self) -> Self:
        return self.filter(Q(ends_at__lt=timezone.now()) | Q(status__in=Meeting.OVER))

    def overlapping(self, meeting: "Meeting") -> Self:
        """Those that go on, by known hours, while this one does."""
        known = self.filter(time_is_known=True).exclude(status=Meeting.Status.CANCELLED)
        return known.filter(starts_at__lt=meeting.ends_at, ends_at__gt=meeting.starts_at)

    def held(self) -> Self:
        return self.filter(status=Meeting.Status.HELD)

    def of_chart(self) -> Self:
        """Read what the charts of attendance count, newest first."""
        return self.order_by("-starts_at").only(
            *("committee", "number", "starts_at", "time_zone", "status", "is_second_call"),
            *("quorum_is_stated", "quorum_kept"),
        )

    def with_related(self) -> Self:
        return self.select_related("committee__project")

    def to_list(self) -> Self:
        """Read what a list of many projects shows of each."""
        names = columns_of("committee__name", "committee__project__short_title")
        return self.with_related().only(
            *("number", "mode", "place", "starts_at", "time_zone", "time_is_known", "status"),
            *names,
        )

    def for_page(self) -> Self:
        """Read the meeting with its committee and project, and whether it has documents and
        resolutions, so that a page asks only for kinds that occur."""
        return self.with_related().annotate(
            **{
                f"has_{name}": Exists(model.objects.filter(meeting=OuterRef("pk")))
                for name in ("documents", "resolutions")
                if (model := getattr(Meeting, name).rel.related_model)
            }
        )


class Meeting(WithCall, Lifecycle, Multilingual):
    # Added by `for_page`, and missing without it.
    has_documents: bool
    has_resolutions: bool

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

    OVER = frozenset({Status.HELD, Status.CANCELLED})
    TO_COME = frozenset({Status.PLANNED, Status.CONVENED, Status.FROZEN})

    STEPS = {
        "convene": Step.of(Status.PLANNED, Status.CONVENED, _("Convene")),
        "freeze": Step.of(Status.CONVENED, Status.FROZEN, _("Freeze the agenda")),
        "open": Step.of(
            [Status.CONVENED, Status.FROZEN], Status.IN_SESSION, _("Start the meeting")
        ),
        "close": Step.of(Status.IN_SESSION, Status.HELD, _("Close the meeting")),
        "record_afterwards": Step.of(Status.PLANNED, Status.HELD, _("Record afterwards")),
        "adjourn": Step.of(Status.IN_SESSION, Status.ADJOURNED, _("Adjourn without quorum")),
        "reconvene": Step.of(Status.ADJOURNED, Status.CONVENED, _("Reconvene on second call")),
        "postpone": Step.of([Status.CONVENED, Status.FROZEN], Status.PLANNED, _("Postpone")),
        "cancel": Step.of(TO_COME, Status.CANCELLED, _("Cancel the meeting")),
        # What was closed or opened by mistake (`committees.meetings.services.undoing`).
        "reopen": Step.of(
            [Status.HELD, Status.ADJOURNED], Status.IN_SESSION, _("Reopen the session")
        ),
        "take_back": Step.of(
            Status.IN_SESSION, Status.CONVENED, _("Undo the opening of the session")
        ),
        "take_back_record": Step.of(
            Status.HELD, Status.PLANNED, _("Undo the record of the meeting")
        ),
    }

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="meetings")
    number = models.PositiveSmallIntegerField(_("number"), validators=[MinValueValidator(1)])
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.ORDINARY)
    mode = models.CharField(_("mode"), max_length=20, choices=Mode, default=Mode.ONLINE)
    starts_at = models.DateTimeField(_("start"))
    ends_at = models.DateTimeField(_("end"))
    time_zone = models.CharField(_("time zone"), max_length=50, default=home_time_zone)
    # Old meetings may be known by their day only.
    time_is_known = models.BooleanField(_("the time of day is known"), default=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
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
    # The quorum counted when it was over, with the rules for it (`keep_quorum`).
    quorum_kept = models.JSONField(null=True, editable=False)
    convened_on = models.DateField(_("convened on"), null=True, editable=False)
    # The state at the last notice (`committees.meetings.services.announced`), and the number of
    # notices, by which calendars order the files that they receive.
    announced = models.JSONField(null=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    # Set by the minutes: attendance and resolutions are fixed once they circulate, the notes once
    # the final draft is made. If the minutes return to draft, both are open again.
    records_stand = models.BooleanField(default=False, editable=False)
    notes_stand = models.BooleanField(default=False, editable=False)
    current_item = models.ForeignKey(
        "AgendaItem", on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
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
                violation_error_message=_("The committee already has a meeting with this number."),
            ),
        ]

    def __str__(self) -> str:
        return _("%(ordinal)s meeting") % {"ordinal": ordinal(self.number, gender="f")}

    def get_absolute_url(self) -> str:
        return reverse("committees:meeting", args=[self.pk])

    @property
    def uid(self) -> str:
        """How calendars know the meeting, which never changes."""
        return f"meeting-{self.pk}@{settings.SITE_HOST}"

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def city(self) -> str:
        return city_of(self.time_zone)

    def at(self, clock: time) -> datetime:
        """The moment of the meeting's day at which clocks there show that time.

        Of a meeting that was opened here it is the day of its opening, and after midnight the
        next one.
        """
        sitting = getattr(self, "sitting", None)
        if not (sitting and sitting.opened_at):
            return wall_clock(self.day, clock, self.zone)
        moment = wall_clock(sitting.day, clock, self.zone)
        if moment < sitting.opened_at - timedelta(hours=12):
            moment = wall_clock(sitting.day + timedelta(days=1), clock, self.zone)
        return moment

    @property
    def day(self) -> date:
        """The calendar day where the meeting takes place."""
        return self.starts_at.astimezone(self.zone).date()

    @property
    def is_draft(self) -> bool:
        """Whether members do not see it (`committees.permissions.meetings.shown_to_members`)."""
        was_cancelled = self.status == self.Status.CANCELLED and self.convened_on is None
        return was_cancelled or self.status == self.Status.PLANNED

    @property
    def is_announced(self) -> bool:
        """Whether people were invited, so that they are notified of every change."""
        return self.status in {self.Status.CONVENED, self.Status.FROZEN}

    @property
    def notice_given(self) -> int | None:
        """The days between convening and the meeting."""
        return (self.day - self.convened_on).days if self.convened_on else None

    @property
    def minutes_long(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def is_open_for_records(self) -> bool:
        """Whether attendance and resolutions may be recorded, until the minutes circulate."""
        return self.was_begun and not self.records_stand

    @property
    def notes_are_open(self) -> bool:
        """The notes are mended until the final draft of the minutes."""
        return self.was_begun and not self.notes_stand

    @property
    def was_begun(self) -> bool:
        return self.status in {self.Status.IN_SESSION, self.Status.HELD}

    @property
    def is_past(self) -> bool:
        return self.ends_at <= timezone.now()

    @property
    def may_change_dates(self) -> bool:
        """Whether the dates may be edited: before it is held, or if it is recorded afterwards."""
        return self.status in self.TO_COME or self.recorded_afterwards

    @property
    def notice_is_short(self) -> bool:
        given = self.notice_given
        return given is not None and given < self.notice_asked

    @property
    def notice_asked(self) -> int:
        """Days of notice that the terms of reference ask for, by kind of meeting."""
        is_extraordinary = self.kind == self.Kind.EXTRAORDINARY
        return self.committee.notice_asked(extraordinary=is_extraordinary)

    @property
    def agenda_is_open(self) -> bool:
        over = {self.Status.CANCELLED, self.Status.ADJOURNED}
        return self.status not in over and not self.records_stand

    @property
    def agenda_is_frozen(self) -> bool:
        """From then on a new item for decision needs the consent of all.

        Opening fixes the agenda where nobody froze it; what is typed in later only writes down
        what the agenda was.
        """
        fixed = {self.Status.FROZEN, self.Status.IN_SESSION, self.Status.HELD}
        return self.status in fixed and not self.recorded_afterwards

    @property
    def states_no_quorum(self) -> bool:
        """Whether this is an old meeting whose records do not state who was present."""
        return self.status == self.Status.HELD and not self.quorum_is_stated

    @property
    def quorum_rules(self) -> QuorumRules:
        """The rules it sat under, once it is over; until then those of the committee."""
        if self.quorum_kept:
            return QuorumRules.read(QUORUM_KEPT.read(self.quorum_kept)["rules"])
        return self.committee.quorum_rules()

    def quorum_at(
        self, moment: datetime | None = None, *, item: "AgendaItem | None" = None
    ) -> Quorum:
        """The quorum at a moment (None: whoever came at any time counts), for an agenda item
        where one is named: a seat that is recused from it is not counted as present.

        A voting seat counts once when its holder, alternate or accredited delegate is
        present; vacant seats count in the total unless the terms say otherwise (`QuorumRules`).
        A delegate whose accreditation is due counts where the terms say so. The number of
        queries does not depend on the seats.
        """
        rules, recused = self.quorum_rules, self.seats_recused_from(item)
        return self.count(self.seats_to_count(rules), rules, moment, recused)

    def seats_to_count(self, rules: QuorumRules) -> list[Seat]:
        """Return the voting seats of the day, with those who hold them where a vacant one does not
        count."""
        with_holders = not rules.counts_vacant_seats
        return list(self.committee.seats.on(self.day).to_count(with_holders=with_holders))

    def count(
        self,
        seats: Iterable[Seat],
        rules: QuorumRules,
        moment: datetime | None = None,
        recused: Collection[int] = frozenset(),
    ) -> Quorum:
        """Count the quorum as `quorum_at` does, with seats that the caller has read for several
        meetings."""
        there = {
            row.seat_id: row.by_alternate
            for row in self.attendances.all()
            if row.seat_id
            and row.is_there(moment)
            and (rules.counts_admitted_delegates or not row.accreditation_due)
        }
        return count_quorum(
            [seat for seat in seats if seat.is_voting and seat.exists_on(self.day)],
            there.keys(),
            rules,
            day=self.day,
            by_alternate={seat for seat, by_alternate in there.items() if by_alternate},
            second_call=self.is_second_call,
            recused=recused,
        )

    def seats_recused_from(self, item: "AgendaItem | None") -> set[int]:
        """The keys of the seats that declared an interest in the item and left it."""
        if item is None:
            return set()
        recusals = self.declarations.filter(recused=True, items=item)
        return set(recusals.values_list("seat", flat=True))

    def recorded_quorum(self) -> Quorum | None:
        """Return the quorum that documents and lists show: the one recorded when the meeting was
        over, or None for an old meeting that does not state it."""
        if self.states_no_quorum:
            return None
        if self.quorum_kept:
            return Quorum.read(QUORUM_KEPT.read(self.quorum_kept)["facts"])
        return self.quorum_at()

    def take(self, verb: str, **facts: Any) -> None:
        super().take(verb, **facts)
        self.keep_quorum()

    def keep_quorum(self) -> None:
        """Keep what was counted with the meeting, and by which rules: later rules and seats
        change nothing of it. Only of one that is over: done when it ends, and again when its
        attendance is mended."""
        if self.status != self.Status.HELD:
            return
        counted = {"rules": self.quorum_rules.written(), "facts": self.quorum_at().written()}
        kept = QUORUM_KEPT.numbered(counted)
        Meeting.objects.filter(pk=self.pk).update(quorum_kept=kept)
        self.quorum_kept = kept
