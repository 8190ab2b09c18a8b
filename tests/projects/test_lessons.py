"""Lessons learned: what is noted, who reads it, and where it goes."""

from io import BytesIO

import pytest
from django.urls import reverse
from django.utils.translation import override
from openpyxl import load_workbook

from accounts.log_words import words_of
from ibcr_portal.translating.texts import texts_of
from projects.models import Lesson
from tests.factories import LessonFactory
from tests.ibcr_portal.searched import found
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def world():
    return World()


@pytest.fixture
def sign_in(client, world):
    def sign_in(role):
        person = world.people[role]
        person.language = "en"
        person.save()
        client.force_login(person)
        return person

    return sign_in


def url(world, name, *args, **query):
    return reverse(f"projects:{name}", args=[world.project.code, *args], query=query)


def text(answer):
    return answer.content.decode()


def note(client, world, **more):
    typed = {
        "learned_en": "Book rooms three months ahead.",
        "happened_en": "Two workshops were moved.",
        "noted_on": "2019-09-01",
    }
    return client.post(url(world, "lesson-create"), typed | more)


def test_the_coordination_notes_a_lesson_which_everybody_in_the_project_reads(
    client, world, sign_in
):
    coordinator = sign_in("coordinator")
    answer = note(client, world, result=world.result.pk)
    lesson = Lesson.objects.get()

    assert (lesson.recorded_by, lesson.result) == (coordinator, world.result)
    assert answer["Location"] == lesson.get_absolute_url()
    client.post(url(world, "lesson-edit", lesson.pk), {"happened_en": ""})
    for role, names in (("coordinator", True), ("partner", False)):
        sign_in(role)
        page = text(client.get(lesson.get_absolute_url()))
        assert "Two workshops were moved." in page
        assert (str(coordinator) in page.partition("<aside")[2]) == names
        assert "Book rooms" in text(client.get(url(world, "lessons")))


def test_a_lesson_is_not_of_the_future_and_its_history_tells_of_each_change(client, world, sign_in):
    sign_in("coordinator")
    assert "future" in text(note(client, world, noted_on="2999-01-01"))
    note(client, world)
    lesson = Lesson.objects.get()
    lesson.change_en = "We book in January."
    lesson.save()

    entries = client.get(lesson.get_absolute_url()).context["entries"]

    assert [entry["text"] for entry in entries] == ["Changed", "Entered"]


def test_the_list_is_filtered_and_taken_as_a_workbook(client, world, sign_in):
    sign_in("donor")
    LessonFactory(project=world.project, result=world.result, learned_en="Of the result.")
    LessonFactory(project=world.project, learned_en="Of the project.")
    LessonFactory(project=world.neighbour, learned_en="Of another.")

    page = text(client.get(url(world, "lessons", result=world.result.pk)))
    answer = client.get(url(world, "lessons-export"))
    rows = list(load_workbook(BytesIO(b"".join(answer))).active.iter_rows(values_only=True))

    assert "Of the result." in page
    assert "Of the project." not in page
    assert {row[0] for row in rows} >= {"What was learned", "Of the result.", "Of the project."}
    assert "Of another." not in {row[0] for row in rows}
    with override("en"):
        assert words_of({"what": "lessons"}) == [("content", "lessons learned")]


def test_the_list_asks_no_more_of_thirty_lessons_than_of_one(
    client, world, sign_in, django_assert_max_num_queries
):
    sign_in("member")
    for number in (1, 29):
        for _each in range(number):
            LessonFactory(project=world.project, result=world.result)
        with django_assert_max_num_queries(16):
            client.get(url(world, "lessons"))


def test_a_lesson_is_found_and_translated_until_it_is_deleted(client, world, sign_in):
    coordinator = sign_in("coordinator")
    lesson = LessonFactory(project=world.project, happened_fr="Le quetzal a chanté.")
    other = LessonFactory(project=world.neighbour, happened_fr="Le quetzal a dormi.")

    assert found(world.people["partner"], "quetzal") == [("lesson", lesson.pk)]
    texts = {one.field for one in texts_of(coordinator, world.project) if one.thing == lesson}
    assert texts == {"learned", "happened"}

    client.post(url(world, "lesson-delete", lesson.pk), {})

    assert list(Lesson.objects.all()) == [other]
    assert found(world.people["partner"], "quetzal") == []
