"""The agenda of a meeting: what is spoken of, in which order, and the notes of it."""

from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from accounts.models import User
from committees.models.meeting import Audience, Meeting
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import Multilingual, translated


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def on_agenda(self) -> Self:
        return self.exclude(status__in=[AgendaItem.Status.PROPOSED, AgendaItem.Status.DECLINED])

    def with_subjects(self) -> Self:
        things = self.model._meta.get_field("subjects").related_model.objects.with_things()
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
    late_consent = models.TextField(
        _("consent of all"),
        blank=True,
        max_length=500,
        help_text=_(
            "For an item for decision after the agenda was frozen: who asked for it, and how "
            "all agreed."
        ),
    )
    # Of the form that added it: the same form sent twice adds one item.
    entry_key = models.UUIDField(null=True, editable=False)
    # Raised with each saved note: of two people who write at once, the second is told.
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
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{self.meeting.get_absolute_url()}#item-{self.pk}"

    def clean(self) -> None:
        if self.purpose != self.Purpose.DECIDE or self.late_consent.strip():
            return
        was_on_it = AgendaItem.objects.filter(pk=self.pk, purpose=self.Purpose.DECIDE).exists()
        if self.meeting.agenda_is_frozen and not was_on_it:
            raise ValidationError(
                {
                    "late_consent": _(
                        "The agenda is frozen: an item for decision needs the consent of all. "
                        "Say who asked for it and how all agreed, or choose another purpose."
                    )
                }
            )

    @property
    def is_reserved(self) -> bool:
        return self.audience in {Audience.COORDINATION, Audience.VOTING}

    @transaction.atomic
    def save_notes(self, notes: str, *, language: str, version: int, by: User) -> bool:
        """Keep the notes written on top of that version; False: somebody saved meanwhile,
        and nothing is overwritten."""
        unchanged = AgendaItem.objects.filter(pk=self.pk, notes_version=version)
        if not unchanged.update(
            notes=notes, notes_language=language, notes_version=F("notes_version") + 1
        ):
            return False
        self.refresh_from_db(fields=["notes", "notes_language", "notes_version"])
        # An UPDATE alone leaves no history row.
        stored = AgendaItem.objects.get(pk=self.pk)
        AgendaItem.history.bulk_history_create([stored], update=True, default_user=by)
        return True
