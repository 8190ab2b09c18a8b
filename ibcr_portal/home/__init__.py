"""The home page: what waits for a person, what is next, and what is new since their last visit.

Every list starts from the querysets of what the person may see, and asks as many queries for
one project as for a hundred. What is due comes from `ibcr_portal.obligations`.
"""

from dataclasses import dataclass, field

from accounts.models import User
from ibcr_portal.home.library import ProjectReports, shelves_of
from ibcr_portal.home.line import SHOWN, HomeLine
from ibcr_portal.home.news import news_of
from ibcr_portal.home.waiting import coming_to, waiting_for
from ibcr_portal.obligations import obligations_of
from ibcr_portal.reader import Reader
from projects.models import Project


@dataclass
class Home:
    waiting: list[HomeLine] = field(default_factory=list)
    coming: list[HomeLine] = field(default_factory=list)
    news: list[HomeLine] = field(default_factory=list)
    shelves: list[ProjectReports] = field(default_factory=list)
    projects: list[Project] = field(default_factory=list)


def home_for(user: User) -> Home:
    reader = Reader(user)
    due = obligations_of(reader)
    return Home(
        waiting=waiting_for(reader, due),
        coming=coming_to(due),
        news=news_of(reader),
        shelves=shelves_of(reader),
        projects=sorted(reader.projects, key=lambda project: project.starts_on, reverse=True)[
            :SHOWN
        ],
    )
