"""Reads what the page of a committee shows, in few statements of few columns."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from committees.models import (
    Committee,
    Document,
    Meeting,
    Minutes,
    QuorumMinimum,
    Resolution,
    Seat,
    WrittenConsultation,
)
from committees.models.committee import quorum_minima
from committees.models.consultation import WrittenConsultationQuerySet
from committees.models.document import DocumentQuerySet
from committees.models.meeting import MeetingQuerySet
from committees.models.minutes import MinutesQuerySet
from committees.models.resolution import ResolutionQuerySet
from committees.models.seat import SeatsAsked
from committees.permissions.meetings import meetings_seen
from committees.permissions.minutes import consultations_seen, minutes_seen
from committees.permissions.resolutions import resolutions_left, resolutions_seen
from committees.permissions.roles import audiences_of
from committees.seats.services.figures import ResolutionCount, counts_of
from kernel.lifecycle import StatusChange
from kernel.prepared import Question, keep_related, prepared
from kernel.related import share
from kernel.text import columns_of
from kernel.together import ask_together
from partners.models import Institution
from partners.naming import shown_place
from partners.reading import named_institutions
from projects.permissions.roles import Role, roles_of

MEETINGS_SHOWN = 10
PER_PAGE = 20  # of the register
Seats = list[tuple[Seat, list[Institution]]]


@dataclass
class CommitteeReading:
    """A committee as its page shows it to one reader."""

    held: list[Meeting]  # newest first
    meetings: list[Meeting]  # one more than are shown, if there are more
    minutes: list[Minutes]
    consultations: list[WrittenConsultation]
    documents: list[Document]
    adopted_by: Resolution | None
    founded: StatusChange | None  # when it was constituted, and how its terms were adopted
    resolutions: list[ResolutionCount]
    latest: list[Resolution]  # the first page of the register
    seats: Seats
    institutions: dict[int, Institution]


def read_committee(user: User, committee: Committee, *beside: Question[Any]) -> CommitteeReading:
    """Read the committee for somebody who sees its project; all but the names of institutions in
    one statement, with what the page asks `beside` it."""
    project = committee.project
    roles, audiences = roles_of(user, project), audiences_of(user, project)
    left = resolutions_left(user, [project], roles)
    key, seen = project.pk, ([project.pk], roles, audiences, *left)
    held, meetings = _held.question(committee.pk), _meetings.question(key, roles)
    minutes, consultations = _minutes.question(key, roles), _consultations.question(key, roles)
    documents = _documents.question(committee.pk, audiences)
    minima = quorum_minima.question(committee.pk)
    adopted_by = _adopted_by.question(committee.terms_adopted_by_id or 0, *seen)
    founded = founded_in.question(_kind(), committee.pk)
    counts, latest = _counts.question(*seen), _latest.question(*seen)
    seats, shared = SeatsAsked(committee.pk, timezone.localdate()), _shared.question(committee.pk)
    ask_together(
        *(held, meetings, minutes, consultations, documents, minima, adopted_by, counts, latest),
        *(shared, *seats.questions, *beside),
        founded,
    )
    keep_related(committee, "quorum_minima", minima.rows, QuorumMinimum)
    resolutions = [ResolutionCount(*row) for row in counts.rows]
    found = seats.rows()
    keys = {one.addressee for one in resolutions} | {one.institution_id for one in found}
    institutions = named_institutions(keys.union(institution for _seat, institution in shared.rows))
    share(latest.rows, "addressee", institutions)
    return CommitteeReading(
        held=held.rows,
        meetings=meetings.rows,
        minutes=minutes.rows,
        consultations=consultations.rows,
        documents=documents.rows,
        adopted_by=next(iter(adopted_by.rows), None),
        founded=next(iter(founded.rows), None),
        resolutions=resolutions,
        latest=latest.rows,
        seats=_with_institutions(found, shared.rows, institutions),
        institutions=institutions,
    )


def _with_institutions(
    seats: list[Seat], shared: list[tuple[int, int]], institutions: dict[int, Institution]
) -> Seats:
    """Return the seats with the institutions that share each, its own first."""
    share(seats, "institution", institutions)
    sharing: dict[int, list[Institution]] = defaultdict(list)
    for seat, institution in shared:
        sharing[seat].append(institutions[institution])
    for others in sharing.values():
        others.sort(key=shown_place)
    return [(seat, [seat.institution, *sharing[seat.pk]]) for seat in seats]


@prepared
def _held(committee: int) -> MeetingQuerySet:
    return Meeting.objects.filter(committee=committee).held().of_chart()


@prepared
def _meetings(project: int, roles: frozenset[Role]) -> MeetingQuerySet:
    rows = meetings_seen([project], roles).only("number", "starts_at", "time_zone", "status")
    return rows[: MEETINGS_SHOWN + 1]


@prepared
def _minutes(project: int, roles: frozenset[Role]) -> MinutesQuerySet:
    return minutes_seen(project, roles).for_list()[:MEETINGS_SHOWN]


@prepared
def _consultations(project: int, roles: frozenset[Role]) -> WrittenConsultationQuerySet:
    rows = consultations_seen(project, roles)
    return rows.only("status", "answers_until", *columns_of("title"))[:MEETINGS_SHOWN]


@prepared
def _documents(committee: int, audiences: frozenset[str]) -> DocumentQuerySet:
    """Read the `visible_documents` that are of no meeting."""
    rows = Document.objects.filter(committee=committee, meeting=None, audience__in=audiences)
    return rows.only(
        *("committee", "meeting", "category", "title", "language", "audience", "kind", "size")
    )


@prepared
def _shared(committee: int) -> QuerySet[Any, tuple[int, int]]:
    shared = Seat.shared_with.through.objects.filter(seat__committee=committee)
    return shared.values_list("seat", "institution")


def founded(committee: Committee) -> StatusChange | None:
    """Return the step by which the committee was constituted."""
    return next(iter(founded_in(_kind(), committee.pk)), None)


def _kind() -> int:
    return ContentType.objects.get_for_model(Committee).pk


@prepared
def founded_in(kind: int, committee: int) -> QuerySet[StatusChange]:
    steps = StatusChange.objects.filter(content_type=kind, object_id=committee)
    return steps.filter(verb="constitute").order_by("-pk").only("why")[:1]


@prepared
def _adopted_by(
    decision: int,
    projects: list[int],
    roles: frozenset[Role],
    audiences: frozenset[str],
    left: list[int],
    left_unless_adopted: list[int],
) -> ResolutionQuerySet:
    seen = resolutions_seen(projects, roles, audiences, left, left_unless_adopted)
    return seen.filter(pk=decision).only("kind", "number", "resolved_on").order_by()


@prepared
def _counts(
    projects: list[int],
    roles: frozenset[Role],
    audiences: frozenset[str],
    left: list[int],
    left_unless_adopted: list[int],
) -> QuerySet[Any, tuple[Any, ...]]:
    return counts_of(resolutions_seen(projects, roles, audiences, left, left_unless_adopted))


@prepared
def _latest(
    projects: list[int],
    roles: frozenset[Role],
    audiences: frozenset[str],
    left: list[int],
    left_unless_adopted: list[int],
) -> ResolutionQuerySet:
    seen = resolutions_seen(projects, roles, audiences, left, left_unless_adopted)
    return seen.for_register(with_project=False)[:PER_PAGE]
