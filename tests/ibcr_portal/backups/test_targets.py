"""A folder and an S3 bucket: what is not complete is not there, and nothing is replaced."""

import boto3
import pytest
from moto.server import ThreadedMotoServer

from ibcr_portal.backups.making import keep_beside, together
from ibcr_portal.backups.targets import Refused, source_of, target_of
from ibcr_portal.backups.targets.s3 import PART

NAME = "portal-20261128T020000Z.backup.age"


@pytest.fixture(scope="module")
def server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(server, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.client("s3")
    client.create_bucket(Bucket="backups")
    yield client
    for each in client.list_objects_v2(Bucket="backups").get("Contents", []):
        client.delete_object(Bucket="backups", Key=each["Key"])
    client.delete_bucket(Bucket="backups")
    client.close()


@pytest.fixture(params=["folder", "s3"])
def place(request, tmp_path):
    if request.param == "folder":
        return f"{tmp_path}/backups/"
    request.getfixturevalue("s3")
    return "s3://backups/portal"


def interrupt():
    raise KeyboardInterrupt


def written(target, content: bytes, name: str = NAME, *, meanwhile=lambda: None):
    with target.writing(name) as writing:
        for start in range(0, len(content), 100_000):
            writing.write(content[start : start + 100_000])
        meanwhile()
    return writing


def test_what_was_written_is_read_again(place):
    content = bytes(range(256)) * (PART // 256 * 2 + 1000)  # of S3, three parts
    target = target_of(place)
    writing = written(target, content)

    assert writing.size == len(content)
    assert target.names() == [NAME]
    source, name = source_of(f"{target.label}{NAME}")
    with source.opened(name) as file:
        assert file.read() == content

    target.delete(NAME)
    assert target.names() == []


def test_no_backup_replaces_another_one(place):
    target = target_of(place)
    written(target, b"first")

    with pytest.raises(Refused, match="is there already"):
        written(target, b"second")
    with target.opened(NAME) as file:
        assert file.read() == b"first"


def test_of_two_at_once_one_appears(place):
    one, other = target_of(place), target_of(place)

    with pytest.raises(Refused):
        written(one, b"slow", meanwhile=lambda: written(other, b"fast"))
    with one.opened(NAME) as file:
        assert file.read() == b"fast"


def test_what_is_interrupted_leaves_nothing(place):
    target = target_of(place)

    with pytest.raises(KeyboardInterrupt):
        written(target, b"half of it", meanwhile=interrupt)
    assert target.names() == []


def test_a_text_beside_the_backups_is_replaced(place):
    target = target_of(place)
    assert target.read_text("erasures.jsonl") == ""

    target.replace_text("erasures.jsonl", "a\n")
    target.replace_text("erasures.jsonl", "a\nb\n")

    assert target.read_text("erasures.jsonl") == "a\nb\n"


def test_the_copy_of_the_ledger_never_loses_a_line(place, settings):
    target = target_of(place)
    settings.ERASURES.write_text("one\ntwo\n")
    assert keep_beside(target)
    assert not keep_beside(target)
    # The portal was set up anew, and has another line.
    settings.ERASURES.write_text("three\n")

    assert keep_beside(target)

    assert together(target.read_text("erasures.jsonl")) == ["one", "two", "three"]


def test_a_bucket_that_does_not_answer_is_told(monkeypatch, s3):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    with pytest.raises(Refused, match=r"^s3://backups/portal/: "):
        target_of("s3://backups/portal").names()
    with pytest.raises(Refused, match="names no bucket"):
        target_of("s3://")


def test_a_folder_that_nobody_may_write_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="Not a directory"):
        written(target_of(f"{tmp_path}/file/x/"), b"")


def test_a_single_file_is_a_target_as_well(tmp_path):
    target = target_of(f"{tmp_path}/own-name.age")
    written(target, b"x", target.named(NAME))

    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["own-name.age"]
    assert (tmp_path / "own-name.age").read_bytes() == b"x"
