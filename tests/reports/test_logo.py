"""The logo of the organisation in its documents."""

import pytest
from django.utils import translation

from kernel.models import Organisation
from kernel.organisation import forget
from reports.compose import compose
from reports.logo import printed_logo
from reports.pdf import RENDERER, html_of, renderer
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
