"""The agenda of a meeting: its items, their order, and their notes."""

from datetime import timedelta
from typing import Self

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from accounts.models import User
from committees.models.audience import Audience
from committees.models.committee import Committee
from committees.models.meeting import Meeting
from committees.models.seat import Seat
from kernel.languages import first_language
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import Multilingual, columns_of, translated

# As long as one person's saved notes are the same piece of writing.
TYPING = timedelta(minutes=5)


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def on_agenda(self) -> Self:
        return self.exclude(status__in=AgendaItem.NOT_ON_AGENDA)

    def proposals(self) -> Self:
        """Return the items that members proposed, whether they were answered or not."""
        return self.exclude(proposed_seat=None)

    def not_discussed(self) -> Self:
        """Return the items that were deferred, or have neither notes nor resolutions."""
        untouched = Q(status=AgendaItem.Status.ACCEPTED, notes="", resolutions=None)
        return self.filter(Q(status=AgendaItem.Status.DEFERRED) | untouched).distinct()

    def to_show(self) -> Self:
        """Read what an agenda shows of its items."""
        return self.only(
            *("meeting", "position", "purpose", "minutes_planned", "presenter", "audience"),
            *("status", "source", "late_consent", "notes", "notes_language", "notes_version"),
            *("seconds_spent", *columns_of("title", "briefing")),
        )

    def with_subjects(self) -> Self:
        # `Subject` refers to this model, so its module cannot be imported here.
        subjects = apps.get_model("committees", "Subject")
        things = subjects.objects.with_things()
        return self.prefetch_related(models.Prefetch("subjects", things))


