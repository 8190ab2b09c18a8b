"""A text on each result, written beside its figures and shown beside them."""

import pytest
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import translation

from reports.compose import compose, gaps
from reports.models import Section, SectionPlace
from reports.services.writing import WrittenMeanwhile, note_writing, save_section, start_new_version
from tests.factories import ResultFactory, RiskFactory
from tests.reports.conftest import SIGNED_ON

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(client, world):
    client.force_login(world.people["coordinator"])
    return world.people["coordinator"]


@pytest.fixture
def output(world):
    return ResultFactory(project=world.project, code="1111", level="output", parent=world.result)


def address(report, result, language="fr", page="section"):
    return reverse(f"reports:{page}", args=[report.pk, f"result-{result.pk}", language])


def write(report, result, text, *, by, language="fr", seen=0, kind="progress"):
    return save_section(report, kind, language, text, seen_version=seen, by=by, result=result)


def chapter(report, kind, **options):
    options = {"language": "fr", "audience": "donor", "as_of": SIGNED_ON} | options
    document = compose(report, **options)
    return next(one for one in document["chapters"] if one["kind"] == kind)


def around(blocks, anchor):
    """The types of the blocks from the heading of a result to the next one."""
    at = next(place for place, one in enumerate(blocks) if one.get("anchor") == anchor)
    types = [one["type"] for one in blocks[at:]]
    ends = [place for place, one in enumerate(types) if one == "heading" and place]
    return types[: ends[0]] if ends else types


def proses(blocks):
    return [(one["text"], one["lang"]) for one in blocks if one["type"] == "prose"]


def test_the_writer_sees_the_figures_and_saves_beside_them(client, world, report, coordinator):
    page = client.get(address(report, world.result))
    figures = page.context["figures"]
    saved = client.post(address(report, world.result), {"text": "Mieux.", "seen_version": 0})

    section = report.sections.get(result=world.result)
    (row,) = figures.indicators
    assert (row.target, row.actual, row.rating) == ("120", "134", "met")
    assert "134" in page.content.decode()
    assert saved.url == reverse("reports:section", args=[report.pk, "progress", "fr"]) + "#results"
    assert (section.kind, section.text, section.version) == ("progress", "Mieux.", 1)
    assert (section.words, section.updated_by) == (1, coordinator)


def test_its_chapter_lists_the_results_with_their_states(client, world, report, coordinator):
    write(report, world.result, "Mieux.", by=coordinator)
    chapter_page = reverse("reports:section", args=[report.pk, "progress", "en"])

    rows = client.get(chapter_page).context["results"]

    assert [(row["tone"], row["url"]) for row in rows] == [
        ("info", address(report, world.result, "en"))
    ]


def test_each_version_is_kept_and_restored(client, world, report, coordinator):
    write(report, world.result, "Un.", by=coordinator)
    write(report, world.result, "Deux.", by=coordinator, seen=1)

    listed = client.get(address(report, world.result, page="section-versions"))
    first = reverse(
        "reports:section-restore", args=[report.pk, f"result-{world.result.pk}", "fr", 1]
    )
    client.post(first, {"seen_version": 2})

    assert [one.version for one in listed.context["page"]] == [2, 1]
    assert report.sections.get(result=world.result).text == "Un."


def test_of_two_who_write_on_a_result_the_second_is_told(world, report, output):
    first, second = world.people["coordinator"], world.people["monitoring"]
    write(report, world.result, "Premier.", by=first)

    with pytest.raises(WrittenMeanwhile):
        write(report, world.result, "Second.", by=second)
    write(report, output, "Autre résultat.", by=second, kind="activities")

    assert report.sections.filter(result__isnull=False).count() == 2


def test_who_writes_on_a_result_is_told_there_alone(world, report, output):
    first, second = world.people["coordinator"], world.people["monitoring"]
    place = SectionPlace("progress", world.result)
    note_writing(report, place.slug, "fr", by=first)

    there = note_writing(report, place.slug, "fr", by=second)
    elsewhere = note_writing(report, "progress", "fr", by=second)

    assert [one.person for one in there] == [first]
    assert elsewhere == []


def test_the_text_stands_between_the_result_and_its_figures(world, report, coordinator):
    write(report, world.result, "Quatorze organisations.", by=coordinator)

    found = chapter(report, "progress")

    assert around(found["blocks"], "result-1100")[:3] == ["heading", "prose", "table"]
    assert proses(found["blocks"]) == [("Quatorze organisations.", "")]


def test_a_result_without_indicators_has_its_text_under_its_own_heading(
    world, report, output, coordinator
):
    write(report, output, "Trois trousses.", by=coordinator, kind="activities")

    found = chapter(report, "activities")

    assert around(found["blocks"], "result-1111") == ["heading", "prose"]


def test_a_text_in_another_language_says_which(world, report, coordinator):
    write(report, world.result, "Solo en español.", by=coordinator, language="es")

    assert proses(chapter(report, "progress")["blocks"]) == [("Solo en español.", "es")]


def test_a_citation_is_removed_for_those_who_may_not_know_it(world, report, coordinator):
    RiskFactory(project=world.project, number=7)
    write(report, world.result, "Voir [[K 7]] et [[I 1100.1]].", by=coordinator)

    told = {
        audience: proses(chapter(report, "progress", audience=audience)["blocks"])[0][0]
        for audience in ("donor", "partners")
    }

    assert "(#indicator-1100-1100.1)" in told["donor"]
    assert "7" in told["donor"]
    assert "7" not in told["partners"]
    assert "(#indicator-1100-1100.1)" in told["partners"]


def test_missing_names_each_outcome_until_something_is_written(world, report, coordinator):
    other = ResultFactory(
        project=world.project, code="1200", level="intermediate", parent=world.result.parent
    )

    def named():
        with translation.override("en"):
            found = [gap for gap in gaps(report) if "There is no text on" in gap["sentence"]]
        return [gap["url"] for gap in found]

    before = named()
    write(report, world.result, "Mieux.", by=coordinator)

    assert before == [address(report, one, "en") for one in (world.result, other)]
    assert named() == [address(report, other, "en")]


def test_a_text_that_was_not_translated_is_named_by_its_result(world, report, coordinator):
    write(report, world.result, "Mieux.", by=coordinator)

    with translation.override("en"):
        found = [gap for gap in gaps(report) if "1100” is not written in" in gap["sentence"]]

    assert [gap["url"] for gap in found] == [address(report, world.result, "en")]


def test_the_next_version_begins_with_the_texts(world, signed, coordinator):
    Section.objects.create(
        report=signed,
        kind="progress",
        result=world.result,
        language="fr",
        text="Mieux.",
        version=1,
        updated_by=coordinator,
    )

    revised = start_new_version(signed, by=coordinator)

    assert [(one.result, one.text) for one in revised.sections.filter(kind="progress")] == [
        (world.result, "Mieux.")
    ]


def test_a_result_that_was_written_about_stays(world, report, output, coordinator):
    write(report, output, "Trois trousses.", by=coordinator, kind="activities")

    with pytest.raises(ProtectedError):
        output.delete()


@pytest.mark.parametrize("slug", ["result-", "result-x", "result-0", "result-99999999999999999999"])
def test_an_unknown_result_does_not_exist(client, report, coordinator, slug):
    assert client.get(reverse("reports:section", args=[report.pk, slug, "fr"])).status_code == 404


def test_a_result_of_another_project_does_not_exist(client, world, report, coordinator):
    foreign = ResultFactory(project=world.neighbour)

    assert client.get(address(report, foreign)).status_code == 404
    assert client.post(address(report, foreign), {"text": "x"}).status_code == 404
