"""Minutes: composed from the records of a meeting, reviewed by the members, adopted, sealed.

One language is authoritative; the others are a courtesy and never reopen the adoption. The sealed
text names seats and never persons: their names are in an annex that can be destroyed without
changing the hash.
"""

import hashlib
import json
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from committees.models.meeting import Meeting
from committees.models.resolution import Resolution
from kernel.frozen import Format
from kernel.languages import first_language
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.refusal import Refusal


def _with_institutions_and_reasons(text: dict[str, Any]) -> dict[str, Any]:
    """Formats before 2 had no full names of institutions, no decisions that were voted down, and
    no reasons for a vote."""
    items = [
        item
        | {
            "resolutions": [
                row | {"was_voted_down": False, "why": ""} for row in item["resolutions"]
            ]
        }
        for item in text["items"]
    ]
    return text | {"items": items, "institutions": []}


# What `committees.minutes.services.text` composes in a language, and each row of the names.
MINUTES_TEXT = Format("minutes_text", {1: _with_institutions_and_reasons})
MINUTES_NAME = Format("minutes_name")


def canonical(content: dict[str, Any]) -> str:
    """The one way of writing this content, so that equal minutes have an equal hash."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class MinutesQuerySet(models.QuerySet["Minutes"]):
    def with_related(self) -> Self:
        return self.select_related("meeting__committee__project", "adopted_by")

    def for_list(self) -> Self:
        """Read of which meeting they are, and how far."""
        place = ("number", "starts_at", "time_zone")
        columns = ("status", *(f"meeting__{name}" for name in place))
        return self.select_related("meeting").only(*columns)

    def waiting_for_silence(self) -> Self:
        """Return the final drafts of committees whose terms of reference take silence for consent."""
        return self.filter(
            status=Minutes.Status.FINAL_DRAFT,
            silence_until__lt=timezone.localdate(),
        )


class Minutes(Lifecycle):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", pgettext_lazy("of minutes", "In review")
        FINAL_DRAFT = "final_draft", _("Final draft")
        ADOPTED = "adopted", pgettext_lazy("of minutes", "Adopted")
        SEALED = "sealed", pgettext_lazy("of minutes", "Sealed")

    class Adoption(models.TextChoices):
        MEETING = "meeting", _("at a meeting")
        WRITTEN = "written", _("in writing")
        SILENCE = "silence", _("by silence after the delay")

    # Members see them once they are circulated, partners and the donor once adopted.
    CIRCULATED = frozenset({Status.IN_REVIEW, Status.FINAL_DRAFT, Status.ADOPTED, Status.SEALED})
    SETTLED = frozenset({Status.ADOPTED, Status.SEALED})

    STEPS = {
        "circulate": Step.of(Status.DRAFT, Status.IN_REVIEW, _("Circulate")),
        "extend": Step.of(Status.IN_REVIEW, Status.IN_REVIEW, _("Extend the window for comments")),
        "finalise": Step.of(Status.IN_REVIEW, Status.FINAL_DRAFT, _("Make the final draft")),
        "revise": Step.of(
            [Status.IN_REVIEW, Status.FINAL_DRAFT], Status.DRAFT, _("Return to draft")
        ),
        "adopt": Step.of(Status.FINAL_DRAFT, Status.ADOPTED, _("Record the adoption")),
        "seal": Step.of(Status.ADOPTED, Status.SEALED, pgettext_lazy("minutes", "Seal")),
    }

    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="minutes")
    language = models.CharField(
        _("authoritative language"),
        max_length=2,
        choices=settings.LANGUAGES,
        default=first_language,
    )
    opening = models.TextField(
        _("opening"),
        blank=True,
        max_length=5000,
        help_text=_("Welcome, apologies: whatever is not part of an item."),
    )
    closing = models.TextField(
        _("closing"),
        blank=True,
        max_length=5000,
        help_text=_("Any other business, next meeting, closure."),
    )
    comments_until = models.DateField(_("comments until"), null=True, editable=False)
    silence_until = models.DateField(_("silence until"), null=True, editable=False)
    # Frozen when circulated and when final: by language, and what is sealed for ever.
    content = models.JSONField(null=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    adopted_how = models.CharField(
        _("adopted"), max_length=20, choices=Adoption, blank=True, editable=False
    )
    adopted_on = models.DateField(_("adopted on"), null=True, editable=False)
    adopted_by = models.ForeignKey(
        Resolution, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    sealed_on = models.DateField(_("sealed on"), null=True, editable=False)
    # The names, outside the hash.
    annex = models.JSONField(null=True, editable=False)
    annex_destroyed_on = models.DateField(null=True, editable=False)
    status = status_field(Status, Status.DRAFT)

    objects = MinutesQuerySet.as_manager()

    class Meta:
        ordering = ["-meeting__starts_at"]
        verbose_name = _("minutes")
        verbose_name_plural = _("minutes")
        constraints = [
            models.CheckConstraint(
                name="minutes_circulated_are_frozen",
                condition=Q(status="draft") | Q(content__isnull=False),
            ),
            models.CheckConstraint(
                name="minutes_adopted_say_how",
                condition=~Q(status__in=["adopted", "sealed"])
                | (~Q(adopted_how="") & Q(adopted_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="minutes_adopted_by_a_decision",
                condition=~Q(adopted_how__in=["meeting", "written"]) | Q(adopted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="minutes_sealed_have_their_hash",
                condition=~Q(status="sealed") | (~Q(sha256="") & Q(sealed_on__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return _("%(label)s, %(meeting)s") % {"label": self.label, "meeting": self.meeting}

    def get_absolute_url(self) -> str:
        return reverse("committees:minutes", args=[self.pk])

    @property
    def label(self) -> str:
        """The committee's own name for them: “Procès-verbal”, “Acta”, “Minutes”."""
        return self.meeting.committee.minutes_label

    @cached_property
    def items_by_number(self) -> dict[int, int]:
        """The keys of the items by their numbers: the agenda is fixed since the circulation."""
        keys = self.meeting.items.on_agenda().values_list("pk", flat=True)
        return dict(enumerate(keys, start=1))

    @property
    def is_circulated(self) -> bool:
        return self.status in self.CIRCULATED

    @property
    def is_settled(self) -> bool:
        return self.status in self.SETTLED

    @property
    def is_sealed(self) -> bool:
        return self.status == self.Status.SEALED

    @property
    def may_be_written(self) -> bool:
        """Whether their words may change: until the final draft. Decisions are fixed from the
        circulation on."""
        return self.status in {self.Status.DRAFT, self.Status.IN_REVIEW}

    @property
    def comments_are_open(self) -> bool:
        return self.status == self.Status.IN_REVIEW and (
            self.comments_until is None or timezone.localdate() <= self.comments_until
        )

    @property
    def silence_is_over(self) -> bool:
        """Whether silence adopts them by now. The last day for objections is one of the meeting's time
        zone, whoever looks: it may be over elsewhere."""
        today = timezone.localdate(timezone=self.meeting.zone)
        return self.silence_until is not None and today > self.silence_until

    @property
    def is_whole(self) -> bool:
        """Whether the sealed text is the one that was sealed."""
        if not (self.is_sealed and self.content):
            return False
        return self.sha256 == self.hash_of(self.content[self.language])

    def text_in(self, language: str) -> dict[str, Any]:
        """What was frozen when they were circulated, or later; for reading and printing."""
        assert self.content is not None  # constraint minutes_circulated_are_frozen
        return MINUTES_TEXT.read(self.content[language])

    @property
    def names(self) -> list[dict[str, Any]] | None:
        """The annex, for reading and printing; None where there is none, or none any more."""
        return None if self.annex is None else [MINUTES_NAME.read(row) for row in self.annex]

    @staticmethod
    def hash_of(text: dict[str, Any]) -> str:
        return hashlib.sha256(canonical(text).encode()).hexdigest()

    @property
    def code(self) -> str:
        """The verification code on the last page: 7F3A-91C2-D04E."""
        return "-".join(self.sha256[start : start + 4].upper() for start in (0, 4, 8))

    def silence_ends(self, since: date) -> date | None:
        """The last day for an objection; None if the terms of reference know no silent adoption."""
        days = self.meeting.committee.minutes_silence_days
        return None if days is None else since + timedelta(days=days)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and Minutes.objects.filter(pk=self.pk, status=self.Status.SEALED).exists():
            raise Refusal(_("These minutes are sealed: add an erratum instead."))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.is_circulated:
            raise Refusal(_("These minutes have been circulated: they cannot be deleted."))
        return super().delete(*args, **kwargs)


