"""The demonstration is as if everything had been entered in its time, so that it can be late."""

from django.db.models import Model

from committees.models import Action, Committee, Resolution
from projects.models import Indicator, Participation, Period, Project, ReportingDuty

# By model, the way from its rows to the project.
WAYS: dict[type[Model], str] = {
    Project: "pk",
    Participation: "project",
    Period: "project",
    ReportingDuty: "project",
    Indicator: "result__project",
    Committee: "project",
    Resolution: "committee__project",
    Action: "project",
}


def enter_in_time(project: Project) -> None:
    for model, way in WAYS.items():
        rows = model._base_manager.filter(**{way: project.pk})
        rows.update(entered_on=project.starts_on)
