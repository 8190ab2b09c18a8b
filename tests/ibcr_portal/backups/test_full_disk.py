"""A restore onto a disk that is too small blames the disk, says how much room is missing, and leaves the
portal empty."""

import pytest

from ibcr_portal.backups.encryption import identities_in
from ibcr_portal.backups.restoring import checked, restore
from ibcr_portal.backups.targets import Refused
from tests.disks import fill, small_disk
from tests.factories import DocumentFactory
from tests.ibcr_portal.backups.helpers import content, keep_text, manage, refusal, wipe
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

SIZE = 6_000_000


@pytest.fixture
def backup(folder, identity, recipient):
    """An encrypted backup with a file of 6 MB, of a portal that was lost since."""
    paper = DocumentFactory(meeting=World().meeting)
    keep_text(paper, b"x" * SIZE)
    manage("backup", f"{folder}/", "--recipient", recipient)
    wipe()
    return next(folder.glob("*.age"))


def test_a_disk_that_is_too_small_is_said_before_anything_is_loaded(
    backup, identity, settings, tmp_path
):
    before = content()
    with small_disk(tmp_path / "small", 4) as settings.MEDIA_ROOT:
        said = refusal("restore", str(backup), "--identity", str(identity))

    assert f"The disk of {tmp_path}/small is too small: the files of the backup need 7 MB" in said
    assert "4 MB are free, 2 MB are missing. The backup is whole." in said
    assert said.endswith("Nothing was restored.")
    assert content() == before


def test_a_disk_that_gets_full_meanwhile_is_not_called_a_damaged_backup(
    backup, identity, settings, tmp_path
):
    before, identities = content(), identities_in(identity)
    with small_disk(tmp_path / "small", 20) as settings.MEDIA_ROOT, backup.open("rb") as source:
        found = checked(source, identities)
        with pytest.raises(Refused, match=r"written: the disk is full\.$"):
            # It has said that it loads, and something else takes the room.
            restore(source, identities, found, [], lambda _said: fill(tmp_path / "small"))
        left = [path.name for path in (tmp_path / "small").rglob("*") if path.is_file()]

    assert left == ["takes-all-room"]
    assert content() == before
