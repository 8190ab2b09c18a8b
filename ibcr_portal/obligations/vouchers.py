"""Vouchers that wait for a decision: for each person who may decide on them, one line with their
number. And advances that institutions settle."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _, ngettext

from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.obligations.due import Due, DuePage, by_key
from ibcr_portal.obligations.facts import ProjectFacts
from kernel.formats import money
from projects.models import Advance, AdvanceVoucher, Assignment, Expenditure

APPROVE_WITHIN = timedelta(days=7)
ACCEPT_WITHIN = timedelta(days=14)


def find_vouchers(facts: ProjectFacts) -> Iterator[Obligation]:
    """Vouchers of the project that wait for approval, vouchers of advances that wait to be accepted,
    and advances that are open."""
    key = facts.project.pk
    yield from _for_each(facts, "approvals", list(_waiting(key)), APPROVE_WITHIN)
    yield from _for_each(facts, "settlements", list(_sent(key)), ACCEPT_WITHIN)
    yield from _advances(facts, list(_open(key)))


def _for_each(
    facts: ProjectFacts, word: str, waiting: list[tuple[Any, ...]], within: timedelta
) -> Iterator[Obligation]:
    """Nobody decides on what they entered, changed or sent, so each person has a number of their
    own. `waiting`: since which day, and whose they are."""
    if not waiting:
        return
    for person in sorted({pk for (pk,) in _approvers(facts.project.pk)}):
        days = [since for since, *people in waiting if person not in people]
        if days:
            yield facts.row(
                ObligationKind.MONEY,
                f"{word}-{facts.project.pk}",
                min(days) + within,
                readers=(),
                user_id=person,
                facts={"count": len(days)},
            )


def _waiting(project: int) -> QuerySet[Expenditure, tuple[Any, ...]]:
    rows = Expenditure.objects.waiting().filter(project=project)
    return rows.order_by().values_list("waits_since", "entered_by", "changed_by")


def _sent(project: int) -> QuerySet[AdvanceVoucher, tuple[Any, ...]]:
    sent = AdvanceVoucher.Status.SENT
    rows = AdvanceVoucher.objects.filter(advance__project=project, status=sent)
    return rows.order_by().values_list("received_on", "submitted_by")


def _approvers(project: int) -> QuerySet[Assignment, tuple[int]]:
    roles = [Assignment.Role.COORDINATOR, Assignment.Role.FINANCE]
    rows = Assignment.objects.current().filter(project=project, role__in=roles)
    return rows.order_by().values_list("user")


def show_approvals(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    for row in rows:
        count = row.facts["count"]
        sentence = ngettext(
            "%(count)s voucher waits for your approval",
            "%(count)s vouchers wait for your approval",
            count,
        )
        address = page.address("projects:expenditures", page.project(row).code)
        yield page.due(
            row,
            title=sentence % {"count": count},
            url=f"{address}?state=waiting",
            label=_("You"),
        )


def show_settlements(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    for row in rows:
        count = row.facts["count"]
        sentence = ngettext(
            "%(count)s voucher of an advance waits for acceptance",
            "%(count)s vouchers of advances wait for acceptance",
            count,
        )
        yield page.due(
            row,
            title=sentence % {"count": count},
            url=page.address("projects:advances", page.project(row).code),
            label=_("You"),
        )


def _advances(facts: ProjectFacts, left: list[tuple[Any, ...]]) -> Iterator[Obligation]:
    """For the institutions that have to settle them and for the team; also after the end of the
    project."""
    for pk, settle_by, institution in left:
        yield facts.row(
            ObligationKind.GRANT,
            f"advance-{pk}",
            settle_by,
            thing=pk,
            institution=institution,
            facts={"with": institution},
        )


def _open(project: int) -> QuerySet[Advance, tuple[Any, ...]]:
    rows = Advance.objects.open().filter(project=project)
    return rows.order_by().values_list("pk", "settle_by", "institution")


@by_key
def advances(keys: list[int]) -> QuerySet[Advance]:
    rows = Advance.objects.filter(pk__in=keys).order_by()
    return rows.only("amount", "settled", "returned", "currency", "reference")


def show_advances(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    found = advances(rows)
    for row in rows:
        if not (advance := found.get(row.thing)):
            continue
        institution = page.institution(row.facts["with"])
        yield page.due(
            row,
            title=_("Settle the advance: %(institution)s")
            % {"institution": institution.short_name},
            url=page.address("projects:advance", page.project(row).code, key=row.thing),
            note=money(advance.balance, advance.currency),
        )
