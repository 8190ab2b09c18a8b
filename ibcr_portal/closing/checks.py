"""What is still open in a project that somebody wants to close. Nearly all of it warns, since only
people know what can be left; only what must never be false blocks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from committees.models import (
    Action,
    ActionPlan,
    Meeting,
    Minutes,
    Resolution,
    WrittenConsultation,
)
from ibcr_portal.closing.asked import AskedOfProject
from kernel.text import StrOrPromise
from projects.models import (
    Advance,
    Amendment,
    CallForProposals,
    Contribution,
    DataPoint,
    Expenditure,
    Grant,
    Project,
    ReportingDuty,
)
from projects.pages import reverse_in
from reports.models import FiledDocument, Report, ReportRemark


@dataclass(frozen=True)
class Check:
    """One question of the checklist, and how many things it found."""

    key: str
    label: StrOrPromise
    found: int
    why: StrOrPromise
    """Why it matters, in a sentence that says what to do."""
    url: str
    blocks: bool = False

    @property
    def is_done(self) -> bool:
        return not self.found

    @property
    def note(self) -> str:
        return f"{self.found} · {self.why}" if self.found > 1 else str(self.why)


def checks_of(project: Project) -> list[Check]:
    found = [check for part in PARTS for check in part(project)]
    return sorted(found, key=lambda one: (one.is_done, not one.blocks))


def open_things(checks: list[Check]) -> dict[str, int]:
    """Return what warns, by key: it is stored with the closing."""
    return {check.key: check.found for check in checks if check.found and not check.blocks}


# What must never be false


def _votes(project: Project) -> Iterator[Check]:
    votes = WrittenConsultation.objects.filter(committee__project=project).open()
    meetings = Meeting.objects.filter(committee__project=project, status=Meeting.Status.IN_SESSION)
    yield Check(
        "votes",
        _("No written procedure is open"),
        votes.count(),
        _("People are still voting: close or withdraw the written procedure first."),
        reverse_in(project, "committee"),
        blocks=True,
    )
    yield Check(
        "session",
        _("No meeting is in session"),
        meetings.count(),
        _("A meeting is in session: close it first."),
        reverse_in(project, "meetings"),
        blocks=True,
    )
    # The public form would go on taking proposals that nobody may answer.
    taking = CallForProposals.objects.filter(
        project=project, status=CallForProposals.Status.PUBLISHED
    )
    if found := taking.count():
        yield Check(
            "calls-published",
            _("No call takes proposals"),
            found,
            _("Award or cancel these calls: the people who wrote proposals wait for an answer."),
            reverse_in(project, "calls"),
            blocks=True,
        )


# Documents


def _documents(project: Project) -> Iterator[Check]:
    asked = AskedOfProject(project)
    missing = asked.missing()
    of_assets = ReportingDuty.Kind.INVENTORY
    yield Check(
        "asked",
        _("What the agreement asks for is here"),
        sum(one.duty.kind != of_assets for one in missing),
        _("The agreement asks for it: file it, or note why it is not applicable."),
        reverse_in(project, "documents-asked"),
    )
    has_inventory = (
        FiledDocument.objects.present()
        .filter(project=project, kind=FiledDocument.Kind.INVENTORY)
        .exists()
    )
    assets = [one for one in asked.rows if one.duty.kind == of_assets]
    settled = has_inventory or any(one.is_there for one in assets)
    yield Check(
        "assets",
        _("The inventory says what became of each asset"),
        0 if settled else 1,
        _("File the inventory of assets with who received what, or note that there were none."),
        reverse_in(project, "documents-asked"),
    )
    accepted = Report.objects.filter(
        project=project, status__in=[Report.Status.ACCEPTED, Report.Status.PUBLISHED]
    )
    final = accepted.filter(preset__type="final").exists()
    yield Check(
        "final-report",
        _("The donor accepted the final report"),
        0 if final else 1,
        _("No final report is accepted: record the donor's acceptance, or say why there is none."),
        reverse_in(project, "reports"),
    )


# The committee


def _committee(project: Project) -> Iterator[Check]:
    of_committee = {"committee__project": project}
    unfinished = Action.objects.filter(
        project=project,
        status__in=Action.UNFINISHED,
        terms__plan__status=ActionPlan.Status.IN_EXECUTION,
    ).distinct()
    waiting = [Meeting.Status.PLANNED, Meeting.Status.CONVENED, Meeting.Status.FROZEN]
    of_meetings = Minutes.objects.filter(meeting__committee__project=project)
    for key, label, rows, why, page in (
        (
            "actions",
            _("All actions are finished"),
            unfinished,
            _("Actions are open: finish or cancel them, or say why they stay open."),
            "plans",
        ),
        (
            "decisions",
            _("All decisions and recommendations are followed up"),
            Resolution.objects.filter(**of_committee).in_state("open"),
            _("Record what became of these decisions and recommendations."),
            "resolutions",
        ),
        (
            "meetings",
            _("No meeting is to come"),
            Meeting.objects.filter(**of_committee, status__in=waiting),
            _("Hold or cancel these meetings: nobody can be invited any more."),
            "meetings",
        ),
        (
            "minutes",
            _("All minutes are sealed"),
            of_meetings.exclude(status=Minutes.Status.SEALED),
            _("Minutes that are not sealed are not kept as final documents."),
            "meetings",
        ),
    ):
        yield _counted(project, key, label, rows, why, page)


def _plans(project: Project) -> Iterator[Check]:
    status = ActionPlan.Status
    waiting = [status.IN_REVIEW, status.PRESENTED, status.SUBMITTED]
    yield _counted(
        project,
        "plans",
        _("No plan waits for an answer"),
        ActionPlan.objects.filter(project=project, status__in=waiting),
        _("Nobody will be able to answer these plans any more."),
        "plans",
    )


# Money, reports, and what is asked of partners


def _money(project: Project) -> Iterator[Check]:
    waiting = [Expenditure.Status.WAITING, Expenditure.Status.RETURNED]
    promised = Contribution.objects.filter(
        participation__project=project, promised__isnull=False
    ).filter(Q(received=None) | Q(received__lt=F("promised")))
    running = [Grant.Status.PREPARED, Grant.Status.SIGNED, Grant.Status.RUNNING]
    for key, label, rows, why, page in (
        (
            "advances",
            _("All advances are settled"),
            Advance.objects.filter(project=project).open(),
            _("Settle these advances, or record what was returned."),
            "advances",
        ),
        (
            "vouchers",
            _("All expenditure is approved"),
            Expenditure.objects.filter(project=project, status__in=waiting),
            _("Approve or correct these vouchers first."),
            "expenditures",
        ),
        (
            "contributions",
            _("All contributions were received"),
            promised,
            _("Record what was received, or say why less was."),
            "contributions",
        ),
        (
            "grants",
            _("All grants are over"),
            Grant.objects.filter(project=project, status__in=running),
            _("Close these grants, or say why they are left."),
            "calls",
        ),
    ):
        yield _counted(project, key, label, rows, why, page)


def _answers(project: Project) -> Iterator[Check]:
    remarks = ReportRemark.objects.filter(report__project=project)
    unfinished = [Report.Status.IN_REVIEW, Report.Status.SUBMITTED, Report.Status.RETURNED]
    settled = [Amendment.Status.EFFECTIVE, Amendment.Status.REFUSED]
    for key, label, rows, why, page in (
        (
            "comments",
            _("All comments on reports are settled"),
            remarks.filter(status__in=ReportRemark.UNSETTLED),
            _("Answer and settle these comments."),
            "reports",
        ),
        (
            "reports",
            _("No report waits for somebody"),
            Report.objects.filter(project=project, status__in=unfinished),
            _("Take these reports to their last step."),
            "reports",
        ),
        (
            "amendments",
            _("No amendment is open"),
            Amendment.objects.filter(project=project).exclude(status__in=settled),
            _("Put these amendments into effect, or record the donor's refusal."),
            "amendments",
        ),
    ):
        yield _counted(project, key, label, rows, why, page)


def _values_and_calls(project: Project) -> Iterator[Check]:
    values = DataPoint.objects.filter(indicator__result__project=project)
    yield _counted(
        project,
        "values",
        _("All values are approved"),
        values.filter(status=DataPoint.Status.SUBMITTED),
        _("Values that are not approved are in no report."),
        "framework",
    )
    calls = CallForProposals.Status
    yield _counted(
        project,
        "calls",
        _("No call is open"),
        CallForProposals.objects.filter(project=project).exclude(
            status__in=[calls.DRAFT, calls.PUBLISHED, calls.AWARDED, calls.CANCELLED]
        ),
        _("Award or cancel these calls: the people who wrote proposals wait for an answer."),
        "calls",
    )


def _counted(
    project: Project,
    key: str,
    label: StrOrPromise,
    rows: "QuerySet[Any, Any]",
    why: StrOrPromise,
    page: str,
) -> Check:
    return Check(key, label, rows.count(), why, reverse_in(project, page))


PARTS: list[Callable[[Project], Iterator[Check]]] = [
    _votes,
    _documents,
    _committee,
    _plans,
    _money,
    _answers,
    _values_and_calls,
]
