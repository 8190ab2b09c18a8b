"""Calls for projects and what follows from them: deadlines, scores, instalments, reports."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from ibcr_portal.models import ObligationKind
from ibcr_portal.obligations.due import Due, ResponsibleParty, key_of, of_institution, team
from ibcr_portal.reader import Reader, running
from kernel.formats import money
from projects.models import (
    Assignment,
    CallForProposals,
    Grant,
    GrantReport,
    Instalment,
    PanelMember,
    Proposal,
)
from projects.permissions.grants import grants_visible_in
from projects.permissions.roles import Role

Status = CallForProposals.Status
TO_JUDGE = (Proposal.Status.SUBMITTED, Proposal.Status.SHORTLISTED)


def calls(reader: Reader) -> Iterator[Due]:
    """Deadlines of open calls, and evaluations that wait for the award."""
    rows = CallForProposals.objects.filter(
        project__in=running(reader.inside), status__in=[Status.PUBLISHED, Status.EVALUATED]
    )
    for call in rows.select_related("project"):
        is_open = call.status == Status.PUBLISHED
        title = _("Call closes: %(call)s") if is_open else _("Conclude the award: %(call)s")
        yield Due(
            project=call.project,
            kind=ObligationKind.GRANT,
            key=f"call-{call.pk}-{call.status}",
            title=title % {"call": call},
            url=call.get_absolute_url(),
            on=timezone.localdate(call.closes_at, call.project.zone) if is_open else None,
            owner=team(),
            is_event=is_open,
        )


def scores(reader: Reader) -> Iterator[Due]:
    """Yield panels whose members have not scored all proposals: one line for each member, and one
    with their number for the team.

    A member of a panel sees the call and nothing else of the project, so this starts from panels.
    """
    mine = PanelMember.objects.current().filter(user=reader.user)
    calls = CallForProposals.objects.filter(
        Q(project__in=reader.inside) | Q(pk__in=mine.values("call")), status=Status.CLOSED
    )
    to_judge = Count("proposals", filter=Q(proposals__status__in=TO_JUDGE))
    found = list(calls.select_related("project").annotate(to_judge=to_judge))
    if not found:
        return
    missing = _missing_scores({call.pk: call.to_judge for call in found})
    for call in found:
        own = missing[call.pk].pop(reader.user.pk, 0)
        others = missing[call.pk].total() if reader.works_for(call.project_id) else 0
        if own:
            yield _of_panel(call, own, reader.user.pk)
        if others:
            yield _of_panel(call, others)


def _missing_scores(to_judge: dict[int, int]) -> dict[int, Counter[int]]:
    """Return, by call and person, the number of proposals without scores or a conflict of
    interest.

    `to_judge` has the number of proposals to score by call.
    """
    judged = Q(assessments__has_conflict=True) | Q(assessments__submitted_at__isnull=False)
    scored = Count("assessments", filter=judged & Q(assessments__proposal__status__in=TO_JUDGE))
    missing: dict[int, Counter[int]] = {call: Counter() for call in to_judge}
    for member in PanelMember.objects.current().filter(call__in=to_judge).annotate(scored=scored):
        missing[member.call_id][member.user_id] = to_judge[member.call_id] - member.scored
    return missing


def _of_panel(call: CallForProposals, number: int, person: int | None = None) -> Due:
    if person:
        sentence = ngettext(
            "%(number)s proposal waits for your scores",
            "%(number)s proposals wait for your scores",
            number,
        )
    else:
        sentence = ngettext("%(number)s score is missing", "%(number)s scores are missing", number)
    label = _("You") if person else _("Panel")
    return Due(
        project=call.project,
        kind=ObligationKind.GRANT,
        key=key_of("scores" if person else "panel", call),
        title=_("Judge the proposals: %(call)s") % {"call": call},
        url=reverse("projects:proposals", args=[call.project.code, call.pk]),
        on=None,
        owner=ResponsibleParty(label, people=frozenset({person} if person else ())),
        note=sentence % {"number": number},
    )


def instalments(reader: Reader) -> Iterator[Due]:
    """Yield instalments due to grantees, for the person who pays and the team."""
    unpaid = Instalment.objects.filter(
        grant__project__in=running(reader.inside), paid_on=None
    ).exclude(grant__status__in=[Grant.Status.CLOSED, Grant.Status.ENDED])
    rows = list(unpaid.select_related("grant__project"))
    reader.with_names([row.grant for row in rows])
    finance = team(Role.FINANCE)
    for row in rows:
        amount = money(row.amount, row.grant.currency)
        yield Due(
            project=row.grant.project,
            kind=ObligationKind.GRANT,
            key=key_of("instalment", row),
            title=f"{row}: {row.grant.institution.short_name}",
            url=row.grant.get_absolute_url(),
            on=row.due_on,
            owner=ResponsibleParty(finance.label, finance.roles | {Role.COORDINATOR}),
            note=" · ".join(part for part in (amount, row.condition) if part),
        )


def grant_reports(reader: Reader) -> Iterator[Due]:
    """Report that grantees owe, and those that wait for somebody else's acceptance."""
    open_reports = GrantReport.objects.filter(
        grant__in=grants_visible_in(reader.user, running(reader.projects))
    ).exclude(status=GrantReport.Status.ACCEPTED)
    rows = list(open_reports.select_related("grant__project"))
    reader.with_names([row.grant for row in rows])
    for row in rows:
        grant = row.grant
        names = {"report": row, "institution": grant.institution.short_name}
        title = (
            _("%(report)s: %(institution)s")
            if row.is_open
            else _("Accept or return: %(report)s, %(institution)s")
        )
        yield Due(
            project=grant.project,
            kind=ObligationKind.GRANT,
            key=f"grantreport-{row.pk}-{row.status}",
            title=title % names,
            url=grant.get_absolute_url(),
            on=row.due_on if row.is_open else None,
            owner=of_institution(reader, grant.institution, grant.project_id)
            if row.is_open
            else _judges(reader, row),
            note=grant.title,
        )


def _judges(reader: Reader, row: GrantReport) -> ResponsibleParty:
    """Nobody accepts what they submitted, so it does not wait for them."""
    label = Assignment.Role.MONITORING.label
    if row.submitted_by_id == reader.user.pk:
        return ResponsibleParty(str(label))
    return ResponsibleParty(str(label), roles=frozenset({Role.MONITORING, Role.COORDINATOR}))
