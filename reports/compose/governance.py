"""The steering of the project, as rows: the committee, its meetings in figures, and its
resolutions.

`reports.compose.steering` makes blocks of them. Seats and institutions are counted; persons are not
named, and their notes are left out.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext as _, ngettext

from committees.models import ActionPlan, Audience, Committee, Meeting, Resolution, Subject
from committees.models.quorum import Quorum
from kernel.entering import in_time_until
from kernel.formats import day, percent
from projects.models import Amendment, CallForProposals
from reports.block_types import Block, LocalText
from reports.compose.blocks import CrossReference
from reports.compose.governance_extras import states_of
from reports.compose.reading import ReportReading, local_text

# Readers of the whole register; others read only what was adopted or issued.
SEES_REFUSED = frozenset({Audience.COMMITTEE, Audience.VOTING, Audience.COORDINATION})


@dataclass(frozen=True)
class SeatsOfKind:
    """The number of seats of one kind of institution."""

    kind: str
    voting: int
    observing: int


@dataclass(frozen=True)
class CommitteeComposition:
    """The seats by kind of institution, and in total."""

    rows: list[SeatsOfKind]
    voting: int
    observing: int


@dataclass(frozen=True)
class PresenceOfKind:
    kind: str
    present: int
    total: int


@dataclass(frozen=True)
class MeetingRow:
    """A meeting in figures and words, without names of persons."""

    anchor: str
    name: str
    kind: str
    day: str
    mode: str
    headcount: str
    quorum: str
    by_kind: list[PresenceOfKind]
    recorded_afterwards: bool
    note: LocalText | None


@dataclass(frozen=True)
class ResolutionRow:
    """A decision or a recommendation in words, with the parts of the document that it refers to."""

    anchor: str
    name: str
    kind: str
    text: LocalText | None
    how: str
    why: str
    meeting: CrossReference
    on: str  # its ISO day
    day: str
    is_after_period: bool
    seats: str
    status: str
    responsible: str
    answer: str
    answered_on: str
    due: str
    is_overdue: bool
    subjects: list[CrossReference]
    illustrative: bool


@dataclass(frozen=True)
class RecommendationFollowUp:
    """How many recommendations were issued, declined and implemented; `rate` is "" if there is
    none."""

    issued: int
    declined: int
    implemented: int
    rate: str
    sentence: str


@dataclass(frozen=True)
class Governance:
    """The part of a report on the committee; `states` is a chart of the recommendations."""

    mandate: LocalText | None
    composition: CommitteeComposition
    rules: list[tuple[str, str]]
    meetings: list[MeetingRow]
    meetings_after: list[MeetingRow]
    decisions: list[ResolutionRow]
    # Those that were put to the vote and not adopted.
    refused: list[ResolutionRow]
    recommendations: list[ResolutionRow]
    follow_up: RecommendationFollowUp | None
    states: list[Block]


def governance_of(reading: ReportReading) -> Governance | None:
    """Return how the project was steered in the period; None without a committee. Meetings after
    the period are listed apart."""
    found = Committee.objects.filter(project=reading.project).prefetch_related("quorum_minima")
    committee = reading.once("committee", lambda: found.first())
    if committee is None:
        return None
    meetings = _held(reading, committee)
    inside = [meeting for meeting in meetings if meeting.day <= reading.end]
    after = [meeting for meeting in meetings if meeting.day > reading.end]
    resolutions = _resolutions(reading, committee)
    decisions = [
        row
        for row in resolutions
        if row.is_adopted and (row.meeting is None or row.meeting in meetings)
    ]
    recommendations = [row for row in resolutions if not row.is_decision]
    return Governance(
        mandate=local_text(committee, "mandate"),
        composition=_composition(reading, committee),
        rules=_rules(committee),
        meetings=[_meeting(meeting) for meeting in inside],
        meetings_after=[_meeting(meeting) for meeting in after],
        decisions=[_resolution(reading, row, after) for row in decisions],
        refused=[_resolution(reading, row, after) for row in _refused(reading, resolutions)],
        recommendations=[_resolution(reading, row, after) for row in recommendations],
        follow_up=follow_up(recommendations),
        states=states_of(recommendations),
    )


def _held(reading: ReportReading, committee: Committee) -> list[Meeting]:
    """Return the meetings held from the first day of the period until the day of the document."""
    rows = committee.meetings.held().prefetch_related("attendances").order_by("starts_at")
    held = reading.once("meetings", lambda: list(rows))
    for meeting in held:
        meeting.committee = committee
    first, last = reading.start, reading.as_of
    return [meeting for meeting in held if first <= meeting.day <= last]


def _composition(reading: ReportReading, committee: Committee) -> CommitteeComposition:
    """Return the seats by kind of institution, as of the last day of the period."""
    on = min(reading.end, reading.as_of)
    rows = committee.seats.on(on).select_related("institution")
    seats = reading.once("seats", lambda: list(rows))
    kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for seat in seats:
        kinds[seat.institution.get_kind_display()][not seat.is_voting] += 1
    return CommitteeComposition(
        rows=[SeatsOfKind(kind, voting, observing) for kind, (voting, observing) in kinds.items()],
        voting=sum(seat.is_voting for seat in seats),
        observing=sum(not seat.is_voting for seat in seats),
    )


def _rules(committee: Committee) -> list[tuple[str, str]]:
    seats = ngettext(
        "at least %(count)s meeting a year",
        "at least %(count)s meetings a year",
        committee.meetings_per_year,
    )
    quorum = committee.get_quorum_rule_display()
    if committee.quorum_rule == Committee.QuorumRule.SHARE:
        quorum = _("%(share)s of the voting seats") % {"share": percent(committee.quorum_share)}
    return [
        (_("Meetings"), seats % {"count": committee.meetings_per_year}),
        (_("Quorum"), str(quorum).lower()),
        (_("Decisions"), _rule(committee)),
    ]


def _rule(committee: Committee) -> str:
    return str(committee.get_decision_rule_display()).lower()


def _meeting(meeting: Meeting) -> MeetingRow:
    quorum = meeting.recorded_quorum()
    return MeetingRow(
        anchor=f"meeting-{meeting.number}",
        name=str(meeting),
        kind=meeting.get_kind_display(),
        day=day(meeting.day),
        mode=meeting.get_mode_display(),
        headcount=_persons(meeting.headcount),
        quorum=_quorum(quorum),
        by_kind=[
            PresenceOfKind(kind, present, total)
            for kind, present, total in (quorum.by_kind if quorum else [])
        ],
        recorded_afterwards=meeting.recorded_afterwards,
        note=local_text(meeting, "illustrative_note"),
    )


def _persons(count: int | None) -> str:
    if not count:
        return ""
    return ngettext("%(count)s person", "%(count)s persons", count) % {"count": count}


def _quorum(quorum: Quorum | None) -> str:
    if quorum is None:
        return _("quorum not stated")
    if quorum.is_reached:
        sentence = _("quorum reached: %(present)s of %(total)s voting seats, %(required)s required")
    else:
        sentence = _("no quorum: %(present)s of %(total)s voting seats, %(required)s required")
    facts = {"present": quorum.present, "total": quorum.total, "required": quorum.required}
    return ". ".join(filter(None, [sentence % facts, quorum.kinds_sentence.rstrip(".")]))


# Resolutions


def _resolutions(reading: ReportReading, committee: Committee) -> list[Resolution]:
    """Return resolutions on items that the readers may know; a reserved one leaves no trace."""
    rows = Resolution.objects.filter(committee=committee, resolved_on__lte=reading.as_of)

    def read() -> list[Resolution]:
        found = list(rows.with_related().order_by("resolved_on", "number"))
        reading.undo_later_steps(found)
        return found

    return [row for row in reading.once("resolutions", read) if row.audience in reading.audiences]


def _refused(reading: ReportReading, resolutions: list[Resolution]) -> list[Resolution]:
    """Return what was not adopted since the first day of the period, for readers of the register."""
    if reading.audience not in SEES_REFUSED:
        return []
    hidden = {Resolution.Status.DRAFTED}
    return [
        row
        for row in resolutions
        if row.is_decision
        and not row.is_adopted
        and row.status not in hidden
        and row.resolved_on is not None
        and row.resolved_on >= reading.start
    ]


def _resolution(reading: ReportReading, row: Resolution, after: list[Meeting]) -> ResolutionRow:
    return ResolutionRow(
        anchor=f"resolution-{row.number}",
        name=str(row),
        kind=row.kind,
        text=local_text(row, "text"),
        how=_how(row),
        why=row.rule_reason,
        meeting=CrossReference(row.where, f"meeting-{row.meeting.number}" if row.meeting else ""),
        on=row.resolved_on.isoformat() if row.resolved_on else "",
        day=day(row.resolved_on),
        is_after_period=row.meeting in after,
        seats=_seats(row),
        status=row.status,
        responsible=_responsible(reading, row),
        # Documents leave out who answered, and through which channel.
        answer=row.answer if reading.knows(row.answered_on) else "",
        answered_on=day(row.answered_on) if row.answered_on else "",
        due=day(row.due_on) if row.due_on else "",
        is_overdue=_is_overdue(reading, row),
        subjects=[_reference(subject) for subject in _subjects(reading, row)],
        illustrative=row.illustrative,
    )


def _how(row: Resolution) -> str:
    if not row.rule:
        return row.get_status_display()
    return f"{row.get_status_display()} {row.get_rule_display()}"


def _seats(row: Resolution) -> str:
    if row.seats_present is None:
        return ""
    return _("%(present)s voting seats present, %(required)s required") % {
        "present": row.seats_present,
        "required": row.seats_required,
    }


def _responsible(reading: ReportReading, row: Resolution) -> str:
    return reading.short_name(row.addressee) if row.addressee else ""


def _is_overdue(reading: ReportReading, row: Resolution) -> bool:
    if row.due_on is None or row.status not in Resolution.OPEN:
        return False
    return in_time_until(row.due_on, row.entered_on) < reading.as_of


def _subjects(reading: ReportReading, row: Resolution) -> list[Subject]:
    return [subject for subject in row.subjects.all() if _may_disclose(reading, subject)]


def _may_disclose(reading: ReportReading, subject: Subject) -> bool:
    """Whether everybody may know the subject: not a plan in draft, not an amendment in
    preparation."""
    if reading.is_internal:
        return True
    if subject.plan:
        return subject.plan.status in ActionPlan.SHOWN_TO_DONOR
    if subject.risk:
        if reading.audience in {Audience.COMMITTEE, Audience.VOTING}:
            return subject.risk.is_shared
        return reading.audience == Audience.DONOR
    if subject.call:
        awarded = subject.call.status == CallForProposals.Status.AWARDED
        return awarded and reading.audience == Audience.DONOR
    if subject.amendment and reading.audience == Audience.PARTNERS:
        return bool(subject.amendment.status == Amendment.Status.EFFECTIVE)
    return True


def _reference(subject: Subject) -> CrossReference:
    if result := subject.result:
        return CrossReference(_("Result %(code)s") % {"code": result.code}, f"result-{result.code}")
    if indicator := subject.indicator:
        label = _("Indicator %(code)s") % {"code": indicator.code}
        return CrossReference(label, f"indicator-{indicator.result.code}-{indicator.code}")
    if activity := subject.activity:
        return CrossReference(str(activity), f"activity-{activity.pk}")
    if action := subject.action:
        return CrossReference(str(action), f"action-{action.reference}")
    if amendment := subject.amendment:
        return CrossReference(str(amendment), f"amendment-{amendment.number}")
    if call := subject.call:
        return CrossReference(str(call), f"call-{call.pk}")
    return CrossReference(str(subject.thing), f"plan-{subject.thing.pk}")


def follow_up(recommendations: list[Resolution]) -> RecommendationFollowUp | None:
    """Return how many recommendations were issued, declined and implemented, and the rate.

    The rate is implemented ÷ (issued − declined), as docs/rules/meetings.md defines it; there is
    none if all were declined.
    """
    if not recommendations:
        return None
    issued = len(recommendations)
    declined = sum(row.status == Resolution.Status.DECLINED for row in recommendations)
    done = sum(row.status == Resolution.Status.IMPLEMENTED for row in recommendations)
    counted = issued - declined
    sentence = _("Issued: %(issued)s; implemented: %(done)s; declined: %(declined)s.") % {
        "issued": issued,
        "done": done,
        "declined": declined,
    }
    rate = percent(done / counted) if counted else ""
    if rate:
        sentence += " " + _("Follow-up rate: %(rate)s.") % {"rate": rate}
    return RecommendationFollowUp(
        issued=issued,
        declined=declined,
        implemented=done,
        rate=rate,
        sentence=sentence,
    )
