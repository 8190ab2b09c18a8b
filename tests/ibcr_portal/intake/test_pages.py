"""The pages of bringing data: the template, pasted rows, the preview, and what is forgotten."""

import io
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from ibcr_portal.intake.file import draft_of, keep_upload, pasted_file, template_of
from ibcr_portal.intake.sheets import columns_by_sheet
from ibcr_portal.models import IntakeUpload
from ibcr_portal.tasks import sweep_intakes
from kernel.files import CheckedFile
from kernel.refusal import Refusal
from projects.models import (
    Participation,
    Period,
)
from tests.factories import (
    PeriodFactory,
)
from tests.ibcr_portal.intake.rows import known_person, marks, pasted, read, workbook

pytestmark = pytest.mark.django_db


def test_pasted_rows_do_as_well_with_their_head_or_without(project, coordinator):
    pasted = {
        "institutions": 'Sigla\tNombre (Español)\tTipo\nSEDUC\t"Secretaría\nde Educación"\tInstitución del Estado',
        "results": "1000\tResultado último\t\tUn país sin trata",
    }
    upload = keep_upload(project, pasted_file(pasted), owner=coordinator)

    draft = draft_of(upload, project, coordinator)

    assert not draft.problems
    assert draft.institutions[0].name.acronym == "SEDUC"
    assert draft.results[0].result.statement_es == "Un país sin trata"
    for wrong in ("Sigla\tNombre (Español)\tTelefax\nA\tB\tC", "\t".join("x" * 40)):
        upload = keep_upload(project, pasted_file({"institutions": wrong}), owner=coordinator)
        with pytest.raises(Refusal, match="Instituciones"):
            draft_of(upload, project, coordinator)


def test_a_workbook_that_lacks_a_column_is_refused_with_its_name(project, coordinator):
    book = load_workbook(io.BytesIO(template_of(project)))
    page = book["Asientos"] if "Asientos" in book.sheetnames else book.worksheets[3]
    page.delete_cols(2)
    page["C9"] = "x"
    written = io.BytesIO()
    book.save(written)
    content = written.getvalue()
    checked = CheckedFile(ContentFile(content), "d.xlsx", "xlsx", len(content), "b" * 64)
    upload = keep_upload(project, checked, owner=coordinator)

    with pytest.raises(Refusal, match=page.title):
        draft_of(upload, project, coordinator)


@pytest.mark.parametrize("language", ["fr", "es", "en"])
def test_the_template_speaks_each_language_and_offers_its_choices(project, language):
    with translation.override(language):
        book = load_workbook(io.BytesIO(template_of(project)))

    assert len(book.sheetnames) == 10
    assert book["lists"].sheet_state == "hidden"
    page = book.worksheets[1]
    assert [page.cell(1, n).value for n in range(1, 5)] == [
        *("ibcr-intake:institutions", "name_es", "acronym", "kind"),
    ]
    others = {page.cell(1, n).value for n in range(5, 20)} & {"name_fr", "name_en"}
    assert not others  # the project works in Spanish alone
    rules = {rule.formula1 for rule in book.worksheets[2].data_validations.dataValidation}
    assert f"'{page.title}'!$B$4:$B$303" in rules


def test_the_pages_lead_from_the_template_to_the_import_and_back(project, coordinator, client):
    client.force_login(coordinator)
    client.cookies["language"] = "es"
    url = {name: reverse(f"projects:intake{name}", args=["HN-9"]) for name in ("", "-check")}
    sheets = {"institutions": [{"name_es": "Fiscalía", "kind": "Institución del Estado"}]}
    file = SimpleUploadedFile("datos.xlsx", workbook(project, sheets))

    assert (
        client.get(f"{reverse('projects:intake-template', args=['HN-9'])}?language=fr").status_code
        == 200
    )
    assert client.post(url[""], {"file": file}).url == url["-check"]
    page = client.get(url["-check"])
    assert "Fiscalía" in page.content.decode()
    seen = page.context["draft"].fingerprint
    assert (
        client.post(url["-check"], {"seen": "x"}, follow=True).redirect_chain[-1][0]
        == url["-check"]
    )
    assert client.post(url["-check"], {"seen": seen}).url == project.get_absolute_url()
    intake = project.intakes.get()
    assert client.get(url[""]).context["imports"][0]["intake"] == intake
    client.post(reverse("projects:intake-undo", args=["HN-9", intake.pk]))
    assert not Participation.objects.filter(project=project).exists()


