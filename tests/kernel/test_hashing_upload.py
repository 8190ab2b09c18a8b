"""An upload that is hashed as it comes, and kept nowhere."""

import hashlib
import tempfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from kernel.hashing_upload import PassingUploadHandler

LIMIT = 300_000


def passed(content, limit=LIMIT):
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("a.pdf", content)})
    request.upload_handlers = [PassingUploadHandler(request, limit=limit)]
    return request.FILES["file"]


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, LIMIT - 1, LIMIT])
def test_its_hash_is_that_of_the_whole_content(size):
    content = bytes(number % 251 for number in range(size))

    file = passed(content)

    assert (file.size, file.sha256) == (size, hashlib.sha256(content).hexdigest())


def test_of_one_beyond_the_limit_the_size_is_known():
    assert passed(b"x" * (LIMIT + 200_000)).size == LIMIT + 200_000


def test_nothing_of_it_is_kept(settings, tmp_path, monkeypatch):
    settings.FILE_UPLOAD_TEMP_DIR = settings.MEDIA_ROOT = str(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    file = passed(b"secret" * 1_000_000, limit=50_000_000)

    assert list(tmp_path.iterdir()) == []
    assert file.read() == b""
    file.close()
