"""The home page: tasks that wait for a person, coming events, and what is new for them.

Each list asks for what the person may see, whatever the number of projects; all of them are asked
together, and then all that is needed to show what they found. Obligations come from `ibcr_portal.obligations`.
"""

from dataclasses import dataclass, field

from accounts.models import User
from ibcr_portal.home.due import DueOnHome
from ibcr_portal.home.library import Library, ProjectReports
from ibcr_portal.home.line import SHOWN, HomeLine
from ibcr_portal.home.roles import RoleNote, role_note
from ibcr_portal.home.waiting import Waiting
from ibcr_portal.news.reading import News, NewsLine
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
    due, waiting, news, library = (
        DueOnHome(reader),
        Waiting(reader),
        News(reader, SHOWN),
        Library(reader),
    )
    due.ask(beside=[*waiting.questions, *news.questions, *library.questions])
    waits, coming = due.lines(beside=library.files_to_ask)
    return Home(
        waiting=waiting.lines(waits),
        coming=coming,
        news=news.lines()[:SHOWN],
        projects_reports=library.projects_reports(),
        projects=reader.newest(SHOWN),
        note=role_note(reader),
    )
