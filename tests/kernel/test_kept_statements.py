"""PostgreSQL keeps prepared statements with their plans."""

from contextlib import suppress

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from kernel import kept_statements
from kernel.kept_statements import KeptStatement, can_keep
from kernel.prepared import prepared
from tests.factories import UserFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps no statements"),
]


@prepared
def half_named(keys):
    rows = User.objects.filter(pk__in=keys, full_name__contains="50 %").order_by("pk")
    return rows.exclude(language="it's").values_list("pk", flat=False)


@prepared
def spoken_by(person, language):
    return User.objects.filter(pk=person, language=language).values_list("language")


@prepared
def doubled(keys):
    return User.objects.filter(pk__range=(keys[0], keys[0])).values_list("pk")


def ask(function, *arguments):
    """As the search does with its own statement."""
    question = function.question(*arguments)
    statement = KeptStatement(question.statement.numbered(1), question.statement.types)
    return statement.ask(question.values)


def kept():
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements ORDER BY prepare_time")
        return [statement for (statement,) in cursor.fetchall()]


def test_a_statement_is_kept_once_and_given_other_keys():
    people = [UserFactory(full_name=f"{number} 50 %") for number in range(3)]
    keys = [one.pk for one in people]

    assert ask(half_named, [keys[2], keys[0]]) == [(keys[0],), (keys[2],)]
    before = kept()
    assert ask(half_named, [keys[1]]) == [(keys[1],)]
    assert kept() == before
    assert "= ANY ($1)" in before[-1]
    assert "'%50 \\\\\\\\%%'" not in before[-1]
    assert "it''s" in before[-1]


def test_it_outlives_a_transaction_that_is_rolled_back():
    person = UserFactory(language="es")

    with transaction.atomic():
        assert ask(spoken_by, person.pk, "es") == [("es",)]
        transaction.set_rollback(True)
    assert ask(spoken_by, person.pk, "es") == [("es",)]


def test_the_one_that_was_not_used_for_longest_goes(monkeypatch):
    person = UserFactory(language="es")
    monkeypatch.setattr(kept_statements, "MOST", 2)

    for language in ("es", "fr", "es", "en"):
        ask(spoken_by, person.pk, language)

    assert [
        language for one in kept() for language in ("es", "fr", "en") if f"'{language}'" in one
    ] == ["es", "en"]


def test_one_that_could_not_go_is_known_afterwards(monkeypatch):
    person = UserFactory(language="de")
    monkeypatch.setattr(kept_statements, "MOST", 1)
    ask(spoken_by, person.pk, "de")

    with pytest.raises(DatabaseError):
        ask_after_a_failure(person.pk)

    assert ask(spoken_by, person.pk, "de") == [("de",)]


def ask_after_a_failure(person):
    with transaction.atomic(), connection.cursor() as cursor:
        with suppress(DatabaseError):
            cursor.execute("SELECT 1 / 0")
        ask(spoken_by, person, "fr")


def test_behind_a_pooler_nothing_is_kept(monkeypatch):
    assert can_keep()
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    assert not can_keep()


def test_a_list_goes_nowhere_but_behind_in():
    with pytest.raises(TypeError, match="behind IN"):
        ask(doubled, [1])


def test_a_number_that_is_too_large_is_the_key_of_no_row():
    person = UserFactory(language="es")

    assert ask(spoken_by, 2**64, "es") == []
    assert ask(half_named, [person.pk, 2**63]) == []
