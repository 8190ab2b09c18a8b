"""The search: what it finds, for whom, and what it makes of bad input."""

import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from ibcr_portal.kinds import SOURCES
from ibcr_portal.models import SearchChange, SearchEntry
from ibcr_portal.search import finding, showing, tables
from ibcr_portal.search.finding import find
from ibcr_portal.search.question import LONGEST, ask
from ibcr_portal.search.rights import Finder
from ibcr_portal.search.showing import results, search, suggest
from ibcr_portal.search.words import code, lexemes, stems, trigrams
from ibcr_portal.search.writing import AT_ONCE, OF_FILES, write_changed
from kernel import apertium
from kernel.apertium import is_installed
from kernel.refusal import Refusal
from reports.models import Rendition
from tests.factories import (
    AgendaItemFactory,
    AmendmentFactory,
    CallFactory,
    DocumentFactory,
    InstitutionFactory,
    ParticipationFactory,
    RenditionFactory,
    ReportFactory,
    ResolutionFactory,
    ResultFactory,
    RiskFactory,
    SnapshotFactory,
)
from tests.ibcr_portal.searched import found
from tests.reports.test_annexes import pdf_of
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
translated = pytest.mark.skipif(not is_installed(), reason="Apertium is not installed")


@pytest.fixture
def world():
    return World()


def paper_of(*pages):
    return ContentFile(pdf_of(*pages), name="paper.pdf")


# Words


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("formación", "formacion", "es"),
        ("niñas", "ninas", "es"),
        ("enfants", "enfant", "fr"),
        ("l’enfant", "enfants", "fr"),
        ("œuvre", "oeuvres", "fr"),
        ("meetings", "meeting", "en"),
        ("Décisions", "decision", "fr"),
    ],
)
def test_spellings_of_one_word_meet(one, other, language):
    assert set(lexemes(one, language)) & set(lexemes(other, language))


def test_a_word_of_one_language_is_none_of_another():
    assert not set(stems("droit", "fr")) & set(stems("droit", "es"))


def test_threads_that_ask_at_once_find_the_same_stems():
    beginnings = ("institucion", "coordinador", "recomend", "particip", "protec", "migr")
    endings = ("es", "aciones", "amente", "adoras", "ándose", "idad", "ieron", "ables")
    words = [begin + end for begin in beginnings for end in endings] * 20
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads take turns within a word
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda word: stems.__wrapped__(word, "es"), words))
    finally:
        sys.setswitchinterval(interval)
    assert found == [stems.__wrapped__(word, "es") for word in words]


def test_words_that_say_nothing_are_left_out():
    assert list(lexemes("le la les de d’un", "fr")) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("HN-TRATA", "hn_trata"),
        ("hn trata", "hn_trata"),
        ("2020-02", "2020_02"),
        ("1300.2", "1300_2"),
    ],
)
def test_spellings_of_one_code_are_one(typed, kept):
    assert code(typed) == kept


def test_a_misspelt_name_has_most_of_its_letters():
    one, other = trigrams("Hernández"), trigrams("Hernandes")
    assert len(one & other) / len(one) > 0.7


# What is found


def test_a_thing_is_found_by_its_words_whatever_their_form(world):
    risk = RiskFactory(
        project=world.project, definition_es="Los talleres se retrasan", is_shared=True
    )

    assert found(world.people["coordinator"], "taller retrasado") == [("risk", risk.pk)]


def test_a_word_in_the_title_counts_more(world):
    inside = RiskFactory(project=world.project, definition_es="Uno", cause_es="Falta de refugios")
    named = RiskFactory(project=world.project, definition_es="Refugios", cause_es="Otra causa")

    assert found(world.people["coordinator"], "refugio") == [
        ("risk", named.pk),
        ("risk", inside.pk),
    ]


def test_of_a_kind_with_enough_titles_no_texts_are_asked_for(world, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 2)
    monkeypatch.setattr(finding, "MANY", 2)
    monkeypatch.setattr(finding, "ENOUGH", 1)
    RiskFactory.create_batch(3, project=world.project, definition_es="Uno", cause_es="Refugio")
    named = RiskFactory.create_batch(2, project=world.project, definition_es="Refugios")
    world.committee.mandate_es = "Refugios"
    world.committee.save()
    write_changed(SOURCES, 1_000)

    searched = search(world.people["coordinator"], "refugio")

    assert {(hit.entry.kind, hit.entry.thing) for hit in searched.hits} == {
        *(("risk", risk.pk) for risk in named),
        ("committee", world.committee.pk),
    }
    assert searched.cut == {"risk"}


