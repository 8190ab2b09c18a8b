"""Archives: all documents of a project that one person may download, in one file."""

import secrets
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.file_rows import FileRowMixin, FileRowsMixin
from kernel.jobs import Job, JobQuerySet
from projects.models import Project

ARCHIVES = "reports/archives"


def new_archive_name() -> str:
    """Return a name that nobody can guess and that reveals nothing, since the storage may be a
    bucket that others run."""
    return f"{ARCHIVES}/{secrets.token_urlsafe(24)}.zip"


class ArchiveQuerySet(FileRowsMixin, JobQuerySet["Archive"]):
    def ready(self) -> Self:
        return self.filter(state=Job.State.READY)

    def next_due(self) -> int | None:
        """Return which archive a worker makes next, if one waits."""
        return self.due().order_by("requested_at").values_list("pk", flat=True).first()

    def expired(self) -> Self:
        """Return archives older than DAYS_KEPT; they can be requested again at any time."""
        before = timezone.now() - timedelta(days=Archive.DAYS_KEPT)
        done = self.exclude(state__in=[Job.State.QUEUED, Job.State.WORKING])
        return done.filter(requested_at__lt=before)


class Archive(FileRowMixin, Job):
    """The files of a project for one person.

    It holds what the person may see when it is made; of an edition, all that the project has, or what
    its donor may see. They get it only if they may still see all of
    that when they download it, and nobody else ever gets it.
    """

    class Edition(models.TextChoices):
        OWN = "own", _("What I may see")
        FULL = "full", _("Everything, for the organisation")
        DONOR = "donor", _("For the donor")

    DAYS_KEPT = 7

    edition = models.CharField(
        _("edition"), max_length=10, choices=Edition, default=Edition.OWN, editable=False
    )
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    # The rights that it was made for (`rights_in`), and the keys of the renditions that it holds.
    rights = models.JSONField(default=list, editable=False)
    renditions = models.JSONField(default=list, editable=False)
    file = models.FileField(blank=True, max_length=200, editable=False)
    files = models.PositiveIntegerField(null=True, editable=False)
    size = models.PositiveBigIntegerField(null=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)

    objects = ArchiveQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("archive")
        verbose_name_plural = _("archives")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user", "language", "edition"],
                name="archive_of_a_person_once",
            ),
            models.CheckConstraint(
                name="archive_ready_has_its_file",
                condition=~Q(state="ready") | (~Q(file="") & Q(files__isnull=False)),
            ),
        ]

    STAGES: ClassVar[dict[str, Any]] = {
        "files": _("Collecting the files"),
        "storing": _("Storing the file"),
    }

    kind = "zip"  # the type of its file, for `kernel.files.serve`

    def __str__(self) -> str:
        return f"{self.project} · {self.get_language_display()}"

    def get_absolute_url(self) -> str:
        page = "reports" if self.edition == self.Edition.OWN else "closing"
        return reverse(f"projects:{page}", args=[self.project.code]) + "#archive"

    @property
    def until(self) -> Any:
        """The day on which it is deleted."""
        return timezone.localdate(self.requested_at) + timedelta(days=self.DAYS_KEPT)

    @property
    def progress_label(self) -> str:
        if self.state == self.State.QUEUED:
            return str(_("In the queue"))
        stage = str(self.STAGES.get(self.stage, _("Starting")))
        if not self.progress_of:
            return stage
        facts = {"stage": stage, "number": self.progress, "total": self.progress_of}
        return str(_("%(stage)s, %(number)s of %(total)s")) % facts

    @property
    def percent(self) -> int | None:
        return 100 * self.progress // self.progress_of if self.progress_of else None
