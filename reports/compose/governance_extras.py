"""More on the steering of the project: attendance by kind of institution and by sex, the states of
recommendations, the partners, and safeguarding.

Seats and institutions are counted and shown. Persons are numbers only, and small numbers follow
`projects.framework.disclosure`; so do those of notifications, of which each may concern one person.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.db.models import Max
from django.utils.translation import gettext as _, pgettext

from committees.models import Attendance, Committee, Meeting, Resolution
from kernel.formats import MISSING, day, day_short, join_list, number
from partners.models import Contact, Institution
from projects.framework.disclosure import breakdown_may_be_disclosed
from projects.models import Participation, Period, Project, activity
from reports.compose.blocks import (
    Cell,
    cell,
    column,
    field,
    figure,
    heading,
    pair,
    paragraph,
    states_figure,
    table,
    table_of,
)
from reports.compose.cross_cutting import withheld_note
from reports.compose.reading import ReportReading, local_text
from reports.document_types import Block
from reports.models import SectionKind

Status = Resolution.Status
# In the order in which recommendations pass through them, with their tones.
FOLLOWED = {
    Status.ISSUED: "neutral",
    Status.ACCEPTED: "sky",
    Status.PARTLY_ACCEPTED: "sun",
    Status.IN_PROGRESS: "info",
    Status.IMPLEMENTED: "ok",
    Status.DECLINED: "bad",
}
SEXES = {
    Contact.Sex.WOMAN: activity.SEXES["women"],
    Contact.Sex.MAN: activity.SEXES["men"],
    Contact.Sex.OTHER: activity.SEXES["other"],
    Contact.Sex.UNSAID: activity.SEXES["unsaid"],
}


# Meetings


def meetings_of(reading: ReportReading) -> list[Meeting]:
    """Return the meetings of the period, as known on the day of the document, the earliest
    first."""
    held = reading.once("meetings with attendances", lambda: _held(reading.project))
    last = min(reading.end, reading.as_of)
    return [meeting for meeting in held if reading.start <= meeting.day <= last]


def _held(project: Project) -> list[Meeting]:
    committee = Committee.objects.filter(project=project).first()
    if committee is None:
        return []
    rows = committee.meetings.held().prefetch_related("attendances__contact").order_by("starts_at")
    held = list(rows)
    for meeting in held:
        meeting.committee = committee
    return held


def attendance_by_kind(reading: ReportReading) -> list[Block]:
    """Return how many voting seats of each kind of institution were present at the meetings of the
    period: a chart of the sums, and a table with each meeting.

    Meetings without a recorded quorum are left out, since nobody knows who attended them.
    """
    shown = [(meeting, meeting.recorded_quorum()) for meeting in meetings_of(reading)]
    counted = [
        (meeting, {kind: (present, total) for kind, present, total in quorum.by_kind})
        for meeting, quorum in shown
        if quorum
    ]
    kinds = list(dict.fromkeys(kind for _meeting, counts in counted for kind in counts))
    if not kinds:
        return []
    columns = [
        column(_("Meeting")),
        *(column(kind, _width(len(kinds)), num=True) for kind in kinds),
    ]
    rows: list[list[Cell]] = [
        [
            cell(str(meeting), small=day_short(meeting.day)),
            *(_seats(counts.get(kind)) for kind in kinds),
        ]
        for meeting, counts in counted
    ]
    sums = {kind: _sum(counts[kind] for _m, counts in counted if kind in counts) for kind in kinds}
    total = [_("Total"), *(_seats(sums[kind]) for kind in kinds)] if len(counted) > 1 else None
    return [
        _chart_of_presence(sums),
        table(_("Voting seats present, by meeting"), columns, rows, total=total),
    ]


def _chart_of_presence(sums: dict[str, tuple[int, int]]) -> Block:
    """`sums`: by kind of institution, the seats present and all seats, over all meetings."""
    present = pgettext("seats at meetings", "Present")
    data = {
        "labels": list(sums),
        "series": [
            {"name": _("Total"), "values": [str(seats) for _there, seats in sums.values()]},
            {"name": present, "values": [str(there) for there, _seats in sums.values()]},
        ],
        "unit": "",
        "heading": _("Kind of institution"),
    }
    return figure("grouped", _("Voting seats at the meetings, by kind of institution"), data)


def _sum(pairs: Iterable[tuple[int, int]]) -> tuple[int, int]:
    present, total = zip(*pairs, strict=True)
    return sum(present), sum(total)


def _seats(counts: tuple[int, int] | None) -> str:
    if counts is None:
        return MISSING
    return _("%(part)s of %(whole)s") % {"part": counts[0], "whole": counts[1]}


def _width(columns: int) -> int:
    return 18 if columns <= 3 else 14 if columns <= 5 else 10


def attendance_by_sex(reading: ReportReading) -> list[Block]:
    """Return the persons at each meeting of the period by sex; if one group is small, no numbers.

    A number counted at the meeting may be larger than the list: the sex of the others is unknown.
    Meetings where nobody's sex is known are left out.
    """
    rows = [row for meeting in meetings_of(reading) if (row := _by_sex(meeting, reading))]
    if not rows:
        return []
    columns = [
        column(_("Meeting")),
        column(_("Persons"), 14, num=True),
        *(column(str(words), 14, num=True) for words in SEXES.values()),
    ]
    blocks: list[Block] = [table(_("Persons at the meetings, by sex"), columns, rows)]
    if not reading.discloses_small_counts:
        blocks.append(paragraph(withheld_note(), "small"))
    return blocks


def _by_sex(meeting: Meeting, reading: ReportReading) -> list[Cell] | None:
    there = [row for row in meeting.attendances.all() if row.presence in Attendance.THERE]
    counts = Counter(
        row.contact.sex if row.contact else row.sex or Contact.Sex.UNSAID for row in there
    )
    if set(counts) <= {Contact.Sex.UNSAID}:
        return None
    total = max(meeting.headcount or 0, len(there))
    counts[Contact.Sex.UNSAID] += total - len(there)
    shown = [counts[sex] for sex in SEXES]
    may_tell = reading.discloses_small_counts or breakdown_may_be_disclosed(
        [(count,) for count in shown], (total,)
    )
    return [
        cell(str(meeting), small=day_short(meeting.day)),
        reading.count_of_persons(total),
        *(number(count) if may_tell else MISSING for count in shown),
    ]


# Recommendations


def states_of(recommendations: list[Resolution]) -> list[Block]:
    """Return how many recommendations are in which state by the day of the document, if there are
    several states."""
    counts = Counter(row.status for row in recommendations)
    states = [status for status in FOLLOWED if counts[status]]
    chart = states_figure(_("Recommendations followed up"), counts, FOLLOWED)
    if len(states) < 2 or chart is None:
        return []
    return [
        chart,
        paragraph(" · ".join(pair(status.label, counts[status]) for status in states)),
    ]


# Partners


def partners(reading: ReportReading) -> list[Block]:
    """Return the institutions by role, by their names in the period.

    Those that its readers may not know have neutral designations.
    """
    every = Participation.objects.filter(project=reading.project).with_institutions()
    found = reading.once("participations", lambda: list(every))
    order = list(Participation.Role)
    rows = sorted(found, key=lambda one: order.index(Participation.Role(one.role)))
    if not rows:
        return []
    fields = [
        field(_("Institution"), lambda one: _partner(one.institution, reading), key="name"),
        field(_("Kind"), lambda one: one.institution.get_kind_display(), 24, key="kind"),
        field(_("Role"), lambda one: one.get_role_display(), 24, key="role"),
    ]
    blocks: list[Block] = [
        heading(_("Institutions"), anchor="institutions"),
        table_of(rows, fields, _("Participating institutions"), key="institutions"),
    ]
    if not all(one.institution.is_named for one in rows):
        # Without their number, which would be wrong once another one may no longer be named.
        sentence = _("Institutions with a number instead of a name are not named for their safety.")
        blocks.append(paragraph(sentence, "small"))
    return blocks


def _partner(institution: Institution, reading: ReportReading) -> Cell:
    name = institution.name_on(reading.names_on)
    return cell(local_text(name, "name") or MISSING, small=name.acronym if name else "")


# Safeguarding


def safeguarding(reading: ReportReading) -> list[Block]:
    """Return the days of the team's code of conduct and of the attestations to the donor, the
    policies of the partners, and the number of notifications in the period."""
    return [
        *_code_of_conduct(reading),
        *_attestations(reading),
        *policies_of_partners(reading),
        *_notifications(reading),
    ]


def policies_beside_partners(reading: ReportReading) -> list[Block]:
    """Return the policies of the partners, unless the report has a section on safeguarding."""
    if SectionKind.SAFEGUARDING in reading.report.preset.kinds:
        return []
    return policies_of_partners(reading)


def _code_of_conduct(reading: ReportReading) -> list[Block]:
    signed = reading.project.code_of_conduct_on
    if signed is None or not reading.knows(signed):
        return []
    return [paragraph(pair(_("Code of conduct signed by the team"), day(signed)))]


def _attestations(reading: ReportReading) -> list[Block]:
    """Return the days of all attestations until the end of the report."""
    given = sorted(
        period.attested_on
        for period in _periods(reading)
        if period.attested_on and reading.knows(period.attested_on) and period.end <= reading.end
    )
    if not given:
        return []
    days = join_list([day(one) for one in dict.fromkeys(given)])
    return [paragraph(pair(_("Safeguarding attested to the donor"), days))]


def _notifications(reading: ReportReading) -> list[Block]:
    """Return how many notifications the donor received, in the period or in all of the project."""
    own = reading.report.period
    counted = [own]
    if reading.report.preset.is_final:
        same = (one for one in _periods(reading) if one.kind == own.kind)
        counted = [one for one in same if one.end <= reading.end]
    numbers = [one.notifications for one in counted]
    if not numbers or any(number is None for number in numbers):
        return []
    total = reading.count_of_persons(sum(number or 0 for number in numbers))
    return [paragraph(pair(_("Safeguarding notifications to the donor"), total))]


def _periods(reading: ReportReading) -> list[Period]:
    return reading.once("all periods", lambda: list(reading.project.periods.all()))


def policies_of_partners(reading: ReportReading) -> list[Block]:
    """Return how many of the institutions that sign a safeguarding policy have one in force on the
    day."""
    asked, signed = reading.once("safeguarding", lambda: _asked_and_signed(reading))
    if not asked:
        return []
    in_force = sum(_is_in_force(on, reading.as_of) for on in signed.values())
    over = len(signed) - in_force
    sentence = _(
        "Partner institutions with a safeguarding policy in force on %(day)s: %(signed)s of %(count)s."
    )
    facts = {"signed": in_force, "count": len(asked), "day": day(reading.as_of)}
    sentences = [sentence % facts]
    if over:
        sentences.append(_("To be signed again: %(count)s.") % {"count": over})
    if never := len(asked) - len(signed):
        sentences.append(_("Not signed yet: %(count)s.") % {"count": never})
    return [paragraph(" ".join(sentences))]


def _asked_and_signed(reading: ReportReading) -> tuple[set[int], dict[int, date]]:
    places = Participation.objects.filter(project=reading.project)
    asked = set(
        places.filter(role__in=Participation.SIGNS_POLICY).values_list("institution", flat=True)
    )
    return asked, _signed_on(asked, reading.as_of)


def _signed_on(institutions: set[int], on: date) -> dict[int, date]:
    """Return the last day, by `on`, on which each signed; a later signature does not hide an
    earlier one."""
    kept = Institution.history.filter(id__in=institutions, safeguarding_signed_on__lte=on)
    before = kept.order_by().values_list("id").annotate(Max("safeguarding_signed_on"))
    present = Institution.objects.filter(pk__in=institutions, safeguarding_signed_on__lte=on)
    return dict(before) | dict(present.values_list("pk", "safeguarding_signed_on"))


def _is_in_force(signed: date, on: date) -> bool:
    expires = Institution(safeguarding_signed_on=signed).safeguarding_expires_on
    return expires is not None and expires > on
