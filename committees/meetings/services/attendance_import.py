"""The attendance of a video call: the file between upload and confirmation, and what is written
once the coordinator has confirmed. Names of the file go into no log and no message."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.unnamed_files import set_aside_unnamed
from committees.agenda.services.agenda import lock_meeting
from committees.meetings.participants_file import (
    ParticipantsReading,
    read_participants,
)
from committees.meetings.participants_rows import CallParticipant
from committees.meetings.participants_words import name_key
from committees.meetings.services.attendance import (
    NO_TIMES,
    SeatRow,
    record_attendance,
    refuse_unless_recording,
)
from committees.meetings.services.call_seats import (
    AdmittedSeat,
    Place,
    is_delegate_of,
    signature_of,
    stays_of,
)
from committees.models import Attendance, Meeting, ParticipantsUpload
from kernel.files import CheckedFile, sha256_of
from kernel.refusal import Refusal
from kernel.storage import StorageUnavailable
from partners.models import Institution

# What the person called the file may name somebody; it is kept under this name.
FILE_NAME = "participants.csv"
FOLDER = "committees/participantsupload"


@dataclass(frozen=True)
class ConfirmedParticipant:
    """The coordinator's choice for a person: a seat, or a guest, of an institution if it is known."""

    person: CallParticipant
    place: Place | None = None
    institution: Institution | None = None


@transaction.atomic
def keep_upload(meeting: Meeting, uploaded: UploadedFile, *, owner: User) -> ParticipantsUpload:
    """Store the file until it is confirmed, in place of an earlier one of the same person."""
    lock_meeting(meeting)
    refuse_unless_recording(meeting)
    for earlier in ParticipantsUpload.objects.filter(meeting=meeting, owner=owner):
        earlier.discard()
    upload = ParticipantsUpload(meeting=meeting, owner=owner)
    upload.keep(
        CheckedFile(uploaded, FILE_NAME, "csv", uploaded.size or 0, sha256_of(uploaded)),
    )
    upload.save()
    return upload


def reading_of(upload: ParticipantsUpload) -> ParticipantsReading:
    """Read the file. Raises Refusal if it is gone."""
    assert upload.file.name  # an upload is stored with its file
    try:
        with upload.file.storage.open(upload.file.name) as file:
            return read_participants(file, date_order=upload.date_order or None)
    except StorageUnavailable:
        raise
    except (FileNotFoundError, Refusal):
        raise Refusal(_("The file can no longer be read: upload it again.")) from None


@transaction.atomic
def record_call(
    meeting: Meeting,
    upload: ParticipantsUpload,
    chosen: Iterable[ConfirmedParticipant],
    was: Mapping[int, str],
    *,
    accreditation_due: date | None = None,
) -> int:
    """Record what the coordinator confirmed, delete the file, and return how many rows changed.

    `was` holds what the coordinator saw of each seat, `accreditation_due` the day by which the
    delegates whom the chair admitted are confirmed in writing. Raises Refusal and writes nothing
    if two people were put on one seat, somebody recorded a seat meanwhile, or the file was
    confirmed already. The same file once more changes nothing.
    """
    fresh = lock_meeting(meeting)
    refuse_unless_recording(meeting)
    if not ParticipantsUpload.objects.select_for_update().filter(pk=upload.pk).exists():
        raise Refusal(_("This file has already been confirmed or discarded."))
    chosen = list(chosen)
    rows = _changed_rows(meeting, chosen, was, accreditation_due)
    record_attendance(meeting, rows, headcount=fresh.headcount)
    guests = _record_guests(meeting, chosen)
    _count_at_least(meeting)
    upload.discard()
    return len(rows) + guests


