"""Says whom a message about a meeting goes to, and whom none reaches."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max
from django.utils.translation import gettext as _, ngettext

from accounts.models import OutgoingMail
from committees.meetings.services.convening import people_to_invite
from committees.models import Invitation, Meeting
from partners.reading import named_institutions
from projects.sending.recipients import Recipient


@dataclass(frozen=True, kw_only=True)
class Invited(Recipient):
    """Somebody to whom a message about a meeting is due. The invitation is not saved if they are
    invited by it."""

    invitation: Invitation


def recipients_of(meeting: Meeting) -> list[Invited]:
    """Return whom convening the meeting invites: those who hold its seats, and its guests."""
    guests = meeting.invitations.current().filter(capacity=Invitation.Capacity.GUEST)
    return recipients([*people_to_invite(meeting), *guests.select_related("contact__user")])


def recipients(invitations: Iterable[Invitation]) -> list[Invited]:
    """Return what is known of these people, with the names of their institutions."""
    found = list(invitations)
    seats = [one.seat for one in found if one.seat]
    contacts = [one.contact for one in found]
    keys = {seat.institution_id for seat in seats} | {each.institution_id for each in contacts}
    names = named_institutions(keys)
    for seat in seats:
        seat.institution = names[seat.institution_id]
    for contact in contacts:
        contact.institution = names[contact.institution_id]
    returned = _returned_mail(found)
    return [
        Invited(
            contact=one.contact,
            place=one.seat or one.contact.institution.short_name,
            capacity=one.get_capacity_display(),
            is_asked=one.is_asked,
            returned=returned.get(one.contact.user_id or 0),
            invitation=one,
        )
        for one in found
    ]


def _returned_mail(found: list[Invitation]) -> dict[int, OutgoingMail]:
    """Return the last message with which the committee invited each person, if it came back. What
    other committees wrote to them concerns nobody here."""
    people = {one.contact.user_id for one in found if one.contact.user_id}
    committees = {one.meeting.committee_id for one in found}
    invited = Invitation.objects.filter(meeting__committee__in=committees).exclude(mail=None)
    of_people = OutgoingMail.objects.filter(
        person__in=people, pk__in=invited.order_by().values("mail")
    ).order_by()
    last = of_people.values("person").annotate(last=Max("pk")).values("last")
    rows = OutgoingMail.objects.filter(pk__in=last).exclude(bounced_at=None)
    return {row.person_id: row for row in rows if row.person_id}


def nobody_reached(found: list[Invited]) -> str:
    """Return a sentence that says what to do if no message reaches anybody; else nothing."""
    if any(each.address for each in found):
        return ""
    if not found:
        return _(
            "Nobody holds a seat, so nobody is invited. Fill the seats, or say why, and go on."
        )
    return ngettext(
        "The one person invited has no e-mail address, so no message is sent. Enter the address, or "
        "say why, and tell the person yourself.",
        "None of the %(number)s people invited has an e-mail address, so no message is sent. Enter "
        "the addresses, or say why, and tell them yourself.",
        len(found),
    ) % {"number": len(found)}
