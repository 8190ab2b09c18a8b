"""Telling those who hold seats that minutes wait for their comments or their adoption.

Each gets a link of their own, which opens these minutes alone; opening it changes nothing.
"""

from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.links import absolute_url
from accounts.mail import send_to_person
from accounts.models import AccessLink, User
from committees.models import Minutes, SeatTerm
from committees.services.notices import Told
from kernel.formats import day

PURPOSE = "read_minutes"
MESSAGE = "committees/email/minutes"
# How long the page can be read after the last day for comments.
GRACE = timedelta(days=30)


def tell_seats(minutes: Minutes, *, by: User | None) -> Told:
    """Send each person who holds a seat or stands in for it a link to the minutes."""
    terms = current_terms(minutes)
    people = {term.contact.user_id: term.contact.user for term in terms if can_be_told(term)}
    told = 0
    for person in people.values():
        told += bool(
            send_to_person(
                person,
                MESSAGE,
                {"minutes": minutes, "url": issue_link(minutes, person, by=by)},
                subject=gettext_lazy("A page for you"),
            )
        )
    untold = [
        f"{term.seat} ({term.get_capacity_display()})" for term in terms if not can_be_told(term)
    ]
    return Told(people=told, without_access=untold)


def current_terms(minutes: Minutes) -> list[SeatTerm]:
    today = timezone.localdate()
    terms = SeatTerm.objects.on(today).filter(
        seat__in=minutes.meeting.committee.seats.on(today), contact__ended_on=None
    )
    terms = terms.select_related("contact__user", "seat__institution")
    return list(terms.prefetch_related("seat__institution__names"))


def can_be_told(term: SeatTerm) -> bool:
    person = term.contact.user
    return bool(person and person.is_active and person.email)


def issue_link(minutes: Minutes, person: User, *, by: User | None) -> str:
    """A new link, in place of the one that the person had to these minutes."""
    links_of(minutes).filter(user=person, revoked_at=None).update(revoked_at=timezone.now())
    until = minutes.comments_until or timezone.localdate()
    _link, token = AccessLink.issue(
        person, PURPOSE, minutes, by=by, lasts=until - timezone.localdate() + GRACE
    )
    return absolute_url(reverse("committees:minutes-link", args=[token]))


def links_of(minutes: Minutes) -> models.QuerySet[AccessLink]:
    kind = ContentType.objects.get_for_model(Minutes)
    return AccessLink.objects.filter(content_type=kind, object_id=minutes.pk, purpose=PURPOSE)


def what_is_asked(minutes: Minutes) -> str:
    """One sentence for page and mail: what the committee expects of its members now."""
    if minutes.comments_are_open:
        return _("Comments are open until %(day)s.") % {"day": day(minutes.comments_until)}
    if minutes.status == Minutes.Status.FINAL_DRAFT and minutes.silence_until:
        return _("Without an objection by %(day)s they are adopted.") % {
            "day": day(minutes.silence_until)
        }
    if minutes.status == Minutes.Status.FINAL_DRAFT:
        return _("The committee adopts them at its next meeting or in writing.")
    return ""
