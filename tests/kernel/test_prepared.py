"""Statements that are compiled once, and several counts in one statement."""

import pytest

from accounts.models import User
from kernel.counts import counts
from kernel.prepared import prepared
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def named(keys):
    return User.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "full_name")


def test_a_prepared_statement_is_asked_again_with_other_keys(django_assert_num_queries):
    people = UserFactory.create_batch(3)
    rows = [(one.pk, one.full_name) for one in people]

    with django_assert_num_queries(3):
        assert prepared(named, [people[0].pk, people[1].pk]) == rows[:2]
        assert prepared(named, [people[2].pk, people[1].pk]) == rows[1:]
        assert prepared(named, [people[2].pk]) == rows[2:]


def test_several_counts_take_one_statement(django_assert_num_queries):
    people = UserFactory.create_batch(3)
    own = User.objects.filter(pk__in=[one.pk for one in people])

    with django_assert_num_queries(1):
        assert counts(own, User.objects.none(), own.exclude(pk=people[0].pk)) == [3, 0, 2]


def test_nothing_to_count_takes_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert counts(User.objects.none()) == [0]
