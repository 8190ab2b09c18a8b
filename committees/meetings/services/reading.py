"""Reads what all pages of a meeting show: its state, who came, the quorum, and its minutes; and keeps
the documents of a committee."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property, partial

from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, User
from committees.models import (
    AgendaItem,
    Attendance,
    Committee,
    Document,
    InterestDeclaration,
    Invitation,
    Meeting,
    Minutes,
    Seat,
)
from committees.models.quorum import Quorum
from committees.permissions.meetings import own_invitation
from committees.permissions.minutes import sees_minutes
from kernel.files import CheckedFile
from kernel.lifecycle import StatusChange
from kernel.refusal import Refusal
from kernel.text import columns_of


class MeetingOverview:
    """What all pages of a meeting show. Each part is read when a page first uses it; only attendance and
    the minima of the quorum are prefetched, on the meeting and on its committee."""

    def __init__(self, user: User, meeting: Meeting, *, with_people: bool = False) -> None:
        """`with_people` reads the names of those who attended as well."""
        self.user, self.meeting = user, meeting
        rows = Attendance.objects.all()
        rows = rows.select_related("contact") if with_people else rows
        prefetch_related_objects([meeting], Prefetch("attendances", rows))
        self.attendances = list(meeting.attendances.all())
        # Else the quorum is kept with the meeting, or not known.
        self._counts = not (meeting.quorum_kept or meeting.states_no_quorum)
        if self._counts:
            prefetch_related_objects([meeting.committee], "quorum_minima")

    @cached_property
    def changes(self) -> list[StatusChange]:
        changes = self.meeting.status_changes.select_related(None)
        return list(changes.only("to_status", "happened_on", "recorded_at"))

    @cached_property
    def voting(self) -> set[int]:
        """The keys of all voting seats, whatever their days."""
        seats = Seat.objects.filter(committee=self.meeting.committee_id, is_voting=True)
        return set(seats.order_by().values_list("pk", flat=True))

    @cached_property
    def own(self) -> Invitation | None:
        """The reader's own invitation."""
        if self.meeting.is_announced and self.user.is_authenticated:
            return own_invitation(self.user, self.meeting)
        return None

    @cached_property
    def minutes(self) -> Minutes | None:
        """The minutes of the meeting, if the reader sees them."""
        if self.meeting.status not in {Meeting.Status.HELD, Meeting.Status.ADJOURNED}:
            return None
        found = Minutes.objects.filter(meeting=self.meeting)
        minutes = found.only("status", "adopted_on", "sealed_on").first()
        if minutes is None or not sees_minutes(self.user, minutes, self.meeting.committee.project):
            return None
        minutes.meeting = self.meeting
        return minutes

    def quorum(self, moment: datetime | None) -> Quorum | None:
        """Return the quorum at this moment, or the recorded one."""
        if not self._counts:
            return self.meeting.recorded_quorum()
        return self.meeting.count(self.seats_counted, self.meeting.quorum_rules, moment)

    @cached_property
    def seats_counted(self) -> list[Seat]:
        """The voting seats that the quorum of a coming meeting counts."""
        return self.meeting.seats_to_count(self.meeting.quorum_rules)


def declarations_of(
    meeting: Meeting, seats: Iterable[Seat], items: Iterable[AgendaItem]
) -> list[InterestDeclaration]:
    """Return the interests declared, with their seats if these are among `seats`, and with those of
    their items that are among `items`."""
    by_key = {seat.pk: seat for seat in seats}
    shown = AgendaItem.objects.filter(pk__in=[item.pk for item in items])
    shown = shown.only("meeting", *columns_of("title"))
    found = list(meeting.declarations.prefetch_related(Prefetch("items", shown)))
    for one in found:
        if seat := by_key.get(one.seat_id):
            one.seat = seat
    return found


@transaction.atomic
def add_document(document: Document, content: CheckedFile) -> Document:
    """Store a file with its description. The same form sent twice stores it once."""
    Committee.objects.select_for_update(of=["self"]).get(pk=document.committee_id)
    key = document.entry_key
    if key and (known := Document.objects.filter(entry_key=key).first()):
        return known
    item = document.agenda_item
    if item and item.meeting_id != document.meeting_id:
        raise Refusal(_("This item is on the agenda of another meeting."))
    document.keep(content)
    document.save()
    return document


@transaction.atomic
def remove_document(document: Document) -> None:
    """Delete the document with its file: a file that should not be here must not stay."""
    file = document.file
    assert file.name  # a document is stored with its file
    document.delete()
    transaction.on_commit(partial(file.storage.delete, file.name))


def record_download(document: Document, *, by: User) -> None:
    AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=by, thing=document)
