"""The guides of calls for projects, which visitors download."""

import io
import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from docx import Document as Word

from projects.models import CallForProposals
from reports.models import CallGuide
from reports.services.guides import prepare_guides
from tests.factories import CallFactory
from tests.reports.pdf_reading import Pdf
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def call(db):
    world = World()
    CallFactory(project=world.project, status="draft")
    call = CallFactory(project=world.project, title_fr="Appel ouvert", title_es="", title_en="")
    call.questions.create(question_fr="À deux ?", answer_fr="Oui, avec une convention.")
    return call


def address(call, name, language="fr"):
    return reverse(f"reports:{name}", args=[call.code, language])


def test_an_open_call_has_a_guide_in_its_languages_that_is_made_once(client, call):
    prepare_guides()
    made = CallGuide.objects.get()
    prepare_guides()

    text = " ".join(Pdf(client.get(address(call, "guide")).getvalue()).text().split())

    assert (made.call, made.language) == (call, "fr")
    assert CallGuide.objects.get().file == made.file
    for words in ("Appel ouvert", "À deux ?", "Oui, avec une convention.", call.contact_email):
        assert words in text
    assert call.project.short_title not in text
    assert address(call, "guide") in client.get(call.get_public_url()).content.decode()


def test_the_guides_in_the_readers_language_come_first(client, call):
    CallForProposals.objects.filter(pk=call.pk).update(
        title_fr="Appel", title_es="Convocatoria", title_en="Call"
    )
    prepare_guides()

    for language in ("es", "fr", "en"):
        client.cookies["django_language"] = language
        page = client.get(call.get_public_url()).content.decode()
        for ending in ("pdf", "docx"):
            first = re.search(rf'href="[^"]*/guides/[^"/]+/(\w+)\.{ending}"', page)
            assert first[1] == language


def test_a_new_answer_makes_another_guide(call):
    prepare_guides()
    before = CallGuide.objects.get().file.name

    call.questions.update(answer_fr="Non.")
    prepare_guides()

    assert CallGuide.objects.get().file.name != before


def test_the_word_file_says_what_the_call_says_now(client, call):
    content = client.get(address(call, "guide-word")).content

    text = "\n".join(one.text for one in Word(io.BytesIO(content)).paragraphs)
    assert "Oui, avec une convention." in text


def test_a_word_file_is_kept_until_the_call_says_something_else(client, call):
    first = client.get(address(call, "guide-word")).content

    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        assert client.get(address(call, "guide-word")).content == first
    call.questions.update(answer_fr="Non, jamais.")
    text = "\n".join(
        one.text
        for one in Word(io.BytesIO(client.get(address(call, "guide-word")).content)).paragraphs
    )
    assert "Non, jamais." in text


def test_a_new_logo_makes_another_guide(call, request):
    prepare_guides()
    before = CallGuide.objects.get().file.name
    request.getfixturevalue("logo")

    prepare_guides()

    assert CallGuide.objects.get().file.name != before


@pytest.mark.parametrize("name", ["guide", "guide-word"])
def test_there_is_none_of_a_draft_or_in_a_language_in_which_it_is_not_written(client, call, name):
    draft = call.project.calls.get(status="draft")

    assert client.get(address(draft, name)).status_code == 404
    assert client.get(address(call, name, "en")).status_code == 404
