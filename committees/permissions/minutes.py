"""Permissions on minutes and their comments, and on answers in written procedures."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from committees.models import (
    Audience,
    Minutes,
    MinutesRemark,
    Seat,
    SeatTerm,
    WrittenConsultation,
)
from committees.models.consultation import WrittenConsultationQuerySet
from committees.models.minutes import MinutesQuerySet
from committees.permissions.roles import audiences_of, items_left, seats_held
from projects.models import Project
from projects.permissions.roles import (
    TEAM,
    Role,
    may_edit,
    roles_of,
)


def visible_minutes(user: User, project: Project) -> MinutesQuerySet:
    return minutes_seen(project.pk, roles_of(user, project))


def minutes_seen(project: int, roles: frozenset[Role]) -> MinutesQuerySet:
    minutes = Minutes.objects.filter(meeting__committee__project=project)
    if roles & TEAM:
        return minutes
    seen = statuses_seen(roles)
    return minutes.filter(status__in=seen) if seen else minutes.none()


def statuses_seen(roles: frozenset[Role]) -> frozenset[str]:
    """The team sees all, members what was circulated, partners and the donor what was adopted."""
    if roles & TEAM:
        return frozenset(Minutes.Status.values)
    if Role.MEMBER in roles:
        return Minutes.CIRCULATED
    return Minutes.SETTLED if roles & {Role.PARTNER, Role.DONOR} else frozenset()


def sees_minutes(user: User, minutes: Minutes, project: Project) -> bool:
    """Whether `visible_minutes` has these, which were read already."""
    return minutes.status in statuses_seen(roles_of(user, project))


def audiences_of_minutes(user: User, minutes: Minutes, *, by_link: bool = False) -> frozenset[str]:
    """Return the audiences whose items the person reads.

    Everybody who sees settled minutes reads the items for the whole committee. A link shows nothing
    that is reserved: others may hold it.
    """
    audiences = audiences_of(user, minutes.meeting.committee.project)
    if by_link:
        audiences -= {Audience.COORDINATION, Audience.VOTING}
    return audiences | {Audience.COMMITTEE} if minutes.is_settled else audiences


def numbers_left(user: User, minutes: Minutes) -> set[int]:
    """Return the numbers of reserved items, in circulated minutes, from which all seats of the
    person are recused.

    A recused seat is no longer in the audience of the item. The agenda is fixed since the
    circulation, so its order is that of the text.
    """
    if roles_of(user, minutes.meeting.committee.project) & TEAM:
        return set()
    left = items_left(user, [minutes.meeting.committee.project])
    keys = {
        item.pk
        for item in left
        if item.meeting == minutes.meeting_id and item.audience == Audience.VOTING
    }
    agenda = minutes.meeting.items.on_agenda().values_list("pk", flat=True) if keys else []
    return {number for number, pk in enumerate(agenda, start=1) if pk in keys}


def may_write_minutes(user: User, minutes: Minutes) -> bool:
    return may_edit(user, minutes.meeting.committee.project)


def seats_to_comment(user: User, minutes: Minutes) -> list[SeatTerm]:
    """Return the seats for which the person may comment: those they hold or are an alternate of."""
    return seats_held(user, minutes.meeting.committee.project)


def may_comment_minutes(user: User, minutes: Minutes) -> bool:
    takes = minutes.comments_are_open or minutes.status == Minutes.Status.FINAL_DRAFT
    return takes and bool(seats_to_comment(user, minutes))


def visible_minutes_remarks(
    user: User, minutes: Minutes, *, by_link: bool = False
) -> QuerySet[MinutesRemark]:
    """Return the comments for the coordination and the members. Comments on a reserved item are
    for its audience, to which a recused seat does not belong, and are not shown by a link."""
    roles = roles_of(user, minutes.meeting.committee.project)
    audiences = audiences_of_minutes(user, minutes, by_link=by_link)
    remarks = minutes.remarks.with_related().for_audiences(audiences)
    if roles & TEAM:
        return remarks
    if Role.MEMBER in roles:
        left = items_left(user, [minutes.meeting.committee.project])
        reserved = [item.pk for item in left if item.audience == Audience.VOTING]
        return remarks.exclude(agenda_item__in=reserved) if reserved else remarks
    return remarks.none()


def visible_consultations(user: User, project: Project) -> WrittenConsultationQuerySet:
    seen = consultations_seen(roles_of(user, project))
    return WrittenConsultation.objects.filter(seen, committee__project=project)


def consultations_seen(roles: frozenset[Role]) -> Q:
    """The team sees all, members what was sent to the seats. Others see what came of it."""
    if roles & TEAM:
        return Q()
    return Q(opened_on__isnull=False) if Role.MEMBER in roles else Q(pk__in=[])


def open_consultation(user: User, minutes: Minutes | None) -> WrittenConsultation | None:
    """Return the running written procedure on a final draft, with how many seats have answered, to
    those who see it."""
    if minutes is None or minutes.status != Minutes.Status.FINAL_DRAFT:
        return None
    seen = visible_consultations(user, minutes.meeting.committee.project).open()
    counted = seen.filter(adopts_minutes=minutes).with_counts(timezone.localdate())
    return counted.order_by("answers_until").first()


def reads_all_ballots(user: User, consultation: WrittenConsultation) -> bool:
    """Whether the person reads all answers: the team, and everybody who sees the procedure once
    answers are no longer taken. Before that, a member reads those of their own seats."""
    works = roles_of(user, consultation.committee.project) & TEAM
    return bool(works) or not consultation.takes_answers


def seats_to_answer(user: User, consultation: WrittenConsultation) -> list[Seat]:
    """The voting seats for which the person answers: holder or alternate."""
    terms = seats_held(user, consultation.committee.project)
    seats = {term.seat_id: term.seat for term in terms if term.seat.is_voting}
    return [seat for seat in seats.values() if seat.committee_id == consultation.committee_id]


def may_run_consultation(user: User, consultation: WrittenConsultation) -> bool:
    return may_edit(user, consultation.committee.project)


def may_answer_consultation(user: User, consultation: WrittenConsultation) -> bool:
    return consultation.takes_answers and bool(seats_to_answer(user, consultation))
