"""Planning a meeting: its number, its times in the zone of its place, and forms sent twice."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from committees.models import Meeting
from tests.factories import MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def url(world):
    return reverse("committees:meeting-create", args=[world.committee.pk])


def form(**facts):
    day = (timezone.localdate() + timedelta(days=40)).isoformat()
    return {
        "number": "2",
        "kind": "ordinary",
        "mode": "online",
        "day": day,
        "start": "09:00",
        "end": "11:30",
        "time_zone": "America/Tegucigalpa",
        "quorum_is_stated": "on",
        "warned": "1",  # that a day is past
    } | facts


def test_the_next_free_number_is_proposed(world, sign_in, url):
    MeetingFactory(committee=world.committee, number=4)

    response = sign_in("coordinator").get(url)

    assert response.context["form"]["number"].value() == 5


def test_a_new_meeting_is_a_draft(world, sign_in, url):
    response = sign_in("coordinator").post(url, form())

    meeting = Meeting.objects.get(number=2)
    assert response.url == reverse("committees:carry-over", args=[meeting.pk])
    assert meeting.status == Meeting.Status.PLANNED
    assert sign_in("member").get(meeting.get_absolute_url()).status_code == 404


def test_the_form_sent_twice_plans_one_meeting(world, sign_in, url):
    sign_in("coordinator").post(url, form())
    second = sign_in("coordinator").post(url, form())

    assert Meeting.objects.filter(number=2).count() == 1
    assert "already has a meeting with this number" in second.content.decode()


def test_times_are_those_of_the_place(sign_in, url):
    """Nine o'clock in Montréal in summer is 13:00 in Greenwich."""
    sign_in("coordinator").post(
        url,
        form(day="2020-07-01", start="09:00", end="10:00", time_zone="America/Montreal"),
    )

    assert Meeting.objects.get(number=2).starts_at == datetime(2020, 7, 1, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "missing"),
    [("America/Toronto", "2027-03-14", "02:30"), ("Europe/Paris", "2027-03-28", "02:15")],
)
def test_a_time_that_clocks_skip_is_refused_in_words(sign_in, url, zone, day, missing):
    response = sign_in("coordinator").post(
        url, form(day=day, start=missing, end="11:00", time_zone=zone)
    )

    page = response.content.decode()
    assert f"There is no {missing} in" in page
    assert "choose another time" in page
    assert not Meeting.objects.filter(number=2).exists()


def test_an_hour_that_comes_twice_is_the_first(sign_in, url):
    sign_in("coordinator").post(
        url, form(day="2027-11-07", start="01:30", end="03:00", time_zone="America/Toronto")
    )

    assert Meeting.objects.get(number=2).starts_at == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)


def test_a_pasted_invitation_gives_the_link_the_number_and_the_passcode(sign_in, url):
    pasted = "Entrar Zoom Reunión\nhttps://us02web.zoom.us/j/812?pwd=x\n\n"
    pasted += "ID de reunión: 812 3456 7890\nCódigo de acceso: 123456"

    sign_in("coordinator").post(url, form(call_link=pasted, call_number="1", call_passcode="old"))

    meeting = Meeting.objects.get(number=2)
    assert meeting.call_link == "https://us02web.zoom.us/j/812?pwd=x"
    assert (meeting.call_number, meeting.call_passcode) == ("812 3456 7890", "123456")
    assert "812 3456 7890" in meeting.call_access


def test_another_link_takes_no_number_and_passcode_of_the_call_before(sign_in, url):
    coordinator = sign_in("coordinator")
    old = {"call_link": "https://call.example.org/1", "call_number": "1", "call_passcode": "old"}
    coordinator.post(url, form(**old))
    meeting = Meeting.objects.get(number=2)
    edit = reverse("committees:meeting-edit", args=[meeting.pk])

    coordinator.post(edit, form(**old | {"call_link": "https://call.example.org/2"}))

    meeting.refresh_from_db()
    assert (meeting.call_link[-1], meeting.call_number, meeting.call_passcode) == ("2", "", "")
    again = {"call_link": "https://call.example.org/3", "call_number": "3"}
    coordinator.post(edit, form(**again))
    meeting.refresh_from_db()
    assert (meeting.call_link[-1], meeting.call_number, meeting.call_passcode) == ("3", "3", "")


