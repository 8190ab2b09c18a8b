"""Which of the stored news a person reads: by their roles of today, and by the states in which the
pages to which the news lead are now."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from committees.models import Audience, Meeting
from committees.permissions.meetings import OF_SEATS, item_seen, meeting_seen
from committees.permissions.minutes import statuses_seen as minutes_statuses
from committees.permissions.plans import answers_for_roles, answers_read_by, plans_seen
from committees.permissions.resolutions import resolutions_seen
from committees.permissions.roles import SEES_NAMES, items_left
from ibcr_portal.models import NewsItem, NewsKind
from ibcr_portal.reader import Reader, ReaderPlace, places_of
from kernel.keys import Keys
from projects.permissions.roles import EDITORS, TEAM, Role
from reports.models import Report
from reports.permissions.reports import origins_for, statuses_seen as report_statuses

LATE = timedelta(days=90)  # records of meetings longer ago are history and no news
COMMITTEE = TEAM | {Role.MEMBER}


def news_items(reader: Reader, since: datetime) -> QuerySet[NewsItem]:
    """Return what others recorded since, or the portal, of what the reader may see."""
    scope = _Scope(reader, since)
    seen = Q(pk__in=[])
    for place in places_of(reader):
        seen |= Q(project__in=Keys(place.projects)) & scope.seen_in(place)
    found = NewsItem.objects.filter(seen, at__gt=since, project__in=Keys(reader.keys))
    return found.exclude(by_key=reader.user.pk)


class _Scope:
    """The conditions for one reader."""

    def __init__(self, reader: Reader, since: datetime) -> None:
        self.since = since
        self.earliest = timezone.localdate(since) - LATE
        # Items of which all seats of the reader are recused, and those of them that are reserved.
        members = [pk for pk in reader.keys_where(Role.MEMBER) if not reader.works_for(pk)]
        left = [item for item in items_left(reader.user, members) if item.audience in OF_SEATS]
        self.left = [item.pk for item in left]
        self.reserved = [item.pk for item in left if item.audience == Audience.VOTING]

    def seen_in(self, place: ReaderPlace) -> Q:
        return (
            self._of_plans(place)
            | self._of_meetings(place)
            | self._of_minutes(place)
            | self._of_resolutions(place)
            | self._of_values(place)
            | self._of_reports(place)
        )

    def _of_plans(self, place: ReaderPlace) -> Q:
        """Answers that the reader may read. The committee and the team see who took which
        position; a partner those of its own."""
        roles = place.rights.roles
        kinds = [NewsKind.PROPOSAL, NewsKind.REMARK, NewsKind.REPLY]
        if not place.rights.is_team:
            kinds.append(NewsKind.SETTLED_PROPOSAL)
        answers = Q(kind__in=kinds)
        answers &= answers_read_by(*answers_for_roles(roles, place.spoken))
        positions = Q(kind=NewsKind.POSITION)
        if not roles & COMMITTEE:
            positions &= Q(institution__in=place.spoken)
        return (answers | positions) & plans_seen(roles, "plan__")

    def _of_meetings(self, place: ReaderPlace) -> Q:
        """Meetings that were to come when the news began, what changed of an agenda since the meeting
        was convened, and documents. The coordination and auditors see who comes."""
        roles, audiences = place.rights
        documents = Q(kind=NewsKind.DOCUMENT, audience__in=sorted(audiences))
        if not roles & COMMITTEE:
            return documents & Q(meeting=None)  # they see no meeting
        called = [NewsKind.CONVENED, NewsKind.CANCELLED]
        found = documents | Q(kind__in=called, meeting__starts_at__gt=self.since)
        convened = NewsItem.objects.filter(kind=NewsKind.CONVENED, thing=OuterRef("meeting"))
        last = Subquery(convened.order_by("-at").values("at")[:1])
        announced = [Meeting.Status.CONVENED, Meeting.Status.FROZEN]
        found |= Q(kind=NewsKind.AGENDA_ITEM, meeting__status__in=announced, at__gt=last)
        left = [] if place.rights.is_team else self.left
        found &= Q(item=None) | item_seen(audiences, bool(roles & EDITORS), left, "item__")
        if meeting := meeting_seen(roles, "meeting__"):
            found &= Q(meeting=None) | meeting
        return found | Q(kind=NewsKind.INVITATION) if roles & SEES_NAMES else found

    def _of_minutes(self, place: ReaderPlace) -> Q:
        """Members and the team read comments on minutes; those on reserved items their audience."""
        roles, audiences = place.rights
        found = Q(kind__in=[NewsKind.CIRCULATED, NewsKind.ADOPTED])
        found &= Q(meeting__starts_at__date__gte=self.earliest)
        if roles & COMMITTEE:
            comments = Q(kind__in=[NewsKind.COMMENT, NewsKind.COMMENT_ANSWERED])
            comments &= Q(item=None) | Q(item__audience__in=sorted(audiences))
            if self.reserved and not place.rights.is_team:
                comments &= Q(item=None) | ~Q(item__in=self.reserved)
            found |= comments
        return found & Q(minutes__status__in=sorted(minutes_statuses(roles)))

    def _of_resolutions(self, place: ReaderPlace) -> Q:
        """A resolution is new when it is recorded, since minutes are often typed in a week late;
        those of old minutes are history and no news."""
        roles, audiences = place.rights
        left = ([], []) if place.rights.is_team else (self.reserved, self.left)
        seen = resolutions_seen(Keys(place.projects), roles, audiences, *left)
        resolved = Q(kind=NewsKind.RESOLVED, resolution__resolved_on__gte=self.earliest)
        is_seen = Exists(seen.filter(pk=OuterRef("resolution")))
        return (Q(kind=NewsKind.RECOMMENDATION) | resolved) & Q(is_seen)

    def _of_values(self, place: ReaderPlace) -> Q:
        """The team checks what is submitted; others see what was approved."""
        kind = NewsKind.VALUE if place.rights.is_team else NewsKind.APPROVED_VALUE
        return Q(kind=kind)

    def _of_reports(self, place: ReaderPlace) -> Q:
        roles = place.rights.roles
        remarks = Q(kind__in=[NewsKind.REPORT_REMARK, NewsKind.REPORT_REMARK_ANSWERED])
        remarks &= Q(audience__in=sorted(origins_for(roles)))
        published = Q(kind=NewsKind.PUBLISHED, report__status=Report.Status.PUBLISHED)
        published &= Q(report__published_on__gte=self.earliest)
        found = remarks | published
        if roles & (TEAM | {Role.DONOR}):
            found |= Q(kind=NewsKind.ACCEPTED)
        return found & Q(report__status__in=sorted(report_statuses(roles)))
