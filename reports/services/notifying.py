"""Notifies the donor's people and the team by mail about the steps of a report. Comments and answers
are in the daily message (`ibcr_portal.news`).

Each message is in the language of its reader and leads to the page.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from functools import partial

from django.utils import timezone

from accounts.mail import send_to_person
from accounts.models import User
from projects.models import Assignment, Participation, Project, Representation
from reports.letters import report_letter
from reports.models import Report

# The members of the team who answer for the report; the others find the news on its page.
ANSWERING = (Assignment.Role.COORDINATOR, Assignment.Role.MONITORING)


class ReportNoticeKind(StrEnum):
    # To the donor.
    SUBMITTED = "submitted"
    RESUBMITTED = "resubmitted"
    PUBLISHED = "published"
    # To the team.
    RETURNED = "returned"
    ACCEPTED = "accepted"


# Nobody is notified of a step that was taken longer ago and entered only now.
NEWS_LASTS = timedelta(days=90)


def notify_donor(
    report: Report, news: ReportNoticeKind, *, by: User | None, on: date | None = None
) -> int:
    """Write to the donor's people, unless the step happened long ago; return the number of
    messages.

    `on` is the day on which the step happened.
    """
    return 0 if is_old_news(on) else _notify(people_of_donor(report.project), report, news, by=by)


def notify_team(
    report: Report, news: ReportNoticeKind, *, by: User | None, on: date | None = None
) -> int:
    return 0 if is_old_news(on) else _notify(people_of_team(report.project), report, news, by=by)


def is_old_news(on: date | None) -> bool:
    return on is not None and timezone.localdate() - on > NEWS_LASTS


def people_of_donor(project: Project) -> list[User]:
    """Return the people who represent the donor, or the embassy that speaks for it."""
    rows = Representation.objects.in_force().filter(
        participation__project=project, participation__role__in=Participation.DONOR_ROLES
    )
    people = User.objects.filter(pk__in=rows.values("contact__user"), is_active=True)
    return list(people)


def people_of_team(project: Project) -> list[User]:
    assigned = Assignment.objects.current().filter(project=project, role__in=ANSWERING)
    return list(User.objects.filter(assignments__in=assigned, is_active=True).distinct())


def _notify(
    people: Iterable[User], report: Report, news: ReportNoticeKind, *, by: User | None
) -> int:
    """Write to all but the person who took the step; return the number of messages."""
    messages = 0
    for person in people:
        if by is not None and person.pk == by.pk:
            continue
        messages += bool(
            send_to_person(person, partial(report_letter, report, news.value), by=by, about=report)
        )
    return messages
