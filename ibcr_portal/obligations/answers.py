"""What waits for an answer or the next step, without a day: plans, reports and values. It is on the
home page of those whose turn it is, and not in the list of what is due."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _, ngettext

from committees.models import ActionPlan, ProposedChange
from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.obligations.due import Due, DuePage, by_key
from ibcr_portal.obligations.facts import COORDINATION, ProjectFacts
from ibcr_portal.obligations.work import plan_of
from kernel.text import columns_of
from projects.models import DataPoint
from projects.permissions.roles import Role
from reports.models import Report

WRITERS = (Role.COORDINATOR, Role.MONITORING)
DONOR = (Role.ACCEPTS_FOR_DONOR,)


def find_plans(facts: ProjectFacts) -> Iterator[Obligation]:
    """Plans that wait for the donor's approval, and those that the coordination moves on or of which
    it settles proposed changes."""
    status = ActionPlan.Status
    for pk, state, until, number, version, count in _moving_plans(facts.project.pk):
        title = {"number": number, "version": version}
        if state == status.IN_REVIEW and count:
            yield facts.row(
                ObligationKind.PLAN,
                f"proposals-{pk}",
                None,
                thing=pk,
                owners=COORDINATION,
                readers=(),
                is_listed=False,
                facts=title | {"count": count},
            )
        over = until if state == status.IN_REVIEW else None
        yield facts.row(
            ObligationKind.PLAN,
            f"move-{pk}-{state}",
            over,
            thing=pk,
            owners=DONOR if state == status.SUBMITTED else COORDINATION,
            readers=(),
            since=facts.end_of(over) if over else None,
            is_listed=False,
            facts=title,
        )


def _moving_plans(project: int) -> QuerySet[ActionPlan, tuple[Any, ...]]:
    status = ActionPlan.Status
    plans = ActionPlan.objects.filter(
        Q(status__in=[status.SUBMITTED, status.PRESENTED, status.VALIDATED])
        | Q(status=status.IN_REVIEW, review_until__isnull=False),
        project=project,
    )
    # A join leaves out nothing that was withdrawn.
    unsettled = Q(proposals__status=ProposedChange.Status.PROPOSED, proposals__withdrawn_at=None)
    counted = plans.order_by().annotate(count=Count("proposals", filter=unsettled))
    return counted.values_list("pk", "status", "review_until", "period__number", "version", "count")


def show_plans(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    titles = {
        "in_review": _("Review is over: %(plan)s"),
        "presented": _("To be decided: %(plan)s"),
        "validated": _("Submit to the donor: %(plan)s"),
        "submitted": _("Approve: %(plan)s"),
    }
    for row in rows:
        yield page.due(
            row,
            title=titles[row.key.split("-", 2)[2]] % {"plan": plan_of(row)},
            url=page.address("committees:plan", key=row.thing),
        )


def show_proposals(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    for row in rows:
        count = row.facts["count"]
        sentence = ngettext(
            "%(count)d change is proposed: %(plan)s",
            "%(count)d changes are proposed: %(plan)s",
            count,
        )
        yield page.due(
            row,
            title=sentence % {"count": count, "plan": plan_of(row)},
            url=page.address("committees:plan-proposals", key=row.thing),
        )


def find_reports(facts: ProjectFacts) -> Iterator[Obligation]:
    """Reports that the team writes and signs off, and those that the donor reads."""
    status = Report.Status
    for pk, state in _moving_reports(facts.project.pk):
        yield facts.row(
            ObligationKind.REPORT,
            f"report-{pk}-{state}",
            None,
            thing=pk,
            owners=DONOR if state == status.SUBMITTED else WRITERS,
            readers=(),
            is_listed=False,
        )


def _moving_reports(project: int) -> QuerySet[Report, tuple[int, str]]:
    status = Report.Status
    moving = [status.DRAFT, status.IN_REVIEW, status.RETURNED, status.SUBMITTED]
    found = Report.objects.filter(project=project, status__in=moving)
    return found.order_by().values_list("pk", "status")


@by_key
def reports(keys: list[int]) -> QuerySet[Report]:
    rows = Report.objects.filter(pk__in=keys).order_by().select_related("preset", "period")
    return rows.only("preset__type", "period__number", "period__kind", *columns_of("preset__title"))


def show_reports(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    titles = {
        "draft": _("Write: %(report)s"),
        "in_review": _("Sign off: %(report)s"),
        "returned": _("The donor asks for changes: %(report)s"),
        "submitted": _("Accept or comment: %(report)s"),
    }
    found = reports(rows)
    for row in rows:
        if report := found.get(row.thing):
            yield page.due(
                row,
                title=titles[row.key.split("-", 2)[2]] % {"report": report},
                url=page.address("reports:detail", key=row.thing),
            )


def find_values(facts: ProjectFacts) -> Iterator[Obligation]:
    """Values that somebody else entered, since nobody approves their own."""
    for pk, by in _submitted_values(facts.project.pk):
        yield facts.row(
            ObligationKind.VALUE,
            f"datapoint-{pk}",
            None,
            thing=pk,
            owners=WRITERS,
            readers=(),
            entered_by_id=by,
            is_listed=False,
        )


def _submitted_values(project: int) -> QuerySet[DataPoint, tuple[int, int | None]]:
    found = DataPoint.objects.totals().filter(
        indicator__result__project=project, status=DataPoint.Status.SUBMITTED
    )
    return found.order_by().values_list("pk", "entered_by")


@by_key
def values(keys: list[int]) -> QuerySet[DataPoint]:
    rows = DataPoint.objects.filter(pk__in=keys).order_by().select_related("indicator")
    return rows.only("indicator__code", *columns_of("indicator__name"))


def show_values(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    found = values(rows)
    for row in rows:
        if point := found.get(row.thing):
            yield page.due(
                row,
                title=_("Approve a value: %(indicator)s") % {"indicator": point.indicator},
                url=page.address(
                    "projects:indicator", page.project(row).code, key=point.indicator_id
                ),
            )
