"""A change of government: many seats get a new holder in one step, all of them or none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.mail import send_to_person
from accounts.models import AccessLink, User
from committees.models import Committee, Seat, SeatTerm
from committees.notices import NoticeReceipt
from committees.seats.letters import handover_letter
from committees.seats.services.seats import lock_committee, record_term
from kernel.formats import day as written_day
from kernel.refusal import Refusal
from partners.models import Contact
from partners.services import enter_contact
from projects.institutions.services.ending import leave_institution
from projects.institutions.services.links import end_links
from projects.models import Project

Capacity = SeatTerm.Capacity


@dataclass(frozen=True)
class HolderChange:
    """The change of one seat. `contact` may be new and not saved yet; without one the seat becomes
    vacant."""

    seat: Seat
    contact: Contact | None = None
    ends_alternates: bool = False
    # The one who held it left the institution as well: they represent it here no more.
    has_left: bool = False


class SeatsRefused(Refusal):
    """Raised when no seat was changed; `by_seat` has a sentence for each seat, by its key."""

    def __init__(self, by_seat: dict[int, list[str]]) -> None:
        super().__init__(_("Nothing has been changed yet: see the seats marked below."))
        self.by_seat = by_seat


def replace_holders(
    committee: Committee, changes: Iterable[HolderChange], *, on: date, by: User
) -> list[SeatTerm]:
    """End the terms of the present holders the day before `on`, and begin those of the new ones.

    All seats are changed in one transaction or none is. Raises `SeatsRefused` with a sentence
    for each seat that cannot be changed so. Access links of those replaced end with it.
    """
    changes = list(changes)
    if not changes:
        raise Refusal(_("Choose a new holder for at least one seat."))
    if on > committee.project.today:
        raise Refusal(
            _("The access of those replaced ends at once: enter the change on its day, not before.")
        )
    refused: dict[int, list[str]] = {}
    begun: list[SeatTerm] = []
    with transaction.atomic():
        lock_committee(committee)
        list(Seat.objects.select_for_update(of=["self"]).filter(committee=committee))
        lock_access(committee)
        for change in changes:
            try:
                with transaction.atomic():
                    begun += _change(committee, change, on=on, by=by)
            except (ValidationError, Refusal) as refusal:
                refused[change.seat.pk] = getattr(refusal, "messages", [str(refusal)])
        if refused:
            raise SeatsRefused(refused)
    return begun


def lock_access(committee: Committee) -> None:
    """Lock what ends with a term before the first change is recorded: the row of the access log's
    chain stays locked from then on."""
    terms = SeatTerm.objects.filter(seat__committee=committee)
    contacts = Contact.objects.filter(pk__in=terms.values("contact")).order_by("pk")
    people = {each.user_id for each in contacts.select_for_update(no_key=True)}
    links = AccessLink.objects.filter(user__in=people, revoked_at=None).order_by("pk")
    list(links.select_for_update(no_key=True))


def _change(committee: Committee, change: HolderChange, *, on: date, by: User) -> list[SeatTerm]:
    ending = change.seat.terms.on(on).select_related("contact__user")
    if not change.ends_alternates:
        ending = ending.filter(capacity=Capacity.HOLDER)
    for term in ending:
        if term.contact == change.contact and term.capacity == Capacity.HOLDER:
            raise Refusal(_("This person already holds the seat: choose somebody else."))
        end_term(term, on=on, by=by)
        leaves = change.has_left and term.capacity == Capacity.HOLDER
        end_access(committee, term.contact, on=on, leaves=leaves, by=by)
    if change.contact is None:
        return []
    term = SeatTerm(seat=change.seat, contact=enter_contact(change.contact), since=on)
    term.full_clean()
    term.save()
    record_term(term, by=by, change="added")
    return [term]


def end_term(term: SeatTerm, *, on: date, by: User) -> None:
    last = on - timedelta(days=1)
    if term.since > last:
        raise Refusal(
            _(
                "The present term began on %(day)s: let the change start later, or end the "
                "term by hand."
            )
            % {"day": written_day(term.since)}
        )
    term.until = last
    term.full_clean()
    term.save(update_fields=["until"])
    record_term(term, by=by, change="changed")


def end_access(committee: Committee, contact: Contact, *, on: date, leaves: bool, by: User) -> None:
    """End the access of a former holder.

    Somebody who left the institution no longer represents it in this project. Somebody who stays
    loses the links that they got as a member of this committee.
    """
    person = contact.user
    if leaves:
        here = Project.objects.filter(pk=committee.project_id)
        leave_institution(contact, here, on=on - timedelta(days=1), by=by)
    if person and not _holds_another_seat(committee, person):
        end_links(person, committee.project, by=by)


def _holds_another_seat(committee: Committee, person: User) -> bool:
    terms = SeatTerm.objects.current().filter(contact__user=person, contact__ended_on=None)
    return terms.filter(seat__committee=committee).exists()


def notify_new_holders(
    committee: Committee,
    terms: Iterable[SeatTerm],
    *,
    url_of: Callable[[SeatTerm], str],
    by: User,
) -> NoticeReceipt:
    """Send each new holder who has access the address of the handover sheet; the seats of the
    others are answered, so that the coordination hands it over."""
    people, without_access = 0, []
    for term in terms:
        person = term.contact.user
        if not (person and person.is_active and person.email):
            without_access.append(str(term.seat))
            continue
        people += bool(
            send_to_person(
                person,
                partial(handover_letter, term, url_of(term), by=by),
                by=by,
                about=committee,
            )
        )
    return NoticeReceipt(people=people, without_access=without_access)


def seats_to_fill(committee: Committee) -> list[Seat]:
    """The seats of today with their terms and institutions, those without an end and others."""
    today = committee.project.today
    seats = committee.seats.filter(Q(until=None) | Q(until__gte=today)).on(today)
    return list(seats.with_people().prefetch_related("shared_with__names"))
