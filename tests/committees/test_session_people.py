"""The people on the live page: who is expected, one press for all of them, the rows that others change,
and a screen that everybody sees."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from committees.meetings.services.check_in import mark_seat
from committees.meetings.services.session import open_meeting
from committees.models import Attendance, Invitation, Meeting, SeatTerm
from tests.factories import (
    AttendanceFactory,
    MeetingFactory,
    SeatFactory,
    SeatTermFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def meeting(world):
    now = timezone.now()
    meeting = MeetingFactory(
        committee=world.committee,
        number=5,
        mode=Meeting.Mode.HYBRID,
        status=Meeting.Status.FROZEN,
        starts_at=now - timedelta(minutes=5),
        ends_at=now + timedelta(hours=2),
    )
    open_meeting(meeting, by=world.people["coordinator"], why="")
    return meeting


@pytest.fixture
def second(world):
    seat = SeatFactory(committee=world.committee, institution=world.institutions["partner"])
    SeatTermFactory(seat=seat)
    return seat


def url(meeting, name="meeting-session"):
    return reverse(f"committees:{name}", args=[meeting.pk])


def answered(meeting, seat, answer, **facts):
    return Invitation.objects.create(
        meeting=meeting,
        seat=seat,
        contact=seat.holder.contact,
        capacity="holder",
        answer=answer,
        answered_at=timezone.now(),
        answered_for=meeting.starts_at,
        **facts,
    )


def rows(response):
    return {row["key"]: row for row in response.context["seats"]}


def test_a_row_names_who_is_expected_to_whoever_sees_the_invitations(sign_in, world, meeting):
    name = str(world.seat.holder.contact)

    assert rows(sign_in("coordinator").get(url(meeting)))[world.seat.pk]["who"] == name
    assert name not in sign_in("member").get(url(meeting)).context["seats"][0]["who"]


@pytest.mark.parametrize("marked", [False, True])
def test_a_shared_screen_names_nobody(sign_in, world, meeting, second, marked):
    client = sign_in("coordinator")
    answered(meeting, second, "alternate", alternate_function="The deputy Ana")
    AttendanceFactory(meeting=meeting, seat=None, guest_name="Guest Gómez")
    if marked:
        mark_seat(meeting, world.seat, "in_person")
    meeting.items.create(title_en="Budget", presenter="Presenter Paz", position=90)
    names = [str(world.seat.holder.contact), "deputy Ana", "Guest Gómez", "Presenter Paz"]
    people = [client.get(url(meeting)).text]

    assert client.get(url(meeting, "meeting-shared-screen")).status_code == 405
    client.post(url(meeting, "meeting-shared-screen"), {"on": "1"})
    people.append(client.get(url(meeting)).text)
    pulse = client.get(url(meeting, "meeting-pulse"), {"rows": f"{world.seat.pk}:old guests:old"})
    client.post(url(meeting, "meeting-shared-screen"))
    people.append(client.get(url(meeting)).text)

    assert [[name in text for name in names] for text in people] == [
        [True] * 4,
        [False] * 4,
        [True] * 4,
    ]
    assert f'id="seat-{world.seat.pk}"' in pulse.text
    assert not any(name in pulse.text for name in names)


def test_all_who_said_they_come_are_marked_by_one_press(sign_in, world, meeting, second):
    client = sign_in("coordinator")
    third = SeatTermFactory(seat=SeatFactory(committee=world.committee)).seat
    fourth = SeatTermFactory(seat=SeatFactory(committee=world.committee)).seat
    deputy = SeatTermFactory(seat=second, capacity=SeatTerm.Capacity.ALTERNATE)
    answered(meeting, world.seat, "accepted")
    answered(meeting, second, "alternate", alternate=deputy.contact)
    answered(meeting, third, "declined")
    answered(meeting, fourth, "accepted")
    mark_seat(meeting, fourth, "excused")
    assert client.get(url(meeting)).context["waiting"] == [str(world.seat), str(second)]

    response = client.post(url(meeting, "meeting-seats-expected"), follow=True)

    assert [str(one) for one in response.context["messages"]] == ["2 seats are marked as present."]
    kept = {row.seat: (row.presence, row.contact) for row in Attendance.objects.all()}
    assert kept == {
        world.seat: ("in_person", world.seat.holder.contact),
        second: ("in_person", deputy.contact),
        fourth: ("excused", None),
    }
    assert response.context["waiting"] == []


def test_an_answer_for_another_time_is_none(sign_in, world, meeting):
    answered(meeting, world.seat, "accepted")
    Invitation.objects.update(answered_for=meeting.starts_at - timedelta(days=1))

    sign_in("coordinator").post(url(meeting, "meeting-seats-expected"))

    assert not meeting.attendances.exists()


def test_the_pulse_brings_the_rows_that_somebody_else_changed(
    sign_in, world, meeting, second, django_assert_max_num_queries
):
    client = sign_in("coordinator")
    page = client.get(url(meeting))
    shown = {key: row["stamp"] for key, row in rows(page).items()}
    shown["guests"] = page.context["guests_stamp"]

    def pulse():
        known = " ".join(f"{key}:{stamp}" for key, stamp in shown.items())
        return client.get(url(meeting, "meeting-pulse"), {"rows": known}).text

    assert "data-stamp" not in pulse()
    mark_seat(meeting, second, "online")
    changed = pulse()
    assert f'id="seat-{second.pk}"' in changed
    assert 'hx-swap-oob="true"' in changed
    assert 'aria-pressed="true"' in changed
    assert f'id="seat-{world.seat.pk}"' not in changed
    AttendanceFactory(meeting=meeting, seat=None, guest_name="Somebody")
    assert 'id="guests"' in pulse()


@pytest.mark.parametrize("odd", ["", "x", "a:b 99999999999999999999:c", ":", "guests"])
def test_odd_rows_are_none(sign_in, meeting, odd):
    response = sign_in("coordinator").get(url(meeting, "meeting-pulse"), {"rows": odd})

    assert response.status_code == 200
    assert 'id="seat-' not in response.text


def test_a_meeting_that_is_opened_before_its_day_asks_why(sign_in, world):
    later = timezone.now() + timedelta(days=9)
    meeting = MeetingFactory(
        committee=world.committee,
        number=6,
        status="frozen",
        starts_at=later,
        ends_at=later + timedelta(hours=2),
    )
    client = sign_in("coordinator")
    address = reverse("committees:meeting-step", args=[meeting.pk, "open"])

    assert client.get(address).context["form"].fields["why"].required
    refused = client.post(address, {"on": timezone.localdate().isoformat(), "why": " "})

    assert list(refused.context["form"].errors) == ["why"]
