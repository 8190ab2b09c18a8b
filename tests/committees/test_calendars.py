"""The files that calendars read, read back by a second implementation."""

from datetime import UTC, datetime, timedelta

import pytest
import vobject
from django.conf import settings
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLink, hash_token
from committees.calendars import feed_file, invitation_file
from committees.meetings.services.convening import send_update
from committees.meetings.services.meetings import cancel_meeting, convene_meeting, postpone_meeting
from committees.models import Meeting
from tests.factories import MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def calendar_of(django_capture_on_commit_callbacks):
    """The file for calendars in the one message that goes out, and how its part is marked."""

    def after(action):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            action()
        (message,) = mail.outbox
        parts = list(message.message().walk())
        (part,) = [part for part in parts if part.get_content_type() == "text/calendar"]
        text = part.get_payload(decode=True)
        (file,) = [part for part in parts if part.get_content_type() == "application/ics"]
        assert file.get_payload(decode=True).splitlines() == text.splitlines()
        return vobject.readOne(text.decode()), part.get_param("method")

    return after


@pytest.fixture
def convened(planned, calendar_of):
    Meeting.objects.filter(pk=planned.pk).update(
        place="Sala de sesiones; planta 2, Tegucigalpa",
        call_link="https://call.example.org/a?b=1,2;3",
    )
    planned.refresh_from_db()
    planned.first = calendar_of(lambda: convene_meeting(planned, by=None))
    return planned


def facts(calendar):
    event = calendar.vevent
    return {
        "method": calendar.method.value,
        "uid": event.uid.value,
        "sequence": int(event.sequence.value),
        "status": event.status.value,
        "start": event.dtstart.value.astimezone(UTC),
        "end": event.dtend.value.astimezone(UTC),
        "attendees": [one.value for one in event.contents["attendee"]],
        "organizer": event.organizer.value,
    }


def test_a_request_says_when_where_by_whom_and_to_whom(convened, world):
    calendar, method = convened.first

    assert method == "REQUEST"
    assert facts(calendar) == {
        "method": "REQUEST",
        "uid": f"meeting-{convened.pk}@{settings.SITE_HOST}",
        "sequence": 1,
        "status": "CONFIRMED",
        "start": convened.starts_at,
        "end": convened.ends_at,
        "attendees": [f"mailto:{world.people['member'].email}"],
        "organizer": f"mailto:{settings.CALENDAR_ORGANIZER}",
    }
    event = calendar.vevent
    assert event.location.value == "Sala de sesiones; planta 2, Tegucigalpa"
    assert convened.call_link in event.description.value
    assert convened.get_absolute_url() in event.description.value
    assert event.url.value == f"{settings.SITE_URL}{convened.get_absolute_url()}"


def test_the_title_is_neutral_unless_the_person_chose_otherwise(convened, world):
    member = world.people["member"]
    row = convened.invitations.get()
    row.meeting = convened
    neutral = vobject.readOne(convened.first[0].serialize()).vevent.summary.value
    member.titles_in_mail = True

    chosen = vobject.readOne(invitation_file(row, member, method="REQUEST").decode())

    assert neutral in {"Réunion", "Meeting"}
    assert convened.committee.project.short_title in chosen.vevent.summary.value


def test_an_update_raises_the_sequence_and_keeps_the_identifier(convened, world, calendar_of):
    later = convened.starts_at + timedelta(days=1)
    Meeting.objects.filter(pk=convened.pk).update(
        starts_at=later, ends_at=later + timedelta(hours=1)
    )
    meeting = Meeting.objects.get(pk=convened.pk)

    calendar, method = calendar_of(lambda: send_update(meeting, by=world.people["coordinator"]))

    before, now = facts(convened.first[0]), facts(calendar)
    assert method == "REQUEST"
    assert now["uid"] == before["uid"]
    assert (now["sequence"], now["start"]) == (2, later)


@pytest.mark.parametrize("service", [cancel_meeting, postpone_meeting])
def test_what_does_not_take_place_is_cancelled_in_calendars(convened, calendar_of, service):
    calendar, method = calendar_of(lambda: service(convened, by=None, why="The chair is ill."))

    now = facts(calendar)
    assert method == "CANCEL"
    assert (now["method"], now["status"], now["sequence"]) == ("CANCEL", "CANCELLED", 2)
    assert now["uid"] == facts(convened.first[0])["uid"]


