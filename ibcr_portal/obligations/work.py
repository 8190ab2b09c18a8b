"""Obligations from action plans: actions, reviews that end, and the plan of the next year."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from committees.models import Action, ActionPlan, ActionTerms, Position, Seat
from committees.permissions.plans import plans_visible_in
from ibcr_portal.models import ObligationKind
from ibcr_portal.obligations.due import HORIZON, Due, ResponsibleParty, key_of, of_institution, team
from ibcr_portal.reader import Reader, running
from kernel.formats import day
from projects.models import Participation, Period
from projects.permissions.roles import Role


def actions(reader: Reader) -> Iterator[Due]:
    """Unfinished actions of plans in execution; of others than the team, their own."""
    terms = ActionTerms.objects.filter(
        plan__in=plans_visible_in(reader.user, running(reader.projects)),
        plan__status=ActionPlan.Status.IN_EXECUTION,
        action__status__in=Action.UNFINISHED,
    )
    if not reader.inside:
        terms = terms.filter(responsible__in=reader.institution_keys)
    rows = list(terms.select_related("action", "plan__project"))
    if not reader.inside:
        rows = [row for row in rows if (row.plan.project_id, row.responsible_id) in reader.own]
    return of_actions(reader, reader.with_names(rows, "responsible"))


def of_actions(reader: Reader, terms: Iterable[ActionTerms]) -> Iterator[Due]:
    """Yield unfinished actions. An action in two plans counts with the later end."""
    newest: dict[int, ActionTerms] = {}
    for one in terms:
        known = newest.get(one.action_id)
        if known is None or one.ends_on > known.ends_on:
            newest[one.action_id] = one
    for one in newest.values():
        project = one.plan.project
        yield Due(
            project=project,
            kind=ObligationKind.ACTION,
            key=f"action-{one.action_id}",
            title=f"{one.action.reference} {one.title}",
            url=one.action.get_absolute_url(),
            on=one.ends_on,
            owner=of_institution(reader, one.responsible, project.pk),
        )


def reviews(reader: Reader) -> Iterator[Due]:
    """Plans in review: to be answered by the institutions that have not, and closing for all."""
    in_review = plans_visible_in(reader.user, reader.projects).in_review().with_related()
    plans = list(in_review.prefetch_related("extensions"))
    asked = asked_and_silent(reader, plans)
    for plan in plans:
        mine = {pk for pk in asked[plan.pk] if _is_in_time(plan, pk)}
        if mine:
            yield Due(
                project=plan.project,
                kind=ObligationKind.PLAN,
                key=key_of("review", plan),
                title=_("Review: %(plan)s") % {"plan": plan},
                url=plan.get_absolute_url(),
                on=_last_day(plan, mine),
                owner=ResponsibleParty(_("Your institution"), institutions=frozenset(mine)),
                note=_("Your institution has not answered yet"),
            )
        if plan.review_until and reader.works_for(plan.project_id) and not plan.review_is_over:
            yield Due(
                project=plan.project,
                kind=ObligationKind.PLAN,
                key=key_of("review-closes", plan),
                title=_("Review closes: %(plan)s") % {"plan": plan},
                url=plan.get_absolute_url(),
                on=plan.review_until,
                owner=team(),
                is_event=True,
            )


def _last_day(plan: ActionPlan, institutions: set[int]) -> date | None:
    """The last day on which one of these institutions answers; one may have got more time."""
    ends = [end for pk, end in plan.ends_by_institution.items() if pk in institutions]
    return max([plan.review_until, *ends]) if plan.review_until else None


def _is_in_time(plan: ActionPlan, institution: int) -> bool:
    end = plan.ends_by_institution.get(institution, plan.review_until)
    return end is None or plan.project.today <= end


def asked_and_silent(reader: Reader, plans: list[ActionPlan]) -> dict[int, set[int]]:
    """Return, by plan, the person's institutions that have not answered or are still consulting.

    This applies the rule of `ActionPlan.reviewers` to many plans at once.
    """
    places = asked_institutions(reader, plans)
    answers = Position.objects.filter(plan__in=plans, institution__in=reader.institution_keys)
    answers_given = answers.latest_each().exclude(stance=Position.Stance.CONSULTING)
    answered = set(answers_given.values_list("plan", "institution")) if plans else set()
    return {
        plan.pk: {pk for pk in places[plan.project_id] if (plan.pk, pk) not in answered}
        for plan in plans
    }


def asked_institutions(reader: Reader, plans: list[ActionPlan]) -> dict[int, set[int]]:
    """Return, by project, the person's institutions whose position is asked."""
    projects = {plan.project_id for plan in plans}
    asked: dict[int, set[int]] = {project: set() for project in projects}
    if not (plans and reader.institution_keys):
        return asked
    mine = Participation.objects.filter(
        project__in=projects, institution__in=reader.institution_keys
    )
    taking_part = mine.exclude(role__in=Participation.DONOR_ROLES)
    seats = Seat.objects.on(reader.today).filter(
        committee__project__in=projects,
        institution__in=reader.institution_keys,
        is_voting=True,
    )
    for project, institution in (
        *taking_part.values_list("project", "institution"),
        *seats.values_list("committee__project", "institution"),
    ):
        is_own = (project, institution) in reader.own
        if is_own and reader.holds(project, {Role.PARTNER, Role.MEMBER}):
            asked[project].add(institution)
    for project, institution in reader.accountable:
        asked.get(project, set()).discard(institution)
    return asked


def next_plans(reader: Reader) -> Iterator[Due]:
    """Yield project years, running or next, without a plan that the committee has validated."""
    validated = ActionPlan.objects.filter(
        period=OuterRef("pk"), status__in=ActionPlan.AFTER_VALIDATION
    )
    years = Period.objects.filter(
        ~Exists(validated),
        project__in=running(reader.inside),
        kind=Period.Kind.PROJECT_YEAR,
        end__gte=reader.today,
        start__lte=reader.today + timedelta(days=HORIZON),
    )
    for year in years.select_related("project"):
        yield Due(
            project=year.project,
            kind=ObligationKind.PLAN,
            key=key_of("plan", year),
            title=_("Action plan of year %(year)s, to be validated") % {"year": year.number},
            url=f"{reverse('committees:plans')}?project={year.project.code}",
            on=year.start - timedelta(days=1),
            owner=team(),
            note=_("The year begins on %(day)s.") % {"day": day(year.start)},
        )
