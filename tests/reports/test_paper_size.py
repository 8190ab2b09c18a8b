"""On which paper a document is printed: that of the donor's country, for good."""

import io

import pytest
from docx import Document as Word

from projects.models import Participation
from reports.frozen import DOCUMENT
from reports.kinds import compose
from reports.models import About, DocumentKind
from reports.pdf import html_of
from reports.word import docx_of
from tests.factories import ParticipationFactory
from tests.reports.conftest import SIGNED_ON
from tests.reports.pdf_reading import render_once

pytestmark = pytest.mark.django_db


def agenda_for(world, country: str):
    Participation.objects.filter(project=world.project, role="funding").delete()
    if country:
        donor = ParticipationFactory(project=world.project, role="funding").institution
        type(donor).objects.filter(pk=donor.pk).update(country=country)
    about = About(world.meeting, DocumentKind.AGENDA)
    return compose(about, language="en", audience="committee", as_of=SIGNED_ON)


@pytest.mark.parametrize(
    ("country", "paper"), [("CA", "letter"), ("US", "letter"), ("FR", "a4"), ("", "a4")]
)
def test_the_country_of_the_donor_decides(world, country, paper):
    assert agenda_for(world, country)["paper"] == paper


@pytest.mark.parametrize(("country", "points"), [("CA", (612, 792)), ("FR", (595, 842))])
def test_pdf_and_word_file_have_its_size(world, country, points):
    document = agenda_for(world, country)

    pdf = render_once(html_of(document, code="", is_draft=True))
    word = Word(io.BytesIO(docx_of(document, is_draft=True))).sections[0]

    boxes = {tuple(round(float(side)) for side in page.mediabox[2:]) for page in pdf.reader.pages}
    assert boxes == {points}
    assert (round(word.page_width.pt), round(word.page_height.pt)) == points


def test_a_document_from_before_stays_on_a4(world):
    before = {key: value for key, value in agenda_for(world, "CA").items() if key != "paper"}

    assert DOCUMENT.read(before | {"format": 3, "blocks": []})["paper"] == "a4"
