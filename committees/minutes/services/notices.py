"""Notices to the holders of seats that minutes wait for their comments or their adoption.

Each gets a link of their own, which opens these minutes alone; opening it changes nothing.
"""

from collections.abc import Mapping
from copy import copy
from datetime import date, timedelta
from functools import partial

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from committees.asking import ask_seats_by_link, replace_link, seat_terms_today
from committees.minutes.letters import minutes_letter
from committees.models import Minutes, SeatTerm
from kernel.formats import day
from projects.sending.recipients import NoticeReceipt

PURPOSE = "read_minutes"
# How long the page can be read after the last day for comments.
GRACE = timedelta(days=30)


def notify_seats(
    minutes: Minutes, *, by: User | None, lines: Mapping[str, str] | None = None
) -> NoticeReceipt:
    """Send each holder of a seat, or their alternate, a link to the minutes."""
    stage = f"{minutes.status}:{minutes.versions.count()}:{minutes.comments_until}"
    return ask_seats_by_link(
        terms_of(minutes),
        partial(minutes_letter, minutes),
        about=minutes,
        by=by,
        link=lambda person: issue_link(minutes, person, by=by),
        occasion=f"minutes:{minutes.pk}:{stage}",
        lines=lines,
    )


def terms_of(minutes: Minutes) -> list[SeatTerm]:
    return seat_terms_today(minutes.meeting.committee.seats.on(timezone.localdate()))


def as_sent(minutes: Minutes, verb: str, until: date) -> Minutes:
    """Return the minutes as a message says of them after this step, which is not taken yet. `until`: the
    last day for comments."""
    after = copy(minutes)
    after.status = Minutes.STEPS[verb].target
    if verb == "finalise":
        after.silence_until = minutes.silence_ends(timezone.localdate())
    else:
        after.comments_until = until
    return after


def issue_link(minutes: Minutes, person: User, *, by: User | None) -> str:
    today = timezone.localdate()
    lasts = max((minutes.comments_until or today) - today, timedelta()) + GRACE
    return replace_link(person, PURPOSE, minutes, "committees:minutes-link", by=by, lasts=lasts)


def what_is_asked(minutes: Minutes) -> str:
    """Return one sentence for page and mail on what the committee expects of its members now."""
    if minutes.comments_are_open:
        return _("Comments are open until %(day)s.") % {"day": day(minutes.comments_until)}
    if minutes.status == Minutes.Status.FINAL_DRAFT and minutes.silence_until:
        return _("They are adopted unless somebody objects by %(day)s.") % {
            "day": day(minutes.silence_until)
        }
    if minutes.status == Minutes.Status.FINAL_DRAFT:
        return _("The committee adopts them at its next meeting or in writing.")
    return ""
