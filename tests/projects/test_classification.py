"""Sectors, countries, markers and targets: percentages are a whole, in the numbers of any language."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from projects.models import Classification, ProjectMarker, ProjectSector
from tests.factories import AssignmentFactory, ProjectFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def project(client):
    project = ProjectFactory()
    user = UserFactory()
    AssignmentFactory(project=project, user=user)
    client.force_login(user)
    return project


def url_of(project):
    return reverse("projects:classification", args=[project.code])


def typed(client, project, *, sectors=(), countries=(), **more):
    """What a browser would send of the page, with these rows."""
    page = client.get(url_of(project)).context["page"]
    data = {"seen": page.fingerprint}
    for name, rows in (("sectors", sectors), ("countries", countries)):
        data |= {f"{name}-TOTAL_FORMS": len(rows), f"{name}-INITIAL_FORMS": 0}
        for number, (code, share) in enumerate(rows):
            data |= {f"{name}-{number}-code": code, f"{name}-{number}-percentage": share}
    return data | {f"funds-{name}": code for name, code in Classification.USUAL.items()} | more


def shares(rows):
    return {(getattr(row, "code", None) or row.country.code): row.percentage for row in rows}


@pytest.mark.parametrize(("first", "second"), [("62,5", "37.5"), ("62.50", "37,50")])
def test_the_whole_page_is_saved_at_once(client, project, first, second):
    data = typed(
        client,
        project,
        sectors=[("15160", first), ("15180", second), ("", "")],
        countries=[("GT", "40"), ("HN", "60")],
        **{"markers-marker_1": "GE-3", "markers-marker_youth": "1", "targets-targets": "16.2; 8.7"},
    )

    assert client.post(url_of(project), data).status_code == 302

    project.refresh_from_db()
    assert shares(project.sectors.all()) == {"15160": Decimal("62.5"), "15180": Decimal("37.5")}
    assert shares(project.countries.all()) == {"HN": 60, "GT": 40}
    assert [(m.code, m.significance, m.gender_level) for m in project.markers.all()] == [
        ("1", "2", "GE-3"),
        ("youth", "1", ""),
    ]
    assert [tag.code for tag in project.tags.all()] == ["16.2", "8.7"]
    assert (project.classification.aid_type, project.country.code) == ("C01", "HN")


@pytest.mark.parametrize(
    ("rows", "name", "sentence"),
    [
        ([("15160", "60"), ("15180", "30")], "percentage", "Together these are 90 %"),
        ([("15160", "33.33"), ("15180", "66,66")], "percentage", "Together these are 99.99 %"),
        ([("15160", "50"), ("15160", "50")], "code", "appears twice"),
        ([("15160", "")], "percentage", "in per cent"),
        ([("", "100")], "code", "Choose what"),
        ([("15160", "0")], "percentage", "above 0"),
        ([("15160", "1.000")], "percentage", "mean"),
        ([("15160", "much")], "percentage", "not a number"),
        ([("15162", "100")], "code", "15162"),
    ],
)
def test_what_is_not_a_whole_gets_a_sentence_at_the_field(client, project, rows, name, sentence):
    answer = client.post(url_of(project), typed(client, project, sectors=rows))

    errors = [form.errors for form in answer.context["page"].sectors if form.errors]
    assert [list(error) for error in errors] == [[name]]
    assert sentence in answer.text
    assert not ProjectSector.objects.exists()


def test_a_target_that_is_none_gets_a_sentence(client, project):
    answer = client.post(url_of(project), typed(client, project, **{"targets-targets": "16,2"}))

    assert "“16” is not a target" in answer.text


def test_of_two_people_the_second_is_told(client, project):
    late = typed(client, project, sectors=[("15160", "100")])
    client.post(url_of(project), typed(client, project, sectors=[("15130", "100")]))

    answer = client.post(url_of(project), late)

    assert "Somebody has changed this" in answer.text
    assert shares(project.sectors.all()) == {"15130": 100}


def test_a_withdrawn_code_is_refused_by_the_model_and_the_database(project):
    withdrawn = ProjectSector(project=project, code="15162", percentage=100)

    with pytest.raises(ValidationError, match="use 15160"):
        withdrawn.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        withdrawn.save()


def test_a_level_of_gender_belongs_to_the_marker_of_gender(project):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectMarker.objects.create(
            project=project, code="2", significance="1", gender_level="GE-2"
        )
