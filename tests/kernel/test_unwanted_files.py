"""A file that was deleted while its storage was away is deleted once that is back."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from kernel.models import Installation, UnwantedFile
from kernel.unwanted_files import delete_unwanted
from projects.models import ProposalFile
from reports.tasks import sweep_renditions
from tests.factories import ProposalFactory
from tests.object_storage import bucket, moto_bucket  # noqa: F401  (fixtures)

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def file(bucket):  # noqa: F811
    file = ProposalFile(proposal=ProposalFactory(), original_name="a.pdf", kind="pdf", size=1)
    file.file.save("a.pdf", ContentFile(b"x"), save=False)
    file.save()
    return file


@pytest.fixture
def unwanted(bucket, file):  # noqa: F811
    """The name of a file whose row is deleted, while the bucket is away."""
    file.delete()
    with bucket.away():
        default_storage.delete(file.file.name)
    return file.file.name


def test_it_stays_noted_while_the_bucket_is_away_and_goes_afterwards(bucket, unwanted):  # noqa: F811
    with bucket.away():
        assert delete_unwanted() == []
    assert unwanted in bucket.names

    assert delete_unwanted() == [unwanted]

    assert unwanted not in bucket.names
    assert not UnwantedFile.objects.exists()
    assert delete_unwanted() == []


def test_the_files_of_a_person_who_was_forgotten_go_with_the_next_sweep(
    bucket,  # noqa: F811
    file,
    django_capture_on_commit_callbacks,
):
    with bucket.away(), django_capture_on_commit_callbacks(execute=True):
        file.proposal.forget_person()
    assert not ProposalFile.objects.exists()
    assert file.file.name in bucket.names

    sweep_renditions()

    assert file.file.name not in bucket.names


def test_a_file_that_a_row_names_again_is_kept(bucket, file):  # noqa: F811
    """As after a restore of the database alone."""
    UnwantedFile.objects.create(name=file.file.name)

    assert delete_unwanted() == []

    assert file.file.name in bucket.names
    assert not UnwantedFile.objects.exists()


def test_another_file_under_its_name_is_kept(bucket, unwanted):  # noqa: F811
    UnwantedFile.objects.update(since=timezone.now() - timedelta(hours=1))

    assert delete_unwanted() == []

    assert unwanted in bucket.names
    assert not UnwantedFile.objects.exists()


def test_nothing_is_deleted_in_the_bucket_of_another_installation(bucket, unwanted):  # noqa: F811
    Installation.ours()
    default_storage.save("installation.id", ContentFile(b"7f1e1c32-0000-4000-8000-000000000000"))

    assert delete_unwanted() == []

    assert unwanted in bucket.names
    assert UnwantedFile.objects.get().name == unwanted
