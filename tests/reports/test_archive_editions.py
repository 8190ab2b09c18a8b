"""The editions of a project's archive: what each holds, that it opens without the portal, and that
others can check it with tools of their own."""

import csv
import hashlib
import io
import json
import re
import subprocess
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from partners.models import AgreementFile
from projects.models import AmendmentFile, DutyDone, DutyFile, Participation, VoucherScan
from reports.models import Archive, DocumentKind, FiledDocument, FiledVersion
from reports.permissions.archives import final_renditions, rights_in, the_donor
from reports.sealing.making import new_key, write_key
from reports.services.archive_files import stored_files
from reports.services.archiving import request_archive
from reports.tasks import make_archive
from tests.projects.money import ExpenditureFactory
from tests.reports.shelves import final_document, ready_file, standing_report

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def stored(row, content: bytes, **facts):
    row.file.save("x", ContentFile(content), save=False)
    row.original_name, row.kind, row.size = "Secret name.pdf", "pdf", len(content)
    row.sha256 = hashlib.sha256(content).hexdigest()
    row.save()
    return row


def filed(world, title, **facts) -> FiledDocument:
    facts = {"kind": "other", "on": date(2020, 5, 1), "language": "es"} | facts
    document = FiledDocument.objects.create(project=world.project, title=title, **facts)
    for number in (1, 2):
        stored(FiledVersion(document=document, number=number), f"{title} {number}".encode())
    return document


@pytest.fixture
def told(world):
    report = standing_report(world)
    for audience in ("donor", "committee"):
        ready_file(report.snapshot, "fr", audience)
    final_document(world.meeting, DocumentKind.RECORD)
    filed(world, "Open letter", for_donor=True)
    filed(world, "Inner note")
    filed(world, "Confidential note", is_confidential=True)
    gone = filed(world, "Removed note", for_donor=True)
    FiledDocument.objects.filter(pk=gone.pk).update(
        withdrawn_on=date(2020, 6, 1), withdrawn_why="wrong"
    )
    spent = ExpenditureFactory(project=world.project)
    stored(VoucherScan(expenditure=spent), b"invoice of somebody")
    return report


def made(world, edition, language="en") -> Archive:
    archive = request_archive(
        world.project, by=world.people["coordinator"], language=language, edition=edition
    )
    make_archive(archive.pk)
    archive.refresh_from_db()
    assert archive.is_ready, archive.failure
    return archive


def files_in(archive) -> dict[str, bytes]:
    with archive.file.open() as file, zipfile.ZipFile(file) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


def test_the_full_edition_holds_all_and_only_the_newest_versions(world, told):
    files = files_in(made(world, "full"))
    documents = {name: content for name, content in files.items() if name.startswith("documents/")}

    assert documents == {
        "documents/2020-05-01-open-letter.pdf": b"Open letter 2",
        "documents/2020-05-01-inner-note.pdf": b"Inner note 2",
        "documents/2020-05-01-confidential-note.pdf": b"Confidential note 2",
    }
    assert b"invoice of somebody" in files.values()
    assert files["reports/report-1-v1-fr.pdf"].endswith(b"fr committee")


def test_days_are_those_of_the_organisation(world, told):
    """As everywhere in the archive: what came in the evening did not come the next day."""
    scan = VoucherScan.objects.get()
    VoucherScan.objects.filter(pk=scan.pk).update(
        uploaded_at=datetime(2020, 5, 2, 3, 0, tzinfo=UTC)
    )

    with timezone.override("America/Tegucigalpa"):
        found = stored_files(world.people["coordinator"], world.project, "full")
        days = [entry.day for entry in found if isinstance(entry.file, VoucherScan)]

    assert days == [date(2020, 5, 1)]


def test_the_donors_edition_holds_nothing_that_is_withheld(world, told):
    files = files_in(made(world, "donor"))
    documents = {name for name in files if name.startswith("documents/")}

    assert documents == {"documents/2020-05-01-open-letter.pdf"}
    assert files["reports/report-1-v1-fr.pdf"].endswith(b"fr donor")
    everything = b"".join(files.values())
    for secret in (b"Inner note", b"Confidential note", b"Removed note", b"invoice of somebody"):
        assert secret not in everything, secret


def test_the_donor_as_a_reader_has_the_rights_of_a_donor(world, told):
    person, reader = world.people["donor"], the_donor(world.project)

    assert rights_in(reader, world.project) == rights_in(person, world.project)
    seen = [set(final_renditions(one, [world.project])) for one in (reader, person)]
    assert seen[0] == seen[1] != set()


def test_small_counts_are_for_donors_whose_agreements_all_say_so(world):
    reader = the_donor(world.project)

    assert "small counts" not in rights_in(reader, world.project)


def test_data_are_there_for_other_programs(world, told):
    files = files_in(made(world, "full"))
    data = json.loads(files["data/data.json"])
    page = next(name for name in data if name.startswith("Decisions"))
    rows = list(
        csv.reader(io.StringIO(files["data/decisions-and-recommendations.csv"].decode("utf-8-sig")))
    )

    assert data[page]["columns"] == rows[0]
    assert [row[0] for row in data[page]["rows"]] == [row[0] for row in rows[1:]] == ["2020-01"]
    assert {"data/data.xlsx", "data/framework.csv", "data/actions.csv"} <= set(files)


