"""What decides which news a person sees, as one prepared statement for each kind takes it.

Rows are read when the page is: the roles are those of today, and the conditions are those of the
pages to which the news lead.
"""

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
from kernel.prepared import Moment, prepared
from projects.permissions.roles import Role

LATE = timedelta(days=90)  # records of meetings longer ago are history and no news


class NewsScope:
    """The conditions for one reader. Keys are numbers, or places for them."""

    def __init__(
        self,
        moments: tuple[datetime, date],
        user: int,
        most: int,
        rights: Sequence[PlaceRights],
        keys: Sequence[list[int]],
    ) -> None:
        # The moment since which things are new, and the day before which all is history.
        self.since, self.earliest = moments
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
        places = places_of(reader)
        self.rights = tuple(place.rights for place in places)
        members = [pk for pk in reader.keys_where(Role.MEMBER) if not reader.works_for(pk)]
        left = [item for item in items_left(reader.user, members) if item.audience in OF_SEATS]
        self.keys = [
            [item.pk for item in left],
            [item.pk for item in left if item.audience == Audience.VOTING],
            *(keys for _rights, *lists in places for keys in lists),
        ]


Source = Callable[[NewsKeys], list[Any]]


def news_source(build: Callable[[NewsScope], QuerySet[Any, Any]]) -> Source:
    """Make a function that returns the rows of one kind of news."""

    @prepared
    def statement(
        since: Moment,
        earliest: Moment,
        user: int,
        most: str,
        rights: tuple[PlaceRights, ...],
        *keys: list[int],
    ) -> QuerySet[Any, Any]:
        moments = (since.value, earliest.value)
        return build(NewsScope(moments, user, int(most), rights, keys))

    def rows(reader: NewsKeys) -> list[Any]:
        earliest = timezone.localdate(reader.since) - LATE
        days = (Moment(reader.since), Moment(earliest))
        return statement(*days, reader.user, str(reader.most), reader.rights, *reader.keys)

    return rows