class AgendaItem(Lifecycle, Multilingual):
    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        ACCEPTED = "accepted", _("On the agenda")
        DECLINED = "declined", pgettext_lazy("of an agenda item", "Declined")
        DISCUSSED = "discussed", _("Discussed")
        DEFERRED = "deferred", pgettext_lazy("of an agenda item", "Deferred")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Purpose(models.TextChoices):
        INFORM = "inform", _("To inform")
        DISCUSS = "discuss", _("To discuss")
        DECIDE = "decide", _("To decide")

    # What the meeting may turn to.
    SPOKEN_OF = frozenset({Status.ACCEPTED, Status.DISCUSSED, Status.DEFERRED})

    class Source(models.TextChoices):
        """Why an item is on the agenda. Items that were written by hand have no source."""

        BY_HAND = "", "–"
        TEMPLATE = "template", _("From the template")
        USUAL = "usual", _("Usual agenda")
        NOT_DISCUSSED = "not_discussed", _("Not discussed before")
        RECURRING = "recurring", _("Comes back at each meeting")
        RECOMMENDATIONS = "recommendations", _("Unanswered recommendations")
        OVERDUE = "overdue", _("Overdue actions")
        MINUTES = "minutes", _("Previous minutes")
        PROVISIONAL = "provisional", _("Provisional decision")
        SHIFTS = "shifts", _("Shifts of the plan")
        PROPOSED = "proposed", _("Proposed by a member")
        RISKS = "risks", _("Risks that changed")
        PLANS = "plans", _("Plans before the committee")

    # Each collects what there is of its kind, so a meeting has one of it at most.
    COLLECTING = ("minutes", "plans", "recommendations", "overdue", "shifts", "risks")
    NOT_ON_AGENDA = (Status.PROPOSED, Status.DECLINED)
    # What takes no time any more.
    OFF = (*NOT_ON_AGENDA, Status.WITHDRAWN)

    STEPS = {
        "accept": Step.of(Status.PROPOSED, Status.ACCEPTED, _("Accept")),
        "decline": Step.of(Status.PROPOSED, Status.DECLINED, _("Decline")),
        "discuss": Step.of([Status.ACCEPTED, Status.DEFERRED], Status.DISCUSSED, _("Discussed")),
        "defer": Step.of([Status.ACCEPTED, Status.DISCUSSED], Status.DEFERRED, _("Defer")),
        "withdraw": Step.of(Status.ACCEPTED, Status.WITHDRAWN, _("Withdraw")),
        "restore": Step.of(
            [Status.DISCUSSED, Status.DEFERRED, Status.WITHDRAWN],
            Status.ACCEPTED,
            _("Put back on the agenda"),
        ),
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
        help_text=_("A reserved item is seen only by its audience and the coordination."),
    )
    notes = models.TextField(_("notes"), blank=True, max_length=20_000)
    notes_language = models.CharField(
        _("language of the notes"),
        max_length=2,
        choices=settings.LANGUAGES,
        default=first_language,
    )
    late_consent = models.TextField(
        _("consent of all"),
        blank=True,
        max_length=500,
        help_text=_(
            "For an item for decision added after the agenda was frozen: who asked for "
            "it, and how everybody agreed."
        ),
    )
    source = models.CharField(
        _("comes from"), max_length=20, choices=Source, blank=True, default="", editable=False
    )
    # The text of the rule that collected these things, rewritten with each of their steps.
    briefing = translated(
        models.TextField(_("what it is about"), blank=True, max_length=20_000, editable=False)
    )
    # The item of an earlier meeting that was not discussed there.
    continues = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, editable=False, related_name="continued_by"
    )
    template_item = models.ForeignKey(
        "TemplateItem", on_delete=models.SET_NULL, null=True, editable=False, related_name="items"
    )
    # Pages show the seat that proposed it; the person gets the answer.
    proposed_seat = models.ForeignKey(
        Seat, on_delete=models.PROTECT, null=True, editable=False, related_name="proposed_items"
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    proposal_reason = models.TextField(_("why it is proposed"), blank=True, max_length=1000)
    proposal_answer = models.TextField(_("answer to the proposal"), blank=True, max_length=1000)
    # Of the form that added it: the same form sent twice adds one item.
    entry_key = models.UUIDField(null=True, editable=False)
    # Raised with each saved note, so that nobody overwrites the notes of somebody else.
    notes_version = models.PositiveIntegerField(default=0, editable=False)
    # How long it was spoken of, the stretch that is under way not included (`Sitting`).
    seconds_spent = models.PositiveIntegerField(default=0, editable=False)
    status = status_field(Status, Status.ACCEPTED)

    objects = AgendaItemQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["meeting", "position", "pk"]
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "entry_key"], name="agendaitem_of_a_form_sent_once"
            ),
            models.UniqueConstraint(
                fields=["meeting", "continues"], name="agendaitem_carried_over_once"
            ),
            models.UniqueConstraint(
                fields=["meeting", "template_item"], name="agendaitem_of_the_template_once"
            ),
            models.UniqueConstraint(
                fields=["meeting", "source"],
                condition=Q(
                    source__in=["minutes", "recommendations", "overdue", "shifts", "risks"]
                ),
                name="agendaitem_collects_once",
            ),
            models.CheckConstraint(
                name="agendaitem_proposed_by_a_seat",
                condition=~Q(status="proposed") | Q(proposed_seat__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{self.meeting.get_absolute_url()}#item-{self.pk}"

    def clean(self) -> None:
        if self.purpose != self.Purpose.DECIDE or self.late_consent.strip():
            return
        on_agenda = AgendaItem.objects.on_agenda()
        was_on_it = on_agenda.filter(pk=self.pk, purpose=self.Purpose.DECIDE).exists()
        if self.meeting.agenda_is_frozen and not was_on_it:
            raise ValidationError(
                {
                    "late_consent": _(
                        "The agenda is frozen: an item for decision needs the consent of "
                        "all. Say who asked for it and how everybody agreed, or choose "
                        "another purpose."
                    )
                }
            )

    @property
    def is_proposed(self) -> bool:
        return self.status == self.Status.PROPOSED

    @property
    def outcome(self) -> str:
        """What became of it at a meeting that is over, in a word; empty if it was discussed."""
        if self.status == self.Status.DISCUSSED:
            return ""
        is_left = self.status == self.Status.ACCEPTED
        return str(_("Not treated")) if is_left else self.get_status_display()

    @property
    def is_on_agenda(self) -> bool:
        return self.status not in self.NOT_ON_AGENDA

    @property
    def is_reserved(self) -> bool:
        return self.audience in {Audience.COORDINATION, Audience.VOTING}

    @transaction.atomic
    def save_notes(
        self, notes: str, *, language: str, version: int, by: User, while_typing: bool = False
    ) -> bool:
        """Keep the notes written on top of that version; False: somebody saved meanwhile,
        and nothing is overwritten.

        What one person saves while typing is one row of history, not one for each pause.
        """
        unchanged = AgendaItem.objects.filter(pk=self.pk, notes_version=version)
        if not unchanged.update(
            notes=notes, notes_language=language, notes_version=F("notes_version") + 1
        ):
            return False
        self.refresh_from_db(fields=["notes", "notes_language", "notes_version"])
        if while_typing and self._goes_on_typing(by):
            return True
        # An UPDATE alone leaves no history row.
        stored = AgendaItem.objects.get(pk=self.pk)
        AgendaItem.history.bulk_history_create([stored], update=True, default_user=by)
        return True

    def _goes_on_typing(self, by: User) -> bool:
        """Put the text into the last row of the history if the same person wrote that minutes ago.

        Returns whether it did, so that no new row is needed.
        """
        last = AgendaItem.history.filter(id=self.pk).order_by("-history_id").first()
        recent = timezone.now() - TYPING
        if last is None or last.history_user_id != by.pk or last.history_date < recent:
            return False
        if last.history_type != "~" or last.notes_version != self.notes_version - 1:
            return False
        last.notes, last.notes_language = self.notes, self.notes_language
        last.notes_version = self.notes_version
        last.save(update_fields=["notes", "notes_language", "notes_version"])
        return True


class TemplateItem(Multilingual):
    """An item that is offered for each meeting of the committee."""

    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, related_name="template")
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    title = translated(models.CharField(_("title"), max_length=200))
    purpose = models.CharField(
        _("purpose"),
        max_length=20,
        choices=AgendaItem.Purpose,
        default=AgendaItem.Purpose.DISCUSS,
    )
    minutes_planned = models.PositiveSmallIntegerField(_("minutes planned"), null=True, blank=True)
    audience = models.CharField(
        _("audience"), max_length=20, choices=Audience, default=Audience.COMMITTEE
    )
    is_recurring = models.BooleanField(
        _("recurring"),
        default=False,
        help_text=_(
            "Comes back at each meeting, even if the agenda is taken from the previous meeting."
        ),
    )
    # Of the form that added it: the same form sent twice adds one item.
    entry_key = models.UUIDField(null=True, editable=False)

    class Meta:
        ordering = ["committee", "position", "pk"]
        verbose_name = _("item of the template")
        verbose_name_plural = _("items of the template")
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "entry_key"], name="templateitem_of_a_form_sent_once"
            )
        ]

    def __str__(self) -> str:
        return self.title
