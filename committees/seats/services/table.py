"""The seats of a committee as one table: all rows that were changed are saved, or none is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import Committee, Seat, SeatTerm
from committees.seats.services.holders import SeatsRefused, end_access, end_term, lock_access
from committees.seats.services.seats import lock_committee, record_term
from kernel.refusal import Refusal
from kernel.tables import plain
from partners.models import Contact
from partners.services import enter_contact, invite_contact
from projects.permissions.representations import may_edit_contact

Capacity = SeatTerm.Capacity


@dataclass(frozen=True)
class TypedPerson:
    """Who was typed into a cell: a name, empty for nobody, and an address."""

    full_name: str
    email: str = ""

    def is_same_as(self, contact: Contact) -> bool:
        return plain(self.full_name) == plain(contact.full_name)


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
        self.seat.save()
        for capacity, typed in self.entry.people.items():
            self._seat_person(capacity, typed)
        return self._invite() if self.entry.invites else {}

    def _terms(self, capacity: str) -> list[SeatTerm]:
        terms = self.seat.terms.on(self.today).filter(capacity=capacity)
        return list(terms.select_related("contact__user").order_by("pk"))

    def _seat_person(self, capacity: str, typed: TypedPerson) -> None:
        present = next(iter(self._terms(capacity)), None)
        is_same = present is not None and typed.is_same_as(present.contact)
        if present and (is_same or (typed.full_name and self._was_mistyped(present))):
            self._correct(present.contact, typed)
        else:
            if present:
                end_term(present, on=self.today, by=self.by)
                end_access(self.committee, present.contact, on=self.today, leaves=False, by=self.by)
            if typed.full_name:
                self._begin(capacity, typed)

    def _was_mistyped(self, term: SeatTerm) -> bool:
        """Whether the name was entered today and is used nowhere else: then it is corrected, and
        nobody is replaced."""
        contact = term.contact
        others = contact.seat_terms.exclude(pk=term.pk).exists()
        is_used = others or contact.user_id or contact.representations.exists()
        return term.since == self.today and not is_used

    def _correct(self, contact: Contact, typed: TypedPerson) -> None:
        """Write the name as it was typed, and the address of somebody who does not sign in with
        it."""
        email = contact.email if contact.user_id else typed.email
        if (typed.full_name, email) == (contact.full_name, contact.email):
            return
        if not may_edit_contact(self.by, contact):
            raise Refusal(
                _(
                    "%(person)s has a place in another project, too: they or an administrator "
                    "change the name or the address."
                )
                % {"person": contact}
            )
        contact.full_name, contact.email = typed.full_name, email
        contact.full_clean()
        contact.save(update_fields=["full_name", "email"])

    def _begin(self, capacity: str, typed: TypedPerson) -> None:
        contact = self._contact(typed)
        term = SeatTerm(seat=self.seat, contact=contact, capacity=capacity, since=self.today)
        term.full_clean()
        term.save()
        record_term(term, by=self.by, change="added")

    def _contact(self, typed: TypedPerson) -> Contact:
        """Return the known person of that name at the seat's institution, or enter somebody new."""
        for contact in self.known:
            same_place = contact.institution_id == self.seat.institution_id
            if same_place and typed.is_same_as(contact):
                if typed.email and not contact.email:
                    self._correct(contact, typed)
                if typed.email in ("", contact.email):
                    return contact
        return enter_contact(
            Contact(institution=self.seat.institution, full_name=typed.full_name, email=typed.email)
        )

    def _invite(self) -> dict[int, User]:
        invited = {}
        for term in (*self._terms(Capacity.HOLDER), *self._terms(Capacity.ALTERNATE)):
            if term.contact.user_id:
                continue
            if not term.contact.email:
                raise Refusal(
                    _("Type the e-mail address of %(person)s: the invitation goes there.")
                    % {"person": term.contact}
                )
            person = invite_contact(term.contact, by=self.by)
            invited[person.pk] = person
        return invited
