"""The people on the page of an institution, as far as the reader sees them."""

from dataclasses import dataclass, field

from accounts.models import User
from partners.models import Contact, Institution
from projects.models import Representation
from projects.permissions.representations import visible_contacts, visible_representations


@dataclass
class PersonOfInstitution:
    """A person with what they represent. `entry` is the directory's, with address and telephone;
    None if the reader sees the name alone."""

    contact: Contact
    entry: Contact | None = None
    representations: list[Representation] = field(default_factory=list)
    ended: list[Representation] = field(default_factory=list)

    @property
    def is_present(self) -> bool:
        """Whether they represent something, or have another place, and did not leave."""
        return self.contact.ended_on is None and bool(self.representations or self.entry)

    @property
    def has_access(self) -> bool:
        return any(row.is_in_force for row in self.representations)


def people_of(user: User, institution: Institution) -> list[PersonOfInstitution]:
    """Return the people of an institution whom the person sees, in the order of their names."""
    people = {
        entry.pk: PersonOfInstitution(entry, entry)
        for entry in visible_contacts(user, institution).select_related("user")
    }
    rows = visible_representations(user).filter(participation__institution=institution)
    for row in rows.select_related("contact", "participation__project"):
        person = people.setdefault(row.contact_id, PersonOfInstitution(row.contact))
        (person.representations if row.is_open else person.ended).append(row)
    return sorted(people.values(), key=lambda person: person.contact.full_name.casefold())
