"""Certificates of attendance: who signs them, their code, and what anybody reads who checks one."""

import hashlib
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override
from pypdf import PdfReader

from committees.models import Attendance
from kernel.formats import day
from kernel.models import Organisation
from kernel.organisation import forget
from reports.kinds import compose
from reports.models import About, AttendanceCertificate, DocumentKind, Rendition, Snapshot
from reports.services.naming import destroy_files
from reports.services.requesting import request_rendition
from reports.tasks import render_rendition
from reports.verifying import code_of, found_as, found_under
from tests.factories import AttendanceFactory
from tests.reports.sealed_files import is_intact
from tests.reports.test_verifying import told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def attendance(world):
    contact = world.people["member"].contacts.get()
    contact.full_name = "Représentante du comité"
    contact.save()
    return AttendanceFactory(meeting=world.meeting, seat=world.seat, contact=contact)


def certificate_of(attendance) -> Rendition:
    about = About(attendance, DocumentKind.CERTIFICATE)
    rendition = request_rendition(about, language="fr", audience="coordination", by=None)
    render_rendition(rendition.pk)
    return Rendition.objects.get(snapshot__attendance=attendance)


def content_of(rendition) -> bytes:
    with rendition.file.open() as file:
        return file.read()


def signed_by(attendance, language="fr") -> list[str]:
    about = About(attendance, DocumentKind.CERTIFICATE)
    document = compose(
        about, language=language, audience="coordination", as_of=timezone.localdate()
    )
    [block] = [block for block in document["blocks"] if block["type"] == "signature"]
    return block["lines"]


# Who signs


def test_who_signs_is_said_by_the_committee_or_else_by_the_organisation(world, attendance):
    organisation = Organisation.objects.get()
    with override("fr"):
        coordination = gettext("For the coordination of the project")
    assert signed_by(attendance)[0] == coordination

    organisation.signatory, organisation.signatory_role_fr = "Personne A", "Direction générale"
    organisation.save()
    assert signed_by(attendance)[:2] == ["Personne A", "Direction générale"]

    world.committee.signatory = "Personne B"
    world.committee.signatory_role_fr, world.committee.signatory_role_es = (
        "Présidence",
        "Presidencia",
    )
    world.committee.save()
    attendance.refresh_from_db()
    assert signed_by(attendance)[:2] == ["Personne B", "Présidence"]
    assert signed_by(attendance, "es")[:2] == ["Personne B", "Presidencia"]
    forget()


# The code


def test_a_certificate_has_a_code_on_its_one_page(attendance):
    rendition = certificate_of(attendance)

    reader = PdfReader(io.BytesIO(content_of(rendition)))
    code = code_of(rendition.snapshot)
    text = " ".join(reader.pages[0].extract_text().split())
    assert len(reader.pages) == 1
    assert code in text
    assert reverse("reports:verify-code", args=[code]) in text
    kept = AttendanceCertificate.objects.values_list("attendance", "code", "sha256", "issued_on")
    assert [*kept] == [(attendance.pk, code, rendition.sha256, timezone.localdate())]


def test_the_code_says_nothing_of_the_name(attendance, settings):
    """Whoever has the rows cannot try names: the code is made with a secret."""
    snapshot = certificate_of(attendance).snapshot
    code = code_of(snapshot)

    assert code.replace("-", "").lower() not in snapshot.sha256
    settings.SECRET_KEY = "another ".ljust(60, ".")
    assert code_of(snapshot) != code


def test_whoever_checks_it_reads_no_name(client, world, attendance):
    rendition = certificate_of(attendance)

    code = code_of(rendition.snapshot)
    by_code, by_file = found_under(code), found_as(rendition.sha256)

    assert (
        told(by_code)
        == told(by_file)
        == {
            gettext("Document"): gettext("Certificate of attendance"),
            gettext("Of"): str(world.meeting),
            gettext("Project"): str(world.project),
            gettext("Day of the meeting"): day(world.meeting.day),
            gettext("Initials of the person"): "R. D. C.",
            gettext("Took part"): gettext("Online"),
            gettext("Issued on"): day(timezone.localdate()),
            gettext("Code"): code,
        }
    )
    page = client.get(reverse("reports:verify-code", args=[code]))
    assert page.status_code == 200
    assert "Représentante" not in page.content.decode()


def test_it_can_be_checked_after_its_file_and_data_were_deleted(attendance):
    rendition = certificate_of(attendance)
    code, sha256 = code_of(rendition.snapshot), rendition.sha256
    Rendition.objects.update(requested_at=timezone.now() - timedelta(days=31))
    Rendition.objects.expired().delete()
    Snapshot.objects.unused().delete()

    assert Snapshot.objects.count() == 0
    assert told(found_under(code)) == told(found_as(sha256))
    assert found_under(code) is not None


def test_a_certificate_is_unknown_once_the_attendance_is_deleted(attendance):
    rendition = certificate_of(attendance)
    code = code_of(rendition.snapshot)

    Attendance.objects.all().delete()

    assert AttendanceCertificate.objects.count() == 0
    assert (found_under(code), found_as(rendition.sha256)) == (None, None)


def test_of_a_person_who_was_forgotten_no_initials_are_left(attendance):
    code = code_of(certificate_of(attendance).snapshot)
    destroy_files(Rendition.objects.all(), "erasure")
    Attendance.objects.update(contact=None)

    found = found_under(code)

    assert gettext("Initials of the person") not in told(found)
    assert found.withdrawn_on == day(timezone.localdate())


def test_a_changed_certificate_is_unknown(attendance):
    content = bytearray(content_of(certificate_of(attendance)))
    content[-30] ^= 1

    assert found_as(hashlib.sha256(content).hexdigest()) is None


def test_equal_certificates_are_one(attendance):
    """Asked for twice on one day, it is the same file with the same code."""
    first = certificate_of(attendance)
    second = certificate_of(attendance)

    assert (first.pk, first.sha256) == (second.pk, second.sha256)
    assert AttendanceCertificate.objects.count() == 1


def test_a_certificate_of_a_project_for_training_is_neither_sealed_nor_known(
    world, attendance, seal_key
):
    type(world.project).objects.filter(pk=world.project.pk).update(training=True)
    rendition = certificate_of(attendance)
    [issued] = AttendanceCertificate.objects.all()

    assert rendition.is_ready
    assert rendition.seal is None
    assert [found_as(issued.sha256), found_under(issued.code)] == [None, None]


def test_a_certificate_is_sealed(attendance, seal_key):
    rendition = certificate_of(attendance)

    assert is_intact(content_of(rendition), seal_key.certificate)
    assert found_as(rendition.sha256) is not None


def test_codes_on_paper_stay_the_same_whatever_is_renamed(settings):
    settings.SECRET_KEY = "a secret of many years"

    assert code_of(Snapshot(sha256="0" * 64)) == "BA88-FEC5-604E"
