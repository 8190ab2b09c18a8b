"""The steering of a synthetic project: its committee, resolutions and action plans."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bench.builder import ProjectParts
from bench.sizes import REPORTED
from bench.words import sentence, title
from committees.models import (
    Action,
    ActionPlan,
    ActionTerms,
    AgendaItem,
    Attendance,
    Committee,
    Meeting,
    Resolution,
    Seat,
    Subject,
)
from committees.models.quorum import Quorum, QuorumRules
from projects.models import Amendment


def steer(ground: ProjectParts) -> list[Meeting]:
    ground.committee = Committee.objects.create(
        project=ground.project,
        status=Committee.Status.ACTIVE,
        name_fr="Comité synthétique",
        name_es="Comité sintético",
        name_en="Synthetic committee",
        **ground.texts("mandate", sentence, 60),
    )
    ground.seats = Seat.objects.bulk_create(
        Seat(
            committee=ground.committee,
            institution=ground.partners[n % len(ground.partners)],
            is_voting=n % 4 != 3,
            position=n,
        )
        for n in range(ground.size.seats)
    )
    meetings = Meeting.objects.bulk_create(_meetings(ground))
    Attendance.objects.bulk_create(
        Attendance(
            meeting=meeting,
            seat=seat,
            presence=Attendance.Presence.ABSENT if n % 5 == 4 else Attendance.Presence.ONLINE,
        )
        for meeting in meetings
        for n, seat in enumerate(ground.seats)
    )
    ground.decisions = _resolutions(ground, meetings)
    _amendments(ground)
    return meetings


def _meetings(ground: ProjectParts) -> Iterator[Meeting]:
    voting = [n for n, seat in enumerate(ground.seats) if seat.is_voting]
    present = sum(n % 5 != 4 for n in voting)
    rules = QuorumRules()
    facts = Quorum(present, 0, len(voting), rules.seats_required(len(voting)))
    kept = {"rules": rules.written(), "facts": facts.written()}
    for n in range(ground.size.meetings * REPORTED):
        period = ground.periods[n // ground.size.meetings]
        day = period.start + timedelta(
            10 + 340 * (n % ground.size.meetings) // ground.size.meetings
        )
        start = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
        yield Meeting(
            committee=ground.committee,
            number=n + 1,
            starts_at=start,
            ends_at=start + timedelta(hours=2),
            mode=Meeting.Mode.ONLINE,
            status=Meeting.Status.HELD,
            quorum_kept=kept,
        )


def _resolutions(ground: ProjectParts, meetings: list[Meeting]) -> list[Resolution]:
    """Two decisions, then a recommendation, on an item each; each speaks of a result."""
    items = AgendaItem.objects.bulk_create(
        AgendaItem(
            meeting=meeting,
            position=n,
            purpose=AgendaItem.Purpose.DECIDE,
            status=AgendaItem.Status.DISCUSSED,
            **ground.texts("title", title),
        )
        for meeting in meetings
        for n in range(ground.size.resolutions)
    )
    kinds = Resolution.Kind
    made = Resolution.objects.bulk_create(
        Resolution(
            committee=ground.committee,
            meeting=item.meeting,
            agenda_item=item,
            number=f"{item.meeting.starts_at.year}-{'R' if n % 3 == 2 else ''}{n + 1}",
            kind=kinds.RECOMMENDATION if n % 3 == 2 else kinds.DECISION,
            status=Resolution.Status.ISSUED if n % 3 == 2 else Resolution.Status.ADOPTED,
            rule="" if n % 3 == 2 else Resolution.Rule.CONSENSUS,
            resolved_on=item.meeting.starts_at.date(),
            addressee=ground.partners[n % len(ground.partners)],
            due_on=item.meeting.starts_at.date() + timedelta(90),
            **ground.texts("text", sentence, 28),
        )
        for n, item in enumerate(items)
    )
    Subject.objects.bulk_create(
        Subject(resolution=resolution, result=ground.results[n % len(ground.results)])
        for n, resolution in enumerate(made)
    )
    return [resolution for resolution in made if resolution.is_decision]


def _amendments(ground: ProjectParts) -> None:
    amendments = Amendment.objects.bulk_create(
        Amendment(
            project=ground.project,
            number=n + 1,
            kind=Amendment.Kind.OTHER,
            status=Amendment.Status.EFFECTIVE,
            donor_decided_on=ground.year.start + timedelta(60),
            **ground.texts("title", title),
            **ground.texts("reason", sentence, 24),
        )
        for n in range(ground.size.amendments)
    )
    Subject.objects.bulk_create(
        Subject(resolution=ground.decisions[n % len(ground.decisions)], amendment=amendment)
        for n, amendment in enumerate(amendments)
    )


def plan_years(ground: ProjectParts) -> None:
    """The year's plan in execution, and next year's, validated, a quarter as long."""
    statuses = [ActionPlan.Status.IN_EXECUTION, ActionPlan.Status.VALIDATED]
    plans = ActionPlan.objects.bulk_create(
        ActionPlan(
            project=ground.project, period=period, status=status, validated_by=ground.decisions[0]
        )
        for period, status in zip(ground.periods[REPORTED - 1 :], statuses, strict=True)
    )
    actions = Action.objects.bulk_create(
        Action(
            project=ground.project,
            reference=f"{n % 9 + 1}.{n // 9 + 1}",
            status=Action.Status.IN_PROGRESS if n % 3 == 0 else Action.Status.DONE,
            share_done=50 if n % 3 == 0 else 100,
        )
        for n in range(ground.size.actions)
    )
    terms = [_terms(ground, plans[0], action) for action in actions]
    terms += [_terms(ground, plans[1], action) for action in actions[::4]]
    ActionTerms.objects.bulk_create(terms, batch_size=500)


def _terms(ground: ProjectParts, plan: ActionPlan, action: Action) -> ActionTerms:
    start = ground.day(plan.period)
    n = ground.chance.randrange(1000)
    return ActionTerms(
        plan=plan,
        action=action,
        starts_on=start,
        ends_on=min(start + timedelta(40), plan.period.end),
        responsible=ground.partners[n % len(ground.partners)],
        result=ground.results[n % len(ground.results)],
        activity=ground.activities[n % len(ground.activities)],
        budget=Decimal(500 + n),
        **ground.texts("title", title),
        **ground.texts("deliverable", title),
    )
