"""What decides which news a person sees, as one prepared statement for each kind takes it.

Rows are read when the page is: the roles are those of today, and the conditions are those of the
pages to which the news lead.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from committees.models import Audience
from committees.permissions.meetings import OF_SEATS
from committees.permissions.roles import items_left, projects_by_roles
from ibcr_portal.reader import Reader
from kernel.lifecycle import StatusChange
from kernel.prepared import Moment, Question, prepared
from projects.permissions.roles import TEAM, Role, represented_in, spoken_for

LATE = timedelta(days=90)  # records of meetings longer ago are history and no news


class NewsRights(NamedTuple):
    roles: frozenset[Role]
    audiences: frozenset[str]

    @property
    def is_team(self) -> bool:
        return bool(self.roles & TEAM)


class NewsPlace(NamedTuple):
    """Projects in which the person has the same rights, and the institutions that they represent
    there, and for which they speak."""

    rights: NewsRights
    projects: list[int]
    represented: list[int]
    spoken: list[int]


class NewsScope:
    """The conditions for one reader. Keys are numbers, or places for them."""

    def __init__(
        self,
        moments: tuple[datetime, date],
        user: int,
        most: int,
        rights: Sequence[NewsRights],
        keys: Sequence[list[int]],
    ) -> None:
        # The moment since which things are new, and the day before which all is history.
        self.since, self.earliest = moments
        self.user, self.most = user, most
        # Items of which all seats of the reader are recused, and those of them that are reserved.
        self.left, self.reserved, *places = keys
        self.places = [
            NewsPlace(*each)
            for each in zip(rights, places[::3], places[1::3], places[2::3], strict=True)
        ]

    def of_others(self, by: str = "by") -> Q:
        """Match what somebody else did, or the portal."""
        return Q(**{by: None}) | ~Q(**{by: self.user})

    def steps(self, model: type[Model], *verbs: str) -> QuerySet[StatusChange]:
        """Return these steps of things of that kind that others took since."""
        # By its name: the statement is kept, and the key is another one in another database.
        taken = StatusChange.objects.filter(
            content_type__app_label=model._meta.app_label,
            content_type__model=model._meta.model_name,
            verb__in=verbs,
            recorded_at__gt=self.since,
        )
        return taken.filter(self.of_others()).order_by()


class NewsKeys:
    """A reader as the statements take them, and from which moment things are new."""

    def __init__(self, reader: Reader, *, since: datetime, most: int) -> None:
        self.user, self.since, self.most = reader.user.pk, since, most
        places = _alike(reader)
        self.rights = tuple(place.rights for place in places)
        members = [pk for pk in reader.keys_where(Role.MEMBER) if not reader.works_for(pk)]
        left = [item for item in items_left(reader.user, members) if item.audience in OF_SEATS]
        self.keys = [
            [item.pk for item in left],
            [item.pk for item in left if item.audience == Audience.VOTING],
            *(keys for _rights, *lists in places for keys in lists),
        ]


def _alike(reader: Reader) -> list[NewsPlace]:
    represented = represented_in(reader.user, reader.keys)
    spoken = spoken_for(reader.user, reader.keys)
    groups: dict[tuple[NewsRights, frozenset[int], frozenset[int]], list[int]] = defaultdict(list)
    for (roles, audiences), projects in projects_by_roles(reader.user, reader.keys).items():
        for pk in projects if roles else ():
            own = frozenset(row.institution for row in represented.get(pk, ()))
            groups[NewsRights(roles, audiences), own, spoken.get(pk, frozenset())].append(pk)
    # In an order of their own, so that people with the same rights share a statement.
    in_order = sorted(groups.items(), key=lambda each: str([sorted(part) for part in each[0][0]]))
    return [
        NewsPlace(rights, projects, sorted(own), sorted(speaks))
        for (rights, own, speaks), projects in in_order
    ]


Source = Callable[[NewsKeys], Question[Any]]


def news_source(build: Callable[[NewsScope], QuerySet[Any, Any]]) -> Source:
    """Prepare the question for one kind of news."""

    @prepared
    def statement(
        since: Moment,
        earliest: Moment,
        user: int,
        most: str,
        rights: tuple[NewsRights, ...],
        *keys: list[int],
    ) -> QuerySet[Any, Any]:
        moments = (since.value, earliest.value)
        return build(NewsScope(moments, user, int(most), rights, keys))

    def ask(reader: NewsKeys) -> Question[Any]:
        earliest = timezone.localdate(reader.since) - LATE
        days = (Moment(reader.since), Moment(earliest))
        return statement.question(*days, reader.user, str(reader.most), reader.rights, *reader.keys)

    return ask
