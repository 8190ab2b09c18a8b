"""The whole story, in Spanish only: from an empty portal to sealed minutes and a validated plan.

A coordinator in Tegucigalpa has nothing but the key that the terminal shows, and the lists of her
project. What she and the members press and type is counted; the limits are those of docs/figures.md.
"""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import translation
from playwright.sync_api import expect

from accounts.models import OutgoingMail, User
from committees.models import ActionPlan, Committee, Meeting, Minutes, Resolution
from ibcr_portal.management.commands.portal import WEB
from ibcr_portal.starting.key import new_key
from kernel.models import Organisation
from projects.models import Project
from scripts.services import free_port
from tests.browser.brought import RESULT, address, filled
from tests.browser.hand import Hand, Tally
from tests.browser.words import leaks
from tests.conftest import Process, answers

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
]

SET_UP, MINUTES, PLAN = "Set-up", "Committee to sealed minutes", "Plan"
MOST_PRESSES = {SET_UP: 45, MINUTES: 80, PLAN: 35}
MOST_FIELDS = 60  # of the set-up
PROJECT, COMMITTEE = "Contra la trata de personas", "Comité directivo"
PRESENT = ("FPA", "SDE", "FDE", "PCE", "CRE")  # five of seven with a vote


@pytest.fixture(autouse=True)
def in_spanish(in_french):
    with translation.override("es"):
        yield


@pytest.fixture
def empty_portal(transactional_db, static_files):
    """A portal of its own on an empty database: the other one knows that somebody has an account."""
    Organisation.objects.all().delete()
    port = free_port()
    portal = Process([*WEB, "--workers=1", f"--bind=127.0.0.1:{port}"])
    portal.url = f"http://localhost:{port}"
    portal.wait_until(lambda: answers(f"{portal.url}/health/"))
    yield portal
    portal.stop()
    assert "Traceback" not in portal.log.read_text()


