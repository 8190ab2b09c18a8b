"""Finds the organisations of an IATI file among the institutions of the register."""

from dataclasses import dataclass

from kernel.names import plain
from kernel.text import LANGUAGES
from partners.models import Institution, InstitutionName
from projects.iati.document import IatiOrganisation
from projects.models import Participation


@dataclass
class DraftParticipation:
    """The role of an institution in the draft. `name`: its name if it is new in the register."""

    institution: Institution
    role: str
    name: InstitutionName | None = None

    @property
    def is_new(self) -> bool:
        return self.name is not None

    @property
    def role_label(self) -> str:
        return str(Participation.Role(self.role).label)


@dataclass
class RegisteredInstitution:
    """An institution of the register, or a new one with its name."""

    institution: Institution
    name: InstitutionName | None = None


class InstitutionRegister:
    """The institutions by identifier and by each of their names, read once."""

    def __init__(self) -> None:
        self.by_ref: dict[str, RegisteredInstitution] = {}
        self.by_name: dict[str, RegisteredInstitution] = {}
        for institution in Institution.objects.with_names().order_by("-pk"):
            entry = RegisteredInstitution(institution)
            if institution.identifier:
                self.by_ref[institution.identifier.casefold()] = entry
            for name in institution.names.all():
                for language in LANGUAGES:
                    self._add_name(getattr(name, f"name_{language}"), entry)

    def institution(self, organisation: IatiOrganisation) -> RegisteredInstitution | None:
        """Returns the institution with the organisation's identifier, or else one of its names."""
        if known := self.by_ref.get(organisation.ref.casefold()):
            return known
        for name in organisation.names.values():
            if known := self.by_name.get(_plain(name)):
                return known
        return None

    def enter(
        self, organisation: IatiOrganisation, institution: Institution, name: InstitutionName
    ) -> RegisteredInstitution:
        """Adds a new institution, which the same file may name again."""
        entry = RegisteredInstitution(institution, name)
        if organisation.ref:
            self.by_ref[organisation.ref.casefold()] = entry
        for text in organisation.names.values():
            self._add_name(text, entry)
        return entry

    def _add_name(self, name: str, entry: RegisteredInstitution) -> None:
        if name:
            self.by_name[_plain(name)] = entry


def _plain(name: str) -> str:
    return plain(name)
