"""A signed report of an older format, and content of a later one, as people meet them: the first is
there whole under its code, the second is refused with a sentence by every page and file."""

import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import translation

from committees.models import Meeting, Minutes, MinutesVersion
from kernel.jobs import Job
from reports.models import About, Report, Snapshot
from reports.services.archiving import request_archive
from reports.services.requesting import request_rendition, retry_rendition
from reports.tasks import make_archive, render_rendition
from reports.verifying import found_under
from tests.factories import AmendmentFactory, LogicModelVersionFactory, ReportFactory
from tests.frozen.fixtures import fixtures
from tests.reports.conftest import SIGNED_ON
from tests.reports.pdf_reading import Pdf
from tests.reports.shelves import ready_file, sign_plainly
from tests.reports.word_files import words_of
from tests.world import World

pytestmark = pytest.mark.django_db

LATER = {"format": 999}
SENTENCE = {
    "fr": "dans un format que cette version du portail ne connaît pas",
    "es": "en un formato que esta versión del portal no conoce",
    "en": "in a format that this version of the portal does not know",
}


@pytest.fixture
def world():
    return World()


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def reader(client, world):
    """The coordinator, reading in a language."""

    def reader(language="en"):
        person = world.people["coordinator"]
        type(person).objects.filter(pk=person.pk).update(language=language)
        client.force_login(person)
        return client

    return reader


def signed(world, document, **options) -> Report:
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"], **options)
    report.take("review", by=world.people["coordinator"])
    return sign_plainly(report, by=world.people["monitoring"], on=SIGNED_ON, document=document)


def address_of(report, way):
    return reverse(f"reports:document-{way}", args=["annual_report", report.pk])


LANGUAGES = ("fr", "es", "en")


def known():
    return fixtures("document", 1)[0]


ASKED = {"audience": "donor", "language": "fr"}


# An older format


@pytest.mark.parametrize("number", [1, 2])
def test_a_report_of_an_older_format_is_there_in_every_way(world, reader, number):
    frozen = fixtures("document", number)[0]
    report = signed(world, frozen)
    stored, code = report.snapshot.data, report.snapshot.code

    asked = request_rendition(About(report), **ASKED, by=None)
    render_rendition(asked.pk)
    asked.refresh_from_db()
    word = reader().get(address_of(report, "word"), ASKED)
    text = reader().get(address_of(report, "text"), ASKED)

    with asked.file.open() as file:
        pdf = Pdf(file.read()).text()
    for words in (pdf, words_of(word.content), text.content.decode()):
        for chapter in frozen["chapters"]:
            assert chapter["title"] in " ".join(words.split())
    assert code in pdf
    assert code in text.content.decode()
    snapshot = Snapshot.objects.get(pk=report.snapshot.pk)
    assert (snapshot.data, snapshot.code, snapshot.is_whole) == (stored, code, True)


def test_a_report_of_today_is_compared_with_one_of_an_older_format(world, reader):
    frozen = fixtures("document", 1)[0]
    signed(world, frozen)
    chapters = [frozen["chapters"][0] | {"title": "Autre chose", "kind": "lessons"}]
    later = signed(world, frozen | {"chapters": chapters}, version=2)

    page = reader("fr").get(reverse("reports:differences", args=[later.pk]))

    assert page.status_code == 200
    assert {"Autre chose"} <= {change.title for change in page.context["changes"]}
    gone = {change.kind for change in page.context["changes"] if change.is_gone}
    assert {"progress", "governance", "plan"} <= gone


# An unknown format


@pytest.mark.parametrize("language", ["fr", "es", "en"])
def test_files_of_an_unknown_format_are_refused_in_words(world, reader, language):
    report = signed(world, LATER)
    for way in ("word", "text"):
        answer = reader(language).get(address_of(report, way), ASKED)

        assert answer.status_code == 409
        assert SENTENCE[language] in answer.content.decode()

    asked = request_rendition(About(report), **ASKED, by=None)
    render_rendition(asked.pk)
    asked.refresh_from_db()
    page = reader(language).get(asked.get_absolute_url())

    assert (asked.state, asked.failure) == (Job.State.FAILED, Job.Failure.UNKNOWN_FORMAT)
    assert SENTENCE[language] in page.content.decode()


