"""The kinds of documents, the things that documents are about, and the frozen data of documents."""

import functools
import hashlib
import json
import operator
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar, cast

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models import ActionPlan, Attendance, Committee, Meeting, Seat
from partners.models import Institution
from projects.models import Project
from reports.document_types import ComposedDocument
from reports.frozen import DOCUMENT
from reports.models.report import Report


class DocumentKind(models.TextChoices):
    """The kinds of documents; `reports.kinds` defines how each is made and for whom."""

    ANNUAL_REPORT = "annual_report", _("Annual progress report")
    PERSONS = "report_persons", _("Confidential annex: persons")
    AGENDA = "agenda", _("Agenda")
    PACK = "pack", _("Meeting pack")
    WHOLE_PACK = "whole_pack", _("Meeting pack with its documents")
    SHEET = "attendance_sheet", _("Attendance sheet to sign")
    LETTER = "letter", _("Letter of convocation")
    MINUTES = "minutes", _("Minutes")
    NAMED_MINUTES = "minutes_with_names", _("Minutes with an annex of names")
    ANNEX = "attendance_annex", _("Attendance list")
    RECORD = "record", _("Record of decisions")
    CERTIFICATE = "certificate", _("Certificate of attendance")
    HANDOVER = "handover", _("Handover sheet")
    REGISTER = "register", _("Register of decisions")
    PLAN = "plan", _("Action plan")
    PROGRESS = "plan_progress", _("Progress of the action plan")
    DIFFERENCES = "plan_differences", _("Differences between two versions")


# By the kind of thing that they are about, the documents there are.
KINDS_OF = {
    "report": (DocumentKind.ANNUAL_REPORT, DocumentKind.PERSONS),
    "meeting": (
        DocumentKind.AGENDA,
        DocumentKind.PACK,
        DocumentKind.WHOLE_PACK,
        DocumentKind.SHEET,
        DocumentKind.LETTER,
        DocumentKind.MINUTES,
        DocumentKind.NAMED_MINUTES,
        DocumentKind.ANNEX,
        DocumentKind.RECORD,
    ),
    "attendance": (DocumentKind.CERTIFICATE,),
    "seat": (DocumentKind.HANDOVER,),
    "committee": (DocumentKind.REGISTER,),
    "plan": (DocumentKind.PLAN, DocumentKind.PROGRESS, DocumentKind.DIFFERENCES),
}
THINGS = tuple(KINDS_OF)
THING_OF = {kind: thing for thing, kinds in KINDS_OF.items() for kind in kinds}


Thing = TypeVar("Thing", bound=models.Model)


@dataclass(frozen=True)
class About:
    """What a document is about: a thing, and for some kinds the institution that it is addressed
    to or the earlier version that it compares with."""

    thing: models.Model
    kind: DocumentKind = DocumentKind.ANNUAL_REPORT
    addressee: Institution | None = None
    base: ActionPlan | None = None

    def of(self, model: type[Thing]) -> Thing:
        """Return the thing as an instance of the model that the kind of document is about.

        Raises TypeError for a thing of another model.
        """
        if not isinstance(self.thing, model):
            raise TypeError(f"{self.kind} is no document of this: {self.thing!r}")
        return self.thing

    @property
    def project(self) -> Project:
        thing: Any = self.thing
        if isinstance(thing, Attendance):
            thing = thing.meeting
        project: Project = (
            thing.committee.project if isinstance(thing, Meeting | Seat) else thing.project
        )
        return project

    @property
    def page(self) -> Any:
        """The thing whose page leads to the document: for an attendance its meeting, for a seat its
        committee, otherwise the thing itself."""
        if isinstance(self.thing, Attendance):
            return self.thing.meeting
        return self.thing.committee if isinstance(self.thing, Seat) else self.thing

    @property
    def fields(self) -> dict[str, Any]:
        """The columns in which a snapshot stores it."""
        return {
            "kind": self.kind,
            THING_OF[DocumentKind(self.kind)]: self.thing,
            "addressee": self.addressee,
            "base": self.base,
        }

    def __str__(self) -> str:
        if self.kind == DocumentKind.ANNUAL_REPORT:
            return str(self.thing)
        of = self.page if isinstance(self.thing, Attendance) else self.thing
        return f"{DocumentKind(self.kind).label} · {self.addressee or of}"


# Snapshots: the frozen data of documents


