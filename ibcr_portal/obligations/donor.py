"""Obligations to the donor: reports and other duties, and the periods that they are for."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from committees.models import ActionPlan
from ibcr_portal.models import ObligationKind
from ibcr_portal.obligations.due import Due, ResponsibleParty, key_of, of_institution, team
from ibcr_portal.reader import Reader, running
from kernel.formats import day
from projects.models import DutyDone, Period, Project, ReportingDuty
from projects.permissions.duties import may_edit_duties
from reports.models import Report

OPEN_AHEAD = timedelta(days=60)

Span = tuple[int, object, object]


def reporting_duties(reader: Reader) -> Iterator[Due]:
    """Each duty for each period of its kind; what was submitted is done by itself."""
    plans = ActionPlan.objects.filter(project__in=reader.projects).select_related("period")
    reports = Report.objects.filter(
        project__in=reader.projects, status__in=Report.SHOWN_TO_DONOR
    ).select_related("period")
    return duties_with(reader, plans, reports)


def duties_with(
    reader: Reader, plans: Iterable[ActionPlan], reports: Iterable[Report]
) -> Iterator[Due]:
    """The same, of plans and reports that are at hand. Three queries, and names."""
    duties = reader.duties
    if not duties:
        return
    done = {(row.duty_id, row.period_id): row for row in DutyDone.objects.filter(duty__in=duties)}
    submitted: dict[str, set[Span]] = {
        ReportingDuty.Kind.NARRATIVE: {
            _span(one.period) for one in reports if one.status in Report.SHOWN_TO_DONOR
        },
        ReportingDuty.Kind.WORK_PLAN: {_span(plan.period) for plan in plans if _went_out(plan)},
    }
    for duty in duties:
        for period in reader.periods[duty.project_id]:
            if duty.asks_for(period):
                by_itself = _span(period) in submitted.get(duty.kind, set())
                yield _of_duty(reader, duty, period, done.get((duty.pk, period.pk)), by_itself)


def _span(period: Period) -> Span:
    """The donor's year may be a project year: what counts is the days that it covers."""
    return period.project_id, period.start, period.end


def _went_out(plan: ActionPlan) -> bool:
    """Validation is not submission; execution before the donor's approval is allowed."""
    status = ActionPlan.Status
    sent = {status.SUBMITTED, status.CHANGES_REQUESTED, status.APPROVED}
    return plan.status in sent or plan.donor_approved_on is not None


def _of_duty(
    reader: Reader, duty: ReportingDuty, period: Period, row: DutyDone | None, by_itself: bool
) -> Due:
    project = duty.project
    owner: ResponsibleParty = (
        of_institution(reader, duty.institution, project.pk)
        if duty.institution
        else team(duty.role)
    )
    where = reverse("projects:duty-done", args=[project.code, duty.pk, period.pk])
    may_mark_done = may_edit_duties(reader.user, project)
    return Due(
        project=project,
        kind=ObligationKind.REPORT,
        key=key_of("duty", duty, period),
        title=f"{duty} · {period}",
        url=where if may_mark_done else reverse("projects:duties", args=[project.code]),
        on=duty.due_on(period),
        owner=owner,
        note=_what_happened(row, duty.due_on(period)) if row else "",
        done=row is not None or by_itself,
        to_donor=True,
        done_url=where if may_mark_done else "",
    )


def _what_happened(row: DutyDone, due: date) -> str:
    if row.outcome == DutyDone.Outcome.NOT_OWED:
        return _("Not applicable: %(why)s") % {"why": row.note}
    sentence = _("Handed in on %(day)s") % {"day": day(row.on)}
    late = (row.on - due).days
    if late > 0:
        sentence += " · " + ngettext("%(days)s day late", "%(days)s days late", late) % {
            "days": late
        }
    return f"{sentence} · {row.note}" if row.note else sentence


def periods_to_open(reader: Reader) -> Iterator[Due]:
    """Without its period nothing falls due: the next one of each kind that is in use."""
    projects = running(reader.inside)
    kinds = {(project.pk, Period.Kind.PROJECT_YEAR.value) for project in projects}
    kinds |= {(duty.project_id, duty.period_kind) for duty in reader.duties if not duty.until}
    last = {
        (period.project_id, period.kind): period
        for project in projects
        for period in sorted(reader.periods[project.pk], key=lambda period: period.end)
    }
    for project in projects:
        for kind in Period.Kind:
            if (project.pk, kind.value) in kinds:
                yield from _next_period(project, kind, last.get((project.pk, kind.value)))


def _next_period(project: Project, kind: Period.Kind, last: Period | None) -> Iterator[Due]:
    # A project that is entered years after its start is not years late with its first period.
    on = last.end + timedelta(days=1) if last else max(project.starts_on, project.today)
    if on > min(project.current_end, project.today + OPEN_AHEAD):
        return
    yield Due(
        project=project,
        kind=ObligationKind.PERIOD,
        key=f"period-{project.pk}-{kind.value}",
        title=_("Open the next period: %(kind)s") % {"kind": kind.label},
        url=reverse("projects:periods", args=[project.code]),
        on=on,
        owner=team(),
    )
