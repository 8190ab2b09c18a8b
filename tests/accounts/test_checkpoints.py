"""Signed states of the access log: how they are kept, sent and read."""

import json
import logging
from base64 import b64decode
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone, translation

from accounts.checkpoints import (
    Checkpoint,
    checkpoints_in,
    newest_in,
    own_checkpoints,
    public_key,
    public_key_id,
)
from accounts.log_check import check_log, forget_events, keep_checkpoint
from accounts.models import AccessChain, AccessEvent, OutgoingMail
from accounts.tasks import check_access_log, sign_access_log
from tests.factories import UserFactory
from tests.triggers import triggers_off

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def file(tmp_path, settings):
    settings.ACCESS_LOG_CHECKPOINTS = tmp_path / "kept" / "checkpoints.jsonl"
    return settings.ACCESS_LOG_CHECKPOINTS


def record(times=1):
    for _ in range(times):
        AccessEvent.record("sign_in", user=None)


def test_an_empty_log_has_none(file):
    sign_access_log()

    assert not file.exists()
    assert own_checkpoints() == ""


def test_one_is_added_whenever_something_happened(file):
    record(2)
    sign_access_log()
    sign_access_log()
    record()
    sign_access_log()

    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [each["sequence"] for each in lines] == [2, 3]
    assert {tuple(each) for each in lines} == {
        ("sequence", "head", "time", "key", "signature", "format")
    }
    assert {each["key"] for each in lines} == {public_key_id()}
    assert newest_in(file).sequence == 3
    assert check_log(own_checkpoints()).newest.sequence == 3


def test_anybody_can_check_a_signature_with_the_public_key():
    record()
    state = keep_checkpoint()

    values = json.loads(state.line)
    signature = b64decode(values.pop("signature"))
    content = json.dumps(values, sort_keys=True, separators=(",", ":")).encode()

    Ed25519PublicKey.from_public_bytes(b64decode(public_key())).verify(signature, content)


def test_the_newest_is_found_at_the_end_of_a_long_file(file):
    record()
    for _ in range(50):
        record()
        keep_checkpoint()

    assert newest_in(file).sequence == 51


def test_a_message_that_was_copied_is_understood():
    record()
    line = keep_checkpoint().line
    broken = line.replace(", ", ",\r\n> ", 2).replace("> ", " ")

    found, wrong = checkpoints_in(f"Bonjour,\n\nVoici :\n\n{broken}\n\nMerci {{bien}}")

    assert found == [Checkpoint.read(json.loads(line))]
    assert wrong == 1


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 1},
        {"head": "0" * 64},
        {"time": "2020-01-01T00:00:00+00:00"},
        {"signature": "A" * 86 + "=="},
        {"signature": "é"},
        {"key": "0" * 16},
    ],
    ids=str,
)
def test_an_altered_one_is_refused(change):
    record(2)
    state = keep_checkpoint()

    check = check_log(json.dumps(state.values | change))

    assert (len(check.unusable), check.newest) == (1, None)
    assert check.is_whole  # a copy that was altered elsewhere says nothing about the log


def test_the_daily_look_warns_of_an_altered_file_of_checkpoints(file, caplog):
    UserFactory(is_staff=True)
    record(3)
    state = keep_checkpoint()
    file.write_text(json.dumps(state.values | {"sequence": 2}))

    check_access_log()

    assert OutgoingMail.objects.count() == 1
    assert "The checkpoint of event 2 was not signed by this portal" in caplog.text


@pytest.mark.parametrize(
    "change",
    [{"sequence": "2"}, {"sequence": True}, {"head": None}, {"format": 2}, {"more": 1}],
    ids=str,
)
def test_another_form_is_none(change):
    record()
    values = keep_checkpoint().values | change

    assert checkpoints_in(json.dumps(values)) == ([], 1)


@pytest.mark.parametrize("text", ["", "{", "{}", "{" * 5000, '{"sequence": ' + "9" * 5000, "[1]"])
def test_nonsense_does_no_harm(text):
    record()

    assert check_log(text).newest is None


# The command


def test_the_command_checks_a_file_that_a_witness_kept(tmp_path, capsys):
    record(3)
    kept = tmp_path / "from the witness.txt"
    kept.write_text(keep_checkpoint().line)
    record()

    call_command("verify_access_log", checkpoint=kept)

    said = capsys.readouterr().out
    assert said == "OK: 4 events; 1 checkpoints; 1 events newer than the last one.\n"


def test_the_command_finds_what_the_portal_itself_cannot_see(tmp_path, file):
    record(3)
    kept = tmp_path / "from the witness.txt"
    kept.write_text(keep_checkpoint().line)
    with triggers_off():
        AccessEvent.objects.all().delete()
        AccessChain.objects.all().delete()
    file.unlink()
    record()
    call_command("verify_access_log", checkpoint=None)

    with pytest.raises(CommandError, match="names event 3") as refused:
        call_command("verify_access_log", checkpoint=kept)
    assert refused.value.returncode == 1


