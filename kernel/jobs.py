"""Work that a worker does: the row is the truth, a queued message only says “look now”.

A worker claims a row by one conditional UPDATE that sets a lease and a token. It reports progress
and publishes its result under that token. A sweep enqueues rows again whose lease ran out or whose
message got lost. So a job may be enqueued twice, late or for nothing, and is still done once.
"""

import logging
import uuid
from datetime import timedelta
from typing import Any, ClassVar, Self, TypeVar

from celery import current_app
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from kernel import broker
from kernel.frozen import UNKNOWN

logger = logging.getLogger(__name__)

# Where documents wait, by the name that Celery gives to its first queue.
DOCUMENT_QUEUE = "celery"

SomeJob = TypeVar("SomeJob", bound="Job")


class LostLease(Exception):
    """Another worker has the job, or it was cancelled: drop the work and publish nothing."""


def enqueue(task: str, *args: int, queue: str | None = None) -> None:
    """Enqueue the task of that name once the transaction is committed, where `queue` says another one
    than its own.

    A broker that is down must not undo what a person did, or keep them waiting: the failure is
    logged (`robust`), and the sweep enqueues the job again.
    """

    def pull() -> None:  # no `partial`, which has no name for Django's log of a failure
        if broker.answers():
            current_app.tasks[task].apply_async(args, queue=queue)

    transaction.on_commit(pull, robust=True)


class JobQuerySet(models.QuerySet[SomeJob]):
    def due(self) -> Self:
        """Return jobs that a worker should look at now: waiting, or left by a dead worker."""
        now = timezone.now()
        return self.filter(
            Q(state=Job.State.QUEUED, next_attempt_at__lte=now)
            | Q(state=Job.State.WORKING, lease_until__lt=now)
        )

    def in_hand(self) -> Self:
        return self.filter(state__in=[Job.State.QUEUED, Job.State.WORKING])

    def claim(self, pk: int, *, lease: timedelta) -> SomeJob | None:
        """Take the job for this worker alone, or return None if there is nothing to take."""
        token = uuid.uuid4()
        now = timezone.now()
        taken = (
            self.due()
            .filter(pk=pk)
            .update(
                state=Job.State.WORKING,
                token=token,
                lease_until=now + lease,
                attempt=F("attempt") + 1,
                started_at=now,
                stage="",
                progress=0,
                progress_of=0,
            )
        )
        if not taken:
            return None
        job = self.filter(pk=pk, token=token).first()
        if job and job.attempt > job.MAX_ATTEMPTS:
            job.fail(job.Failure.WORKER_DIED)
            return None
        return job