def test_a_document_refused_is_made_once_the_portal_knows_its_format(world):
    report = signed(world, LATER)
    asked = request_rendition(About(report), **ASKED, by=None)
    render_rendition(asked.pk)
    frozen = {audience: dict.fromkeys(LANGUAGES, known()) for audience in report.snapshot.data}
    Snapshot.objects.filter(pk=report.snapshot.pk).update(data=frozen)

    assert retry_rendition(asked)
    render_rendition(asked.pk)

    asked.refresh_from_db()
    assert asked.is_ready


def test_a_code_is_verified_whatever_the_format(world):
    report = signed(world, LATER)
    Report.objects.filter(pk=report.pk).update(status="published", published_on=SIGNED_ON)

    assert found_under(report.snapshot.code)


def test_differences_with_an_unknown_format_are_refused_in_words(world, reader):
    signed(world, LATER)
    later = signed(world, known(), version=2)

    page = reader().get(reverse("reports:differences", args=[later.pk]))

    assert page.status_code == 409
    assert SENTENCE["en"] in page.content.decode()


def test_an_archive_hands_out_a_file_whose_data_is_of_an_unknown_format(world):
    report = signed(world, LATER)
    Report.objects.filter(pk=report.pk).update(status="published", published_on=SIGNED_ON)
    ready_file(report.snapshot)

    archive = request_archive(world.project, by=world.people["coordinator"], language="en")
    make_archive(archive.pk)

    archive.refresh_from_db()
    with archive.file.open() as file, zipfile.ZipFile(file) as packed:
        (index,) = [name for name in packed.namelist() if name.endswith(".csv")]
        assert report.snapshot.code in packed.read(index).decode()


@pytest.mark.parametrize("option", ["--word", "--text", None])
def test_the_command_refuses_in_words(world, tmp_path, option):
    report = signed(world, LATER)
    target = tmp_path / "report"
    options = [option] if option else []

    with translation.override("en"), pytest.raises(CommandError, match="does not know"):
        call_command("render", "annual_report", str(report.pk), *options, "--output", str(target))

    assert not target.exists()


def test_pages_of_frozen_content_refuse_in_words(world, reader):
    content = dict.fromkeys(LANGUAGES, LATER)
    minutes = Minutes.objects.create(
        meeting=world.meeting, status=Minutes.Status.IN_REVIEW, content=content
    )
    version = MinutesVersion.objects.create(
        minutes=minutes, number=1, stage=minutes.status, content=content
    )
    logic = LogicModelVersionFactory(project=world.project, content=LATER)
    amendment = AmendmentFactory(project=world.project, moves=[LATER])
    pages = [
        minutes.get_absolute_url(),
        reverse("committees:minutes-version", args=[minutes.pk, version.number]),
        logic.get_absolute_url(),
        reverse("projects:logic-version-changes", args=[world.project.code, 1]) + "?since=1",
        amendment.get_absolute_url(),
    ]
    for page in pages:
        answer = reader().get(page)

        assert (answer.status_code, page) == (409, page)
        assert SENTENCE["en"] in answer.content.decode()


def test_a_meeting_whose_quorum_is_of_an_unknown_format_is_refused_in_words(world, reader):
    Meeting.objects.filter(pk=world.meeting.pk).update(quorum_kept=LATER)

    answer = reader().get(world.meeting.get_absolute_url())

    assert answer.status_code == 409
    assert SENTENCE["en"] in answer.content.decode()


# A current format without a number


def test_what_has_a_first_format_is_read_without_a_number(world, reader):
    """Of the day before there were numbers."""
    (text, *_more) = fixtures("minutes_text", 1)
    minutes = Minutes.objects.create(
        meeting=world.meeting,
        status=Minutes.Status.IN_REVIEW,
        content=dict.fromkeys(LANGUAGES, text),
    )
    logic = LogicModelVersionFactory(project=world.project, content=fixtures("logic_model", 1)[0])
    amendment = AmendmentFactory(project=world.project, moves=fixtures("amendment_move", 1))
    Meeting.objects.filter(pk=world.meeting.pk).update(quorum_kept=fixtures("quorum_kept", 1)[0])

    for thing in (minutes, logic, amendment, world.meeting):
        assert reader("fr").get(thing.get_absolute_url()).status_code == 200
    assert text["quorum"] in reader("fr").get(minutes.get_absolute_url()).content.decode()
    assert amendment.moves_in_words[0]["text"]
    fresh = Meeting.objects.get(pk=world.meeting.pk)
    assert fresh.recorded_quorum().present == fixtures("quorum_kept", 1)[0]["facts"]["present"]
