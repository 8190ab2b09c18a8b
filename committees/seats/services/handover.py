"""The handover sheet of a seat: the positions of its institution, and its obligations."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from committees.models import Action, ActionPlan, ActionTerms, Position, Resolution, Seat
from committees.models.plan import ActionPlanQuerySet
from committees.models.resolution import ResolutionQuerySet
from partners.models import Institution
from projects.models import Project

Status = Resolution.Status


@dataclass(frozen=True)
class Handover:
    """The sheet of one institution in one project. Institutions and seats, never persons."""

    project: Project
    institution: Institution
    on: date
    seats: list[Seat]
    # The newest position of the institution on each version of a plan, newest plan first.
    positions: list[Position]
    # Recommendations to it: without an answer yet; accepted, with their state.
    to_answer: list[Resolution]
    accepted: list[Resolution]
    # Decisions that it carries out.
    to_execute: list[Resolution]
    # What it promised in the plans in execution and has not finished, the earliest end first.
    actions: list[ActionTerms]

    @property
    def is_empty(self) -> bool:
        lists = (self.positions, self.to_answer, self.accepted, self.to_execute, self.actions)
        return not any(lists)

    def leads(self, terms: ActionTerms) -> bool:
        """Whether the institution is responsible for the action, and does not only support it."""
        return terms.responsible_id == self.institution.pk


def handover_of(
    project: Project,
    institution: Institution,
    *,
    resolutions: ResolutionQuerySet,
    plans: ActionPlanQuerySet,
) -> Handover:
    """The sheet as of today, in a constant number of queries.

    `resolutions` and `plans` are those that the reader may see (`visible_resolutions`,
    `visible_plans`): the sheet shows no more than they would find page by page.
    """
    addressed = list(
        resolutions.filter(addressee=institution)
        .select_related("meeting", "consultation")
        .order_by("due_on", "number")
    )
    return Handover(
        project=project,
        institution=institution,
        on=project.today,
        seats=_seats(project, institution),
        positions=_positions(institution, plans),
        to_answer=[row for row in addressed if row.status == Status.ISSUED],
        accepted=[row for row in addressed if row.status in ACCEPTED],
        to_execute=[row for row in addressed if row.status == Status.ADOPTED],
        actions=_actions_due(institution, plans),
    )


ACCEPTED = frozenset(
    {Status.ACCEPTED, Status.PARTLY_ACCEPTED, Status.IN_PROGRESS, Status.IMPLEMENTED}
)


def _seats(project: Project, institution: Institution) -> list[Seat]:
    seats = Seat.objects.of_institution(institution).filter(committee__project=project)
    return list(seats.on(project.today).with_people())


def _positions(institution: Institution, plans: ActionPlanQuerySet) -> list[Position]:
    positions = Position.objects.filter(institution=institution, plan__in=plans).latest_each()
    return list(
        positions.select_related("plan__period", "plan__project").order_by(
            "-plan__period__start", "-plan__version"
        )
    )


def _actions_due(institution: Institution, plans: ActionPlanQuerySet) -> list[ActionTerms]:
    terms = ActionTerms.objects.filter(
        Q(responsible=institution) | Q(supporting=institution),
        plan__in=plans.filter(status=ActionPlan.Status.IN_EXECUTION),
        action__status__in=Action.UNFINISHED,
    ).distinct()
    return list(
        terms.select_related("action", "plan__project", "plan__period").order_by(
            "ends_on", "action__reference"
        )
    )
