"""The institutions that the register has, as a file of others may name them."""

from dataclasses import dataclass

from kernel.text import LANGUAGES
from partners.models import Institution, InstitutionName, without_accents
from projects.iati.document import Organisation
from projects.models import Participation


@dataclass
class DraftParticipation:
    """`name`: of an institution that the register does not have and that is entered with it."""

    institution: Institution
    role: str
    name: InstitutionName | None = None

    @property
    def is_new(self) -> bool:
        return self.name is not None

    @property
    def role_label(self) -> str:
        return Participation.Role(self.role).label


@dataclass
class RegisteredInstitution:
    institution: Institution
    name: InstitutionName | None = None


class InstitutionRegister:
    """The institutions that are known, by identifier and by each of their names."""

    def __init__(self) -> None:
        self.by_ref: dict[str, RegisteredInstitution] = {}
        self.by_name: dict[str, RegisteredInstitution] = {}
        for institution in Institution.objects.with_names().order_by("-pk"):
            entry = RegisteredInstitution(institution)
            if institution.identifier:
                self.by_ref[institution.identifier.casefold()] = entry
            for name in institution.names.all():
                for language in LANGUAGES:
                    self._call(getattr(name, f"name_{language}"), entry)

    def institution(self, organisation: Organisation) -> RegisteredInstitution | None:
        if found := self.by_ref.get(organisation.ref.casefold() or None):
            return found
        for name in organisation.names.values():
            if found := self.by_name.get(_plain(name)):
                return found
        return None

    def enter(
        self, organisation: Organisation, institution: Institution, name: InstitutionName
    ) -> RegisteredInstitution:
        """A new one, which the same file may name again."""
        entry = RegisteredInstitution(institution, name)
        if organisation.ref:
            self.by_ref[organisation.ref.casefold()] = entry
        for text in organisation.names.values():
            self._call(text, entry)
        return entry

    def _call(self, name: str, entry: RegisteredInstitution) -> None:
        if name:
            self.by_name[_plain(name)] = entry


def _plain(name: str) -> str:
    return " ".join(without_accents(name).split())