def canonical(data: Mapping[str, object]) -> str:
    """Write the data in one canonical way, so that equal data has an equal hash."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(data: Mapping[str, object]) -> str:
    return hashlib.sha256(canonical(data).encode()).hexdigest()


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def unused(self) -> Self:
        """Return data that is not final and whose documents were deleted."""
        return self.filter(renditions=None, is_final=False)


# The rows that a list of documents needs to name each of them.
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
    "committee__project",
    "plan__project",
    "plan__period",
    "base__period",
    "addressee",
)


def _of_one_thing() -> Q:
    """Return the condition that exactly one thing is set, and one that the kind is about."""
    choices = [
        Q(kind__in=[kind.value for kind in KINDS_OF[chosen]])
        & Q(**{f"{thing}__isnull": thing != chosen for thing in THINGS})
        for chosen in THINGS
    ]
    return functools.reduce(operator.or_, choices)


class Snapshot(models.Model):
    """The frozen data of a document, from which renditions in any language are made.

    `data` has a document for each audience and language, each in a format that it names
    (`reports.frozen`). What a reader may not see was left out before. The snapshot of a report's
    sign-off holds all of them, so all files of the report have one verification code; any other
    holds the one that was requested. Data never changes; the hash is over `canonical(data)`. A
    snapshot that is not final is deleted with its last document, since it may hold names of
    persons.

    A promise is a snapshot whose data the worker still has to compose. `fulfil` writes it once.
    """

    PROMISED = "promised "  # begins the hash of a promise, before what was requested
    ERASED = "erased "  # begins the hash of data that was erased

    kind = models.CharField(
        _("kind"), max_length=20, choices=DocumentKind, default=DocumentKind.ANNUAL_REPORT
    )
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey(
        Report, on_delete=models.PROTECT, null=True, related_name="snapshots"
    )
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, null=True, related_name="+")
    attendance = models.ForeignKey(
        Attendance, on_delete=models.CASCADE, null=True, related_name="+"
    )
    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, null=True, related_name="+")
    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, null=True, related_name="+")
    plan = models.ForeignKey(ActionPlan, on_delete=models.CASCADE, null=True, related_name="+")
    # The institution that a letter is addressed to; the version that a plan is compared with.
    addressee = models.ForeignKey(
        Institution, on_delete=models.CASCADE, null=True, related_name="+"
    )
    base = models.ForeignKey(ActionPlan, on_delete=models.CASCADE, null=True, related_name="+")
    # Final data can be verified by anybody, and is kept for ever.
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
            # One for each kind of thing: empty columns are never equal, so they restrict nothing.
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
        """Return the snapshot of this data: the stored one, or a new one."""
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
        """Return the promise of a document that is not composed yet: one row for equal requests."""
        choices = [each.pk if each else 0 for each in (about.addressee, about.base)]
        request = cls.PROMISED + " ".join(map(str, (audience, language, *choices)))
        rows = cls.objects.select_for_update()  # so that the sweep does not delete it meanwhile
        snapshot, _created = rows.get_or_create(
            **about.fields, sha256=request, defaults={"data": {}, "project": about.project}
        )
        return snapshot

    @property
    def is_promise(self) -> bool:
        return self.sha256.startswith(self.PROMISED)

    def detach_request(self) -> None:
        """Let equal requests make another promise from now on.

        This one is being composed already, perhaps of what was known before the next request.
        """
        Snapshot.objects.filter(pk=self.pk, sha256__startswith=self.PROMISED).update(
            sha256=self.PROMISED + secrets.token_hex(16)
        )

    def fulfil(self, data: Mapping[str, object], *, is_final: bool) -> "Snapshot":
        """Store the data in this promise, or return the snapshot that has equal data already."""
        fields = {"data": data, "sha256": hash_of(data), "is_final": is_final}
        try:
            with transaction.atomic():
                Snapshot.objects.filter(pk=self.pk).update(**fields)
        except IntegrityError:
            return Snapshot.keep(self.about, data, is_final=is_final)
        self.refresh_from_db(fields=list(fields))
        return self

    def erase(self) -> None:
        """Erase data that is not final, and forget its hash, so that equal data may be stored
        again."""
        erased = {"data": {}, "sha256": self.ERASED + secrets.token_hex(16)}
        Snapshot.objects.filter(pk=self.pk, is_final=False).update(**erased)

    @property
    def about(self) -> About:
        thing = getattr(self, THING_OF[DocumentKind(self.kind)])
        return About(thing, DocumentKind(self.kind), self.addressee, self.base)

    @property
    def label(self) -> str:
        """Its name in a list of the documents of one thing: the kind, and a person, seat,
        version or institution."""
        label = str(DocumentKind(self.kind).label)
        subject = self.attendance or self.seat or self.base or self.addressee
        return f"{label} · {subject}" if subject else label

    @property
    def code(self) -> str:
        """The verification code as documents have it: 7F3A-91C2-D04E."""
        return "-".join(self.sha256[start : start + 4].upper() for start in (0, 4, 8))

    def holds(self, audience: str, language: str) -> bool:
        return language in self.data.get(audience, {})

    def document(self, audience: str, language: str) -> ComposedDocument:
        """Return a document, converted to today's format; the stored data stays as it was frozen.

        Raises UnknownFormat.
        """
        return cast(ComposedDocument, DOCUMENT.read(self.data[audience][language]))

    @property
    def is_whole(self) -> bool:
        return hash_of(self.data) == self.sha256
