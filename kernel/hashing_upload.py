"""Uploads that are only hashed as they come in: nothing of them is kept."""

import hashlib
import io
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest


class PassedFile(UploadedFile):
    """What is known of a file that was only hashed: its name, its size in bytes, its SHA-256."""

    def __init__(self, name: str | None, size: int, sha256: str) -> None:
        super().__init__(io.BytesIO(), name, size=size)
        self.sha256 = sha256


class PassingUploadHandler(FileUploadHandler):
    """Replaces Django's handlers, which write large files into a temporary folder:

    request.upload_handlers = [PassingUploadHandler(request, limit=50_000_000)]

    Bytes beyond `limit` are read, so that the browser gets its answer, but not hashed: the form
    checks the size before it uses the hash.
    """

    def __init__(self, request: HttpRequest | None = None, *, limit: int) -> None:
        super().__init__(request)
        self.limit = limit

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.digest = hashlib.sha256()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start <= self.limit:
            self.digest.update(raw_data)

    def file_complete(self, file_size: int) -> PassedFile:
        return PassedFile(self.file_name, file_size, self.digest.hexdigest())
