"""`manage.py move_files`: every file that a row names is on the other side, and is the same."""

import hashlib
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from kernel.media import ID_FILE, belongs_here, carried_id
from kernel.models import Installation
from kernel.storage import DiskStorage
from projects.models import Evidence
from tests.factories import EvidenceFactory
from tests.object_storage import bucket, moto_bucket  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(bucket, settings, tmp_path):  # noqa: F811
    settings.MEDIA_ROOT = tmp_path / "media"
    return DiskStorage(location=settings.MEDIA_ROOT)


@pytest.fixture
def on_disk(folder):
    """Rows whose files are in the folder, as before STORAGE_URL was set."""
    return [evidence(folder, f"photograph {number}".encode()) for number in range(3)]


def evidence(storage, content):
    row = EvidenceFactory(sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    default_storage.delete(row.file.name)
    name = storage.save(row.file.name, ContentFile(content))
    Evidence.objects.filter(pk=row.pk).update(file=name)
    row.refresh_from_db()
    return row


def move(**options):
    said = StringIO()
    call_command("move_files", stdout=said, **options)
    return said.getvalue()


def test_files_are_copied_once_and_compared(on_disk, bucket):  # noqa: F811
    assert move() == "Files that rows name: 3 copied.\n"
    assert move() == "Files that rows name: 3 equal.\n"
    assert move(check=True) == "Files that rows name: 3 equal.\n"

    assert sorted(bucket.names) == sorted(row.file.name for row in on_disk)
    for row in on_disk:
        with default_storage.open(row.file.name) as file:
            assert hashlib.sha256(file.read()).hexdigest() == row.sha256


def test_the_files_belong_to_the_same_portal_on_the_other_side(on_disk, folder, bucket):  # noqa: F811
    """Else nothing in the bucket would ever be tidied up."""
    key = str(Installation.ours().key)
    folder.save(ID_FILE, ContentFile(f"{key}\n".encode()))

    assert move() == "Files that rows name: 3 copied.\n"
    assert belongs_here() is True
    assert carried_id() == key

    default_storage.delete(ID_FILE)
    default_storage.save(ID_FILE, ContentFile(b"another\n"))
    with pytest.raises(CommandError, match="belong to another installation"):
        move()
    assert carried_id() == "another"


def test_files_go_back(on_disk, folder, bucket):  # noqa: F811
    move()
    for row in on_disk:
        folder.delete(row.file.name)
    made_since = evidence(default_storage, b"made since")

    assert move(back=True) == "Files that rows name: 4 copied.\n"
    with folder.open(made_since.file.name) as file:
        assert file.read() == b"made since"


def test_check_copies_nothing(on_disk, bucket):  # noqa: F811
    with pytest.raises(CommandError, match="3 files are not on both sides"):
        move(check=True)

    assert bucket.names == []


def test_what_is_missing_different_or_damaged_is_named(on_disk, folder):
    missing, different, damaged = (row.file.name for row in on_disk)
    folder.delete(missing)
    default_storage.save(different, ContentFile(b"something else"))
    Evidence.objects.filter(file=damaged).update(sha256="0" * 64)

    with pytest.raises(CommandError) as refused:
        move()

    *named, sum_of_them = str(refused.value).splitlines()
    assert set(named) == {
        f"{missing}: it is missing where it should come from",
        f"{different}: the copy has another content",
        f"{damaged}: it is not what the portal was given, on either side",
    }
    assert sum_of_them == "3 files are not on both sides."


def test_what_is_only_at_the_goal_was_made_since(on_disk, folder):
    evidence(default_storage, b"made since")

    assert move() == "Files that rows name: 3 copied, 1 only at the goal.\n"


def test_a_bucket_that_is_away_is_said(on_disk, bucket):  # noqa: F811
    with bucket.away(), pytest.raises(CommandError, match="run this again"):
        move()


def test_without_a_bucket_nothing_is_moved(db, settings):
    with pytest.raises(CommandError, match="STORAGE_URL is missing"):
        move()
