"""A report as a Word file and as plain text: by whom, of what, and that they say what the PDF says."""

import io

import pytest
from django.urls import reverse
from docx import Document

from accounts.models import AccessEvent
from reports.models import Section
from reports.services.steps import sign_off, submit_report
from tests.reports.conftest import SIGNED_ON

pytestmark = pytest.mark.django_db


def word_of(client, report, audience="donor", language="fr"):
    address = reverse("reports:document-word", args=["annual_report", report.pk])
    return client.get(address, {"audience": audience, "language": language})


def words_in(answer):
    document = Document(io.BytesIO(answer.content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def test_the_word_file_has_the_chapters_and_what_stands_before_them(client, world, report):
    client.force_login(world.people["coordinator"])

    answer = word_of(client, report)

    told = words_in(answer)
    for words in (
        "Identification",
        "Sigles et acronymes",
        "1  Résumé",
        "Une première année utile.",
        "Tableau 1",
        "134",
        "Annexe A",
    ):
        assert words in told, words
    assert (
        "DRAFT" in told
        or "BROUILLON" in Document(io.BytesIO(answer.content)).sections[0].header.paragraphs[0].text
    )


def test_of_a_signed_report_it_says_what_was_signed(client, world, submitted):
    Section.objects.filter(report=submitted, kind="summary").update(text="Écrit après coup.")
    client.force_login(world.people["donor"])

    told = words_in(word_of(client, submitted))

    assert "Une première année utile." in told
    assert "Écrit après coup." not in told
    event = AccessEvent.objects.about(submitted).get(kind=AccessEvent.Kind.DOWNLOAD)
    assert (event.details["format"], event.details["language"]) == ("docx", "fr")


@pytest.mark.parametrize(
    ("role", "draft", "shown"),
    [("coordinator", 200, 200), ("donor", 404, 200), ("partner", 404, 404), ("outsider", 404, 404)],
)
def test_who_takes_it(client, world, report, role, draft, shown):
    client.force_login(world.people[role])
    assert word_of(client, report).status_code == draft

    report.take("review", by=world.people["coordinator"])
    sign_off(report, by=world.people["monitoring"], on=SIGNED_ON)
    submit_report(report, by=world.people["coordinator"])

    assert word_of(client, report).status_code == shown


def test_the_light_text_of_a_report_is_taken_at_once(client, world, submitted):
    client.force_login(world.people["donor"])
    address = reverse("reports:document-text", args=["annual_report", submitted.pk])

    answer = client.get(address, {"audience": "donor", "language": "fr"})

    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/plain")
    assert "Une première année utile." in " ".join(text.split()).replace("**", "")
    assert submitted.snapshot.code in text
