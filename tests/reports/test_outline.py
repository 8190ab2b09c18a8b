"""The outline of a report says how far each section is, in one language at a time."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from reports.models import About
from reports.services.requesting import request_rendition
from tests.factories import SectionFactory


@pytest.fixture
def report(world, report):
    """Summary in French; context in French and in an older English."""
    world.project.languages = ["fr", "en"]
    world.project.save()
    report.sections.filter(language="en").update(updated_at=timezone.now() - timedelta(days=2))
    report.refresh_from_db()
    return report


def outline_of(client, world, report, role="coordinator", **asked):
    client.force_login(world.people[role])
    outline = client.get(report.get_absolute_url(), asked).context["outline"]
    with translation.override("en"):
        return {"rows": outline.rows, "tabs": outline.tabs, "lacking": outline.lacking}


def states(outline):
    return {row["name"]: (row["tone"], row["verb"]) for row in outline["rows"]}


def test_each_section_has_its_state_in_the_language_that_is_shown(client, world, report):
    english = states(outline_of(client, world, report, language="en"))
    french = states(outline_of(client, world, report, language="fr"))

    assert english["Executive summary"] == ("info", "Translate")
    assert english["Context"] == ("warn", "Edit")
    assert english["Lessons learned"] == ("neutral", "Write")
    assert french["Executive summary"] == french["Context"] == ("ok", "Edit")


def test_the_languages_are_tabs_with_what_is_written(client, world, report):
    SectionFactory(report=report, kind="lessons", language="es", text="Aprendimos.")

    tabs = outline_of(client, world, report, language="es")["tabs"]

    assert [(tab["count"], tab["current"]) for tab in tabs] == [
        (2, False),  # French
        (1, False),  # English
        (1, True),  # Spanish
    ]


def test_a_required_section_is_marked_and_counted_while_it_is_missing(client, world, report):
    report.sections.filter(kind="context").update(text="", words=0)

    outline = outline_of(client, world, report)

    assert outline["lacking"] == 1
    assert [row["name"] for row in outline["rows"] if row["is_required"]] == [
        "Executive summary",
        "Context",
    ]
    assert states(outline)["Context"] == ("bad", "Write")


def test_optional_sections_stand_apart_until_something_is_written(client, world, report):
    def names(rows):
        return [str(row["name"]) for row in rows]

    client.force_login(world.people["coordinator"])
    before = client.get(report.get_absolute_url()).context["outline"]
    with translation.override("en"):
        first, further = names(before.first_rows), names(before.further_rows)
    SectionFactory(report=report, kind="lessons", language="es", text="Aprendimos.")
    after = client.get(report.get_absolute_url()).context["outline"]

    assert first == ["Executive summary", "Context"]
    assert "Lessons learned" in further
    with translation.override("en"):
        assert names(after.first_rows) == [*first, "Lessons learned"]
        assert len(after.further_rows) == len(further) - 1


def test_the_files_are_a_table_of_audience_and_language(client, world, signed_plainly):
    for audience, language in (("donor", "fr"), ("donor", "es"), ("committee", "fr")):
        request_rendition(About(signed_plainly), language=language, audience=audience, by=None)
    client.force_login(world.people["coordinator"])

    table = client.get(signed_plainly.get_absolute_url()).context["document_table"]

    there = {
        row["audience"]: [document.language for _name, document in row["cells"] if document]
        for row in table["rows"]
    }
    assert there == {"Committee": ["fr"], "Donor": ["fr", "es"]}
