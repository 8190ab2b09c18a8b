"""Reads which institutions attended a past meeting, and writes it on the attendance list."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from committees.models import Attendance, Meeting, Seat
from ibcr_portal.intake.cells import Cells
from ibcr_portal.intake.draft import BroughtInstitution, BroughtMeeting, Draft
from ibcr_portal.intake.partners import InstitutionBook

Present = tuple[Seat | None, BroughtInstitution]


class AttendanceReader:
    """An institution that is named twice has two seats there; without a seat it was a guest."""

    def __init__(self, draft: Draft, book: InstitutionBook, seats: list[Seat]) -> None:
        self.draft, self.book = draft, book
        brought = {each.seat.pk for each in draft.seats if each.seat.pk}
        self.others = [seat for seat in seats if seat.pk not in brought]

    def read(self, cells: Cells, meeting: Meeting) -> list[Present]:
        names = [name.strip() for name in re.split(r"[;\n]", cells.text("present"))]
        found: list[Present] = []
        for name in filter(None, names):
            of = self.book.called(cells, "present", name)
            if of is None:
                continue
            taken = [seat for seat, _of in found if seat]
            free = (seat for seat in self._seats(of, meeting) if seat not in taken)
            seat = next(free, None)
            if seat is None and any(each is of for _seat, each in found):
                cells.mark(
                    "present",
                    _("“%(name)s” is named more often than it has seats: keep it once.")
                    % {"name": name[:80]},
                )
                continue
            found.append((seat, of))
        return found

    def _seats(self, of: BroughtInstitution, meeting: Meeting) -> Iterator[Seat]:
        yield from (each.seat for each in self.draft.seats if each.of is of)
        for seat in self.others:
            if seat.institution_id == of.institution.pk and seat.exists_on(meeting.day):
                yield seat


def attendances(entry: BroughtMeeting) -> Iterator[Attendance]:
    """Yield the rows of the attendance list, to be saved once seats and meeting are."""
    meeting = entry.meeting
    is_online = meeting.mode == Meeting.Mode.ONLINE
    presence = Attendance.Presence.ONLINE if is_online else Attendance.Presence.IN_PERSON
    for seat, of in entry.present:
        if seat:
            yield Attendance(meeting=meeting, seat=seat, presence=presence)
        else:
            name = of.institution.short_name
            yield Attendance(
                meeting=meeting, institution=of.institution, guest_name=name, presence=presence
            )
