"""The chapter on the steering of the project, with counts of seats and no names of persons."""

from django.utils.translation import gettext as _, ngettext

from reports.block_types import Block, BoxBlock, Text, TextLine
from reports.compose.blocks import (
    Cell,
    box,
    column,
    heading,
    joined,
    link,
    note_on_stars,
    pair,
    paragraph,
    reference,
    starred,
    table,
)
from reports.compose.governance import Governance, MeetingRow, ResolutionRow, governance_of
from reports.compose.governance_extras import attendance_by_kind, attendance_by_sex
from reports.compose.reading import ReportReading, as_written
from reports.models import SectionKind


def governance(reading: ReportReading) -> list[Block]:
    """Return the part on steering: composition, meetings, decisions, recommendations; nothing
    without a committee.

    If the report has the annex of decisions, they are there alone, and counted here.
    """
    found = governance_of(reading)
    if found is None:
        return []
    resolved = [*found.decisions, *found.recommendations]
    head = [*_composition(found), *_meetings(reading, found)]
    if annex := reading.section_name(SectionKind.ANNEX_DECISIONS):
        return [*head, *_counted(found, annex)] if resolved else head
    return [
        *head,
        *_decisions(found),
        *_recommendations(found),
        *([note_on_stars()] if any(row.illustrative for row in resolved) else []),
    ]


def _composition(found: Governance) -> list[Block]:
    seats = found.composition
    columns = [
        column(_("Kind of institution")),
        column(_("Voting seats"), 22, num=True),
        column(_("Observers"), 24, num=True),
    ]
    lines: list[list[Cell]] = [
        [row.kind, str(row.voting), str(row.observing)] for row in seats.rows
    ]
    total = [_("Total"), str(seats.voting), str(seats.observing)]
    rules = " · ".join(pair(label, value) for label, value in found.rules)
    return [
        heading(_("Composition of the committee"), anchor="composition"),
        *([paragraph(found.mandate)] if found.mandate else []),
        table(_("Seats by kind of institution"), columns, lines, total=total),
        paragraph(rules, "small note"),
    ]


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


def _meeting(row: MeetingRow, *, shows_kinds: bool = True) -> BoxBlock:
    facts = [row.kind, row.mode, row.headcount, row.quorum]
    present = " · ".join(f"{each.kind} {each.present}/{each.total}" for each in row.by_kind)
    lines: list[TextLine] = [
        pair(_("Voting seats present"), present) if present and shows_kinds else "",
        _("Recorded afterwards from the documents of the meeting.")
        if row.recorded_afterwards
        else "",
        row.note or "",
    ]
    figures = " · ".join(fact for fact in facts if fact)
    return box("meeting", f"{row.name} · {row.day}", figures, lines, anchor=row.anchor)


def _counted(found: Governance, annex: str) -> list[Block]:
    """Return how much was decided and recommended, and where it is written."""
    decided, follow_up = len(found.decisions), found.follow_up
    sentence = ngettext(
        "The committee adopted %(count)s decision.",
        "The committee adopted %(count)s decisions.",
        decided,
    )
    return [
        heading(_("Decisions and recommendations"), anchor="decisions"),
        *([paragraph(sentence % {"count": decided})] if decided else []),
        *([paragraph(f"{_('Recommendations')} – {follow_up.sentence}")] if follow_up else []),
        *found.states,
        reference(_("Each of them is in:"), annex, SectionKind.ANNEX_DECISIONS.value),
    ]


def _decisions(found: Governance) -> list[Block]:
    if not found.decisions:
        return []
    return [heading(_("Decisions"), anchor="decisions"), *map(resolution, found.decisions)]


def _recommendations(found: Governance) -> list[Block]:
    if not found.recommendations:
        return []
    follow_up = found.follow_up
    return [
        heading(_("Recommendations"), anchor="recommendations"),
        *([paragraph(follow_up.sentence)] if follow_up else []),
        *found.states,
        *map(resolution, found.recommendations),
    ]


def resolution(row: ResolutionRow, *, below_meeting: bool = False) -> BoxBlock:
    """Return a decision or recommendation as a box, with where it was taken, who carries it out,
    and the answer. `below_meeting`: the heading above says where it was taken."""
    where: list[Text] = [] if below_meeting else [link(row.meeting), f", {row.day}"]
    if row.is_after_period and not below_meeting:
        where.append(f" ({_('after the period')})")
    due = pair(_("Due"), row.due) if row.due else ""
    if due and row.is_overdue:
        due = f"{due} ({_('overdue')})"
    responsible = pair(_("Responsible"), row.responsible) if row.responsible else ""
    answer: TextLine = ""
    if row.answer:
        answer = [pair(_("Response"), ""), as_written(row.answer), f" ({row.answered_on})"]
    see = joined(" · ", [link(each) for each in row.subjects])
    return box(
        row.kind,
        starred(f"{row.name} · {row.how}", row.illustrative),
        row.text,
        [
            joined(" · ", [where, row.seats]),
            [pair(_("Why it was put to a vote"), ""), as_written(row.why)] if row.why else "",
            joined(" · ", [responsible, due]),
            answer,
            [pair(_("See"), ""), *see] if see else "",
        ],
        anchor=row.anchor,
    )
