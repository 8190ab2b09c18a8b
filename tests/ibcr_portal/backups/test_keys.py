"""All keys in one file with versions, which is only ever written encrypted."""

import json
import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from ibcr_portal import key_file
from ibcr_portal.backups.keys import keys_in_use, unreadable_without, write_keys
from ibcr_portal.key_file import NoKeyFile
from ibcr_portal.models import Backup
from tests.ibcr_portal.backups.helpers import manage, refusal

OLD, NEW, LOG = ("x" * 50, "y" * 50, "z" * 50)


@pytest.fixture(autouse=True)
def three_keys(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    settings.ACCESS_LOG_KEY = LOG


@pytest.fixture
def seal(settings, tmp_path):
    (tmp_path / "seal.p12").write_bytes(b"\x00\xff the key of the seal")
    (tmp_path / "passphrase").write_text("open it\n")
    settings.SEAL_KEY = str(tmp_path / "seal.p12")
    settings.SEAL_PASSPHRASE_FILE = str(tmp_path / "passphrase")


def test_the_file_has_every_key_with_its_version(seal):
    keys = keys_in_use()

    assert [(key.name, key.version) for key in keys] == [
        ("SECRET_KEY", 1),
        ("SECRET_KEY", 2),
        ("ACCESS_LOG_KEY", 1),
        ("SEAL_KEY", 1),
        ("SEAL_PASSPHRASE", 1),
    ]
    assert key_file.read(key_file.written(keys)) == keys
    assert [key.value for key in key_file.versions(keys, "SECRET_KEY")] == [NEW, OLD]


def test_ids_and_names_say_nothing_of_a_key(seal):
    shown = repr(keys_in_use()) + json.dumps([key.label for key in keys_in_use()])

    assert not any(secret in shown for secret in (OLD, NEW, LOG, "open it"))


@pytest.mark.django_db
def test_keys_are_backed_up_and_restored_as_files(tmp_path, folder, identity, recipient, seal):
    said = manage("backup", "--keys", f"{folder}/k.age", "--recipient", recipient)
    assert "SECRET_KEY (version 2), ACCESS_LOG_KEY (version 1), SEAL_KEY (version 1)" in said
    assert NEW.encode() not in (folder / "k.age").read_bytes()

    to = ("--identity", str(identity), "--to", str(tmp_path / "new"))
    manage("restore", "--keys", f"{folder}/k.age", *to)

    written = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    together = key_file.read(written.pop("key_file"))
    assert [(key.name, key.value) for key in together] == [
        ("SECRET_KEY", OLD),
        ("SECRET_KEY", NEW),
        ("ACCESS_LOG_KEY", LOG),
    ]
    assert written == {
        "secret_key": NEW.encode(),
        "secret_key_fallbacks": OLD.encode(),
        "access_log_key": LOG.encode(),
        "seal_passphrase": b"open it",
        "seal.p12": b"\x00\xff the key of the seal",
    }
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}
    assert modes == {0o600}
    assert "is there already" in refusal("restore", "--keys", f"{folder}/k.age", *to)
    row = Backup.objects.get()
    assert (row.kind, len(row.keys)) == ("keys", 5)
    assert NEW not in json.dumps(row.keys)


def test_a_passphrase_that_somebody_chose_cannot_be_guessed_by_an_id(seal):
    ids = {key.name: key.id for key in keys_in_use()}

    assert ids["SEAL_PASSPHRASE"] == ""
    assert all(ids[name] for name in ("SECRET_KEY", "ACCESS_LOG_KEY", "SEAL_KEY"))


def test_no_link_in_the_folder_turns_a_key_away(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "secret_key").symlink_to(elsewhere)

    with pytest.raises(FileExistsError):
        write_keys(keys_in_use(), tmp_path / "new")
    assert not elsewhere.exists()


@pytest.mark.django_db
def test_keys_are_never_written_in_clear(folder):
    assert "never written in clear" in refusal("backup", "--keys", f"{folder}/k", "--plain")
    assert "not written in clear" in refusal("backup", "--keys", f"{folder}/k")
    assert not folder.exists()


@pytest.mark.django_db
def test_a_seal_that_cannot_be_read_here_is_told(settings, folder, recipient):
    settings.SEAL_KEY = "/nowhere/seal.p12"

    said = manage("backup", "--keys", f"{folder}/k.age", "--recipient", recipient)

    assert "run the command where the worker runs" in said


def test_what_a_key_opens_stays_unreadable_without_it():
    needed = [key.label for key in keys_in_use()]
    counts = {"mfa_authenticator": 12, "accounts_accessevent": 3400, "ibcr_portal_lockedaway": 2}
    without_old = [key for key in keys_in_use() if key.value != OLD]
    without_log = [key for key in keys_in_use() if key.value != LOG]

    assert unreadable_without(needed, counts, keys_in_use()) == []
    (secret,) = unreadable_without(needed, counts, without_old)
    assert "the second factors of people (12) cannot be read" in secret
    (log,) = unreadable_without(needed, counts, without_log)
    assert "the access log (3400 events) counts as forged" in log
    assert "(2 records) stays locked" in log


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format": 2, "keys": []}',
        b'{"format": 1, "keys": [{"name": "OTHER", "version": 1, "value": ""}]}',
        b'{"format": 1, "keys": [{"name": "SECRET_KEY", "version": "1", "value": ""}]}',
        b'{"format": 1, "keys": [7]}',
    ],
)
def test_what_is_no_file_of_keys_is_refused(content):
    with pytest.raises(NoKeyFile):
        key_file.read(content)


# --- As a setting -------------------------------------------------------------------------


@pytest.fixture
def environment(monkeypatch, tmp_path):
    for name in ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "ACCESS_LOG_KEY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(name, "")  # so that it is put back afterwards
    write_keys(keys_in_use(), tmp_path / "keys")
    monkeypatch.setenv("KEY_FILE", str(tmp_path / "keys" / "key_file"))
    return monkeypatch


def test_settings_take_the_keys_from_the_file(environment):
    key_file.adopt_key_file()

    names = ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "ACCESS_LOG_KEY")
    assert [os.environ[name] for name in names] == [NEW, OLD, LOG]


def test_an_empty_file_sets_nothing(environment, tmp_path):
    (tmp_path / "keys" / "key_file").write_text("\n")
    environment.setenv("SECRET_KEY", "of a file of its own")

    key_file.adopt_key_file()

    assert os.environ["SECRET_KEY"] == "of a file of its own"
    assert os.environ["ACCESS_LOG_KEY"] == ""


def test_two_different_keys_are_refused(environment):
    environment.setenv("SECRET_KEY", "another one")

    with pytest.raises(ImproperlyConfigured, match="KEY_FILE and SECRET_KEY have different keys"):
        key_file.adopt_key_file()


def test_a_file_that_is_none_is_refused(environment, tmp_path):
    environment.setenv("KEY_FILE", str(tmp_path / "missing"))

    with pytest.raises(ImproperlyConfigured, match="cannot be read as a file of keys"):
        key_file.adopt_key_file()
