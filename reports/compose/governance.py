"""The chapter on the steering of the project: the committee, its meetings, and its resolutions.

Seats and institutions are counted; persons are not named, and their notes are left out.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext as _, ngettext

from committees.models import ActionPlan, Audience, Committee, Meeting, Resolution, Subject
from committees.models.quorum import Quorum
from kernel.entering import in_time_until
from kernel.formats import day, percent
from projects.models import Amendment, CallForProposals
from reports.compose.blocks import (
    Cell,
    CrossReference,
    box,
    column,
    heading,
    joined,
    link,
    pair,
    paragraph,
    reference,
    starred,
    table,
    with_note_on_stars,
)
from reports.compose.governance_extras import attendance_by_kind, attendance_by_sex, states_of
from reports.compose.reading import ReportReading, as_written, local_text
from reports.document_types import Block, BoxBlock, Text, TextLine
from reports.models import SectionKind

# Readers of the whole register; others read only what was adopted or issued.
SEES_REFUSED = frozenset({Audience.COMMITTEE, Audience.VOTING, Audience.COORDINATION})


@dataclass(frozen=True)
class Governance:
    """How the project was steered in the period, as far as the readers may know it.

    `meetings_after` are those after the period, until the day of the document; `refused` is what was
    put to the vote and not adopted.
    """

    committee: Committee
    meetings: list[Meeting]
    meetings_after: list[Meeting]
    decisions: list[Resolution]
    refused: list[Resolution]
    recommendations: list[Resolution]


def governance(reading: ReportReading) -> list[Block]:
    """Return the part on steering: composition, meetings, decisions, recommendations; nothing
    without a committee.

    If the report has the annex of decisions, they are there alone, and counted here.
    """
    found = governance_of(reading)
    if found is None:
        return []
    resolved = [*found.decisions, *found.recommendations]
    head = [*_composition(reading, found.committee), *_meetings(reading, found)]
    if annex := reading.section_name(SectionKind.ANNEX_DECISIONS):
        return [*head, *_counted(found, annex)] if resolved else head
    if found.decisions:
        head.append(heading(_("Decisions"), anchor="decisions"))
        head += [resolution(reading, found, row) for row in found.decisions]
    return with_note_on_stars([*head, *_recommendations(reading, found)], resolved)


def governance_of(reading: ReportReading) -> Governance | None:
    """Return how the project was steered in the period; None without a committee."""
    found = Committee.objects.filter(project=reading.project).prefetch_related("quorum_minima")
    committee = reading.once("committee", lambda: found.first())
    if committee is None:
        return None
    meetings = _held(reading, committee)
    resolutions = _resolutions(reading, committee)
    return Governance(
        committee,
        meetings=[meeting for meeting in meetings if meeting.day <= reading.end],
        meetings_after=[meeting for meeting in meetings if meeting.day > reading.end],
        decisions=[
            row
            for row in resolutions
            if row.is_adopted and (row.meeting is None or row.meeting in meetings)
        ],
        refused=_refused(reading, resolutions),
        recommendations=[row for row in resolutions if not row.is_decision],
    )


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


# The committee


def _composition(reading: ReportReading, committee: Committee) -> list[Block]:
    """Return the seats by kind of institution, as of the last day of the period, and the rules."""
    on = min(reading.end, reading.as_of)
    rows = committee.seats.on(on).select_related("institution")
    seats = reading.once("seats", lambda: list(rows))
    kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for seat in seats:
        kinds[seat.institution.get_kind_display()][not seat.is_voting] += 1
    columns = [
        column(_("Kind of institution")),
        column(_("Voting seats"), 22, num=True),
        column(_("Observers"), 24, num=True),
    ]
    lines: list[list[Cell]] = [[kind, *map(str, counts)] for kind, counts in kinds.items()]
    sums = [sum(counts) for counts in zip(*kinds.values(), strict=True)] or [0, 0]
    total = [_("Total"), *map(str, sums)]
    mandate = local_text(committee, "mandate")
    rules = " · ".join(pair(label, value) for label, value in _rules(committee))
    return [
        heading(_("Composition of the committee"), anchor="composition"),
        *([paragraph(mandate)] if mandate else []),
        table(_("Seats by kind of institution"), columns, lines, total=total),
        paragraph(rules, "small note"),
    ]


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
        (_("Decisions"), str(committee.get_decision_rule_display()).lower()),
    ]


# Meetings


def _held(reading: ReportReading, committee: Committee) -> list[Meeting]:
    """Return the meetings held from the first day of the period until the day of the document."""
    rows = committee.meetings.held().prefetch_related("attendances").order_by("starts_at")
    held = reading.once("meetings", lambda: list(rows))
    for meeting in held:
        meeting.committee = committee
    first, last = reading.start, reading.as_of
    return [meeting for meeting in held if first <= meeting.day <= last]


def _meetings(reading: ReportReading, found: Governance) -> list[Block]:
    """Return the meetings with their figures.

    If there are several, attendance by kind of institution is in one table of all meetings.
    """
    inside, after = found.meetings, found.meetings_after
    if not (inside or after):
        return []
    blocks: list[Block] = [heading(_("Meetings"), anchor="meetings")]
    if inside:
        by_kind = attendance_by_kind(reading)
        is_table = any(len(block["rows"]) > 1 for block in by_kind if block["type"] == "table")
        blocks += [
            heading(_("In the period"), 2),
            *(_meeting(row, shows_kinds=not is_table) for row in inside),
            *(by_kind if is_table else []),
            *attendance_by_sex(reading),
        ]
    else:
        blocks.append(paragraph(_("The committee did not meet in the period.")))
    if after:
        title = _("After the period, until this report was signed off")
        blocks += [heading(title, 2), *map(_meeting, after)]
    return blocks


def _meeting(meeting: Meeting, *, shows_kinds: bool = True) -> BoxBlock:
    quorum = meeting.recorded_quorum()
    facts = [
        meeting.get_kind_display(),
        meeting.get_mode_display(),
        _persons(meeting.headcount),
        _quorum(quorum),
    ]
    by_kind = quorum.by_kind if quorum and shows_kinds else []
    present = " · ".join(f"{kind} {there}/{total}" for kind, there, total in by_kind)
    lines: list[TextLine] = [
        pair(_("Voting seats present"), present) if present else "",
        _("Recorded afterwards from the documents of the meeting.")
        if meeting.recorded_afterwards
        else "",
        local_text(meeting, "illustrative_note") or "",
    ]
    return box(
        "meeting",
        f"{meeting} · {day(meeting.day)}",
        " · ".join(fact for fact in facts if fact),
        lines,
        anchor=f"meeting-{meeting.number}",
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


def _counted(found: Governance, annex: str) -> list[Block]:
    """Return how much was decided and recommended, and where it is written."""
    decided, followed = len(found.decisions), follow_up(found.recommendations)
    sentence = ngettext(
        "The committee adopted %(count)s decision.",
        "The committee adopted %(count)s decisions.",
        decided,
    )
    return [
        heading(_("Decisions and recommendations"), anchor="decisions"),
        *([paragraph(sentence % {"count": decided})] if decided else []),
        *([paragraph(f"{_('Recommendations')} – {followed}")] if followed else []),
        *states_of(found.recommendations),
        reference(_("Each of them is in:"), annex, SectionKind.ANNEX_DECISIONS.value),
    ]


def _recommendations(reading: ReportReading, found: Governance) -> list[Block]:
    if not found.recommendations:
        return []
    return [
        heading(_("Recommendations"), anchor="recommendations"),
        paragraph(follow_up(found.recommendations)),
        *states_of(found.recommendations),
        *(resolution(reading, found, row) for row in found.recommendations),
    ]


def follow_up(recommendations: list[Resolution]) -> str:
    """Return how many recommendations were issued, declined and implemented, and the rate; "" if
    there are none.

    The rate is implemented ÷ (issued − declined), as docs/rules/meetings.md defines it; there is
    none if all were declined.
    """
    if not recommendations:
        return ""
    issued = len(recommendations)
    declined = sum(row.status == Resolution.Status.DECLINED for row in recommendations)
    done = sum(row.status == Resolution.Status.IMPLEMENTED for row in recommendations)
    sentence = _("Issued: %(issued)s; implemented: %(done)s; declined: %(declined)s.") % {
        "issued": issued,
        "done": done,
        "declined": declined,
    }
    if issued == declined:
        return sentence
    rate = percent(done / (issued - declined))
    return sentence + " " + _("Follow-up rate: %(rate)s.") % {"rate": rate}


def resolution(
    reading: ReportReading, found: Governance, row: Resolution, *, below_meeting: bool = False
) -> BoxBlock:
    """Return a decision or recommendation as a box, with where it was taken, who carries it out,
    and the answer. `below_meeting`: the heading above says where it was taken."""
    meeting = CrossReference(row.where, f"meeting-{row.meeting.number}" if row.meeting else "")
    where: list[Text] = [] if below_meeting else [link(meeting), f", {day(row.resolved_on)}"]
    if row.meeting in found.meetings_after and not below_meeting:
        where.append(f" ({_('after the period')})")
    due = pair(_("Due"), day(row.due_on)) if row.due_on else ""
    if due and _is_overdue(reading, row):
        due = f"{due} ({_('overdue')})"
    responsible = reading.short_name(row.addressee) if row.addressee else ""
    answer: TextLine = ""
    # Documents leave out who answered, and through which channel.
    if row.answer and reading.knows(row.answered_on):
        words = as_written(row.answer)
        answer = [pair(_("Response"), ""), words, f" ({day(row.answered_on)})"]
    see = joined(" · ", [link(_reference(each)) for each in subjects_of(reading, row)])
    why = as_written(row.rule_reason) if row.rule_reason else ""
    return box(
        row.kind,
        starred(f"{row} · {_how(row)}", row.illustrative),
        local_text(row, "text"),
        [
            joined(" · ", [where, seats_present(row)]),
            [pair(_("Why it was put to a vote"), ""), why] if why else "",
            joined(" · ", [pair(_("Responsible"), responsible) if responsible else "", due]),
            answer,
            [pair(_("See"), ""), *see] if see else "",
        ],
        anchor=f"resolution-{row.number}",
    )


def _how(row: Resolution) -> str:
    status = row.state_words
    return f"{status} {row.get_rule_display()}" if row.rule and not row.standing else status


def seats_present(row: Resolution) -> str:
    """Return the votes as numbers of seats; no document names who held them."""
    if row.seats_present is None:
        return ""
    return _("%(present)s voting seats present, %(required)s required") % {
        "present": row.seats_present,
        "required": row.seats_required,
    }


def _is_overdue(reading: ReportReading, row: Resolution) -> bool:
    if row.due_on is None or row.status not in Resolution.OPEN:
        return False
    return in_time_until(row.due_on, row.entered_on) < reading.as_of


def subjects_of(reading: ReportReading, row: Resolution) -> list[Subject]:
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
