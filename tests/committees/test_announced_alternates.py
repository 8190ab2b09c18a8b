"""An alternate who was announced in the answer to the invitation is carried over into the session,
the attendance list and the file of the video call."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from committees.meetings.services.check_in import mark_seat
from committees.models import Invitation, Meeting
from tests.factories import ContactFactory, SeatTermFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

FUNCTION = "Jefa de despacho"


@pytest.fixture
def coordinator(sign_in):
    return sign_in("coordinator")


@pytest.fixture
def live(world):
    now = timezone.now()
    Meeting.objects.filter(pk=world.meeting.pk).update(
        status="in_session", starts_at=now, ends_at=now + timedelta(hours=2), quorum_kept=None
    )
    return Meeting.objects.with_related().get(pk=world.meeting.pk)


def announce(meeting, seat, **facts):
    return Invitation.objects.create(
        meeting=meeting,
        contact=seat.terms.get(capacity="holder").contact,
        seat=seat,
        capacity="holder",
        answer="alternate",
        answered_at=meeting.starts_at,
        answered_for=meeting.starts_at,
        **facts,
    )


def test_the_live_page_names_the_alternate_and_one_button_seats_them(coordinator, world, live):
    announce(live, world.seat, alternate_function=FUNCTION)
    page = reverse("committees:meeting-session", args=[live.pk])
    text = coordinator.get(page).content.decode()

    mark_seat(live, world.seat, "alternate")

    row = live.attendances.get(seat=world.seat)
    attendance = reverse("committees:meeting-attendance", args=[live.pk])
    assert "admitted by the chair" not in coordinator.get(attendance).content.decode()
    assert f"announced alternate: {FUNCTION}" in text
    assert (row.guest_name, row.by_alternate, row.contact) == (FUNCTION, True, None)
    assert row.accreditation_due is None
    assert live.quorum_at(timezone.now()).by_alternate == 1


def test_of_several_alternates_the_announced_one_is_seated(world, live):
    first, second = (
        ContactFactory(institution=world.institutions["member"], full_name=f"Suplente {number}")
        for number in (1, 2)
    )
    for contact in (first, second):
        SeatTermFactory(seat=world.seat, contact=contact, capacity="alternate")
    announce(live, world.seat, alternate=second)

    mark_seat(live, world.seat, "alternate")

    assert live.attendances.get(seat=world.seat).contact == second


def test_the_attendance_list_proposes_them(coordinator, world, live):
    announce(live, world.seat, alternate_function=FUNCTION)
    url = reverse("committees:attendance-edit", args=[live.pk])
    (form,) = coordinator.get(url).context["grid"].rows
    data = {field.html_name: field.value() or "" for field in form}

    coordinator.post(url, data | {form["presence"].html_name: "in_person"})

    row = live.attendances.get(seat=world.seat)
    assert (row.guest_name, row.by_alternate, row.presence) == (FUNCTION, True, "in_person")


def test_the_file_of_the_call_offers_the_delegate_of_the_institution(coordinator, world, live):
    name = world.institutions["member"].short_name
    announce(live, world.seat, alternate_function=FUNCTION)
    day = live.day.isoformat()
    header = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest"
    line = f"{name} Despacho,,{day} 09:00:00,{day} 11:00:00,120,No"
    file = SimpleUploadedFile("participants.csv", f"{header}\n{line}\n".encode())
    coordinator.post(reverse("committees:attendance-upload", args=[live.pk]), {"file": file})
    preview = reverse("committees:attendance-preview", args=[live.pk])
    grid = coordinator.get(preview).context["grid"]
    (form,) = grid.rows
    data = {field.html_name: field.value() or "" for field in grid.head.hidden_fields()}

    coordinator.post(preview, data | {form["choice"].html_name: form["choice"].value()})

    row = live.attendances.get()
    assert form["choice"].value() == f"delegate-{world.seat.pk}"
    assert (
        "delegate of the institution" in dict(form.fields["choice"].choices)[form["choice"].value()]
    )
    assert (row.seat, row.guest_name, row.by_alternate) == (world.seat, FUNCTION, True)
