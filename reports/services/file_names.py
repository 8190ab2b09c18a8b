"""The names of the files that people download."""

from accounts.models import User
from committees.models import ActionPlan, Audience, Meeting
from projects.models import Period, Project
from projects.permissions.roles import reads_full_names
from reports.kinds import file_name
from reports.models import About, Rendition, Report
from reports.permissions.documents import PERSONAL


def name_for(user: User, about: About, *, language: str, audience: str) -> str:
    """Return the name of a file for the person who takes it: with project, period and audience for
    the team and the donor, neutral for everybody else.

    Whoever comes by a link gets `neutral_name`, and so does everybody for a document about one person
    or institution, which is handed on.
    """
    if about.kind in PERSONAL or not reads_full_names(user, about.project):
        return neutral_name(about, language)
    parts = (about.project.code, file_name(about), _days(about), Audience(audience).label, language)
    return " ".join(str(part) for part in parts if part)


def name_of_rendition(user: User, rendition: Rendition) -> str:
    about = rendition.snapshot.about
    return name_for(user, about, language=rendition.language, audience=rendition.audience)


def name_of_data(user: User, report: Report, figure: str) -> str:
    """Return the name of a file with the data behind a figure of a report, such as “figure-3”."""
    about = About(report)
    return name_in_project(user, report.project, file_name(about), _days(about), figure)


def name_in_project(user: User, project: Project, *words: object) -> str:
    """Return the name of a file that is no document, such as an archive: with the project for those
    who read full names."""
    parts = (project.code if reads_full_names(user, project) else "", *words)
    return " ".join(str(part) for part in parts if part)


def years_of(period: Period) -> str:
    return "-".join(str(year) for year in dict.fromkeys((period.start.year, period.end.year)))


def neutral_name(about: About, language: str) -> str:
    return f"{file_name(about)} {language}"


def _days(about: About) -> str:
    """Return the years and the version of a report or a plan, or the day of a meeting."""
    thing = about.page
    if isinstance(thing, Report | ActionPlan):
        return f"{years_of(thing.period)} v{thing.version}"
    return thing.day.isoformat() if isinstance(thing, Meeting) else ""