def _changed_rows(
    meeting: Meeting,
    chosen: list[ConfirmedParticipant],
    was: Mapping[int, str],
    accreditation_due: date | None,
) -> list[SeatRow]:
    """Return one row per seat that changes, with all devices of its person put together."""
    known = {row.seat_id: row for row in meeting.attendances.exclude(seat=None)}
    people: dict[int, list[CallParticipant]] = defaultdict(list)
    places: dict[int, Place] = {}
    for each in chosen:
        if each.place is None:
            continue
        place = places.setdefault(each.place.seat.pk, each.place)
        # Two devices may be of one member; two strangers are two people.
        is_second = isinstance(place, AdmittedSeat) and people[place.seat.pk]
        if place.value != each.place.value or is_second:
            raise Refusal(
                _("Two people are assigned to “%(seat)s”: choose one; the other is a guest.")
                % {"seat": place.seat}
            )
        people[place.seat.pk].append(each.person)
    rows = []
    for seat, place in places.items():
        before = known.get(seat)
        row = place.row(people[seat], before)
        if isinstance(place, AdmittedSeat):
            _refuse_if_present(place, before, row.announced)
        if signature_of(row) != SeatRow.signature(before):
            if isinstance(place, AdmittedSeat) and row.accreditation_due is None:
                row = replace(row, accreditation_due=accreditation_due)
            rows.append(replace(row, was=was.get(seat, "")))
    return rows


def _refuse_if_present(place: AdmittedSeat, known: Attendance | None, name: str) -> None:
    if known and known.presence in Attendance.THERE and not is_delegate_of(known, name):
        raise Refusal(
            _("“%(seat)s” is already present: change its row in the list instead.")
            % {"seat": place.seat}
        )


def _record_guests(meeting: Meeting, chosen: list[ConfirmedParticipant]) -> int:
    """Add guests whom nobody recorded yet, and remove those who have a seat now."""
    known = list(meeting.attendances.filter(seat=None))
    by_key = {row.entry_key: row for row in known if row.entry_key}
    by_name = {name_key(row.guest_name): row for row in known}
    changed = 0
    for each in chosen:
        key = _key_of(meeting, each.person)
        if each.place:
            if key in by_key:
                by_key.pop(key).delete()
            continue
        row = by_key.get(key) or by_name.get(name_key(each.person.name))
        if row is None:
            row = _guest(meeting, each, key)
            by_key[key] = row
            changed += 1
        elif _fill_in_times(row, each.person):
            changed += 1
    return changed


def _key_of(meeting: Meeting, person: CallParticipant) -> uuid.UUID:
    """Return a key of a person in this meeting's files, so that the same file twice adds them
    once."""
    who = person.email or name_key(person.name)
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{meeting.pk}:{who}")


def _guest(meeting: Meeting, chosen: ConfirmedParticipant, key: uuid.UUID) -> Attendance:
    guest = Attendance(
        meeting=meeting,
        guest_name=chosen.person.name,
        institution=chosen.institution,
        presence=Attendance.Presence.ONLINE,
        entry_key=key,
    )
    guest.stays = stays_of([chosen.person])
    guest.save()
    return guest


def _fill_in_times(row: Attendance, person: CallParticipant) -> bool:
    """Add the times of the file to a guest without times; recorded times may have been corrected
    by hand."""
    stays = stays_of([person])
    if row.presence != Attendance.Presence.ONLINE or row.arrived_at or row.left_at:
        return False
    row.stays = stays
    row.save(update_fields=["arrived_at", "left_at", "earlier_stays"])
    return stays != (NO_TIMES,)


def _count_at_least(meeting: Meeting) -> None:
    """The number of people counted is never below that of the list."""
    if meeting.headcount is None:
        return
    present = meeting.attendances.filter(presence__in=Attendance.THERE).count()
    if meeting.headcount < present:
        Meeting.objects.filter(pk=meeting.pk).update(headcount=present)
        meeting.headcount = present


# What nobody confirmed


def forget_uploads() -> None:
    """Delete files that were neither confirmed nor discarded within a day, and set files aside that
    have no row, since their upload was interrupted. Runs once an hour."""
    for upload in ParticipantsUpload.objects.forgotten():
        upload.discard()
    set_aside_unnamed(FOLDER, ParticipantsUpload.objects.all())
