"""A collective proposes a project on a telephone, without an account and without JavaScript."""

import re

import pytest
from django.utils import translation
from playwright.sync_api import expect

from accounts.models import OutgoingMail
from projects.models import Proposal
from tests.factories import CallFactory, UserFactory
from tests.kernel.made_files import pdf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def in_spanish():
    with translation.override("es"):
        yield


def test_a_visitor_submits_a_proposal_with_a_file(open_page, tmp_path):
    UserFactory()  # a portal without accounts leads to its first visit
    call = CallFactory(title_es="Convocatoria de prueba", files_required=1)
    statutes = tmp_path / "estatutos.pdf"
    statutes.write_bytes(pdf())

    page = open_page("/calls/", width="phone", language="es", java_script_enabled=False)
    page.get_by_role("link", name="Convocatoria de prueba").click()
    page.get_by_role("link", name="Proponer un proyecto").click()
    page.get_by_role("textbox", name="Nombre de la organización").fill("Colectivo de prueba")
    page.get_by_role("textbox", name="Persona de contacto").fill("Persona 01")
    page.get_by_label("Correo electrónico").fill("colectivo@example.org")
    page.get_by_label("La persona de contacto acepta").check()
    page.get_by_role("button", name="Enviarme el enlace").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Revise su correo")

    page.goto(re.search(r"http\S+/propose/\S+", OutgoingMail.objects.get().text)[0])
    page.get_by_role("button", name="Presentar la propuesta").click()
    expect(page.get_by_text("Todavía no se ha presentado")).to_be_visible()
    fill_in(page, statutes)
    page.get_by_role("button", name="Presentar la propuesta").click()

    expect(page.get_by_text(f"{call.code}-001").first).to_be_visible()
    proposal = Proposal.objects.get()
    assert (proposal.status, str(proposal.total)) == ("submitted", "9500.50")
    assert proposal.files.get().original_name == "estatutos.pdf"
    assert OutgoingMail.objects.count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert "sessionid" not in {cookie["name"] for cookie in page.context.cookies()}


def fill_in(page, statutes):
    page.locator("[name=kind]").select_option("collective")
    for name in ("title", "summary", "problem", "activities", "expected"):
        page.locator(f"[name={name}]").fill("Radio contra la trata.")
    for name, value in (("beneficiaries", "400"), ("months", "6"), ("label_1", "Grabación")):
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=amount_1]").fill("9,500.50")
    page.locator("[name=upload]").set_input_files(statutes)
    page.locator("[name=no_victim_data]").check()
