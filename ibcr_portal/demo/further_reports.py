"""Reports of the demonstration in other forms, for `docs/samples` alone: a final one, and those of other
donors. The demonstration itself has one report a project, so that its pages stay clear."""

from ibcr_portal.demo.reports import write_texts
from ibcr_portal.demo.texts import Data, day, read
from projects.models import Period, Project
from reports.models import Report, ReportPreset, SectionPlace, home_of
from reports.services.steps import sign_off
from reports.services.writing import create_report

FILE = "honduras_final"


def write_further_reports(project: Project) -> dict[str, Report]:
    """Write the reports and sign them off, and return them by the keys of their presets."""
    return {row["preset"]: _write(project, row) for row in read(FILE)["report"]}


def _write(project: Project, facts: Data) -> Report:
    first = project.reports.earliest("signed_off_on")
    by, signer = first.written_by, first.signed_off_by
    assert signer is not None  # the demonstration has signed it
    preset = ReportPreset.objects.get(key=facts["preset"])
    years = project.periods.filter(kind=Period.Kind.PROJECT_YEAR)
    period = years.get(number=facts["year"])
    report = create_report(period, by=by, preset=preset, illustrative=True)
    if facts.get("copied"):
        _copy(first, report)
    for kind, texts in facts.get("sections", {}).items():
        write_texts(report, SectionPlace(kind), texts)
    for code, texts in facts.get("results", {}).items():
        result = project.results.get(code=code)
        write_texts(report, SectionPlace(home_of(result).value, result), texts)
    signed = day(facts["signed_off_on"])
    report.take("review", by=by, on=signed)
    sign_off(report, by=signer, on=signed)
    return report


def _copy(first: Report, report: Report) -> None:
    """Write the texts of the first report on what the other one asks for, too."""
    kinds = {row.kind for row in report.preset.rows}
    for section in first.sections.filter(kind__in=kinds).select_related("result__project"):
        place = SectionPlace(section.kind, section.result)
        write_texts(report, place, {section.language: section.text})
