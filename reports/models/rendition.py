"""Renditions: the PDFs that are made of snapshots, in the background; who requested them; and the files
that the portal makes unasked, packs of meetings and guides of calls."""

import secrets
import uuid
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models import Audience, Meeting
from kernel.jobs import Job, JobQuerySet
from kernel.keys import by_whom
from kernel.unwanted_files import FileRowMixin, FileRowsMixin
from projects.models import CallForProposals
from reports.models.seal import SealCertificate
from reports.models.snapshot import RELATED, Snapshot

FOLDER = "reports/renditions"


def new_file_name() -> str:
    """Return a name that nobody can guess and that reveals nothing, since the storage may be a
    bucket that others run."""
    return f"{FOLDER}/{secrets.token_urlsafe(24)}.pdf"


# Somebody requested it, first or since.
ASKED_FOR = Q(requested_by__isnull=False) | Q(requests__isnull=False, requests__told_at=None)
# How often a worker looks for the next document while others take those that it found.
CLAIMS = 10


class RenditionQuerySet(FileRowsMixin, JobQuerySet["Rendition"]):
    def ready(self) -> Self:
        return self.filter(state=Job.State.READY)

    def asked_for(self) -> Self:
        """Return documents for which a person waits; the portal requests others by itself."""
        return self.filter(ASKED_FOR).distinct()

    def most_urgent(self, own: int) -> int | None:
        """Return which of the documents that are due comes first, for the worker that got the message
        of `own`: one whose lease ran out, then those that people requested, then the portal's."""
        urgency = Case(
            When(state=Job.State.WORKING, then=0),
            When(ASKED_FOR, then=1),
            default=2,
            output_field=IntegerField(),
        )
        is_other = Case(When(pk=own, then=0), default=1, output_field=IntegerField())
        rows = self.due().order_by(urgency, is_other, "next_attempt_at", "pk")
        return rows.values_list("pk", flat=True).first()

    def claim_next(self, own: int, *, lease: timedelta) -> "Rendition | None":
        """Take the document that comes first. A message only says that there is work: there are as
        many as documents, so each gets its turn whichever is taken now."""
        for _attempt in range(CLAIMS):
            pk = self.most_urgent(own)
            if pk is None:
                return None
            if taken := self.claim(pk, lease=lease):
                return taken
        return None

    def must_exist(self) -> Self:
        """Return documents that are made whether or not somebody waits for them: those that the
        portal requests by itself, and final ones, of which there is no equal file."""
        equal = (
            Rendition.objects.ready()
            .current()
            .filter(
                snapshot=OuterRef("snapshot"),
                language=OuterRef("language"),
                audience=OuterRef("audience"),
                is_draft=False,
            )
        )
        final = Q(snapshot__is_final=True, is_draft=False)
        return self.current().filter(Q(requested_by=None) | final).exclude(Exists(equal))

    def current(self) -> Self:
        """Return documents that no other one superseded, and whose files were not destroyed."""
        return self.filter(superseded_at=None)

    def expired(self) -> Self:
        """Return drafts and documents of the day that are older than DAYS_KEPT.

        They can be requested again at any time, and the names of persons in some of them should not
        be stored longer than needed. Those that were superseded are listed for ever: neither file
        nor data are left of them.
        """
        before = timezone.now() - timedelta(days=Rendition.DAYS_KEPT)
        return (
            self.filter(Q(is_draft=True) | Q(snapshot__is_final=False), requested_at__lt=before)
            .current()
            .exclude(state__in=[Job.State.QUEUED, Job.State.WORKING])
        )

    def with_related(self) -> Self:
        """Fetch what a list of documents shows, without the data, which may be large."""
        related = (f"snapshot__{name}" for name in RELATED)
        rows = self.select_related("snapshot", *related).defer("snapshot__data")
        return rows.prefetch_related(
            "snapshot__addressee__names",
            "snapshot__seat__institution__names",
            "snapshot__attendance__seat__institution__names",
        )


