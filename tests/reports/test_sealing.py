"""Sealed documents: which they are, what their seal says, what it costs, and what happens when one
cannot be sealed."""

import gc
import hashlib
import io
import logging
import time
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from time_machine import travel

from accounts.models import OutgoingMail, User
from reports.annexes import rendered_document
from reports.frozen import DOCUMENT
from reports.models import About, DocumentKind, Rendition, SealCertificate
from reports.pdf import html_of
from reports.render_process import environment
from reports.sealing.documents import retry_unsealed
from reports.sealing.making import certified, new_key, write_key
from reports.services.producing import produce, verification_code
from reports.services.requesting import request_rendition, warn_of_unsealed
from reports.tasks import render_rendition
from tests.frozen.fixtures import fixtures, numbers
from tests.reports.conftest import PASSPHRASE, stored_files
from tests.reports.pdf_reading import render_once
from tests.reports.sealed_files import is_intact, sealed_pdf, statuses
from tests.reports.timestamps import authority

pytestmark = pytest.mark.django_db

# The newest of each kind, and the longest is a report.
ONE_OF_EACH = {
    document["kind"]: document
    for number in numbers("document")
    for document in fixtures("document", number)
}


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def rendition(signed_briefly):
    return request_rendition(About(signed_briefly), language="fr", audience="donor", by=None)


def made(rendition) -> Rendition:
    render_rendition(rendition.pk)
    rendition.refresh_from_db()
    return rendition


def content_of(rendition) -> bytes:
    with rendition.file.open() as file:
        return file.read()


def plain(kind="annual_report") -> bytes:
    document = DOCUMENT.read(ONE_OF_EACH[kind])
    return render_once(html_of(document, code="7F3A-91C2-D04E", is_draft=False)).content


def fields_of(content) -> list:
    form = PdfReader(io.BytesIO(content)).trailer["/Root"]["/AcroForm"]
    return [field.get_object() for field in form["/Fields"]]


# What is sealed, and how


def test_a_final_document_is_sealed_behind_the_bytes_it_was_rendered_as(rendition, seal_key):
    made(rendition)

    content = content_of(rendition)
    snapshot = rendition.snapshot
    document = snapshot.document("donor", "fr")
    code = verification_code(snapshot, document)
    with rendered_document(document, lambda *_: None, code=code, is_draft=False) as pdf:
        rendered = pdf.content.read()
    assert rendition.is_ready
    assert content.startswith(rendered)
    assert len(content) > len(rendered)
    assert (rendition.size, rendition.sha256) == (
        len(content),
        hashlib.sha256(content).hexdigest(),
    )
    assert bytes(rendition.seal.content) == bytes(SealCertificate.of(seal_key.certificate).content)
    assert is_intact(content, seal_key.certificate)


def test_what_the_seal_says(seal_key, settings):
    [status] = statuses(sealed_pdf(plain(), seal_key), seal_key.certificate)

    assert (status.intact, status.valid, status.trusted, status.docmdp_ok) == (True,) * 4
    assert status.coverage.name == "ENTIRE_FILE"
    assert status.signer_reported_dt is not None
    signature = fields_of(sealed_pdf(plain(), seal_key))[0]["/V"]
    assert signature["/SubFilter"] == "/ETSI.CAdES.detached"
    assert settings.SITE_URL in signature["/Reason"]
    assert signature["/ContactInfo"] == settings.SITE_URL + reverse("reports:seal")


def test_a_stranger_is_not_trusted(seal_key):
    other = new_key("other.example.org", "", years=1)

    [status] = statuses(sealed_pdf(plain(), seal_key), other.certificate)

    assert (status.intact, status.valid, status.trusted) == (True, True, False)


