"""The key of the seal: the files that are read, the reasons why one is not, and the command that
makes it."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from django.core.management import CommandError, call_command
from time_machine import travel

from kernel.jobs import Job
from reports.models import SealCertificate
from reports.sealing.keys import SealFailed, is_on, opened, read_key, usable_key
from reports.sealing.making import new_key, write_key
from tests.reports.conftest import PASSPHRASE

WORD = PASSPHRASE.encode()


def pem_of(key, lock=None, *, chain=()):
    private = key.private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(lock) if lock else NoEncryption()
    )
    certificates = [one.public_bytes(Encoding.PEM) for one in (*chain, key.certificate)]
    return b"".join([*certificates, private])


def p12_of(private, certificate, *others, word=WORD):
    lock = BestAvailableEncryption(word) if word else NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"x", private, certificate, others or None, lock)


def refusal(content, word=WORD):
    with pytest.raises(SealFailed) as failed:
        opened(content, word)
    return failed.value.reason


def test_each_kind_of_file_is_read(seal_key):
    other = new_key("authority.example.org", "", years=1)
    files = [
        (p12_of(seal_key.private, seal_key.certificate, other.certificate), WORD),
        (p12_of(seal_key.private, seal_key.certificate, other.certificate, word=b""), b""),
        (pem_of(seal_key, WORD, chain=[other.certificate]), WORD),
        (pem_of(seal_key, chain=[other.certificate]), b""),
        (pem_of(seal_key, chain=[other.certificate]), WORD),  # its passphrase is not needed
    ]

    read = [opened(content, word) for content, word in files]

    assert {key.certificate for key in read} == {seal_key.certificate}
    assert {key.chain for key in read} == {(other.certificate,)}
    assert {key.private.private_numbers() for key in read} == {seal_key.private.private_numbers()}


def test_a_file_that_is_no_key_has_its_reason(seal_key):
    other = new_key("other.example.org", "", years=1)
    strange = ed25519.Ed25519PrivateKey.generate()
    p12 = p12_of(seal_key.private, seal_key.certificate)

    assert refusal(p12, b"another word") == "seal_passphrase"
    assert refusal(p12, b"") == "seal_passphrase"
    assert refusal(pem_of(seal_key, WORD), b"another word") == "seal_passphrase"
    assert refusal(pem_of(seal_key, WORD), b"") == "seal_passphrase"
    assert refusal(b"nothing of the kind") == "seal_passphrase"
    assert refusal(b"") == "seal_passphrase"
    assert refusal(seal_key.certificate.public_bytes(Encoding.PEM)) == "seal_key"
    assert refusal(p12_of(other.private, None, seal_key.certificate)) == "seal_key"
    assert refusal(p12_of(seal_key.private, None)) == "seal_key"
    assert refusal(p12_of(strange, None)) == "seal_key"


def test_the_key_says_nothing_of_itself(seal_key):
    assert "private" not in repr(seal_key)
    assert "PRIVATE" not in repr(seal_key)


def test_a_key_is_read_while_its_certificate_is_valid(seal_key):
    assert read_key().certificate == seal_key.certificate

    for moment in (timedelta(days=-2), timedelta(days=5 * 366)):
        with travel(datetime.now(UTC) + moment), pytest.raises(SealFailed) as failed:
            read_key()
        assert failed.value.reason == "seal_expired"


@pytest.mark.parametrize(
    ("setting", "reason"), [("SEAL_KEY", "seal_key"), ("SEAL_PASSPHRASE_FILE", "seal_passphrase")]
)
def test_a_file_that_is_gone_has_its_reason(seal_key, settings, setting, reason):
    Path(getattr(settings, setting)).unlink()

    with pytest.raises(SealFailed) as failed:
        read_key()

    assert failed.value.reason == reason


# The command


@pytest.mark.django_db
def test_the_command_makes_a_key_that_only_its_user_reads(settings, tmp_path, capsys):
    path, word = tmp_path / "seal.p12", tmp_path / "word"
    word.write_text(f"{PASSPHRASE}\n")
    settings.SEAL_KEY, settings.SEAL_PASSPHRASE_FILE = str(path), str(word)

    call_command("seal_key", years=2)

    certificate = read_key().certificate
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(tmp_path.iterdir()) == sorted([path, word])
    lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lasts == timedelta(days=730, hours=1)
    row = SealCertificate.objects.get()
    assert bytes(row.content) == certificate.public_bytes(Encoding.DER)
    assert row.is_own
    said = capsys.readouterr()
    assert row.sha256 in said.out
    assert PASSPHRASE not in said.out + said.err
    assert opened(path.read_bytes(), WORD).certificate == certificate


@pytest.mark.django_db
def test_a_key_is_replaced_only_if_that_is_asked_for(seal_key, settings):
    with pytest.raises(CommandError, match="--replace"):
        call_command("seal_key")
    assert read_key().certificate == seal_key.certificate

    call_command("seal_key", "--replace")

    assert read_key().certificate != seal_key.certificate


@pytest.mark.django_db
def test_to_check_a_key_publishes_nothing(seal_key, capsys):
    call_command("seal_key", "--check")

    assert seal_key.certificate.subject.rfc4514_string() in capsys.readouterr().out
    assert not SealCertificate.objects.exists()


@pytest.mark.django_db
def test_a_certificate_is_revoked_and_seals_nothing_more(seal_key, settings, capsys):
    row = SealCertificate.of(seal_key.certificate)
    assert usable_key().certificate == seal_key.certificate

    call_command("seal_key", revoke=row.fingerprint)

    row.refresh_from_db()
    assert row.revoked_at is not None
    assert row.sha256 in capsys.readouterr().out
    with pytest.raises(SealFailed) as failed:
        usable_key()
    assert failed.value.reason == "seal_expired"
    revoked_at = row.revoked_at
    call_command("seal_key", revoke=row.sha256)
    row.refresh_from_db()
    assert row.revoked_at == revoked_at
    with pytest.raises(CommandError, match="/seal/"):
        call_command("seal_key", revoke="ab" * 32)


@pytest.mark.django_db
def test_a_key_that_is_lost_does_not_switch_the_seal_off(seal_key, settings):
    before = is_on()
    settings.SEAL_KEY = ""
    never_sealed = is_on()
    SealCertificate.of(seal_key.certificate)
    lost = is_on()
    settings.SEAL_OFF = True

    assert (before, never_sealed, lost, is_on()) == (True, False, True, False)


@pytest.mark.django_db
def test_the_command_says_what_is_wrong(seal_key, settings, capsys):
    call_command("seal_key", "--check")
    assert "Certificate: " in capsys.readouterr().out

    Path(settings.SEAL_PASSPHRASE_FILE).write_text("another word")
    with pytest.raises(CommandError) as wrong:
        call_command("seal_key", "--check")
    settings.SEAL_KEY = ""
    with pytest.raises(CommandError) as off:
        call_command("seal_key")

    assert str(wrong.value) == str(Job.Failure.SEAL_PASSPHRASE.label)
    assert str(off.value) == "Nothing is sealed: write the path of the key as SEAL_KEY."


def test_a_worker_never_reads_half_a_key(seal_key, settings, tmp_path):
    """The file is replaced at once, and nothing is left beside it where that fails."""
    folder = Path(settings.SEAL_KEY).parent
    before = sorted(folder.iterdir())
    write_key(new_key("portal.example.org", "", years=1), Path(settings.SEAL_KEY), WORD)
    with pytest.raises(OSError, match="nothing"):
        write_key(seal_key, tmp_path / "nothing" / "seal.p12", WORD)

    assert sorted(folder.iterdir()) == before
