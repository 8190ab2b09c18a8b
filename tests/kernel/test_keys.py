"""Keys of many rows in a condition."""

import pytest

from accounts.models import User
from kernel.keys import Keys
from projects.models import Assignment
from tests.factories import AssignmentFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_keys_are_written_into_a_condition():
    people = UserFactory.create_batch(3)
    AssignmentFactory()

    found = User.objects.filter(pk__in=Keys(one.pk for one in people[:2]))
    theirs = Assignment.objects.filter(user__in=Keys([people[0].pk]))

    assert set(found) == set(people[:2])
    assert not theirs.exists()
    assert not User.objects.filter(pk__in=Keys([])).exists()
    with pytest.raises(ValueError, match="format code"):
        list(User.objects.filter(pk__in=Keys(["1); DROP TABLE"])))
