"""Twenty-five ways to tamper with the access log, by somebody who controls the database and knows the
code, and has neither the keys nor the checkpoints. Each of them must be found.

Where the chain alone cannot show it, a checkpoint that was made before the attack must.
"""

import hashlib
import json
from base64 import b64encode
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from django.db.models import F, Max
from django.utils import timezone

from accounts.checkpoints import Checkpoint
from accounts.log_check import check_log, forget_events
from accounts.models import AccessChain, AccessEvent, Pseudonym, User
from tests.factories import ProjectFactory, UserFactory
from tests.triggers import triggers_off

pytestmark = pytest.mark.django_db

Kind = AccessEvent.Kind
events = AccessEvent.objects
LAST = 12
# Events before it were deleted when they were old.
FIRST = 4


@pytest.fixture(autouse=True)
def checkpoints(tmp_path, settings):
    settings.ACCESS_LOG_CHECKPOINTS = tmp_path / "checkpoints.jsonl"


@pytest.fixture
def people():
    return UserFactory.create_batch(3)


@pytest.fixture
def states(people):
    """Checkpoints of the log when it had 6, 9 and 12 events, of which three are no longer kept."""
    project = ProjectFactory()
    found = []
    for number in range(1, 12):
        if number == FIRST:
            forget_events(timezone.now() + timedelta(days=1))
        kind = (Kind.ROLE, Kind.DOWNLOAD, Kind.SIGN_IN)[number % 3]
        AccessEvent.record(kind, user=people[number % 3], thing=project, times=number)
        chain = AccessChain.objects.get()
        if chain.number % 3 == 0 and number > FIRST:
            found.append(Checkpoint.signed(sequence=chain.number, head=chain.head))
    assert events.aggregate(Max("number"))["number__max"] == LAST
    assert events.order_by("number").first().number == FIRST
    return found


# What the attacker does


def set_end():
    """Let the row of the chain say what the events say."""
    last = events.order_by("number").last()
    AccessChain.objects.update(number=last.number if last else 0, head=last.hash if last else "")


def forged_hash(previous, event):
    """As the log computes it, but for the key."""
    content = [previous, event.number, event.kind, str(event.key or ""), event.details]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def chain_anew():
    previous = "0" * 64
    for event in events.order_by("number"):
        previous = forged_hash(previous, event)
        events.filter(number=event.number).update(hash=previous)
    set_end()


def copy_of(original, **values):
    event = events.get(number=original)
    for name, value in values.items():
        setattr(event, name, value)
    event.save(force_insert=True)
    return event


def exchange(one, other):
    events.filter(number=one).update(number=1000)
    events.filter(number=other).update(number=one)
    events.filter(number=1000).update(number=other)


def close_the_gap(number):
    for event in events.filter(number__gt=number).order_by("number"):
        events.filter(number=event.number).update(number=event.number - 1)


# Removal


def remove_one():
    events.filter(number=7).delete()


def remove_one_and_close_the_gap():
    events.filter(number=7).delete()
    close_the_gap(7)
    set_end()


def remove_one_and_chain_anew():
    events.filter(number=7).delete()
    close_the_gap(7)
    chain_anew()


def remove_the_first():
    events.filter(number=FIRST).delete()


def remove_the_last():
    events.filter(number__gt=10).delete()


def remove_the_last_and_set_the_end():
    events.filter(number__gt=10).delete()
    set_end()


def empty_the_log():
    events.all().delete()
    AccessChain.objects.all().delete()


def empty_the_log_and_begin_again():
    events.all().delete()
    AccessChain.objects.all().delete()
    for _number in range(LAST + 3):  # the portal itself goes on, with the right key
        AccessEvent.record(Kind.SIGN_IN, user=None)


def forge_a_pruning():
    """Say in the entry of the last pruning that more was deleted."""
    entry = events.get(kind=Kind.PRUNED)
    last = events.get(number=6)
    entry.details["checkpoint"] |= {"sequence": last.number, "head": last.hash}
    events.filter(number=entry.number).update(details=entry.details, number=13)
    events.filter(number__lte=6).delete()


def prune_with_a_key_of_ones_own():
    key = Ed25519PrivateKey.generate()
    last = events.get(number=8)
    state = Checkpoint.signed(sequence=8, head=last.hash)
    values = state.values | {"signature": b64encode(key.sign(state.content)).decode()}
    copy_of(LAST, number=13, kind=Kind.PRUNED, details={"checkpoint": values})
    events.filter(number__lte=8).delete()
    set_end()


def let_the_portal_prune():
    """Say that events are old, so that the portal deletes them and signs what is left."""
    events.filter(number__lte=9).update(at=F("at") - timedelta(days=9999))
    forget_events(timezone.now() - timedelta(days=365))


# Change


def change_who():
    key = Pseudonym.objects.exclude(key=events.get(number=8).key).first().key
    events.filter(number=8).update(key=key)


def change_what():
    events.filter(number=8).update(details={"role": "reader"})


def change_when():
    events.filter(number=8).update(at=F("at") - (events.get(number=8).at - events.get(number=5).at))


def change_about_what():
    events.filter(number=8).update(thing_key="99")


def change_one_and_its_hash():
    event = events.get(number=8)
    event.details = {"role": "reader"}
    previous = events.get(number=7).hash
    events.filter(number=8).update(details=event.details, hash=forged_hash(previous, event))


def change_and_chain_anew():
    events.filter(number=8).update(details={"role": "reader"})
    chain_anew()


# Who is behind a key, and what the owner of the database adds


