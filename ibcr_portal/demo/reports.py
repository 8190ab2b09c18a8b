"""The annual reports of the demonstration: written, signed off and published on their days."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.utils import timezone

from ibcr_portal.demo.loader import ProjectLoader
from ibcr_portal.demo.plans import Event
from ibcr_portal.demo.texts import Data, day, read
from projects.models import Result
from reports.models import Report, SectionPlace, home_of
from reports.services.steps import accept_report, publish_report, sign_off, submit_report
from reports.services.writing import create_report, save_section


class DemoReports:
    def __init__(self, loaded: ProjectLoader) -> None:
        self.loaded = loaded
        self.by = loaded.coordinator
        self.signer = loaded.people.users["monitoring"]

    def events(self) -> Iterator[Event]:
        facts = self.loaded.data.get("report")
        if not facts:
            return
        signed = day(facts.get("signed_off_on")) or timezone.localdate()
        written = signed - timedelta(days=14)
        yield written, lambda: self._write(facts)
        yield written, lambda: self.report.take("review", by=self.by, on=written)
        for name, happen in self._steps().items():
            if name in facts:
                yield day(facts[name]), self._later(happen, facts, name)

    def _steps(self) -> dict[str, Callable]:
        """Return by the name of its date in the file the step to take on that day."""
        return {
            "signed_off_on": lambda on: sign_off(self.report, by=self.signer, on=on),
            "presented_on": lambda on: self.report.take("present", by=self.by, on=on),
            "submitted_on": lambda on: submit_report(self.report, by=self.by, on=on),
            "accepted_on": lambda on: accept_report(
                self.report, by=self.by, on=on, reference="Lettre d’exemple du donateur"
            ),
            "published_on": lambda on: publish_report(self.report, by=self.by, on=on),
        }

    @staticmethod
    def _later(happen: Callable, facts: Data, name: str) -> Callable[[], None]:
        return lambda: happen(day(facts[name]))

    def _write(self, facts: Data) -> None:
        self.report: Report = create_report(
            self.loaded.periods[facts["year"]], by=self.by, illustrative=True
        )
        more = read(facts["texts"]) if "texts" in facts else {}
        for kind, texts in (facts["sections"] | more.get("sections", {})).items():
            write_texts(self.report, SectionPlace(kind), texts)
        for code, texts in more.get("results", {}).items():
            result = Result.objects.select_related("project").get(
                project=self.loaded.project, code=code
            )
            write_texts(self.report, SectionPlace(home_of(result).value, result), texts)


def write_texts(report: Report, place: SectionPlace, texts: Data) -> None:
    """Write a section of the report in each of these languages."""
    for language, text in texts.items():
        save_section(
            report,
            place.kind,
            language,
            text,
            seen_version=0,
            by=report.written_by,
            result=place.result,
        )
