"""One person, as the portal knows them: an account, entries in the directory, or both."""

from dataclasses import dataclass
from functools import cached_property

from django.db import models
from django.http import Http404
from django.urls import reverse

from accounts.models import Hold, User
from committees.models import SeatTerm
from ibcr_portal.persons.matching import Spellings, joined, words_of
from ibcr_portal.persons.places import People
from partners.models import Contact
from projects.models import Assignment, Project, Representation


@dataclass(frozen=True)
class DataSubject:
    user: User | None
    contacts: tuple[Contact, ...]

    @classmethod
    def of_user(cls, user: User) -> "DataSubject":
        """With the entries that nobody connected with the account, but which have its name and
        address. The address alone may be a mailbox that several people read."""
        name = words_of(user.full_name)
        known = [each for each in _at_address_of(user) if words_of(each.full_name) == name]
        theirs = models.Q(user=user) | models.Q(pk__in=[each.pk for each in known])
        return cls(user, tuple(Contact.objects.filter(theirs).order_by("pk")))

    @classmethod
    def of_own(cls, user: User) -> "DataSubject":
        """For the person's own eyes: with connected entries alone. They may change their name, and
        would see the entry of whoever has that name at a shared address."""
        return cls(user, tuple(user.contacts.order_by("pk")))

    @classmethod
    def of_contact(cls, contact: Contact) -> "DataSubject":
        return cls.of_user(contact.user) if contact.user else cls(None, (contact,))

    @classmethod
    def of_key(cls, key: str) -> "DataSubject":
        """Return the person whom the address of a page names: u12 or c5. Raises Http404."""
        kind, number = key[:1], key[1:]
        if number.isascii() and number.isdigit() and len(number) < 19:
            if kind == "u" and (user := User.objects.filter(pk=number).first()):
                return cls.of_user(user)
            if kind == "c" and (contact := Contact.objects.filter(pk=number).first()):
                return cls.of_contact(contact)
        raise Http404

    @property
    def key(self) -> str:
        return f"u{self.user.pk}" if self.user else f"c{self.contacts[0].pk}"

    def __str__(self) -> str:
        return self.user.full_name if self.user else self.contacts[0].full_name

    def get_absolute_url(self) -> str:
        return reverse("persons:person", args=[self.key])

    @property
    def people(self) -> People:
        users = (self.user.pk,) if self.user else ()
        return People(users, tuple(contact.pk for contact in self.contacts))

    @property
    def rows(self) -> list[User | Contact]:
        return [*([self.user] if self.user else []), *self.contacts]

    @property
    def has_account(self) -> bool:
        return self.user is not None

    @property
    def others_at_address(self) -> list[Contact]:
        """Return entries with the account's address and another name: perhaps the same person."""
        if self.user is None:
            return []
        return [entry for entry in _at_address_of(self.user) if entry not in self.contacts]

    def spellings(self, more: list[str] | None = None) -> Spellings:
        """Return how texts name the person; `more` are further names, as somebody knows them."""
        addresses = [row.email for row in self.rows if row.email]
        addresses += [contact.phone for contact in self.contacts if contact.phone]
        # Not the number of a switchboard, nor the address of an office.
        others = Contact.objects.exclude(pk__in=self.people.contacts)
        shared = {words for row in others for words in map(joined, (row.email, row.phone))}
        addresses = [each for each in addresses if joined(each) not in shared]
        names = [row.full_name for row in self.rows]
        for each in more or []:
            (addresses if "@" in each or each.strip("+ ")[:1].isdigit() else names).append(each)
        return Spellings(names, addresses)

    @cached_property
    def projects(self) -> list[Project]:
        """Return the projects in which the person has or had a role."""
        users, contacts = self.people.users, self.people.contacts
        keys = {
            *Assignment.objects.filter(user__in=users).values_list("project", flat=True),
            *Representation.objects.filter(contact__in=contacts).values_list(
                "participation__project", flat=True
            ),
            *SeatTerm.objects.filter(contact__in=contacts).values_list(
                "seat__committee__project", flat=True
            ),
        }
        return list(Project.objects.filter(pk__in=keys))

    @property
    def holds(self) -> list[Hold]:
        """Return the open holds that cover the person."""
        things: list[models.Model] = [*self.rows, *self.projects]
        covered = {(type(thing), thing.pk) for thing in things}
        return [
            hold
            for hold in Hold.objects.open().select_related("content_type")
            if hold.content_type is None
            or (hold.content_type.model_class(), hold.object_id) in covered
        ]

    def namesakes(self, spellings: Spellings) -> list[str]:
        """Return where other people have one of the names: texts that name them would change as
        well."""
        spellings = Spellings(spellings.names)
        others: list[User | Contact] = [
            *User.objects.exclude(pk__in=self.people.users),
            *Contact.objects.exclude(pk__in=self.people.contacts).select_related("institution"),
        ]
        return [str(other) for other in others if spellings and spellings.are_in(other.full_name)]


def _at_address_of(user: User) -> list[Contact]:
    """Return entries with the person's address that nobody connected with an account."""
    if not user.email:
        return []
    found = Contact.objects.filter(user=None, email__iexact=user.email)
    return list(found.select_related("institution").order_by("pk"))