@pytest.mark.parametrize("day", ["0001-01-01", "1989-12-31", "9999-12-31"])
def test_a_year_of_no_meeting_is_refused(sign_in, url, day):
    response = sign_in("coordinator").post(url, form(day=day))

    assert response.context["form"].errors.keys() == {"day"}
    assert "check the year" in response.content.decode()


@pytest.mark.parametrize("end", ["08:00", "09:00"])
def test_a_meeting_that_ends_before_it_starts_is_refused(sign_in, url, end):
    response = sign_in("coordinator").post(url, form(end=end))

    assert "ends before it starts" in response.content.decode()
    assert not Meeting.objects.filter(number=2).exists()


@pytest.mark.parametrize("facts", [{"start": ""}, {"end": ""}, {"start": "", "end": ""}])
def test_a_meeting_to_come_has_a_time(sign_in, url, facts):
    response = sign_in("coordinator").post(url, form(**facts))

    assert "Say when the meeting starts" in response.content.decode()


@pytest.mark.parametrize(
    "facts",
    [
        {"number": "0"},
        {"number": "99999"},
        {"number": "deux"},
        {"day": "2020-13-40"},
        {"day": ""},
        {"start": "25:61"},
        {"time_zone": "Mars/Olympus"},
        {"kind": "secret"},
        {"mode": ""},
        {"call_link": "javascript:alert(1)"},
        {"place": "x" * 300},
    ],
)
def test_nonsense_is_refused_and_plans_nothing(world, sign_in, url, facts):
    response = sign_in("coordinator").post(url, form(**facts))

    assert response.status_code == 200
    assert response.context["form"].errors
    assert list(Meeting.objects.filter(committee=world.committee)) == [world.meeting]


def test_only_a_past_meeting_may_lack_its_quorum(sign_in, url):
    response = sign_in("coordinator").post(url, form(quorum_is_stated=""))

    assert "Only the records of a past meeting" in response.content.decode()


def test_editing_keeps_what_others_changed_meanwhile(planned, sign_in):
    """The form does not show the state: whoever convened meanwhile is not undone."""
    client = sign_in("coordinator")
    url = reverse("committees:meeting-edit", args=[planned.pk])
    client.get(url)
    planned.take("convene", by=None, convened_on=timezone.localdate())

    client.post(url, form(number="7", place="Tegucigalpa"))

    planned.refresh_from_db()
    assert (planned.place, planned.status) == ("Tegucigalpa", Meeting.Status.CONVENED)
    assert planned.convened_on == timezone.localdate()


def test_the_quorum_of_a_live_meeting_cannot_be_switched_off(world, sign_in):
    url = reverse("committees:meeting-edit", args=[world.meeting.pk])

    assert "quorum_is_stated" not in sign_in("coordinator").get(url).context["form"].fields


def test_when_a_meeting_was_held_stays(world, sign_in):
    before = world.meeting.starts_at
    url = reverse("committees:meeting-edit", args=[world.meeting.pk])

    sign_in("coordinator").post(url, form(number="1", place="Tegucigalpa"))

    world.meeting.refresh_from_db()
    assert (world.meeting.starts_at, world.meeting.place) == (before, "Tegucigalpa")


@pytest.mark.parametrize("role", ["member", "partner", "donor", "reader", "monitoring", "auditor"])
def test_only_the_coordination_plans(world, sign_in, url, role):
    response = sign_in(role).post(url, form())

    assert response.status_code == 403
    assert not Meeting.objects.filter(number=2).exists()
