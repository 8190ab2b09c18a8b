"""What a worker does with a document it has claimed, and what it leaves behind when it fails."""

import errno
import hashlib
import os
import re
import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone, translation

from kernel.jobs import Job, LostLease
from kernel.quarantine import quarantined
from reports import libraries
from reports.models import About, Rendition, new_file_name
from reports.services.producing import produce, publish
from reports.services.requesting import request_rendition, retry_rendition
from reports.tasks import render_rendition, sweep_renditions
from tests.reports.conftest import stored_files

pytestmark = pytest.mark.django_db

LEASE = timedelta(seconds=60)


class FullStorage(FileSystemStorage):
    """A disk that is full after the first bytes."""

    def _save(self, name, content):
        super()._save(name, type(content)(content.file, name))
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def rendition(signed_briefly):
    return request_rendition(About(signed_briefly), language="fr", audience="donor", by=None)


def test_a_document_is_rendered_and_kept(signed, settings):
    rendition = request_rendition(About(signed), language="fr", audience="donor", by=None)

    render_rendition(rendition.pk)

    rendition.refresh_from_db()
    with rendition.file.open() as file:
        content = file.read()
    assert rendition.is_ready
    assert content.startswith(b"%PDF-1.7")
    assert rendition.size == len(content)
    assert rendition.sha256 == hashlib.sha256(content).hexdigest()
    assert rendition.pages > 3
    assert len(stored_files(settings)) == 1


def test_the_name_of_the_file_tells_nothing(rendition, world):
    render_rendition(rendition.pk)

    rendition.refresh_from_db()
    folder, _slash, name = rendition.file.name.rpartition("/")
    assert folder == "reports/renditions"
    assert re.fullmatch(r"[\w-]{32}\.pdf", name)
    assert world.project.code not in name


def test_a_message_that_comes_three_times_is_done_once(rendition, settings):
    for _ in range(3):
        render_rendition(rendition.pk)

    rendition.refresh_from_db()
    assert (rendition.state, rendition.attempt) == ("ready", 1)
    assert len(stored_files(settings)) == 1


def test_two_workers_do_not_do_the_same(rendition):
    first = Rendition.objects.claim(rendition.pk, lease=LEASE)
    second = Rendition.objects.claim(rendition.pk, lease=LEASE)

    assert first is not None
    assert second is None


def test_a_worker_that_lost_its_lease_publishes_nothing(rendition, settings):
    slow = Rendition.objects.claim(rendition.pk, lease=timedelta(seconds=-1))
    render_rendition(rendition.pk)  # another one takes over, and is done
    rendition.refresh_from_db()
    published = rendition.file.name

    produce(slow)

    rendition.refresh_from_db()
    assert (rendition.file.name, rendition.attempt) == (published, 2)
    assert len(stored_files(settings)) == 1


def test_a_lease_lost_at_the_very_end_leaves_no_file(rendition, settings):
    """Between the last word of the renderer and the row there is the storing of the file."""
    claimed = Rendition.objects.claim(rendition.pk, lease=LEASE)
    Rendition.objects.filter(pk=rendition.pk).update(token=None)

    with pytest.raises(LostLease):
        publish(claimed, _some_file(), name=new_file_name(), pages=1)

    assert stored_files(settings) == []


def test_what_belongs_to_a_file_is_written_with_it_or_not_at_all(rendition):
    claimed = Rendition.objects.claim(rendition.pk, lease=LEASE)
    noted = []

    def fail(_sha256):
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        publish(claimed, _some_file(), name=new_file_name(), pages=1, also=fail)
    rendition.refresh_from_db()
    assert (rendition.state, rendition.file.name) == ("working", "")

    claimed.refresh_from_db()
    publish(claimed, _some_file(), name=new_file_name(), pages=1, also=noted.append)
    rendition.refresh_from_db()
    assert (rendition.state, noted) == ("ready", [rendition.sha256])


def test_what_is_cancelled_is_not_published(rendition, settings):
    claimed = Rendition.objects.claim(rendition.pk, lease=LEASE)
    rendition.cancel()

    produce(claimed)

    rendition.refresh_from_db()
    assert rendition.state == Job.State.CANCELLED
    assert stored_files(settings) == []


def test_the_lease_is_held_while_the_renderer_works(signed):
    rendition = request_rendition(About(signed), language="fr", audience="donor", by=None)
    claimed = Rendition.objects.claim(rendition.pk, lease=timedelta(seconds=2))
    before = claimed.lease_until

    produce(claimed)

    assert claimed.is_ready
    assert claimed.lease_until > before