class MinutesVersion(models.Model):
    """A text that was circulated or made final: each text that somebody was asked to read."""

    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=20, choices=Minutes.Status)
    content = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["minutes", "number"]
        verbose_name = _("version of minutes")
        verbose_name_plural = _("versions of minutes")
        constraints = [
            models.UniqueConstraint(fields=["minutes", "number"], name="minutesversion_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.minutes} · {self.number}"

    def text_in(self, language: str) -> dict[str, Any]:
        assert self.content is not None  # constraint minutes_circulated_are_frozen
        return MINUTES_TEXT.read(self.content[language])


class MinutesTranslation(models.Model):
    """A courtesy translation of the words; what is computed and resolved translates itself."""

    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    # "opening", "closing", and "item-<pk>" of each item with notes.
    texts = models.JSONField(default=dict)
    # Of what it translates: another text since then makes it stale.
    source_sha256 = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["minutes", "language"]
        verbose_name = _("courtesy translation")
        verbose_name_plural = _("courtesy translations")
        constraints = [
            models.UniqueConstraint(
                fields=["minutes", "language"], name="minutestranslation_once_a_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.minutes} · {self.get_language_display()}"


class Erratum(models.Model):
    """A correction of sealed minutes: the error, and how it should read. Errata are numbered and
    never changed."""

    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="errata")
    number = models.PositiveSmallIntegerField(editable=False)
    text = models.TextField(_("erratum"), max_length=4000)
    decided_by = models.ForeignKey(
        Resolution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    made_on = models.DateField(default=timezone.localdate, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    entry_key = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        ordering = ["minutes", "number"]
        verbose_name = _("erratum")
        verbose_name_plural = _("errata")
        constraints = [
            models.UniqueConstraint(fields=["minutes", "number"], name="erratum_number_once")
        ]

    def __str__(self) -> str:
        return _("Erratum %(number)s") % {"number": self.number}
