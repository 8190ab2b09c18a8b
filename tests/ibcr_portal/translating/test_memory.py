"""The translation memory: which sentences it knows, how it finds them, and what it must not show."""

import pytest

from bench.remembering import texts as second_year
from ibcr_portal.demo.texts import read
from ibcr_portal.translating.memory import (
    Memory,
    aligned,
    difference,
    marked_terms,
    page_of_item,
    sentences_of,
)
from ibcr_portal.translating.queue import Queue
from kernel.apertium import is_installed
from reports.models.preset import SectionKind
from tests.factories import ReportFactory, ResultFactory, RiskFactory, SectionFactory
from tests.ibcr_portal.translating.test_queue import confirm, item_of, queue_of
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
KNOWN = ("Le comité a validé le plan d’action.", "El comité validó el plan de acción.")


@pytest.fixture
def world():
    world = World()
    report = ReportFactory(period=world.year)
    for language, text in zip(("fr", "es"), KNOWN, strict=True):
        SectionFactory(report=report, kind="summary", language=language, text=text)
    return world


def memory_for(world, role="coordinator", source="fr", target="es"):
    return Memory(Queue(world.people[role], world.project), source, target)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Un. Deux ! Trois ?\nQuatre", ["Un.", "Deux !", "Trois ?", "Quatre"]),
        ("En vertu de l’art. 5, 3.5 % des cas.", ["En vertu de l’art. 5, 3.5 % des cas."]),
        ("*Exemple.* Il est tôt [[I 1.1]]. Fin.", ["*Exemple.* Il est tôt [[I 1.1]].", "Fin."]),
        ("¿Cuándo? ¡Ya! “Sí.” Dijo.", ["¿Cuándo?", "¡Ya!", "“Sí.”", "Dijo."]),
    ],
)
def test_texts_are_divided_into_sentences(text, sentences):
    assert sentences_of(text) == sentences


def test_sentences_are_aligned_line_by_line_or_as_a_whole():
    assert list(aligned("Un. Deux.\nTrois.", "Uno. Dos.\nTres.")) == [
        ("Un.", "Uno."),
        ("Deux.", "Dos."),
        ("Trois.", "Tres."),
    ]
    assert list(aligned("Un. Deux.\nTrois.", "Uno y dos.\nTres.")) == [
        ("Un. Deux.", "Uno y dos."),
        ("Trois.", "Tres."),
    ]
    assert list(aligned("Un.\nDeux.", "Uno y dos.")) == [("Un.\nDeux.", "Uno y dos.")]


def test_a_sentence_that_is_known_is_an_exact_match(world):
    (match,) = memory_for(world).matches(KNOWN[0].replace("’", "'"))

    assert (match.percent, match.target) == (100, KNOWN[1])


def test_a_similar_sentence_shows_how_much_and_what_differs(world):
    (match,) = memory_for(world).matches("Le comité a validé le plan de travail.")

    assert 70 <= match.percent < 100
    assert [span for span in match.difference if span.change] == [
        ("del", "d’action"),
        ("ins", "de travail"),
    ]
    assert memory_for(world).matches("Rien de tout cela ne se ressemble ici.") == []


def test_the_memory_works_in_both_directions_and_through_confirmed_pairs(world):
    result = ResultFactory(project=world.project, statement_fr="", statement_es="Se capacita.")
    confirm(world, result, "statement", "On forme.", language="fr")

    assert (
        memory_for(world, source="es", target="fr").matches("Se capacita.")[0].target == "On forme."
    )
    assert memory_for(world).matches("On forme.")[0].target == "Se capacita."


def test_what_is_outdated_or_a_draft_is_not_remembered(world):
    risk = RiskFactory(project=world.project, definition_fr="Un retard.", definition_es="")
    confirm(world, risk, "definition", "Un atraso.", state="draft")
    assert memory_for(world).matches("Un retard.") == []

    confirm(world, risk, "definition", "Un atraso.")
    assert memory_for(world).matches("Un retard.")[0].percent == 100
    risk.refresh_from_db()
    risk.definition_fr = "Un grand retard."
    risk.note_translations(["definition_fr"])
    risk.save()

    assert [one.percent for one in memory_for(world).matches("Un retard.")] == []


def test_nobody_is_shown_a_sentence_of_another_project(world):
    foreign = ResultFactory(
        project=world.neighbour, statement_fr="Un secret.", statement_es="Un secreto."
    )
    foreign.note_translations(["statement_fr", "statement_es"])
    foreign.save()

    assert Memory(Queue(world.people["outsider"], world.neighbour), "fr", "es").matches(
        "Un secret."
    )
    assert memory_for(world).matches("Un secret.") == []


def test_a_draft_takes_exact_matches_first_and_the_machine_for_the_rest(world):
    report = ReportFactory(period=world.year, version=2)
    SectionFactory(report=report, kind="summary", language="fr", text=f"{KNOWN[0]} Il pleut.")

    item = item_of(world, report, "summary")
    shown = page_of_item(item, Memory(queue_of(world), "fr", "es", without=item.text.key))

    if is_installed():
        assert (shown.draft.remembered, shown.draft.by_machine) == (1, 1)
        assert shown.draft.text.startswith(KNOWN[1])
    else:
        assert shown.draft is None
    assert [match.target for match in shown.matches] == [KNOWN[1]]


def test_the_share_that_the_memory_answers_counts_sentences(world):
    sentences = memory_for(world).sentences(f"{KNOWN[0]} Rien de tel. {KNOWN[0]} Autre chose.")

    assert [bool(each.matches) for each in sentences].count(True) == len(sentences) / 2


def test_terms_are_marked_and_everything_else_is_escaped():
    marked = marked_terms("Le <b>comité de pilotage</b> & l’ordre du jour", "fr", "es")

    assert marked == (
        "Le &lt;b&gt;<mark>comité de pilotage</mark>&lt;/b&gt; &amp; l’<mark>ordre du jour</mark>"
    )


def test_a_difference_says_what_both_have():
    assert difference("un deux trois", "un quatre trois") == [
        ("", "un "),
        ("del", "deux"),
        ("ins", "quatre"),
        ("", " trois"),
    ]


def test_in_a_second_years_report_the_memory_answers_two_of_five_sentences(world):
    """The figure of the whole demonstration is in docs/rules/languages.md."""
    report = ReportFactory(period=world.year, version=2)
    data = read("honduras")["report"]
    more = read(data["texts"])
    for number, texts in enumerate([*data["sections"].values(), *more["sections"].values()]):
        kind = [*SectionKind.values][number]
        for language in ("fr", "es"):
            SectionFactory(report=report, kind=kind, language=language, text=texts[language])
    for code, texts in more["results"].items():
        result = ResultFactory(project=world.project, code=f"9{code}")
        for language in ("fr", "es"):
            SectionFactory(
                report=report,
                kind="progress",
                result=result,
                language=language,
                text=texts[language],
            )

    memory = memory_for(world)
    sentences = [one for text in second_year() for one in memory.sentences(text)]

    assert len(sentences) == 81
    assert sum(bool(each.matches) for each in sentences) / len(sentences) >= 0.4
