"""Everything that has files, with the files in a bucket: what comes in, what is made, what is sent,
and what people see while the bucket is away."""

import hashlib
import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from accounts.models import AccessEvent
from committees.models import ParticipantsUpload
from kernel.media import ID_FILE, carry_id
from kernel.models import Installation
from kernel.quarantine import quarantined
from projects.models import Evidence
from reports.models import About, DocumentKind, Rendition
from reports.services.archiving import request_archive
from reports.services.producing import STORAGE_PAUSE
from reports.services.requesting import request_rendition
from reports.tasks import make_archive, render_rendition, sweep_renditions
from tests.factories import ActivityFactory
from tests.kernel.test_antivirus import scanner  # noqa: F401  (a fixture)
from tests.object_storage import bucket, moto_bucket  # noqa: F401  (fixtures)
from tests.reports.conftest import wait_for
from tests.reports.sealed_files import is_intact
from tests.reports.test_annexes import give, papers, pdf_of  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bucket")]

AWAY = "The storage of files does not respond, so no file can be read or kept just now."


@pytest.fixture
def coordinator(client, world):
    person = world.people["coordinator"]
    type(person).objects.filter(pk=person.pk).update(language="en")
    client.force_login(person)
    return person


def asked(signed, language="fr"):
    return request_rendition(About(signed), language=language, audience="donor", by=None)


def made(rendition) -> Rendition:
    render_rendition(rendition.pk)
    rendition.refresh_from_db()
    return rendition


def photograph():
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(drawn, "JPEG")
    return SimpleUploadedFile("photo.jpg", drawn.getvalue())


def sent(client, url):
    answer = client.get(url)
    assert answer.status_code == 200, answer
    return answer.getvalue()


def test_a_document_is_made_sealed_downloaded_and_logged(client, coordinator, signed, seal_key):
    rendition = made(asked(signed))

    content = sent(client, reverse("reports:download", args=[rendition.pk]))

    assert default_storage.listdir("reports/renditions") == (
        [],
        [rendition.file.name.split("/")[-1]],
    )
    assert hashlib.sha256(content).hexdigest() == rendition.sha256
    assert is_intact(content, seal_key.certificate)
    assert AccessEvent.objects.about(signed).filter(kind="download").count() == 1


def test_who_may_not_have_it_is_not_told_where_it_is(client, world, signed_briefly):
    rendition = made(asked(signed_briefly))
    client.force_login(world.people["outsider"])

    answer = client.get(reverse("reports:download", args=[rendition.pk]))

    assert (answer.status_code, answer.headers.get("Location")) == (404, None)


def test_an_archive_packs_what_is_in_the_bucket(client, world, coordinator, signed_briefly):
    rendition = made(asked(signed_briefly))
    archive = request_archive(world.project, by=coordinator, language="en")

    make_archive(archive.pk)

    archive.refresh_from_db()
    content = sent(client, reverse("reports:archive-download", args=[archive.pk]))
    assert hashlib.sha256(content).hexdigest() == archive.sha256
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        digests = {hashlib.sha256(packed.read(name)).hexdigest() for name in packed.namelist()}
    assert rendition.sha256 in digests


def test_a_pack_appends_the_papers_of_the_bucket(papers):  # noqa: F811
    give(papers, "Note de cadrage", pdf_of("PAGEUN", "PAGEDEUX"))
    about = About(papers.next, DocumentKind.WHOLE_PACK)

    pack = made(request_rendition(about, language="fr", audience="committee", by=None))

    with pack.file.open() as file:
        text = "".join(page.extract_text() for page in PdfReader(file).pages)
    assert [word in text for word in ("PAGEUN", "PAGEDEUX", "PAGETROIS")] == [True, True, False]


def test_a_photograph_goes_through_the_scanner_into_the_bucket_and_back(
    client,
    world,
    coordinator,
    scanner,  # noqa: F811
):
    activity = ActivityFactory(project=world.project)
    address = reverse("projects:evidence-create", args=[world.project.code, activity.pk])
    facts = {"title": "Jour", "language": "fr", "consent": "none", "audience": "team"}

    client.post(address, facts | {"no_victim_data": "on", "upload": photograph()})

    proof = Evidence.objects.get()
    content = sent(client, reverse("projects:evidence-file", args=[world.project.code, proof.pk]))
    assert hashlib.sha256(content).hexdigest() == proof.sha256


