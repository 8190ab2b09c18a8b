"""Statements that are compiled once and asked with other keys."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import F, Q

from accounts.models import User
from kernel.keys import Keys
from kernel.prepared import Moment, prepared
from projects.models import Assignment
from tests.factories import AssignmentFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@prepared
def named(keys, language):
    return User.objects.filter(pk__in=keys, language=language).order_by("pk").only("full_name")


@prepared
def assignments_of(person):
    rows = Assignment.objects.filter(user=person).select_related("user", "project")
    shown = rows.annotate(again=F("role"))
    return shown.only("role", "ends_on", "user__full_name", "project__close_from")


@prepared
def among(projects, role):
    rows = Assignment.objects.filter(Q(project__among=projects) | Q(role=role))
    return rows.order_by("pk").values_list("pk")


@prepared
def ended(person):
    return User.objects.none()


def test_a_prepared_statement_is_asked_again_with_other_keys(django_assert_num_queries):
    people = UserFactory.create_batch(3, language="fr")
    keys = [one.pk for one in people]

    with django_assert_num_queries(4):
        assert named([keys[0], keys[1]], "fr") == people[:2]
        assert named([keys[2], keys[1]], "fr") == people[1:]
        assert named(keys, "fr")[0].full_name == people[0].full_name
        assert named(keys, "es") == []
    assert named([], "fr") == []


def test_rows_come_with_what_belongs_to_them(django_assert_num_queries):
    mine = AssignmentFactory(role="finance")

    with django_assert_num_queries(1):
        (found,) = assignments_of(mine.user_id)
        assert (found, found.user.full_name) == (mine, mine.user.full_name)
        assert (found.again, found.ends_on) == ("finance", mine.ends_on)
        assert found.project.close_from == Decimal("0.8")


def test_lists_of_all_lengths_share_a_statement():
    people = UserFactory.create_batch(5, language="es")
    keys = [one.pk for one in people]
    named(keys[:1], "es")
    before = named.kept().currsize

    assert [len(named(keys[:number], "es")) for number in (2, 3, 5)] == [2, 3, 5]
    assert named.kept().currsize == before


def test_keys_are_written_into_a_condition():
    people = UserFactory.create_batch(3)

    found = User.objects.filter(pk__in=Keys(one.pk for one in people[:2]))
    theirs = Assignment.objects.filter(user__in=Keys([people[0].pk]))

    assert set(found) == set(people[:2])
    assert not theirs.exists()
    assert not User.objects.filter(pk__in=Keys([])).exists()
    with pytest.raises(ValueError, match="format code"):
        list(User.objects.filter(pk__in=Keys(["1); DROP TABLE"])))


def test_a_statement_without_rows_is_not_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert ended(1) == []


@prepared
def assigned_until(day):
    return (
        Assignment.objects.filter(ends_on__gte=day.value).order_by("pk").values_list("pk", "role")
    )


def test_a_day_is_put_in_like_a_key():
    first = AssignmentFactory(ends_on=date(2024, 1, 1))
    last = AssignmentFactory(ends_on=date(2026, 1, 1))

    assert assigned_until(Moment(date(2025, 1, 1))) == [(last.pk, last.role)]
    assert assigned_until(Moment(date(2023, 1, 1))) == [(one.pk, one.role) for one in (first, last)]


def test_one_condition_of_several_takes_a_list_as_well():
    first, second, third = AssignmentFactory.create_batch(3, role="finance")

    found = among([first.project_id, third.project_id, 7_000_000], "auditor")
    assert found == [(first.pk,), (third.pk,)]
    assert among([second.project_id], "auditor") == [(second.pk,)]
    assert [pk for (pk,) in among([], "finance")] == [first.pk, second.pk, third.pk]
