"""Meetings as calendar files (RFC 5545, RFC 5546): an invitation, its update, its cancellation,
and the feed that a person subscribes to.

Words that somebody typed are written as escaped text or as an address, so that they never become
a line of the file. A file names nobody but its reader.

Import this module where a file is written: icalendar takes memory that other requests do not need.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from email.utils import parseaddr
from functools import lru_cache
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, vCalAddress, vDDDTypes, vText, vUri

from accounts.links import absolute_url
from accounts.mail import one_line
from accounts.mail_in.addresses import reply_address
from accounts.models import User
from committees.models import Invitation, Meeting
from projects.permissions.roles import reads_full_names

STATUS: dict[str, str] = {
    Meeting.Status.CANCELLED: "CANCELLED",
    Meeting.Status.PLANNED: "TENTATIVE",
}
PARTICIPATION: dict[str, str] = {
    Invitation.Answer.NONE: "NEEDS-ACTION",
    Invitation.Answer.ACCEPTED: "ACCEPTED",
    Invitation.Answer.DECLINED: "DECLINED",
    Invitation.Answer.ALTERNATE: "DELEGATED",
    Invitation.Answer.TENTATIVE: "TENTATIVE",
}


def invitation_file(
    invitation: Invitation, person: User, *, method: str, organizer: str = ""
) -> bytes:
    """Return the file for a message to one person. `method` is REQUEST or CANCEL, `organizer` the name
    of the person who invites.

    The identifier of a meeting never changes; calendars keep the file with the highest
    `sequence`. Where mail comes in, calendars send answers to an address that is this person's alone.
    """
    meeting = invitation.meeting
    event = _event(meeting, person)
    answers = reply_address(invitation, person)
    organizer_address = answers or parseaddr(settings.CALENDAR_ORGANIZER)[1]
    event["organizer"] = vCalAddress(f"mailto:{organizer_address}")
    if answers and organizer:  # else calendars show the address, which means nothing to anybody
        event["organizer"].params["CN"] = vText(one_line(organizer).replace('"', "'"))
    assert person.email  # only people with an address are invited by mail (`NoticeWriter.write`)
    event["attendee"] = attendee = vCalAddress(f"mailto:{_as_uri(person.email)}")
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT" if invitation.is_asked else "OPT-PARTICIPANT")
    answer = invitation.answer if invitation.is_answered else Invitation.Answer.NONE
    attendee.params["PARTSTAT"] = vText(PARTICIPATION[answer])
    # Where no mail comes in, answers are given on the page that the message links to.
    attendee.params["RSVP"] = vText("TRUE" if answers and method != "CANCEL" else "FALSE")
    if method == "CANCEL":
        event["status"] = vText("CANCELLED")
    calendar = new_calendar()
    calendar.add("method", method)
    return written(calendar, [event])


def feed_file(meetings: Iterable[Meeting], person: User) -> bytes:
    """Return the meetings that a person may see, for a calendar that fetches them regularly."""
    calendar = new_calendar()
    calendar.add("x-wr-calname", _("Meetings"))
    calendar.add("refresh-interval", vDDDTypes(timedelta(hours=6)), {"VALUE": "DURATION"})
    return written(calendar, [_event(meeting, person) for meeting in meetings])


def new_calendar() -> Calendar:
    """Return an empty calendar file, for `written`."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.SITE_HOST}//Portal//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _event(meeting: Meeting, person: User) -> Event:
    page = absolute_url(meeting.get_absolute_url())
    event = Event()
    event.add("uid", meeting.uid)
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", timezone.now())
    event.add("summary", _title_of(meeting, person))
    event.add("status", STATUS.get(meeting.status, "CONFIRMED"))
    event.add("class", "PRIVATE")
    event["url"] = vUri(page)
    if meeting.time_is_known:
        event.add("dtstart", meeting.starts_at.astimezone(meeting.zone))
        event.add("dtend", meeting.ends_at.astimezone(meeting.zone))
    else:
        event.add("dtstart", meeting.day)
        event.add("dtend", meeting.day + timedelta(days=1))
    if meeting.place:
        event.add("location", one_line(meeting.place))
    words = [_("On the portal: %(url)s") % {"url": page}]
    if meeting.call_link:
        call = _as_uri(meeting.call_link)
        event["conference"] = vUri(call)
        event["conference"].params["VALUE"] = vText("URI")
        words.insert(0, _("Link of the call: %(url)s") % {"url": call})
        if meeting.call_access:
            words.insert(1, meeting.call_access)
    event.add("description", "\n".join(words))
    return event


def _title_of(meeting: Meeting, person: User) -> str:
    """Return the title in calendars, in the active language: neutral unless the person may read the
    project's name there."""
    project = meeting.committee.project
    if not reads_full_names(person, project):
        return _("Meeting")
    return one_line(f"{meeting} · {project.short_title}")


def _as_uri(address: str) -> str:
    """Remove spaces and line ends and escapes whatever an address cannot hold, so that it stays
    one value."""
    return quote("".join(address.split()), safe="%:/?#[]@!$&'()*+,;=-._~")


def written(calendar: Calendar, events: list[Event]) -> bytes:
    """Return the bytes of a calendar with these events."""
    for event in events:
        calendar.add_component(event)
    years = [event.start.year for event in events]
    # Rules of the zones for the years around: calendars know the rest.
    zones = [_rules(name, min(years), max(years)) for name in sorted(calendar.get_missing_tzids())]
    calendar.subcomponents[:0] = zones
    content: bytes = calendar.to_ical()
    return content


@lru_cache(maxsize=64)
def _rules(zone: str, first: int, last: int) -> Timezone:
    """The rules of a zone from the year before to the year after. Where summer time is unknown, they
    are sought until the year 9999, which takes 10 ms."""
    return Timezone.from_tzid(
        zone, first_date=date(first - 1, 1, 1), last_date=date(last + 2, 1, 1)
    )
