"""Finds names of persons and of institutions at risk in texts that are to be published.

Nobody types such a name into a title on purpose, but a description may thank a partner by name. A
file with such a name is not written, and the coordination learns where to look for it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kernel.names import any_of, is_in, plain, whole_words
from kernel.personal import looks_personal
from partners.models import Contact
from projects.iati.document import IatiDocument, Texts
from projects.models import Assignment, Participation, Project
from projects.permissions.hidden_names import names_ever

# Shorter names, such as acronyms, occur by chance in other words.
SHORTEST = 4
_ADDRESS = re.compile(r"\w@\w")


@dataclass
class ForbiddenNames:
    """The names that must not be published. `pattern` is None where there are none."""

    pattern: re.Pattern[str] | None

    @classmethod
    def of(
        cls, project: Project, participations: Iterable[Participation], hidden: set[int]
    ) -> "ForbiddenNames":
        """Collects the names of one project's contacts and team and of these institutions."""
        institutions = sorted({each.institution_id for each in participations})
        names = {
            *(name for (name,) in [*_people(institutions), *_team(project.pk)]),
            *(name for _institution, *spelt in names_ever(hidden) for name in spelt),
        }
        words = any_of(name for name in names if len(plain(name)) >= SHORTEST)
        return cls(re.compile(whole_words(words), re.IGNORECASE) if words else None)

    def is_named_in(self, text: str) -> bool:
        return bool(self.pattern and is_in(self.pattern, text))

    def may_publish(self, text: str) -> bool:
        """Returns whether a comment may be published.

        Since a comment can be left out, this is stricter than `is_named_in`: nothing that looks
        like a telephone number, an identity number or an e-mail address passes either.
        """
        return not (self.is_named_in(text) or _ADDRESS.search(text) or looks_personal(text))

    def findings_in(self, document: IatiDocument) -> list[str]:
        """Returns a sentence for each part of the file whose text has a forbidden name."""
        places = {
            place: None
            for place, texts in _places(document)
            if any(self.is_named_in(text) for text in texts.values())
        }
        return [
            _("%(place)s: the text names a person or an institution at risk. Change it first.")
            % {"place": place}
            for place in places
        ]


def _places(document: IatiDocument) -> Iterator[tuple[str, Texts]]:
    yield _("Title of the project"), document.title
    for kind, texts in document.descriptions.items():
        yield _("Sources") if kind == "4" else _("Description of the project"), texts
    yield _("Public summary of results"), document.summary
    for result in document.results:
        yield _("Result %(code)s") % {"code": result.code}, result.title
        for indicator in result.indicators:
            yield _("Indicator %(code)s") % {"code": indicator.code}, indicator.title
    for transaction in document.transactions:
        yield _("Reference of an agreement"), {"": transaction.ref}
    for _kind, ref in document.other_identifiers:
        yield _("Donor’s project number"), {"": ref}


def _people(institutions: list[int]) -> QuerySet[Contact, tuple[str]]:
    return Contact.objects.filter(institution__in=institutions).values_list("full_name")


def _team(project: int) -> QuerySet[Assignment, tuple[str]]:
    return Assignment.objects.filter(project=project).values_list("user__full_name")
