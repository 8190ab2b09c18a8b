"""The report of the Honduras demonstration's first year as files: `docs/samples/`.

A scratch portal is set up, the demonstration loaded, and the report that its donor downloads is
rendered in each language. Equal code gives equal bytes.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "samples"
LANGUAGES = ("fr", "es", "en")
PROJECT = "HN-TRATA"


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        # Only an address in the text; nothing is fetched.
        run = Portal(Path(scratch), {"SITE_URL": "https://portal.example.org"})
        run("migrate", "--verbosity=0")
        run("createcachetable")
        run("load_demo")
        number = run("shell", "--verbosity=0", "--command", FIND).strip().splitlines()[-1]
        for language in LANGUAGES:
            file = TARGET / f"honduras-year-1-{language}.pdf"
            told = run(
                *("render", "annual_report", number, "--audience", "donor"),
                *("--language", language, "--output", str(file)),
            )
            print(told.strip().replace(f"{ROOT}/", ""))


FIND = f"""
from reports.models import Report
print(Report.objects.published().get(project__code="{PROJECT}", period__number=1).pk)
"""


class Portal:
    def __init__(self, var: Path, settings: dict[str, str]) -> None:
        self.environment = os.environ | {"PORTAL_EMBEDDED": "1", "PORTAL_VAR": str(var)} | settings

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
    main()