def test_what_was_pasted_is_there_again_to_be_mended(project, coordinator, client):
    client.force_login(coordinator)
    url = reverse("projects:intake", args=["HN-9"])
    client.post(url, {"institutions": "Fiscalía\tMP\talgo"})

    check = client.get(reverse("projects:intake-check", args=["HN-9"])).content.decode()
    assert "Fiscalía\tMP\talgo" not in check
    assert f'href="{url}"' in check
    assert "Fiscalía\tMP\talgo" in client.get(url).content.decode()


def test_an_address_in_another_column_is_refused_and_fewer_columns_are_pointed_out(
    project, coordinator
):
    upload = pasted(
        project,
        coordinator,
        institutions="Institución B\t\tInstitución del Estado",
        contacts="Institución B\tSuplente 2\tsup2@example.org",
    )

    draft = draft_of(upload, project, coordinator)

    assert marks(draft) == {
        "contacts": {
            (1, "title"): "«sup2@example.org» es una dirección de correo, y esta columna es para "
            "otra cosa: revise si falta una columna."
        }
    }
    assert [hint.partition(":")[0] for hint in draft.hints] == ["Instituciones", "Contactos"]
    assert "(3 de 8)" in draft.hints[1]
    assert "Institución, Nombre completo, Cargo o función." in draft.hints[1]


def test_rows_with_all_columns_or_with_their_names_need_no_hint(project, coordinator):
    upload = pasted(
        project,
        coordinator,
        results="1000\t\t\tUn país sin trata\t\t",
        institutions="Nombre (Español) *\tTipo\nFiscalía\tInstitución del Estado",
    )

    draft = draft_of(upload, project, coordinator)

    assert (draft.hints, draft.problems) == ([], [])


def test_the_preview_shows_each_column_that_was_read(project, coordinator, client):
    client.force_login(coordinator)
    client.cookies["language"] = "es"
    sheets = {
        "institutions": [{"name_es": "Fiscalía", "kind": "Institución del Estado"}],
        "contacts": [{"institution": "Fiscalía", "full_name": "Persona 1", "phone": "22"}],
        "seats": [{"institution": "Fiscalía", "holder": "Persona 1", "since": date(2019, 5, 1)}],
    }

    draft = read(project, coordinator, sheets)

    assert {part.key: [cells for _thing, cells in part.lines] for part in draft.parts} == {
        "institutions": [[("Nombre (español)", "Fiscalía"), ("Tipo", "Institución del Estado")]],
        "contacts": [
            [
                *(("Institución", "Fiscalía"), ("Nombre completo", "Persona 1")),
                *(("Correo electrónico", "–"), ("Teléfono", "22")),
            ]
        ],
        "seats": [
            [
                *(("Institución", "Fiscalía"), ("Miembro titular", "Persona 1")),
                ("La ocupa desde", "1 de mayo de 2019"),
            ]
        ],
    }


def test_a_word_that_no_list_has_is_quoted_with_the_nearest_one(project, coordinator):
    kind = "Institución del Estado"
    sheets = {
        "institutions": [
            {"name_es": "Uno", "kind": kind, "country": "Hondura"},
            {"name_es": "Dos", "kind": kind, "country": "zzz"},
        ]
    }

    assert marks(read(project, coordinator, sheets))["institutions"] == {
        (1, "country"): "«Hondura» no está en la lista. ¿Quiso decir «Honduras»?",
        (2, "country"): "«zzz» no está en la lista: elija uno de sus valores.",
    }


def test_the_template_marks_what_is_needed_and_has_the_institutions_of_the_project(project):
    known_person(project)

    book = load_workbook(io.BytesIO(template_of(project)))

    heads = [cell.value for cell in book["Contactos"][3][1:9]]
    assert heads == [
        *("Institución *", "Nombre completo *", "Cargo o función", "Correo electrónico"),
        *("Teléfono", "Idioma", "Sexo", "La representa en el proyecto"),
    ]
    assert [cell.value for cell in book["Instituciones"][4][1:3]] == ["Institución B", "IEB"]
    told = " ".join(str(cell.value) for row in book.worksheets[0] for cell in row)
    assert "otros idiomas" not in told


def test_years_of_the_project_have_a_column_for_their_target(project):
    PeriodFactory(project=project, kind=Period.Kind.QUARTER)

    names = [column.name for column in columns_by_sheet(project)["indicators"]]

    assert [name for name in names if name.startswith("target")] == ["target_1", "target_2"]


def test_what_nobody_confirms_is_forgotten_after_a_week(project, coordinator):
    upload = keep_upload(project, pasted_file({"results": "1"}), owner=coordinator)
    sweep_intakes()
    assert IntakeUpload.objects.exists()

    IntakeUpload.objects.update(uploaded_at=upload.uploaded_at - timedelta(days=8))
    sweep_intakes()
    assert not IntakeUpload.objects.exists()
