"""Statements that are built once and asked with other keys: the rows are those of the queryset."""

import pytest
from django.db import connection

from accounts.models import User
from kernel.keys import Keys
from kernel.prepared import prepared
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

built = []


@prepared
def named(keys, language):
    built.append(language)
    return User.objects.filter(pk__in=keys, language=language).order_by("pk").values_list("pk")


@prepared
def others(person, keys):
    return User.objects.filter(pk__in=keys).exclude(pk=person).order_by("pk").values_list("pk")


@prepared
def nobody(person):
    return User.objects.none().values_list("pk")


@prepared
def written(keys):
    return User.objects.filter(pk__in=Keys([*keys, 1])).values_list("pk")


def test_lists_of_all_lengths_share_a_statement(django_assert_num_queries):
    keys = [one.pk for one in UserFactory.create_batch(4, language="fr")]
    built.clear()

    with django_assert_num_queries(4):
        assert named(keys[:2], "fr") == [(key,) for key in keys[:2]]
        assert named([keys[3], keys[1]], "fr") == [(keys[1],), (keys[3],)]
        assert named(keys, "fr") == [(key,) for key in keys]
        assert named(keys, "es") == []
    assert named([], "fr") == []
    if connection.vendor == "postgresql":
        assert built == ["fr", "es", "fr"]


def test_each_key_is_put_in_at_its_place():
    first, second, third = (one.pk for one in UserFactory.create_batch(3))

    assert others(first, [first, second]) == [(second,)]
    assert others(third, [first, third]) == [(first,)]


def test_a_statement_without_rows_is_not_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert nobody(1) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite builds each time")
def test_a_key_that_would_stay_in_the_text_is_refused():
    with pytest.raises(AssertionError, match="written into the text"):
        written([1])
