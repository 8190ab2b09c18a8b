"""Why nothing of a closed project is changed, and for the page that says so, of which project."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from kernel.formats import day
from projects.models import Project


class ProjectIsClosed(PermissionDenied):
    def __init__(self, project: Project) -> None:
        self.project = project
        super().__init__(
            _(
                "The project was closed on %(day)s and is only read now. "
                "An administrator can reopen it, with a reason."
            )
            % {"day": day(project.closed_on)}
        )
