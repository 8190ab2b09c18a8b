"""Backups in a bucket of S3 or of what speaks like it. Address and keys are those of boto3: the
variables AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, or AWS_SHARED_CREDENTIALS_FILE.

What is not complete is no object: the parts of an upload become one at its end.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ibcr_portal.backups.targets.base import Refused, Writing

PART = 8_000_000
# S3 takes ten thousand parts: they grow, so that they are enough for any backup.
GROWS_AFTER = 1000
PROBE = "probe.txt"
MISSING = {"404", "NoSuchKey", "NotFound"}


class _S3Writing(Writing):
    def __init__(self, client: Any, bucket: str, key: str) -> None:
        super().__init__()
        self.client = client
        self.of = {"Bucket": bucket, "Key": key}
        self.upload = client.create_multipart_upload(**self.of)["UploadId"]
        self.parts: list[dict[str, Any]] = []
        self.buffer = bytearray()

    def put(self, data: bytes) -> None:
        self.buffer += data
        while len(self.buffer) >= (size := PART * (1 + len(self.parts) // GROWS_AFTER)):
            self._send(size)

    def _send(self, size: int) -> None:
        number = len(self.parts) + 1
        answer = self.client.upload_part(
            **self.of, UploadId=self.upload, PartNumber=number, Body=bytes(self.buffer[:size])
        )
        self.parts.append({"ETag": answer["ETag"], "PartNumber": number})
        del self.buffer[:size]

    def complete(self) -> None:
        if self.buffer or not self.parts:
            self._send(len(self.buffer))
        self.client.complete_multipart_upload(
            **self.of, UploadId=self.upload, MultipartUpload={"Parts": self.parts}, IfNoneMatch="*"
        )

    def abort(self) -> None:
        self.client.abort_multipart_upload(**self.of, UploadId=self.upload)


class S3Target:
    def __init__(self, bucket: str, prefix: str) -> None:
        self.bucket = bucket
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self.label = f"s3://{bucket}/{self.prefix}"
        self.client = boto3.client(
            "s3",
            config=Config(
                retries={"max_attempts": 5, "mode": "standard"}, connect_timeout=10, read_timeout=60
            ),
        )

    @classmethod
    def of(cls, text: str) -> "S3Target":
        bucket, _slash, prefix = text.removeprefix("s3://").partition("/")
        if not bucket:
            raise Refused(f"{text} names no bucket: write s3://bucket/prefix.")
        return cls(bucket, prefix)

    def named(self, name: str) -> str:
        return name

    @contextmanager
    def writing(self, name: str) -> Iterator[Writing]:
        key = f"{self.prefix}{name}"
        with refused_in_words(self.label):
            if self._exists(key):
                raise Refused(f"s3://{self.bucket}/{key} is there already, and is not replaced.")
            upload = _S3Writing(self.client, self.bucket, key)
            try:
                yield upload
                upload.complete()
            except BaseException:
                upload.abort()
                raise

    def _exists(self, key: str) -> bool:
        try:
            self.client.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return False
            raise
        return True

    def probe(self) -> None:
        """The right to delete may be missing: then a small object stays."""
        self.names()
        self.replace_text(PROBE, "")
        with suppress(Refused):
            self.delete(PROBE)

    def names(self) -> list[str]:
        with refused_in_words(self.label):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self.prefix, Delimiter="/"
            )
            found = [each["Key"] for page in pages for each in page.get("Contents", [])]
        return sorted(key.removeprefix(self.prefix) for key in found)

    def delete(self, name: str) -> None:
        with refused_in_words(self.label):
            self.client.delete_object(Bucket=self.bucket, Key=f"{self.prefix}{name}")

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """As a file of this machine: it is read twice, and must be the same both times."""
        with tempfile.TemporaryFile() as file:
            with refused_in_words(self.label):
                self.client.download_fileobj(self.bucket, f"{self.prefix}{name}", file)
            file.seek(0)
            yield file

    def read_text(self, name: str) -> str:
        with refused_in_words(self.label):
            try:
                found = self.client.get_object(Bucket=self.bucket, Key=f"{self.prefix}{name}")
            except ClientError as error:
                if error.response["Error"]["Code"] in MISSING:
                    return ""
                raise
            return str(found["Body"].read().decode("utf-8", errors="replace"))

    def replace_text(self, name: str, text: str) -> None:
        with refused_in_words(self.label):
            self.client.put_object(
                Bucket=self.bucket, Key=f"{self.prefix}{name}", Body=text.encode()
            )


def s3_file(text: str) -> tuple[S3Target, str]:
    where, _slash, name = text.rpartition("/")
    return S3Target.of(where), name


@contextmanager
def refused_in_words(label: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise Refused(f"{label}: the server refused it ({code}).") from error
    except BotoCoreError as error:
        raise Refused(f"{label}: {str(error).rstrip('.')}.") from error
