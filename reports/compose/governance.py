"""How the project is steered, as rows: the committee by kinds, its meetings in figures, what it
resolved. `reports.compose.steering` makes the parts of the document of it.

Seats and institutions are counted; persons are not named, and their notes stay where they are.
"""

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _, ngettext

from committees.models import ActionPlan, Audience, Committee, Meeting, Resolution, Subject
from committees.models.quorum import Quorum
from kernel.formats import day, percent
from projects.models import Amendment, CallForProposals
from reports.compose.governance_extras import states_of
from reports.compose.reading import ReportReading, said

Row = dict[str, Any]


def governance_of(reading: ReportReading) -> Row | None:
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
    return {
        "committee": said(committee, "name"),
        "mandate": said(committee, "mandate"),
        "composition": _composition(reading, committee),
        "rules": _rules(committee),
        "meetings": [_meeting(meeting) for meeting in inside],
        "meetings_after": [_meeting(meeting) for meeting in after],
        "decisions": [_resolution(reading, row, after) for row in decisions],
        "recommendations": [_resolution(reading, row, after) for row in recommendations],
        "follow_up": follow_up(recommendations),
        "states": states_of(recommendations),
    }


def _held(reading: ReportReading, committee: Committee) -> list[Meeting]:
    """From the first day reported on until the day of the document."""
    rows = committee.meetings.held().prefetch_related("attendances").order_by("starts_at")
    held = reading.once("meetings", lambda: list(rows))
    for meeting in held:
        meeting.committee = committee
    first, last = reading.start, reading.as_of
    return [meeting for meeting in held if first <= meeting.day <= last]


def _composition(reading: ReportReading, committee: Committee) -> Row:
    """Seats by kind of institution, as they were on the last day of the period."""
    on = min(reading.end, reading.as_of)
    rows = committee.seats.on(on).select_related("institution")
    seats = reading.once("seats", lambda: list(rows))
    kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for seat in seats:
        kinds[seat.institution.get_kind_display()][not seat.is_voting] += 1
    return {
        "rows": [
            {"kind": kind, "voting": voting, "observing": observing}
            for kind, (voting, observing) in kinds.items()
        ],
        "voting": sum(seat.is_voting for seat in seats),
        "observing": sum(not seat.is_voting for seat in seats),
    }


def _rules(committee: Committee) -> list[Row]:
    seats = ngettext(
        "at least %(count)s meeting a year",
        "at least %(count)s meetings a year",
        committee.meetings_per_year,
    )
    quorum = committee.get_quorum_rule_display()
    if committee.quorum_rule == Committee.QuorumRule.SHARE:
        quorum = _("%(share)s of the voting seats") % {"share": percent(committee.quorum_share)}
    rows = [
        (_("Meetings"), seats % {"count": committee.meetings_per_year}),
        (_("Quorum"), str(quorum).lower()),
        (_("Decisions"), _rule(committee)),
    ]
    return [{"label": label, "value": value} for label, value in rows]


def _rule(committee: Committee) -> str:
    return str(committee.get_decision_rule_display()).lower()


def _meeting(meeting: Meeting) -> Row:
    quorum = meeting.recorded_quorum()
    return {
        "anchor": f"meeting-{meeting.number}",
        "name": str(meeting),
        "kind": meeting.get_kind_display(),
        "day": day(meeting.day),
        "mode": meeting.get_mode_display(),
        "headcount": _persons(meeting.headcount),
        "quorum": _quorum(quorum),
        "by_kind": [
            {"kind": kind, "present": present, "total": total}
            for kind, present, total in (quorum.by_kind if quorum else [])
        ],
        "recorded_afterwards": meeting.recorded_afterwards,
        "note": said(meeting, "illustrative_note"),
    }


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


# What was resolved


