"""PostgreSQL keeps prepared statements with their plans."""

from contextlib import suppress

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from kernel import kept_statements
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


def kept():
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements ORDER BY prepare_time")
        return [statement for (statement,) in cursor.fetchall()]


def test_a_statement_is_kept_once_and_given_other_keys():
    people = [UserFactory(full_name=f"{number} 50 %") for number in range(3)]
    keys = [one.pk for one in people]

    assert half_named([keys[2], keys[0]]) == [(keys[0],), (keys[2],)]
    before = kept()
    assert half_named([keys[1]]) == [(keys[1],)]
    assert kept() == before
    assert "= ANY ($1)" in before[-1]
    assert "'%50 \\\\\\\\%%'" not in before[-1]
    assert "it''s" in before[-1]


def test_it_outlives_a_transaction_that_is_rolled_back():
    person = UserFactory(language="es")

    with transaction.atomic():
        assert spoken_by(person.pk, "es") == [("es",)]
        transaction.set_rollback(True)
    assert spoken_by(person.pk, "es") == [("es",)]


def test_the_one_that_was_not_used_for_longest_goes(monkeypatch):
    person = UserFactory(language="es")
    monkeypatch.setattr(kept_statements, "MOST", 2)

    for language in ("es", "fr", "es", "en"):
        spoken_by(person.pk, language)

    assert [
        language for one in kept() for language in ("es", "fr", "en") if f"'{language}'" in one
    ] == ["es", "en"]


def test_one_that_could_not_go_is_known_afterwards(monkeypatch):
    person = UserFactory(language="de")
    monkeypatch.setattr(kept_statements, "MOST", 1)
    spoken_by(person.pk, "de")

    with pytest.raises(DatabaseError):
        ask_after_a_failure(person.pk)

    assert spoken_by(person.pk, "de") == [("de",)]


def ask_after_a_failure(person):
    with transaction.atomic(), connection.cursor() as cursor:
        with suppress(DatabaseError):
            cursor.execute("SELECT 1 / 0")
        spoken_by(person, "fr")


def test_behind_a_pooler_nothing_is_kept(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    person, before = UserFactory(language="en"), kept()

    assert spoken_by(person.pk, "en") == [("en",)]
    assert half_named([person.pk]) == []
    assert kept() == before


def test_a_list_goes_nowhere_but_behind_in():
    with pytest.raises(TypeError, match="behind IN"):
        doubled([1])


def test_a_number_that_is_too_large_is_the_key_of_no_row():
    person = UserFactory(language="es")

    assert spoken_by(2**64, "es") == []
    assert half_named([person.pk, 2**63]) == []
