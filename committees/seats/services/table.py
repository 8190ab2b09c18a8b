"""The seats of a committee as one table: all rows that were changed are saved, or none is."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import Committee, Seat, SeatTerm
from committees.models.seat import number_seats
from committees.seats.services.seats import (
    SeatsRefused,
    end_access,
    end_term,
    lock_access,
    lock_committee,
    record_term,
)
from kernel.languages import first_language
from kernel.refusal import Refusal
from kernel.tables import plain
from partners.models import Contact
from partners.services import enter_contact, invite_contact, name_account
from projects.permissions.representations import may_edit_contact

Capacity = SeatTerm.Capacity
# How much of a name must stay, from 0 to 1, for it to be the same one written right.
ALIKE = 0.7


@dataclass(frozen=True)
class TypedPerson:
    """Who was typed into a cell: a name, empty for nobody, and an address. `is_correction`: the
    person who is there keeps the place and is called so."""

    full_name: str
    email: str = ""
    is_correction: bool = False

    def is_same_as(self, contact: Contact) -> bool:
        return plain(self.full_name) == plain(contact.full_name)

    def is_known_as(self, contact: Contact, institution: int | None) -> bool:
        return contact.institution_id == institution and self.is_same_as(contact)

    def may_be(self, contact: Contact) -> bool:
        """Whether this may be the same person: the name is alike, or no other address was typed."""
        before, after = plain(contact.full_name), plain(self.full_name)
        is_alike = SequenceMatcher(None, before, after).ratio() >= ALIKE
        return is_alike or self.email in ("", contact.email)


@dataclass(frozen=True)
class SeatEntry:
    """One row of the table. `people` holds by capacity who was typed, where something was."""

    row: int
    seat: Seat
    people: Mapping[str, TypedPerson] = field(default_factory=dict)
    invites: bool = False


@dataclass(frozen=True)
class SeatsSaved:
    """How many seats were written, and the people who get a letter."""

    seats: int
    invited: list[User]


def save_seats(
    committee: Committee, entries: Iterable[SeatEntry], *, known: Iterable[Contact], by: User
) -> SeatsSaved:
    """Save the rows that were changed, in one transaction or none. `known` are the people whom the
    coordination knows: a name that is typed may be theirs.

    Raises `SeatsRefused` with sentences by the number of the row.
    """
    people = list(known)
    refused: dict[int, list[str]] = {}
    invited: dict[int, User] = {}
    count = 0
    with transaction.atomic():
        lock_committee(committee)
        lock_access(committee)
        for entry in entries:
            try:
                with transaction.atomic():
                    invited |= _SeatWriter(committee, entry, people, by).save()
                count += 1
            except (ValidationError, Refusal) as refusal:
                refused[entry.row] = getattr(refusal, "messages", [str(refusal)])
        if refused:
            raise SeatsRefused(refused)
        number_seats(committee.pk)
    return SeatsSaved(count, list(invited.values()))


class _SeatWriter:
    """Saves one row."""

    def __init__(
        self, committee: Committee, entry: SeatEntry, known: list[Contact], by: User
    ) -> None:
        self.committee, self.entry, self.known, self.by = committee, entry, known, by
        self.seat = entry.seat
        self.today: date = committee.project.today

    def save(self) -> dict[int, User]:
        """Return the people who were given an account."""
        if self.seat.pk is None:
            self.seat.position = self.committee.seats.count() + 1
        self.seat.full_clean()
        same_place = Seat.objects.filter(pk=self.seat.pk, institution=self.seat.institution_id)
        is_moved = self.seat.pk is not None and not same_place.exists()
        self.seat.save()
        for capacity, typed in self.entry.people.items():
            self._seat_person(capacity, typed)
        if is_moved:
            self._refuse_people_of_others()
        return self._invite() if self.entry.invites else {}

    def _refuse_people_of_others(self) -> None:
        """A seat that goes to another institution does not take its people along."""
        terms = self.seat.terms.on(self.today)
        if terms.exclude(contact__institution__in=self.seat.institutions).exists():
            raise Refusal(_("This person belongs to another institution."))

    def _terms(self, capacity: str) -> list[SeatTerm]:
        terms = self.seat.terms.on(self.today).filter(capacity=capacity)
        return list(terms.select_related("contact__user").order_by("pk"))

    def _seat_person(self, capacity: str, typed: TypedPerson) -> None:
        present = next(iter(self._terms(capacity)), None)
        if present and (typed.is_correction or typed.is_same_as(present.contact)):
            self._correct(present.contact, typed)
        else:
            if present:
                self._end(present)
            if typed.full_name:
                self._begin(capacity, typed)

    def _end(self, term: SeatTerm) -> None:
        """A term that began today is taken back, unless the person was at work in it or could be."""
        contact = term.contact
        is_used = contact.user_id or contact.invitations.exists() or contact.attendances.exists()
        if term.since == self.today and not is_used:
            record_term(term, by=self.by, change="removed")
            term.delete()
            return
        end_term(term, on=self.today, by=self.by)
        end_access(self.committee, contact, on=self.today, leaves=False, by=self.by)

    def _correct(self, contact: Contact, typed: TypedPerson) -> None:
        """Write the name as it was typed, and the address of somebody who does not sign in with
        it."""
        email = contact.email if contact.user_id else typed.email
        if (typed.full_name, email) == (contact.full_name, contact.email):
            return
        if not may_edit_contact(self.by, contact):
            raise Refusal(
                _(
                    "%(person)s also has a place in another project: only they or an "
                    "administrator can change the name or the address."
                )
                % {"person": contact}
            )
        contact.full_name, contact.email = typed.full_name, email
        contact.full_clean()
        contact.save(update_fields=["full_name", "email"])
        name_account(contact)

    def _begin(self, capacity: str, typed: TypedPerson) -> None:
        contact = self._contact(typed)
        term = SeatTerm(seat=self.seat, contact=contact, capacity=capacity, since=self.today)
        term.full_clean()
        term.save()
        record_term(term, by=self.by, change="added")

    def _contact(self, typed: TypedPerson) -> Contact:
        """Return the known person of that name at the seat's institution, or enter somebody new."""
        for contact in self.known:
            if typed.is_known_as(contact, self.seat.institution_id):
                if typed.email and not contact.email:
                    self._correct(contact, typed)
                if typed.email in ("", contact.email):
                    return contact
        return enter_contact(
            Contact(
                institution=self.seat.institution,
                full_name=typed.full_name,
                email=typed.email,
                language=self._language(),
            )
        )

    def _language(self) -> str:
        """Return what most people of the committee read, or else the project's first language."""
        sitting = SeatTerm.objects.on(self.today).filter(seat__committee=self.committee)
        read = Counter(sitting.values_list("contact__language", flat=True))
        return read.most_common(1)[0][0] if read else first_language()

    def _invite(self) -> dict[int, User]:
        invited = {}
        for term in (*self._terms(Capacity.HOLDER), *self._terms(Capacity.ALTERNATE)):
            if term.contact.user_id or term.contact.is_minor:
                continue
            if not term.contact.email:
                raise Refusal(
                    _("Type the e-mail address of %(person)s: the invitation goes there.")
                    % {"person": term.contact}
                )
            person = invite_contact(term.contact, by=self.by)
            invited[person.pk] = person
        return invited