def of_two():
    return Pseudonym.objects.filter(key__in=[events.get(number=7).key, events.get(number=8).key])


def exchange_two_people_behind_keys():
    one, other = of_two()
    of_two().delete()
    Pseudonym.objects.create(key=one.key, user=other.user, secret=one.secret)
    Pseudonym.objects.create(key=other.key, user=one.user, secret=other.secret)


def delete_who_is_behind_a_key():
    Pseudonym.objects.filter(key=events.get(number=8).key).delete()


def exchange_names_and_addresses():
    one, other = (each.user for each in of_two())
    people = User.objects.filter
    people(pk=one.pk).update(email="somebody.else@example.org")
    people(pk=other.pk).update(email=one.email, full_name=one.full_name)
    people(pk=one.pk).update(email=other.email, full_name=other.full_name)


def swallow_downloads():
    """Two triggers: one drops the event, the other leaves the end of the chain as it was."""
    with connection.cursor() as cursor:
        for statement in SWALLOWING[connection.vendor]:
            cursor.execute(statement)
    AccessEvent.record(Kind.SIGN_IN, user=None)


SWALLOWING = {
    "postgresql": [
        "CREATE FUNCTION drop_downloads() RETURNS trigger AS"
        " $$ BEGIN IF NEW.kind = 'download' THEN RETURN NULL; END IF; RETURN NEW; END; $$"
        " LANGUAGE plpgsql",
        "CREATE TRIGGER a BEFORE INSERT ON accounts_accessevent"
        " FOR EACH ROW EXECUTE FUNCTION drop_downloads()",
        "CREATE FUNCTION keep_end() RETURNS trigger AS"
        " $$ BEGIN IF EXISTS (SELECT 1 FROM accounts_accessevent WHERE number = NEW.number)"
        " THEN RETURN NEW; END IF; RETURN OLD; END; $$ LANGUAGE plpgsql",
        "CREATE TRIGGER b BEFORE UPDATE ON accounts_accesschain"
        " FOR EACH ROW EXECUTE FUNCTION keep_end()",
    ],
    "sqlite": [
        "CREATE TRIGGER a AFTER INSERT ON accounts_accessevent WHEN NEW.kind = 'download'"
        " BEGIN DELETE FROM accounts_accessevent WHERE number = NEW.number; END",
        "CREATE TRIGGER b AFTER UPDATE ON accounts_accesschain"
        " WHEN NOT EXISTS (SELECT 1 FROM accounts_accessevent WHERE number = NEW.number)"
        " BEGIN UPDATE accounts_accesschain SET number = OLD.number, head = OLD.head; END",
    ],
}


# Insertion and order


def insert_at_the_end():
    copy_of(LAST, number=13)
    set_end()


def insert_in_the_middle_and_chain_anew():
    for event in events.filter(number__gt=8).order_by("-number"):
        events.filter(number=event.number).update(number=event.number + 1)
    copy_of(8, number=9)
    chain_anew()


def reorder_two():
    exchange(7, 10)


def go_back_to_an_earlier_state():
    """Put back an old copy of the whole log: every hash in it is right."""
    events.filter(number__gt=7).delete()
    set_end()
    AccessEvent.record(Kind.SIGN_IN, user=None)


ATTACKS = [
    remove_one,
    remove_one_and_close_the_gap,
    remove_one_and_chain_anew,
    remove_the_first,
    remove_the_last,
    remove_the_last_and_set_the_end,
    empty_the_log,
    empty_the_log_and_begin_again,
    forge_a_pruning,
    prune_with_a_key_of_ones_own,
    let_the_portal_prune,
    change_who,
    change_what,
    change_when,
    change_about_what,
    change_one_and_its_hash,
    change_and_chain_anew,
    insert_at_the_end,
    insert_in_the_middle_and_chain_anew,
    reorder_two,
    go_back_to_an_earlier_state,
    exchange_two_people_behind_keys,
    delete_who_is_behind_a_key,
    exchange_names_and_addresses,
    swallow_downloads,
]
# What the database no longer shows by itself: it takes a checkpoint.
ONLY_BY_CHECKPOINT = {
    remove_the_last_and_set_the_end,
    empty_the_log,
    empty_the_log_and_begin_again,
    go_back_to_an_earlier_state,
}
EVERY_COMMIT = {
    remove_one_and_chain_anew,
    let_the_portal_prune,
    change_and_chain_anew,
    go_back_to_an_earlier_state,
    exchange_two_people_behind_keys,
    swallow_downloads,
}


def test_there_are_25():
    assert len(set(ATTACKS)) == 25


def test_without_an_attack_nothing_is_found(states):
    check = check_log("\n".join(state.line for state in states))

    assert check.problems == []
    assert check.newest == states[-1]
    assert (check.count, check.compared, check.uncovered) == (9, 3, 0)


def found(attack, states):
    with triggers_off():
        attack()
    by_itself = check_log("").problems
    by_checkpoint = check_log("\n".join(state.line for state in states)).problems
    assert bool(by_itself) == (attack not in ONLY_BY_CHECKPOINT)
    assert by_checkpoint


@pytest.mark.parametrize("attack", [each for each in ATTACKS if each in EVERY_COMMIT])
def test_an_attack_is_found(attack, states):
    found(attack, states)


@pytest.mark.deep(part="hostile")
@pytest.mark.sqlite
@pytest.mark.parametrize("attack", ATTACKS)
def test_each_of_25_attacks_is_found(attack, states):
    found(attack, states)
