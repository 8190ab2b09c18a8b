"""What is asked before data is brought: people and institutions that may be there already."""

import pytest
from django.urls import reverse

from accounts.models import OutgoingMail
from ibcr_portal.intake.file import draft_of
from ibcr_portal.intake.undoing import undo_intake
from ibcr_portal.intake.writing import write_intake
from kernel.refusal import Refusal
from partners.models import Contact, Institution
from tests.factories import (
    InstitutionFactory,
    InstitutionNameFactory,
    ProjectFactory,
    UserFactory,
)
from tests.ibcr_portal.intake.rows import (
    SAME_NAME,
    answered,
    coordinator_of,
    given,
    known_person,
    read,
)

pytestmark = pytest.mark.django_db


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
