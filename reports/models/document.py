"""Documents of every kind: what they are of, their frozen data, and the files made of it."""

import functools
import hashlib
import json
import operator
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Self, TypeVar, cast

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models import ActionPlan, Attendance, Audience, Meeting, Seat
from kernel.jobs import Job, JobQuerySet
from partners.models import Institution
from projects.models import Project
from reports.document_types import ComposedDocument
from reports.frozen import DOCUMENT
from reports.models.report import Report


class Kind(models.TextChoices):
    """Which document it is; `reports.kinds` says of each how it is made and for whom."""

    ANNUAL_REPORT = "annual_report", _("Annual progress report")
    AGENDA = "agenda", _("Agenda")
    PACK = "pack", _("Meeting pack")
    WHOLE_PACK = "whole_pack", _("Meeting pack with its documents")
    SHEET = "attendance_sheet", _("Attendance sheet to sign")
    LETTER = "letter", _("Letter of convocation")
    MINUTES = "minutes", _("Minutes")
    ANNEX = "attendance_annex", _("Attendance list")
    RECORD = "record", _("Record of decisions")
    CERTIFICATE = "certificate", _("Certificate of attendance")
    HANDOVER = "handover", _("Handover sheet")
    PLAN = "plan", _("Action plan")
    PROGRESS = "plan_progress", _("Progress of the action plan")
    DIFFERENCES = "plan_differences", _("Differences between two versions")


# What the documents of each kind are of.
KINDS_OF = {
    "report": (Kind.ANNUAL_REPORT,),
    "meeting": (
        Kind.AGENDA,
        Kind.PACK,
        Kind.WHOLE_PACK,
        Kind.SHEET,
        Kind.LETTER,
        Kind.MINUTES,
        Kind.ANNEX,
        Kind.RECORD,
    ),
    "attendance": (Kind.CERTIFICATE,),
    "seat": (Kind.HANDOVER,),
    "plan": (Kind.PLAN, Kind.PROGRESS, Kind.DIFFERENCES),
}
THINGS = tuple(KINDS_OF)
THING_OF = {kind: thing for thing, kinds in KINDS_OF.items() for kind in kinds}


Thing = TypeVar("Thing", bound=models.Model)


@dataclass(frozen=True)
class About:
    """What a document is of: a thing, and for some kinds to whom it is addressed or with which
    earlier version it compares."""

    thing: models.Model
    kind: Kind = Kind.ANNUAL_REPORT
    addressee: Institution | None = None
    base: ActionPlan | None = None

    def of(self, model: type[Thing]) -> Thing:
        """The thing itself, where the kind of document says of which model it is."""
        if not isinstance(self.thing, model):
            raise TypeError(f"{self.kind} is no document of this: {self.thing!r}")
        return self.thing

    @property
    def project(self) -> Project:
        thing = self.thing
        if isinstance(thing, Attendance):
            thing = thing.meeting
        return thing.committee.project if isinstance(thing, Meeting | Seat) else thing.project

    @property
    def page(self) -> models.Model:
        """What has a page: people reach an attendance by its meeting, a seat by its committee."""
        if isinstance(self.thing, Attendance):
            return self.thing.meeting
        return self.thing.committee if isinstance(self.thing, Seat) else self.thing

    @property
    def fields(self) -> dict[str, Any]:
        """As a snapshot keeps it."""
        return {
            "kind": self.kind,
            THING_OF[Kind(self.kind)]: self.thing,
            "addressee": self.addressee,
            "base": self.base,
        }

    def __str__(self) -> str:
        if self.kind == Kind.ANNUAL_REPORT:
            return str(self.thing)
        of = self.page if isinstance(self.thing, Attendance) else self.thing
        return f"{Kind(self.kind).label} · {self.addressee or of}"


