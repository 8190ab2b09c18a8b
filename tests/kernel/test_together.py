"""Several prepared statements are asked as one, and give the rows that each gives alone."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from kernel.prepared import Moment, prepared
from kernel.together import ask_together
from projects.models import Assignment, Project
from tests.factories import AssignmentFactory, ProjectFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@prepared
def projects_of(keys):
    return Project.objects.filter(pk__in=keys).order_by("-pk")


@prepared
def roles_of(person):
    rows = Assignment.objects.filter(user=person).order_by("role")
    return rows.values_list("role", "ends_on", "project__met_from", "user__date_joined")


@prepared
def joined_since(moment):
    return User.objects.filter(date_joined__gte=moment.value).order_by("pk").only("full_name")


@prepared
def nobody(person):
    return User.objects.none()


def test_what_is_asked_together_is_one_statement_with_the_rows_of_each(django_assert_num_queries):
    projects = [ProjectFactory(translation_sources={"en": {"title": "x"}}) for _ in range(2)]
    mine = AssignmentFactory(project=projects[0], role="finance")
    AssignmentFactory(project=projects[1], user=mine.user, role="auditor", ends_on=date(2090, 1, 1))
    late = UserFactory(date_joined=timezone.now() + timedelta(days=2))
    keys = [one.pk for one in projects]

    found = projects_of.question(keys)
    roles, none = roles_of.question(mine.user_id), nobody.question(mine.user_id)
    joined = joined_since.question(Moment(timezone.now() + timedelta(days=1)))
    with django_assert_num_queries(1):
        ask_together(found, roles, none, found, joined)
        assert (len(found.rows), joined.rows, none.rows) == (2, [late], [])
    names = [field.attname for field in Project._meta.concrete_fields]
    alone = projects_of(keys)
    assert [[getattr(one, name) for name in names] for one in found.rows] == [
        [getattr(one, name) for name in names] for one in alone
    ]
    assert found.rows[0].met_from == projects[1].met_from
    assert roles.rows == roles_of(mine.user_id)
    assert roles.rows[0][3] == mine.user.date_joined


def test_lists_of_other_lengths_are_asked_anew(django_assert_num_queries):
    projects = ProjectFactory.create_batch(3)
    keys = [one.pk for one in projects]
    person = AssignmentFactory(project=projects[0], role="reader").user_id
    for wanted in (keys[:1], keys, keys[1:]):
        found, roles = projects_of.question(wanted), roles_of.question(person)
        with django_assert_num_queries(1):
            ask_together(found, roles)
            assert [one.pk for one in found.rows] == sorted(wanted, reverse=True)
            assert [row[0] for row in roles.rows] == ["reader"]


def test_what_was_asked_is_not_asked_again_unless_it_is_forgotten(django_assert_num_queries):
    person = UserFactory()
    rows, others = roles_of.question(person.pk), projects_of.question([1])
    ask_together(rows, others)
    with django_assert_num_queries(0):
        ask_together(rows, others)
        assert rows.rows == []

    AssignmentFactory(user=person, role="reader")
    rows.forget()
    with django_assert_num_queries(1):
        ask_together(rows, others)
        assert [row[0] for row in rows.rows] == ["reader"]


def test_moments_are_put_into_a_statement_that_was_compiled(django_assert_num_queries):
    now = timezone.now()
    early, late = (UserFactory(date_joined=now + timedelta(days=days)) for days in (3, 5))

    assert joined_since(Moment(now + timedelta(days=2))) == [early, late]
    assert joined_since(Moment(now + timedelta(days=4))) == [late]
