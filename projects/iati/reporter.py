"""Who reports a project to IATI."""

from kernel.organisation import organisation
from projects.models import Project

# Of the demonstration, so that its files can be looked at: visibly nobody.
FICTITIOUS = "XX-FICTITIOUS-01"


def reporter_of(project: Project) -> str:
    """Return the identifier of the organisation as it is registered: never invented."""
    return FICTITIOUS if project.demonstration else organisation().iati_identifier
