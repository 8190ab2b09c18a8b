"""Files in an object storage that speaks S3, which several hosts share (STORAGE_URL).

The bucket is private and nobody is ever sent to it: files go through the portal, which asks who
may have them and writes that into its log. An opened file is fetched whole, into a temporary file
if it is large, so that a storage which breaks off is noticed before the answer begins.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage
from urllib3.exceptions import HTTPError

from kernel.storage import StorageAway

logger = logging.getLogger(__name__)

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

NO_ANSWER = (BotoCoreError, ClientError, Boto3Error, HTTPError)
IN_MEMORY = 2_000_000  # bytes of an opened file; a larger one lies in a temporary file
CLIENT = Config(
    # Somebody waits for the page: a storage that is away is said to be so within seconds.
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 2},
    signature_version="s3v4",
    # Not all servers that speak S3 know the newer check sums, or names of hosts for buckets.
    s3={"addressing_style": "path"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
# To ask whether it answers, once and briefly.
PROBE = CLIENT.merge(
    Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 1})
)
# A storage that kept somebody waiting for so long without an answer is left alone by this process for so
# long, in seconds: else one page after the other would wait for it, until none is left to answer.
SLOW, PAUSE = 3.0, 10.0

OfStorage = Callable[Concatenate["ObjectStorage", Given], Answer]


def _answered(method: "OfStorage[Given, Answer]") -> "OfStorage[Given, Answer]":
    """Say in one way that the storage is away, in whichever of its ways it is."""

    @wraps(method)
    def wrapper(self: "ObjectStorage", /, *args: Given.args, **kwargs: Given.kwargs) -> Answer:
        began = time.monotonic()
        if began < self.silent_until:
            raise StorageAway
        try:
            return method(self, *args, **kwargs)
        except NO_ANSWER as error:
            logger.error("The storage of files does not respond: %s", error)
            if time.monotonic() - began > SLOW:
                self.silent_until = time.monotonic() + PAUSE
            raise StorageAway from error

    return wrapper


class ObjectStorage(S3Storage):
    silent_until = 0.0

    def __init__(self, *, client_config: Config = CLIENT, **options: Any) -> None:
        self.own_options = options
        super().__init__(
            client_config=client_config,
            transfer_config=TransferConfig(use_threads=False),
            max_memory_size=IN_MEMORY,
            file_overwrite=False,
            default_acl=None,
            **options,
        )

    @_answered
    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        opened: File[Any] = super()._open(name, mode)
        if "r" in mode:
            _fetched = opened.file  # now, and not while the answer is being sent
        return opened

    @_answered
    def _save(self, name: str, content: "File[Any]") -> str:
        return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        """Delete the file, or if the storage is away, note that it has to go: what people did is done
        by then, and the sweep does the rest (`kernel.unwanted_files`)."""
        try:
            self.delete_or_raise(name)
        except StorageAway:
            # Not before Django has read the models, which have fields of files.
            from kernel.unwanted_files import note_unwanted  # noqa: PLC0415

            note_unwanted(name)

    @_answered
    def delete_or_raise(self, name: str) -> None:
        super().delete(name)

    @_answered
    def exists(self, name: str) -> bool:
        """Return whether there is such a file, or a folder with something in it."""
        if super().exists(name):
            return True
        found = self.connection.meta.client.list_objects_v2(
            Bucket=self.bucket_name, Prefix=f"{self._normalize_name(name)}/", MaxKeys=1
        )
        return bool(found["KeyCount"])

    @_answered
    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        folders, files = super().listdir(path)
        return folders, files

    @_answered
    def size(self, name: str) -> int:
        return int(super().size(name))

    @_answered
    def get_modified_time(self, name: str) -> datetime:
        try:
            moment: datetime = super().get_modified_time(name)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                raise FileNotFoundError(name) from error  # as of the other methods
            raise
        return moment

    def url(self, name: str | None, *args: Any, **kwargs: Any) -> str:
        """Files have no address: a view serves them to those who may have them."""
        return ""

    def answers(self) -> bool:
        brief = ObjectStorage(client_config=PROBE, **self.own_options)
        try:
            brief.connection.meta.client.head_bucket(Bucket=self.bucket_name)
        except NO_ANSWER as error:
            logger.error("The storage of files does not respond: %s", error)
            return False
        return True