def test_the_pages_need_nothing_from_elsewhere(world, told):
    files = files_in(made(world, "full"))
    for name in ("index.html", "index-fr.html", "index-es.html"):
        page = files[name].decode()
        addresses = re.findall(r'(?:href|src|action)="([^"]+)"', page)
        assert addresses, name
        assert [each for each in addresses if each not in files] == [], name
        assert "default-src 'none'" in page
        assert "http:" not in page
        assert "https:" not in page
        assert "url(" not in page
    assert 'lang="fr"' in files["index-fr.html"].decode()
    assert "Comment vérifier cette archive" in files["index-fr.html"].decode()


def test_the_sums_are_checked_with_common_tools(world, told, tmp_path):
    archive = made(world, "full")
    with archive.file.open() as file, zipfile.ZipFile(file) as packed:
        packed.extractall(tmp_path)
    command = ["sha256sum", "--strict", "-c", "SHA256SUMS"]
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)

    assert checked.stdout.count(b": OK") == len(files_in(archive)) - 1
    (tmp_path / "index.html").write_bytes(b"other")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_the_sums_are_signed_where_the_portal_seals(world, told, tmp_path, settings):
    key = new_key("portal.example.org", "Organisation", years=1)
    write_key(key, tmp_path / "seal.p12", b"")
    settings.SEAL_KEY, settings.SEAL_PASSPHRASE_FILE, settings.SEAL_OFF = (
        str(tmp_path / "seal.p12"),
        "",
        False,
    )
    archive = made(world, "donor")
    folder = tmp_path / "unpacked"
    with archive.file.open() as file, zipfile.ZipFile(file) as packed:
        packed.extractall(folder)
    command = [
        "openssl",
        "cms",
        "-verify",
        "-binary",
        "-inform",
        "DER",
        "-in",
        "SHA256SUMS.p7s",
        "-content",
        "SHA256SUMS",
        "-certfile",
        "certificate.pem",
        "-noverify",
        "-out",
        "/dev/null",
    ]

    assert " ".join(command[:8]) in (folder / "index.html").read_text().replace("\\\n  ", "")
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0
    Path(folder / "SHA256SUMS").write_bytes(b"other")
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize("role", ["monitoring", "auditor", "donor", "partner"])
def test_only_the_coordination_makes_editions(client, world, role):
    client.force_login(world.people[role])
    url = reverse("reports:archive-edition", args=[world.project.code, "full"])

    assert client.post(url).status_code == 403
    assert not Archive.objects.exists()


def test_who_coordinates_no_more_gets_no_edition(client, world, told):
    archive = made(world, "full")
    person = world.people["coordinator"]
    client.force_login(person)
    url = reverse("reports:archive-download", args=[archive.pk])
    assert b"".join(client.get(url).streaming_content).startswith(b"PK")
    person.assignments.update(role="reader")

    assert client.get(url).status_code == 404


def test_an_agreement_with_a_partner_is_not_the_donors(world, told):
    from tests.factories import AgreementFactory  # noqa: PLC0415

    for role, words in (("partner", b"partner's agreement"), ("donor", b"donor's agreement")):
        institution = world.institutions[role]
        agreement = AgreementFactory(institution=institution)
        Participation.objects.filter(project=world.project, institution=institution).update(
            agreement=agreement
        )
        stored(AgreementFile(agreement=agreement), words)
    full, donor = (b"".join(files_in(made(world, one)).values()) for one in ("full", "donor"))

    assert b"partner's agreement" in full
    assert b"donor's agreement" in full
    assert b"partner's agreement" not in donor
    assert b"donor's agreement" in donor
    assert AmendmentFile.objects.count() == 0


def test_of_several_donors_none_gets_what_is_of_another_alone(world, told):
    from tests.factories import (  # noqa: PLC0415
        AgreementFactory,
        InstitutionFactory,
        ParticipationFactory,
        ReportingDutyFactory,
    )

    donor = world.institutions["donor"]
    first = Participation.objects.get(project=world.project, institution=donor)
    first.agreement = AgreementFactory(institution=donor, tells_small_counts=True)
    first.save()
    stored(AgreementFile(agreement=first.agreement), b"the first donor's agreement")
    for to, words in ((first, b"handed to the first"), (None, b"handed to all")):
        duty = ReportingDutyFactory(project=world.project, participation=to)
        done = DutyDone.objects.create(duty=duty, period=world.year, on=date(2020, 3, 1))
        stored(DutyFile(done=done), words)

    def handed_over() -> bytes:
        return b"".join(files_in(made(world, "donor")).values())

    alone = handed_over()
    assert all(
        words in alone
        for words in (b"first donor's agreement", b"handed to the first", b"handed to all")
    )
    ParticipationFactory(project=world.project, institution=InstitutionFactory(), role="funding")
    shared = handed_over()
    assert b"handed to all" in shared
    assert b"first donor's agreement" not in shared
    assert b"handed to the first" not in shared


@pytest.mark.parametrize("edition", ["full", "donor"])
def test_an_edition_ends_when_a_document_in_it_is_for_fewer(client, world, told, edition):
    archive = made(world, edition)
    client.force_login(world.people["coordinator"])
    url = reverse("reports:archive-download", args=[archive.pk])
    assert b"".join(client.get(url).streaming_content).startswith(b"PK")

    letter = FiledDocument.objects.get(title="Open letter")
    letter.for_donor = False
    letter.save()

    assert client.get(url).status_code == 404
    assert made(world, edition).is_ready