def test_a_postponed_meeting_comes_back_as_the_same_one(convened, calendar_of):
    calendar_of(lambda: postpone_meeting(convened, by=None, why="The chair is ill."))

    calendar, method = calendar_of(lambda: convene_meeting(convened, by=None))

    assert method == "REQUEST"
    assert facts(calendar)["sequence"] == 3
    assert facts(calendar)["uid"] == facts(convened.first[0])["uid"]


@pytest.mark.parametrize(
    ("zone", "start", "offset"),
    [
        ("America/Tegucigalpa", datetime(2027, 7, 1, 15, tzinfo=UTC), -6),
        ("America/Toronto", datetime(2027, 7, 1, 15, tzinfo=UTC), -4),
        ("America/Toronto", datetime(2027, 1, 15, 15, tzinfo=UTC), -5),
        ("Europe/Madrid", datetime(2027, 7, 1, 15, tzinfo=UTC), 2),
    ],
)
def test_the_zone_of_the_place_comes_with_its_rules(convened, world, zone, start, offset):
    """vobject knows no zone of its own: it reads the hours from VTIMEZONE."""
    convened.time_zone, convened.starts_at = zone, start
    convened.ends_at = start + timedelta(hours=2)
    row = convened.invitations.get()
    row.meeting = convened

    text = invitation_file(row, world.people["member"], method="REQUEST").decode()

    calendar = vobject.readOne(text)
    assert f"TZID:{zone}" in text
    assert calendar.vtimezone.tzid.value == zone
    assert calendar.vevent.dtstart.value.utcoffset() == timedelta(hours=offset)
    assert facts(calendar)["start"] == start


EVIL = "\r\nATTENDEE:mailto:other@example.org\r\nX-EVIL:1"
INJECTIONS = [
    EVIL,
    "\nEND:VEVENT\nBEGIN:VEVENT\nUID:evil",
    "\rATTENDEE:mailto:other@example.org",
    "\x0bATTENDEE:mailto:other@example.org",
    "\x0cX-EVIL:1",
    "\x85X-EVIL:1",
    "\u2028X-EVIL:1",
    "\u2029X-EVIL:1",
    "\x00X-EVIL:1",
    "\\nATTENDEE:mailto:other@example.org",
    "\\\nX-EVIL:1",
    "a;b,c:d\\e",
    "\n X-EVIL:1",
    "\n\tX-EVIL:1",
    '";X-EVIL=1:',
    "<script>alert(1)</script>",
    "=0D=0AX-EVIL:1",
    "%0D%0AX-EVIL:1",
    "é" * 200,
    "😀" * 80,
    "\r\n\r\nBEGIN:VALARM\r\nEND:VALARM",
    ";VALUE=URI:https://evil.example",
    "\nMETHOD:CANCEL",
    "\nORGANIZER:mailto:other@example.org",
    "\nSTATUS:CANCELLED",
    "\nSEQUENCE:99",
    "\nRRULE:FREQ=DAILY",
    "\nATTACH:https://evil.example/x",
    "\nEND:VCALENDAR\nBEGIN:VCALENDAR",
    "\ufeffX-EVIL:1",
    "\u202ecipS",
    "' OR 1=1 --",
]
NAMES = {
    *("uid", "sequence", "dtstamp", "summary", "status", "class", "url", "dtstart", "dtend"),
    *("location", "conference", "description", "organizer", "attendee"),
}


@pytest.mark.parametrize("field", ["place", "call_link", "name"])
def test_words_that_somebody_typed_add_no_line(convened, world, field):
    member = world.people["member"]
    member.titles_in_mail = True
    row = convened.invitations.get()
    row.meeting = convened

    for words in INJECTIONS:
        if field == "name":
            project = convened.committee.project
            project.short_title_fr = project.short_title_en = f"Projet{words}"
        else:
            start = "https://x.example/" if field == "call_link" else ""
            setattr(convened, field, f"{start}{words}")
        raw = invitation_file(row, member, method="REQUEST")
        assert_whole(raw, member.email)