class Rendition(FileRowMixin, Job):
    """A PDF of a snapshot, in a language, for an audience, made by a version of the renderer.

    If something in it may no longer be read, it is superseded (`reports.services.naming`): one
    without that takes its place, and nobody outside the coordination gets its file any more. A
    superseded document without a file was destroyed.
    """

    class Reason(models.TextChoices):
        """Why it was superseded, without a name."""

        NAMING = "naming", _("An institution in it may no longer be named to its readers")
        PRECAUTION = "precaution", _("An institution in it was hidden as a precaution")
        RESTORED = "restored", _("A precaution was lifted: the earlier document counts again")
        CONSENT = "consent", _("The consent to a photograph or a quotation in it was withdrawn")
        ERASURE = "erasure", _("Data about a person were erased")

    # What such a document gave its place for, and may get it back from.
    FOR_A_TIME = (Reason.PRECAUTION, Reason.RESTORED)
    ABOUT_NAMES = (Reason.NAMING, *FOR_A_TIME)
    DAYS_KEPT = 30

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="renditions")
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    audience = models.CharField(
        _("audience"), max_length=20, choices=Audience, default=Audience.DONOR
    )
    # Whether it carries the watermark of a draft, since it was requested before the thing was
    # settled.
    is_draft = models.BooleanField(default=False, editable=False)
    renderer = models.CharField(max_length=64, editable=False)
    # Empty if the portal requested it, when a report was submitted or published.
    requested_by = by_whom()
    file = models.FileField(blank=True, max_length=200, editable=False)
    pages = models.PositiveIntegerField(null=True, editable=False)
    size = models.PositiveBigIntegerField(null=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    # The size of the same document as plain text, in bytes; empty if it has none.
    text_size = models.PositiveIntegerField(null=True, editable=False)
    # With what it was sealed; empty if it is not final, or was made while nothing was sealed.
    seal = models.ForeignKey(
        SealCertificate,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="renditions",
    )
    superseded_at = models.DateTimeField(null=True, editable=False)
    superseded_for = models.CharField(max_length=10, choices=Reason, blank=True, editable=False)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = RenditionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "language", "audience", "is_draft", "renderer"],
                condition=Q(superseded_at=None),
                name="rendition_of_equal_input_once",
            ),
            models.CheckConstraint(
                name="rendition_ready_has_its_file",
                condition=~Q(state="ready")
                | Q(superseded_at__isnull=False)
                | (~Q(file="") & Q(pages__isnull=False)),
            ),
            models.CheckConstraint(
                name="rendition_superseded_for_a_reason",
                condition=Q(superseded_at=None, superseded_for="", replaced_by=None)
                | (Q(superseded_at__isnull=False, state="ready") & ~Q(superseded_for="")),
            ),
        ]
        # The page of verification finds a document by the hash of its file.
        indexes = [
            models.Index(fields=["sha256"], name="rendition_by_its_hash"),
            models.Index(
                fields=["next_attempt_at"],
                name="rendition_to_be_made",
                condition=Q(state__in=["queued", "working"]),
            ),
        ]

    STAGES: ClassVar[dict[str, Any]] = {
        "data": _("Collecting the data"),
        "layout": _("Laying out the pages"),
        "writing": _("Writing the file"),
        "annexes": _("Appending the documents"),
        "sealing": _("Sealing the file"),
        "storing": _("Storing the file"),
    }

    kind = "pdf"  # the type of its file, for `kernel.files.serve`
    # Whether its line in a list leads to the page of its links; the list sets it.
    leads_to_links = False

    def __str__(self) -> str:
        return f"{self.snapshot.about} · {self.get_language_display()}"

    def get_absolute_url(self) -> str:
        return reverse("reports:rendition", args=[self.pk])

    def set_snapshot(self, snapshot: Snapshot, *, is_draft: bool) -> None:
        """Store which data it is made from, now that this is composed.

        Raises LostLease, and IntegrityError if there is an equal document already.
        """
        with transaction.atomic():
            self._under_token(snapshot=snapshot, is_draft=is_draft)

    @property
    def is_superseded(self) -> bool:
        return self.superseded_at is not None

    @property
    def is_destroyed(self) -> bool:
        return self.is_superseded and not self.file

    @property
    def name(self) -> str:
        """Its name in a list of the documents of one thing."""
        return f"{self.snapshot.label} · {self.get_language_display()}"

    @property
    def progress_label(self) -> str:
        """How far the work is, for the page that waits for it."""
        if self.state == self.State.QUEUED:
            return str(self.get_failure_display() if self.failure else _("In the queue"))
        stage = str(self.STAGES.get(self.stage, _("Starting")))
        if not self.progress:
            return stage
        return str(_("%(stage)s, page %(page)s")) % {"stage": stage, "page": self.progress}


# Requests


class RenditionRequest(models.Model):
    """A person who requested a document, also if somebody else had requested it before.

    Documents that were requested at once (in several languages) have one `batch`, so that one
    message covers all of them. `told_at` is set in the transaction that writes the message, or if
    none is needed because the document was ready or came while the person waited.
    """

    rendition = models.ForeignKey(Rendition, on_delete=models.CASCADE, related_name="requests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    batch = models.UUIDField(default=uuid.uuid4, editable=False)
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    told_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("request for a document")
        verbose_name_plural = _("requests for documents")
        constraints = [
            models.UniqueConstraint(
                fields=["rendition", "user"], name="rendition_asked_for_once_by_each"
            )
        ]
        indexes = [
            models.Index(
                fields=["user", "batch"],
                condition=models.Q(told_at=None),
                name="rendition_request_untold",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rendition} · {self.user}"


# Packs of meetings


class MeetingPack(models.Model):
    """What the packs of a convened meeting were last made of.

    `facts` is the hash of the agenda and papers for which they were requested, `seen` the one found
    since. A pack is made again once `seen` no longer changes, so that somebody who orders an agenda
    does not have it made with each click.
    """

    meeting = models.OneToOneField(
        Meeting, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    facts = models.CharField(max_length=64, blank=True, editable=False)
    seen = models.CharField(max_length=64, blank=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("meeting pack")
        verbose_name_plural = _("meeting packs")

    def __str__(self) -> str:
        return str(self.meeting)


# Guides of calls


class CallGuide(models.Model):
    """The PDF of what a public call says, in one language. It is made again when the call says
    something else (`facts`, the hash of what it was made of)."""

    FOLDER = "reports/guides"
    kind = "pdf"  # the type of its file, for `kernel.files.serve`

    call = models.ForeignKey(CallForProposals, on_delete=models.CASCADE, related_name="guides")
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    facts = models.CharField(max_length=64, editable=False)
    file = models.FileField(max_length=200, editable=False)
    pages = models.PositiveIntegerField(editable=False)
    size = models.PositiveBigIntegerField(editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["call", "language"]
        verbose_name = _("guide of a call")
        verbose_name_plural = _("guides of calls")
        constraints = [
            models.UniqueConstraint(
                fields=["call", "language"], name="callguide_once_in_each_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.call} · {self.get_language_display()}"
