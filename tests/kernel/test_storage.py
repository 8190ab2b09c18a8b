"""Where files are kept: a folder whose files are whole, or a bucket that may be away."""

import io
import os
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404
from django.utils import timezone
from django.utils.translation import override

from kernel.files import serve
from kernel.storage import DiskStorage, StorageAway, StorageFull, storage_answers
from tests.object_storage import bucket, moto_bucket  # noqa: F401  (fixtures)

LARGE = os.urandom(3_000_000)
AWAY = (
    "The storage of files does not respond, so no file can be read or kept just now. Try again in a "
    "few minutes; if that does not help, tell your administrator."
)


def content_of(name):
    with default_storage.open(name) as file:
        return file.read()


@pytest.mark.parametrize("content", [b"", b"small", LARGE], ids=["empty", "small", "large"])
def test_a_bucket_gives_back_what_it_was_given(bucket, content):  # noqa: F811
    name = default_storage.save("a/folder/file.bin", ContentFile(content))

    assert name == "a/folder/file.bin"
    assert bucket.names == [name]
    assert content_of(name) == content
    assert default_storage.size(name) == len(content)
    assert default_storage.get_modified_time(name) > timezone.now() - timedelta(minutes=1)


def test_a_bucket_has_folders_like_a_disk(bucket):  # noqa: F811
    for name in ("a/one", "a/two", "a/b/three", "ab/four"):
        default_storage.save(name, ContentFile(b"x"))

    assert default_storage.listdir("a") == (["b"], ["one", "two"])
    assert [default_storage.exists(name) for name in ("a", "a/b", "a/one", "a/on", "c")] == [
        *(True, True, True, False, False)
    ]


def test_a_name_that_is_taken_is_never_written_over(bucket):  # noqa: F811
    first = default_storage.save("a/file", ContentFile(b"first"))
    second = default_storage.save("a/file", ContentFile(b"second"))

    assert first != second
    assert (content_of(first), content_of(second)) == (b"first", b"second")


def test_nobody_gets_an_address_of_the_bucket(bucket):  # noqa: F811
    name = default_storage.save("a/file", ContentFile(b"secret"))

    assert default_storage.url(name) == ""
    acl = bucket.client.get_object_acl(Bucket="portal-files", Key=name)
    assert [grant["Permission"] for grant in acl["Grants"]] == ["FULL_CONTROL"]


def test_a_file_that_is_not_there_is_missing_and_one_that_is_deleted_twice_is_deleted(bucket):  # noqa: F811
    name = default_storage.save("a/file", ContentFile(b"x"))

    default_storage.delete(name)
    default_storage.delete(name)

    with pytest.raises(FileNotFoundError):
        default_storage.open(name)
    with pytest.raises(FileNotFoundError):
        default_storage.size(name)


@pytest.mark.django_db
def test_a_bucket_that_is_away_is_said_to_be_away_in_each_way_and_comes_back(bucket):  # noqa: F811
    name = default_storage.save("a/file", ContentFile(b"x"))
    ways = (
        lambda: default_storage.open(name),
        lambda: default_storage.save("a/other", ContentFile(b"y")),
        lambda: default_storage.exists(name),
        lambda: default_storage.listdir("a"),
        lambda: default_storage.size(name),
        lambda: default_storage.get_modified_time(name),
    )

    with bucket.away(), override("en"):
        assert storage_answers() is False
        for way in ways:
            with pytest.raises(StorageAway) as refused:
                way()
            assert str(refused.value) == AWAY
        default_storage.delete(name)  # which nobody waits for

    assert storage_answers() is True
    assert default_storage.exists("a/other") is False


def test_a_bucket_that_does_not_exist_does_not_answer(bucket, settings):  # noqa: F811
    options = {**settings.STORAGES["default"]["OPTIONS"], "bucket_name": "no-such-bucket"}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": options},
    }

    assert storage_answers() is False


# The folder of one machine


def test_a_folder_answers_where_it_can_be_written(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "made" / "with the first file"

    assert storage_answers() is True


class FullDisk(io.BytesIO):
    """Content of which a disk takes the first piece alone."""

    def chunks(self, chunk_size=None):
        yield b"half"
        raise OSError(28, "No space left on device")


def test_a_full_disk_is_said_and_keeps_no_half_of_a_file(tmp_path):
    storage = DiskStorage(location=tmp_path)

    with override("en"), pytest.raises(StorageFull) as refused:
        storage.save("folder/file", FullDisk())

    assert str(refused.value) == (
        "The server's disk is full, so no file can be kept. Tell your administrator."
    )
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("size", [3, 5])
def test_a_file_of_another_size_than_was_written_down_is_not_sent(settings, tmp_path, size, caplog):
    settings.MEDIA_ROOT = tmp_path
    name = default_storage.save("half", ContentFile(b"whol"))
    file = SimpleNamespace(storage=default_storage, name=name)
    row = SimpleNamespace(
        _meta=SimpleNamespace(label="a.Row"), pk=7, file=file, kind="pdf", size=size
    )

    with (
        override("en"),
        pytest.raises(Http404, match=r"^This file is damaged; tell the coordination\.$"),
    ):
        serve(row, filename="whole")

    assert caplog.messages == [f"The file of a.Row 7 has 4 bytes, not {size}"]
