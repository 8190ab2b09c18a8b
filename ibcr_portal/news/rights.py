"""What decides which news a person sees: the roles of today, and the conditions of the pages to which
the news lead."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from committees.models import Audience
from committees.permissions.meetings import OF_SEATS
from committees.permissions.roles import items_left
from ibcr_portal.reader import PlaceRights, Reader, ReaderPlace, places_of
from kernel.lifecycle import StatusChange
from kernel.prepared import prepared
from projects.permissions.roles import Role

LATE = timedelta(days=90)  # records of meetings longer ago are history and no news


class NewsScope:
    """The conditions for one reader."""

    def __init__(
        self,
        since: datetime,
        earliest: date,
        user: int,
        most: int,
        rights: Sequence[PlaceRights],
        keys: Sequence[list[int]],
    ) -> None:
        # The moment since which things are new, and the day before which all is history.
        self.since, self.earliest = since, earliest
        self.user, self.most = user, most
        # Items of which all seats of the reader are recused, and those of them that are reserved.
        self.left, self.reserved, *places = keys
        self.places = [
            ReaderPlace(*each)
            for each in zip(rights, places[::3], places[1::3], places[2::3], strict=True)
        ]

    def of_others(self, by: str = "by") -> Q:
        """Match what somebody else did, or the portal."""
        return Q(**{by: None}) | ~Q(**{by: self.user})

    def steps(self, model: type[Model], *verbs: str) -> QuerySet[StatusChange]:
        """Return these steps of things of that kind that others took since."""
        taken = StatusChange.objects.filter(
            content_type__app_label=model._meta.app_label,
            content_type__model=model._meta.model_name,
            verb__in=verbs,
            recorded_at__gt=self.since,
        )
        return taken.filter(self.of_others()).order_by()


class NewsReader:
    """A reader, from which moment things are new, and how many lines of each kind they get."""

    def __init__(self, reader: Reader, *, since: datetime, most: int) -> None:
        self.user, self.since, self.most = reader.user.pk, since, most
        self.earliest = timezone.localdate(since) - LATE
        places = places_of(reader)
        self.rights = tuple(place.rights for place in places)
        members = [pk for pk in reader.keys_where(Role.MEMBER) if not reader.works_for(pk)]
        left = [item for item in items_left(reader.user, members) if item.audience in OF_SEATS]
        self.keys = [
            [item.pk for item in left],
            [item.pk for item in left if item.audience == Audience.VOTING],
            *(keys for _rights, *lists in places for keys in lists),
        ]

    @property
    def scope(self) -> NewsScope:
        return NewsScope(self.since, self.earliest, self.user, self.most, self.rights, self.keys)


Source = Callable[[NewsReader], list[Any]]


def counted_source(build: Callable[[NewsScope], QuerySet[Any, Any]]) -> Source:
    """Make a function that returns the rows of one kind of news. A home page asks for nineteen, whose
    unions take Django longer to build than the database to answer."""

    @prepared
    def statement(
        since: datetime,
        earliest: date,
        user: int,
        most: str,
        rights: tuple[PlaceRights, ...],
        *keys: list[int],
    ) -> QuerySet[Any, Any]:
        return build(NewsScope(since, earliest, user, int(most), rights, keys))

    def rows(reader: NewsReader) -> list[Any]:
        most = str(reader.most)  # a part of the statement
        return statement(
            reader.since, reader.earliest, reader.user, most, reader.rights, *reader.keys
        )

    return rows