def test_a_file_waits_in_the_bucket_until_it_is_confirmed(client, world, coordinator):
    call = b"Name,User Email,Join Time,Leave Time\nNobody Known,,2020-09-03 09:00:00,2020-09-03 11:00:00\n"
    upload = {"file": SimpleUploadedFile("participants.csv", call)}

    answer = client.post(reverse("committees:attendance-upload", args=[world.meeting.pk]), upload)

    kept = ParticipantsUpload.objects.get()
    page = client.get(answer.url)
    assert "Nobody Known" in page.content.decode()
    kept.discard()


# While it is away


def test_a_download_says_that_the_storage_is_away_and_works_again(
    client,
    coordinator,
    signed_briefly,
    bucket,  # noqa: F811
):
    rendition = made(asked(signed_briefly))
    client.raise_request_exception = False
    address = reverse("reports:download", args=[rendition.pk])

    with bucket.away():
        answer = client.get(address, headers={"Accept-Language": "en"})

    assert answer.status_code == 503
    assert AWAY in answer.content.decode()
    assert hashlib.sha256(sent(client, address)).hexdigest() == rendition.sha256


def test_an_upload_keeps_what_was_typed_and_says_that_the_storage_is_away(
    client,
    world,
    coordinator,
    bucket,  # noqa: F811
):
    activity = ActivityFactory(project=world.project)
    address = reverse("projects:evidence-create", args=[world.project.code, activity.pk])
    facts = {"title": "Jour", "language": "fr", "consent": "none", "audience": "team"}

    with bucket.away():
        answer = client.post(address, facts | {"no_victim_data": "on", "upload": photograph()})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert AWAY in page
    assert 'value="Jour"' in page
    assert not Evidence.objects.exists()


def test_a_document_waits_for_the_storage_however_long_and_is_made_once(signed_briefly, bucket):  # noqa: F811
    rendition = asked(signed_briefly)
    with bucket.away():
        for _ in range(Rendition.MAX_ATTEMPTS + 2):
            waiting = made(rendition)
            assert (waiting.state, waiting.failure, waiting.attempt) == ("queued", "", 0)
            assert waiting.next_attempt_at > timezone.now() + STORAGE_PAUSE / 2
            Rendition.objects.update(next_attempt_at=timezone.now())

    done = made(rendition)

    assert (done.state, done.attempt) == ("ready", 1)
    assert len(default_storage.listdir("reports/renditions")[1]) == 1


def test_a_file_without_a_row_is_set_aside_in_the_bucket(bucket, monkeypatch):  # noqa: F811
    carry_id(Installation.ours().key)
    name = default_storage.save("reports/renditions/nobody.pdf", io.BytesIO(b"%PDF"))
    monkeypatch.setattr("kernel.quarantine.STORING", -timedelta(hours=1))

    sweep_renditions()

    (aside,) = quarantined()
    assert aside.name == name
    assert bucket.names == [ID_FILE, aside.place]


def test_the_sweep_goes_on_while_the_bucket_is_away(bucket, signed_briefly):  # noqa: F811
    rendition = made(asked(signed_briefly))
    Rendition.objects.filter(pk=rendition.pk).update(
        is_draft=True, requested_at=timezone.now() - timedelta(days=Rendition.DAYS_KEPT + 1)
    )

    with bucket.away():
        sweep_renditions()

    assert not Rendition.objects.filter(pk=rendition.pk).exists()


@pytest.mark.deep(part="workers")
def test_a_worker_of_its_own_makes_what_this_process_sends(transactional_db, request, client):
    world = request.getfixturevalue("world")
    signed = request.getfixturevalue("signed")
    request.getfixturevalue("celery_worker")
    rendition = asked(signed, "es")

    done = wait_for(rendition)

    client.force_login(world.people["coordinator"])
    content = sent(client, reverse("reports:download", args=[done.pk]))
    assert hashlib.sha256(content).hexdigest() == done.sha256


def test_a_file_that_the_bucket_has_lost_is_said_to_be_missing(client, coordinator, signed_briefly):
    rendition = made(asked(signed_briefly))
    default_storage.delete(rendition.file.name)

    answer = client.get(reverse("reports:download", args=[rendition.pk]))

    assert answer.status_code == 404
    assert "<h1>This file is missing; tell the coordination.</h1>" in answer.content.decode()