def test_of_more_than_is_looked_at_the_newest_is_found(world, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 2)
    monkeypatch.setattr(finding, "MANY", 2)
    monkeypatch.setattr(finding, "ENOUGH", 1)
    decisions = []
    for day in (1, 4, 2, 5, 3):
        decision = ResolutionFactory(
            agenda_item__meeting=world.meeting, text_es="Refugio", resolved_on=date(2019, 6, day)
        )
        write_changed(SOURCES, 1_000)  # each after the other, as they come in real life
        decisions.append(decision)

    searched = search(world.people["coordinator"], "refugio")

    assert [hit.entry.thing for hit in searched.hits] == [decisions[3].pk, decisions[1].pk]
    assert searched.cut == {"resolution"}


def test_a_result_has_the_day_of_the_thing_where_the_organisation_is(world):
    evening = datetime(2020, 9, 4, 3, tzinfo=UTC)
    paper = DocumentFactory(meeting=world.meeting, title="Refugio", uploaded_at=evening)
    risk = RiskFactory(
        project=world.project, definition_es="Refugio", identified_on=date(2020, 9, 2)
    )
    amendment = AmendmentFactory(
        project=world.project, title_es="Refugio", donor_decided_on=date(2020, 9, 1)
    )
    call = CallFactory(
        project=world.project, title_es="Refugio", opens_at=evening - timedelta(days=3)
    )
    write_changed(SOURCES, 1_000)

    searched = search(world.people["coordinator"], "refugio")

    assert [(hit.entry.kind, hit.entry.thing, hit.entry.day) for hit in searched.hits] == [
        ("paper", paper.pk, date(2020, 9, 3)),
        ("risk", risk.pk, date(2020, 9, 2)),
        ("amendment", amendment.pk, date(2020, 9, 1)),
        ("call", call.pk, date(2020, 8, 31)),
    ]


def test_suggestions_begin_with_the_language_of_the_reader(world, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 2)
    AgendaItemFactory.create_batch(3, meeting=world.meeting, title_fr="Mesure")
    later = AgendaItemFactory(meeting=world.meeting, title_fr="Rien", title_es="Mesoamérica")
    write_changed(SOURCES, 1_000)

    with translation.override("es"):
        suggested = suggest(world.people["coordinator"], "mes")

    assert later.get_absolute_url() in [each.url for each in suggested]


def test_a_text_in_three_languages_is_one_result(world):
    item = AgendaItemFactory(
        meeting=world.meeting,
        title_fr="Quorum extraordinaire",
        title_es="Quórum extraordinario",
        title_en="Extraordinary quorum",
    )

    assert found(world.people["coordinator"], "quorum")[0] == ("item", item.pk)
    assert found(world.people["coordinator"], "quorum").count(("item", item.pk)) == 1


@translated
@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("es", "capacitación de los jueces"),
        ("en", "training of judges"),
        ("fr", "formation des juges"),
    ],
)
def test_a_text_is_found_from_each_language(world, language, question):
    item = AgendaItemFactory(meeting=world.meeting, title_fr="Formation des juges à Choluteca")

    with translation.override(language):
        assert found(world.people["coordinator"], question)[0] == ("item", item.pk)


def test_a_name_with_an_error_is_found(world):
    institution = InstitutionFactory(name__name_fr="Colectiva Guancasco")
    few_letters = InstitutionFactory(name__name_fr="Colectiva Guanaja")
    for each in (institution, few_letters):
        ParticipationFactory(project=world.project, institution=each)

    assert found(world.people["coordinator"], "Guancazco") == [("institution", institution.pk)]


def test_a_code_opens_its_page(world, client):
    client.force_login(world.people["coordinator"])
    write_changed(SOURCES, 1_000)

    answer = client.get(reverse("search"), {"q": "hn-1"})

    assert (answer.status_code, answer.url) == (302, world.project.get_absolute_url())