def test_too_long_is_a_reason_and_the_next_one_works(rendition, settings):
    seconds, settings.RENDER_SECONDS = settings.RENDER_SECONDS, 0
    render_rendition(rendition.pk)
    settings.RENDER_SECONDS = seconds
    rendition.refresh_from_db()
    assert (rendition.state, rendition.failure) == ("failed", "too_long")

    assert retry_rendition(rendition)
    render_rendition(rendition.pk)

    rendition.refresh_from_db()
    assert rendition.is_ready


def test_a_full_disk_is_a_reason_and_leaves_no_half_file(rendition, settings):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "tests.reports.test_producing.FullStorage"}
    }

    render_rendition(rendition.pk)

    rendition.refresh_from_db()
    assert (rendition.state, rendition.failure) == ("failed", "disk_full")
    assert rendition.file.name == ""
    assert stored_files(settings) == []


def test_data_that_no_template_can_show_fails_with_a_reason(rendition):
    type(rendition.snapshot).objects.filter(pk=rendition.snapshot_id).update(data={})

    render_rendition(rendition.pk)

    rendition.refresh_from_db()
    assert (rendition.state, rendition.failure) == ("failed", "broken")


def test_a_job_that_kills_each_worker_is_given_up(rendition):
    Rendition.objects.update(state=Job.State.WORKING, attempt=6, lease_until=timezone.now() - LEASE)

    render_rendition(rendition.pk)

    rendition.refresh_from_db()
    assert (rendition.state, rendition.failure) == ("failed", "worker_died")


def test_a_task_for_what_is_not_there_does_nothing():
    render_rendition(10**9)

    assert not Rendition.objects.exists()


# The sweep


def test_the_sweep_rings_for_what_waits(rendition, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as queued:
        sweep_renditions()

    assert len(queued) == 1


@pytest.mark.parametrize("state", ["ready", "failed", "cancelled"])
def test_the_sweep_leaves_what_is_over(rendition, state, django_capture_on_commit_callbacks):
    Rendition.objects.update(state=state, file="x", pages=1)

    with django_capture_on_commit_callbacks() as queued:
        sweep_renditions()

    assert queued == []


def test_files_of_dead_workers_are_set_aside_and_the_others_kept(rendition, settings):
    render_rendition(rendition.pk)
    orphan = default_storage.save("reports/renditions/orphan.pdf", _some_file())
    fresh = default_storage.save("reports/renditions/fresh.pdf", _some_file())
    _age(orphan, hours=2)
    _age(fresh, hours=0)
    rendition.refresh_from_db()
    _age(rendition.file.name, hours=2)

    cache.clear()
    sweep_renditions()

    kept = {rendition.file.name.rpartition("/")[2], fresh.rpartition("/")[2]}
    assert set(stored_files(settings)) == kept
    assert [each.name for each in quarantined()] == [orphan]


def test_old_drafts_go_and_signed_documents_stay(signed_briefly):
    draft = Rendition.objects.create(
        snapshot=signed_briefly.snapshot, language="en", audience="donor", is_draft=True
    )
    final = request_rendition(About(signed_briefly), language="en", audience="donor", by=None)
    long_ago = timezone.now() - timedelta(days=Rendition.DAYS_KEPT + 1)
    Rendition.objects.update(requested_at=long_ago, state="failed")

    cache.clear()
    sweep_renditions()

    assert list(Rendition.objects.all()) == [final]
    assert draft.pk != final.pk


def _some_file():
    return ContentFile(b"%PDF-", name="x.pdf")


def _age(name, *, hours):
    """By the clock of this process: that of files is another one in `make deep PART=calendar`."""
    changed = time.time() - hours * 3600
    os.utime(default_storage.path(name), (changed, changed))


def test_what_lacked_libraries_says_so_and_is_made_once_they_are_there(
    rendition, unreadable_libraries
):
    render_rendition(rendition.pk)
    sweep_renditions()

    rendition.refresh_from_db()
    assert (rendition.state, rendition.failure) == ("failed", "no_libraries")
    with translation.override("en"):
        sentence = rendition.get_failure_display()
    assert [name for name in libraries.NEEDED.values() if name not in sentence] == []

    for file in unreadable_libraries:
        file.unlink()
    sweep_renditions()
    render_rendition(rendition.pk)

    rendition.refresh_from_db()
    assert (rendition.state, rendition.failure) == ("ready", "")
