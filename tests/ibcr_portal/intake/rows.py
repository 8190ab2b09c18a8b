"""What the tests of bringing data give to a project, and what they look at afterwards."""

from datetime import date
from decimal import Decimal

from django.core.files.base import ContentFile

from committees.models import Committee, Meeting, Resolution, Seat, SeatTerm
from ibcr_portal.intake.file import draft_of, keep_upload, pasted_file, workbook_with
from ibcr_portal.intake.sheets import columns_by_sheet
from ibcr_portal.intake.writing import write_intake
from ibcr_portal.models import IntakeUpload
from kernel.files import CheckedFile
from kernel.workbooks import WorkbookRow
from partners.models import Contact, Institution
from projects.models import (
    BudgetLine,
    DataPoint,
    Indicator,
    Participation,
    Representation,
    Result,
)
from tests.factories import (
    AssignmentFactory,
    ContactFactory,
    InstitutionNameFactory,
    ParticipationFactory,
    UserFactory,
)

KINDS = (
    *(Institution, Contact, Seat, SeatTerm, Meeting, Resolution, Committee),
    *(Result, Indicator, DataPoint, BudgetLine, Participation, Representation),
)


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


def pasted(project, user, **sheets):
    return keep_upload(project, pasted_file(sheets), owner=user)


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