def test_a_code_of_many_things_is_listed(world, client):
    ResultFactory(project=world.neighbour, code="1100")
    client.force_login(world.people["administrator"])
    write_changed(SOURCES, 1_000)

    answer = client.get(reverse("search"), {"q": "1100"})

    assert answer.status_code == 200
    assert [section.kind for section in answer.context["sections"]][:1] == ["result"]


# When


def test_what_somebody_just_wrote_is_found_at_once(world):
    write_changed(SOURCES, 1_000)
    risk = RiskFactory(project=world.project, definition_es="Huracán")

    hits = search(world.people["coordinator"], "huracán").hits

    assert [(hit.entry.kind, hit.entry.thing) for hit in hits] == [("risk", risk.pk)]
    assert not SearchChange.objects.exists()


def test_what_changed_is_not_found_by_its_old_words_before_it_is_written_anew(world):
    risk = RiskFactory(project=world.project, definition_es="Huracán")
    write_changed(SOURCES, 1_000)
    type(risk).objects.filter(pk=risk.pk).update(definition_es="Terremoto")

    finder = Finder(world.people["coordinator"])

    assert find(finder, ask("huracán", "es")).hits == []
    assert found(world.people["coordinator"], "terremoto") == [("risk", risk.pk)]
    assert found(world.people["coordinator"], "huracán") == []


def test_what_was_deleted_leaves_no_words(world):
    risk = RiskFactory(project=world.project)
    write_changed(SOURCES, 1_000)
    risk.delete()
    write_changed(SOURCES, 1_000)

    assert not SearchEntry.objects.filter(kind="risk").exists()


def test_a_page_writes_few_things_and_leaves_the_others_to_the_worker(world):
    for number in range(AT_ONCE + 5):
        RiskFactory(project=world.project, definition_es=f"Peligro {number}")
    write_changed(set(SOURCES) - {"risk"}, 1_000)

    write_changed(SOURCES, AT_ONCE)

    assert SearchEntry.objects.filter(kind="risk").count() <= AT_ONCE
    assert SearchChange.objects.exists()


def test_the_index_written_anew_is_the_same(world, capsys):
    write_changed(SOURCES, 10_000)
    rows = sorted(SearchEntry.objects.values_list("kind", "thing", "part", "project", "day"))

    call_command("reindex")

    again = sorted(SearchEntry.objects.values_list("kind", "thing", "part", "project", "day"))
    assert rows
    assert again == rows
    assert not SearchChange.objects.exists()


# Bad input


@pytest.mark.parametrize(
    "typed",
    [
        "' OR 1=1 --",
        '" OR NEAR(a b)',
        "a:* & !b | (c",
        "*",
        "****** %%%% ____",
        "\u202etata\u202c",
        "<script>alert(1)</script>",
        "fr:droit",
        "\x00\x01",
        "'; DROP TABLE ibcr_portal_searchwords; --",
        "niño" * 60,
    ],
)
def test_signs_are_words_or_nothing(world, client, typed):
    client.force_login(world.people["coordinator"])

    answer = client.get(reverse("search"), {"q": typed})

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("typed", ["x" * 10_000, "palabra " * 1_000])
def test_a_question_that_is_too_long_is_refused_in_a_sentence(typed):
    with pytest.raises(Refusal, match=str(LONGEST)):
        ask(typed, "es")


def test_a_question_of_small_words_is_refused_in_a_sentence(world, client):
    client.force_login(world.people["coordinator"])

    answer = client.get(reverse("search"), {"q": "de la les"})

    assert answer.status_code == 200
    assert answer.context["refusal"]


# What is shown


def test_a_result_shows_where_the_words_are_and_in_which_language(world):
    RiskFactory(
        project=world.project,
        definition_es="Riesgo",
        cause_es=f"{'Palabras que no importan. ' * 12} Faltan <b>intérpretes</b> de garífuna.",
    )
    with translation.override("fr"):
        write_changed(SOURCES, 1_000)
        one = search(world.people["coordinator"], "interprete")
        [result] = results(one.hits, one.question)

    assert result.snippet.language == "es"
    assert "<mark>intérpretes</mark>" in result.snippet.html
    assert "<b>" not in result.snippet.html
    assert result.snippet.text.startswith("… ")
    assert result.project == world.project.short_title


