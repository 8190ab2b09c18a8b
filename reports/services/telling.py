"""Who is told by mail what became of a report: the donor's people and the team, each in their own
language, in words that tell nothing to whoever looks over a shoulder; the rest is on the page."""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.links import absolute_url
from accounts.mail import send_to_person
from accounts.models import User
from partners.models import Contact
from projects.models import Assignment, Participation, Project
from reports.models import Report

MESSAGE = "reports/email/news"
# Those of the team who write and answer; finance and readers find it on the page.
ANSWERING = (Assignment.Role.COORDINATOR, Assignment.Role.MONITORING)


class ReportNoticeKind(StrEnum):
    # To the donor.
    SUBMITTED = "submitted"
    RESUBMITTED = "resubmitted"
    ANSWERED = "answered"
    PUBLISHED = "published"
    # To the team.
    COMMENTED = "commented"
    RETURNED = "returned"
    ACCEPTED = "accepted"


# What comes several times in an hour: one message a day says that there is something to read.
ONCE_A_DAY = frozenset({ReportNoticeKind.ANSWERED, ReportNoticeKind.COMMENTED})
# Of steps that were taken longer ago than that nobody is told any more.
NEWS_LASTS = timedelta(days=90)


def tell_donor(
    report: Report, news: ReportNoticeKind, *, by: User | None, on: date | None = None
) -> int:
    """on: the day it happened on; what is typed in long afterwards is no news."""
    return 0 if is_history(on) else _tell(donor_people(report.project), report, news, by=by)


def tell_team(
    report: Report, news: ReportNoticeKind, *, by: User | None, on: date | None = None
) -> int:
    return 0 if is_history(on) else _tell(team_people(report.project), report, news, by=by)


def is_history(on: date | None) -> bool:
    return on is not None and timezone.localdate() - on > NEWS_LASTS


def donor_people(project: Project) -> list[User]:
    """Those who speak for the donor, or for the embassy that represents it, and have access."""
    contacts = Contact.objects.current().filter(
        institution__participations__project=project,
        institution__participations__role__in=Participation.DONOR_ROLES,
    )
    return list(User.objects.filter(contacts__in=contacts, is_active=True).distinct())


def team_people(project: Project) -> list[User]:
    assigned = Assignment.objects.current().filter(project=project, role__in=ANSWERING)
    return list(User.objects.filter(assignments__in=assigned, is_active=True).distinct())


def _tell(
    people: Iterable[User], report: Report, news: ReportNoticeKind, *, by: User | None
) -> int:
    """How many were written to; who did it needs no message."""
    told = 0
    for person in people:
        if by is not None and person.pk == by.pk:
            continue
        key = ""
        if news in ONCE_A_DAY:
            key = f"report:{report.pk}:{news}:{timezone.localdate()}:{person.pk}"
        told += bool(
            send_to_person(
                person,
                MESSAGE,
                {
                    "news": news.value,
                    "report": report,
                    "project": report.project,
                    "url": absolute_url(report.get_absolute_url()),
                },
                subject=gettext_lazy("A page for you"),
                key=key,
            )
        )
    return told
