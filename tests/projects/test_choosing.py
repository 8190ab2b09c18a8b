"""The field of filter bars that narrows a list to one project: few are chosen, many are searched."""

import pytest
from django.forms import SearchInput

from committees.meetings.forms.meetings import MeetingFilterForm
from committees.models import Meeting
from kernel.choosing import MANY
from projects.models import Project
from tests.factories import CommitteeFactory, MeetingFactory, ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def meetings():
    """One in each of two projects, of which the code of one begins with that of the other."""
    return [
        MeetingFactory(committee=CommitteeFactory(project=ProjectFactory(code=code)))
        for code in ("HN-VOZ", "HN-VOZ-2")
    ]


def narrowed(text):
    form = MeetingFilterForm({"project": text}, projects=Project.objects.all())
    return form, set(form.narrow(Meeting.objects.all()))


def test_few_projects_are_chosen_and_nonsense_filters_nothing(meetings):
    form, found = narrowed("HN-VOZ")

    assert next(code for code, _label in form.fields["project"].choices) == ""
    assert found == {meetings[0]}
    assert narrowed("HN")[1] == {*meetings}


def test_many_projects_are_searched_by_code_and_title(meetings):
    for number in range(MANY):
        ProjectFactory(code=f"GT-{number}")
    Project.objects.filter(code="HN-VOZ").update(short_title_fr="Enfance protégée")

    form, found = narrowed("HN-VOZ")

    assert isinstance(form.fields["project"].widget, SearchInput)
    assert found == {meetings[0]}  # the whole code, and not the beginning of another
    assert narrowed("hn-v")[1] == {*meetings}
    assert narrowed("enfance")[1] == {meetings[0]}
    assert narrowed("nowhere")[1] == set()
    assert narrowed("")[1] == {*meetings}
