from datetime import UTC, datetime, timedelta

import pytest

from ibcr_portal.backups import making
from ibcr_portal.backups.rotation import moment_in, name_for, superfluous
from ibcr_portal.backups.status import backup_is_late, last_good_backup
from ibcr_portal.backups.targets import Refused, target_of
from ibcr_portal.models import Backup

NOW = datetime(2026, 11, 28, 3, 30, tzinfo=UTC)


def names(*days: int) -> list[str]:
    """Backups of so many days ago."""
    return [name_for(NOW - timedelta(days=day), is_encrypted=True) for day in days]


def test_the_newest_of_days_weeks_and_months_are_kept():
    every_day = names(*range(400))

    kept = [name for name in every_day if name not in superfluous(every_day, (7, 5, 12))]

    days = [(NOW - moment_in(name)).days for name in kept]
    assert days[:7] == [0, 1, 2, 3, 4, 5, 6]
    # Sundays, and the last days of months.
    assert days[7:] == [13, 20, 27, 28, 59, 89, 120, 151, 181, 212, 242, 273, 301, 332]


def test_two_of_one_day_count_once():
    morning = name_for(NOW.replace(hour=1), is_encrypted=True)
    assert superfluous([*names(0, 1), morning], (2, 1, 1)) == [morning]


def test_other_files_and_the_newest_backup_are_never_deleted():
    others = ["keys-20200101T000000Z.json.age", "erasures.jsonl", "portal-x.backup", "notes.txt"]
    assert superfluous([*others, *names(900)], (1, 1, 1)) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("last", "now", "slot"),
    [
        (None, NOW, "2026-11-28T03"),
        (NOW - timedelta(hours=1), NOW, ""),  # today, after the hour
        (NOW - timedelta(hours=2), NOW, "2026-11-28T03"),  # before the hour
        (NOW - timedelta(hours=2), NOW.replace(hour=1), ""),  # the hour is still to come
    ],
)
def test_a_backup_is_due_once_a_day(settings, last, now, slot):
    settings.BACKUP_HOUR = 2
    if last:
        Backup.objects.create(at=last, finished_at=last, size=1, target="x")

    assert making.due_slot(now) == slot


@pytest.mark.django_db
def test_while_one_is_being_made_no_other_one_begins_and_a_failed_one_is_tried_again():
    running = Backup.objects.create(at=NOW - timedelta(hours=1), target="x")
    assert making.due_slot(NOW) == ""

    Backup.objects.filter(pk=running.pk).update(finished_at=NOW, failure="The disk is full.")

    assert last_good_backup() is None
    assert making.due_slot(NOW) == "2026-11-28T03"


@pytest.mark.django_db(transaction=True)
def test_of_two_schedules_one_makes_the_backup_of_an_hour(tmp_path):
    target = target_of(f"{tmp_path}/backups/")
    Backup.objects.create(
        at=NOW - timedelta(days=9), target="x", slot=making.due_slot(datetime.now(UTC))
    )

    assert making.back_up_if_due(target, []) is False
    assert target.names() == []


@pytest.mark.django_db(transaction=True)
def test_a_schedule_makes_a_backup_and_deletes_old_ones(tmp_path, settings):
    settings.BACKUP_KEEP = (1, 1, 1)
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in names(800, 900):
        (folder / name).touch()

    assert making.back_up_if_due(target_of(f"{folder}/"), []) is True

    left = {moment_in(path.name) for path in folder.iterdir()}
    assert len(left) == 1
    assert last_good_backup() is not None


@pytest.mark.django_db(transaction=True)
def test_a_backup_that_cannot_be_written_is_recorded_with_its_reason(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(Refused, match="Not a directory"):
        making.back_up_if_due(target_of(f"{tmp_path}/file/backups/"), [])

    assert Backup.objects.get().failure.endswith("Not a directory.")
    assert last_good_backup() is None


@pytest.mark.django_db
def test_an_old_row_goes_and_the_last_good_one_stays():
    for days in (500, 450, 2):
        at = NOW - timedelta(days=days)
        Backup.objects.create(
            at=at, finished_at=at, size=1, target="x", failure="Full." if days == 2 else ""
        )

    Backup.objects.forget(NOW - timedelta(days=400))

    assert [(NOW - row.at).days for row in Backup.objects.all()] == [2, 450]


@pytest.mark.parametrize(
    ("embedded", "target", "hours", "late"),
    [
        (False, "", 25, False),
        (False, "", 27, True),
        (False, "", None, True),
        (True, "", None, False),
        (True, "/backups/", None, True),
    ],
)
def test_a_backup_is_late_after_twenty_six_hours(settings, embedded, target, hours, late):
    settings.EMBEDDED, settings.BACKUP_TARGET = embedded, target
    last = None if hours is None else NOW - timedelta(hours=hours)

    assert backup_is_late(last, NOW) is late
