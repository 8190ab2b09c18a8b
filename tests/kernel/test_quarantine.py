"""Files that no row names are kept apart, and never many of them, nor those of another portal."""

import os
import uuid
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from accounts.models import OutgoingMail
from accounts.retention import forget_unnamed_files
from accounts.unnamed_files import set_aside_unnamed
from kernel.media import belongs_here, carried_id, carry_id
from kernel.models import Installation
from kernel.quarantine import Quarantined, Why, put_back, quarantined, set_aside
from reports.models import ARCHIVES, FOLDER, Archive, Rendition, RenditionQuerySet
from reports.services.sweeping import sweep_files
from tests.factories import ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def administrator():
    return UserFactory(is_staff=True, language="en")


def add(name: str, *, hours: int = 2) -> str:
    """A file as old as that."""
    name = default_storage.save(name, ContentFile(name.encode()))
    moment = (timezone.now() - timedelta(hours=hours)).timestamp()
    os.utime(default_storage.path(name), (moment, moment))
    return name


class Named(RenditionQuerySet):
    """Rows that name these files."""

    names: frozenset[str] = frozenset()

    def exclude(self, *args, **kwargs):
        return self

    def values_list(self, *args, **kwargs):
        return self.names


def rows_naming(*names: str):
    rows = Named(Rendition)
    rows.names = frozenset(names)
    return rows


def test_a_file_that_no_row_names_is_set_aside_and_can_be_put_back(media, administrator):
    carry_id(Installation.ours().key)
    named, unnamed = add(f"{FOLDER}/named.pdf"), add(f"{FOLDER}/unnamed.pdf")

    found = set_aside_unnamed(FOLDER, rows_naming(named))

    assert found.moved == [unnamed]
    (aside,) = quarantined()
    assert (aside.name, aside.until) == (unnamed, aside.day + timedelta(days=30))
    assert not default_storage.exists(unnamed)
    assert default_storage.exists(named)
    mail = OutgoingMail.objects.get(person=administrator)
    assert mail.subject == "1 file belongs to no record and was set aside"

    assert put_back([aside]) == []
    assert (media / unnamed).read_bytes() == unnamed.encode()
    assert list(quarantined()) == []


def test_a_file_that_is_being_stored_stays():
    add(f"{FOLDER}/new.pdf", hours=0)

    assert set_aside(FOLDER, Rendition.objects.all()).left == []


def test_never_more_than_a_share_goes_however_often_the_sweep_runs(settings, administrator):
    settings.QUARANTINE_SHARE = 10
    carry_id(Installation.ours().key)
    named = [add(f"{FOLDER}/named-{number}.pdf") for number in range(60)]
    first = [add(f"{FOLDER}/first-{number}.pdf") for number in range(6)]
    assert sorted(set_aside(FOLDER, rows_naming(*named)).moved) == sorted(first)

    second = [add(f"{FOLDER}/second-{number}.pdf") for number in range(2)]
    found = set_aside_unnamed(FOLDER, rows_naming(*named))

    assert (found.why, sorted(found.left), found.moved) == (Why.MANY, sorted(second), [])
    assert len(list(quarantined())) == 6
    mail = OutgoingMail.objects.get(person=administrator)
    assert mail.subject == "Many files belong to no record"
    assert "2 of 62 files" in mail.text

    # It stays so until somebody has looked: one message a day.
    set_aside_unnamed(FOLDER, rows_naming(*named))
    assert OutgoingMail.objects.count() == 1


# --- A restore in the wrong order ---------------------------------------------------------


def test_files_first_then_a_database_that_does_not_know_them(administrator):
    """The finding: an empty or older database, and yesterday's files."""
    carry_id(uuid.uuid4())
    names = [add(f"{FOLDER}/signed-{number}.pdf") for number in range(3)]

    sweep_files()

    assert all(default_storage.exists(name) for name in names)
    assert not belongs_here()
    mail = OutgoingMail.objects.get(person=administrator)
    assert mail.subject == "The files of the portal do not belong to its database"