def canonical(data: Mapping[str, object]) -> str:
    """The one way of writing this data, so that equal data has an equal hash."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(data: Mapping[str, object]) -> str:
    return hashlib.sha256(canonical(data).encode()).hexdigest()


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def left_over(self) -> Self:
        """Data whose documents are gone, and that stands for nothing final."""
        return self.filter(renditions=None, is_final=False)


# What a line on a document shows of the thing.
RELATED = (
    "project",
    "report__project",
    "report__period",
    "report__preset",
    "meeting__committee__project",
    "attendance__meeting__committee__project",
    "attendance__seat__institution",
    "seat__committee__project",
    "seat__institution",
    "plan__project",
    "plan__period",
    "base__period",
    "addressee",
)


def _of_one_thing() -> Q:
    """One thing, and one that its kind is of."""
    choices = [
        Q(kind__in=[kind.value for kind in KINDS_OF[chosen]])
        & Q(**{f"{thing}__isnull": thing != chosen for thing in THINGS})
        for chosen in THINGS
    ]
    return functools.reduce(operator.or_, choices)


class Snapshot(models.Model):
    """The data of a document, frozen: all that a rendition in any language is made from.

    `data` has a document per audience and language, each in a format that it names
    (`reports.frozen`): what a reader may not see is left out
    before the renderer sees it. The snapshot of a report's sign-off holds all of them, so it has
    one verification code whichever of its files one holds; any other holds the one that was asked
    for. Rows are never changed; the hash is over `canonical(data)`. What is not final goes with
    its last document, and with it the names of persons that it may hold.

    A promise is a snapshot to be: what was asked for, which the worker composes. It is written
    once, by `fulfil`.
    """

    PROMISED = "promised "  # in place of a hash, with what was asked for

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.ANNUAL_REPORT)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey(
        Report, on_delete=models.PROTECT, null=True, related_name="snapshots"
    )
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, null=True, related_name="+")
    attendance = models.ForeignKey(
        Attendance, on_delete=models.CASCADE, null=True, related_name="+"
    )
    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, null=True, related_name="+")
    plan = models.ForeignKey(ActionPlan, on_delete=models.CASCADE, null=True, related_name="+")
    # To whom a letter goes; with which earlier version a plan is compared.
    addressee = models.ForeignKey(
        Institution, on_delete=models.CASCADE, null=True, related_name="+"
    )
    base = models.ForeignKey(ActionPlan, on_delete=models.CASCADE, null=True, related_name="+")
    # It stands: it can be verified, and is kept for ever.
    is_final = models.BooleanField(default=False, editable=False)
    data = models.JSONField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        constraints = [
            models.CheckConstraint(name="snapshot_is_of_one_thing", condition=_of_one_thing()),
            # One per thing: where it is another one, the column is empty and nothing is compared.
            *(
                models.UniqueConstraint(
                    fields=[thing, "kind", "sha256"], name=f"snapshot_of_equal_{thing}_once"
                )
                for thing in THINGS
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @classmethod
    def keep(
        cls, about: About, data: Mapping[str, object], *, is_final: bool = False
    ) -> "Snapshot":
        """The snapshot of this data: the one there is, or a new one."""
        sha256 = hash_of(data)
        snapshot, _created = cls.objects.get_or_create(
            **about.fields,
            sha256=sha256,
            defaults={"data": data, "project": about.project, "is_final": is_final},
        )
        if is_final and not snapshot.is_final:
            cls.objects.filter(pk=snapshot.pk).update(is_final=True)
            snapshot.is_final = True
        return snapshot

    @classmethod
    def promise(cls, about: About, *, language: str, audience: str) -> "Snapshot":
        """What was asked for and is not composed yet: one row for equal questions."""
        whose = [each.pk if each else 0 for each in (about.addressee, about.base)]
        question = cls.PROMISED + " ".join(map(str, (audience, language, *whose)))
        held = cls.objects.select_for_update()  # the sweep must not take it away meanwhile
        snapshot, _created = held.get_or_create(
            **about.fields, sha256=question, defaults={"data": {}, "project": about.project}
        )
        return snapshot

    @property
    def is_promise(self) -> bool:
        return self.sha256.startswith(self.PROMISED)

    def leave_question(self) -> None:
        """From now on an equal question is another promise: this one is being composed, perhaps
        of what was known before."""
        Snapshot.objects.filter(pk=self.pk, sha256__startswith=self.PROMISED).update(
            sha256=self.PROMISED + secrets.token_hex(16)
        )

    def fulfil(self, data: Mapping[str, object], *, is_final: bool) -> "Snapshot":
        """The snapshot of this data: one that there was before, or else this promise."""
        sha256 = hashlib.sha256(canonical(data).encode()).hexdigest()
        fields = {"data": data, "sha256": sha256, "is_final": is_final}
        try:
            with transaction.atomic():
                Snapshot.objects.filter(pk=self.pk).update(**fields)
        except IntegrityError:
            return Snapshot.keep(self.about, data, is_final=is_final)
        self.refresh_from_db(fields=list(fields))
        return self

    @property
    def about(self) -> About:
        thing = getattr(self, THING_OF[Kind(self.kind)])
        return About(thing, Kind(self.kind), self.addressee, self.base)

    @property
    def label(self) -> str:
        """In a list of the documents of one thing: what it is, and for or of whom."""
        label = str(Kind(self.kind).label)
        whose = self.attendance or self.seat or self.base or self.addressee
        return f"{label} · {whose}" if whose else label

    @property
    def code(self) -> str:
        """The verification code on the last page: 7F3A-91C2-D04E."""
        return "-".join(self.sha256[start : start + 4].upper() for start in (0, 4, 8))

    def holds(self, audience: str, language: str) -> bool:
        return language in self.data.get(audience, {})

    def document(self, audience: str, language: str) -> ComposedDocument:
        """In the format of today; what is stored, and hashed, stays as it was frozen. Raises
        UnknownFormat."""
        return cast(ComposedDocument, DOCUMENT.read(self.data[audience][language]))

    @property
    def is_whole(self) -> bool:
        return hash_of(self.data) == self.sha256


FOLDER = "reports/renditions"


def new_file_name() -> str:
    """A name nobody can guess and that tells nothing: the storage may be a bucket."""
    return f"{FOLDER}/{secrets.token_urlsafe(24)}.pdf"


class RenditionQuerySet(JobQuerySet):
    def ready(self) -> Self:
        return self.filter(state=Job.State.READY)

    def passing(self) -> Self:
        """Nobody needs them for ever: what they say lives on in the portal, and can be asked for
        again; the names that some of them hold should not live longer than needed."""
        before = timezone.now() - timedelta(days=Rendition.DAYS_KEPT)
        return self.filter(
            Q(is_draft=True) | Q(snapshot__is_final=False), requested_at__lt=before
        ).exclude(state__in=[Job.State.QUEUED, Job.State.WORKING])

    def with_related(self) -> Self:
        """With what a line shows, and without the data, which may be large."""
        related = (f"snapshot__{name}" for name in RELATED)
        rows = self.select_related("snapshot", *related).defer("snapshot__data")
        return rows.prefetch_related(
            "snapshot__addressee__names",
            "snapshot__seat__institution__names",
            "snapshot__attendance__seat__institution__names",
        )


class Rendition(Job):
    """One document: of a snapshot, in a language, for an audience, by a renderer."""

    DAYS_KEPT = 30

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="renditions")
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    audience = models.CharField(
        _("audience"), max_length=20, choices=Audience, default=Audience.DONOR
    )
    # Whether the document carries the draft's watermark: it was asked for before it stood.
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
    # Of the same document as plain text, in bytes; empty where it has none.
    text_size = models.PositiveIntegerField(null=True, editable=False)

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
        # Whoever holds a file asks by its hash which document it is.
        indexes = [models.Index(fields=["sha256"], name="rendition_by_its_hash")]

    STAGES: ClassVar[dict[str, Any]] = {
        "data": _("Collecting the data"),
        "layout": _("Laying out the pages"),
        "writing": _("Writing the file"),
        "annexes": _("Appending the documents"),
        "storing": _("Storing the file"),
    }

    kind = "pdf"  # what `kernel.files.serve` answers with

    def __str__(self) -> str:
        return f"{self.snapshot.about} · {self.get_language_display()}"

    def get_absolute_url(self) -> str:
        return reverse("reports:rendition", args=[self.pk])

    def stand_on(self, snapshot: Snapshot, *, is_draft: bool) -> None:
        """Its data is composed. Raises `LostLease`, and IntegrityError where there is an equal
        document already."""
        with transaction.atomic():
            self._under_token(snapshot=snapshot, is_draft=is_draft)

    @property
    def name(self) -> str:
        """In a list of the documents of one thing."""
        return f"{self.snapshot.label} · {self.get_language_display()}"

    @property
    def progress_label(self) -> str:
        """Where the work is, for the page that waits for it."""
        if self.state == self.State.QUEUED:
            return str(_("In the queue"))
        stage = str(self.STAGES.get(self.stage, _("Beginning")))
        if not self.progress:
            return stage
        return str(_("%(stage)s, page %(page)s")) % {"stage": stage, "page": self.progress}
