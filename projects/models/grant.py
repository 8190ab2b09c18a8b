"""Grants to organisations: agreement, instalments, reports, support.

The instalments never add up to more than the grant, nothing is paid before the agreement is signed,
and nobody accepts a report that they submitted themselves.
"""

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from kernel.channel import Channel
from kernel.files import DOCUMENTS, PICTURES, StoredFile
from kernel.keys import by_whom
from kernel.lifecycle import Lifecycle, Step, status_field
from partners.models import Agreement, Institution
from projects.models.call import money_field
from projects.models.project import Project
from projects.models.proposal import Proposal

REPORT_BYTES = 10_000_000


class GrantQuerySet(models.QuerySet["Grant"]):
    def with_related(self) -> Self:
        names = "institution__names"
        return self.select_related("project", "institution", "agreement").prefetch_related(names)


class Grant(Lifecycle):
    class Status(models.TextChoices):
        PREPARED = "prepared", pgettext_lazy("of a grant", "In preparation")
        SIGNED = "signed", pgettext_lazy("of a grant", "Signed")
        RUNNING = "running", pgettext_lazy("of a grant", "In progress")
        CLOSED = "closed", pgettext_lazy("of a grant", "Closed")
        ENDED = "ended", _("Ended early")

    STEPS = {
        "sign": Step.of(Status.PREPARED, Status.SIGNED, _("Record the signature")),
        "start": Step.of(Status.SIGNED, Status.RUNNING, pgettext_lazy("a grant", "Start")),
        "close": Step.of(Status.RUNNING, Status.CLOSED, pgettext_lazy("a grant", "Close")),
        "end": Step.of(
            [Status.PREPARED, Status.SIGNED, Status.RUNNING], Status.ENDED, _("End early")
        ),
    }

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="grants")
    # None: granted without a call.
    proposal = models.OneToOneField(
        Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="grant"
    )
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        related_name="grants",
        verbose_name=_("institution"),
    )
    agreement = models.OneToOneField(
        Agreement, on_delete=models.PROTECT, null=True, blank=True, related_name="grant"
    )
    title = models.CharField(_("title"), max_length=200)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    amount = money_field(_("amount"))
    currency = models.CharField(
        _("currency"),
        max_length=3,
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Three capital letters, such as USD."))],
    )
    project_amount = money_field(_("amount in the project's currency"), null=True, blank=True)
    starts_on = models.DateField(_("start"))
    ends_on = models.DateField(_("end"))
    status = status_field(Status, Status.PREPARED)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = GrantQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["-starts_on", "pk"]
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.CheckConstraint(
                name="grant_ends_after_it_starts",
                condition=Q(ends_on__gt=F("starts_on")),
                violation_error_message=_("A grant ends after it starts."),
            ),
            models.CheckConstraint(
                name="grant_signed_has_an_agreement",
                condition=Q(status__in=["prepared", "ended"]) | Q(agreement__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["project", "institution", "title", "starts_on"],
                name="grant_is_entered_once",
                violation_error_message=_("The project already has this grant."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution} · {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("projects:grant", args=[self.project.code, self.pk])

    @property
    def may_be_paid(self) -> bool:
        return self.status in (self.Status.SIGNED, self.Status.RUNNING)

    @property
    def is_over(self) -> bool:
        return self.status in (self.Status.CLOSED, self.Status.ENDED)

    @property
    def planned(self) -> Decimal:
        return sum((each.amount for each in self.instalments.all()), Decimal(0))

    @property
    def paid(self) -> Decimal:
        return sum((each.amount for each in self.instalments.all() if each.paid_on), Decimal(0))


class Instalment(models.Model):
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="instalments")
    number = models.PositiveSmallIntegerField(_("number"))
    due_on = models.DateField(_("due on"))
    condition = models.CharField(
        _("condition"),
        max_length=200,
        blank=True,
        help_text=_("For example, “when the first report is accepted”."),
    )
    amount = money_field(_("amount"))
    paid_on = models.DateField(_("paid on"), null=True, blank=True)
    reference = models.CharField(_("reference of the payment"), max_length=100, blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["number"]
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        constraints = [
            models.UniqueConstraint(
                fields=["grant", "number"],
                name="instalment_number_once",
                violation_error_message=_("The grant already has an instalment with this number."),
            ),
            models.CheckConstraint(
                name="instalment_paid_has_a_reference",
                condition=Q(paid_on=None) | ~Q(reference=""),
                violation_error_message=_("Enter the reference of the payment."),
            ),
            models.CheckConstraint(name="instalment_is_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return _("Instalment %(number)s") % {"number": self.number}

    @property
    def is_late(self) -> bool:
        return self.paid_on is None and self.due_on < timezone.localdate()


class GrantReport(Lifecycle):
    """A report of the grantee about a period: asked for, submitted, returned or accepted."""

    class Status(models.TextChoices):
        ASKED = "asked", pgettext_lazy("of a report", "Expected")
        SUBMITTED = "submitted", pgettext_lazy("of a report", "Submitted")
        RETURNED = "returned", pgettext_lazy("of a report", "Returned")
        ACCEPTED = "accepted", pgettext_lazy("of a report", "Accepted")

    STEPS = {
        "submit": Step.of(
            [Status.ASKED, Status.RETURNED], Status.SUBMITTED, _("Submit the report")
        ),
        "return": Step.of(Status.SUBMITTED, Status.RETURNED, _("Return with a remark")),
        "accept": Step.of(Status.SUBMITTED, Status.ACCEPTED, _("Accept the report")),
    }

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="reports")
    due_on = models.DateField(_("due on"))
    period_start = models.DateField(_("period from"))
    period_end = models.DateField(_("period until"))
    is_final = models.BooleanField(_("final report"), default=False)
    narrative = models.TextField(_("what was done"), max_length=10_000, blank=True)
    financial = models.TextField(_("what was spent"), max_length=5_000, blank=True)
    submitted_by = by_whom()
    received_on = models.DateField(_("received on"), null=True, blank=True)
    channel = models.CharField(
        _("received by"), max_length=20, choices=Channel, default=Channel.PORTAL
    )
    accepted_by = by_whom()
    status = status_field(Status, Status.ASKED)

    history = HistoricalRecords(excluded_fields=["submitted_by", "accepted_by"])

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = _("report of a grant")
        verbose_name_plural = _("reports of grants")
        constraints = [
            models.CheckConstraint(
                name="grantreport_period_is_ordered",
                condition=Q(period_end__gte=F("period_start")),
                violation_error_message=_("The period cannot end before it starts."),
            ),
            models.UniqueConstraint(
                fields=["grant", "due_on", "is_final"],
                name="grantreport_is_asked_once",
                violation_error_message=_("This report has already been requested."),
            ),
            models.CheckConstraint(
                name="grantreport_accepted_by_another",
                condition=~Q(status="accepted")
                | (Q(accepted_by__isnull=False) & ~Q(accepted_by=F("submitted_by"))),
            ),
        ]

    def __str__(self) -> str:
        return str(_("Final report") if self.is_final else _("Progress report"))

    @property
    def is_open(self) -> bool:
        return self.status in (self.Status.ASKED, self.Status.RETURNED)

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_on < timezone.localdate()


class GrantReportFile(StoredFile):
    ACCEPTED = (*DOCUMENTS, *PICTURES)

    report = models.ForeignKey(GrantReport, on_delete=models.PROTECT, related_name="files")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("file of a report")
        verbose_name_plural = _("files of reports")
        constraints = [
            models.UniqueConstraint(fields=["report", "sha256"], name="grantreportfile_once")
        ]

    def __str__(self) -> str:
        return self.original_name


class SupportNote(models.Model):
    """Technical support that was given to a grantee: a visit, a call, a training."""

    class Kind(models.TextChoices):
        VISIT = "visit", _("Visit")
        CALL = "call", pgettext_lazy("by telephone", "Call")
        TRAINING = "training", _("Training")
        ADVICE = "advice", _("Written advice")

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="support")
    on = models.DateField(_("date"), default=timezone.localdate)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    text = models.TextField(_("what was done and agreed"), max_length=3000)
    by = by_whom(editable=True)

    history = HistoricalRecords(excluded_fields=["by"])

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name = _("support given")
        verbose_name_plural = _("support given")
        constraints = [
            models.UniqueConstraint(
                fields=["grant", "on", "kind", "text"],
                name="supportnote_is_written_once",
                violation_error_message=_("This has already been noted."),
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