def assert_whole(raw, address):
    """One event of known lines, each once, for one person; folded as the standard asks."""
    calendar = vobject.readOne(raw.decode())
    event, found = calendar.vevent, facts(calendar)
    assert set(event.contents) <= NAMES
    assert {len(values) for values in event.contents.values()} == {1}
    assert [child.name for child in calendar.components()] == ["VTIMEZONE", "VEVENT"]
    assert found["attendees"] == [f"mailto:{address}"]
    assert (found["method"], found["status"], found["sequence"]) == ("REQUEST", "CONFIRMED", 1)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    assert not set(b"\r\n") & set(raw.replace(b"\r\n", b""))


# The feed


def address(client):
    """Make an address and give its path."""
    page = client.post(reverse("committees:calendar-renew"))
    return page.context["url"].removeprefix(settings.SITE_URL)


def events(response):
    calendar = vobject.readOne(response.content.decode())
    return {event.uid.value: event for event in calendar.contents.get("vevent", [])}


def uid(meeting):
    return f"meeting-{meeting.pk}@{settings.SITE_HOST}"


def test_the_feed_shows_the_meetings_that_the_person_may_see(convened, world, sign_in, client):
    draft = MeetingFactory(committee=world.committee, number=8, status=Meeting.Status.PLANNED)
    gone = MeetingFactory(
        committee=world.committee,
        number=9,
        status=Meeting.Status.CANCELLED,
        convened_on=timezone.localdate(),
        starts_at=convened.starts_at,
        ends_at=convened.ends_at,
    )
    url = address(sign_in("member"))
    client.logout()

    response = client.get(url)

    found = events(response)
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert uid(convened) in found
    assert uid(draft) not in found
    assert found[uid(gone)].status.value == "CANCELLED"
    assert {event.summary.value for event in found.values()} <= {"Réunion", "Meeting"}
    assert "attendee" not in found[uid(convened)].contents
    assert world.people["coordinator"].email not in response.content.decode()


def test_an_outsider_has_an_empty_feed(convened, sign_in, client):
    url = address(sign_in("outsider"))

    response = client.get(url)

    assert response.status_code == 200
    assert uid(convened) not in response.content.decode()


def test_only_a_hash_of_the_address_is_kept(sign_in):
    url = address(sign_in("member"))

    token = url.rsplit("/", 1)[1].removesuffix(".ics")
    assert AccessLink.objects.get(purpose="calendar").token_hash == hash_token(token)


def test_a_new_address_replaces_the_old_one_and_both_can_be_revoked(sign_in, client):
    signed_in = sign_in("member")
    first = address(signed_in)
    second = address(signed_in)
    replaced = client.get(first).status_code
    opens = client.get(second).status_code

    signed_in.post(reverse("committees:calendar-revoke"))

    assert (replaced, opens, client.get(second).status_code) == (404, 200, 404)


def test_the_feed_of_somebody_shut_out_is_gone(sign_in, client, world):
    url = address(sign_in("member"))
    world.people["member"].is_active = False
    world.people["member"].save()

    assert client.get(url).status_code == 404


def test_a_link_for_something_else_opens_no_feed(convened, world, client):
    _link, token = AccessLink.issue(
        world.people["member"], "invitation", convened.invitations.get(), by=None
    )

    assert client.get(reverse("committees:calendar-feed", args=[token])).status_code == 404


def test_the_number_of_queries_of_the_feed_does_not_grow(
    world, sign_in, client, django_assert_max_num_queries
):
    url = address(sign_in("member"))
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            start = timezone.now() + timedelta(days=number + 1)
            MeetingFactory(
                committee=world.committee,
                number=20 + number,
                status=Meeting.Status.CONVENED,
                starts_at=start,
                ends_at=start + timedelta(hours=1),
            )
        client.logout()

        with django_assert_max_num_queries(15) as statements:
            response = client.get(url)
        counts.append(len(statements))

        assert len(events(response)) >= numbers.stop

    few, many = counts
    assert many <= few


def test_a_meeting_known_by_its_day_only_is_a_whole_day(world):
    world.meeting.time_is_known = False

    calendar = vobject.readOne(feed_file([world.meeting], world.people["member"]).decode())

    assert calendar.vevent.dtstart.value == world.meeting.day
