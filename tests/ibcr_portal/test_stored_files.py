"""Files that were lost or altered are noticed, named until they are right again, and put back."""

import hashlib
from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ibcr_portal.backups.making import back_up_if_due
from ibcr_portal.backups.status import last_good_backup
from ibcr_portal.backups.targets import target_of
from ibcr_portal.models import Alert, Backup, FileCheck, FileProblem
from ibcr_portal.observing import alerts
from ibcr_portal.observing.machines import forget_state
from ibcr_portal.stored_files import check_some
from ibcr_portal.tasks import check_files
from projects.models import Evidence
from tests.factories import EvidenceFactory, UserFactory
from tests.object_storage import bucket, moto_bucket  # noqa: F401  (fixtures)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ERASURES = tmp_path / "erasures.jsonl"
    settings.ACCESS_LOG_CHECKPOINTS = tmp_path / "checkpoints.jsonl"


def stored(content: bytes) -> Evidence:
    row = EvidenceFactory(sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    default_storage.delete(row.file.name)
    name = default_storage.save(row.file.name, ContentFile(content))
    Evidence.objects.filter(pk=row.pk).update(file=name)
    row.refresh_from_db()
    return row


@pytest.fixture
def photographs():
    """Three, by their names in the storage."""
    rows = [stored(f"photograph {number}".encode()) for number in range(3)]
    return sorted(row.file.name for row in rows)


def altered(name: str) -> None:
    default_storage.delete(name)
    default_storage.save(name, ContentFile(b"something else"))


def manage(*command: str) -> tuple[int, str]:
    """The exit code of a command, and what it said."""
    said = StringIO()
    try:
        call_command(*command, stdout=said, stderr=said)
    except CommandError as error:
        return error.returncode, f"{said.getvalue()}{error}"
    return 0, said.getvalue()


def health(client, part: str) -> dict:
    forget_state()
    return client.get("/health/ready").json()["checks"][part]


def test_files_that_are_all_there_are_said_to_be_right(photographs):
    assert manage("verify_files") == (
        0,
        "Files that rows name: 3, each as its row says.\n",
    )
    assert FileCheck.objects.get().ended_at


def test_what_is_missing_or_altered_is_named_with_what_to_do(photographs):
    default_storage.delete(photographs[0])
    altered(photographs[1])

    code, said = manage("verify_files")

    assert code == 3
    assert f"missing  {photographs[0]}\naltered  {photographs[1]}\n" in said
    assert "2 of 3 files are missing or altered." in said
    assert "manage.py restore BACKUP --identity KEY --files" in said


def test_a_file_in_a_bucket_is_read_as_well(bucket, photographs):  # noqa: F811
    assert manage("verify_files")[0] == 0
    default_storage.delete(photographs[2])

    code, said = manage("verify_files")

    assert (code, f"missing  {photographs[2]}" in said) == (3, True)


def test_a_bucket_that_is_away_is_not_called_a_lost_file(bucket, photographs):  # noqa: F811
    with bucket.away():
        code, said = manage("verify_files")
        check_files()  # the next hour goes on

    assert (code, "does not respond" in said) == (1, True)
    assert not FileProblem.objects.exists()


def test_every_file_has_its_turn_and_a_lost_one_is_found_without_a_person(photographs, monkeypatch):
    monkeypatch.setattr("ibcr_portal.stored_files.LEAST", 1)
    default_storage.delete(photographs[1])

    for _hour in range(2):
        check_some()
    assert [*FileProblem.objects.values_list("name", "kind")] == [(photographs[1], "missing")]
    assert FileCheck.objects.get().ended_at is None

    for _hour in range(2):
        check_some()
    assert FileCheck.objects.get().after == ""
    assert FileCheck.objects.get().ended_at


def test_a_turn_ends_when_its_time_is_over_and_the_next_one_goes_on(photographs):
    assert check_some(seconds=0) == 1
    assert FileCheck.objects.get().after == photographs[0]
    assert check_some() == 2


def test_a_file_that_is_right_again_or_that_no_row_names_any_more_is_forgotten(photographs):
    altered(photographs[0])
    default_storage.delete(photographs[1])
    check_some()
    assert FileProblem.objects.count() == 2

    default_storage.delete(photographs[0])
    default_storage.save(photographs[0], ContentFile(_content(photographs[0])))
    Evidence.objects.filter(file=photographs[1]).delete()
    check_some()

    assert not FileProblem.objects.exists()


def _content(name: str) -> bytes:
    digest = Evidence.objects.get(file=name).sha256
    contents = (f"photograph {number}".encode() for number in range(3))
    return next(one for one in contents if hashlib.sha256(one).hexdigest() == digest)


def test_machines_the_page_and_administrators_are_told(client, photographs):
    administrator = UserFactory(is_staff=True, language="en")
    default_storage.delete(photographs[0])
    assert health(client, "files") == {"status": "ok", "missing": 0, "altered": 0}
    check_some()

    assert health(client, "files") == {"status": "warn", "missing": 1, "altered": 0}
    alerts.look()
    assert Alert.objects.filter(kind="files").exists()
    client = Client()
    client.force_login(administrator)
    page = client.get(reverse("system")).content.decode()
    assert f"{photographs[0]} – missing" in page
    assert "Files that records name are missing or altered." in page


def test_a_backup_that_lacks_a_file_says_so_and_does_not_count(photographs, tmp_path, client):
    at = timezone.now() - timedelta(hours=25)
    Backup.objects.create(at=at, finished_at=at, size=1, target="x")
    default_storage.delete(photographs[0])
    altered(photographs[1])

    code, said = manage("backup", f"{tmp_path}/backups/", "--plain")

    assert code == 3
    assert f"A row names the file {photographs[0]}, which is missing." in said
    assert f"A row names the file {photographs[1]}, which is not as it was stored." in said
    assert "it is incomplete: it lacks 2 file(s)" in said
    assert last_good_backup() == at
    assert health(client, "files")["status"] == "warn"


def test_incomplete_backups_never_take_the_place_of_a_complete_one(photographs, tmp_path, settings):
    settings.BACKUP_KEEP, folder = (1, 0, 0), tmp_path / "backups"
    folder.mkdir()
    complete = folder / "portal-20200101T020000Z.backup"
    complete.touch()
    earlier = folder / "portal-20200102T020000Z.backup"
    earlier.touch()
    at = timezone.now() - timedelta(days=9)
    Backup.objects.create(
        at=at, finished_at=at, size=1, target=str(earlier), is_complete=False, missing=1
    )
    default_storage.delete(photographs[0])

    assert back_up_if_due(target_of(f"{folder}/"), []) is True

    left = sorted(path.name for path in folder.glob("portal-*"))
    assert left[0] == complete.name
    assert earlier.name not in left  # a newer one that lacks files is there
    assert len(left) == 2
    assert back_up_if_due(target_of(f"{folder}/"), []) is False  # and not again each hour


def test_what_was_lost_is_put_back_from_a_backup_while_the_portal_runs(photographs, tmp_path):
    backup = f"{tmp_path}/p.backup"
    assert manage("backup", backup, "--plain")[0] == 0
    later = stored(b"after the backup").file.name
    altered(photographs[0])
    for name in (photographs[1], later):
        default_storage.delete(name)
    manage("verify_files")

    code, said = manage("restore", backup, "--files")

    assert (code, "2 file(s) were put back, 1 were not." in said) == (3, True)
    assert f"Not in this backup as its row says: {later}" in said
    code, said = manage("verify_files")
    assert f"missing  {later}\n1 of 4 files are missing or altered." in said
    assert default_storage.listdir("quarantine")[0]  # the altered one is kept for a while


def test_of_a_file_that_no_backup_has_somebody_says_why_and_backups_count_again(
    photographs, tmp_path
):
    default_storage.delete(photographs[0])
    assert manage("verify_files", "--accept", photographs[0], "--why", "x")[0] == 1  # not known yet
    manage("verify_files")
    assert "Say with --why" in manage("verify_files", "--accept", photographs[0])[1]

    assert manage("verify_files", "--accept", photographs[0], "--why", "The disk burnt.")[0] == 0

    code, said = manage("verify_files")
    assert (code, "1 file(s) are accepted as lost." in said) == (0, True)
    assert manage("backup", f"{tmp_path}/backups/", "--plain")[0] == 0
    assert last_good_backup() is not None


def test_a_file_that_was_taken_away_while_a_backup_is_made_is_not_lost(photographs, tmp_path):
    """The row went with it: the backup is of the moment before."""
    from ibcr_portal.stored_files import note_all  # noqa: PLC0415  (only this test asks it alone)

    assert note_all({"evidence/gone.jpg": "missing", photographs[0]: "missing"}) == {
        photographs[0]: "missing"
    }
