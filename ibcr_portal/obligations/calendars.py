"""Obligations as calendars read them (RFC 5545): one day each, for the feed that a person
subscribes to.

Meetings have a feed of their own (`committees.calendars`). Titles are neutral unless the person may
read the project's name there, since telephones lie on tables.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Event, vDDDTypes, vUri

from accounts.links import absolute_url
from accounts.mail import one_line
from accounts.models import User
from committees.calendars import new_calendar, written
from ibcr_portal.obligations.due import Due
from projects.permissions.roles import reads_full_names


def feed_of(found: Iterable[Due], person: User) -> bytes:
    calendar = new_calendar()
    calendar.add("x-wr-calname", _("Due days"))
    calendar.add("refresh-interval", vDDDTypes(timedelta(hours=6)), {"VALUE": "DURATION"})
    return written(calendar, [_event(due, due.on, person) for due in found if due.on])


def _event(due: Due, day: date, person: User) -> Event:
    page = absolute_url(due.url)
    event = Event()
    event.add("uid", f"due-{due.key}@{settings.SITE_HOST}")
    event.add("dtstamp", timezone.now())
    event.add(
        "summary",
        one_line(f"{due.title} · {due.project}")
        if reads_full_names(person, due.project)
        else _("Due day"),
    )
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event["url"] = vUri(page)
    event.add("description", _("On the portal: %(url)s") % {"url": page})
    return event
