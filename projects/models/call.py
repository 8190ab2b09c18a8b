"""Calls for proposals: their amounts, dates, criteria and required files.

A call is public from its opening on. Applicants rely on a published call, so its amounts, criteria
and required files do not change any more, and its deadline can only be extended.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from kernel.files import DOCUMENTS, StoredFile
from kernel.languages import LANGUAGES, first_language
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import Multilingual, StrOrPromise, columns_of, translated
from projects.models.project import Project
from projects.models.result import Result

# A proposal is in time until the end of the second that the deadline names.
LAST_SECOND = timedelta(seconds=1)
DOCUMENT_BYTES = 5_000_000


def money_field(label: StrOrPromise, **options: Any) -> models.DecimalField:
    return models.DecimalField(
        label,
        max_digits=14,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01"), _("An amount has to be more than zero."))],
        **options,
    )


class CallQuerySet(models.QuerySet["CallForProposals"]):
    def public(self) -> Self:
        """Keep calls that anybody may read: from their opening on, and also after they are over."""
        hidden = [CallForProposals.Status.DRAFT, CallForProposals.Status.CANCELLED]
        begun = self.filter(opens_at__lte=timezone.now(), project__training=False)
        return begun.exclude(status__in=hidden)

    def open(self) -> Self:
        """Keep calls to which proposals may be submitted now."""
        return self.filter(
            status=CallForProposals.Status.PUBLISHED,
            project__training=False,
            opens_at__lte=timezone.now(),
            closes_at__gt=timezone.now() - LAST_SECOND,
        )

    def past_deadline(self) -> Self:
        """Keep published calls whose deadline has passed: they are to be closed."""
        return self.filter(
            status=CallForProposals.Status.PUBLISHED, closes_at__lte=timezone.now() - LAST_SECOND
        )


class CallForProposals(Lifecycle, Multilingual):
    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("of a call", "Draft")
        PUBLISHED = "published", pgettext_lazy("of a call", "Published")
        CLOSED = "closed", pgettext_lazy("of a call", "Closed")
        EVALUATED = "evaluated", _("Evaluated")
        AWARDED = "awarded", pgettext_lazy("of a call", "Awarded")
        CANCELLED = "cancelled", pgettext_lazy("of a call", "Cancelled")

    STEPS = {
        "publish": Step.of(Status.DRAFT, Status.PUBLISHED, pgettext_lazy("a call", "Publish")),
        "close": Step.of(Status.PUBLISHED, Status.CLOSED, pgettext_lazy("a call", "Close")),
        "evaluate": Step.of(Status.CLOSED, Status.EVALUATED, _("End the evaluation")),
        "award": Step.of(Status.EVALUATED, Status.AWARDED, _("Conclude the award")),
        "cancel": Step.of(
            [Status.DRAFT, Status.PUBLISHED, Status.CLOSED, Status.EVALUATED],
            Status.CANCELLED,
            _("Cancel the call"),
        ),
    }

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="calls")
    # Part of a public address, so unique in the whole portal.
    code = models.CharField(
        _("code"),
        max_length=30,
        unique=True,
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9][A-Za-z0-9-]*$",
                _("Use only letters, digits and hyphens, such as APP-2020."),
            )
        ],
    )
    title = translated(models.CharField(_("title"), max_length=200))
    theme = translated(
        models.TextField(
            _("theme"), max_length=5000, help_text=_("What the projects should achieve.")
        )
    )
    eligibility = translated(models.TextField(_("who may apply"), max_length=2000))
    files_asked = translated(
        models.TextField(
            _("files to attach"),
            max_length=1000,
            blank=True,
            help_text=_("Which documents a proposal needs, such as a copy of the statutes."),
        )
    )
    files_required = models.PositiveSmallIntegerField(
        _("number of files required"), default=0, validators=[MaxValueValidator(6)]
    )
    budget = money_field(_("budget of the call"))
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    smallest = money_field(_("smallest grant"), null=True, blank=True)
    largest = money_field(_("largest grant"))
    grants_expected = models.PositiveSmallIntegerField(
        _("number of grants expected"), default=1, validators=[MinValueValidator(1)]
    )
    months = models.PositiveSmallIntegerField(
        _("longest duration in months"),
        default=6,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("deadline"))
    contact_email = models.EmailField(_("address for questions"))
    result = models.ForeignKey(
        Result,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="calls",
        verbose_name=_("result it serves"),
    )
    date_note = translated(models.CharField(_("dates in words"), max_length=120, blank=True))
    status = status_field(Status, Status.DRAFT)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = CallQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["-opens_at", "pk"]
        verbose_name = _("call for projects")
        verbose_name_plural = _("calls for projects")
        constraints = [
            models.CheckConstraint(
                name="call_closes_after_it_opens",
                condition=Q(closes_at__gt=F("opens_at")),
                violation_error_message=_("A call has to close after it opens."),
            ),
            models.CheckConstraint(
                name="call_smallest_is_at_most_largest",
                condition=Q(smallest=None) | Q(smallest__lte=F("largest")),
                violation_error_message=_("The smallest grant is larger than the largest."),
            ),
            models.CheckConstraint(
                name="call_largest_fits_its_budget",
                condition=Q(largest__lte=F("budget")),
                violation_error_message=_("The largest grant is larger than the whole budget."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("projects:call", args=[self.project.code, self.pk])

    def get_public_url(self) -> str:
        return reverse("calls:call", args=[self.code])

    def clean(self) -> None:
        if self.result and self.result.project_id != self.project_id:
            raise ValidationError({"result": _("That result belongs to another project.")})

    @property
    def written_in(self) -> list[str]:
        """The languages in which it has a title."""
        return [language for language in LANGUAGES if getattr(self, f"title_{language}")]

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_public(self) -> bool:
        hidden = (self.Status.DRAFT, self.Status.CANCELLED)
        return self.status not in hidden and self.opens_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        return self.is_public and self.status == self.Status.PUBLISHED and not self.is_over_at()

    @property
    def deadline_passed(self) -> bool:
        return not self.is_draft and self.is_over_at()

    def is_over_at(self, moment: datetime | None = None) -> bool:
        """Whether the deadline has passed at `moment` (now). Its own second is still in time."""
        return (moment or timezone.now()) >= self.closes_at + LAST_SECOND

    @property
    def is_being_evaluated(self) -> bool:
        return self.status == self.Status.CLOSED


class Criterion(Multilingual):
    """A criterion by which proposals are judged. Weights are relative: their sum does not
    matter."""

    call = models.ForeignKey(CallForProposals, on_delete=models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    title = translated(models.CharField(_("title"), max_length=200))
    weight = models.DecimalField(
        _("weight"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01"), _("A weight has to be more than zero."))],
    )
    max_points = models.PositiveSmallIntegerField(
        _("highest score"), default=5, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        constraints = [
            models.CheckConstraint(
                name="criterion_weighs_and_has_points",
                condition=Q(weight__gt=0, max_points__gte=1),
                violation_error_message=_("A criterion needs a weight and a highest score."),
            ),
            models.UniqueConstraint(
                fields=["call", *columns_of("title")],
                name="criterion_stands_once",
                violation_error_message=_("The call already has this criterion."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class CallQuestion(Multilingual):
    """A question that an organisation asked about a call, with the answer. All organisations read
    both at the same time, on the public page of the call."""

    call = models.ForeignKey(CallForProposals, on_delete=models.CASCADE, related_name="questions")
    question = translated(
        models.TextField(
            _("question"),
            max_length=1000,
            help_text=_("Without the name of the organisation or the person who asked."),
        )
    )
    answer = translated(models.TextField(_("answer"), max_length=4000))
    answered_on = models.DateField(_("answered on"), default=timezone.localdate)

    history = HistoricalRecords()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("question about a call")
        verbose_name_plural = _("questions about calls")

    def __str__(self) -> str:
        return self.question


class CallDocument(StoredFile):
    """A file for applicants, such as guidelines or a model budget. It is public with the call."""

    ACCEPTED = DOCUMENTS

    call = models.ForeignKey(CallForProposals, on_delete=models.CASCADE, related_name="documents")
    title = models.CharField(_("title"), max_length=200)
    language = models.CharField(_("language"), max_length=2, default=first_language)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("document of a call")
        verbose_name_plural = _("documents of calls")
        constraints = [
            models.UniqueConstraint(
                fields=["call", "sha256"],
                name="calldocument_is_kept_once",
                violation_error_message=_("The call already has this file."),
            )
        ]

    def __str__(self) -> str:
        return self.title
