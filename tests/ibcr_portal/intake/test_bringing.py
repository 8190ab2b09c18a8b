"""A project brings its data in one workbook: checked by cell, written as a whole, and undone as a whole."""

from datetime import date

import pytest
from django.contrib.contenttypes.models import ContentType
from django.utils import translation

from accounts.models import Hold, OutgoingMail
from committees.models import Attendance
from ibcr_portal.intake.file import draft_of
from ibcr_portal.intake.undoing import undo_intake
from ibcr_portal.intake.writing import write_intake
from ibcr_portal.models import Intake, IntakeUpload
from kernel.refusal import Refusal
from partners.models import Contact, Institution, InstitutionName
from projects.models import (
    Participation,
)
from tests.factories import (
    InstitutionFactory,
    InstitutionNameFactory,
    ParticipationFactory,
    ProjectFactory,
)
from tests.ibcr_portal.intake.rows import (
    a_little,
    brought,
    coordinator_of,
    counted,
    everything,
    given,
    is_as_if_typed,
    is_there_already,
    marks,
    read,
)

pytestmark = pytest.mark.django_db


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