def test_of_a_long_text_the_paragraph_with_the_words_is_shown(world):
    paragraphs = ["## Antes", "Nada *nuevo* aquí.", "Vuela el **quetzal** [hoy](https://a.b)."]
    after = ["palabra " * 60, "Después."]
    RiskFactory(
        project=world.project,
        definition_es="Riesgo",
        cause_es="\n\n".join([*paragraphs, *after]),
    )
    write_changed(SOURCES, 1_000)
    one = search(world.people["coordinator"], "quetzal")
    [result] = results(one.hits, one.question)

    shown = result.snippet.text
    assert shown.startswith("… Vuela el quetzal hoy. palabra palabra")
    assert shown.endswith("…")
    assert "Después" not in shown


LONG = "\n\n" + "relleno " * 60


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"[Una página](https://a.b/quetzal).{LONG}\n\nVuela el quetzal.", "Vuela el quetzal."),
        (f"Uno.\n\nEl quetzal [hoy][1].{LONG}\n\n[1]: https://a.b", "Uno. El quetzal hoy. relleno"),
        (f"- Uno\n\n    Vuela el *quetzal* hoy.{LONG}", "Uno Vuela el quetzal hoy. relleno"),
        ("\n\nVuela el quetzal.\n\n", "Vuela el quetzal."),
    ],
)
def test_a_part_of_a_text_is_read_as_the_whole_would_be(text, shown):
    snippet = showing._snippet(text, "es", frozenset({"squetzal"}))

    assert snippet.text.lstrip("… ").startswith(shown) or snippet.text.endswith(shown)
    assert "<mark>quetzal</mark>" in snippet.html


def test_copies_of_a_document_for_several_readers_are_told_apart(world):
    report = ReportFactory(period=world.year)
    snapshot = SnapshotFactory(report=report, is_final=True)
    for audience in ("donor", "partners"):
        RenditionFactory(
            snapshot=snapshot,
            language="es",
            audience=audience,
            state=Rendition.State.READY,
            file=paper_of("Jaguar"),
            pages=1,
            size=900,
            finished_at=timezone.now(),
        )
    with translation.override("es"):
        write_changed(OF_FILES, 10)
        one = search(world.people["coordinator"], "jaguar")
        titles = [result.title.text for result in results(one.hits, one.question)]

    assert sorted(titles) == [
        "Informe anual de avance · español · Donante",
        "Informe anual de avance · español · Instituciones socias",
    ]


def test_the_command_prints_what_a_person_finds(world, capsys):
    RiskFactory(project=world.project, definition_es="Jaguar")

    call_command(
        "search", "jaguar", "--as", world.people["coordinator"].email, "--language", "es", "--json"
    )

    assert '"title": "Jaguar"' in capsys.readouterr().out


def test_the_command_refuses_an_address_of_nobody(world):
    with pytest.raises(CommandError, match="nobody@example"):
        call_command("search", "x", "--as", "nobody@example.org")


# Files


def test_a_paper_is_found_by_the_text_of_its_pages(world):
    paper = DocumentFactory(
        meeting=world.meeting, title="Nota", language="es", file=paper_of("Uno", "El quetzal vuela")
    )

    assert write_changed(OF_FILES, 10) == 1
    one = search(world.people["coordinator"], "quetzales")
    [result] = results(one.hits, one.question)

    assert [(hit.entry.kind, hit.entry.thing, hit.entry.part) for hit in one.hits] == [
        ("paper", paper.pk, 2)
    ]
    assert (result.title.text, result.snippet.text) == ("Nota", "El quetzal vuela")


def test_a_file_that_cannot_be_read_is_found_by_its_title(world):
    paper = DocumentFactory(
        meeting=world.meeting,
        title="Quetzal",
        language="es",
        file=ContentFile(b"%PDF-9 broken", name="paper.pdf"),
    )
    write_changed(OF_FILES, 10)

    assert ("paper", paper.pk) in found(world.people["coordinator"], "quetzal")


def test_pages_of_one_file_hide_nothing_that_has_a_word(world, monkeypatch):
    monkeypatch.setattr(finding, "ENOUGH", 2)
    DocumentFactory(
        meeting=world.meeting,
        title="Nota",
        language="es",
        file=paper_of(*["El quetzal vuela"] * 3),
    )
    risk = RiskFactory(project=world.project, definition_es="Quetzal", definition_fr="")
    write_changed(SOURCES, 1_000)

    assert ("risk", risk.pk) in found(world.people["coordinator"], "quetzal vuela")


