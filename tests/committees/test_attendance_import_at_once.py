"""Two who confirm a participants file at the same moment: one wins, the other is told."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from committees.meetings.participants_file import read_participants
from committees.meetings.services.attendance_import import (
    ConfirmedParticipant,
    keep_upload,
    record_call,
)
from committees.meetings.services.call_people import at_moments
from committees.meetings.services.call_seats import HeldSeat
from committees.models import Meeting
from kernel.refusal import Refusal
from tests.committees.test_meeting_at_once import at_once
from tests.factories import MeetingFactory, SeatFactory, SeatTermFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="rows are locked there"),
]


@pytest.fixture
def seat():
    meeting = MeetingFactory(status=Meeting.Status.HELD)
    seat = SeatFactory(committee=meeting.committee)
    SeatTermFactory(seat=seat)
    seat.meeting = meeting
    return seat


def confirmation(seat, minute):
    """A file in which the member joined at that minute past nine, ready to be confirmed."""
    content = f"Name,Join Time,Leave Time\nA,2020-09-03 09:{minute}:00,2020-09-03 11:00:00\n"
    meeting = Meeting.objects.get(pk=seat.meeting.pk)
    upload = keep_upload(
        meeting, SimpleUploadedFile("a.csv", content.encode()), owner=UserFactory()
    )
    [person] = at_moments(meeting, read_participants(io.BytesIO(content.encode())), meeting.zone)
    chosen = [ConfirmedParticipant(person, HeldSeat(seat, seat.terms.get()))]

    def confirm():
        # A press of the button is a request of its own, with rows of its own.
        return record_call(Meeting.objects.get(pk=meeting.pk), upload, chosen, {seat.pk: ""})

    return confirm


def test_of_two_files_that_differ_the_second_is_told(seat):
    results = at_once(confirmation(seat, "05"), confirmation(seat, "10"))

    told = [result for result in results if isinstance(result, Refusal)]
    assert len(told) == 1
    assert 1 in results
    assert seat.meeting.attendances.count() == 1


def test_a_button_pressed_twice_records_once(seat):
    confirm = confirmation(seat, "05")

    results = at_once(confirm, confirm)

    assert {type(result) for result in results} == {int, Refusal}
    assert seat.meeting.attendances.count() == 1
