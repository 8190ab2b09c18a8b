"""What the agreement of a project asks for, with what is there, what is missing and what is late: the
duties of the project (`projects.models.ReportingDuty`), as what is due knows them."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from ibcr_portal.obligations.donor import find_duties
from ibcr_portal.obligations.facts import ProjectFacts
from kernel.formats import day
from projects.models import DutyDone, Period, Project, ReportingDuty
from projects.pages import reverse_in
from reports.models import FiledDocument
from reports.models.filed import FiledDocumentQuerySet


@dataclass(frozen=True)
class DocumentAsked:
    """One thing that the agreement asks for, once or for a period."""

    duty: ReportingDuty
    period: Period | None
    due: date
    in_time_until: date
    is_there: bool
    done: DutyDone | None
    documents: list[FiledDocument]
    today: date

    @property
    def title(self) -> str:
        return f"{self.duty} · {self.period}" if self.period else str(self.duty)

    @property
    def is_late(self) -> bool:
        return not self.is_there and self.in_time_until < self.today

    @property
    def is_missing(self) -> bool:
        """Whether it is not there although its day has come."""
        return not self.is_there and self.due <= self.today

    @property
    def status(self) -> tuple[str, str]:
        """Return its tone and word."""
        if self.is_there:
            not_owed = self.done and self.done.outcome == DutyDone.Outcome.NOT_OWED
            return ("neutral", _("Not applicable")) if not_owed else ("ok", _("Here"))
        if self.is_late:
            return "bad", _("Late")
        return ("warn", _("Missing")) if self.is_missing else ("info", _("To come"))

    @property
    def note(self) -> str:
        if self.done is None:
            return _("Submitted in the portal") if self.is_there else ""
        words = day(self.done.on)
        return f"{words} · {self.done.note}" if self.done.note else words

    @property
    def url(self) -> str:
        key = self.period.pk if self.period else 0
        return reverse_in(self.duty.project, "duty-done", self.duty.pk, key)


class AskedOfProject:
    """All that the agreement of a project asks for, the missing first. `seen`: the documents that the
    reader may know of; none where nobody is shown them."""

    def __init__(self, project: Project, seen: FiledDocumentQuerySet | None = None) -> None:
        self.project = project
        self.seen = FiledDocument.objects.none() if seen is None else seen

    @cached_property
    def rows(self) -> list[DocumentAsked]:
        facts = ProjectFacts(self.project)
        obligations = list(find_duties(facts))
        duties = {duty.pk: duty for duty in facts.duties}
        periods = {period.pk: period for period in facts.periods}
        done = {
            row.pk: row
            for row in DutyDone.objects.filter(duty__in=duties).prefetch_related(
                Prefetch("documents", self.seen)
            )
        }
        found = []
        for row in obligations:
            duty = duties[row.thing]
            duty.project = self.project
            record = done.get(row.facts.get("done", 0))
            documents = list(record.documents.all()) if record else []
            for document in documents:
                document.project = self.project
            due = row.on or facts.today
            found.append(
                DocumentAsked(
                    duty,
                    periods.get(row.facts["id"]),
                    due,
                    row.in_time_until or due,
                    row.done,
                    record,
                    documents,
                    facts.today,
                )
            )
        return sorted(found, key=lambda one: (one.is_there, one.due, one.duty.pk))

    def missing(self) -> list[DocumentAsked]:
        """Return what should be there before the project is closed, whenever it is due."""
        return [one for one in self.rows if not one.is_there]

    @property
    def counts(self) -> list[dict[str, object]]:
        rows = self.rows
        figures = [
            (_("Here"), sum(one.is_there for one in rows)),
            (_("Missing"), sum(one.is_missing and not one.is_late for one in rows)),
            (_("Late"), sum(one.is_late for one in rows)),
            (_("To come"), sum(not one.is_there and not one.is_missing for one in rows)),
        ]
        return [{"label": label, "value": value} for label, value in figures]