def _resolutions(reading: ReportReading, committee: Committee) -> list[Resolution]:
    """Those of items that the readers may know of; a reserved one leaves no trace."""
    rows = Resolution.objects.filter(
        committee=committee,
        resolved_on__lte=reading.as_of,
    ).for_audiences(reading.audiences)
    found = reading.once(
        f"resolutions for {sorted(reading.audiences)}",
        lambda: list(rows.with_related().order_by("resolved_on", "number")),
    )
    reading.as_it_stood(found)
    return found


def _resolution(reading: ReportReading, row: Resolution, after: list[Meeting]) -> Row:
    return {
        "anchor": f"resolution-{row.number}",
        "name": str(row),
        "kind": row.kind,
        "text": said(row, "text"),
        "how": _how(row),
        "meeting": {
            "label": row.where,
            "to": f"meeting-{row.meeting.number}" if row.meeting else "",
        },
        "day": day(row.resolved_on),
        "is_after_period": row.meeting in after,
        "seats": _seats(row),
        "status": row.status,
        "status_label": row.get_status_display(),
        "responsible": _responsible(reading, row),
        # Who wrote the answer, and how it came, is not told.
        "answer": row.answer if reading.knows(row.answered_on) else "",
        "answered_on": day(row.answered_on) if row.answered_on else "",
        "due": day(row.due_on) if row.due_on else "",
        "is_overdue": _is_overdue(reading, row),
        "subjects": [_link(subject) for subject in _subjects(reading, row)],
        "illustrative": row.illustrative,
    }


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
    may_be_named = row.addressee and reading.may_name(row.addressee)
    return reading.short_name(row.addressee) if may_be_named else ""


def _is_overdue(reading: ReportReading, row: Resolution) -> bool:
    return row.status in Resolution.OPEN and bool(row.due_on) and row.due_on < reading.as_of


def _subjects(reading: ReportReading, row: Resolution) -> list[Subject]:
    return [subject for subject in row.subjects.all() if _may_be_told(reading, subject)]


def _may_be_told(reading: ReportReading, subject: Subject) -> bool:
    """A plan that is still written and an amendment in the making are not for everybody."""
    if reading.is_internal:
        return True
    if subject.plan_id:
        return subject.plan.status in ActionPlan.SHOWN_TO_DONOR
    if subject.risk_id:
        shared = (
            reading.audience in {Audience.COMMITTEE, Audience.VOTING} and subject.risk.is_shared
        )
        return shared or reading.audience == Audience.DONOR
    if subject.call_id:
        awarded = subject.call.status == CallForProposals.Status.AWARDED
        return awarded and reading.audience == Audience.DONOR
    if subject.amendment_id and reading.audience == Audience.PARTNERS:
        return subject.amendment.status == Amendment.Status.EFFECTIVE
    return True


def _link(subject: Subject) -> dict[str, str]:
    thing = subject.thing
    if subject.result_id:
        return {"label": _("Result %(code)s") % {"code": thing.code}, "to": f"result-{thing.code}"}
    if subject.indicator_id:
        to = f"indicator-{thing.result.code}-{thing.code}"
        return {"label": _("Indicator %(code)s") % {"code": thing.code}, "to": to}
    if subject.activity_id:
        return {"label": str(thing), "to": f"activity-{thing.pk}"}
    if subject.action_id:
        return {"label": str(thing), "to": f"action-{thing.reference}"}
    if subject.amendment_id:
        return {"label": str(thing), "to": f"amendment-{thing.number}"}
    if subject.call_id:
        return {"label": str(thing), "to": f"call-{thing.pk}"}
    return {"label": str(thing), "to": f"plan-{thing.pk}"}


def follow_up(recommendations: list[Resolution]) -> Row | None:
    """How many recommendations were issued, declined and implemented, and the rate of it.

    Implemented ÷ (issued − declined), as docs/rules/meetings.md defines it; without a rate where
    all were declined.
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
    return {
        "issued": issued,
        "declined": declined,
        "implemented": done,
        "rate": rate,
        "sentence": sentence,
    }
