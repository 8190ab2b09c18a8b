"""Resolutions of a committee: decisions, which need a quorum, and recommendations."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Self

from django.apps import apps
from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Prefetch, Q
from django.db.models.functions import Left
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from committees.models import resolution_states
from committees.models.agenda import AgendaItem
from committees.models.audience import Audience
from committees.models.committee import Committee
from committees.models.consultation import WrittenConsultation
from committees.models.meeting import Meeting
from kernel.channel import ONLINE, Channel
from kernel.entering import GRACE, entered_on_field, in_time_until
from kernel.formats import day
from kernel.lifecycle import Lifecycle, TransitionError, status_field
from kernel.text import Multilingual, columns_of, translated, which_language
from partners.models import Institution

# What `Resolution.standing` is read from.
SUCCESSOR = "superseded_by__agenda_item"
WHAT_BECAME = (
    *("withdrawn_on", "superseded_by__kind", "superseded_by__number"),
    f"{SUCCESSOR}__audience",
)


class ResolutionQuerySet(models.QuerySet["Resolution"]):
    def for_audiences(self, audiences: Collection[str]) -> Self:
        """Leave out what was resolved on items of other audiences. What was resolved between
        meetings belongs to the whole committee."""
        found = Q(agenda_item__audience__in=audiences)
        if Audience.COMMITTEE in audiences:
            found |= Q(agenda_item=None)
        return self.filter(found)

    def provisional(self) -> Self:
        return self.filter(status=Resolution.Status.PROVISIONAL)

    def decisions(self) -> Self:
        return self.filter(kind=Resolution.Kind.DECISION)

    def recommendations(self) -> Self:
        return self.filter(kind=Resolution.Kind.RECOMMENDATION)

    def adopted(self) -> Self:
        """Return the decisions that were adopted and the recommendations that were issued: all
        that people outside the committee may see."""
        return self.exclude(status__in=Resolution.NOT_ADOPTED)

    def in_force(self) -> Self:
        """Return the decisions that may bring something about, the newest first."""
        in_force = self.decisions().filter(status__in=Resolution.IN_FORCE)
        return in_force.order_by("-resolved_on", "-pk")

    def in_state(self, state: str) -> Self:
        """Filter the register by "overdue" or a key of `STATES`; another word filters nothing."""
        if state == "overdue":
            return self.overdue()
        statuses = Resolution.STATES.get(state)
        return self.filter(status__in=statuses) if statuses else self

    def years(self) -> list[int]:
        """Return the years that the numbers begin with, newest first."""
        years = self.order_by().annotate(year=Left("number", 4)).values_list("year", flat=True)
        return sorted((int(year) for year in years.distinct() if year.isdigit()), reverse=True)

    def overdue(self) -> Self:
        return self.filter(Resolution.is_late_on(timezone.localdate()))

    def to_show(self) -> Self:
        """Read what a row shows of each: its text, how it was adopted, and until when."""
        return self.select_related(SUCCESSOR).only(
            *("kind", "number", "status", "rule", "votes_for", "votes_against", "abstentions"),
            *WHAT_BECAME,
            *("committee", "meeting", "agenda_item", "addressee", "due_on", "resolved_on"),
            "resolved_at",
            *("seats_present", "seats_required", "seats_total"),
            *("illustrative", "entered_on", *columns_of("text")),
        )

    def for_register(self, *, with_project: bool) -> Self:
        """Read what the register says of each, and where it was resolved."""
        place = ("number", "starts_at", "time_zone")
        columns = [
            *("kind", "number", "status", "due_on", "resolved_on", "addressee", "illustrative"),
            *("entered_on", *WHAT_BECAME),
            *("committee", "consultation", *(f"meeting__{name}" for name in place)),
            *columns_of("text"),
        ]
        if not with_project:
            return self.select_related("meeting", SUCCESSOR).only(*columns)
        names = columns_of("committee__project__short_title")
        read = self.select_related("meeting", SUCCESSOR, "committee__project")
        return read.only(*columns, *names)

    def for_page(self) -> Self:
        """Read a resolution with its committee and project, and where it was resolved."""
        return self.select_related(
            "committee__project", "meeting", "agenda_item", "consultation", SUCCESSOR
        )

    def with_related(self) -> Self:
        # `Subject` refers to this model, so its module cannot be imported here.
        subjects = apps.get_model("committees", "Subject")
        things = subjects.objects.with_things()
        return self.select_related(
            "committee__project",
            "meeting__committee__project",
            "agenda_item",
            "consultation",
            "addressee",
            SUCCESSOR,
        ).prefetch_related("addressee__names", Prefetch("subjects", things))

    def follow_up(self) -> dict[str, int]:
        """Count the recommendations issued, declined and implemented, and the overdue resolutions.

        The rate of follow-up is implemented ÷ followed, where followed is issued − declined.
        """
        statuses = Resolution.Status
        counts = self.aggregate(
            issued=Count("pk", filter=Q(kind=Resolution.Kind.RECOMMENDATION)),
            declined=Count("pk", filter=Q(status=statuses.DECLINED)),
            implemented=Count("pk", filter=Q(status=statuses.IMPLEMENTED)),
            overdue=Count("pk", filter=Resolution.is_late_on(timezone.localdate())),
        )
        return counts | {"followed": counts["issued"] - counts["declined"]}


class Resolution(Lifecycle, Multilingual):
    """A decision or a recommendation. The quorum at the moment of the vote is kept with it."""

    Kind = resolution_states.ResolutionKind
    Status = resolution_states.ResolutionStatus
    Rule = resolution_states.AdoptionRule
    NOT_ADOPTED = resolution_states.NOT_ADOPTED
    OPEN = resolution_states.OPEN
    IN_FORCE = resolution_states.IN_FORCE
    STATES = resolution_states.STATES
    STEPS = resolution_states.STEPS

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="resolutions")
    # Where it was resolved: on an item of a meeting, or in writing. What is provisional has
    # neither until a meeting ratifies it.
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="resolutions"
    )
    agenda_item = models.ForeignKey(
        AgendaItem,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="resolutions",
        verbose_name=_("agenda item"),
    )
    consultation = models.OneToOneField(
        WrittenConsultation,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="resolution",
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    number = models.CharField(_("number"), max_length=20, editable=False)
    text = translated(models.TextField(_("text"), max_length=3000))
    rule = models.CharField(_("adopted"), max_length=20, choices=Rule, blank=True)
    rule_reason = models.TextField(_("why it was put to a vote"), blank=True, max_length=1000)
    votes_for = models.PositiveSmallIntegerField(_("votes for"), null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField(_("votes against"), null=True, blank=True)
    abstentions = models.PositiveSmallIntegerField(_("abstentions"), null=True, blank=True)
    # The quorum at that moment; empty where an old meeting does not state it.
    seats_present = models.PositiveSmallIntegerField(null=True, editable=False)
    seats_required = models.PositiveSmallIntegerField(null=True, editable=False)
    seats_total = models.PositiveSmallIntegerField(null=True, editable=False)
    resolved_on = models.DateField(_("resolved on"), null=True, editable=False)
    # Empty: whoever came to the meeting at any time counted.
    resolved_at = models.DateTimeField(_("time of the decision"), null=True, editable=False)
    addressee = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="resolutions",
        verbose_name=_("responsible"),
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    answer = models.TextField(_("answer"), blank=True, max_length=3000)
    answered_on = models.DateField(_("answered on"), null=True, editable=False)
    answer_channel = models.CharField(
        _("channel"), max_length=20, choices=Channel, blank=True, editable=False
    )
    answer_evidence = models.CharField(_("evidence"), max_length=300, blank=True, editable=False)
    # Of a decision taken between meetings: who agreed, by which channel, why it could not wait.
    agreed_by = models.TextField(_("who agreed"), blank=True, max_length=1000)
    agreed_channel = models.CharField(_("channel"), max_length=20, choices=Channel, blank=True)
    urgency = models.TextField(_("why it could not wait"), blank=True, max_length=1000)
    agreed_on = models.DateField(_("agreed on"), null=True, blank=True)
    # What became of a decision that holds no more: the one in its place, or when it was withdrawn.
    superseded_by = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="superseded",
    )
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, editable=False)
    # What it lost when another took its place. It gets that back if the other one is removed.
    effects_before = models.JSONField(null=True, editable=False)
    # That the project is to be closed: whoever closes it finds this decision there.
    closes_project = models.BooleanField(
        _("approves closing the project"), default=False, db_default=False, editable=False
    )
    status = status_field(Status, Status.DRAFTED)
    illustrative = models.BooleanField(_("illustrative"), default=False)
    # Of the form that recorded it: the same form sent twice records one.
    entry_key = models.UUIDField(null=True, editable=False)
    entered_on = entered_on_field()

    pairs = GenericRelation("projects.Translation")

    objects = ResolutionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["-resolved_on", "number"]
        verbose_name = _("resolution")
        verbose_name_plural = _("resolutions")
        # Of release 1.0, whose news begin at a day.
        indexes = [models.Index(fields=["resolved_on"], name="resolution_by_day")]
        constraints = resolution_states.CONSTRAINTS

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("committees:resolution", args=[self.pk])

    @property
    def audience(self) -> str:
        """Return the audience of its item. What was resolved between meetings belongs to the
        whole committee."""
        return self.agenda_item.audience if self.agenda_item else Audience.COMMITTEE

    @property
    def where(self) -> str:
        """Name where it was resolved: at a meeting, in writing, or between meetings."""
        if self.consultation_id:
            return str(_("Written procedure"))
        return str(self.meeting) if self.meeting_id else str(_("Between meetings"))

    @property
    def is_provisional(self) -> bool:
        return self.status == self.Status.PROVISIONAL

    @property
    def is_decision(self) -> bool:
        return self.kind == self.Kind.DECISION

    @property
    def is_adopted(self) -> bool:
        return self.is_decision and self.status not in self.NOT_ADOPTED

    @property
    def was_ratified(self) -> bool:
        """Whether it was agreed between meetings and a meeting ratified it since."""
        return self.agreed_on is not None and self.is_adopted

    @property
    def is_in_force(self) -> bool:
        return self.status in self.IN_FORCE

    @property
    def was_voted_down(self) -> bool:
        """Whether it was voted on and rejected; other drafts are rejected without a vote."""
        return self.status == self.Status.REJECTED and self.votes_for is not None

    @property
    def is_overdue(self) -> bool:
        if self.due_on is None or self.status not in self.OPEN:
            return False
        return in_time_until(self.due_on, self.entered_on) < timezone.localdate()

    @classmethod
    def is_late_on(cls, today: date) -> Q:
        """Match what is overdue on that day (`is_overdue`, for many rows)."""
        return Q(status__in=cls.OPEN, due_on__lt=today, entered_on__lt=today - GRACE)

    @property
    def votes_carry(self) -> bool:
        """Whether the votes fulfil the rule: nobody against, more for than against, or two thirds
        of the votes. Abstentions are not counted as votes."""
        votes_for, against = self.votes_for or 0, self.votes_against or 0
        if self.rule == self.Rule.CONSENSUS:
            return against == 0
        if self.rule == self.Rule.MAJORITY:
            return votes_for > against
        return votes_for > 0 and 3 * votes_for >= 2 * (votes_for + against)

    @property
    def how(self) -> str:
        """Say how it was adopted or voted down: “adopted by majority vote (8 for, 1 against, 0
        abstentions)”."""
        if not (self.is_adopted or self.was_voted_down):
            return ""
        words = resolution_states.outcome_words(self.rule, voted_down=self.was_voted_down)
        sentence = words % {"rule": self.get_rule_display()} if self.rule else ""
        if self.votes_for is None:
            return sentence
        votes = _("%(for)s for, %(against)s against, %(abstentions)s abstentions") % {
            "for": self.votes_for,
            "against": self.votes_against or 0,
            "abstentions": self.abstentions or 0,
        }
        return f"{sentence} ({votes})"

    @property
    def text_language(self) -> str:
        return which_language(self, "text")

    @property
    def standing(self) -> str:
        """Say of a decision that holds no more what became of it; nothing of any other."""
        if self.status != self.Status.SUPERSEDED:
            return ""  # in a document of an earlier day it still holds
        if self.withdrawn_on:
            return _("withdrawn on %(day)s") % {"day": day(self.withdrawn_on)}
        if self.superseded_by:
            place = self.superseded_by.agenda_item
            if place and place.is_reserved:  # whoever sees it finds it on the decision's page
                return str(_("replaced by another decision"))
            return _("replaced by %(decision)s") % {"decision": self.superseded_by}
        return ""

    @property
    def state_words(self) -> str:
        """Name its state; of one that holds no more, with what became of it."""
        return capfirst(self.standing) or self.get_status_display()

    @property
    def may_be_corrected(self) -> bool:
        """Whether all that was recorded may change: until the minutes of its meeting circulate."""
        return self.meeting is not None and self.meeting.is_open_for_records

    @property
    def shows_status(self) -> bool:
        """Whether the status adds anything to `how`, which already says that it was adopted."""
        return self.status != self.Status.ADOPTED

    @property
    def answer_came_otherwise(self) -> bool:
        came_online = not self.answer_channel or self.answer_channel in ONLINE
        return bool(self.answer_evidence) or not came_online

    @property
    def had_quorum(self) -> bool:
        return self.seats_required is None or (self.seats_present or 0) >= self.seats_required

    def take(self, verb: str, **facts: Any) -> None:
        """Refuse an adoption without the seats that each kind of institution must have.

        No constraint on one row can see those seats; the total number of seats is guarded by
        `resolution_adopted_with_quorum`.
        """
        if verb in {"adopt", "ratify"}:
            self.refuse_without_minima(
                facts.get("meeting", self.meeting),
                facts.get("resolved_at", self.resolved_at),
                self.agenda_item,
            )
        super().take(verb, **facts)

    @staticmethod
    def refuse_without_minima(
        meeting: Meeting | None, moment: datetime | None, item: AgendaItem | None
    ) -> None:
        if meeting is None or meeting.states_no_quorum or not meeting.quorum_rules.minima:
            return
        if sentence := meeting.quorum_at(moment, item=item).kinds_sentence:
            raise TransitionError(sentence)

    def clean(self) -> None:
        cast = sum(votes or 0 for votes in (self.votes_for, self.votes_against, self.abstentions))
        if self.seats_present is not None and cast > self.seats_present:
            raise ValidationError(
                _("There are more votes (%(votes)s) than voting seats present (%(seats)s).")
                % {"votes": cast, "seats": self.seats_present}
            )
