import io
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from PIL import Image

from kernel.jobs import Job
from kernel.media import ID_FILE
from kernel.models import Organisation
from kernel.organisation import forget
from kernel.quarantine import FOLDER
from reports import libraries
from reports.models import Rendition, Report
from reports.sealing.making import new_key, write_key
from reports.services.requesting import compose_data, joined_by
from reports.services.steps import publish_report, sign_off, submit_report
from tests.factories import (
    ActivityFactory,
    AmendmentFactory,
    DataPointFactory,
    ParticipantGroupFactory,
    RecommendationFactory,
    ReportFactory,
    SectionFactory,
    SubjectFactory,
)
from tests.recording import recorded
from tests.reports.shelves import sign_briefly, sign_plainly
from tests.world import World

SIGNED_ON = date(2020, 9, 30)
PASSPHRASE = "words that nobody reads"  # of the key of the seal


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def report(world):
    report = Report()
    recorded("report", lambda: vars(report).update(vars(begun_report(world))), report, world)
    return report


def begun_report(world) -> Report:
    """A report in writing, with something in each of its chapters."""
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])
    SectionFactory(report=report)
    SectionFactory(report=report, kind="context", text="Le contexte a changé.")
    SectionFactory(report=report, kind="context", language="en", text="The context changed.")
    for kind, value in (("target", 120), ("actual", 134)):
        DataPointFactory(
            indicator=world.indicator, period=world.year, kind=kind, numerator=value, comment=""
        )
    workshop = ActivityFactory(
        project=world.project,
        result=world.result,
        title_fr="Atelier de diagnostic",
        actual_start=date(2019, 6, 18),
        actual_end=date(2019, 6, 19),
        participants=35,
    )
    ParticipantGroupFactory(activity=workshop, women=20)
    amendment = AmendmentFactory(
        project=world.project, title_fr="Prolongation de six mois", status="submitted"
    )
    SubjectFactory(resolution=world.decision, amendment=amendment)
    RecommendationFactory(agenda_item=world.item, number="2020-R1")
    type(world.plan).objects.filter(pk=world.plan.pk).update(
        status="in_execution", validated_by=world.decision
    )
    return report


@pytest.fixture
def unreadable_libraries(tmp_path, monkeypatch):
    """A machine on which no process that starts from now on can open what shapes letters, until
    the files are gone."""
    files = [tmp_path / "libraries" / name for name in libraries.NEEDED]
    files[0].parent.mkdir()
    for file in files:
        file.write_text("no library")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(files[0].parent))
    return files


@pytest.fixture
def signed(world, report):
    """Freezing twelve documents takes 0.75 s: the same ones are frozen once."""

    def sign():
        report.take("review", by=world.people["coordinator"])
        sign_off(report, by=world.people["monitoring"], on=SIGNED_ON)

    recorded("signed", sign, report, world)
    return report


@pytest.fixture
def signed_plainly(world, report):
    """For modules that test what is done with a signed report, whatever it says: composing takes
    most of a second."""
    report.take("review", by=world.people["coordinator"])
    return sign_plainly(report, by=world.people["monitoring"], on=SIGNED_ON)


@pytest.fixture
def signed_briefly(world, report):
    """For modules that test how a signed report is rendered, sealed and kept, whatever it says."""
    report.take("review", by=world.people["coordinator"])
    return sign_briefly(report, by=world.people["monitoring"], on=SIGNED_ON)


@pytest.fixture
def submitted(world, signed):
    submit_report(signed, by=world.people["coordinator"])
    return signed


@pytest.fixture
def published(world, submitted):
    publish_report(submitted, by=world.people["coordinator"])
    return submitted


def stored_files(settings) -> list[str]:
    """What lies in the private storage, whatever its folder, but for what was set aside and the id of the
    installation."""
    root = Path(settings.MEDIA_ROOT)
    files = [path for path in root.rglob("*") if path.is_file() and path.name != ID_FILE]
    return [path.name for path in files if path.relative_to(root).parts[0] != FOLDER]


def wait_for(rendition: Rendition, seconds: float = 120) -> Rendition:
    for _ in range(int(seconds * 10)):
        rendition.refresh_from_db()
        if not rendition.in_hand:
            return rendition
        time.sleep(0.1)
    raise AssertionError(f"Still {rendition.state} after {seconds} s")


def composed(rendition: Rendition) -> Rendition:
    """The document once a worker has composed it, still to be rendered; or the equal one."""
    claimed = Rendition.objects.claim(rendition.pk, lease=timedelta(seconds=60))
    if not compose_data(claimed):
        return Rendition.objects.get(pk=joined_by(rendition.pk))
    Rendition.objects.filter(pk=claimed.pk).update(state=Job.State.QUEUED, token=None)
    return Rendition.objects.get(pk=claimed.pk)


@pytest.fixture
def logo():
    """The row of the organisation, with a logo."""
    drawn = io.BytesIO()
    Image.new("RGBA", (60, 20), (11, 85, 99, 0)).save(drawn, "PNG")
    row = Organisation.objects.get()
    row.logo, row.logo_sha256 = drawn.getvalue(), "a" * 64
    row.save()
    yield row
    forget()


@pytest.fixture
def seal_key(settings, tmp_path):
    """The portal's own key, with which final documents are sealed from now on."""
    folder = tmp_path / "seal"
    folder.mkdir()
    settings.SEAL_KEY, settings.SEAL_PASSPHRASE_FILE = f"{folder}/seal.p12", f"{folder}/passphrase"
    (folder / "passphrase").write_text(PASSPHRASE)
    key = new_key("portal.example.org", "Organisation", years=5)
    write_key(key, folder / "seal.p12", PASSPHRASE.encode())
    return key
