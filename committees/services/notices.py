"""Telling those who hold seats what becomes of a meeting, each in their own language.

Nothing is sent of a draft, of a meeting that is past, or of an item to people outside its
audience.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.links import absolute_url
from accounts.mail import send_to_person
from committees.models import Audience, Meeting, SeatTerm
from kernel.formats import day_short, join_list

NEWS = frozenset({"convened", "reconvened", "changed", "postponed", "cancelled"})


@dataclass(frozen=True)
class Told:
    """How many people a message went to, and the seats of those who have no access yet."""

    people: int = 0
    without_access: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        if not self.people and not self.without_access:
            return ""
        told = _("Messages sent: %(number)s.") % {"number": self.people}
        if not self.without_access:
            return told
        untold = _(
            "Without access to the portal, so please tell them yourself or invite them: %(seats)s."
        ) % {"seats": join_list(self.without_access)}
        return f"{told} {untold}"


def tell_members(meeting: Meeting, news: str) -> Told:
    """Send the news to all who hold a seat or stand in for its holder on the meeting's day."""
    if meeting.is_past or news not in NEWS:
        return Told()
    seats: dict[int, list[SeatTerm]] = {}
    without_access: list[str] = []
    for term in _terms(meeting):
        person = term.contact.user
        if person and person.is_active and person.email:
            seats.setdefault(person.pk, []).append(term)
        else:
            without_access.append(f"{term.seat} ({term.get_capacity_display()})")
    sent = sum(_send(meeting, news, terms) for terms in seats.values())
    return Told(people=sent, without_access=without_access)


def _terms(meeting: Meeting) -> list[SeatTerm]:
    terms = SeatTerm.objects.on(meeting.day).filter(
        seat__in=meeting.committee.seats.on(meeting.day), contact__ended_on=None
    )
    terms = terms.select_related("contact__user", "seat__institution")
    return list(terms.prefetch_related("seat__institution__names"))


def _send(meeting: Meeting, news: str, terms: list[SeatTerm]) -> bool:
    audiences = {Audience.COMMITTEE, Audience.PUBLIC}
    if any(term.seat.is_voting for term in terms):
        audiences.add(Audience.VOTING)
    sent = send_to_person(
        terms[0].contact.user,
        "committees/email/meeting",
        {
            "news": news,
            "meeting": meeting,
            "items": list(meeting.items.on_agenda().filter(audience__in=audiences)),
            "url": absolute_url(meeting.get_absolute_url()),
        },
        subject=lambda: _("Meeting, %(day)s") % {"day": day_short(meeting.day)},
    )
    return bool(sent)