def test_a_byte_that_was_changed_is_detected(client, published, seal_key):
    rendition = request_rendition(About(published), language="fr", audience="donor", by=None)
    content = content_of(made(rendition))
    asked = {"genuine": content}
    for place in (20, len(content) // 2, len(content) - 40):
        changed = bytearray(content)
        changed[place] ^= 1
        asked[f"changed at {place}"] = bytes(changed)
    asked["longer"] = content + b"\n"
    asked["without its seal"] = content[: content.rindex(b"%%EOF", 0, -10) + 6]

    intact = {name: is_intact(one, seal_key.certificate) for name, one in asked.items()}
    known = {
        name: client.get(
            reverse("reports:verify-file", args=[hashlib.sha256(one).hexdigest()])
        ).status_code
        for name, one in asked.items()
    }

    assert [name for name, is_so in intact.items() if is_so] == ["genuine"]
    assert [name for name, status in known.items() if status == 200] == ["genuine"]


def test_the_field_of_the_seal_has_a_name_and_is_hidden(seal_key):
    content = sealed_pdf(plain(), seal_key, "es")

    [field] = fields_of(content)
    reader = PdfReader(io.BytesIO(content))
    hidden = 1 << 1
    assert (field["/T"], field["/F"] & hidden, field["/Rect"]) == ("Seal", hidden, [0, 0, 0, 0])
    assert field["/TU"]
    assert field["/TU"] != "Electronic seal of the portal"
    assert reader.pages[0]["/Tabs"] == "/S"
    assert reader.trailer["/Root"]["/Lang"]
    assert (
        reader.named_destinations.keys() == PdfReader(io.BytesIO(plain())).named_destinations.keys()
    )


@pytest.mark.parametrize("is_own", [True, False])
def test_a_seal_costs_a_moment_and_few_bytes(seal_key, is_own):
    key = (
        seal_key
        if is_own
        else certified(
            rsa.generate_private_key(65537, 3072), "portal.example.org", "Authority", years=1
        )
    )
    content = plain()
    sealed_pdf(content, key)  # the first one loads pyHanko
    gc.collect()

    seconds = []
    for _time in range(3):
        begin = time.process_time()
        sealed = sealed_pdf(content, key)
        seconds.append(time.process_time() - begin)

    assert min(seconds) < 0.3
    assert len(sealed) - len(content) < 20_000
    assert is_intact(sealed, key.certificate)


def test_only_final_documents_are_sealed(world, seal_key):
    about = About(world.meeting, DocumentKind.AGENDA)
    agenda = made(request_rendition(about, language="fr", audience="committee", by=None))

    assert agenda.is_ready
    assert agenda.seal is None
    assert b"/ByteRange" not in content_of(agenda)


def test_documents_of_a_project_for_training_are_not_sealed(rendition, world, seal_key):
    type(world.project).objects.filter(pk=world.project.pk).update(training=True)

    made(rendition)

    assert rendition.is_ready
    assert rendition.seal is None
    assert b"/ByteRange" not in content_of(rendition)


def test_nothing_is_sealed_without_a_key(rendition):
    made(rendition)

    assert rendition.is_ready
    assert rendition.seal is None
    assert b"/ByteRange" not in content_of(rendition)
    assert not SealCertificate.objects.exists()


def test_what_was_issued_before_keeps_its_file(rendition, signed_briefly, request):
    before = content_of(made(rendition))
    request.getfixturevalue("seal_key")

    again = request_rendition(About(signed_briefly), language="fr", audience="donor", by=None)

    assert again == rendition
    assert content_of(again) == before


# A document that cannot be sealed


def take_away(settings):
    Path(settings.SEAL_KEY).rename(f"{settings.SEAL_KEY}.away")


def give_back(settings):
    Path(f"{settings.SEAL_KEY}.away").rename(settings.SEAL_KEY)


def test_a_document_waits_for_a_key_that_is_gone(rendition, seal_key, settings):
    take_away(settings)
    made(rendition)
    retry_unsealed()
    rendition.refresh_from_db()
    assert (rendition.state, rendition.failure, rendition.file.name) == ("failed", "seal_key", "")
    assert stored_files(settings) == []
    assert "SEAL_KEY" in rendition.get_failure_display()
    give_back(settings)

    retry_unsealed()

    rendition.refresh_from_db()
    assert rendition.state == "queued"
    assert is_intact(content_of(made(rendition)), seal_key.certificate)
    assert rendition.failure == ""


@pytest.mark.parametrize("reason", ["seal_passphrase", "seal_expired"])
def test_other_reasons_wait_as_well(rendition, seal_key, settings, reason):
    path, word = Path(settings.SEAL_KEY), Path(settings.SEAL_PASSPHRASE_FILE)
    if reason == "seal_passphrase":
        word.write_text("another word")
    else:
        with travel(timezone.now() - timedelta(days=3000)):
            write_key(new_key("a.example.org", "", years=5), path, PASSPHRASE.encode())

    made(rendition)
    retry_unsealed()

    rendition.refresh_from_db()
    assert (rendition.state, rendition.failure) == ("failed", reason)
    assert stored_files(settings) == []
    word.write_text(PASSPHRASE)
    write_key(seal_key, path, PASSPHRASE.encode())
    retry_unsealed()
    assert made(rendition).seal is not None


def test_what_nobody_foresaw_is_tried_again_each_hour(rendition, seal_key, monkeypatch):
    monkeypatch.setattr("reports.sealing.apply.BESIDE_CERTIFICATES", -400)
    made(rendition)
    monkeypatch.undo()

    retry_unsealed()
    rendition.refresh_from_db()
    assert (rendition.state, rendition.failure) == ("failed", "seal_broken")
    hour_ago = timezone.now() - timedelta(hours=1, minutes=1)
    Rendition.objects.filter(pk=rendition.pk).update(finished_at=hour_ago)
    retry_unsealed()

    assert made(rendition).seal is not None


def test_what_nobody_foresaw_is_given_up_after_a_day_and_administrators_are_told(
    rendition, seal_key, world, monkeypatch
):
    """Each try renders the whole report."""
    monkeypatch.setattr("reports.sealing.apply.BESIDE_CERTIFICATES", -400)
    made(rendition)
    hours_ago = {hours: timezone.now() - timedelta(hours=hours, minutes=1) for hours in (2, 23, 24)}
    states = []
    for hours in (23, 24):
        Rendition.objects.filter(pk=rendition.pk).update(
            state="failed",
            failure="seal_broken",
            requested_at=hours_ago[hours],
            finished_at=hours_ago[2],
        )
        for _time in range(2):
            retry_unsealed()
            warn_of_unsealed()
        rendition.refresh_from_db()
        letters = OutgoingMail.objects.filter(key__startswith="unsealed:").count()
        states.append((rendition.state, letters))

    administrators = User.objects.filter(is_staff=True, is_active=True).count()
    assert administrators
    assert states == [("queued", 0), ("failed", administrators)]


def test_a_setting_that_is_lost_issues_nothing_unsealed(rendition, seal_key, settings):
    SealCertificate.of(seal_key.certificate)
    path, settings.SEAL_KEY = settings.SEAL_KEY, ""
    made(rendition)
    retry_unsealed()
    rendition.refresh_from_db()
    assert (rendition.state, rendition.failure, rendition.file.name) == ("failed", "seal_key", "")
    settings.SEAL_KEY = path

    retry_unsealed()

    assert is_intact(content_of(made(rendition)), seal_key.certificate)


def test_nobody_waits_once_sealing_is_switched_off(rendition, seal_key, settings):
    SealCertificate.of(seal_key.certificate)
    take_away(settings)
    made(rendition)
    settings.SEAL_OFF = True

    retry_unsealed()

    assert made(rendition).is_ready
    assert rendition.seal is None


def test_a_key_that_vanishes_meanwhile_costs_no_rendering(rendition, seal_key, settings):
    take_away(settings)
    claimed = Rendition.objects.claim(rendition.pk, lease=timedelta(seconds=60))

    produce(claimed)

    claimed.refresh_from_db()
    assert (claimed.failure, claimed.stage) == ("seal_key", "data")


def test_an_operator_gets_a_sealed_file_or_none(signed_briefly, seal_key, settings, tmp_path):
    output = tmp_path / "report.pdf"
    words = ["render", "annual_report", signed_briefly.pk, "--audience=donor", f"--output={output}"]
    call_command(*words)
    assert is_intact(output.read_bytes(), seal_key.certificate)
    output.unlink()
    take_away(settings)

    with pytest.raises(CommandError, match="SEAL_KEY"):
        call_command(*words)

    assert not output.exists()


# Secrets


def test_neither_key_nor_passphrase_is_in_logs_or_in_the_renderer(
    rendition, seal_key, settings, caplog, monkeypatch
):
    monkeypatch.setenv("SEAL_KEY", settings.SEAL_KEY)
    monkeypatch.setenv("SEAL_PASSPHRASE_FILE", settings.SEAL_PASSPHRASE_FILE)
    secret = f"{seal_key.private.private_numbers().private_value}"
    with caplog.at_level(logging.DEBUG):
        made(rendition)
        Path(settings.SEAL_PASSPHRASE_FILE).write_text(f"{PASSPHRASE} and more")
        Rendition.objects.filter(pk=rendition.pk).update(state="queued", file="")
        made(rendition)

    assert rendition.failure == "seal_passphrase"
    told = "\n".join(f"{record.getMessage()} {record.exc_info}" for record in caplog.records)
    assert [one for one in (PASSPHRASE, secret, "PRIVATE KEY") if one in told] == []
    assert [name for name in environment() if "SEAL" in name] == []


# The time


def test_an_authority_confirms_the_time_and_sees_no_document(seal_key, settings, tmp_path):
    with authority(settings, tmp_path) as asked:
        content = sealed_pdf(plain(), seal_key)

    [status] = statuses(content, seal_key.certificate)
    assert status.timestamp_validity is not None
    assert (status.timestamp_validity.intact, status.intact) == (True, True)
    assert asked
    assert max(map(len, asked)) < 200
    assert len(content) - len(plain()) < 20_000


@pytest.mark.parametrize(
    "kind", ["silent", "gone", "a stranger", "of another document", "leads elsewhere"]
)
def test_a_document_does_not_wait_for_a_time_and_takes_none_that_is_not_proven(
    seal_key, settings, tmp_path, kind
):
    with authority(settings, tmp_path, kind) as asked:
        content = sealed_pdf(plain(), seal_key)

    [status] = statuses(content, seal_key.certificate)
    assert status.timestamp_validity is None
    assert status.bottom_line
    assert len(asked) == (kind != "gone")


def test_a_seal_of_old_is_valid_after_another_key_took_over(rendition, seal_key, settings):
    old = content_of(made(rendition))
    newer = new_key("portal.example.org", "Organisation", years=5)
    write_key(newer, Path(settings.SEAL_KEY), PASSPHRASE.encode())

    other = request_rendition(rendition.snapshot.about, language="es", audience="donor", by=None)

    assert is_intact(content_of(made(other)), newer.certificate)
    assert is_intact(old, seal_key.certificate)
    assert SealCertificate.objects.count() == 2
    assert default_storage.exists(rendition.file.name)
