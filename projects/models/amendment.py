"""Amendments: changes of the agreement with the donor, and their documents."""

from datetime import date
from typing import Any, Self

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, F, OuterRef, Q, Subquery, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from kernel.files import DOCUMENTS, PICTURES, StoredFile
from kernel.frozen import Format
from kernel.keys import by_whom
from kernel.lifecycle import Lifecycle, StatusChange, Step, status_field
from kernel.text import Multilingual, active_language, translated
from projects.models.project import Project

# Each row of `Amendment.moves`.
AMENDMENT_MOVE = Format("amendment_move")


class AmendmentQuerySet(models.QuerySet["Amendment"]):
    def with_dates(self) -> Self:
        """Add `recommended_on` and `submitted_on`; the day of the donor's answer is a field."""
        return self.annotate(recommended_on=_day_of("recommend"), submitted_on=_day_of("submit"))


def _day_of(verb: str) -> Subquery:
    """Return the day of the step; None if it was taken back since, or the donor requested changes."""
    steps = StatusChange.objects.filter(
        content_type=ContentType.objects.get_for_model(Amendment),
        object_id=OuterRef("pk"),
        verb__in=[verb, f"undo_{verb}", "ask_changes"],
    )
    happened = Case(When(verb=verb, then=F("happened_on")))
    return Subquery(steps.order_by("-pk").annotate(day=happened).values("day")[:1])


class Amendment(Lifecycle, Multilingual):
    """A change of the agreement with the donor. The committee recommends it, the donor approves it.

    Its recommendation and its effect involve decisions and plans, so these steps are services of
    `committees`.
    """

    # Read by `with_dates`, and missing without it.
    recommended_on: date | None
    submitted_on: date | None

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RECOMMENDED = "recommended", _("Recommended by the committee")
        SUBMITTED = "submitted", pgettext_lazy("of an amendment", "Submitted to the donor")
        APPROVED = "approved", pgettext_lazy("of an amendment", "Approved by the donor")
        REFUSED = "refused", _("Refused by the donor")
        EFFECTIVE = "effective", _("In effect")

    # The donor reads of an amendment from the day on which it was submitted.
    SHOWN_TO_DONOR = frozenset(
        {Status.SUBMITTED, Status.APPROVED, Status.REFUSED, Status.EFFECTIVE}
    )

    class Kind(models.TextChoices):
        EXTENSION = "extension", _("Extension")
        BUDGET = "budget", _("Budget")
        RESULTS = "results", _("Results")
        OTHER = "other", _("Other")

    STEPS = {
        "recommend": Step.of(Status.DRAFT, Status.RECOMMENDED, _("Recommend")),
        "submit": Step.of(
            [Status.DRAFT, Status.RECOMMENDED],
            Status.SUBMITTED,
            _("Submit to the donor"),
        ),
        "approve": Step.of(
            [Status.RECOMMENDED, Status.SUBMITTED],
            Status.APPROVED,
            _("Record approval"),
        ),
        # The text changes, so it is a draft again.
        "ask_changes": Step.of(
            Status.SUBMITTED, Status.DRAFT, _("Record that the donor requests changes")
        ),
        "refuse": Step.of(
            [Status.RECOMMENDED, Status.SUBMITTED], Status.REFUSED, _("Record refusal")
        ),
        "take_effect": Step.of(Status.APPROVED, Status.EFFECTIVE, _("Put into effect")),
    }

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="amendments")
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    title = translated(models.CharField(_("title"), max_length=200))
    reason = translated(models.TextField(_("reason"), max_length=2000))
    before = translated(models.TextField(_("before"), max_length=1000, blank=True))
    after = translated(models.TextField(_("after"), max_length=1000, blank=True))
    end_before = models.DateField(_("end before"), null=True, blank=True)
    end_after = models.DateField(_("end after"), null=True, blank=True)
    # The budget of the project before and after a change, in the project's currency.
    amount_before = models.DecimalField(
        _("amount before"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    amount_after = models.DecimalField(
        _("amount after"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    donor_decided_on = models.DateField(_("donor's answer on"), null=True, blank=True)
    donor_reference = models.CharField(_("donor's reference"), max_length=100, blank=True)
    # The dates that moved with an extension, as confirmed: `said` is a sentence by language, `why`
    # the reason where a date did not move.
    moves = models.JSONField(_("what moved with it"), default=list, blank=True, editable=False)
    status = status_field(Status, Status.DRAFT)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = AmendmentQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["project", "number"]
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"],
                name="amendment_number_is_used_once",
                violation_error_message=_("The project already has an amendment with this number."),
            ),
            models.CheckConstraint(
                name="amendment_extension_extends",
                condition=~Q(kind="extension")
                | Q(end_after=None)
                | Q(end_before=None)
                | Q(end_after__gt=F("end_before")),
                violation_error_message=_("An extension has to end after the present end."),
            ),
            models.CheckConstraint(
                name="amendment_in_effect_is_approved",
                condition=~Q(status__in=["approved", "effective"])
                | Q(donor_decided_on__isnull=False),
            ),
            models.CheckConstraint(
                name="amendment_amounts_are_not_negative",
                condition=(Q(amount_before=None) | Q(amount_before__gte=0))
                & (Q(amount_after=None) | Q(amount_after__gte=0)),
                violation_error_message=_("An amount cannot be negative."),
            ),
        ]

    def __str__(self) -> str:
        return _("Amendment %(number)s") % {"number": self.number}

    def get_absolute_url(self) -> str:
        return reverse("projects:amendment", args=[self.project.code, self.pk])

    def clean(self) -> None:
        if self.kind == self.Kind.EXTENSION and not self.end_after:
            raise ValidationError({"end_after": _("Say until when the project is extended.")})

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete its documents from the storage as well: they may hold something that must not be
        kept."""
        for document in self.files.all():
            document.delete_content_on_commit()
        return super().delete(*args, **kwargs)

    @property
    def moves_in_words(self) -> list[dict[str, str]]:
        """Return the dates that moved with an extension, in the reader's language, with the reasons
        where one did not move."""
        language = active_language()
        return [
            {"text": move["said"].get(language, ""), "why": move.get("why", "")}
            for move in map(AMENDMENT_MOVE.read, self.moves)
        ]

    @property
    def needs_recommendation(self) -> bool:
        """Whether the committee should recommend it first. The step may be skipped with a
        reason."""
        return self.status == self.Status.DRAFT and self.kind != self.Kind.OTHER


class AmendmentFile(StoredFile):
    """A document of an amendment, for everybody who may see its amounts."""

    ACCEPTED = (*DOCUMENTS, *PICTURES)
    MAX_BYTES = 20_000_000

    class Category(models.TextChoices):
        RECOMMENDATION = "recommendation", _("Committee's recommendation")
        REQUEST = "request", _("Request to the donor")
        ANSWER = "answer", _("Donor's letter")
        OTHER = "other", _("Other document")

    amendment = models.ForeignKey(Amendment, on_delete=models.CASCADE, related_name="files")
    category = models.CharField(_("kind of document"), max_length=20, choices=Category)
    added_by = by_whom(editable=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("document of an amendment")
        verbose_name_plural = _("documents of amendments")
        constraints = [
            models.UniqueConstraint(
                fields=["amendment", "category", "sha256"],
                name="amendmentfile_is_kept_once",
                violation_error_message=_("This file is already here."),
            )
        ]

    def __str__(self) -> str:
        return self.get_category_display()

    @property
    def owner(self) -> Amendment:
        return self.amendment
