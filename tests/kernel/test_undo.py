"""The button “Undo”: what was just created is removed with one press, for half a minute."""

import re
import time
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from committees.models import ActionPlan, Meeting
from kernel import undo
from projects.models import Lesson, Result
from tests.factories import PeriodFactory, ResultFactory
from tests.world import World

pytestmark = pytest.mark.django_db

FORM = re.compile(
    r'action="(?P<url>[^"]+)" class="undo" data-undo="(?P<left>\d+)".*?name="undo" value="(?P<until>\d+)"',
    re.DOTALL,
)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def coordinator(client, world):
    client.force_login(world.people["coordinator"])
    return client


def button(answer):
    """Return the button of a page, as the address and what it posts."""
    found = FORM.search(answer.content.decode())
    return (found["url"], {"undo": found["until"]}, int(found["left"])) if found else None


def page(world, name, *args):
    return reverse(f"projects:{name}", args=[world.project.code, *args])


def note(client, world, **more):
    typed = {"learned_en": "Book rooms early.", "happened_en": "One was full."}
    typed |= {"noted_on": "2019-09-01"}
    return client.post(page(world, "lesson-create"), typed | more, follow=True)


def test_what_was_created_is_removed_with_one_press(coordinator, world):
    answer = note(coordinator, world)
    lesson = Lesson.objects.get()
    url, posts, left = button(answer)

    assert url == page(world, "lesson-delete", lesson.pk)
    assert 25 < left <= undo.SECONDS
    gone = coordinator.post(url, posts, follow=True)

    assert not Lesson.objects.exists()
    [said] = gone.context["messages"]
    assert (said.level_tag, str(said)) == ("success", f"Removed again: {lesson}.")
    assert button(gone) is None  # an undoing is not undone


def test_after_half_a_minute_the_page_asks_as_always(coordinator, world, monkeypatch):
    url, posts, _left = button(note(coordinator, world))
    late = time.time() + undo.SECONDS + 1
    monkeypatch.setattr(undo.time, "time", lambda: late)

    answer = coordinator.post(url, posts, follow=True)

    assert answer.redirect_chain == [(url, 302)]
    assert 'class="alert alert-info"' in answer.content.decode()
    assert Lesson.objects.exists()
    coordinator.post(url)
    assert not Lesson.objects.exists()


def test_what_others_refer_to_by_then_stays_and_is_named(coordinator, world):
    new = f"{page(world, 'result-create')}?parent={world.result.pk}"
    fields = {
        field.html_name: field.value() or "" for field in coordinator.get(new).context["form"]
    }
    answer = coordinator.post(new, fields | {"statement_en": "A result"}, follow=True)
    result = Result.objects.latest("pk")
    url, posts, _left = button(answer)
    ResultFactory(project=world.project, parent=result, code="Z1")

    refused = coordinator.post(url, posts, follow=True)

    assert Result.objects.filter(pk=result.pk).exists()
    assert "alert-danger" in refused.content.decode()


def test_a_change_has_no_button(coordinator, world):
    note(coordinator, world)
    lesson = Lesson.objects.get()
    url = page(world, "lesson-edit", lesson.pk)
    fields = coordinator.get(url).context["form"]
    typed = {field.html_name: field.value() or "" for field in fields}

    answer = coordinator.post(url, typed | {"learned_en": "Book them early."}, follow=True)

    lesson.refresh_from_db()
    assert lesson.learned_en == "Book them early."
    assert button(answer) is None


def test_a_plan_and_a_meeting_have_it_too(coordinator, world):
    day = timezone.localdate() + timedelta(days=40)
    planned = {"number": 9, "kind": "ordinary", "mode": "online", "day": day.isoformat()}
    planned |= {"start": "09:00", "end": "12:00", "time_zone": "America/Tegucigalpa"}
    planned |= {"quorum_is_stated": "on"}
    create = reverse("committees:meeting-create", args=[world.committee.pk])
    answer = coordinator.post(create, planned, follow=True)
    url, posts, _left = button(answer)
    coordinator.post(url, posts)
    assert not Meeting.objects.filter(number=9).exists()

    year = PeriodFactory(project=world.project, number=7)
    create = reverse("committees:plan-create", args=[world.project.code])
    url, posts, _left = button(coordinator.post(create, {"period": year.pk}, follow=True))
    coordinator.post(url, posts)
    assert not ActionPlan.objects.filter(period=year).exists()
