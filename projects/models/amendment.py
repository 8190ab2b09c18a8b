"""What was changed of what had been agreed with the donor."""

from typing import Self

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from kernel.lifecycle import Lifecycle, StatusChange, Step, status_field
from kernel.text import Multilingual, translated
from projects.models.project import Project


class AmendmentQuerySet(models.QuerySet["Amendment"]):
    def with_recommendation(self) -> Self:
        """Add `recommended_on`, the day of the committee's recommendation, beside the donor's."""
        kind = ContentType.objects.get_for_model(Amendment)
        steps = StatusChange.objects.filter(
            content_type=kind, object_id=OuterRef("pk"), verb="recommend"
        )
        latest = steps.order_by("-pk").values("happened_on")[:1]
        return self.annotate(recommended_on=Subquery(latest))


class Amendment(Lifecycle, Multilingual):
    """A change of what was agreed. The committee recommends, the donor approves: two facts.

    Recommending and taking effect touch decisions and plans: they are services of
    `committees`.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RECOMMENDED = "recommended", _("Recommended by the committee")
        SUBMITTED = "submitted", pgettext_lazy("of an amendment", "Submitted to the donor")
        APPROVED = "approved", pgettext_lazy("of an amendment", "Approved by the donor")
        REFUSED = "refused", _("Refused by the donor")
        EFFECTIVE = "effective", _("In effect")

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
    donor_decided_on = models.DateField(_("donor's answer on"), null=True, blank=True)
    donor_reference = models.CharField(_("donor's reference"), max_length=100, blank=True)
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
                violation_error_message=_("The project already has an amendment of this number."),
            ),
            models.CheckConstraint(
                name="amendment_extension_extends",
                condition=~Q(kind="extension")
                | Q(end_after=None)
                | Q(end_before=None)
                | Q(end_after__gt=F("end_before")),
                violation_error_message=_("An extension ends after the present end."),
            ),
            models.CheckConstraint(
                name="amendment_in_effect_is_approved",
                condition=~Q(status__in=["approved", "effective"])
                | Q(donor_decided_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return _("Amendment %(number)s") % {"number": self.number}

    def get_absolute_url(self) -> str:
        return reverse("projects:amendment", args=[self.project.code, self.pk])

    def clean(self) -> None:
        if self.kind == self.Kind.EXTENSION and not self.end_after:
            raise ValidationError({"end_after": _("Say until when the project is extended.")})
