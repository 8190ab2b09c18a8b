"""A project brings its data in one workbook or as pasted rows: checked by cell, written as a whole,
and undone as a whole."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from accounts.models import Hold, OutgoingMail
from committees.models import Attendance, Committee, Meeting, Resolution, Seat, SeatTerm
from ibcr_portal.intake.file import template_of, workbook_with
from ibcr_portal.intake.sheets import columns_by_sheet
from ibcr_portal.intake.undoing import undo_intake
from ibcr_portal.intake.uploads import draft_of, keep_upload, pasted_file
from ibcr_portal.intake.writing import write_intake
from ibcr_portal.models import Intake, IntakeUpload
from ibcr_portal.tasks import sweep_intakes
from kernel.edited_workbooks import WorkbookRow
from kernel.files import CheckedFile
from kernel.languages import working_in
from kernel.refusal import Refusal
from partners.models import Contact, Institution, InstitutionName
from projects.models import (
    BudgetLine,
    DataPoint,
    Indicator,
    Participation,
    Period,
    Representation,
    Result,
)
from tests.factories import (
    AssignmentFactory,
    ContactFactory,
    InstitutionFactory,
    InstitutionNameFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

KINDS = (
    *(Institution, Contact, Seat, SeatTerm, Meeting, Resolution, Committee),
    *(Result, Indicator, DataPoint, BudgetLine, Participation, Representation),
)


@pytest.fixture
def project():
    """A project that works in Spanish only, with two years."""
    project = ProjectFactory(code="HN-9", languages=["es"])
    PeriodFactory(project=project)
    PeriodFactory(project=project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31))
    with working_in(project), translation.override("es"):
        yield project


@pytest.fixture
def coordinator(project):
    return coordinator_of(project)


def coordinator_of(project):
    user = UserFactory(language="es")
    AssignmentFactory(project=project, user=user)
    return user


def everything():
    """The rows of a whole project: 12 institutions, 14 seats, 5 decisions, 30 indicators."""
    names = [f"Secretaría {n}" for n in range(1, 13)]
    people = [f"Persona {n}" for n in range(1, 15)]
    return {
        "institutions": [
            {"name_es": name, "acronym": f"S{n}", "kind": "Institución del Estado"}
            for n, name in enumerate(names, start=1)
        ],
        "contacts": [
            {"institution": names[n % 12], "full_name": name, "email": f"p{n}@example.org"}
            for n, name in enumerate(people)
        ],
        "seats": [
            {
                "institution": f"S{n % 12 + 1}",
                "holder": name,
                "office": "Presidencia" if not n else None,
            }
            for n, name in enumerate(people)
        ],
        "meetings": [{"day": date(2019, month, 13)} for month in (5, 9)],
        "decisions": [
            {
                "meeting": "13/09/2019" if n > 2 else "1",
                "text_es": f"Se acuerda lo número {n}.",
                "addressee": "S1" if n == 1 else None,
                "due_on": date(2019, 12, 31) if n == 1 else None,
                "is_done": "Sí" if n == 2 else None,
                "item": "Plan" if n < 3 else None,
            }
            for n in range(1, 6)
        ],
        "results": [
            {"code": 1100, "statement_es": "Las niñas están protegidas", "parent": 1000},
            {"code": 1000, "statement_es": "Un país sin trata"},
        ],
        "indicators": [
            {
                "result": 1100,
                "code": f"1100.{n}",
                "name_es": f"Número de casos {n}",
                "counts_persons": "No",
                "baseline": 5,
                "target_1": Decimal("7.5"),
            }
            for n in range(1, 31)
        ],
        "budget": [
            {"category": "PERS", "name_es": "Personal", "period": 1, "amount": "1 250,50"},
            {"category": "PERS", "period": "Año del proyecto 2", "amount": 900, "result": 1100},
        ],
    }


def a_little():
    """One row of what people use."""
    rows = everything()
    return {key: rows[key][:1] for key in ("institutions", "meetings")} | {
        "contacts": [{"institution": "S1", "full_name": "Persona", "represents": "No"}],
        "seats": [{"institution": "S1", "holder": "Persona"}],
    }


def workbook(project, sheets):
    rows = {key: [WorkbookRow("", cells) for cells in rows] for key, rows in sheets.items()}
    return workbook_with(project, columns_by_sheet(project), rows)


def given(project, user, sheets):
    """The workbook with these rows, uploaded."""
    content = workbook(project, sheets)
    checked = CheckedFile(ContentFile(content), "d.xlsx", "xlsx", len(content), "a" * 64)
    return keep_upload(project, checked, owner=user)


def read(project, user, sheets):
    return draft_of(given(project, user, sheets), project, user)


def brought(project, user, sheets):
    upload = given(project, user, sheets)
    draft = draft_of(upload, project, user)
    assert not marks(draft)
    seen = draft.fingerprint
    return write_intake(upload, project, seen=seen, by=user)


def marks(draft):
    """The marked cells by sheet, as the position below the head, the column and the sentence."""
    return {
        key: {
            (place, name): sentence
            for place, row in enumerate(rows, start=1)
            for name, sentence in row.marks.items()
        }
        for key, rows in draft.rows.items()
        if any(row.marks for row in rows)
    }


def counted():
    return {model.__name__: model.objects.count() for model in KINDS}


def test_a_whole_project_comes_in_one_go_and_goes_again(project, coordinator):
    before = counted()

    intake = brought(project, coordinator, everything())

    assert intake.counts == {
        **{"institutions": 12, "contacts": 14, "seats": 14, "meetings": 2},
        **{"decisions": 5, "results": 2, "indicators": 30, "budget": 2},
    }
    added = {name: number - before[name] for name, number in counted().items()}
    assert added == {
        **{"Institution": 12, "Contact": 14, "Seat": 14, "SeatTerm": 14, "Meeting": 2},
        **{"Resolution": 5, "Committee": 1, "Result": 2, "Indicator": 30, "DataPoint": 60},
        **{"BudgetLine": 2, "Participation": 12, "Representation": 14},
    }
    assert not OutgoingMail.objects.exists()
    assert not IntakeUpload.objects.exists()

    is_as_if_typed(project)
    is_there_already(project, coordinator)

    assert undo_intake(intake, by=coordinator) == []
    assert counted() == before
    with pytest.raises(Refusal):
        undo_intake(intake, by=coordinator)


def is_as_if_typed(project):
    committee = project.committee
    assert (committee.status, committee.name_es, committee.name_fr) == (
        "draft",
        "Comité directivo",
        "",
    )
    meeting = committee.meetings.get(number=2)
    assert (meeting.day, meeting.status, meeting.recorded_afterwards) == (
        *(date(2019, 9, 13), "held"),
        True,
    )
    assert meeting.states_no_quorum
    assert not meeting.time_is_known
    first, second = committee.resolutions.filter(meeting__number=1).order_by("pk")
    assert (first.number, first.status, first.rule) == ("2019-01", "adopted", "consensus")
    assert first.addressee.short_name == "S1"
    assert second.status == "executed"
    assert first.agenda_item == second.agenda_item
    assert first.agenda_item.status == "discussed"
    result = Result.objects.get(project=project, code="1100")
    assert (result.level, result.parent.code) == ("intermediate", "1000")
    indicator = result.indicators.get(code="1100.7")
    assert {(one.kind, one.status, one.value) for one in indicator.data_points.all()} == {
        ("baseline", "submitted", Decimal(5)),
        ("target", "submitted", Decimal("7.5")),
    }
    assert [line.original for line in project.budget_lines.all()] == [
        Decimal("1250.50"),
        Decimal(900),
    ]
    seat = committee.seats.get(office="chair")
    assert (seat.holder.contact.full_name, seat.holder.since) == ("Persona 1", date(2019, 4, 1))


def is_there_already(project, coordinator):
    """The same workbook, given again, changes nothing."""
    draft = read(project, coordinator, everything())
    assert not draft.problems
    assert not draft.counts
    assert {thing.fate for part in draft.parts for thing in part.things} == {"there"}
    IntakeUpload.objects.get().discard()


def test_who_attended_a_past_meeting_comes_too_and_goes_again(project, coordinator):
    sheets = a_little()
    sheets["institutions"].append(
        {"name_es": "Invitada", "kind": sheets["institutions"][0]["kind"]}
    )
    sheets["meetings"] = [{"day": date(2019, 5, 13), "present": "S1; Invitada"}]

    intake = brought(project, coordinator, sheets)

    meeting = project.committee.meetings.get()
    rows = meeting.attendances.order_by("pk")
    assert [(str(row), row.presence) for row in rows] == [
        (str(project.committee.seats.get()), "in_person"),
        ("Invitada", "in_person"),
    ]
    undo_intake(intake, by=coordinator)
    assert not Attendance.objects.exists()


def test_who_attended_and_is_unknown_or_named_too_often_is_marked(project, coordinator):
    sheets = a_little()
    sheets["meetings"] = [
        {"day": date(2019, 5, 13), "present": "S1; Nadie"},
        {"day": date(2019, 6, 13), "present": "S1; S1"},
    ]

    draft = read(project, coordinator, sheets)

    assert set(marks(draft)["meetings"]) == {(1, "present"), (2, "present")}


def test_an_institution_of_the_register_is_added_and_not_touched(project, coordinator):
    found = InstitutionFactory(kind="donor", name=None, country="CA", identifier="CA-CRA-1")
    InstitutionNameFactory(institution=found, name_fr="Affaires mondiales", acronym="AMC")
    neighbour = ParticipationFactory(institution=found, role="funding")
    ministry = InstitutionFactory(name=None)
    InstitutionNameFactory(institution=ministry, name_es="Secretaría de Salud", acronym="SESAL")
    rows = [
        {"identifier": "CA-CRA-1", "name_es": "Asuntos Mundiales", "role": "funding"},
        {"acronym": "sesal"},
    ]

    draft = read(project, coordinator, {"institutions": rows})
    assert [entry.fate for entry in draft.institutions] == ["found", "found"]
    intake = brought(project, coordinator, {"institutions": rows})

    assert {(place.institution, place.role) for place in project.participations.all()} == {
        (found, "funding"),
        (ministry, "partner"),
    }
    assert [name.name_es for name in found.names.all()] == [""]
    undo_intake(intake, by=coordinator)
    neighbour.refresh_from_db()
    assert Institution.objects.count() == 2
    assert not project.participations.exists()


def test_each_mistake_is_explained_at_its_cell(project, coordinator):
    draft = read(
        project,
        coordinator,
        {
            "institutions": [
                {"name_es": "Fiscalía", "kind": "Institución del Estado"},
                {"name_es": "FISCALIA", "kind": "Institución del Estado"},
                {"acronym": "X"},
                {"name_es": "Red", "kind": "algo"},
            ],
            "contacts": [{"institution": "Nadie", "full_name": "A"}],
            "seats": [{"is_voting": "Sí"}, {"institution": "Red", "holder": "Otra"}],
            "meetings": [{"day": date(2999, 1, 1)}, {"day": "05/06/2019"}, {"number": 4}],
            "decisions": [{"meeting": 9, "text_es": "Sí"}, {"meeting": 9}],
            "results": [{"code": "1"}, {"code": "2", "statement_es": "Ñ", "parent": "7"}],
            "indicators": [{"result": "8", "code": "1", "name_es": "I", "baseline": "x"}],
            "budget": [{"category": "Z", "period": "9", "amount": -1}],
        },
    )

    found = {key: set(each) for key, each in marks(draft).items()}
    assert found == {
        "institutions": {(2, "name_es"), (3, "name_es"), (3, "kind"), (4, "kind")},
        "contacts": {(1, "institution")},
        "seats": {(1, "institution"), (2, "holder")},
        "meetings": {(1, "day"), (2, "day"), (3, "day")},
        "decisions": {(1, "meeting"), (2, "meeting"), (2, "text_es")},
        "results": {(1, "statement_es"), (2, "parent")},
        "indicators": {(1, "result"), (1, "baseline")},
        "budget": {(1, "name_es"), (1, "period"), (1, "amount")},
    }
    said = marks(draft)
    with translation.override("en"):
        again = marks(draft_of(IntakeUpload.objects.get(), project, coordinator))
    assert again["seats"][1, "institution"] == "A seat belongs to an institution: write which one."
    assert again["meetings"][2, "day"] == (
        "“05/06/2019” can be read in two ways: write 2019-05-06 or 2019-06-05."
    )
    assert said["seats"] != again["seats"]


def test_nothing_is_written_while_a_cell_is_wrong_or_if_one_row_is_refused(project, coordinator):
    sheets = everything()
    sheets["budget"].append({"category": "PERS", "period": 1, "amount": 3})
    upload = given(project, coordinator, sheets)
    before = counted()

    with pytest.raises(Refusal):
        write_intake(upload, project, seen="", by=coordinator)

    assert counted() == before
    assert not Intake.objects.exists()


def test_of_two_who_import_at_once_the_second_is_told(project, coordinator):
    other = coordinator_of(project)
    sheets = {"results": [{"code": "1", "statement_es": "Uno"}]}
    mine, theirs = given(project, coordinator, sheets), given(project, other, sheets)
    seen = [
        draft_of(mine, project, coordinator).fingerprint,
        draft_of(theirs, project, other).fingerprint,
    ]
    write_intake(mine, project, seen=seen[0], by=coordinator)

    with pytest.raises(Refusal):
        write_intake(theirs, project, seen=seen[1], by=other)

    assert project.results.count() == 1
    assert draft_of(theirs, project, other).results[0].fate == "there"


def test_two_projects_that_bring_the_same_institution_at_once_share_it(project, coordinator):
    other = ProjectFactory(code="HN-10", languages=["es"], country=project.country)
    sheets = {"institutions": everything()["institutions"][:1]}
    uploads = [
        (given(each, user, sheets), each, user)
        for each, user in ((project, coordinator), (other, coordinator_of(other)))
    ]
    seen = [draft_of(*each).fingerprint for each in uploads]
    before = Institution.objects.count()

    for (upload, each, user), told in zip(uploads, seen, strict=True):
        write_intake(upload, each, seen=told, by=user)

    assert Institution.objects.count() == before + 1
    assert set(Participation.objects.values_list("project", "institution").distinct()) == {
        (project.pk, Institution.objects.latest("pk").pk),
        (other.pk, Institution.objects.latest("pk").pk),
    }


def test_an_import_that_was_used_is_not_undone_and_says_by_what(project, coordinator):
    intake = brought(project, coordinator, a_little())
    meeting = project.committee.meetings.get(number=1)
    meeting.items.create(title_es="Otro", position=9)
    before = counted()

    with pytest.raises(Refusal, match=str(meeting)):
        undo_intake(intake, by=coordinator)

    assert counted() == before


def test_an_institution_that_others_use_meanwhile_stays(project, coordinator):
    intake = brought(project, coordinator, a_little())
    shared = InstitutionName.objects.get(acronym="S1").institution
    ParticipationFactory(institution=shared)

    assert undo_intake(intake, by=coordinator) == ["Institución «S1»"]

    assert Institution.objects.filter(pk=shared.pk).exists()
    assert not project.participations.exists()
    assert shared.names.count() == 1


def test_what_a_hold_keeps_is_not_undone(project, coordinator):
    intake = brought(project, coordinator, a_little())
    hold = Hold.objects.create(thing=project, reason="Court", placed_by=coordinator)
    before = counted()
    with pytest.raises(Refusal, match="retención"):
        undo_intake(intake, by=coordinator)
    assert counted() == before

    person = Contact.objects.get(full_name="Persona")
    Hold.objects.filter(pk=hold.pk).update(
        content_type=ContentType.objects.get_for_model(Contact), object_id=person.pk
    )
    undo_intake(intake, by=coordinator)
    assert Contact.objects.filter(pk=person.pk).exists()
    assert not project.participations.exists()


def test_an_institution_that_hides_is_asked_for_and_nothing_is_written(project, coordinator):
    hiding = InstitutionFactory(name=None, named_to=[])
    InstitutionNameFactory(institution=hiding, name_es="Colectivo")
    UserFactory(is_staff=True)
    rows = [
        {"name_es": "Colectivo", "kind": "Sociedad civil"},
        {"name_es": "Red", "kind": "Sociedad civil"},
    ]
    upload = given(project, coordinator, {"institutions": rows})
    draft = draft_of(upload, project, coordinator)
    assert [entry.fate for entry in draft.institutions] == ["new", "new"]
    assert not draft.problems

    with pytest.raises(Refusal, match="Colectivo"):
        write_intake(upload, project, seen=draft.fingerprint, by=coordinator)

    assert not project.participations.exists()
    assert OutgoingMail.objects.count() == 1


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


def pasted(project, user, **sheets):
    return keep_upload(project, pasted_file(sheets), owner=user)


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


def known_person(project, email="antes@example.org"):
    """Somebody of an institution of the project, as an earlier import entered them."""
    name = InstitutionNameFactory(name_es="Institución B", name_fr="", acronym="IEB")
    place = ParticipationFactory(project=project, role="implementing", institution=name.institution)
    return ContactFactory(institution=place.institution, full_name="Suplente 2", email=email)


def answered(project, user, sheets, **answers):
    upload = given(project, user, sheets)
    seen = draft_of(upload, project, user).fingerprint
    return write_intake(upload, project, seen=seen, by=user, answers=answers)


SAME_NAME = {
    "contacts": [
        {"institution": "IEB", "full_name": "Suplente 2", "email": "nuevo@example.org"},
        {"institution": "IEB", "full_name": "Otra Persona", "email": "otra@example.org"},
    ]
}


@pytest.mark.parametrize(
    ("answer", "addresses"),
    [
        ("", ["antes@example.org"]),
        ("keep", ["antes@example.org"]),
        ("update", ["nuevo@example.org"]),
        ("new", ["antes@example.org", "nuevo@example.org"]),
        ("?", ["antes@example.org"]),
    ],
)
def test_the_same_name_with_another_address_is_asked_about(project, coordinator, answer, addresses):
    known = known_person(project)
    (question,) = read(project, coordinator, SAME_NAME).questions

    intake = answered(project, coordinator, SAME_NAME, **{question.key: answer})

    assert [value for value, _label in question.options] == ["keep", "update", "new"]
    people = Contact.objects.filter(institution=known.institution)
    found = people.filter(full_name="Suplente 2").order_by("email")
    assert list(found.values_list("email", flat=True)) == addresses
    assert people.filter(full_name="Otra Persona").exists()
    assert intake.counts["contacts"] == (2 if answer in ("update", "new") else 1)
    staying = ["Contacto «Suplente 2»"] if answer == "update" else []
    assert undo_intake(intake, by=coordinator) == staying
    assert [one.pk for one in people] == [known.pk]


def test_an_address_is_added_where_there_was_none(project, coordinator):
    known = known_person(project, email="")

    answered(project, coordinator, SAME_NAME)

    known.refresh_from_db()
    assert known.email == "nuevo@example.org"


def test_the_address_with_which_somebody_signs_in_is_not_changed(project, coordinator):
    known = known_person(project)
    Contact.objects.filter(pk=known.pk).update(user=UserFactory(email=known.email))
    upload = given(project, coordinator, SAME_NAME)
    draft = draft_of(upload, project, coordinator)
    (question,) = draft.questions

    assert [value for value, _label in question.options] == ["keep", "new"]
    seen, answers = draft.fingerprint, {question.key: "update"}
    write_intake(upload, project, seen=seen, by=coordinator, answers=answers)
    known.refresh_from_db()
    assert known.email == "antes@example.org"


@pytest.mark.parametrize(
    ("name", "is_asked"),
    [
        ("INSTITUCION  B.", True),
        ("Institución B, S. A.", True),
        ("Institucion de B", True),
        ("Instituzión B", True),
        ("Institución C", False),
        ("Institución B 2", False),
    ],
)
def test_nearly_the_same_name_of_an_institution_is_asked_about(
    project, coordinator, name, is_asked
):
    known = known_person(project).institution
    Institution.objects.update(country=project.country)
    kind = "Institución del Estado"
    sheets = {
        "institutions": [{"name_es": name, "kind": kind, "role": "implementing"}],
        "contacts": [{"institution": name, "full_name": "P", "email": "p@example.org"}],
    }
    questions = read(project, coordinator, sheets).questions
    before = Institution.objects.count()

    assert [one.key for one in questions] == (["institutions-4"] if is_asked else [])
    intake = answered(project, coordinator, sheets)
    person = Contact.objects.get(full_name="P")
    assert (person.institution == known) is is_asked
    undo_intake(intake, by=coordinator)
    if is_asked:
        answered(project, coordinator, sheets, **{"institutions-4": "new"})
        assert Contact.objects.get(full_name="P").institution != known
        assert Institution.objects.count() == before + 1


def test_of_two_who_import_nearly_the_same_name_at_once_the_second_is_asked(project, coordinator):
    other = ProjectFactory(code="HN-10", languages=["es"], country=project.country)
    user = coordinator_of(other)
    kind = "Institución del Estado"
    mine = given(project, coordinator, {"institutions": [{"name_es": "Red Uno", "kind": kind}]})
    theirs = given(other, user, {"institutions": [{"name_es": "Red, Uno", "kind": kind}]})
    seen = draft_of(theirs, other, user).fingerprint
    draft = draft_of(mine, project, coordinator)
    write_intake(mine, project, seen=draft.fingerprint, by=coordinator)

    with pytest.raises(Refusal):
        write_intake(theirs, other, seen=seen, by=user)

    assert len(draft_of(theirs, other, user).questions) == 1


def test_the_page_asks_and_takes_the_answer(project, coordinator, client):
    client.force_login(coordinator)
    client.cookies["language"] = "es"
    known = known_person(project)
    given(project, coordinator, SAME_NAME)
    url = reverse("projects:intake-check", args=["HN-9"])
    page = client.get(url)
    (question,) = page.context["draft"].questions

    said = page.content.decode()
    assert "Suplente 2 (Institución B) ya está en el portal, con otra dirección." in said
    assert "la dirección nuevo@example.org" in said
    data = {"seen": page.context["draft"].fingerprint, question.key: "update"}
    assert client.post(url, data).url == project.get_absolute_url()
    known.refresh_from_db()
    assert known.email == "nuevo@example.org"


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
