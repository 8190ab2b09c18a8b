"""What a project that works in Spanish and English shows, and what its forms begin with."""

import pytest
from django.urls import reverse

from committees.models import Document, Minutes
from kernel.languages import working_in
from partners.models import Contact
from projects.models import Project, RiskRating
from tests.factories import ProjectFactory


@pytest.fixture
def project(world):
    project = world.project
    project.languages = ["es", "en"]
    project.title_fr, project.title_es, project.title_en = "", "Título", "Title"
    project.save()
    return project


@pytest.mark.parametrize(
    ("reader", "heading"),
    [
        ("fr", '<b lang="es">Título</b>'),
        ("es", "<b>Título</b>"),
        ("en", "<b>Title</b>"),
    ],
)
def test_a_page_shows_the_readers_language_or_the_first_of_the_project(
    client, world, project, coordinator, reader, heading
):
    coordinator.language = reader
    coordinator.save()

    assert heading in client.get(project.get_absolute_url()).content.decode()


def test_the_order_is_that_of_the_project_of_the_page(client, world, project, coordinator):
    coordinator.language = "fr"
    coordinator.save()
    project.languages = ["en", "es"]
    project.save()

    assert '<b lang="en">Title</b>' in client.get(project.get_absolute_url()).content.decode()


def test_people_begin_with_the_first_language_of_the_project(client, world, project, coordinator):
    place = project.participations.get(institution=world.institutions["partner"])
    pages = [
        reverse("projects:assignment-create", args=[project.code]),
        reverse("projects:representation-create", args=[project.code, place.pk]),
    ]

    team, contact = (client.get(page).context["form"] for page in pages)

    assert (team["language"].value(), contact["language"].value()) == ("es", "es")


def test_what_nobody_chose_a_language_for_is_in_the_first_of_the_project():
    with working_in(ProjectFactory.build(languages=["es", "en"])):
        things = [Contact(), Minutes(), Document(), RiskRating()]

    assert {thing.language for thing in things} == {"es"}


@pytest.mark.parametrize(
    ("reader", "boxes"),
    [
        # The committee has its name in French: it keeps a box.
        ("fr", ["name_es", "name_en", "name_fr"]),
        ("en", ["name_en", "name_es", "name_fr"]),
    ],
)
def test_a_form_opens_in_the_readers_language_or_the_first_of_the_project(
    client, world, project, coordinator, reader, boxes
):
    coordinator.language = reader
    coordinator.save()

    page = client.get(reverse("committees:edit", args=[world.committee.pk]))

    assert page.context["form"].boxes["name"] == boxes
    assert "mandate_fr" not in page.context["form"].fields


def test_the_languages_of_a_project_are_changed_in_its_form(client, world, project, coordinator):
    url = reverse("projects:edit", args=[project.code])
    form = client.get(url).context["form"]
    sent = {
        "short_title_es": "Trata",
        "title_es": "Título",
        "languages": "en,es",
        "report_languages": ["es"],
        "country": "HN",
        "status": "active",
        "starts_on": project.starts_on.isoformat(),
        "currency": "CAD",
    }
    client.post(url, sent)

    assert form["languages"].value() == "es,en"
    changed = Project.objects.get(pk=project.pk)
    assert (changed.languages, changed.report_languages) == (["en", "es"], ["es"])
