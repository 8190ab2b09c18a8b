"""Obligations of follow-up: values, contributions, amendments under way, the register of risks."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _, ngettext

from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.obligations.due import Due, DuePage, by_key, team_label
from ibcr_portal.obligations.facts import COORDINATION, ProjectFacts
from kernel.formats import day, money
from kernel.lifecycle import StatusChange
from kernel.text import columns_of
from projects.framework.values_due import missing_totals
from projects.models import Amendment, Contribution, Indicator, Period, Risk, ValueRequest
from projects.permissions.risks import SEES_ALL
from projects.permissions.roles import TEAM, Role

# Rules of the portal where the sources name none: a register is looked through twice a year, and
# what the donor approved is put into effect within a month.
RATE_AFTER = timedelta(days=182)
EFFECT_WITHIN = timedelta(days=30)
PAY = (Role.FINANCE, Role.COORDINATOR)

ValueGroup = tuple[int | None, int]  # institution, period


def find_values(facts: ProjectFacts) -> Iterator[Obligation]:
    """Find one row for each institution and period: its values are asked for and entered together,
    on the day of the request, or without one on the first due day of its indicators."""
    if not facts.is_running:
        return
    groups: dict[ValueGroup, list[tuple[date, Indicator, Period]]] = {}
    for on, indicator, period in missing_totals(facts.project, facts.periods):
        groups.setdefault((indicator.responsible_id, period.pk), []).append((on, indicator, period))
    if not groups:
        return
    asked = {(row.institution_id, row.period_id): row for row in _requests(facts.project.pk)}
    for (institution, key), missing in groups.items():
        request, (on, _first, period) = asked.get((institution or 0, key)), missing[0]
        yield facts.row(
            ObligationKind.VALUE,
            f"values-{facts.project.pk}-{institution or 0}-{key}",
            request.due_on if request else on,
            thing=request.pk if request else 0,
            owners=() if institution else [Role.MONITORING],
            institution=institution,
            # Late with the first that was entered: the others come on the same page.
            entered=(period.entered_on, min(each.entered_on for _on, each, _of in missing)),
            facts={
                "kind": period.kind,
                "number": period.number,
                "indicators": len(missing),
            },
        )


def _requests(project: int) -> QuerySet[ValueRequest]:
    return ValueRequest.objects.filter(project=project)


def show_values(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    for row in rows:
        code, number = page.project(row).code, row.facts["indicators"]
        if row.thing:
            url = page.address("projects:request", code, key=row.thing)
        elif page.reader.works_for(row.project_id):
            url = page.address("projects:requests", code)
        else:
            url = page.address("projects:framework", code)
        period = Period(kind=row.facts["kind"], number=row.facts["number"])
        number_text = ngettext("%(number)s indicator", "%(number)s indicators", number)
        yield page.due(
            row,
            title=_("Values of the indicators: %(period)s") % {"period": period},
            url=url,
            label="" if row.institution_id else team_label(Role.MONITORING),
            note=number_text % {"number": number},
        )


def find_contributions(facts: ProjectFacts) -> Iterator[Obligation]:
    """Find contributions promised and not received. The donor sees them; finance is reminded, and
    asks."""
    if not facts.is_running:
        return
    for pk, on, giver in _expected(facts.project.pk):
        yield facts.row(
            ObligationKind.MONEY,
            f"contribution-{pk}",
            on,
            thing=pk,
            owners=PAY,
            readers=TEAM | {Role.DONOR},
            facts={"with": giver},
        )


def _expected(project: int) -> QuerySet[Contribution, tuple[Any, ...]]:
    expected = Contribution.objects.filter(
        participation__project=project, received=None, expected_on__isnull=False
    )
    return expected.order_by().values_list("pk", "expected_on", "participation__institution")


@by_key
def contributions(keys: list[int]) -> QuerySet[Contribution]:
    return Contribution.objects.filter(pk__in=keys).order_by().only("promised", "currency")


def show_contributions(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    found = contributions(rows)
    for row in rows:
        if not (one := found.get(row.thing)):
            continue
        giver = page.institution(row.facts["with"])
        yield page.due(
            row,
            title=_("Contribution expected: %(institution)s") % {"institution": giver.short_name},
            url=page.address("projects:contributions", page.project(row).code),
            label=team_label(Role.FINANCE),
            note=money(one.promised, one.currency),
        )


def find_amendments(facts: ProjectFacts) -> Iterator[Obligation]:
    """Find amendments that are recommended, submitted, approved or sent back with a request for changes,
    for the party that has to act next."""
    if not facts.is_running:
        return
    status = Amendment.Status
    for pk, state, decided_on in _under_way(facts.project.pk):
        of_donor = state == status.SUBMITTED
        yield facts.row(
            ObligationKind.AMENDMENT,
            f"amendment-{pk}-{state}",
            decided_on + EFFECT_WITHIN if state == status.APPROVED and decided_on else None,
            thing=pk,
            owners=[Role.ACCEPTS_FOR_DONOR] if of_donor else COORDINATION,
        )


def _under_way(project: int) -> QuerySet[Amendment, tuple[Any, ...]]:
    status = Amendment.Status
    under_way = Q(status__in=[status.RECOMMENDED, status.SUBMITTED, status.APPROVED])
    kind = ContentType.objects.get_for_model(Amendment)
    steps = StatusChange.objects.filter(content_type=kind, object_id=OuterRef("pk"))
    last = Subquery(steps.order_by("-pk").values("verb")[:1])
    rows = Amendment.objects.alias(last=last).filter(
        under_way | Q(status=status.DRAFT, last="ask_changes"), project=project
    )
    return rows.values_list("pk", "status", "donor_decided_on")


@by_key
def amendments(keys: list[int]) -> QuerySet[Amendment]:
    columns = ("number", "status", "donor_decided_on", *columns_of("title"))
    return Amendment.objects.filter(pk__in=keys).order_by().with_dates().only(*columns)


def show_amendments(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    found = amendments(rows)
    for row in rows:
        if not (amendment := found.get(row.thing)):
            continue
        title, note = _turn_of(amendment)
        yield page.due(
            row,
            title=title % {"amendment": amendment},
            url=page.address("projects:amendment", page.project(row).code, key=row.thing),
            label=_("Donor") if amendment.status == Amendment.Status.SUBMITTED else "",
            note=f"{amendment.title} · {note}" if note else amendment.title,
        )


def _turn_of(row: Amendment) -> tuple[str, str]:
    if row.status == Amendment.Status.RECOMMENDED:
        return _("Submit to the donor: %(amendment)s"), ""
    if row.status == Amendment.Status.SUBMITTED:
        since = _("Submitted on %(day)s") % {"day": day(row.submitted_on)}
        return _("Answer: %(amendment)s"), since if row.submitted_on else ""
    if row.status == Amendment.Status.DRAFT:
        return _("Answer the donor's request for changes: %(amendment)s"), ""
    approved = _("Approved on %(day)s") % {"day": day(row.donor_decided_on)}
    return _("Put into effect: %(amendment)s"), approved


def find_risks(facts: ProjectFacts) -> Iterator[Obligation]:
    """Find one row for the register, due when the first of its risks has to be rated again."""
    if not facts.is_running:
        return
    rated = _ratings(facts.project.pk)
    days = sorted((last or identified) + RATE_AFTER for _pk, last, identified in rated)
    if days:
        yield facts.row(
            ObligationKind.RISK,
            f"risks-{facts.project.pk}",
            days[0],
            owners=COORDINATION,
            readers=TEAM & SEES_ALL,
            facts={"days": [one.isoformat() for one in days]},
        )


def _ratings(project: int) -> QuerySet[Risk, tuple[Any, ...]]:
    living = Risk.objects.filter(project=project).not_closed().order_by()
    return living.values_list("pk", Max("ratings__rated_on"), "identified_on")


def show_risks(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    for row in rows:
        last = max(row.facts["days"][0], page.today.isoformat())
        number = sum(1 for one in row.facts["days"] if one <= last)
        number_text = ngettext(
            "%(number)s risk, half a year after its last rating",
            "%(number)s risks, half a year after their last rating",
            number,
        )
        yield page.due(
            row,
            title=_("Reassess the risks"),
            url=page.address("projects:risks", page.project(row).code),
            note=number_text % {"number": number},
        )