class Job(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        WORKING = "working", _("In progress")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", pgettext_lazy("of a document", "Cancelled")

    class Failure(models.TextChoices):
        """Reasons in words that a coordinator understands, stored as codes and read in any
        language."""

        TOO_LONG = (
            "too_long",
            _("The work took too long and was stopped. Shorten the document."),
        )
        TOO_LARGE = (
            "too_large",
            _("The work needed too much memory. Shorten the document."),
        )
        # While it waits for its second try, which starts by itself.
        KILLED = (
            "killed",
            _(
                "The machine ended the work, probably because its memory ran out. The portal tries "
                "once more in a minute."
            ),
        )
        NO_MEMORY = (
            "no_memory",
            _(
                "The work was too large for this machine, which ended it twice. Ask your "
                "administrator for more memory, or shorten the document."
            ),
        )
        DISK_FULL = (
            "disk_full",
            _("The server's disk is full. Tell your administrator."),
        )
        NO_LIBRARIES = (
            "no_libraries",
            _(
                "This server lacks libraries needed for documents. Ask your "
                "administrator to install libpango-1.0-0, libpangoft2-1.0-0, "
                "libharfbuzz0b and libfontconfig1: the document will then be made "
                "without another request."
            ),
        )
        # The seal of documents (docs/rules/seal.md). The sweep tries these again.
        SEAL_KEY = (
            "seal_key",
            _(
                "The document could not be sealed, because the portal cannot read the key of its "
                "seal. Ask your administrator to check the file that SEAL_KEY names: the document "
                "will then be made without another request."
            ),
        )
        SEAL_PASSPHRASE = (
            "seal_passphrase",
            _(
                "The document could not be sealed, because the key of the portal's seal does not "
                "open. Ask your administrator to check the file that SEAL_PASSPHRASE_FILE names: "
                "the document will then be made without another request."
            ),
        )
        SEAL_EXPIRED = (
            "seal_expired",
            _(
                "The document could not be sealed, because the certificate of the portal's seal is "
                "not valid today. Ask your administrator for a new one: the document will then be "
                "made without another request."
            ),
        )
        SEAL_BROKEN = (
            "seal_broken",
            _(
                "The document could not be sealed. The portal tries again each hour for a day, and "
                "then tells your administrator."
            ),
        )
        WORKER_DIED = (
            "worker_died",
            _("The work was interrupted several times. Try again."),
        )
        UNKNOWN_FORMAT = "unknown_format", UNKNOWN
        BROKEN = (
            "broken",
            _("Something in the portal failed. Try again, or tell your administrator."),
        )

    MAX_ATTEMPTS: ClassVar[int] = 6  # a job whose workers died this often is given up

    state = models.CharField(
        _("state"), max_length=20, choices=State, default=State.QUEUED, editable=False
    )
    token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    attempt = models.PositiveSmallIntegerField(default=0, editable=False)
    next_attempt_at = models.DateTimeField(default=timezone.now, editable=False)
    stage = models.CharField(max_length=30, blank=True, editable=False)
    progress = models.PositiveIntegerField(default=0, editable=False)
    progress_of = models.PositiveIntegerField(default=0, editable=False)
    failure = models.CharField(max_length=20, choices=Failure, blank=True, editable=False)
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def in_hand(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.WORKING}

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def may_retry(self) -> bool:
        return self.state in {self.State.FAILED, self.State.CANCELLED}

    def report_progress(
        self, stage: str, *, lease: timedelta, progress: int = 0, of: int = 0
    ) -> None:
        """Store the progress, and extend the lease. Raises `LostLease`."""
        self._under_token(
            stage=stage,
            progress=progress,
            progress_of=of,
            lease_until=timezone.now() + lease,
        )

    def finish(self, **result: Any) -> None:
        """Publish the result. Raises `LostLease` if another worker was given the job."""
        self._under_token(
            state=self.State.READY,
            failure="",
            finished_at=timezone.now(),
            token=None,
            **result,
        )

    def fail(self, reason: str) -> None:
        self._under_token(
            state=self.State.FAILED,
            failure=reason,
            finished_at=timezone.now(),
            token=None,
        )

    def try_later(self, wait: timedelta, **changes: Any) -> None:
        """Put the job back until later. The row says when: a delayed message would die with its
        worker."""
        self._under_token(
            state=self.State.QUEUED,
            token=None,
            next_attempt_at=timezone.now() + wait,
            **changes,
        )

    def cancel(self) -> bool:
        return self._from_states(
            {self.State.QUEUED, self.State.WORKING},
            state=self.State.CANCELLED,
            token=None,
            finished_at=timezone.now(),
        )

    def retry(self) -> bool:
        return self._from_states(
            {self.State.FAILED, self.State.CANCELLED},
            state=self.State.QUEUED,
            failure="",
            attempt=0,
            next_attempt_at=timezone.now(),
            finished_at=None,
        )

    def _under_token(self, **changes: Any) -> None:
        rows = type(self)._base_manager.filter(
            pk=self.pk, token=self.token, state=self.State.WORKING
        )
        if self.token is None or not rows.update(**changes):
            raise LostLease(f"{self._meta.label} {self.pk}")
        self.refresh_from_db(fields=list(changes))

    def _from_states(self, states: set[str], **changes: Any) -> bool:
        rows = type(self)._base_manager.filter(pk=self.pk, state__in=states)
        done = bool(rows.update(**changes))
        self.refresh_from_db(fields=list(changes))
        return done
