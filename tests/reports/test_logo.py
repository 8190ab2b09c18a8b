"""The logos in documents: of the organisation, and of the donors of a report."""

from io import BytesIO

import pytest
from django.utils import translation
from docx import Document
from docx.oxml.ns import nsmap

from kernel.models import Organisation
from kernel.organisation import forget
from partners.models import InstitutionLogo, InstitutionName
from reports.compose import compose
from reports.pdf import RENDERER, html_of, renderer
from reports.pictures import donor_logos, printed_logo
from reports.word import docx_of
from tests.reports.conftest import SIGNED_ON

pytestmark = pytest.mark.django_db


def document_of(report):
    return compose(report, language="fr", audience="donor", as_of=SIGNED_ON)


def test_a_document_shows_the_logo_of_its_organisation_alone(report, logo):
    document = document_of(report) | {"organisation": "Bureau d’exemple"}
    logo.name = "Bureau d’exemple"
    logo.save()

    with translation.override("fr"):
        html = html_of(document, code="", is_draft=True)

    assert '<img class="logo" src="data:image/jpeg;base64,' in html
    assert renderer() != RENDERER  # a file without it is not taken for one with it
    logo.name = "Somebody else"
    logo.save()
    assert printed_logo(document) is None


def test_without_a_logo_all_is_as_before(report):
    Organisation.objects.update(logo=b"", logo_sha256="")
    forget()

    assert 'class="logo"' not in html_of(document_of(report), code="", is_draft=True)
    assert renderer() == RENDERER


@pytest.fixture
def of_donor(world, logo):
    """The donor has the picture of the organisation as its logo."""
    return InstitutionLogo.objects.create(
        institution=world.institutions["donor"], content=bytes(logo.logo), sha256="a" * 64
    )


def test_the_cover_has_the_logo_of_the_donor_with_its_name(report, of_donor):
    document = document_of(report)
    name = of_donor.institution.name_on(report.period.end).name

    (placed,) = document["logos"]
    assert placed == {"institution": of_donor.institution_id, "sha256": "a" * 64, "name": name}
    assert f'alt="Logo : {name}"' in html_of(document, code="", is_draft=True).replace("\xa0", " ")


def test_the_cover_of_a_word_file_has_both_logos(report, logo, of_donor):
    document = document_of(report) | {"organisation": "Bureau d’exemple"}
    logo.name = "Bureau d’exemple"
    logo.save()
    name = of_donor.institution.name_on(report.period.end).name

    word = Document(BytesIO(docx_of(document, is_draft=True)))

    cover = word.tables[0]._tbl
    described = [one.get("descr") for one in cover.iter(f"{{{nsmap['wp']}}}docPr")]
    assert [text.replace("\xa0", " ") for text in described] == ["Logo", f"Logo : {name}"]


def test_another_logo_or_name_of_the_donor_is_not_put_on_an_older_report(report, of_donor):
    document = document_of(report)
    assert len(donor_logos(document)) == 1

    InstitutionName.objects.filter(institution=of_donor.institution).update(
        name_fr="Autre", name_es="Otra", name_en="Other"
    )
    assert donor_logos(document) == []
    of_donor.sha256 = "b" * 64
    of_donor.save()
    assert donor_logos(document_of(report) | {"logos": document["logos"]}) == []
