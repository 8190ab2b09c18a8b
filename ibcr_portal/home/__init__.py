"""The home page: tasks that wait for a person, coming events, and what is new for them.

Each list reads what the person may see with the same number of statements, whatever the number of
projects. Obligations come from `ibcr_portal.obligations`.
"""

from dataclasses import dataclass, field

from accounts.models import User
from ibcr_portal.home.due import SHOWN, HomeLine, due_on_home, waiting_lines
from ibcr_portal.home.library import ProjectReports, RoleNote, projects_reports, role_note
from ibcr_portal.news.reading import NewsLine, latest_news
from ibcr_portal.obligations.writing import Obligations
from ibcr_portal.reader import Reader
from projects.models import Project


@dataclass
class Home:
    waiting: list[HomeLine] = field(default_factory=list)
    coming: list[HomeLine] = field(default_factory=list)
    news: list[NewsLine] = field(default_factory=list)
    projects_reports: list[ProjectReports] = field(default_factory=list)
    projects: list[Project] = field(default_factory=list)
    note: RoleNote | None = None


def home_for(user: User) -> Home:
    reader = Reader(user)
    due, coming = due_on_home(Obligations(reader))
    return Home(
        waiting=waiting_lines(reader, due),
        coming=coming,
        news=latest_news(reader, SHOWN),
        projects_reports=projects_reports(reader),
        projects=reader.newest(SHOWN),
        note=role_note(reader),
    )