def test_the_command_refuses_what_holds_no_checkpoint(tmp_path):
    (tmp_path / "empty").touch()

    with pytest.raises(CommandError, match="holds no checkpoint of this portal"):
        call_command("verify_access_log", checkpoint=tmp_path / "empty")
    with pytest.raises(CommandError, match="No such file"):
        call_command("verify_access_log", checkpoint=tmp_path / "missing")


# The witness, and the daily look


def test_the_witness_gets_one_an_hour(settings, time_machine):
    settings.ACCESS_LOG_WITNESS = "temoin@example.org"
    time_machine.move_to("2026-11-27T10:05:00Z", tick=False)
    record()
    state = keep_checkpoint()
    time_machine.shift(600)
    record()
    keep_checkpoint()
    time_machine.shift(3600)
    record()
    keep_checkpoint()

    first, _second = OutgoingMail.objects.order_by("pk")
    assert first.address == "temoin@example.org"
    assert checkpoints_in(first.text) == ([state], 0)


def test_the_witness_gets_the_end_of_a_burst(settings, time_machine):
    settings.ACCESS_LOG_WITNESS = "temoin@example.org"
    time_machine.move_to("2026-11-27T10:05:00Z", tick=False)
    record()
    keep_checkpoint()
    time_machine.shift(300)
    record(5)
    last = keep_checkpoint()

    for _five_minutes in range(36):
        time_machine.shift(300)
        assert keep_checkpoint() is None

    _first, second = OutgoingMail.objects.order_by("pk")
    assert checkpoints_in(second.text) == ([last], 0)
    assert f"{second.requested_at:%H:%M}" == "11:05"


def test_nobody_is_written_to_without_a_witness():
    record()
    keep_checkpoint()

    assert not OutgoingMail.objects.exists()


def test_the_daily_look_warns_administrators_once(caplog):
    administrator = UserFactory(is_staff=True)
    UserFactory()
    record(3)
    keep_checkpoint()
    check_access_log()
    assert not OutgoingMail.objects.exists()
    with triggers_off():
        AccessEvent.objects.filter(number=2).delete()

    check_access_log()
    check_access_log()

    (letter,) = OutgoingMail.objects.all()
    assert letter.person == administrator
    assert "/access-log/check/" in letter.text
    assert "file of its checkpoints is not whole: Event 2 is missing." in caplog.text


def test_signing_notices_that_the_last_events_went(caplog):
    record(3)
    keep_checkpoint()
    with triggers_off():
        AccessEvent.objects.filter(number=3).update(hash="0" * 64)
    record()

    with caplog.at_level(logging.ERROR):
        keep_checkpoint()

    assert "has changed since its last checkpoint" in caplog.text


# What goes because it is old


def tomorrow():
    return timezone.now() + timedelta(days=1)


def test_altered_events_are_not_forgotten(caplog):
    record(4)
    with triggers_off():
        AccessEvent.objects.filter(number=2).update(at=timezone.now() - timedelta(days=9999))

    assert forget_events(tomorrow()) == 0

    assert AccessEvent.objects.count() == 4
    assert "were altered and are kept" in caplog.text


def test_events_that_contradict_a_checkpoint_are_not_forgotten(caplog):
    record(4)
    keep_checkpoint()
    with triggers_off():
        AccessEvent.objects.all().delete()
        AccessChain.objects.all().delete()
    record(5)

    assert forget_events(tomorrow()) == 0
    assert "were altered and are kept" in caplog.text


def test_a_checkpoint_shows_that_newer_events_were_deleted_as_old_ones():
    record()
    state = keep_checkpoint()
    record()
    end = Checkpoint.signed(sequence=2, head=AccessChain.objects.get().head)
    AccessEvent.record("pruned", user=None, before="2020-01-31", checkpoint=end.values)
    AccessEvent.objects.filter(number__lte=2).delete()

    with translation.override("en"):
        (problem,) = check_log(state.line).problems

    assert problem.endswith("were deleted, although only those before 2020-01-31 were to go.")
    assert check_log(end.line).problems == []


def test_a_check_during_the_deletion_finds_nothing_missing():
    record(4)
    deleted = []

    def delete_meanwhile(execute, sql, params, many, context):
        reads_events = 'ORDER BY "accounts_accessevent"."number" ASC' in sql and "LIMIT" not in sql
        if reads_events and not deleted:
            deleted.append(None)
            deleted.append(forget_events(tomorrow()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(delete_meanwhile):
        check = check_log("")

    assert deleted == [None, 4]
    assert check.problems == []
    assert (check.first, check.last) == (5, 5)
