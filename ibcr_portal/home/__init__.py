"""The home page: what a person does today and this week, what is late, coming events, and news.

Each list reads what the person may see with the same number of statements, whatever the number of
projects. Obligations come from `ibcr_portal.obligations`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from accounts.models import User
from ibcr_portal.home.due import SHOWN, HomeLine, LateProject, due_on_home, waiting_lines
from ibcr_portal.home.library import ProjectReports, RoleNote, projects_reports, role_note
from ibcr_portal.news.reading import NewsLine, latest_news
from ibcr_portal.obligations.writing import Obligations
from ibcr_portal.reader import Reader
from projects.models import Project

WEEK = timedelta(days=7)


@dataclass
class Home:
    """`today` is what is due today, and what waits without a day; `later` what is due after `week`."""

    day: date
    today: list[HomeLine] = field(default_factory=list)
    week: list[HomeLine] = field(default_factory=list)
    later: list[HomeLine] = field(default_factory=list)
    late: list[LateProject] = field(default_factory=list)
    late_projects: int = 0
    coming: list[HomeLine] = field(default_factory=list)
    news: list[NewsLine] = field(default_factory=list)
    projects_reports: list[ProjectReports] = field(default_factory=list)
    projects: list[Project] = field(default_factory=list)
    note: RoleNote | None = None

    @property
    def waiting(self) -> list[HomeLine]:
        """All that waits for the person, in the order of the page."""
        late = [line for project in self.late for line in project.lines]
        return [*self.today, *self.week, *late, *self.later]

    @property
    def more_late_projects(self) -> int:
        return self.late_projects - len(self.late)


def home_for(user: User) -> Home:
    reader = Reader(user)
    due = due_on_home(Obligations(reader))
    home = Home(
        day=reader.today,
        late=due.late,
        late_projects=due.late_projects,
        coming=due.coming,
        news=latest_news(reader, SHOWN),
        projects_reports=projects_reports(reader),
        projects=reader.newest(SHOWN),
        note=role_note(reader),
    )
    _by_day(home, waiting_lines(reader, due.waiting))
    return home


def _by_day(home: Home, lines: Iterable[HomeLine]) -> None:
    for line in lines:
        if line.on is None or line.on <= home.day:
            home.today.append(line)
        else:
            (home.week if line.on <= home.day + WEEK else home.later).append(line)
