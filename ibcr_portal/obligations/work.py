"""Obligations from action plans: actions, reviews that end, and the plan of the next year."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from committees.models import Action, ActionPlan, ActionTerms, Position, Seat
from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.obligations.due import Due, DuePage, by_key
from ibcr_portal.obligations.facts import COORDINATION, ProjectFacts
from kernel.formats import day
from kernel.text import columns_of
from projects.models import Participation, Period


def find_actions(facts: ProjectFacts) -> Iterator[Obligation]:
    """Find unfinished actions of plans in execution. One in two plans counts with the later end."""
    if not facts.is_running:
        return
    newest = {row[0]: row for row in _unfinished(facts.project.pk)}
    for action, pk, ends_on, responsible, entered_on in newest.values():
        yield facts.row(
            ObligationKind.ACTION,
            f"action-{action}",
            ends_on,
            thing=pk,
            institution=responsible,
            entered=(entered_on,),
        )


def _unfinished(project: int) -> QuerySet[ActionTerms, tuple[Any, ...]]:
    found = ActionTerms.objects.filter(
        plan__project=project,
        plan__status=ActionPlan.Status.IN_EXECUTION,
        action__status__in=Action.UNFINISHED,
    )
    columns = ("action", "pk", "ends_on", "responsible", "action__entered_on")
    return found.order_by("ends_on", "-pk").values_list(*columns)


@by_key
def terms(keys: list[int]) -> QuerySet[ActionTerms]:
    found = ActionTerms.objects.filter(pk__in=keys).order_by().select_related("action")
    return found.only("action__reference", *columns_of("title"))


def show_actions(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    found = terms(rows)
    for row in rows:
        if one := found.get(row.thing):
            yield page.due(
                row,
                title=f"{one.action.reference} {one.title}",
                url=page.address("committees:action", key=one.action_id),
            )


def find_reviews(facts: ProjectFacts) -> Iterator[Obligation]:
    """Plans in review: to be answered by the institutions that have not, and closing for all."""
    plans = list(_in_review(facts.project.pk))
    if not plans:
        return
    asked = _institutions_asked(facts)
    answers = Position.objects.filter(plan__in=plans).latest_each()
    given = answers.exclude(stance=Position.Stance.CONSULTING).values_list("plan", "institution")
    answered = set(given)
    for plan in plans:
        plan.project = facts.project
        title = {"number": plan.period.number, "version": plan.version}
        for institution in asked:
            if (plan.pk, institution) in answered:
                continue
            end = plan.ends_by_institution.get(institution, plan.review_until)
            yield facts.row(
                ObligationKind.PLAN,
                f"review-{plan.pk}",
                end if plan.review_until else None,
                thing=plan.pk,
                institution=institution,
                readers=(),
                until=facts.end_of(end) if end else None,
                facts=title,
            )
        if plan.review_until:
            yield facts.row(
                ObligationKind.PLAN,
                f"review-closes-{plan.pk}",
                plan.review_until,
                thing=plan.pk,
                owners=COORDINATION,
                until=facts.end_of(plan.review_until),
                is_event=True,
                facts=title,
            )


def _in_review(project: int) -> QuerySet[ActionPlan]:
    plans = ActionPlan.objects.filter(project=project).in_review()
    return plans.select_related("period").prefetch_related("extensions")


def _institutions_asked(facts: ProjectFacts) -> list[int]:
    """Return the institutions whose position is asked (see `ActionPlan.reviewers`)."""
    taking_part = {
        row.institution_id
        for row in facts.participations
        if row.role not in Participation.DONOR_ROLES
    }
    seats = Seat.objects.on(facts.today).filter(committee__project=facts.project, is_voting=True)
    seated = set(seats.values_list("institution", flat=True))
    return sorted((taking_part | seated) - facts.accountable)


def show_reviews(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    """Show one review for several institutions of the reader, until the last of their days."""
    last: dict[str, Obligation] = {}
    for row in rows:
        known = last.get(row.key)
        if known is None or (row.on or date.max) > (known.on or date.max):
            last[row.key] = row
    for row in last.values():
        yield page.due(
            row,
            title=_("Review: %(plan)s") % {"plan": plan_of(row)},
            url=page.address("committees:plan", key=row.thing),
            label=_("Your institution"),
            note=_("Your institution has not answered yet"),
        )


def show_ends_of_reviews(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    for row in rows:
        yield page.due(
            row,
            title=_("Review closes: %(plan)s") % {"plan": plan_of(row)},
            url=page.address("committees:plan", key=row.thing),
        )


def plan_of(row: Obligation) -> str:
    period = Period(number=row.facts["number"])
    return str(ActionPlan(period=period, version=row.facts["version"]))


def find_next_plans(facts: ProjectFacts) -> Iterator[Obligation]:
    """Find project years, running or to come, without a plan that the committee has validated."""
    if not facts.is_running:
        return
    for year in _without_plan(facts.project.pk, facts.today):
        yield facts.row(
            ObligationKind.PLAN,
            f"plan-{year.pk}",
            year.start - timedelta(days=1),
            owners=COORDINATION,
            until=facts.end_of(year.end),
            entered=(year.entered_on,),
            facts={"number": year.number},
        )


def _without_plan(project: int, today: date) -> QuerySet[Period]:
    validated = ActionPlan.objects.filter(
        period=OuterRef("pk"), status__in=ActionPlan.AFTER_VALIDATION
    )
    return Period.objects.filter(
        ~Exists(validated),
        project=project,
        kind=Period.Kind.PROJECT_YEAR,
        end__gte=today,
    )


def show_next_plans(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    for row in rows:
        assert row.on is not None  # the day before the year begins
        start = row.on + timedelta(days=1)
        yield page.due(
            row,
            title=_("Action plan of year %(year)s, to be validated")
            % {"year": row.facts["number"]},
            url=f"{page.address('committees:plans')}?project={page.project(row).code}",
            note=_("The year begins on %(day)s.") % {"day": day(start)},
        )
