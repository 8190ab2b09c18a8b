"""Remarks on a report: by the team during its review, by the donor and the committee once they have
it."""

from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from kernel.channel import ONLINE, Channel
from kernel.files import DOCUMENTS, PICTURES, StoredFile
from kernel.keys import by_whom
from kernel.lifecycle import Lifecycle, Step, status_field
from reports.models.report import Report, Section


class ReportRemarkQuerySet(models.QuerySet["ReportRemark"]):
    def open(self) -> Self:
        return self.filter(status=ReportRemark.Status.OPEN)

    def unsettled(self) -> Self:
        return self.filter(status__in=ReportRemark.UNSETTLED)

    def with_related(self) -> Self:
        return self.select_related("by", "answered_by", "report").prefetch_related("files")


class ReportRemark(Lifecycle):
    """A comment on a section of a report, or on the whole of it.

    Its text never changes; it is answered once, then settled. A remark that came by letter or
    telephone is entered by the coordination, with its evidence, and shown as such.
    """

    class Origin(models.TextChoices):
        INTERNAL = "internal", _("Internal review")
        DONOR = "donor", _("Donor")
        COMMITTEE = "committee", _("Committee")

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("of a remark", "Open")
        ANSWERED = "answered", pgettext_lazy("of a remark", "Answered")
        SETTLED = "settled", _("Settled")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    UNSETTLED = frozenset({Status.OPEN, Status.ANSWERED})

    STEPS = {
        "answer": Step.of(Status.OPEN, Status.ANSWERED, _("Answer")),
        "settle": Step.of(UNSETTLED, Status.SETTLED, _("Settle")),
        "withdraw": Step.of(UNSETTLED, Status.WITHDRAWN, _("Withdraw")),
    }

    # The statuses of a report in which remarks of each origin are accepted.
    TAKEN_IN = {
        Origin.INTERNAL: frozenset({Report.Status.DRAFT, Report.Status.IN_REVIEW}),
        Origin.DONOR: frozenset({Report.Status.SUBMITTED, Report.Status.RETURNED}),
        Origin.COMMITTEE: frozenset(
            {Report.Status.PRESENTED, Report.Status.SUBMITTED, Report.Status.RETURNED}
        ),
    }

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="remarks")
    # Empty: the whole report.
    section = models.CharField(_("section"), max_length=20, choices=Section.Kind, blank=True)
    # A heading within the section, by its anchor and its words in the text that was commented on;
    # empty: the whole section.
    place = models.CharField(max_length=120, blank=True, editable=False)
    place_title = models.CharField(max_length=300, blank=True, editable=False)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    origin = models.CharField(_("who says it"), max_length=20, choices=Origin)
    # Empty if the returned file has all comments.
    text = models.TextField(_("remark"), max_length=4000, blank=True)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel, default=Channel.PORTAL)
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    given_on = models.DateField(_("given on"), default=timezone.localdate)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    # Of the form that gave it: the same form sent twice is one remark.
    entry_key = models.UUIDField(null=True, unique=True, editable=False)
    status = status_field(Status, Status.OPEN)
    answer = models.TextField(_("answer"), max_length=4000, blank=True)
    answered_at = models.DateTimeField(null=True, editable=False)
    answered_by = by_whom()

    objects = ReportRemarkQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("remark on a report")
        verbose_name_plural = _("remarks on reports")
        constraints = [
            models.CheckConstraint(
                name="reportremark_entered_with_evidence",
                condition=Q(channel__in=sorted(ONLINE)) | ~Q(evidence=""),
                violation_error_message=_(
                    "Say how you know: who called and when, or which letter it was."
                ),
            ),
            models.CheckConstraint(
                name="reportremark_answer_is_dated",
                condition=Q(answer="", answered_at=None, answered_by=None)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="reportremark_answered_has_its_answer",
                condition=~Q(status="answered") | ~Q(answer=""),
                violation_error_message=_("Write the answer."),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80] or str(_("Remark in the returned file"))

    def get_absolute_url(self) -> str:
        return f"{self.report.get_absolute_url()}#remark-{self.pk}"

    def clean(self) -> None:
        if self.given_on and self.given_on > timezone.localdate():
            raise ValidationError({"given_on": _("An answer cannot have arrived in the future.")})

    @property
    def is_open(self) -> bool:
        return self.status in self.UNSETTLED

    @property
    def was_entered(self) -> bool:
        """Whether the coordination entered it for somebody who did not write it online."""
        return self.channel not in ONLINE

    @property
    def on(self) -> str:
        """The name of the section that it is about."""
        return str(self.get_section_display() if self.section else _("The whole report"))

    @property
    def anchor(self) -> str:
        """Where it is on the page on which the report is read."""
        return self.place or self.section


class ReportFile(StoredFile):
    """A file that came with a remark, such as the report with the donor's comments, or the
    donor's letter of acceptance."""

    ACCEPTED = (*DOCUMENTS, *PICTURES)
    MAX_BYTES = 20_000_000

    class Category(models.TextChoices):
        REMARK = "remark", _("Returned file")
        ACCEPTANCE = "acceptance", _("Donor's letter")

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="files")
    remark = models.ForeignKey(
        ReportRemark, on_delete=models.CASCADE, null=True, editable=False, related_name="files"
    )
    category = models.CharField(_("kind of document"), max_length=20, choices=Category)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("file of a report")
        verbose_name_plural = _("files of reports")
        constraints = [
            models.CheckConstraint(
                name="reportfile_is_of_a_remark_or_a_letter",
                condition=Q(category="remark", remark__isnull=False)
                | Q(category="acceptance", remark=None),
            )
        ]

    def __str__(self) -> str:
        return str(self.get_category_display())

    def get_absolute_url(self) -> str:
        return reverse("reports:file", args=[self.report_id, self.pk])
