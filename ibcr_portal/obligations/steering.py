"""Obligations of the committee: meetings, minutes, accreditations, answers, and terms of seats."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.utils import timezone
from django.utils.translation import gettext as _

from committees.models import (
    Attendance,
    Audience,
    Committee,
    Meeting,
    Minutes,
    Resolution,
    Seat,
    SeatTerm,
    WrittenConsultation,
)
from committees.permissions.resolutions import every_visible_resolution
from ibcr_portal.models import Obligation, ObligationKind, ProjectClosing
from ibcr_portal.obligations.due import Due, DuePage, by_key
from ibcr_portal.obligations.facts import COORDINATION, ProjectFacts, moment
from kernel.text import columns_of
from projects.permissions.roles import Role

CIRCULATE_WITHIN = timedelta(days=10)  # domain: minutes go out within days, not weeks
MEMBERS = frozenset({Role.MEMBER, Role.COORDINATOR})


def find_meetings(facts: ProjectFacts) -> Iterator[Obligation]:
    """Those to come, and by when those that are planned have to be convened."""
    for meeting in _meetings_to_come(facts.project.pk):
        ends = moment(meeting.ends_at)
        planned = meeting.status == Meeting.Status.PLANNED
        number = {"number": meeting.number, "committee": meeting.committee_id}
        yield facts.row(
            ObligationKind.MEETING,
            f"meeting-{meeting.pk}",
            meeting.day,
            thing=meeting.pk,
            owners=COORDINATION if planned else MEMBERS,  # members see it once it is convened
            until=ends,
            is_event=True,
            facts=number,
        )
        if not planned:
            continue
        notice = timedelta(days=meeting.notice_asked)
        for on, since, until in (
            (meeting.day - notice, None, ends),
            (meeting.day, ends, None),
        ):
            yield facts.row(
                ObligationKind.MEETING,
                f"convene-{meeting.pk}",
                on,
                thing=meeting.pk,
                owners=COORDINATION,
                since=since,
                until=until,
                facts=number,
            )


def _meetings_to_come(project: int) -> QuerySet[Meeting]:
    meetings = Meeting.objects.filter(committee__project=project)
    return meetings.exclude(status__in=Meeting.OVER).select_related("committee")


def show_meetings(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    for row in rows:
        yield page.due(
            row,
            title=_("%(meeting)s of the committee") % {"meeting": _meeting(row)},
            url=page.address("committees:meeting", key=row.thing),
            label=page.committee_name(row),
        )


def show_convening(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    for row in rows:
        title = _("Record afterwards: %(meeting)s") if row.since else _("Convene: %(meeting)s")
        yield page.due(
            row,
            title=title % {"meeting": _meeting(row)},
            url=page.address("committees:meeting", key=row.thing),
        )


def _meeting(row: Obligation) -> str:
    return str(Meeting(number=row.facts["number"]))


def find_meetings_missing(facts: ProjectFacts) -> Iterator[Obligation]:
    """Committees that meet less often than their terms ask for, where no meeting is planned."""
    if not facts.is_running:
        return
    committees: list[Any] = list(_committees(facts.project.pk))
    for committee in committees:
        last = (
            timezone.localdate(committee.last_start, facts.project.zone)
            if committee.last_start
            else facts.project.starts_on
        )
        on = committee.next_meeting_due(last)
        if on <= facts.project.current_end:
            yield facts.row(
                ObligationKind.MEETING,
                f"meet-{committee.pk}-{on:%Y%m%d}",
                on,
                thing=committee.pk,
                owners=COORDINATION,
                since=moment(committee.last_to_come) if committee.last_to_come else None,
                entered=(committee.entered_on,),
            )


def _committees(project: int) -> QuerySet[Committee]:
    held, over = Q(meetings__status=Meeting.Status.HELD), Q(meetings__status__in=Meeting.OVER)
    committees = Committee.objects.filter(project=project, status=Committee.Status.ACTIVE)
    return committees.order_by("pk").annotate(
        last_start=Max("meetings__starts_at", filter=held),
        last_to_come=Max("meetings__ends_at", filter=~over),
    )


def show_meetings_missing(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    for row in rows:
        yield page.due(
            row,
            title=_("Hold a meeting of the committee"),
            url=page.address("committees:detail", key=row.thing),
            note=_("The terms of reference require it, and none is planned."),
        )


def find_minutes(facts: ProjectFacts) -> Iterator[Obligation]:
    """To be circulated after a meeting, commented by its members, adopted in the end."""
    status = Minutes.Status
    held: list[Any] = list(_meetings_held(facts.project.pk)) if facts.is_running else []
    for meeting in held:
        written: Minutes | None = getattr(meeting, "minutes", None)
        if meeting.consultation:
            yield _minutes_in_writing(facts, meeting)
            continue
        state = written.status if written else status.DRAFT.value
        # Nobody is late with the minutes of a meeting that was recorded afterwards.
        on = None if meeting.recorded_afterwards else meeting.day + CIRCULATE_WITHIN
        if written and state != status.DRAFT:
            in_review = state == status.IN_REVIEW
            on = written.comments_until if in_review else written.silence_until
        yield facts.row(
            ObligationKind.MINUTES,
            f"minutes-{meeting.pk}-{state}",
            on,
            thing=written.pk if written else 0,
            owners=MEMBERS if state == status.IN_REVIEW else COORDINATION,
            is_event=state == status.IN_REVIEW,
            facts={"number": meeting.number, "committee": meeting.committee_id, "of": meeting.pk},
        )


def _minutes_in_writing(facts: ProjectFacts, meeting: Any) -> Obligation:
    """The seats answer in writing until a day whether they adopt the minutes."""
    return facts.row(
        ObligationKind.MINUTES,
        f"written-{meeting.consultation}",
        meeting.consulted_until,
        thing=meeting.consultation,
        owners=MEMBERS,
        is_event=True,
        facts={"number": meeting.number, "committee": meeting.committee_id},
    )


def _meetings_held(project: int) -> QuerySet[Meeting]:
    """Return those whose minutes are not adopted yet, with the written procedure on them."""
    status = Minutes.Status
    open_ones = WrittenConsultation.objects.open().filter(
        adopts_minutes=OuterRef("minutes"), adopts_minutes__status=status.FINAL_DRAFT
    )
    first = open_ones.order_by("answers_until")
    held = Meeting.objects.filter(
        Q(minutes=None, recorded_afterwards=False)
        | Q(minutes__status__in=[status.DRAFT, status.IN_REVIEW, status.FINAL_DRAFT]),
        committee__project=project,
        status=Meeting.Status.HELD,
    )
    own = ("number", "starts_at", "time_zone", "committee", "recorded_afterwards")
    days = ("status", "comments_until", "silence_until")
    held = held.annotate(
        consultation=Subquery(first.values("pk")[:1]),
        consulted_until=Subquery(first.values("answers_until")[:1]),
    )
    return held.select_related("minutes").only(*own, *(f"minutes__{name}" for name in days))


def _written(wanted: list[int], today: date) -> QuerySet[WrittenConsultation]:
    found = WrittenConsultation.objects.filter(pk__in=wanted).order_by()
    return found.with_counts(today).only("pk")


def show_written_procedures(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    keys = sorted({row.thing for row in rows})
    found = {one.pk: one for one in _written(keys, page.today)}
    for row in rows:
        if not (consultation := found.get(row.thing)):
            continue
        committee = page.committee(row.facts["committee"])
        name = f"{committee.minutes_label}, {_meeting(row)}"
        yield page.due(
            row,
            title=_("In a written procedure: %(minutes)s") % {"minutes": name},
            url=page.address("committees:consultation", key=row.thing),
            label=page.committee_name(row),
            note=_("%(answered)s of %(asked)s voting seats have answered.")
            % {"answered": consultation.answered, "asked": consultation.asked},
        )


def show_minutes(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    titles = {
        "draft": _("Circulate: %(minutes)s"),
        "in_review": _("Comment: %(minutes)s"),
        "final_draft": _("Have adopted: %(minutes)s"),
    }
    for row in rows:
        state = row.key.split("-", 2)[2]
        committee = page.committee(row.facts["committee"])
        name = f"{committee.minutes_label}, {_meeting(row)}"
        yield page.due(
            row,
            title=titles[state] % {"minutes": name},
            url=page.address("committees:minutes", key=row.thing)
            if row.thing
            else page.address("committees:meeting", key=row.facts["of"]),
            label=page.committee_name(row) if state == "in_review" else "",
        )


def find_accreditations(facts: ProjectFacts) -> Iterator[Obligation]:
    """Delegates whom the chair let in before their accreditation had come; without their name."""
    for pk, on, meeting, number in _accreditations(facts.project.pk):
        yield facts.row(
            ObligationKind.MINUTES,
            f"accreditation-{pk}",
            on,
            thing=meeting,
            owners=COORDINATION,
            facts={"number": number},
        )


def _accreditations(project: int) -> QuerySet[Attendance, tuple[Any, ...]]:
    rows = Attendance.objects.filter(
        meeting__committee__project=project, accreditation_due__isnull=False
    )
    return rows.values_list("pk", "accreditation_due", "meeting", "meeting__number")


def show_accreditations(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    for row in rows:
        yield page.due(
            row,
            title=_("Accreditation of a delegate: %(meeting)s") % {"meeting": _meeting(row)},
            url=page.address("committees:meeting", key=row.thing),
        )


def find_resolutions(facts: ProjectFacts) -> Iterator[Obligation]:
    """Recommendations to answer and to follow up, decisions with a day, and those that approve the
    closing of the project."""
    if not facts.is_running:
        return
    for pk, on, entered, addressee, audience, kind, closes in _open_resolutions(facts.project.pk):
        row = partial(
            facts.row,
            ObligationKind.RESOLUTION,
            on=on,
            thing=pk,
            entered=(entered,),
            # What was resolved between meetings belongs to the whole committee.
            audience=audience or Audience.COMMITTEE,
        )
        if closes:
            yield row(key=f"resolution-{pk}-closes", owners=COORDINATION)
        asks = bool(on) or kind == Resolution.Kind.RECOMMENDATION
        # The coordination closes it by that day, and an institution has something else to do.
        if asks and (addressee or not closes):
            owners = () if addressee else COORDINATION
            yield row(key=f"resolution-{pk}", owners=owners, institution=addressee)


def _open_resolutions(project: int) -> QuerySet[Resolution, tuple[Any, ...]]:
    # It did not close it yet.
    closed = Exists(ProjectClosing.objects.filter(decision=OuterRef("pk")))
    closing = Q(closes_project=True) & ~closed
    found = Resolution.objects.annotate(closes=ExpressionWrapper(closing, BooleanField())).filter(
        Q(kind=Resolution.Kind.RECOMMENDATION) | Q(due_on__isnull=False) | Q(closes=True),
        committee__project=project,
        status__in=Resolution.OPEN,
    )
    return found.values_list(
        *("pk", "due_on", "entered_on", "addressee", "agenda_item__audience", "kind", "closes")
    )


def show_resolutions(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    visible = every_visible_resolution(page.reader.user, page.projects_of(rows))
    wanted = visible.filter(pk__in={row.thing for row in rows}).order_by()
    texts = wanted.only("kind", "number", "status", *columns_of("text"))
    found = {one.pk: one for one in texts}
    for row in rows:
        if not (resolution := found.get(row.thing)):
            continue
        unanswered = resolution.status == Resolution.Status.ISSUED
        title = _("Answer: %(resolution)s") if unanswered else _("Follow up: %(resolution)s")
        if row.key.endswith("-closes"):
            title = _("Close the project, as approved: %(resolution)s")
        yield page.due(
            row,
            title=title % {"resolution": resolution},
            url=page.address("committees:resolution", key=row.thing),
            note=resolution.text,
        )


def find_seats(facts: ProjectFacts) -> Iterator[Obligation]:
    """Find seats whose holder's term ends, or ended without a successor. Nobody is named."""
    if not facts.is_running:
        return
    latest = {row[0]: row for row in _terms(facts.project.pk)}
    for seat, term, until, seat_until, institution in latest.values():
        if until is None or (seat_until is not None and seat_until <= until):
            continue
        yield facts.row(
            ObligationKind.SEAT,
            f"seat-{term}",
            until,
            thing=seat,
            owners=COORDINATION,
            institution=institution,
        )


def _terms(project: int) -> QuerySet[SeatTerm, tuple[Any, ...]]:
    terms = SeatTerm.objects.filter(
        seat__committee__project=project, capacity=SeatTerm.Capacity.HOLDER
    )
    return terms.order_by("since").values_list(
        "seat", "pk", "until", "seat__until", "seat__institution"
    )


@by_key
def seats_of(keys: list[int]) -> QuerySet[Seat]:
    columns = ("institution", "committee", "number", *columns_of("label"))
    return Seat.objects.filter(pk__in=keys).only(*columns)


def show_seats(page: DuePage, rows: list[Obligation]) -> Iterator[Due]:
    seats = seats_of(rows)
    for row in rows:
        if not (seat := seats.get(row.thing)):
            continue
        seat.institution = page.institution(seat.institution_id)
        yield page.due(
            row,
            title=_("A term of office ends: %(seat)s") % {"seat": seat},
            url=page.address("committees:detail", key=seat.committee_id),
            label=seat.institution.short_name,
        )
