"""Says before a message is sent who gets it: in which language, by which way, and whom none
reaches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext as _, ngettext

from accounts.models import OutgoingMail
from committees.meetings.services.convening import people_to_invite
from committees.models import Invitation, Meeting
from kernel.formats import day
from kernel.languages import LANGUAGES, reading_order
from partners.reading import named_institutions


@dataclass(frozen=True)
class Recipient:
    """Somebody to whom a message is due. The invitation is not saved if they are invited by it."""

    invitation: Invitation
    # The last message to them, if it came back.
    returned: OutgoingMail | None = None

    @property
    def key(self) -> int:
        return self.invitation.contact_id

    @property
    def address(self) -> str:
        return self.invitation.address

    @property
    def language(self) -> str:
        person = self.invitation.person
        return person.language if person else self.invitation.contact.language

    @property
    def language_name(self) -> str:
        return str(LANGUAGES[self.language])

    @property
    def trouble(self) -> str:
        """Say why no message reaches them, or may not; empty if one does."""
        contact = self.invitation.contact
        if not self.address and contact.user_id:
            return _("The account is closed or has no address: tell this person yourself.")
        if contact.is_minor and not self.address:
            return _("A minor receives no account: inform the person accompanying them.")
        if not self.address:
            return _("No e-mail address: enter one, or tell this person yourself.")
        if returned_at := self._returned_at:
            return _("The last message to this person came back on %(day)s: check the address.") % {
                "day": day(returned_at)
            }
        return ""

    @property
    def _returned_at(self) -> datetime | None:
        """When the last message of this committee came back, or any to the present address."""
        person = self.invitation.person
        returned = self.returned.bounced_at if self.returned else None
        return returned or (person.came_back_at if person else None)

    @property
    def says_more(self) -> bool:
        """Whether the trouble is another one than a missing address, which the page explains."""
        contact = self.invitation.contact
        return bool(self.address or contact.user_id or contact.is_minor)


def recipients_of(meeting: Meeting) -> list[Recipient]:
    """Return whom convening the meeting invites: those who hold its seats, and its guests."""
    guests = meeting.invitations.current().filter(capacity=Invitation.Capacity.GUEST)
    return recipients([*people_to_invite(meeting), *guests.select_related("contact__user")])


def recipients(invitations: Iterable[Invitation]) -> list[Recipient]:
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
    return [Recipient(one, returned.get(one.contact.user_id or 0)) for one in found]


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


def languages_of(found: Iterable[Recipient]) -> list[str]:
    """Return the languages in which these people read, in the order of the project."""
    read = {each.language for each in found if each.address}
    return [language for language in reading_order() if language in read]


def nobody_reached(found: list[Recipient]) -> str:
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
