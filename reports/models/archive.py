"""Archives: all documents of a project that one person may download, in one file; and links by which
somebody without an account gets one document."""

import secrets
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.models import AccessEvent, User, hash_token
from kernel.jobs import Job, JobQuerySet
from kernel.unwanted_files import FileRowMixin, FileRowsMixin
from projects.models import Project
from reports.models.rendition import Rendition

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


# Links


class SharedLinkQuerySet(models.QuerySet["SharedLink"]):
    def valid(self) -> Self:
        return self.filter(expires_at__gt=timezone.now(), revoked_at=None)

    def opened_by(self, token: str) -> "SharedLink | None":
        """Return the valid link with that token; None does not reveal why there is none."""
        return self.valid().filter(token_hash=hash_token(token)).first()


class SharedLink(models.Model):
    """Gives one document to whoever holds the address, until a day or until it is revoked.

    It is no `accounts.AccessLink`, which speaks for a person with an account. Only a hash of the
    token is kept: whoever reads the database cannot use the link.
    """

    class State(models.TextChoices):
        VALID = "valid", pgettext_lazy("of a link", "Valid")
        EXPIRED = "expired", pgettext_lazy("of a link", "Expired")
        REVOKED = "revoked", pgettext_lazy("of a link", "Revoked")

    DAYS = 30
    MAX_DAYS = 365

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    rendition = models.ForeignKey(
        Rendition, on_delete=models.CASCADE, related_name="shared_links", verbose_name=_("document")
    )
    label = models.CharField(_("for whom"), max_length=120)
    expires_at = models.DateTimeField(_("expires"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    # The public page of the portal lists the document, for anybody.
    is_listed = models.BooleanField(_("list it on the public page"), default=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = SharedLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("link to a document")
        verbose_name_plural = _("links to documents")

    def __str__(self) -> str:
        return self.label

    @classmethod
    @transaction.atomic(savepoint=False)
    def issue(
        cls,
        rendition: Rendition,
        *,
        label: str,
        expires_at: datetime,
        by: User,
        is_listed: bool = False,
    ) -> tuple["SharedLink", str]:
        """Make a link and answer it with its token, which is not kept and shown only now."""
        token = secrets.token_urlsafe(32)
        link = cls.objects.create(
            token_hash=hash_token(token),
            rendition=rendition,
            label=label,
            expires_at=expires_at,
            is_listed=is_listed,
            created_by=by,
        )
        AccessEvent.record(
            AccessEvent.Kind.LINK_ISSUED, user=by, thing=rendition, shared_link=link.pk
        )
        return link, token

    @property
    def state(self) -> State:
        if self.revoked_at:
            return self.State.REVOKED
        return self.State.VALID if self.expires_at > timezone.now() else self.State.EXPIRED

    @property
    def is_valid(self) -> bool:
        return self.state == self.State.VALID

    @property
    def last_day(self) -> date:
        """The day at whose end it expires."""
        return timezone.localdate(self.expires_at - timedelta(seconds=1))

    @transaction.atomic(savepoint=False)
    def revoke(self, *, by: User | None = None) -> None:
        """Make the link open nothing from now on; the day of an earlier revocation is kept."""
        valid = SharedLink.objects.filter(pk=self.pk, revoked_at=None)
        if valid.update(revoked_at=timezone.now()):
            AccessEvent.record(
                AccessEvent.Kind.LINK_REVOKED, user=by, thing=self.rendition, shared_link=self.pk
            )
        self.refresh_from_db(fields=["revoked_at"])
