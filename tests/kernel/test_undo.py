"""The button “Undo”: what was just created is removed with one press, for half a minute."""

import re
import time
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kernel import undo
from projects.models import Lesson, Result
from tests.committees.test_documents import upload
from tests.factories import (
    ActionPlanFactory,
    LessonFactory,
    MeetingFactory,
    PeriodFactory,
    ResultFactory,
    UserFactory,
)
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
    back = page(world, "lessons")
    url, posts, left = button(answer)

    assert url == page(world, "lesson-delete", lesson.pk) + "?back=" + quote(back, safe="")
    assert 25 < left <= undo.SECONDS
    gone = coordinator.post(url, posts, follow=True)

    assert not Lesson.objects.exists()
    assert gone.redirect_chain == [(back, 302)]
    [said] = gone.context["messages"]
    assert (said.level_tag, str(said)) == (
        "success",
        f"Undone, and removed: {str(lesson).rstrip('.')}.",
    )
    assert button(gone) is None  # an undoing is not undone


def test_after_half_a_minute_the_page_asks_as_always(coordinator, world, monkeypatch):
    url, posts, _left = button(note(coordinator, world))
    late = time.time() + undo.SECONDS + 1
    monkeypatch.setattr(undo.time, "time", lambda: late)

    answer = coordinator.post(url, posts, follow=True)

    assert answer.redirect_chain == [(url, 302)]
    assert 'class="alert alert-info"' in answer.content.decode()
    assert "nothing was undone" in answer.content.decode()
    assert Lesson.objects.exists()
    coordinator.post(url)
    assert not Lesson.objects.exists()


def test_the_button_stays_on_the_pages_that_follow_until_it_is_pressed(coordinator, world):
    url, posts, _left = button(note(coordinator, world))
    next_pages = [coordinator.get(page(world, "detail")) for _time in range(2)]

    assert [button(one)[:2] for one in next_pages] == [(url, posts)] * 2
    assert all("autofocus" not in one.content.decode() for one in next_pages)
    coordinator.post(url, posts)
    assert button(coordinator.get(page(world, "detail"))) is None
    assert not Lesson.objects.exists()


def test_the_button_goes_with_its_half_minute_and_with_who_pressed(coordinator, world, monkeypatch):
    note(coordinator, world)
    coordinator.get(page(world, "detail"))
    coordinator.post(reverse("account_logout"), follow=True)
    coordinator.force_login(world.people["coordinator"])
    assert button(coordinator.get(page(world, "detail"))) is None

    note(coordinator, world, learned_en="Bring a second projector.")
    late = time.time() + undo.SECONDS + 1
    monkeypatch.setattr(undo.time, "time", lambda: late)
    assert "alert" not in coordinator.get(page(world, "lessons")).content.decode()


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


def lesson_of(client, world):
    return note(client, world), page(world, "lessons")


def meeting_of(client, world):
    day = timezone.localdate() + timedelta(days=40)
    planned = {"number": 9, "kind": "ordinary", "mode": "online", "day": day.isoformat()}
    planned |= {"start": "09:00", "end": "12:00", "time_zone": "America/Tegucigalpa"}
    planned |= {"quorum_is_stated": "on"}
    create = reverse("committees:meeting-create", args=[world.committee.pk])
    return client.post(create, planned, follow=True), world.committee.get_absolute_url()


def plan_of(client, world):
    year = PeriodFactory(project=world.project, number=7)
    create = reverse("committees:plan-create", args=[world.project.code])
    return client.post(create, {"period": year.pk}, follow=True), page(world, "plans")


def typed_new(client, address, **typed):
    """Fill in the form of something new as far as it is not filled in, and return the answer."""
    values = {each.html_name: each.value() for each in client.get(address).context["form"]}
    fields = {name: value for name, value in values.items() if value is not None}
    answer = client.post(address, fields | typed, follow=True)
    assert answer.redirect_chain, answer.context["form"].errors
    return answer


def result_of(client, world):
    address = f"{page(world, 'result-create')}?parent={world.result.pk}"
    return typed_new(client, address, statement_en="A result"), page(world, "logic-model")


