"""The figures on a committee's page: attendance over time, and follow-up of recommendations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, prefetch_related_objects
from django.utils.translation import gettext as _, pgettext

from committees.models import Committee, Meeting, Resolution
from committees.models.quorum import Quorum
from committees.models.resolution import ResolutionQuerySet
from kernel.charts import Chart, grouped_bars
from kernel.formats import day_short
from partners.reading import named_institutions

Status = Resolution.Status
# Three bars for each; older meetings have their figures on their own pages.
MEETINGS_SHOWN = 8


def attendance_chart(committee: Committee, held: Sequence[Meeting] | None = None) -> Chart | None:
    """Voting seats present, required and in all, for each of the last meetings held.

    `held` are the meetings held, newest first, if the caller has read them. None before the first. A meeting that does not state its quorum is a gap. What was kept with
    a meeting counts; seats are read only where an old one kept nothing.
    """
    last = (committee.meetings.held().of_chart() if held is None else held)[:MEETINGS_SHOWN]
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

    def add(self, *, issued: int, declined: int, implemented: int) -> None:
        self.issued += issued
        self.declined += declined
        self.implemented += implemented


@dataclass(frozen=True)
class FollowUpTables:
    """The follow-up of the recommendations that the reader may see: in all, by institution, by
    year."""

    whole: ResolutionFollowUp
    by_institution: list[ResolutionFollowUp]
    by_year: list[ResolutionFollowUp]


def follow_up_of(recommendations: ResolutionQuerySet) -> FollowUpTables | None:
    """Return the follow-up by institution addressed and by year of issue, or None without
    recommendations."""
    counts = list(
        Resolution.objects.recommendations()
        .filter(pk__in=recommendations.order_by().values("pk"))
        .order_by()
        .values("addressee", "resolved_on__year")
        .annotate(
            issued=Count("pk"),
            declined=Count("pk", filter=Q(status=Status.DECLINED)),
            implemented=Count("pk", filter=Q(status=Status.IMPLEMENTED)),
        )
    )
    if not counts:
        return None
    names = _names(row["addressee"] for row in counts)
    whole = ResolutionFollowUp(_("All"))
    institutions: dict[int | None, ResolutionFollowUp] = {}
    years: dict[int | None, ResolutionFollowUp] = {}
    for row in counts:
        addressee, year = row["addressee"], row["resolved_on__year"]
        institution = institutions.setdefault(addressee, ResolutionFollowUp(names[addressee]))
        in_year = years.setdefault(year, ResolutionFollowUp(str(year or "–")))
        for sums in (whole, institution, in_year):
            sums.add(issued=row["issued"], declined=row["declined"], implemented=row["implemented"])
    return FollowUpTables(
        whole=whole,
        by_institution=sorted(institutions.values(), key=lambda row: (-row.issued, row.label)),
        by_year=[years[year] for year in sorted(years, key=lambda year: year or 0, reverse=True)],
    )


def _names(keys: Iterable[int | None]) -> dict[int | None, str]:
    institutions = named_institutions({key for key in keys if key})
    names: dict[int | None, str] = {None: _("Nobody named")}
    return names | {pk: institution.short_name for pk, institution in institutions.items()}
