"""Obligations of the committee: meetings, minutes, accreditations, answers, and terms of seats."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from committees.models import Attendance, Committee, Meeting, Minutes, Resolution, SeatTerm
from committees.permissions.meetings import every_visible_meeting
from committees.permissions.resolutions import every_visible_resolution
from ibcr_portal.models import ObligationKind
from ibcr_portal.obligations.due import Due, ResponsibleParty, key_of, of_institution, team
from ibcr_portal.reader import Reader, running
from projects.permissions.roles import Role

CIRCULATE_WITHIN = timedelta(days=10)  # domain: minutes go out within days, not weeks


def _members(committee: Committee) -> ResponsibleParty:
    return ResponsibleParty(committee.name, roles=frozenset({Role.MEMBER, Role.COORDINATOR}))


def meetings(reader: Reader) -> Iterator[Due]:
    """Those to come, and by when those that are planned have to be convened."""
    found = every_visible_meeting(reader.user, reader.projects)
    for meeting in found.exclude(status__in=Meeting.OVER).with_related():
        project = meeting.committee.project
        is_past = meeting.ends_at < timezone.now()
        if not is_past:
            yield Due(
                project=project,
                kind=ObligationKind.MEETING,
                key=key_of("meeting", meeting),
                title=_("%(meeting)s of the committee") % {"meeting": meeting},
                url=meeting.get_absolute_url(),
                on=meeting.day,
                owner=_members(meeting.committee),
                is_event=True,
            )
        if meeting.status == Meeting.Status.PLANNED:
            notice = meeting.committee.notice_asked(
                extraordinary=meeting.kind == Meeting.Kind.EXTRAORDINARY
            )
            title = _("Record afterwards: %(meeting)s") if is_past else _("Convene: %(meeting)s")
            yield Due(
                project=project,
                kind=ObligationKind.MEETING,
                key=key_of("convene", meeting),
                title=title % {"meeting": meeting},
                url=meeting.get_absolute_url(),
                on=meeting.day if is_past else meeting.day - timedelta(days=notice),
                owner=team(),
            )


def meetings_missing(reader: Reader) -> Iterator[Due]:
    """Committees that meet less often than their terms ask for, where no meeting is planned."""
    held = Q(meetings__status=Meeting.Status.HELD)
    to_come = ~Q(meetings__status__in=Meeting.OVER) & Q(meetings__ends_at__gte=timezone.now())
    committees = Committee.objects.filter(
        project__in=running(reader.inside), status=Committee.Status.ACTIVE
    ).annotate(
        last_start=Max("meetings__starts_at", filter=held),
        coming=Count("meetings", filter=to_come),
    )
    for committee in committees.select_related("project").order_by("pk"):
        project = committee.project
        last = (
            timezone.localdate(committee.last_start, project.zone)
            if committee.last_start
            else project.starts_on
        )
        on = committee.next_meeting_due(last)
        if not committee.coming and on <= project.current_end:
            yield Due(
                project=project,
                kind=ObligationKind.MEETING,
                key=f"meet-{committee.pk}-{on:%Y%m%d}",
                title=_("Hold a meeting of the committee"),
                url=committee.get_absolute_url(),
                on=on,
                owner=team(),
                note=_("The terms of reference ask for it, and none is planned."),
            )


def minutes(reader: Reader) -> Iterator[Due]:
    """To be circulated after a meeting, commented by its members, adopted in the end."""
    status = Minutes.Status
    found = every_visible_meeting(reader.user, running(reader.projects)).filter(
        Q(minutes=None, recorded_afterwards=False)
        | Q(minutes__status__in=[status.DRAFT, status.IN_REVIEW, status.FINAL_DRAFT]),
        status=Meeting.Status.HELD,
    )
    for meeting in found.select_related("committee__project", "minutes"):
        written: Minutes | None = getattr(meeting, "minutes", None)
        label = meeting.committee.minutes_label
        on: date | None
        if written is None or written.status == status.DRAFT:
            title, on, owner = _("Circulate: %(minutes)s"), meeting.day + CIRCULATE_WITHIN, team()
        elif written.status == status.IN_REVIEW:
            title, on = _("Comment: %(minutes)s"), written.comments_until
            owner = _members(meeting.committee)
        else:
            title, on, owner = _("Have adopted: %(minutes)s"), written.silence_until, team()
        yield Due(
            project=meeting.committee.project,
            kind=ObligationKind.MINUTES,
            key=f"minutes-{meeting.pk}-{written.status if written else status.DRAFT}",
            title=title % {"minutes": f"{label}, {meeting}"},
            url=(written or meeting).get_absolute_url(),
            on=on,
            owner=owner,
            is_event=written is not None and written.status == status.IN_REVIEW,
        )


def accreditations(reader: Reader) -> Iterator[Due]:
    """Delegates whom the chair let in before their accreditation had come; without their name."""
    rows = Attendance.objects.filter(
        meeting__committee__project__in=reader.inside, accreditation_due__isnull=False
    )
    for row in rows.select_related("meeting__committee__project"):
        yield Due(
            project=row.meeting.committee.project,
            kind=ObligationKind.MINUTES,
            key=key_of("accreditation", row),
            title=_("Accreditation of a delegate: %(meeting)s") % {"meeting": row.meeting},
            url=row.meeting.get_absolute_url(),
            on=row.accreditation_due,
            owner=team(),
        )


def resolutions(reader: Reader) -> Iterator[Due]:
    """Recommendations to answer and to follow up, and decisions with a day."""
    found = every_visible_resolution(reader.user, running(reader.projects)).filter(
        Q(kind=Resolution.Kind.RECOMMENDATION) | Q(due_on__isnull=False),
        status__in=Resolution.OPEN,
    )
    rows = list(found.select_related("committee__project"))
    for resolution in reader.with_names(rows, "addressee"):
        project = resolution.committee.project
        addressee = resolution.addressee
        unanswered = resolution.status == Resolution.Status.ISSUED
        title = _("Answer: %(resolution)s") if unanswered else _("Follow up: %(resolution)s")
        yield Due(
            project=project,
            kind=ObligationKind.RESOLUTION,
            key=key_of("resolution", resolution),
            title=title % {"resolution": resolution},
            url=resolution.get_absolute_url(),
            on=resolution.due_on,
            owner=of_institution(reader, addressee, project.pk) if addressee else team(),
            note=resolution.text,
        )


def seats(reader: Reader) -> Iterator[Due]:
    """Yield seats whose holder's term ends, or ended without a successor. Nobody is named."""
    terms = SeatTerm.objects.filter(
        seat__committee__project__in=running(reader.projects),
        capacity=SeatTerm.Capacity.HOLDER,
    ).select_related("seat__committee__project")
    if not reader.inside:
        terms = terms.filter(seat__institution__in=reader.institution_keys)
    latest: dict[int, SeatTerm] = {}
    for term in terms.order_by("since"):
        place = (term.seat.committee.project_id, term.seat.institution_id)
        if reader.inside or place in reader.own:
            latest[term.seat_id] = term
    reader.with_names([term.seat for term in latest.values()])
    for term in latest.values():
        seat = term.seat
        if term.until is None or (seat.until is not None and seat.until <= term.until):
            continue
        project = seat.committee.project
        own = of_institution(reader, seat.institution, project.pk)
        yield Due(
            project=project,
            kind=ObligationKind.SEAT,
            key=key_of("seat", term),
            title=_("A term of office ends: %(seat)s") % {"seat": seat},
            url=seat.committee.get_absolute_url(),
            on=term.until,
            owner=ResponsibleParty(own.label, own.roles | {Role.COORDINATOR}, own.institutions),
        )
