"""Adds the role of member, which follows from a seat in the committee, to a person's roles in a
project, and derives the audiences from all of these roles."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from accounts.models import User
from committees.models import (
    Audience,
    InterestDeclaration,
    SeatTerm,
)
from committees.models.seat import SeatTermQuerySet
from kernel.prepared import prepared
from kernel.text import columns_of
from partners.models import Contact, ContactQuerySet, Institution
from projects.models import Project, Representation
from projects.permissions.roles import (
    TEAM,
    Role,
    RoleRow,
    in_projects,
    keys_of,
    roles_by_key,
    roles_everywhere,
    roles_of,
)


def roles_by_seat(user: User, projects: list[int] | None) -> list[RoleRow]:
    """Return, for `projects.permissions.roles.roles_of`, the projects in which the person is a
    member because they hold a seat of the committee or are its alternate, and for which
    institution."""
    return [
        RoleRow(project, Role.MEMBER, institution)
        for project, institution in _places_by_seat(user.pk, projects)
    ]


@prepared
def _places_by_seat(user: int, projects: list[int] | None) -> QuerySet[SeatTerm, tuple[int, int]]:
    terms = _terms_of(user, projects).order_by()
    return terms.values_list("seat__committee__project", "contact__institution")


IN_EVERY_AUDIENCE = SEES_NAMES = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.AUDITOR})

# What permissions ask of a seat. A page that shows more of it reads it itself.
SEAT_COLUMNS = (
    *("seat", "contact", "capacity", "since", "until"),
    *("seat__committee", "seat__institution", "seat__is_voting", "seat__office"),
    "seat__number",
    *columns_of("seat__label"),
    "seat__committee__project",
)


def seats_held(user: User, project: Project) -> list[SeatTerm]:
    """Return the seats that the person holds or is an alternate of today. Read once for each
    request."""
    if not user.is_authenticated:
        return []
    learn_seats(user, [project])
    held: list[SeatTerm] = user.__dict__["_seats_held"][project.pk]
    return held


def seats_in(user: User, projects: Iterable[Project | int]) -> list[int]:
    """Return the keys of the seats that the person holds or is an alternate of in these projects."""
    keys = keys_of(projects)
    learn_seats(user, keys)
    held: dict[int, list[SeatTerm]] = user.__dict__["_seats_held"]
    return [term.seat_id for pk in keys for term in held[pk]]


def learn_seats(user: User, projects: Iterable[Project | int]) -> None:
    """Read the seats in many projects at once; in none where the person is no member."""
    kept = user.__dict__.setdefault("_seats_held", {})
    unknown = [project for project in keys_of(projects) if project not in kept]
    if not unknown:
        return
    left = user.__dict__.setdefault("_items_left", {})
    for project in unknown:
        kept[project], left[project] = [], []
    seated = [pk for pk, roles in roles_by_key(user, unknown).items() if Role.MEMBER in roles]
    if seated:
        terms = _terms_of(user.pk, seated).select_related("seat__committee")
        for term in terms.only(*SEAT_COLUMNS):
            kept[term.seat.committee.project_id].append(term)
        left |= _left(kept, _recusals(user.pk, seated))


def _terms_of(user: int, projects: Collection[int] | None) -> SeatTermQuerySet:
    terms = SeatTerm.objects.current().filter(contact__user=user, contact__ended_on=None)
    return in_projects(terms, projects, "seat__committee__project")


def projects_by_roles(
    user: User, projects: Iterable[Project | int] | None = None
) -> dict[tuple[frozenset[Role], frozenset[str]], list[int]]:
    """The keys of the projects that a person sees, or of some of them, put together where roles and
    audiences are the same: so a list over several asks as many queries for one as for a hundred."""
    places = roles_everywhere(user) if projects is None else roles_by_key(user, projects)
    alike = defaultdict(list)
    for project, roles in places.items():
        alike[roles].append(project)
    groups: dict[tuple[frozenset[Role], frozenset[str]], list[int]] = defaultdict(list)
    for roles, keys in alike.items():
        if Role.MEMBER not in roles:
            groups[roles, _audiences(roles, ())] += keys
            continue
        learn_seats(user, keys)
        for project in keys:
            groups[roles, _audiences(roles, user.__dict__["_seats_held"][project])].append(project)
    return groups


def audiences_of(user: User, project: Project) -> frozenset[str]:
    """The audiences to which a person belongs in a project."""
    roles = roles_of(user, project)
    asks_seats = Role.MEMBER in roles and not roles & IN_EVERY_AUDIENCE
    return _audiences(roles, seats_held(user, project) if asks_seats else ())


def _audiences(roles: frozenset[Role], seats: Collection[SeatTerm]) -> frozenset[str]:
    audiences = {Audience.PUBLIC}
    if roles & IN_EVERY_AUDIENCE:
        return frozenset(Audience.values)
    if roles & TEAM:
        audiences |= {Audience.COMMITTEE, Audience.PARTNERS, Audience.DONOR}
    if Role.MEMBER in roles:
        audiences.add(Audience.COMMITTEE)
        if any(term.seat.is_voting for term in seats):
            audiences.add(Audience.VOTING)
    if Role.PARTNER in roles:
        audiences.add(Audience.PARTNERS)
    if Role.DONOR in roles:
        audiences.add(Audience.DONOR)
    return frozenset(audiences)


def people_known_in(project: Project) -> ContactQuerySet:
    """Returns the people whom the coordination of the project knows: who represent an institution
    in it or hold a seat, or did so before, and have not left."""
    represented = Representation.objects.filter(participation__project=project)
    seated = SeatTerm.objects.filter(seat__committee__project=project)
    return Contact.objects.current().filter(
        Q(pk__in=represented.values("contact")) | Q(pk__in=seated.values("contact"))
    )


def people_speaking_for(project: Project, institutions: Iterable[Institution]) -> list[Contact]:
    """Returns the contacts with an account who represent one of these institutions in the project
    today or hold a seat for it. People who do both, or twice, come once for each entry."""
    contacts = _speaking_for(project, institutions).filter(user__is_active=True)
    return list(contacts.select_related("user", "institution"))


def people_to_let_in(project: Project, institutions: Iterable[Institution]) -> list[Contact]:
    """Returns those who speak for one of these institutions, and have an address but no account
    yet."""
    contacts = _speaking_for(project, institutions).filter(user=None).exclude(email="")
    return list(contacts.order_by("pk"))


def everybody_speaking_for(project: Project, institutions: Iterable[Institution]) -> list[Contact]:
    """Returns those who speak for one of these institutions, whether or not a message reaches them."""
    contacts = _speaking_for(project, institutions).order_by("institution", "pk")
    return list(
        contacts.select_related("user", "institution").prefetch_related("institution__names")
    )


def _speaking_for(project: Project, institutions: Iterable[Institution]) -> ContactQuerySet:
    represented = Representation.objects.in_force().filter(participation__project=project)
    seated = SeatTerm.objects.giving_a_place().filter(seat__committee__project=project)
    return Contact.objects.current().filter(
        Q(pk__in=represented.values("contact")) | Q(pk__in=seated.values("contact")),
        institution__in=list(institutions),
    )


def may_see_history(user: User, project: Project) -> bool:
    """Whether the person may see the steps and their days, with roles; names are for the
    coordination."""
    return bool(roles_of(user, project) & (TEAM | {Role.MEMBER}))


def may_see_names(user: User, project: Project) -> bool:
    """Names in attendance are for the coordination; members see those who agreed."""
    return bool(roles_of(user, project) & SEES_NAMES)


def may_see_name(user: User, project: Project, person: Contact) -> bool:
    """A member reads the names of those who agreed; nobody else but the coordination does."""
    agreed = person.may_be_named and Role.MEMBER in roles_of(user, project)
    return agreed or may_see_names(user, project)


class ItemLeft(NamedTuple):
    """An agenda item from which every seat of a person, also as an alternate, is recused."""

    pk: int
    meeting: int
    audience: str


def items_left(user: User, projects: Iterable[Project | int]) -> list[ItemLeft]:
    """Return the items in these projects that the person left. Read once for each request, and
    only for projects in which they hold a seat."""
    keys = keys_of(projects) if user.is_authenticated else []
    learn_seats(user, keys)
    return [item for pk in keys for item in user.__dict__["_items_left"][pk]]


def _left(
    held: dict[int, list[SeatTerm]], recusals: Iterable[tuple[Any, ...]]
) -> dict[int, list[ItemLeft]]:
    """Return, by project, the items from which all seats that are held there are recused."""
    without: dict[tuple[int, ItemLeft], set[int]] = defaultdict(set)
    for item, meeting, audience, seat, project in recusals:
        without[project, ItemLeft(item, meeting, audience)].add(seat)
    found: dict[int, list[ItemLeft]] = defaultdict(list)
    for (project, item), recused in without.items():
        if {term.seat_id for term in held[project]} <= recused:
            found[project].append(item)
    return found


@prepared
def _recusals(user: int, projects: list[int]) -> QuerySet[Any, tuple[Any, ...]]:
    """Read the items from which any of the person's seats is recused, with the seat."""
    seats = _terms_of(user, projects).values("seat")
    rows = InterestDeclaration.items.through.objects.filter(
        interestdeclaration__recused=True, interestdeclaration__seat__in=seats
    )
    return rows.values_list(
        *("agendaitem", "agendaitem__meeting", "agendaitem__audience"),
        *("interestdeclaration__seat", "interestdeclaration__seat__committee__project"),
    ).order_by("pk")
