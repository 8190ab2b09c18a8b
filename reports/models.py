"""What is told of a project: reports, their frozen data, and the documents rendered from it.

A report is composed from the other apps, section by section, with narrative in up to three
languages. Signing off freezes it in a `Snapshot`; a `Rendition` is one document made of a
snapshot for one audience in one language, rendered by a worker and then kept for ever.
"""

import hashlib
import json
import secrets
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from accounts.models import User
from committees.models import Audience
from kernel.jobs import Job, JobQuerySet
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import count_words, validate_markdown
from projects.models import Period, Project


class ReportQuerySet(models.QuerySet["Report"]):
    def of_visible_projects(self, user: User) -> Self:
        return self.filter(project__in=Project.objects.visible_to(user))

    def published(self) -> Self:
        return self.filter(status=Report.Status.PUBLISHED)

    def newer_than(self, report: "Report") -> "Report | None":
        """The latest of these that is a later version of the same report."""
        later = self.filter(period=report.period_id, version__gt=report.version)
        return later.with_related().order_by("-version").first()

    def with_related(self) -> Self:
        return self.select_related("project", "period", "snapshot", "written_by", "signed_off_by")


class Report(Lifecycle):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", pgettext_lazy("of a report", "In review")
        SIGNED_OFF = "signed_off", _("Signed off")
        PRESENTED = "presented", _("Presented to the committee")
        SUBMITTED = "submitted", _("Submitted to the donor")
        RETURNED = "returned", _("Returned by the donor")
        ACCEPTED = "accepted", _("Accepted by the donor")
        PUBLISHED = "published", _("Published")

    # From signing off on, the text stands and documents carry no watermark.
    FROZEN = frozenset(
        {
            Status.SIGNED_OFF,
            Status.PRESENTED,
            Status.SUBMITTED,
            Status.RETURNED,
            Status.ACCEPTED,
            Status.PUBLISHED,
        }
    )
    SHOWN_TO_DONOR = frozenset(
        {Status.SUBMITTED, Status.RETURNED, Status.ACCEPTED, Status.PUBLISHED}
    )
    SHOWN_TO_MEMBERS = SHOWN_TO_DONOR | {Status.PRESENTED}

    STEPS = {
        "review": Step.of(Status.DRAFT, Status.IN_REVIEW, _("Send for internal review")),
        "return": Step.of(Status.IN_REVIEW, Status.DRAFT, _("Return to draft")),
        "sign_off": Step.of(Status.IN_REVIEW, Status.SIGNED_OFF, _("Sign off")),
        "present": Step.of(Status.SIGNED_OFF, Status.PRESENTED, _("Present to the committee")),
        "submit": Step.of(
            [Status.SIGNED_OFF, Status.PRESENTED], Status.SUBMITTED, _("Submit to the donor")
        ),
        "comment": Step.of(
            Status.SUBMITTED, Status.RETURNED, _("Record that the donor asks for changes")
        ),
        "resubmit": Step.of(Status.RETURNED, Status.SUBMITTED, _("Submit again")),
        "accept": Step.of(Status.SUBMITTED, Status.ACCEPTED, _("Record acceptance")),
        "publish": Step.of([Status.SUBMITTED, Status.ACCEPTED], Status.PUBLISHED, _("Publish")),
    }

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="reports")
    period = models.ForeignKey(
        Period, on_delete=models.PROTECT, related_name="reports", verbose_name=_("period")
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    status = status_field(Status, Status.DRAFT)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    signed_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    signed_off_on = models.DateField(_("signed off on"), null=True, editable=False)
    # A small team may have nobody else to sign: then it says why.
    four_eyes_exception = models.TextField(blank=True, editable=False)
    published_on = models.DateField(_("published on"), null=True, editable=False)
    snapshot = models.ForeignKey(
        "Snapshot", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-period__start", "-version"]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(
                fields=["period", "version"],
                name="report_version_is_used_once",
                violation_error_message=_("This period already has a report: open that one."),
            ),
            models.CheckConstraint(
                name="report_signed_off_has_its_snapshot",
                condition=Q(status__in=["draft", "in_review"])
                | Q(
                    snapshot__isnull=False,
                    signed_off_by__isnull=False,
                    signed_off_on__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="report_has_four_eyes",
                condition=Q(signed_off_by=None)
                | ~Q(signed_off_by=F("written_by"))
                | ~Q(four_eyes_exception=""),
                violation_error_message=_("Who wrote a report does not sign it off."),
            ),
            models.CheckConstraint(
                name="report_publication_is_dated",
                condition=~Q(status="published") | Q(published_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return _("Annual progress report, year %(year)s") % {"year": self.period.number}

    def get_absolute_url(self) -> str:
        return reverse("reports:detail", args=[self.pk])

    def clean(self) -> None:
        if self.period_id and self.project_id and self.period.project_id != self.project_id:
            raise ValidationError({"period": _("That period is of another project.")})

    @property
    def is_frozen(self) -> bool:
        return self.status in self.FROZEN

    @property
    def is_signed(self) -> bool:
        """Also while it is being signed off: what is frozen then names the day."""
        return self.signed_off_on is not None


class Section(models.Model):
    """Narrative of one kind in one language; what is computed needs no section."""

    class Kind(models.TextChoices):
        """In the order of the document; what is computed stands below the narrative."""

        SUMMARY = "summary", _("Executive summary")
        CONTEXT = "context", _("Context")
        PROGRESS = "progress", _("Progress by outcome")
        ACTIVITIES = "activities", _("Outputs and activities")
        CROSS_CUTTING = "cross_cutting", _("Cross-cutting themes")
        CHANGES = "changes", _("Changes made or to be made")
        GOVERNANCE = "governance", _("Management and governance")
        PLAN = "plan", _("Action plan")
        LESSONS = "lessons", _("Lessons learned")
        NEXT_YEAR = "next_year", _("Next year")

    REQUIRED = (Kind.SUMMARY, Kind.CONTEXT)

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="sections")
    kind = models.CharField(_("section"), max_length=20, choices=Kind)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    text = models.TextField(_("text"), blank=True, validators=[validate_markdown])
    # Raised with each save: of two people who write at once, the second is told.
    version = models.PositiveIntegerField(default=0, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["report", "kind", "language"]
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "kind", "language"], name="section_is_written_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.get_language_display()}"

    @property
    def words(self) -> int:
        return count_words(self.text)


def canonical(data: dict[str, Any]) -> str:
    """The one way of writing this data, so that equal data has an equal hash."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def left_over(self) -> Self:
        """Data of drafts whose documents are gone."""
        final = Report.objects.exclude(snapshot=None).values("snapshot")
        return self.filter(renditions=None).exclude(pk__in=final)


class Snapshot(models.Model):
    """The data of a document, frozen: all that a rendition in any language is made from.

    `data` has a document per audience and language: what a reader may not see is left out
    before the renderer sees it. The snapshot of a sign-off holds all of them, so a report has
    one verification code whichever of its files one holds; that of a draft holds the one that
    was asked for. Rows are never changed; the hash is over `canonical(data)`.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="snapshots")
    data = models.JSONField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        constraints = [
            models.UniqueConstraint(fields=["report", "sha256"], name="snapshot_of_equal_data_once")
        ]

    def __str__(self) -> str:
        return self.code

    @classmethod
    def keep(cls, report: Report, data: dict[str, Any]) -> "Snapshot":
        """The snapshot of this data: the one there is, or a new one."""
        sha256 = hashlib.sha256(canonical(data).encode()).hexdigest()
        snapshot, _created = cls.objects.get_or_create(
            report=report, sha256=sha256, defaults={"data": data}
        )
        return snapshot

    @property
    def code(self) -> str:
        """The verification code on the last page: 7F3A-91C2-D04E."""
        return "-".join(self.sha256[start : start + 4].upper() for start in (0, 4, 8))

    def document(self, audience: str, language: str) -> dict[str, Any]:
        return self.data[audience][language]

    @property
    def is_whole(self) -> bool:
        return hashlib.sha256(canonical(self.data).encode()).hexdigest() == self.sha256


FOLDER = "reports/renditions"


def new_file_name() -> str:
    """A name nobody can guess and that tells nothing: the storage may be a bucket."""
    return f"{FOLDER}/{secrets.token_urlsafe(24)}.pdf"


class RenditionQuerySet(JobQuerySet):
    def ready(self) -> Self:
        return self.filter(state=Job.State.READY)

    def old_drafts(self) -> Self:
        """Nobody needs a draft for ever; its text lives on in the report."""
        before = timezone.now() - timedelta(days=Rendition.DRAFT_DAYS)
        return self.filter(is_draft=True, requested_at__lt=before).exclude(
            state__in=[Job.State.QUEUED, Job.State.WORKING]
        )

    def with_related(self) -> Self:
        return self.select_related("snapshot__report__project", "snapshot__report__period")


class Rendition(Job):
    """One document: of a snapshot, in a language, for an audience, by a renderer."""

    DRAFT_DAYS = 30

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="renditions")
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    audience = models.CharField(
        _("audience"), max_length=20, choices=Audience, default=Audience.DONOR
    )
    # Whether the document carries the draft's watermark: it was asked for before sign-off.
    is_draft = models.BooleanField(default=False, editable=False)
    renderer = models.CharField(max_length=64, editable=False)
    # Nobody: the portal asked for it, when the report was submitted or published.
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    file = models.FileField(blank=True, max_length=200, editable=False)
    pages = models.PositiveIntegerField(null=True, editable=False)
    size = models.PositiveBigIntegerField(null=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)

    objects = RenditionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "language", "audience", "is_draft", "renderer"],
                name="rendition_of_equal_input_once",
            ),
            models.CheckConstraint(
                name="rendition_ready_has_its_file",
                condition=~Q(state="ready") | (~Q(file="") & Q(pages__isnull=False)),
            ),
        ]

    STAGES: ClassVar[dict[str, Any]] = {
        "data": _("Collecting the data"),
        "layout": _("Laying out the pages"),
        "writing": _("Writing the file"),
        "storing": _("Storing the file"),
    }

    kind = "pdf"  # what `kernel.files.serve` answers with

    def __str__(self) -> str:
        return f"{self.snapshot.report} · {self.get_language_display()}"

    def get_absolute_url(self) -> str:
        return reverse("reports:rendition", args=[self.pk])

    @property
    def progress_label(self) -> str:
        """Where the work is, for the page that waits for it."""
        if self.state == self.State.QUEUED:
            return str(_("In the queue"))
        stage = str(self.STAGES.get(self.stage, _("Beginning")))
        if not self.progress:
            return stage
        return str(_("%(stage)s, page %(page)s")) % {"stage": stage, "page": self.progress}
