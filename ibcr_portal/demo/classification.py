"""Sectors, markers and targets of the demonstration's projects, in the codes of donors."""

from ibcr_portal.demo.texts import read
from projects import codelists
from projects.models import Classification, Project, ProjectMarker, ProjectSector, ProjectTag


def classify(project: Project) -> None:
    facts = read("classification").get(project.code, {})
    for code, percentage in facts.get("sectors", {}).items():
        ProjectSector.objects.create(project=project, code=code, percentage=percentage)
    for code in facts.get("targets", []):
        ProjectTag.objects.create(project=project, code=code)
    for code, level_or_code in facts.get("markers", {}).items():
        level = level_or_code if level_or_code in codelists.GENDER_LEVELS else ""
        ProjectMarker.objects.create(
            project=project,
            code=code,
            gender_level=level,
            significance=codelists.SIGNIFICANCE_OF_LEVEL.get(level_or_code, level_or_code),
        )
    if facts:
        Classification.objects.create(project=project, **Classification.USUAL)
