"""Obligations to the donor: reports and other duties, and the periods that they are for."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from committees.models import ActionPlan
from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.obligations.due import Due, DuePage, by_key, lateness, team_label
from ibcr_portal.obligations.facts import COORDINATION, ProjectFacts
from kernel.entering import days_late
from kernel.formats import day
from kernel.text import columns_of
from projects.models import DutyDone, Period, ReportingDuty
from projects.permissions.roles import TEAM, Role
from reports.models import Report, ReportPreset

OPEN_AHEAD = timedelta(days=60)

Span = tuple[object, object]


def find_duties(facts: ProjectFacts) -> Iterator[Obligation]:
    """Each duty for each period of its kind; what was submitted is done by itself."""
    if not facts.duties:
        return
    noted = {(duty, period): pk for pk, duty, period in _noted(facts.project.pk)}
    submitted = _submitted(facts)
    for duty in facts.duties:
        if duty.is_once:
            row = noted.get((duty.pk, None))
            by_itself = bool(submitted.get(duty.kind))
            yield _duty_row(facts, duty, None, row, by_itself=by_itself)
            continue
        for period in facts.periods:
            if not duty.asks_for(period):
                continue
            row = noted.get((duty.pk, period.pk))
            by_itself = (period.start, period.end) in submitted.get(duty.kind, set())
            yield _duty_row(facts, duty, period, row, by_itself=by_itself)


def _duty_row(
    facts: ProjectFacts,
    duty: ReportingDuty,
    period: Period | None,
    row: int | None,
    *,
    by_itself: bool,
) -> Obligation:
    """Return the row of a duty for a period; for none, where it is asked for once."""
    key = period.pk if period else 0
    entered = (duty.entered_on, period.entered_on) if period else (duty.entered_on,)
    return facts.row(
        ObligationKind.REPORT,
        f"duty-{duty.pk}-{key}",
        duty.due_on(period) if period else duty.due_once(facts.project),
        thing=duty.pk,
        owners=[Role(duty.role)] if duty.role else [],
        institution=duty.institution_id,
        readers=TEAM | {Role.DONOR},
        donor_id=duty.participation.institution_id if duty.participation else None,
        done=row is not None or by_itself,
        entered=entered,
        facts=(_of_period(period) if period else {}) | {"id": key} | ({"done": row} if row else {}),
    )


def _noted(project: int) -> QuerySet[DutyDone, tuple[int, int, int | None]]:
    return DutyDone.objects.filter(duty__project=project).values_list("pk", "duty", "period")


def _of_period(period: Period) -> dict[str, str | int]:
    return {"kind": period.kind, "number": period.number}


def _submitted(facts: ProjectFacts) -> dict[str, set[Span]]:
    """Return the days that reports and plans cover that went out, by the kind of their duty.

    The donor's year may be a project year: what counts is the days that it covers.
    """
    plans = _plans(facts.project.pk)
    reports = list(_reports_out(facts.project.pk))
    return {
        ReportingDuty.Kind.NARRATIVE: {(start, end) for start, end, _type in reports},
        ReportingDuty.Kind.FINAL: {
            (start, end) for start, end, kind in reports if kind == ReportPreset.Type.FINAL
        },
        ReportingDuty.Kind.WORK_PLAN: {
            (start, end) for status, on, start, end in plans if _went_out(status, on)
        },
    }


SPAN = ("period__start", "period__end")


def _reports_out(project: int) -> QuerySet[Report, tuple[Any, ...]]:
    reports = Report.objects.filter(project=project, status__in=Report.SHOWN_TO_DONOR)
    return reports.order_by().values_list(*SPAN, "preset__type")


def _plans(project: int) -> QuerySet[ActionPlan, tuple[Any, ...]]:
    plans = ActionPlan.objects.filter(project=project).order_by()
    return plans.values_list("status", "donor_approved_on", *SPAN)


def _went_out(status: str, approved_on: date | None) -> bool:
    """Validation is not submission; execution before the donor's approval is allowed."""
    sent = {
        ActionPlan.Status.SUBMITTED,
        ActionPlan.Status.CHANGES_REQUESTED,
        ActionPlan.Status.APPROVED,
    }
    return status in sent or approved_on is not None


@by_key
def duties(keys: list[int]) -> QuerySet[ReportingDuty]:
    return ReportingDuty.objects.filter(pk__in=keys).only("role", *columns_of("title"))


def _noted_as_done(keys: list[int]) -> QuerySet[DutyDone]:
    return DutyDone.objects.filter(pk__in=keys).only("outcome", "on", "note")


def _done(rows: list[Obligation]) -> dict[int, DutyDone]:
    found = _noted_as_done([row.facts["done"] for row in rows if "done" in row.facts])
    return {row.pk: row for row in found}


def show_duties(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    known, noted = duties(rows), _done(rows)
    for row in rows:
        if not (duty := known.get(row.thing)):
            continue
        code = page.project(row).code
        may_note = page.coordinates(row)
        where = page.address("projects:duty-done", code, duty.pk, key=row.facts["id"])
        found = noted.get(row.facts.get("done"))
        yield page.due(
            row,
            title=_title(duty, row),
            url=where if may_note else page.address("projects:duties", code),
            label="" if row.institution_id else team_label(duty.role),
            note=_what_happened(found, row) if found and row.on else "",
            done_url=where if may_note else "",
        )


def _title(duty: ReportingDuty, row: Obligation) -> str:
    if "kind" not in row.facts:
        return str(duty)
    return f"{duty} · {Period(kind=row.facts['kind'], number=row.facts['number'])}"


def _what_happened(done: DutyDone, row: Obligation) -> str:
    if done.outcome == DutyDone.Outcome.NOT_OWED:
        return _("Not applicable: %(why)s") % {"why": done.note}
    sentence = _("Handed in on %(day)s") % {"day": day(done.on)}
    if row.on and (late := days_late(row.on, row.in_time_until or row.on, done.on)):
        sentence += " · " + lateness(late)
    return f"{sentence} · {done.note}" if done.note else sentence


def find_periods_to_open(facts: ProjectFacts) -> Iterator[Obligation]:
    """Without its period nothing falls due: the next one of each kind that is in use."""
    if not facts.is_running:
        return
    kinds = {Period.Kind.PROJECT_YEAR.value}
    kinds |= {duty.period_kind for duty in facts.duties if not duty.until}
    last = {period.kind: period for period in sorted(facts.periods, key=lambda one: one.end)}
    project = facts.project
    for kind in Period.Kind:
        if kind.value not in kinds:
            continue
        before = last.get(kind.value)
        # A project that is entered years after its start is not years late with its first period.
        on = before.end + timedelta(days=1) if before else max(project.starts_on, facts.today)
        if on <= project.current_end:
            yield facts.row(
                ObligationKind.PERIOD,
                f"period-{project.pk}-{kind.value}",
                on,
                owners=COORDINATION,
                since=facts.start_of(on - OPEN_AHEAD),
            )


def show_periods_to_open(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    for row in rows:
        kind = Period.Kind(row.key.rpartition("-")[2])
        yield page.due(
            row,
            title=_("Open the next period: %(kind)s") % {"kind": kind.label},
            url=page.address("projects:periods", page.project(row).code),
        )
