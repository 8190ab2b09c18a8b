"""Decides to whom an institution may be named.

The one rule is `NamingRules.may_be_named`: of an institution, in a project, for readers. Pages and
messages have one person as reader (`NamesForPerson`), documents and files for the public an
audience (`NamesForAudience`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.reading import Reader
from kernel.keys import Keys
from kernel.prepared import prepared
from partners.models import Contact, Institution
from projects.models import (
    NamedTo,
    NamingChoice,
    NamingPrecaution,
    NeutralNumber,
    Participation,
    Project,
)
from projects.models.places import place_sources
from projects.permissions.roles import (
    TEAM,
    Role,
    learn_roles,
    roles_everywhere,
    roles_of,
    speaks_for,
)

# Who coordinates the project, or checks that it is done well, knows who takes part.
COORDINATION = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.AUDITOR})
# Beside the public, to which everybody belongs.
AUDIENCES_OF = {
    Role.MEMBER: {NamedTo.COMMITTEE},
    Role.PARTNER: {NamedTo.PARTNERS},
    Role.DONOR: {NamedTo.DONOR},
    **{role: {NamedTo.COMMITTEE, NamedTo.PARTNERS, NamedTo.DONOR} for role in TEAM - COORDINATION},
}


@dataclass(frozen=True)
class Readers:
    """Who reads: a person, or all who belong to an audience."""

    audiences: frozenset[str] = frozenset({NamedTo.PUBLIC})
    is_coordination: bool = False
    # Keys of the institutions for which they speak: these they know.
    own: frozenset[int] = frozenset()
    # The institutions to which they belong, by key with their kind. Asked only if a choice excludes
    # somebody.
    belong_to: Callable[[], dict[int, str]] = dict


PUBLIC = Readers()
EVERYBODY_KNOWS = Readers(is_coordination=True)


class NamingRules:
    """All choices and precautions that count, read once, and the neutral numbers of each project,
    however many names are printed."""

    def __init__(self) -> None:
        self._numbers: dict[int, dict[int, int]] = {}

    @cached_property
    def choices(self) -> dict[int, dict[int | None, NamingChoice]]:
        """By institution and project."""
        counted = NamingChoice.objects.that_count()
        choices = counted.select_related("institution").prefetch_related("excluded")
        found: dict[int, dict[int | None, NamingChoice]] = defaultdict(dict)
        for each in choices:
            found[each.institution_id][each.project_id] = each
        return dict(found)

    @cached_property
    def precautions(self) -> dict[int, list[set[int]]]:
        """By institution, the projects in which each precaution in force was lifted."""
        lifted: dict[int, set[int]] = defaultdict(set)
        found: dict[int, list[set[int]]] = defaultdict(list)
        for institution, precaution, project in _precautions():
            if precaution not in lifted:
                found[institution].append(lifted[precaution])
            if project:
                lifted[precaution].add(project)
        return dict(found)

    def number_of(self, institution: int, project: int) -> int | None:
        if project not in self._numbers:
            self._numbers[project] = dict(_numbers(project))
        return self._numbers[project].get(institution)

    def may_be_named(self, institution: int, project: int | None, readers: Readers) -> bool:
        """Whether these readers may know the name in the project: the newest choice that holds
        everywhere has to allow it, and that of the project, and no precaution hides it. Where no
        project is known, it could be any, and so all have to allow it."""
        if readers.is_coordination or institution in readers.own:
            return True
        choices = self.choices.get(institution, {})
        return not self.is_precaution_in(institution, project) and all(
            _allows(choice, readers)
            for place, choice in choices.items()
            if project is None or place in (None, project)
        )

    def is_precaution_in(self, institution: int, project: int | None) -> bool:
        """Whether a precaution hides the institution there: not where it chose for itself."""
        precautions = self.precautions.get(institution, ())
        choices = self.choices.get(institution, {})
        if any(choices[place].is_own for place in {None, project} & choices.keys()):
            return False
        return any(project not in lifted for lifted in precautions)

    def hidden_in(self, project: int | None, readers: Readers) -> set[int]:
        """Return the keys of all institutions that these readers may not know by name."""
        return {each for each in self.guarded if not self.may_be_named(each, project, readers)}

    @property
    def guarded(self) -> set[int]:
        """The keys of all institutions that somebody may not know by name."""
        return self.choices.keys() | self.precautions.keys()


@prepared
def _precautions() -> QuerySet[Any, Any]:
    """Return institution, precaution, and each project in which it was lifted."""
    rows = NamingPrecaution.objects.in_force().order_by("pk", "lifts__project")
    return rows.values_list("institution", "pk", "lifts__project")


@prepared
def _numbers(project: int) -> QuerySet[NeutralNumber, tuple[int, int]]:
    return NeutralNumber.objects.filter(project=project).values_list("institution", "number")


def _allows(choice: NamingChoice, readers: Readers) -> bool:
    if not choice.audiences & readers.audiences:
        return False
    return not choice.excludes_anybody or not choice.excludes(readers.belong_to())


# An audience


def public_names(project: Project) -> "NamesForAudience":
    """Return the names that a file for anybody may hold."""
    return NamesForAudience(project, PUBLIC)


def readers_in(project: Project, audience: str, addressees: Iterable[int] = ()) -> Readers:
    """Return the readers of what is written for an audience of the project (values of
    `committees.models.Audience`), and for these institutions in particular.

    Whoever takes part may come to read it. So the partners and the holders of seats count, and for
    what the donor reads, the donor's institutions.
    """
    if audience == "coordination":
        return EVERYBODY_KNOWS
    of = NamedTo.COMMITTEE if audience == "voting" else NamedTo(audience)
    return Readers(
        audiences=frozenset({of}),
        own=frozenset(addressees),
        belong_to=lambda: _institutions_reading(project, of),
    )


def _institutions_reading(project: Project, audience: str) -> dict[int, str]:
    is_donor = Q(role__in=Participation.DONOR_ROLES)
    places = project.participations.filter(is_donor if audience == NamedTo.DONOR else ~is_donor)
    found = dict(places.values_list("institution", "institution__kind"))
    if audience == NamedTo.COMMITTEE:
        for source in place_sources:
            seated = source().filter(place_in=project.pk)
            found |= dict(seated.values_list("contact__institution", "contact__institution__kind"))
    return found


class NamesForAudience:
    """The names that may be read by everybody in an audience of a project."""

    def __init__(
        self, project: Project | None, readers: Readers, rules: NamingRules | None = None
    ) -> None:
        self.project = project.pk if project else None
        self.readers = readers
        self.rules = rules or NamingRules()

    def is_hidden(self, institution: Institution) -> bool:
        return not self.rules.may_be_named(institution.pk, self.project, self.readers)

    def number_of(self, institution: Institution) -> int | None:
        return self.rules.number_of(institution.pk, self.project) if self.project else None

    @cached_property
    def hidden(self) -> set[int]:
        return self.rules.hidden_in(self.project, self.readers)


# A person


def person_as_readers(user: User, project: Project) -> Readers:
    """Return a person, as a reader in the project."""
    roles = roles_of(user, project)
    audiences = {NamedTo.PUBLIC}.union(*(AUDIENCES_OF.get(role, set()) for role in roles))
    return Readers(
        audiences=frozenset(audiences),
        is_coordination=bool(roles & COORDINATION),
        own=speaks_for(user, project),
        belong_to=lambda: _institutions_of_person(user),
    )


def _institutions_of_person(user: User) -> dict[int, str]:
    """Return the institutions of which they are a contact, whatever they do for them."""
    kept: dict[int, str] | None = user.__dict__.get("_kinds_of_institutions")
    if kept is None:
        rows = Contact.objects.current().filter(user=user.pk)
        kept = dict(rows.values_list("institution", "institution__kind"))
        user.__dict__["_kinds_of_institutions"] = kept
    return kept


class NamesForPerson:
    """The names that a person may read: on a page of a project by the roles there.

    On a page of several projects the name may appear if the person may know it in each project in
    which they see the institution; or if they coordinate one of these, or speak for the institution.
    """

    def __init__(self, user: Reader, place: Project | None = None) -> None:
        # A visitor has no role anywhere, and so reads as the public.
        self.user = cast(User, user)
        self.place = place
        self.rules = NamingRules()

    def is_hidden(self, institution: Institution) -> bool:
        if self.user.is_staff:
            return False
        if place := self.place:
            readers = self._readers[place.pk]
            return not self.rules.may_be_named(institution.pk, place.pk, readers)
        if projects := self._seen_in.get(institution.pk):
            return not self._knows(institution, projects)
        return not self.rules.may_be_named(institution.pk, None, PUBLIC)

    def _knows(self, institution: Institution, projects: list[Project]) -> bool:
        readers = {project.pk: self._readers[project.pk] for project in projects}
        if any(each.is_coordination or institution.pk in each.own for each in readers.values()):
            return True
        key = institution.pk
        return all(self.rules.may_be_named(key, pk, each) for pk, each in readers.items())

    @cached_property
    def _readers(self) -> dict[int, Readers]:
        """The person as reader in the project of the page, or else in all that count."""
        seen = {each.pk: each for places in self._seen_in.values() for each in places}
        projects = [self.place] if self.place else list(seen.values())
        learn_roles(self.user, projects)
        return {project.pk: person_as_readers(self.user, project) for project in projects}

    @cached_property
    def _seen_in(self) -> dict[int, list[Project]]:
        """The projects in which the person sees a guarded institution, by its key."""
        if self.place or not self.user.is_authenticated:
            return {}
        found: dict[int, list[Project]] = defaultdict(list)
        for each in _places_of_guarded(self.user):
            if each.project not in found[each.institution_id]:
                found[each.institution_id].append(each.project)
        return dict(found)

    @cached_property
    def hidden(self) -> set[int]:
        """The keys of all institutions that they may not know by name."""
        guarded = Institution.objects.filter(is_guarded=True)
        return {each.pk for each in guarded if self.is_hidden(each)}

    def number_of(self, institution: Institution) -> int | None:
        """Return its number in the project, or in the only one in which the person sees it: a number
        of another project would be another institution's here."""
        projects = [self.place] if self.place else self._seen_in.get(institution.pk, [])
        if len(projects) != 1:
            return None
        return self.rules.number_of(institution.pk, projects[0].pk)


def _places_of_guarded(user: User) -> QuerySet[Participation]:
    seen = Keys(roles_everywhere(user))
    rows = Participation.objects.filter(institution__is_guarded=True, project__in=seen)
    return rows.select_related("project").only("institution", "project__code").order_by("pk")
