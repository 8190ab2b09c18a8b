"""What decides which news a person sees: the roles of today, and the conditions of the pages to which
the news lead."""

from datetime import datetime, timedelta

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from committees.models import Audience
from committees.permissions.meetings import OF_SEATS
from committees.permissions.roles import items_left
from ibcr_portal.reader import Reader, places_of
from kernel.lifecycle import StatusChange
from projects.permissions.roles import Role

LATE = timedelta(days=90)  # records of meetings longer ago are history and no news


class NewsScope:
    """A reader, the moment since which things are new, and how many lines of each kind they get."""

    def __init__(self, reader: Reader, *, since: datetime, most: int) -> None:
        self.user, self.since, self.most = reader.user.pk, since, most
        self.earliest = timezone.localdate(since) - LATE
        self.places = places_of(reader)
        members = [pk for pk in reader.keys_where(Role.MEMBER) if not reader.works_for(pk)]
        left = [item for item in items_left(reader.user, members) if item.audience in OF_SEATS]
        # Items of which all seats of the reader are recused, and those of them that are reserved.
        self.left = [item.pk for item in left]
        self.reserved = [item.pk for item in left if item.audience == Audience.VOTING]

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