def test_an_older_database_of_the_same_portal(administrator):
    carry_id(Installation.ours().key)
    names = [add(f"{FOLDER}/signed-{number}.pdf") for number in range(40)]

    sweep_files()

    assert all(default_storage.exists(name) for name in names)
    assert OutgoingMail.objects.get().subject == "Many files belong to no record"


def test_files_without_an_id_and_a_database_that_has_one():
    Installation.ours()
    names = [add(f"{FOLDER}/signed-{number}.pdf") for number in range(3)]

    assert set_aside(FOLDER, Rendition.objects.all()).why is Why.FOREIGN
    assert all(default_storage.exists(name) for name in names)

    call_command("quarantine", "--adopt")

    assert carried_id() == str(Installation.ours().key)
    assert sorted(set_aside(FOLDER, Rendition.objects.all()).moved) == sorted(names)


def test_a_new_database_on_the_files_of_another_portal():
    """A portal for tests that was pointed at the files of the real one."""
    real = uuid.uuid4()
    carry_id(real)
    name = add(f"{FOLDER}/signed.pdf")

    assert set_aside(FOLDER, Rendition.objects.all()).why is Why.FOREIGN
    assert carried_id() == str(real)
    assert default_storage.exists(name)


def test_a_portal_that_has_no_id_yet_gets_one():
    name = add(f"{FOLDER}/left.pdf")

    assert set_aside(FOLDER, Rendition.objects.all()).moved == [name]
    assert carried_id() == str(Installation.ours().key)


def test_a_backup_and_a_new_file_do_not_part_database_and_files(tmp_path):
    """The id is written to both at once, so a portal with files never looks foreign to itself."""
    add(f"{FOLDER}/signed.pdf")

    assert belongs_here()
    assert carried_id() == str(Installation.objects.get().key)
    assert belongs_here()


# --- Afterwards ---------------------------------------------------------------------------


def test_files_are_deleted_after_thirty_days_unless_they_belong_elsewhere():
    carry_id(Installation.ours().key)
    today = timezone.now().date()
    old, young = (
        Quarantined(today - timedelta(days=days), f"{FOLDER}/{days}.pdf") for days in (31, 30)
    )
    for each in (old, young):
        add(each.place)
    default_storage.delete("installation.id")
    carry_id(uuid.uuid4())
    assert forget_unnamed_files() == 0

    default_storage.delete("installation.id")
    carry_id(Installation.ours().key)

    assert forget_unnamed_files() == 1
    assert list(quarantined()) == [young]


def test_a_file_is_not_put_back_over_another_one():
    aside = Quarantined(date(2026, 11, 28), f"{FOLDER}/a.pdf")
    add(aside.place)
    add(aside.name)

    assert put_back([aside]) == [aside.name]
    assert list(quarantined()) == [aside]


def test_the_command_lists_and_puts_back(capsys):
    carry_id(Installation.ours().key)
    name = add(f"{ARCHIVES}/a.zip")
    set_aside(ARCHIVES, Archive.objects.all())

    call_command("quarantine")
    call_command("quarantine", "--put-back", name)

    said = capsys.readouterr().out
    assert name in said
    assert "1 files are set aside." in said
    assert "1 files are back." in said
    assert default_storage.exists(name)


def test_all_are_set_aside_when_somebody_has_looked(capsys):
    carry_id(Installation.ours().key)
    names = [add(f"{FOLDER}/{number}.pdf") for number in range(9)]
    assert set_aside(FOLDER, Rendition.objects.all()).why is Why.MANY

    call_command("quarantine", "--all")

    assert {each.name for each in quarantined()} == set(names)
    assert f"{FOLDER}: 9 of 9 files set aside." in capsys.readouterr().out


def test_the_file_of_a_row_that_was_deleted_on_purpose_goes_at_once(
    django_capture_on_commit_callbacks,
):
    name = add(f"{ARCHIVES}/mine.zip")
    Archive.objects.create(project=ProjectFactory(), user=UserFactory(), language="es", file=name)

    with django_capture_on_commit_callbacks(execute=True):
        Archive.objects.all().delete()

    assert not default_storage.exists(name)
