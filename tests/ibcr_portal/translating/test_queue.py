"""The translation queue: what it holds for whom, and where a translation goes."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from committees.models import Meeting, Minutes, MinutesTranslation
from ibcr_portal.translating.queue import (
    NewTranslation,
    Queue,
    State,
    languages_read,
    save_translations,
    stamp_of,
)
from kernel.apertium import is_installed
from kernel.languages import working_in
from kernel.refusal import Refusal
from projects.models import Project, Translation
from projects.translations import served
from reports.models import Section
from tests.factories import (
    AgendaItemFactory,
    DataPointFactory,
    MeetingFactory,
    RemarkFactory,
    ReportFactory,
    SectionFactory,
)
from tests.ibcr_portal.searched import found
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
REMARK = "Les ateliers commencent en mars. Il faut deux salles."


@pytest.fixture
def world():
    return World()


@pytest.fixture
def coordinator(world):
    return world.people["coordinator"]


@pytest.fixture
def remark(world):
    return RemarkFactory(plan=world.plan, text=REMARK)


def queue_of(world, role="coordinator"):
    return Queue(world.people[role], world.project)


def item_of(world, thing, field, language="es"):
    return queue_of(world).find(language, thing._meta.label_lower, thing.pk, field)


def confirm(world, thing, field, text, language="es", state=Translation.State.CONFIRMED):
    item = item_of(world, thing, field, language)
    row = NewTranslation(item.address, text, stamp_of(item))
    save_translations(world.project, [row], by=world.people["coordinator"], state=state)


def url_of(world, thing, field, language="es"):
    address = [world.project.code, language, thing._meta.label_lower, thing.pk, field]
    return reverse("projects:translation", args=address)


# What is in the queue


def test_a_text_that_has_a_reader_in_another_language_is_in_the_queue(world, remark):
    item = item_of(world, remark, "text")

    assert (item.state, item.text.origin, item.now) == (State.MISSING, "fr", "")
    assert item in queue_of(world).into("es")
    assert queue_of(world).find("fr", "committees.remark", remark.pk, "text") is None


def test_the_languages_are_those_of_the_project_of_its_reports_and_of_its_people(world):
    world.project.languages, world.project.report_languages = ["fr"], ["en"]
    world.people["member"].contacts.update(language="es")

    assert languages_read(world.project) == ["fr", "es", "en"]


def test_what_the_next_document_needs_comes_first(world, remark):
    soon = MeetingFactory(
        committee=world.committee,
        status=Meeting.Status.CONVENED,
        number=2,
        starts_at=timezone.now() + timedelta(days=3),
        ends_at=timezone.now() + timedelta(days=3, hours=2),
    )
    item = AgendaItemFactory(meeting=soon, title_fr="Une question", title_es="", title_en="")

    first = queue_of(world).into("es")[0]

    assert (first.need, first.day) == ("meeting", soon.day)
    assert item.pk in {one.text.thing.pk for one in queue_of(world).into("es") if one.day}


@pytest.mark.parametrize("role", ["monitoring", "member", "partner", "donor", "reader"])
def test_only_the_coordination_translates(client, world, remark, role):
    client.force_login(world.people[role])

    answers = [
        client.get(reverse("projects:translations", args=[world.project.code])),
        client.get(url_of(world, remark, "text")),
        client.post(url_of(world, remark, "text"), {"text": "Hola"}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert not Translation.objects.exists()


def test_texts_of_another_project_are_in_neither_queue_nor_memory(world, remark):
    outsider = world.people["outsider"]

    assert (
        Queue(outsider, world.neighbour).find("es", "committees.remark", remark.pk, "text") is None
    )


# Where a translation goes


def test_a_name_goes_into_its_column_and_remembers_its_source(world, coordinator):
    world.result.statement_es = ""
    world.result.save()

    confirm(world, world.result, "statement", "Las instituciones están preparadas.")

    world.result.refresh_from_db()
    assert world.result.statement_es == "Las instituciones están preparadas."
    assert world.result.stale_translations == []
    pair = Translation.objects.get()
    assert (pair.by, pair.state, pair.source) == (
        coordinator,
        "confirmed",
        world.result.statement_fr,
    )


def test_a_section_goes_into_the_report_in_its_language(world):
    report = ReportFactory(period=world.year)
    SectionFactory(report=report, kind="summary", language="fr", text="Le projet avance.")

    confirm(world, report, "summary", "El proyecto avanza.")

    written = Section.objects.get(report=report, kind="summary", language="es")
    assert written.text == "El proyecto avanza."
    assert item_of(world, report, "summary").state == State.CONFIRMED
    # What was translated is no original, so nobody is asked to translate it back.
    assert item_of(world, report, "summary", "fr") is None


def test_words_of_minutes_go_into_their_courtesy_translation(world, coordinator):
    minutes = Minutes.objects.create(
        meeting=world.meeting, language="fr", opening="La séance est ouverte."
    )

    confirm(world, minutes, "opening", "Se abre la sesión.")

    row = MinutesTranslation.objects.get(minutes=minutes, language="es")
    assert (row.texts, row.updated_by) == ({"opening": "Se abre la sesión."}, coordinator)


def test_a_typed_text_is_served_in_the_readers_language_once_it_is_confirmed(world, remark):
    confirm(world, remark, "text", "Borrador.", state=Translation.State.DRAFT)
    with working_in(world.project), translation.override("es"):
        drafted = served(REMARK)
    confirm(world, remark, "text", "Los talleres empiezan en marzo.")
    with working_in(Project.objects.get(pk=world.project.pk)), translation.override("es"):
        read = served(REMARK)

    assert (drafted.text, drafted.is_translated) == (REMARK, False)
    assert (read.text, read.language, read.original, read.original_language) == (
        "Los talleres empiezan en marzo.",
        "es",
        REMARK,
        "fr",
    )


def test_a_changed_source_makes_its_translation_stale_and_is_served_as_it_is(world, remark):
    confirm(world, remark, "text", "Los talleres empiezan en marzo.")
    remark.text = REMARK.replace("mars", "avril")
    remark.save()

    item = item_of(world, remark, "text")
    with working_in(world.project), translation.override("es"):
        read = served(remark.text)

    assert (item.state, item.earlier_source) == (State.STALE, REMARK)
    assert (read.text, read.is_translated) == (remark.text, False)


@pytest.mark.parametrize("field", ["comment", "source", "method"])
def test_the_page_of_a_value_and_of_an_indicator_say_that_a_text_is_translated(
    client, world, coordinator, field
):
    thing = world.indicator
    if field != "method":
        thing = DataPointFactory(indicator=world.indicator, period=world.year)
    type(thing).objects.filter(pk=thing.pk).update(**{field: REMARK})
    confirm(world, type(thing).objects.get(pk=thing.pk), field, "Los talleres empiezan en marzo.")
    coordinator.language = "es"
    coordinator.save()
    client.force_login(coordinator)

    page = client.get(thing.get_absolute_url()).content.decode()

    assert "Los talleres empiezan en marzo." in page
    assert f'<div lang="fr">{REMARK}</div>' in page


# The page


def test_confirming_leads_to_the_next_text(client, world, remark, coordinator):
    client.force_login(coordinator)
    items = queue_of(world).into("es")
    place = [one.text.key for one in items].index(f"committees.remark:{remark.pk}:text")
    page = client.get(url_of(world, remark, "text"))
    seen = page.context["form"].initial["seen"]

    answer = client.post(url_of(world, remark, "text"), {"text": "Los talleres.", "seen": seen})

    after = items[place + 1] if place + 1 < len(items) else None
    expected = reverse("projects:translations", args=[world.project.code]) + "?to=es"
    if after:
        expected = reverse("projects:translation", args=[world.project.code, *after.address])
    assert answer.url == expected
    assert Translation.objects.get().text == "Los talleres."


def test_of_two_translators_the_second_reads_what_the_first_wrote(client, world, remark):
    client.force_login(world.people["coordinator"])
    seen = client.get(url_of(world, remark, "text")).context["form"].initial["seen"]
    confirm(world, remark, "text", "La primera.")

    answer = client.post(url_of(world, remark, "text"), {"text": "La segunda.", "seen": seen})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Rôle — coordinator" in page
    assert "La segunda." in page
    # The saved one is shown, so that the two can be compared.
    assert '<p lang="es" id="saved-translation">La primera.</p>' in page
    assert Translation.objects.get().text == "La primera."
    again = {"text": "La segunda.", "seen": answer.context["form"].data["seen"]}
    assert client.post(url_of(world, remark, "text"), again).status_code == 302
    assert Translation.objects.get().text == "La segunda."


def test_an_empty_translation_is_refused_with_a_sentence(client, world, remark):
    client.force_login(world.people["coordinator"])
    client.cookies["django_language"] = "en"

    answer = client.post(url_of(world, remark, "text"), {"text": " ", "seen": ""})

    assert answer.status_code == 200
    assert not Translation.objects.exists()


def test_a_name_that_is_too_long_for_its_column_is_refused(world):
    with pytest.raises(Refusal, match="300"):
        confirm(world, world.terms, "title", "a" * 301)


@pytest.mark.skipif(not is_installed(), reason="Apertium is not installed")
def test_the_machine_drafts_between_french_and_spanish_and_gives_english_as_a_gist(
    client, world, remark
):
    client.force_login(world.people["coordinator"])

    spanish = client.get(url_of(world, remark, "text")).context["shown"]
    english = client.get(url_of(world, remark, "text", "en")).context["shown"]

    assert spanish.draft.by_machine == 2
    assert "talleres" in spanish.draft.text
    assert spanish.gist == ""
    assert (english.draft, bool(english.gist)) == (None, True)


# What goes with its thing


def test_a_pair_goes_with_its_thing_and_with_a_remark_that_is_withdrawn(world, remark):
    other = RemarkFactory(plan=world.plan, text="Le budget est petit pour une année.")
    point = DataPointFactory(
        indicator=world.indicator, period=world.year, comment="La liste est dans le dossier."
    )
    for thing, field in ((remark, "text"), (other, "text"), (point, "comment")):
        confirm(world, thing, field, "Una traducción.")

    remark.withdrawn_at = timezone.now()
    remark.save()
    point.delete()

    assert [row.thing for row in Translation.objects.all()] == [other]


def test_a_translated_text_is_found_in_both_languages_and_once(world, remark):
    confirm(world, remark, "text", "Los talleres empiezan en marzo.")
    reader = world.people["coordinator"]

    assert found(reader, "ateliers mars") == [("remark", remark.pk)]
    assert found(reader, "talleres empiezan") == [("remark", remark.pk)]