@pytest.fixture
def people(chromium, empty_portal):
    """A function that gives somebody a browser of their own; all count together."""
    contexts, tally, hands, complaints = [], Tally(), [], []

    def somebody():
        context = chromium.new_context(
            base_url=empty_portal.url,
            viewport={"width": 1366, "height": 768},
            locale="es-HN",
            accept_downloads=True,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        hands.append(Hand(page, tally))
        return hands[-1]

    somebody.tally, somebody.hands = tally, hands
    yield somebody
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def country():
    """Where it is day, so that the meeting ends before the day does."""
    hour = datetime.now(UTC).astimezone(ZoneInfo("America/Tegucigalpa")).hour
    return ("Honduras", "America/Tegucigalpa") if hour < 21 else ("Filipinas", "Asia/Manila")


def test_from_an_empty_portal_to_sealed_minutes_and_a_validated_plan(people, country):
    tally, she = people.tally, people()
    with tally.during(SET_UP):
        take_the_portal(she, country[0])
        enter_the_project(she)
        cells = bring_the_data(she)
    with tally.during(SET_UP, MINUTES):
        constitute(she)
        plan_the_meeting(she, datetime.now(ZoneInfo(country[1])))
    with tally.during(MINUTES):
        convene(she)
        for acronym in PRESENT:
            accept(people(), acronym)
    with tally.during(PLAN):
        write_the_plan(she)
        for acronym in ("RME", "CRE"):
            endorse(people(), acronym)
        present(she)
    with tally.during(MINUTES):
        open_the_meeting(she)
        discuss(she, "Apertura y verificación del quórum")
        she.type("Notas: Apertura y verificación del quórum", "Preside la Secretaría de Ejemplo.")
        discuss(she, "Aprobación del orden del día")
        decide(she, "Se aprueba el orden del día.")
        discuss(she, "Avance del proyecto")
        discuss(she, "Plan de acción")
    with tally.during(PLAN):
        decide(she, "Se valida el plan.", f"valida «{ActionPlan.objects.get()}»")
    with tally.during(MINUTES):
        for item in ("Acuerdos y recomendaciones", "Asuntos varios", "Fecha de la próxima reunión"):
            discuss(she, item)
        close_and_circulate(she)
        adopt_in_writing(she, people)
        seal(she)

    assert [text for hand in people.hands for text in hand.foreign] == []
    assert_messages_are_in_spanish()
    assert_it_is_sealed_and_validated()
    assert_within_the_limits(tally, cells)


# Set-up


def take_the_portal(she, country):
    she.page.goto("/")
    she.type("Clave", new_key())
    she.button("Continuar")
    she.type("Nombre (español)", "Fundación Puente Abierto")
    she.choose("País", country)
    she.type("Correo para preocupaciones de salvaguardia", "salvaguardia@example.org")
    she.type("Correo para preguntas sobre los datos", "datos@example.org")
    she.button("Continuar")
    she.type("Su nombre", "Coordinación 01")
    she.type("Su correo electrónico", "coordinacion@example.org")
    for label in ("Contraseña", "La contraseña otra vez"):
        she.type(label, "perro violeta cuchara montaña")
    she.button("Crear la cuenta")


def enter_the_project(she):
    she.link("Registrar el primer proyecto")
    she.type("Título breve", PROJECT)
    she.type("Código", "HN-TRATA")
    today = datetime.now(UTC).date()
    she.type("Inicio", f"{today - timedelta(days=100)}")
    she.type("Fecha de finalización prevista", f"{today + timedelta(days=995)}")
    she.type("Moneda", "CAD")
    she.button("Guardar")
    she.link("Abrir los períodos")
    she.button("Abrir")


def bring_the_data(she):
    """Her lists go into the workbook of the portal. Returns how many cells she filled."""
    she.link("Importar todos los datos desde un solo libro de Excel")
    workbook, cells = filled(she.download("Descargar la plantilla"))
    she.give("Libro de Excel", "datos.xlsx", workbook)
    she.button("Revisar")
    she.button("Importar 30 filas")
    she.reads("Se guardaron 30 filas.")
    return cells


def constitute(she):
    she.link("Comité", within=".tabs")
    she.link("Constituir")
    she.type("Cómo se adoptaron los términos de referencia", "Firmados por todas las instituciones")
    she.button("Constituir")
    assert Committee.objects.get().status == Committee.Status.ACTIVE


def plan_the_meeting(she, now):
    start = now + timedelta(minutes=45)
    she.link("Planificar una reunión")
    she.choose("Modalidad", "Presencial")
    she.type("Día", f"{now:%Y-%m-%d}")
    she.type("Inicio", f"{start:%H:%M}")
    she.type("Fin", f"{start + timedelta(hours=1):%H:%M}")
    she.type("Lugar", "Tegucigalpa, salón 2")
    she.button("Guardar")
    she.button("Incluir los puntos marcados en el orden del día")
    assert Meeting.objects.get().items.count() == 7


# Committee to sealed minutes


def convene(she):
    she.link("Convocar")
    she.type("Por qué el plazo es corto", "Todas las instituciones acordaron reunirse hoy.")
    she.button("Convocar")
    she.reads("Mensajes que salen en medio minuto: 8.")


def accept(member, acronym):
    member.open(link_to(acronym, "/meetings/invitation/"))
    member.button("Asisto")
    member.reads("Se registró su respuesta")
    member.look()


def open_the_meeting(she):
    she.link("Reuniones", within="header")
    she.link(f"1.ª reunión · {COMMITTEE}")
    she.link("Comenzar la sesión")
    she.button("Comenzar la sesión")
    seats = Committee.objects.get().seats.select_related("institution")
    for seat in seats:
        here = str(seat.institution.short_name) in (*PRESENT, "FEC")
        mark = she.page.locator(f"#seat-{seat.pk}-{'in_person' if here else 'excused'}")
        she.press(mark)
        she.page.wait_for_selector(f"#seat-{seat.pk} [aria-pressed=true]")
    she.reads("5 de 7 representaciones con voto")
    she.button("Nada que declarar")


def discuss(she, item):
    """Go on to an item of the agenda, by the button below the one before."""
    she.press(she.page.locator(".sit.shown [data-go]:visible").last)
    expect(she.page.locator(".sit.now.shown h2").first).to_contain_text(item)


def decide(she, text, *effects):
    she.link("Registrar un acuerdo", within=".sit.now")
    she.type("Texto", text, within=".sit.now")
    for effect in effects:
        she.tick(effect)
    she.press(she.page.locator(".sit.now .in-place button.btn-primary"))
    expect(she.page.locator(".sit.now .out")).to_contain_text(text)


def close_and_circulate(she):
    she.link("Cerrar la reunión")
    she.button("Cerrar la reunión")
    she.button("Comenzar")
    she.link("Enviar a los miembros")
    she.button("Enviar a los miembros")
    she.link("Preparar el borrador final")
    she.button("Preparar el borrador final")


def adopt_in_writing(she, people):
    she.link("Aprobar")
    she.link("Consultar por escrito a las representaciones")
    she.button("Guardar y ver a quién se envía")
    she.button("Enviar a las representaciones con voto")
    she.reads("Mensajes que salen en medio minuto: 7.")
    for acronym in PRESENT:
        member = people()
        member.open(link_to(acronym, "/written/link/"))
        member.link("Responder por su representación")
        member.tick("De acuerdo")
        member.button("Registrar la respuesta")
        member.look()
    she.page.reload()
    she.link("Contar las respuestas y cerrar")
    she.type("Motivo", "Respondieron cinco de siete representaciones.")
    she.button("Contar las respuestas y cerrar")
    she.link("Continuar con el acta")


def seal(she):
    she.link("Declarar definitiva")
    she.button("Declarar definitiva")
    she.button("Acta en PDF")
    she.look()


# Plan


def write_the_plan(she):
    she.link(PROJECT)
    she.link("Planes de acción")
    she.link("Iniciar un plan")
    she.choose("Comenzar con", "Las acciones habituales de un año")
    she.button("Iniciar el plan")
    she.press(she.page.get_by_text("Comenzar con otro resultado"))
    she.link(f"1110 · {RESULT}")
    for title in ("Formar a los equipos", "Abrir la línea de atención"):
        she.type("Título", title, within=".row-form")
        she.choose("Responsable", "RME – Red de Mujeres de Ejemplo", within=".row-form")
        she.type("Presupuesto (CAD)", "12500.00", within=".row-form")
        she.button("Guardar", within=".row-form")
        she.page.wait_for_selector(f"tr:has-text('{title}')")
    she.link("Al plan")
    she.link("Abrir la revisión")
    she.button("Abrir e informar a las instituciones")


def endorse(member, acronym):
    member.open(link_to(acronym, "/plans/link/"))
    member.link("Dar conformidad")
    member.button("Registrar la posición")
    member.look()


def present(she):
    she.button("Presentar al comité")
    she.button("Presentar al comité", within="dialog")
    she.reads("El plan está ante el comité.")


# What came of it


def assert_within_the_limits(tally, cells):
    """And as docs/figures.md says."""
    page = (settings.BASE_DIR / "docs" / "figures.md").read_text()
    for phase, most in MOST_PRESSES.items():
        presses, fields = tally.presses[phase], tally.fields[phase]
        assert presses <= most
        assert re.search(
            rf"^\| {phase}: .*\| {presses} \| {most} \| \d+ \| {fields} \|", page, re.M
        ), f"{phase}: {presses} presses, {fields} fields"
    assert tally.fields[SET_UP] <= MOST_FIELDS
    assert f"{cells} cells" in page


def link_to(acronym, path):
    """The newest link of that kind in the messages that the person got."""
    person = User.objects.get(email=address(acronym))
    texts = (
        OutgoingMail.objects.filter(person=person).order_by("-pk").values_list("text", flat=True)
    )
    found = (re.search(rf"http://localhost:\d+({path}\S+)", text) for text in texts)
    return next(match[1] for match in found if match)


def assert_messages_are_in_spanish():
    messages = list(OutgoingMail.objects.all())
    lines = [line.strip() for mail in messages for line in (mail.subject, *mail.text.splitlines())]
    assert len(messages) > 20
    assert {mail.person.language for mail in messages} == {"es"}
    assert [line for other in ("en", "fr") for line in leaks(lines, "es", of=other)] == []


def assert_it_is_sealed_and_validated():
    minutes, plan, project = Minutes.objects.get(), ActionPlan.objects.get(), Project.objects.get()
    assert (minutes.status, minutes.language, minutes.is_whole) == ("sealed", "es", True)
    assert plan.status == ActionPlan.Status.VALIDATED
    assert plan.validated_by == Resolution.objects.get(number__endswith="02")
    assert project.languages == ["es"]
    assert not User.objects.exclude(language="es").exists()
