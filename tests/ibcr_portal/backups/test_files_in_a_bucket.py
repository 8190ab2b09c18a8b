"""A portal whose files are in a bucket (STORAGE_URL): backup, restore, quarantine, and a bucket that is
away."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from ibcr_portal.backups import making
from ibcr_portal.backups.status import last_good_backup
from ibcr_portal.backups.targets import Refused, files_away_refused, target_of
from ibcr_portal.models import Backup
from kernel import quarantine
from kernel.media import ID_FILE, carried_id, carry_id
from kernel.models import Installation
from kernel.storage import StorageFull
from reports.models import FOLDER, Rendition
from tests.factories import DocumentFactory
from tests.ibcr_portal.backups.helpers import content, keep_text, manage, refusal, wipe
from tests.object_storage import bucket, moto_bucket  # noqa: F401  (fixtures)
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

CONTENT = b"What the committee read.\n" * 1000
AWAY = "their storage does not respond"


@pytest.fixture
def paper(bucket):  # noqa: F811
    paper = DocumentFactory(meeting=World().meeting)
    default_storage.delete(paper.file.name)
    keep_text(paper, CONTENT)
    return paper


def content_of(name):
    with default_storage.open(name) as file:
        return file.read()


def test_what_was_lost_from_a_bucket_is_back(paper, bucket, folder):  # noqa: F811
    manage("backup", f"{folder}/p.backup", "--plain")
    before, names = content(), bucket.names
    wipe()
    for name in names:
        default_storage.delete(name)

    said = manage("restore", f"{folder}/p.backup")

    assert "WRONG" not in said
    assert content() == before
    assert bucket.names == names  # nothing is left where files waited for the rows
    assert content_of(paper.file.name) == CONTENT
    assert carried_id() == str(Installation.ours().key)


def test_a_bucket_that_is_away_is_no_backup_and_is_said(paper, bucket, folder):  # noqa: F811
    with bucket.away():
        assert AWAY in refusal("backup", f"{folder}/p.backup", "--plain")
        with pytest.raises(Refused, match=AWAY):  # the service goes on and tries again
            making.back_up_if_due(target_of(f"{folder}/"), [])

    assert AWAY in Backup.objects.order_by("pk")[0].failure
    assert last_good_backup() is None
    assert list(folder.glob("*")) == []


def test_nothing_is_restored_while_the_bucket_is_away(paper, bucket, folder):  # noqa: F811
    manage("backup", f"{folder}/p.backup", "--plain")
    wipe()
    before = content()

    with bucket.away():
        said = refusal("restore", f"{folder}/p.backup")

    assert AWAY in said
    assert said.endswith("Nothing was restored.")
    assert content() == before


def test_a_disk_that_is_full_is_said_as_well():
    with pytest.raises(Refused, match=r"written: the disk is full\.$"), files_away_refused():
        raise StorageFull


def test_a_file_that_no_row_names_is_set_aside_in_the_bucket_and_put_back(bucket, monkeypatch):  # noqa: F811
    monkeypatch.setattr(quarantine, "STORING", timedelta(hours=-1))  # also what was just stored
    carry_id(Installation.ours().key)
    name = default_storage.save(f"{FOLDER}/left.pdf", ContentFile(CONTENT))

    assert quarantine.set_aside(FOLDER, Rendition.objects.all()).moved == [name]
    (aside,) = quarantine.quarantined()
    assert bucket.names == [ID_FILE, aside.place]

    assert quarantine.put_back([aside]) == []
    assert content_of(name) == CONTENT
    assert bucket.names == [ID_FILE, name]


def test_a_file_that_is_deleted_meanwhile_is_no_bucket_that_is_away(bucket):  # noqa: F811
    with pytest.raises(FileNotFoundError):
        default_storage.get_modified_time(f"{FOLDER}/deleted.pdf")


def test_a_bucket_that_is_away_is_said_where_files_are_put_back(bucket):  # noqa: F811
    with bucket.away(), pytest.raises(CommandError, match="does not respond"):
        call_command("quarantine")


def test_an_update_needs_no_bucket(bucket):  # noqa: F811
    with bucket.away():
        said = manage("update", "--no-key")

    assert "The storage of files does not respond: whose files they are was not looked at." in said
