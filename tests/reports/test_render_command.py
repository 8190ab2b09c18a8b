"""`manage.py render`: for operators, through the same machinery as the worker."""

import hashlib
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from kernel.jobs import Job
from reports.models import About, DocumentKind, Rendition
from reports.services.producing import verification_code
from reports.services.requesting import request_rendition
from reports.tasks import render_rendition
from tests.reports.conftest import composed
from tests.reports.papers import Papers
from tests.reports.pdf_reading import Pdf

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def papers():
    return Papers()


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder / "document"


def run(kind, pk, target, **options):
    said = StringIO()
    call_command("render", kind, pk, output=target, stdout=said, **options)
    return said.getvalue().strip()


def test_it_says_pages_bytes_and_hash_and_keeps_nothing(papers, target):
    said = run("agenda", papers.next.pk, target, language="es", audience="committee")

    content = target.read_bytes()
    pdf = Pdf(content)
    assert said == (
        f"{target}: {len(pdf.reader.pages)} pages, {len(content)} bytes, "
        f"sha256 {hashlib.sha256(content).hexdigest()}"
    )
    assert pdf.catalog["/Lang"] == "es"
    assert not Rendition.objects.exists()
    assert [path.name for path in target.parent.iterdir()] == ["document"]


def test_it_is_the_same_file_as_the_workers(papers, target):
    rendition = request_rendition(
        About(papers.next, DocumentKind.AGENDA), language="fr", audience="committee", by=None
    )
    render_rendition(rendition.pk)
    rendition.refresh_from_db()

    said = run("agenda", papers.next.pk, target, language="fr", audience="committee")

    assert said.endswith(rendition.sha256)


def test_what_stands_is_written_out_as_it_was_stored(papers, target):
    papers.seal()
    rendition = composed(
        request_rendition(
            About(papers.meeting, DocumentKind.MINUTES),
            language="fr",
            audience="committee",
            by=None,
        )
    )
    name = default_storage.save("reports/renditions/x.pdf", ContentFile(b"%PDF-1.7 stored"))
    rows = Rendition.objects.filter(pk=rendition.pk)
    rows.update(state=Job.State.READY, file=name, pages=7, size=15, renderer="of last year")

    said = run("minutes", papers.meeting.pk, target, language="fr", audience="committee")

    assert target.read_bytes() == b"%PDF-1.7 stored"
    assert said.startswith(f"{target}: 7 pages, 15 bytes, ")


def test_what_stands_and_lost_its_file_is_made_of_the_frozen_data(papers, target):
    papers.seal()
    rendition = composed(
        request_rendition(
            About(papers.meeting, DocumentKind.MINUTES),
            language="fr",
            audience="committee",
            by=None,
        )
    )
    Rendition.objects.update(state=Job.State.READY, file="reports/renditions/gone.pdf", pages=7)

    run("minutes", papers.meeting.pk, target, language="fr", audience="committee")

    code = verification_code(rendition.snapshot, rendition.snapshot.document("committee", "fr"))
    assert code in Pdf(target.read_bytes()).text()


def test_a_letter_and_a_comparison_take_their_choice(papers, target):
    to = papers.institutions["member"].pk

    run("letter", papers.next.pk, target, addressee=to)
    run("plan_differences", papers.second.pk, target, base=papers.plan.pk)

    assert target.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(("option", "start"), [("word", b"PK"), ("text", b"Bureau")])
def test_it_writes_word_and_text(papers, target, option, start):
    said = run("plan", papers.plan.pk, target, **{option: True})

    content = target.read_bytes()
    assert "pages" not in said
    assert said.endswith(hashlib.sha256(content).hexdigest())
    if option == "word":
        assert content.startswith(start)
    else:
        assert "Former les équipes".encode() not in content
        assert papers.terms.title_fr.encode() in content


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "poem"}, "Choose the kind among"),
        ({"id": 10**9}, "There is no meeting"),
        ({"language": "de"}, "Choose the language among: fr, es, en"),
        ({"audience": "donor"}, "Choose the audience among: committee, voting, coordination"),
        ({"audience": "nobody"}, "Choose the audience among"),
        ({"kind": "letter"}, "Say --addressee with one of these keys"),
        ({"kind": "letter", "addressee": 10**9}, "There is no institution"),
        ({"addressee": 0}, "There is no institution 0"),
        ({"kind": "attendance_sheet", "word": True}, "made as PDF alone"),
        ({"kind": "attendance_sheet", "text": True}, "made as PDF alone"),
        ({"kind": "whole_pack"}, "There is nothing to tell"),
    ],
)
def test_each_refusal_is_a_sentence_and_leaves_no_file(papers, target, options, words):
    papers.next.documents.all().delete()
    asked = {"kind": "agenda", "id": papers.next.pk} | options
    kind, pk = asked.pop("kind"), asked.pop("id")

    with pytest.raises(CommandError, match=rf"{words}.*\.$"):
        run(kind, pk, target, **asked)

    assert list(target.parent.iterdir()) == []


def test_a_renderer_that_fails_says_why_and_leaves_the_old_file(papers, target, settings):
    target.write_bytes(b"the old one")
    settings.RENDER_SECONDS = 0

    with pytest.raises(CommandError, match=r"^The renderer gave up: .*\.$"):
        run("agenda", papers.next.pk, target)

    assert target.read_bytes() == b"the old one"
    assert [path.name for path in target.parent.iterdir()] == ["document"]


def test_a_folder_that_is_not_there_is_said(papers, tmp_path):
    with pytest.raises(CommandError, match=r"nowhere.*\.$"):
        run("agenda", papers.next.pk, tmp_path / "nowhere" / "x.pdf")
