"""Statements that are compiled once and asked with other keys."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import F

from accounts.models import User
from kernel.prepared import KeyDay, ask_together, prepared
from projects.models import Assignment, Project
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


def test_a_statement_without_rows_is_not_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert ended(1) == []


@prepared
def assigned_until(day):
    return Assignment.objects.filter(ends_on__gte=day).order_by("pk").values_list("pk", "role")


@prepared
def projects_of(keys):
    return Project.objects.filter(pk__in=keys).order_by("-pk")


def test_several_questions_are_asked_in_one_statement(django_assert_num_queries):
    """What comes back is what each statement alone returns, of whatever type."""
    mine, other = AssignmentFactory(role="finance"), AssignmentFactory(role="reader")
    keys = [mine.project_id, other.project_id]
    asked = [
        named.later([mine.user_id, other.user_id], "fr"),
        assignments_of.later(other.user_id),
        projects_of.later(keys),
        ended.later(1),
    ]

    with django_assert_num_queries(1):
        ask_together(*asked)
        people, assignments, projects, nobody = (one.rows for one in asked)

    assert nobody == []
    alone = [named([mine.user_id, other.user_id], "fr"), assignments_of(other.user_id)]
    for together, apart in zip(
        [people, assignments, projects], [*alone, projects_of(keys)], strict=True
    ):
        assert together == apart
        assert [facts_of(one) for one in together] == [facts_of(one) for one in apart]
    assert assignments[0].project.close_from == Decimal("0.8")


def facts_of(thing):
    return {name: value for name, value in vars(thing).items() if name[0] != "_"}


def test_a_single_question_is_asked_as_it_is(django_assert_num_queries):
    mine = AssignmentFactory()
    question = assignments_of.later(mine.user_id)
    ask_together(question, ended.later(1))

    with django_assert_num_queries(1):
        assert question.rows == [mine]
        assert question.rows == [mine]


def test_a_day_is_put_in_like_a_key():
    first = AssignmentFactory(ends_on=date(2024, 1, 1))
    last = AssignmentFactory(ends_on=date(2026, 1, 1))

    assert assigned_until(KeyDay(2025, 1, 1)) == [(last.pk, last.role)]
    assert assigned_until(KeyDay(2023, 1, 1)) == [(one.pk, one.role) for one in (first, last)]
