"""Reads what the page of a committee shows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Case, Count, QuerySet, When, prefetch_related_objects
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.translation import gettext as _, pgettext

from accounts.models import User
from committees.models import (
    Committee,
    Document,
    Meeting,
    Resolution,
    Seat,
    WrittenConsultation,
)
from committees.models.quorum import Quorum
from committees.models.resolution import ResolutionQuerySet
from committees.models.seat import seats_on
from committees.permissions.meetings import meetings_seen
from committees.permissions.minutes import consultations_seen
from committees.permissions.resolutions import resolutions_left, resolutions_seen
from committees.permissions.roles import audiences_of
from kernel.charts import Chart, grouped_bars
from kernel.formats import day_short
from kernel.lifecycle import StatusChange
from kernel.text import columns_of
from partners.models import Institution
from partners.naming import shown_place
from partners.reading import named_institutions
from projects.permissions.roles import roles_of

Status = Resolution.Status
# Three bars for each; older meetings have their figures on their own pages.
MEETINGS_COUNTED = 8


def attendance_chart(committee: Committee, held: Sequence[Meeting] | None = None) -> Chart | None:
    """Voting seats present, required and in all, for each of the last meetings held.

    `held` are the meetings held, newest first, if the caller has read them. None before the first. A meeting that does not state its quorum is a gap. What was kept with
    a meeting counts; seats are read only where an old one kept nothing.
    """
    last = (committee.meetings.held().of_chart() if held is None else held)[:MEETINGS_COUNTED]
    meetings = list(reversed(last))
    if not meetings:
        return None
    quorums = quorums_of(committee, meetings)
    rows = [quorums[meeting.pk] for meeting in meetings]
    return grouped_bars(
        _("Voting seats at the meetings held"),
        [f"{meeting.number} · {day_short(meeting.day)}" for meeting in meetings],
        {
            _("Present"): [row.present if row else None for row in rows],
            _("Required"): [row.required if row else None for row in rows],
            pgettext("of the seats", "In all"): [row.total if row else None for row in rows],
        },
        heading=_("Meeting"),
        key="attendance",
    )


def quorums_of(committee: Committee, meetings: list[Meeting]) -> dict[int, Quorum | None]:
    """Return the quorum stated for each meeting, by its key. Reads the seats of all meetings at
    once."""
    for meeting in meetings:
        meeting.committee = committee
    unkept = [each for each in meetings if not (each.quorum_kept or each.states_no_quorum)]
    if unkept:
        prefetch_related_objects(unkept, "attendances")
        rules = committee.quorum_rules()
        seats = list(committee.seats.to_count(with_holders=not rules.counts_vacant_seats))
    return {
        meeting.pk: meeting.count(seats, rules) if meeting in unkept else meeting.recorded_quorum()
        for meeting in meetings
    }


@dataclass
class ResolutionFollowUp:
    """Recommendations counted. The rate is implemented ÷ (issued − declined)."""

    label: str
    issued: int = 0
    declined: int = 0
    implemented: int = 0

    @property
    def rate(self) -> float | None:
        """The share implemented, or None if there is nothing to follow up: 0 would be wrong then."""
        counted = self.issued - self.declined
        return self.implemented / counted if counted else None

    def add(self, status: str, number: int) -> None:
        self.issued += number
        self.declined += number * (status == Status.DECLINED)
        self.implemented += number * (status == Status.IMPLEMENTED)


@dataclass(frozen=True)
class FollowUpTables:
    """The follow-up of the recommendations that the reader may see: in all, by institution, by
    year."""

    whole: ResolutionFollowUp
    by_institution: list[ResolutionFollowUp]
    by_year: list[ResolutionFollowUp]


class ResolutionCount(NamedTuple):
    """How many resolutions have all of this in common."""

    kind: str
    status: str
    addressee: int | None
    resolved_in: int | None  # the year
    year: str  # with which their numbers begin
    is_overdue: int  # 1 or 0
    number: int


def counts_of(resolutions: ResolutionQuerySet) -> QuerySet[Any, tuple[Any, ...]]:
    """Count resolutions by what the figures and filters of the register tell apart; the rows are
    those of ResolutionCount."""
    overdue = Resolution.is_late_on(timezone.localdate())
    rows = resolutions.order_by().annotate(
        year=Left("number", 4), overdue=Case(When(overdue, then=1), default=0)
    )
    alike = ("kind", "status", "addressee", "resolved_on__year", "year", "overdue")
    return rows.values_list(*alike).annotate(number_of=Count("pk"))


def follow_up_of(
    counts: Iterable[ResolutionCount], institutions: Mapping[int, Institution]
) -> FollowUpTables | None:
    """Return the follow-up by institution addressed and by year of issue, or None without
    recommendations."""
    counts = [one for one in counts if one.kind == Resolution.Kind.RECOMMENDATION]
    if not counts:
        return None
    whole = ResolutionFollowUp(_("Total"))
    addressees: dict[int | None, ResolutionFollowUp] = {}
    years: dict[int | None, ResolutionFollowUp] = {}
    for one in counts:
        year = one.resolved_in
        known = (
            institutions[one.addressee].short_name if one.addressee else _("No institution named")
        )
        addressee = addressees.setdefault(one.addressee, ResolutionFollowUp(known))
        in_year = years.setdefault(year, ResolutionFollowUp(str(year or "–")))
        for sums in (whole, addressee, in_year):
            sums.add(one.status, one.number)
    return FollowUpTables(
        whole=whole,
        by_institution=sorted(addressees.values(), key=lambda row: (-row.issued, row.label)),
        by_year=[years[year] for year in sorted(years, key=lambda year: year or 0, reverse=True)],
    )


SHOWN = 10
MEETING_COLUMNS = ("number", "starts_at", "time_zone", "status", "place")
DOCUMENT_COLUMNS = (
    *("committee", "meeting", "category", "title", "language", "audience", "kind", "size"),
)
Seats = list[tuple[Seat, list[Institution]]]


@dataclass(frozen=True)
class CommitteeOverview:
    """A committee as its page shows it to one reader."""

    next_meeting: Meeting | None
    consultations: list[WrittenConsultation]
    seats: Seats


@dataclass(frozen=True)
class CommitteeRules:
    """What holds for a committee, and how it has worked, as one reader sees it."""

    held: list[Meeting]  # newest first
    documents: list[Document]
    adopted_by: Resolution | None
    founded: StatusChange | None  # when it was constituted, and how its terms were adopted
    resolutions: list[ResolutionCount]
    institutions: dict[int, Institution]


def read_committee(user: User, committee: Committee) -> CommitteeOverview:
    """Read the committee for somebody who sees its project."""
    project = committee.project
    roles = roles_of(user, project)
    seats = seats_on(committee.pk, timezone.localdate())
    sharing = Seat.shared_with.through.objects.filter(seat__committee=committee)
    shared = list(sharing.values_list("seat", "institution"))
    institutions = named_institutions(
        {
            *(seat.institution_id for seat in seats),
            *(institution for _seat, institution in shared),
        }
    )
    meetings = meetings_seen([project.pk], roles).exclude(status__in=Meeting.OVER)
    to_come = meetings.filter(ends_at__gte=timezone.now()).order_by("starts_at")
    seen_by_roles = consultations_seen(roles)
    consultations = WrittenConsultation.objects.filter(seen_by_roles, committee=committee)
    consultations = consultations.only("status", "answers_until", *columns_of("title"))
    return CommitteeOverview(
        next_meeting=to_come.only(*MEETING_COLUMNS).first(),
        consultations=list(consultations[:SHOWN]),
        seats=_with_institutions(seats, shared, institutions),
    )


def read_rules(user: User, committee: Committee) -> CommitteeRules:
    """Read the rules of the committee, and the figures of its work, for somebody who sees its
    project."""
    project = committee.project
    roles, audiences = roles_of(user, project), audiences_of(user, project)
    left = resolutions_left(user, [project], roles)
    seen = resolutions_seen([project.pk], roles, audiences, *left)
    resolutions = [ResolutionCount(*row) for row in counts_of(seen)]
    prefetch_related_objects([committee], "quorum_minima")
    documents = committee.documents.filter(meeting=None, audience__in=audiences)
    decision = seen.filter(pk=committee.terms_adopted_by_id or 0).order_by()
    decision = decision.only("kind", "number", "resolved_on")
    return CommitteeRules(
        held=list(committee.meetings.held().of_chart()),
        # Those of its meetings are on their own pages.
        documents=list(documents.only(*DOCUMENT_COLUMNS)),
        adopted_by=decision.first() if committee.terms_adopted_by_id else None,
        founded=committee.last_step("constitute"),
        resolutions=resolutions,
        institutions=named_institutions(one.addressee for one in resolutions),
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
