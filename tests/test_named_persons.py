"""No page names a person to somebody who may not know them: every address, as every role outside
the team. Documents have a search of their own: `tests/reports/test_leaks.py`."""

import re
from collections import defaultdict

import pytest

from accounts.models import User
from committees.models import Attendance
from partners.models import Contact
from tests.test_access import Scene, address_for, addresses, close, table
from tests.test_naming_pages import words_of

pytestmark = [pytest.mark.django_db, pytest.mark.deep(part="leaks")]

OUTSIDE = ("member", "partner", "donor", "embassy", "panel", "outsider", "link", "visitor")
# What is between two people: who asks somebody, or waits to represent the reader's own institution.
KNOWN = {
    "home": {"donor"},
    "portfolio": {"donor"},  # they begin with what waits for the reader, as the home page does
    "portfolio-indicators": {"donor"},
    "projects:representation": {"donor"},
    "projects:representation-edit": {"donor"},
    "projects:representation-end": {"donor"},
    "accounts:lost-factors": {"partner"},
    "projects:team-invitation": {"outsider"},
}

# As the names are called below. Less would be found now and then in a token of a form.
NAME = r"Zyq(?:User|Contact|guest)\d*z"


def test_pages_name_nobody_to_people_outside_the_team():
    scene, expected, found = Scene(), table(), defaultdict(set)
    for model in (User, Contact):
        for row in model.objects.all():
            model.objects.filter(pk=row.pk).update(full_name=f"Zyq{model.__name__}{row.pk}z")
    Attendance.objects.exclude(guest_name="").update(guest_name="Zyqguestz")
    own = {
        role: {f"ZyqUser{person.pk}z", *(f"ZyqContact{each.pk}z" for each in person.contacts.all())}
        for role, person in scene.people.items()
    }

    for name, converters in addresses():
        for role in OUTSIDE:
            if expected.get((name, "GET"), {}).get(role) != "yes":
                continue
            answer = scene.clients[role].get(
                address_for(name, scene.arguments(name, converters), role)
            )
            if set(re.findall(NAME, words_of(answer))) - own.get(role, set()):
                found[name].add(role)
            close(answer)

    assert found == KNOWN
    shown = scene.clients["coordinator"].get(scene.committee.get_absolute_url())
    assert "ZyqContact" in words_of(shown)  # otherwise nobody would be named at all
