"""The kinds of documents, and the things that documents are about."""

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from committees.models import ActionPlan, Attendance, Meeting, Seat
from partners.models import Institution
from projects.models import Project


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
    def page(self) -> models.Model:
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
