"""Calls for projects and what follows from them: deadlines, scores, instalments, reports."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.obligations.due import Due, DuePage, by_key, team_label
from ibcr_portal.obligations.facts import COORDINATION, ProjectFacts
from ibcr_portal.obligations.follow_up import PAY
from kernel.formats import money
from kernel.text import columns_of
from projects.models import (
    CallForProposals,
    Grant,
    GrantReport,
    Instalment,
    PanelMember,
    Proposal,
)
from projects.permissions.calls import JUDGES
from projects.permissions.roles import Role

Status = CallForProposals.Status
TO_JUDGE = (Proposal.Status.SUBMITTED, Proposal.Status.SHORTLISTED)


def find_calls(facts: ProjectFacts) -> Iterator[Obligation]:
    """Deadlines of open calls, and evaluations that wait for the award."""
    if not facts.is_running:
        return
    for pk, status, closes_at in _calls(facts.project.pk):
        is_open = status == Status.PUBLISHED
        yield facts.row(
            ObligationKind.GRANT,
            f"call-{pk}-{status}",
            timezone.localdate(closes_at, facts.project.zone) if is_open else None,
            thing=pk,
            owners=COORDINATION,
            is_event=is_open,
        )


def _calls(project: int) -> QuerySet[CallForProposals, tuple[Any, ...]]:
    states = [Status.PUBLISHED, Status.EVALUATED]
    rows = CallForProposals.objects.filter(project=project, status__in=states)
    return rows.values_list("pk", "status", "closes_at")


def show_calls(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    calls = calls_of(rows)
    for row in rows:
        if not (call := calls.get(row.thing)):
            continue
        title = _("Call closes: %(call)s") if row.is_event else _("Conclude the award: %(call)s")
        yield page.due(
            row,
            title=title % {"call": call},
            url=page.address("projects:call", page.project(row).code, key=row.thing),
        )


@by_key
def calls_of(keys: list[int]) -> QuerySet[CallForProposals]:
    return CallForProposals.objects.filter(pk__in=keys).order_by().only(*columns_of("title"))


def find_scores(facts: ProjectFacts) -> Iterator[Obligation]:
    """Find panels whose members have not scored all proposals: one row for each member, and one
    with their number for the team. A member of a panel sees nothing else of the project."""
    numbers = dict(_numbers_to_judge(facts.project.pk))
    if not numbers:
        return
    judged = Q(assessments__has_conflict=True) | Q(assessments__submitted_at__isnull=False)
    scored = Count("assessments", filter=judged & Q(assessments__proposal__status__in=TO_JUDGE))
    members = PanelMember.objects.current().filter(call__in=numbers).annotate(scored=scored)
    missing: dict[int, dict[int, int]] = {call: {} for call in numbers}
    for member in members:
        if number := numbers[member.call_id] - member.scored:
            missing[member.call_id][member.user_id] = number
    for call, people in missing.items():
        for person, number in people.items():
            yield facts.row(
                ObligationKind.GRANT,
                f"scores-{call}",
                None,
                thing=call,
                readers=(),
                user_id=person,
                facts={"missing": number},
            )
        if people:
            yield facts.row(
                ObligationKind.GRANT,
                f"panel-{call}",
                None,
                thing=call,
                facts={"missing": sum(people.values())},
            )


def _numbers_to_judge(project: int) -> QuerySet[CallForProposals, tuple[int, int]]:
    calls = CallForProposals.objects.filter(project=project, status=Status.CLOSED)
    to_judge = Count("proposals", filter=Q(proposals__status__in=TO_JUDGE))
    return calls.order_by().annotate(n=to_judge).values_list("pk", "n")


def show_scores(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    """Show what the reader has to judge, and to the team the scores that are missing of others."""
    calls = calls_of(rows)
    panels = [f"scores-{row.thing}" for row in rows if not row.user_id]
    mine = Obligation.objects.filter(key__in=panels, user=page.reader.user) if panels else []
    own = {row.thing: row.facts["missing"] for row in mine}
    for row in rows:
        number = row.facts["missing"]
        if not row.user_id:
            number -= own.get(row.thing, 0)
        if not number or not (call := calls.get(row.thing)):
            continue
        if row.user_id:
            sentence = ngettext(
                "%(number)s proposal is waiting for your scores",
                "%(number)s proposals are waiting for your scores",
                number,
            )
        else:
            sentence = ngettext(
                "%(number)s score is missing", "%(number)s scores are missing", number
            )
        yield page.due(
            row,
            title=_("Judge the proposals: %(call)s") % {"call": call},
            url=page.address("projects:proposals", page.project(row).code, key=row.thing),
            label=_("You") if row.user_id else _("Panel"),
            note=sentence % {"number": number},
        )


def find_instalments(facts: ProjectFacts) -> Iterator[Obligation]:
    """Find instalments due to grantees, for the person who pays and the team."""
    if not facts.is_running:
        return
    for pk, on, grantee in _unpaid(facts.project.pk):
        yield facts.row(
            ObligationKind.GRANT,
            f"instalment-{pk}",
            on,
            thing=pk,
            owners=PAY,
            facts={"with": grantee},
        )


def _unpaid(project: int) -> QuerySet[Instalment, tuple[Any, ...]]:
    unpaid = Instalment.objects.filter(grant__project=project, paid_on=None)
    rows = unpaid.exclude(grant__status__in=[Grant.Status.CLOSED, Grant.Status.ENDED])
    return rows.values_list("pk", "due_on", "grant__institution")


@by_key
def instalments(keys: list[int]) -> QuerySet[Instalment]:
    rows = Instalment.objects.filter(pk__in=keys).select_related("grant")
    return rows.only("number", "amount", "condition", "grant__currency")


def show_instalments(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    found = instalments(rows)
    for row in rows:
        if not (one := found.get(row.thing)):
            continue
        grantee = page.institution(row.facts["with"])
        amount = money(one.amount, one.grant.currency)
        yield page.due(
            row,
            title=f"{one}: {grantee.short_name}",
            url=page.address("projects:grant", page.project(row).code, key=one.grant_id),
            label=team_label(Role.FINANCE),
            note=" · ".join(part for part in (amount, one.condition) if part),
        )


def find_grant_reports(facts: ProjectFacts) -> Iterator[Obligation]:
    """Reports that grantees owe, and those that wait for somebody else's acceptance."""
    if not facts.is_running:
        return
    for row in _not_accepted(facts.project.pk):
        yield facts.row(
            ObligationKind.GRANT,
            f"grantreport-{row.pk}-{row.status}",
            row.due_on if row.is_open else None,
            thing=row.pk,
            owners=() if row.is_open else JUDGES,
            institution=row.grant.institution_id if row.is_open else None,
            # Nobody accepts what they submitted, so it does not wait for them.
            entered_by_id=None if row.is_open else row.submitted_by_id,
            facts={"with": row.grant.institution_id},
        )


def _not_accepted(project: int) -> QuerySet[GrantReport]:
    reports = GrantReport.objects.filter(grant__project=project)
    return reports.exclude(status=GrantReport.Status.ACCEPTED).select_related("grant")


@by_key
def grant_reports(keys: list[int]) -> QuerySet[GrantReport]:
    rows = GrantReport.objects.filter(pk__in=keys).select_related("grant")
    return rows.only("status", "is_final", "grant__title")


def show_grant_reports(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    found = grant_reports(rows)
    for row in rows:
        if not (report := found.get(row.thing)):
            continue
        grantee = page.institution(row.facts["with"]).short_name
        title = (
            _("%(report)s: %(institution)s")
            if report.is_open
            else _("Accept or return: %(report)s, %(institution)s")
        )
        yield page.due(
            row,
            title=title % {"report": report, "institution": grantee},
            url=page.address("projects:grant", page.project(row).code, key=report.grant_id),
            label="" if report.is_open else team_label(Role.MONITORING),
            note=report.grant.title,
        )