def indicator_of(client, world):
    address = f"{page(world, 'indicator-create')}?result={world.result.pk}"
    typed = {"name_en": "Roads", "code": "Z1", "unit": "number"}
    return typed_new(client, address, **typed), world.result.get_absolute_url()


def call_of(client, world):
    typed = {"code": "N-1", "title_en": "Roads", "theme_en": "…", "eligibility_en": "…"}
    typed |= {"budget": "10000", "largest": "5000", "grants_expected": "2", "months": "6"}
    typed |= {"opens_at": "2030-01-10T09:00:00", "closes_at": "2030-02-10T09:00:00"}
    return typed_new(client, page(world, "call-create"), **typed), page(world, "calls")


def item_of(client, world):
    meeting = MeetingFactory(committee=world.committee, status="planned")
    address = reverse("committees:item-create", args=[meeting.pk])
    return typed_new(client, address, title_en="Roads"), meeting.get_absolute_url()


def action_of(client, world):
    plan = ActionPlanFactory(period=PeriodFactory(project=world.project, number=7))
    address = reverse("committees:action-create", args=[plan.pk])
    typed = {"title_en": "Build a road", "responsible": world.institutions["partner"].pk}
    typed |= {"result": world.result.pk, "starts_on": "2019-06-01", "ends_on": "2019-09-30"}
    return typed_new(client, address, **typed), plan.get_absolute_url()


def seat_of(client, world):
    address = reverse("committees:seat-create", args=[world.committee.pk])
    typed = {"institution": world.institutions["partner"].pk, "label_en": "Roads"}
    return typed_new(client, address, **typed), world.committee.get_absolute_url()


def document_of(client, world):
    meeting = MeetingFactory(committee=world.committee, status="planned")
    address = reverse("committees:meeting-document-create", args=[meeting.pk])
    return client.post(address, upload(), follow=True), meeting.get_absolute_url()


WAYS = [
    seat_of,
    document_of,
    lesson_of,
    meeting_of,
    plan_of,
    result_of,
    indicator_of,
    call_of,
    item_of,
    action_of,
]


def test_of_two_things_made_at_once_the_button_undoes_the_last(coordinator, world):
    note(coordinator, world)
    second = note(coordinator, world, learned_en="Bring a map.")
    last = Lesson.objects.order_by("pk").last()

    url, _posts, _left = button(second)

    assert url.startswith(page(world, "lesson-delete", last.pk))


@pytest.mark.parametrize("way", WAYS)
def test_a_second_press_says_that_it_was_undone_where_it_was_made(coordinator, world, way):
    made, place = way(coordinator, world)
    url, posts, _left = button(made)
    coordinator.post(url, posts)

    again = coordinator.post(url, posts, follow=True)

    assert again.redirect_chain == [(place, 302)]
    assert again.status_code == 200
    assert "This was already undone." in again.content.decode()


@pytest.mark.parametrize("way", [item_of, seat_of, document_of])
def test_what_is_removed_without_a_question_stays_if_the_press_was_late(coordinator, world, way):
    made, place = way(coordinator, world)
    url, posts, _left = button(made)

    late = coordinator.post(url, {"undo": int(posts["undo"]) - 60}, follow=True)

    assert late.redirect_chain == [(place, 302)]
    assert "nothing was undone" in late.content.decode()
    assert button(coordinator.get(place)) is None
    again = coordinator.post(url, posts, follow=True)
    assert "nothing was undone" not in again.content.decode()
    assert "already undone" not in again.content.decode()  # it was still there


def test_a_press_twice_in_the_browser_is_answered_by_what_is_there(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["coordinator"])
    lesson = LessonFactory(project=world.project)
    shown = client.get(page(world, "lesson-delete", lesson.pk)).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown)[1]
    posts = {"undo": int(time.time()) + 9, "csrfmiddlewaretoken": token}

    first = client.post(page(world, "lesson-delete", lesson.pk), posts, follow=True)
    again = client.post(page(world, "lesson-delete", lesson.pk), posts, follow=True)

    assert "Undone, and removed" in first.content.decode()
    assert "This was already undone" in again.content.decode()


def test_whoever_may_not_see_the_project_gets_no_such_answer(client, world):
    client.force_login(UserFactory())

    answer = client.post(page(world, "lesson-delete", 1), {"undo": "1"})

    assert answer.status_code == 404


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
