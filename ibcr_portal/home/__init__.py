"""The home page: tasks that wait for a person, coming events, and news since their last visit.

Every list starts from the querysets of what the person may see, and its number of queries does not
depend on the number of projects. Obligations come from `ibcr_portal.obligations`.
"""

from dataclasses import dataclass, field

from accounts.models import User
from ibcr_portal.home.due import due_on_home
from ibcr_portal.home.library import ProjectReports, reports_by_project
from ibcr_portal.home.line import SHOWN, HomeLine
from ibcr_portal.home.news import news_of
from ibcr_portal.home.waiting import waiting_for
from ibcr_portal.reader import Reader
from projects.models import Project


@dataclass
class Home:
    waiting: list[HomeLine] = field(default_factory=list)
    coming: list[HomeLine] = field(default_factory=list)
    news: list[HomeLine] = field(default_factory=list)
    projects_reports: list[ProjectReports] = field(default_factory=list)
    projects: list[Project] = field(default_factory=list)


def home_for(user: User) -> Home:
    reader = Reader(user)
    due, coming = due_on_home(reader)
    return Home(
        waiting=waiting_for(reader, due),
        coming=coming,
        news=news_of(reader),
        projects_reports=reports_by_project(reader),
        projects=reader.newest(SHOWN),
    )
