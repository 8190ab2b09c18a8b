"""An object storage on this machine (moto's server), which can be taken away and come back."""

from contextlib import contextmanager

import boto3
import pytest
from moto.server import ThreadedMotoServer

BUCKET = "portal-files"
KEY, SECRET = "the-key", "the/secret+of=tests"


class MotoBucket:
    def __init__(self):
        self._start(0)
        self.client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.port}",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
        )

    def _start(self, port):
        self.server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
        self.server.start()
        self.port = self.server.get_host_and_port()[1]

    @property
    def url(self):
        return f"s3+http://{KEY}:the%2Fsecret%2Bof%3Dtests@127.0.0.1:{self.port}/{BUCKET}"

    @property
    def names(self):
        found = self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return [one["Key"] for one in found]

    @contextmanager
    def away(self):
        self.server.stop()
        try:
            yield
        finally:
            self._start(self.port)


@pytest.fixture(scope="module")
def moto_bucket():
    bucket = MotoBucket()
    yield bucket
    bucket.server.stop()


@pytest.fixture
def bucket(moto_bucket, settings, monkeypatch, tmp_path):
    """The portal of this test keeps its files in a bucket, which is empty. A file that some code put
    into the folder of this machine all the same fails the test."""
    from ibcr_portal.environment import storage  # noqa: PLC0415  (with the address of this server)

    monkeypatch.setenv("STORAGE_URL", moto_bucket.url)
    settings.MEDIA_ROOT = unused = tmp_path / "must-stay-empty"
    settings.STORAGES = {**settings.STORAGES, "default": storage()}
    moto_bucket.client.create_bucket(Bucket=BUCKET)
    yield moto_bucket
    for name in moto_bucket.names:
        moto_bucket.client.delete_object(Bucket=BUCKET, Key=name)
    assert not unused.exists()