def test_a_name_that_is_taken_out_of_a_kept_text_is_not_found_any_more(world):
    DocumentFactory(
        meeting=world.meeting, title="Nota", language="es", file=paper_of("Ixchel estuvo")
    )
    write_changed(OF_FILES, 10)
    assert search(world.people["coordinator"], "ixchel").hits

    SearchEntry.objects.exclude(text="").update(text="Persona estuvo")

    assert not search(world.people["coordinator"], "ixchel").hits


# While somebody types


def test_what_one_types_finds_pages_actions_and_things_whose_words_begin_so(world, client):
    risk = RiskFactory(project=world.project, definition_es="Capacitación insuficiente")
    client.force_login(world.people["coordinator"])

    write_changed(SOURCES, 1_000)
    things = client.get(reverse("search-quick"), {"q": "capaci"}).context["found"]
    pages = client.get(reverse("search-quick"), {"q": "new mee"}).context["pages"]

    assert [each.url for each in things] == [risk.get_absolute_url()]
    assert things[0].snippet.html == "<mark>Capacitación</mark> insuficiente"
    assert [page.url for page in pages] == [
        reverse("committees:meeting-create", args=[world.committee.pk])
    ]


def test_nobody_is_offered_what_they_may_not_do(world, client):
    client.force_login(world.people["member"])

    answer = client.get(reverse("search-quick"), {"q": "new me"})

    assert answer.context["pages"] == []


@pytest.mark.parametrize("typed", ["", " ", "*", "a", "' OR", "\x00", "é́", "l’"])
def test_nothing_to_look_for_yet_is_no_error(world, client, typed):
    client.force_login(world.people["coordinator"])

    assert client.get(reverse("search-quick"), {"q": typed}).status_code == 200


# The gist of a text


@translated
def test_a_text_in_another_language_has_a_gist_that_is_not_kept(world, client):
    client.force_login(world.people["partner"])
    before = SearchEntry.objects.count()

    answer = client.post(
        reverse("gist"), {"text": "Los jueces reciben una capacitación.", "source": "es"}
    )

    assert answer.status_code == 200
    assert answer.text.startswith("Translated by a machine, and not checked: ")
    assert "judges" in answer.text
    assert SearchEntry.objects.count() == before


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"text": "x", "source": "de"},
        {"text": "x", "source": "en"},
        {"text": "x" * 9_000, "source": "es"},
    ],
)
def test_what_has_no_gist_is_refused_in_a_sentence(world, client, sent):
    client.force_login(world.people["partner"])

    answer = client.post(reverse("gist"), sent)

    assert answer.status_code == 422
    assert answer.text.endswith(".")


@pytest.mark.parametrize("typed", ["½ taza", "⑴", "ﷺ", "①②", "K2 · ½"])
def test_signs_that_fall_apart_are_no_error(world, client, typed):
    client.force_login(world.people["coordinator"])

    assert client.get(reverse("search"), {"q": typed}).status_code == 200
    assert client.get(reverse("search-quick"), {"q": typed}).status_code == 200


@translated
def test_programs_that_do_not_answer_are_replaced(monkeypatch):
    apertium.close_idle(0)
    assert apertium.run("es-fr", "formación.[]")
    [stuck] = apertium._open.values()
    monkeypatch.setattr(apertium, "SECONDS", 0.1)
    stuck._programs[-1].send_signal(signal.SIGSTOP)
    with pytest.raises(apertium.TranslatorFailed):
        stuck.translate("jueces.[]")
    monkeypatch.undo()

    with pytest.raises(apertium.TranslatorFailed):
        stuck.translate("late")
    stuck.close()  # a second time closes nothing
    assert apertium.run("es-fr", "jueces.[]").startswith("Juges")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no time limit")
def test_a_search_that_takes_too_long_says_so(world, client, monkeypatch):
    """The connection goes on, and without the limit."""
    client.force_login(world.people["coordinator"])
    monkeypatch.setattr(tables, "SECONDS", 0.05)

    with pytest.raises(Refusal, match="trop de temps"), tables.in_time():
        connection.cursor().execute("SELECT pg_sleep(1)")

    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)
    assert client.get(reverse("home")).status_code == 200
