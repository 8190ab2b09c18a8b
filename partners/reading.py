"""Institutions with their names for pages that only show them, in one statement."""

from collections.abc import Iterable

from kernel.prepared import padded, prepared
from partners.models import Institution, InstitutionName, InstitutionNameQuerySet


@prepared
def _names_of(institutions: list[int]) -> InstitutionNameQuerySet:
    names = InstitutionName.objects.filter(institution__in=institutions)
    whole = (f"institution__{field.name}" for field in Institution._meta.concrete_fields)
    return names.select_related("institution").shown(*whole)


class NamesAsked:
    """Asks for institutions with their names, together with other questions of a page."""

    def __init__(self, keys: Iterable[int | None]) -> None:
        self._wanted = {key for key in keys if key is not None}
        self.questions = (_names_of.later(padded(sorted(self._wanted))),) if self._wanted else ()
        self._found: dict[int, Institution] | None = None

    def found(self) -> dict[int, Institution]:
        """Return the institutions by their keys, those without a name as well."""
        if self._found is None:
            self._found = {}
            for name in (name for question in self.questions for name in question.rows):
                institution = self._found.setdefault(name.institution_id, name.institution)
                institution.names_read = [*institution.names_read, name]
            if nameless := self._wanted - self._found.keys():
                self._found |= Institution.objects.in_bulk(nameless)
        return self._found


def named_institutions(keys: Iterable[int | None]) -> dict[int, Institution]:
    """Return institutions by their keys. Their names are for showing: a name that is written later
    in the same request is not among them."""
    return NamesAsked(keys).found()
