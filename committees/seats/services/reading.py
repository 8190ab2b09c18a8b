"""Reads what the page of a committee shows."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet, prefetch_related_objects
from django.utils import timezone

from accounts.models import User
from committees.models import (
    Committee,
    Document,
    Meeting,
    Minutes,
    Resolution,
    Seat,
    WrittenConsultation,
)
from committees.models.consultation import WrittenConsultationQuerySet
from committees.models.document import DocumentQuerySet
from committees.models.meeting import MeetingQuerySet
from committees.models.minutes import MinutesQuerySet
from committees.models.resolution import ResolutionQuerySet
from committees.models.seat import seats_on
from committees.permissions.meetings import meetings_seen
from committees.permissions.minutes import consultations_seen, minutes_seen
from committees.permissions.resolutions import resolutions_left, resolutions_seen
from committees.permissions.roles import audiences_of
from committees.seats.services.figures import ResolutionCount, counts_of
from kernel.lifecycle import StatusChange
from kernel.prepared import prepared
from kernel.text import columns_of
from partners.models import Institution
from partners.naming import shown_place
from partners.reading import named_institutions
from projects.permissions.roles import Role, roles_of

MEETINGS_SHOWN = 10
Seats = list[tuple[Seat, list[Institution]]]


@dataclass(frozen=True)
class CommitteeOverview:
    """A committee as its page shows it to one reader."""

    held: list[Meeting]  # newest first
    meetings: list[Meeting]  # one more than are shown, if there are more
    minutes: list[Minutes]
    consultations: list[WrittenConsultation]
    documents: list[Document]
    adopted_by: Resolution | None
    founded: StatusChange | None  # when it was constituted, and how its terms were adopted
    resolutions: list[ResolutionCount]
    seats: Seats
    institutions: dict[int, Institution]


def read_committee(user: User, committee: Committee) -> CommitteeOverview:
    """Read the committee for somebody who sees its project."""
    project = committee.project
    roles, audiences = roles_of(user, project), audiences_of(user, project)
    seen = ([project.pk], roles, audiences, *resolutions_left(user, [project], roles))
    resolutions = [ResolutionCount(*row) for row in _counts(*seen)]
    seats, shared = seats_on(committee.pk, timezone.localdate()), _shared(committee.pk)
    institutions = named_institutions(
        {
            *(one.addressee for one in resolutions),
            *(seat.institution_id for seat in seats),
            *(institution for _seat, institution in shared),
        }
    )
    prefetch_related_objects([committee], "quorum_minima")
    return CommitteeOverview(
        held=_held(committee.pk),
        meetings=_meetings(project.pk, roles),
        minutes=_minutes(project.pk, roles),
        consultations=_consultations(project.pk, roles),
        documents=_documents(committee.pk, audiences),
        adopted_by=_adopted_by(committee, *seen),
        founded=founded(committee),
        resolutions=resolutions,
        seats=_with_institutions(seats, shared, institutions),
        institutions=institutions,
    )


def _with_institutions(
    seats: list[Seat], shared: list[tuple[int, int]], institutions: dict[int, Institution]
) -> Seats:
    """Return the seats with the institutions that share each, its own first."""
    sharing: dict[int, list[Institution]] = defaultdict(list)
    for key, institution in shared:
        sharing[key].append(institutions[institution])
    for others in sharing.values():
        others.sort(key=shown_place)
    for seat in seats:
        seat.institution = institutions[seat.institution_id]
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
    kind = ContentType.objects.get_for_model(Committee)
    return next(iter(_founding_steps(kind.pk, committee.pk)), None)


@prepared
def _founding_steps(kind: int, committee: int) -> QuerySet[StatusChange]:
    steps = StatusChange.objects.filter(content_type=kind, object_id=committee)
    return steps.filter(verb="constitute").order_by("-pk").only("why")[:1]


def _adopted_by(committee: Committee, *seen: Any) -> Resolution | None:
    if committee.terms_adopted_by_id is None:
        return None
    return next(iter(_decisions(committee.terms_adopted_by_id, *seen)), None)


@prepared
def _decisions(
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
