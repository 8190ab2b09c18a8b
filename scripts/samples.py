"""Documents of the Honduras demonstration as files, for people who look before they sign in:
`docs/samples/`.

A scratch portal is set up, the demonstration loaded, and each document rendered as its readers
download it. Equal code and libraries give equal bytes, on whatever day.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "samples"
LANGUAGES = ("fr", "es", "en")
# A letter has the day on which it is made: that of the convocation.
LETTER_DAY = "2020-08-18T16:00:00+00:00"


@dataclass(frozen=True)
class Sample:
    """One document in some languages; `thing` is its name in `THINGS`, `day` when it is made."""

    name: str
    kind: str
    thing: str
    audience: str
    languages: tuple[str, ...] = LANGUAGES
    ending: str = "pdf"
    day: str = ""

    def file(self, language: str) -> str:
        return f"{self.name}-{language}.{self.ending}"


# Those that show the languages are in all three, the other forms of a report in one each.
SAMPLES = (
    Sample("honduras-year-1", "annual_report", "annual", "donor"),
    Sample("honduras-year-1", "annual_report", "annual", "donor", ("en",), ending="docx"),
    Sample("honduras-final", "annual_report", "gac-final", "donor", ("en",)),
    Sample("honduras-european-union", "annual_report", "eu-interim", "donor", ("fr",)),
    Sample("honduras-8-3", "annual_report", "harmonised-8-3", "donor", ("es",)),
    Sample("honduras-minutes-1", "minutes", "meeting 1", "committee"),
    Sample("honduras-plan-2", "plan", "plan 2", "committee"),
    Sample("honduras-convocation-2", "letter", "meeting 2", "committee", day=LETTER_DAY),
)
# Writes the other reports, and prints the key of everything that a sample is about.
THINGS = """
import json
from committees.models import ActionPlan, Meeting
from ibcr_portal.demo.reports import write_further_reports
from projects.models import Project
project = Project.objects.get(code="HN-TRATA")
keys = {"annual": project.reports.published().get().pk}
keys |= {name: report.pk for name, report in write_further_reports(project).items()}
for meeting in Meeting.objects.filter(committee__project=project):
    keys[f"meeting {meeting.number}"] = meeting.pk
for plan in ActionPlan.objects.filter(project=project).order_by("version"):
    keys[f"plan {plan.period.number}"] = plan.pk
keys["addressee"] = project.committee.seats.earliest("position").institution_id
print(json.dumps(keys))
"""
# The samples are made by a portal of their own, whatever settings are around.
OTHER_PORTALS = frozenset({"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"})
ON_THAT_DAY = """
import time_machine
from datetime import datetime
from django.core.management import call_command
with time_machine.travel(datetime.fromisoformat({day!r})):
    call_command(*{command!r})
"""


def main(target: Path = TARGET) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        # Only an address in the text; nothing is fetched.
        run = Portal(Path(scratch), {"SITE_URL": "https://portal.example.org"})
        run("migrate", "--verbosity=0")
        run("createcachetable")
        run("load_demo")
        things = json.loads(run.code(THINGS).splitlines()[-1])
        made = list(rendered(run, things, target))
    size = sum(file.stat().st_size for file in made)
    print(f"{len(made)} files, {size / 1_000_000:.2f} MB")


def rendered(run: "Portal", things: dict[str, int], target: Path) -> Iterator[Path]:
    for sample in SAMPLES:
        for language in sample.languages:
            file = target / sample.file(language)
            command = ["render", sample.kind, str(things[sample.thing]), "--output", str(file)]
            command += ["--audience", sample.audience, "--language", language]
            if sample.kind == "letter":
                command += ["--addressee", str(things["addressee"])]
            if sample.ending == "docx":
                command.append("--word")
            if sample.day:
                told = run.code(ON_THAT_DAY.format(day=sample.day, command=command))
            else:
                told = run(*command)
            print(told.strip().replace(f"{target}/", ""))
            yield file


class Portal:
    def __init__(self, var: Path, settings: dict[str, str]) -> None:
        kept = {name: value for name, value in os.environ.items() if name not in OTHER_PORTALS}
        self.environment = kept | {"PORTAL_EMBEDDED": "1", "PORTAL_VAR": str(var)} | settings

    def code(self, code: str) -> str:
        return self("shell", "--verbosity=0", "--command", code)

    def __call__(self, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
