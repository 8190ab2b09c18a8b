"""The calendar feed of a person: an address that opens nothing but their meetings, read-only."""

from datetime import timedelta

from django.utils import timezone

from accounts.feeds import CalendarFeed
from accounts.models import User
from committees.permissions.meetings import every_visible_meeting

# Calendars read the whole file again and again: meetings further back would only burden them.
SINCE = timedelta(days=400)


def meetings_file(person: User) -> bytes:
    from committees.calendars import feed_file  # noqa: PLC0415  (it imports icalendar)

    meetings = every_visible_meeting(person).with_related()
    recent = meetings.filter(ends_at__gte=timezone.now() - SINCE)
    return feed_file(recent.order_by("starts_at", "pk"), person)


feed = CalendarFeed(
    meetings_file,
    purpose="calendar",
    page_name="committees:calendar",
    file_view="committees:calendar-feed",
    template="committees/calendar.html",
    file_name="calendar.ics",
)
