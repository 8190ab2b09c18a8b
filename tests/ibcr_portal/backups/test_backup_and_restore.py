"""A portal is backed up, lost, and restored: on the engine of these tests, in one process."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.checkpoints import own_checkpoints
from accounts.log_check import check_log, keep_checkpoint
from accounts.models import AccessEvent, OutgoingMail, User
from ibcr_portal.backups.status import last_good_backup
from ibcr_portal.backups.tables import moment, tables
from ibcr_portal.models import Backup, FileProblem, SearchEntry
from ibcr_portal.persons.forgetting import forget
from ibcr_portal.persons.searching import DataSubject, content_of
from kernel.models import Organisation
from projects.models import Project
from reports.models import About, DocumentKind, Snapshot
from tests.factories import DocumentFactory, ExpenditureFactory, UserFactory
from tests.ibcr_portal.backups.helpers import content, keep_text, manage, refusal, wipe
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

TEXT = "Añade «ñandú» — 日本 🌱 \\ \" ' %s {}"


@pytest.fixture
def world():
    """A portal with values that engines and formats like to change."""
    world = World()
    User.objects.filter(pk=world.people["member"].pk).update(
        date_joined=datetime(2026, 3, 1, 23, 59, 59, 123456, tzinfo=UTC)
    )
    Organisation.objects.update(logo=bytes(range(256)))
    ExpenditureFactory(project=world.project, amount=Decimal("1234567890.10"))
    Snapshot.keep(
        About(world.meeting, DocumentKind.AGENDA),
        {"public": {"es": {"title": TEXT, "list": [1, 1.5, None, True, "0.10"], "null": None}}},
        is_final=True,
    )
    Project.objects.filter(pk=world.project.pk).update(title_es=TEXT)
    AccessEvent.record(AccessEvent.Kind.SIGN_IN, user=world.people["member"], method="code")
    keep_checkpoint()
    return world


@pytest.fixture
def paper(world):
    paper = DocumentFactory(meeting=world.meeting)
    keep_text(paper, TEXT.encode())
    return paper


def test_what_was_lost_is_back_to_the_last_byte(world, paper, folder, identity, recipient):
    before = content()
    said = manage("backup", f"{folder}/", "--recipient", recipient)
    (file,) = folder.glob("*.age")
    assert f"{file}: " in said
    assert TEXT.encode() not in file.read_bytes()
    wipe()
    default_storage.delete(paper.file.name)

    said = manage("restore", str(file), "--identity", str(identity), "--keep-links")

    assert content() == before
    assert "WRONG" not in said
    assert content_of(paper.file.name) == TEXT.encode()
    assert check_log(own_checkpoints()).is_whole
    assert Snapshot.objects.get(is_final=True).is_whole
    assert SearchEntry.objects.filter(kind="project").count() == Project.objects.count()


def test_keys_go_on_where_they_were_and_no_row_gets_one_again(world, folder):
    gone = UserFactory()
    User.objects.filter(pk=gone.pk).delete()
    manage("backup", f"{folder}/p.backup", "--plain")
    wipe()
    manage("restore", f"{folder}/p.backup")

    assert UserFactory().pk > gone.pk


def test_triggers_hold_again_after_a_restore(world, folder):
    manage("backup", f"{folder}/p.backup", "--plain")
    wipe()
    manage("restore", f"{folder}/p.backup")

    with pytest.raises(Exception, match="Events of the access log stay as they are"):
        AccessEvent.objects.all().delete()


def test_nothing_is_restored_over_a_portal_that_is_in_use(world, folder):
    before = content()
    manage("backup", f"{folder}/p.backup", "--plain")

    said = refusal("restore", f"{folder}/p.backup")

    assert said.startswith("This portal is not empty (")
    assert said.endswith("Nothing was restored.")
    assert content() == before


def test_checking_changes_nothing(world, paper, folder, identity, recipient):
    manage("backup", f"{folder}/", "--recipient", recipient)
    wipe()
    default_storage.delete(paper.file.name)
    (file,) = folder.glob("*.age")

    said = manage("restore", str(file), "--identity", str(identity), "--check")

    assert "1 files" in said
    assert "Signed by this portal." in said
    assert "everything in it can be read" in said
    assert not User.objects.exists()
    assert not default_storage.exists(paper.file.name)


def test_a_person_who_was_forgotten_since_is_forgotten_again(world, folder, settings):
    person = User.objects.get(pk=world.people["member"].pk)
    name = person.full_name
    older = folder / "older.backup"  # a name that is not that of the next one, in the same second
    manage("backup", str(older), "--plain")
    outcome = forget(
        DataSubject.of_user(person),
        DataSubject.of_user(person).spellings(),
        by=world.people["administrator"],
    )
    # The next backup takes the ledger along; the machine, and its own copy of it, are lost.
    manage("backup", f"{folder}/", "--plain")
    assert outcome.pseudonym in (folder / "erasures.jsonl").read_text()
    assert name not in (folder / "erasures.jsonl").read_text()
    wipe()
    settings.ERASURES.unlink()

    said = manage("restore", str(older))

    assert "Forgetting again (1)" in said
    person.refresh_from_db()
    assert person.full_name == outcome.pseudonym
    assert name not in json.dumps(content(), ensure_ascii=False)


def test_a_message_that_waited_is_not_sent_a_second_time(world, folder):
    mail = OutgoingMail.objects.create(
        person=world.people["member"], address="a@example.org", subject="Cita", text="Hola"
    )
    manage("backup", f"{folder}/p.backup", "--plain")
    wipe()

    said = manage("restore", f"{folder}/p.backup")

    mail.refresh_from_db()
    assert (mail.state, mail.failure) == ("failed", "unclear")
    assert "1 messages waited" in said


def test_newer_checkpoints_are_kept_beside_those_of_the_backup(world, folder, settings):
    manage("backup", f"{folder}/p.backup", "--plain")
    older = own_checkpoints()
    AccessEvent.record(AccessEvent.Kind.SIGN_IN, user=world.people["partner"], method="code")
    keep_checkpoint()
    newer = own_checkpoints()
    wipe()

    manage("restore", f"{folder}/p.backup")

    kept = list(settings.ACCESS_LOG_CHECKPOINTS.parent.glob("*.before-restore-*"))
    assert own_checkpoints() == older
    assert [path.read_text() for path in kept] == [newer]


def test_a_file_that_is_missing_is_told_and_stops_nothing(world, paper, folder):
    default_storage.delete(paper.file.name)

    said = refusal("backup", f"{folder}/p.backup", "--plain")

    assert "it is incomplete: it lacks 1 file(s)" in said
    assert Backup.objects.get().missing == 1
    assert "1 files were missing when it was made" in manage(
        "restore", f"{folder}/p.backup", "--check"
    )


def test_a_file_that_somebody_altered_is_told(world, paper, folder):
    type(paper).objects.filter(pk=paper.pk).update(sha256="1" * 64)

    assert "it is incomplete: it lacks 1 file(s)" in refusal(
        "backup", f"{folder}/p.backup", "--plain"
    )
    assert [*FileProblem.objects.values_list("name", "kind")] == [(paper.file.name, "altered")]


def test_the_age_of_the_last_good_backup_is_known(world, folder):
    assert last_good_backup() is None

    manage("backup", f"{folder}/p.backup", "--plain")

    row = Backup.objects.get()
    assert last_good_backup() == row.at
    assert (row.size, row.failure) == ((folder / "p.backup").stat().st_size, "")
    assert row.rows == sum(len(rows) for rows in content().values()) + _own_rows()


def _own_rows() -> int:
    """At the moment of the backup: its own row, and that of the installation."""
    return 2 + OutgoingMail.objects.count()


def test_no_backup_replaces_another_one_and_none_is_in_clear_unasked(world, folder, recipient):
    manage("backup", f"{folder}/p.backup", "--plain")
    first = (folder / "p.backup").read_bytes()

    assert "is there already" in refusal("backup", f"{folder}/p.backup", "--plain")
    assert "is not written in clear" in refusal("backup", f"{folder}/q.backup")
    assert "is no public key of age" in refusal("backup", f"{folder}/q", "--recipient", "age1x")
    assert [path.name for path in folder.iterdir()] == ["p.backup"]
    assert (folder / "p.backup").read_bytes() == first
    assert last_good_backup() == Backup.objects.exclude(size=None).get().at


def test_files_of_another_installation_are_not_mixed_with_ours(world, paper, folder, media):
    manage("backup", f"{folder}/p.backup", "--plain")
    wipe()
    media.delete("installation.id")
    media.save("installation.id", ContentFile(b"7f1e1c32-0000-4000-8000-000000000000"))

    said = refusal("restore", f"{folder}/p.backup")

    assert "carries the id of another installation" in said
    assert not User.objects.exists()


def test_another_file_in_the_place_of_one_undoes_the_restore(world, paper, folder, media):
    manage("backup", f"{folder}/p.backup", "--plain")
    wipe()
    media.delete(paper.file.name)
    media.save(paper.file.name, ContentFile(b"something else"))

    said = refusal("restore", f"{folder}/p.backup")

    assert "Another file is in the place of" in said
    assert not User.objects.exists()
    assert content_of(paper.file.name) == b"something else"
    assert not any(name.startswith("restore-") for name in media.listdir("")[0])


def test_a_disk_that_is_full_undoes_the_restore(world, paper, folder, media, settings):
    manage("backup", f"{folder}/p.backup", "--plain")
    wipe()
    media.delete(paper.file.name)
    (folder / "media").touch()  # a file in the place of the folder, where nothing can be written
    settings.MEDIA_ROOT = folder / "media"

    said = refusal("restore", f"{folder}/p.backup")

    assert said == "The files cannot be written: Not a directory. Nothing was restored."
    assert not User.objects.exists()


def test_writing_goes_on_while_a_backup_is_made(world, folder):
    """What comes after its moment is not in it, and nobody waits for it."""
    table = next(each for each in tables() if each.name == User._meta.db_table)
    with moment() as now:
        later = UserFactory()
        keys = [row[table.names.index("id")] for row in now.rows(table)]

    assert later.pk not in keys
    assert len(keys) == User.objects.count() - 1
