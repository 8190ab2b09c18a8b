"""What becomes of files when an institution says that it may be named to fewer."""

from datetime import timedelta

import pytest
from django.urls import reverse

from partners.models import InstitutionName
from projects.institutions.services.register import record_participation
from reports.models import Archive, Snapshot
from reports.permissions.archives import may_download
from reports.services.archiving import request_archive, write_archive
from tests.factories import InstitutionFactory, ParticipationFactory, say
from tests.reports.test_naming import NAME, day_document, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def document(world):
    InstitutionName.objects.filter(institution=world.institutions["partner"]).update(name_es=NAME)
    return day_document(world, f"{NAME} habló.", audience="partners")


def test_files_are_replaced_for_those_who_may_not_know_the_name_any_more(world, document):
    others = day_document(world, f"Como {NAME} dijo.", audience="committee")

    say(world.institutions["partner"], "committee", "donor")

    assert not fresh(others).is_superseded
    successor = fresh(document).replaced_by
    assert NAME.casefold() not in str(successor.snapshot.data).casefold()
    assert Snapshot.objects.get(pk=document.snapshot_id).data == {}


@pytest.mark.parametrize("typed", ["COLECTIVA NANDUTI", "colectiva   ñandutí"])
def test_files_are_replaced_however_the_name_was_typed_in_them(world, document, typed):
    written = day_document(world, f"Como {typed} dijo.", audience="partners")

    say(world.institutions["partner"])

    successor = fresh(written).replaced_by
    assert typed not in str(successor.snapshot.data)


def test_files_with_a_spelling_that_was_corrected_are_replaced(world, document):
    name = InstitutionName.objects.get(institution=world.institutions["partner"])
    name.save()  # as somebody typed it first
    name.name_es = "Colectiva Ñanduty"
    name.save()

    say(world.institutions["partner"])

    assert fresh(document).is_superseded


def test_somebody_who_was_excluded_and_joins_later_finds_no_file_with_the_name(world, document):
    late = InstitutionFactory()
    say(world.institutions["partner"], "partners", excluded=[late])
    assert not fresh(document).is_superseded

    place = ParticipationFactory(project=world.project, institution=late)
    record_participation(place, by=None, change="institution added")

    assert fresh(document).is_superseded


def test_an_archive_from_before_a_choice_is_downloaded_no_more(world):
    archive = request_archive(world.project, by=world.people["partner"], language="es")
    write_archive(Archive.objects.claim(archive.pk, lease=timedelta(minutes=1)))
    archive.refresh_from_db()
    assert may_download(world.people["partner"], archive)

    say(world.institutions["member"])

    assert not may_download(world.people["partner"], archive)


def test_the_page_says_how_many_files_give_way(client, world, document):
    client.force_login(world.people["coordinator"])
    address = reverse("partners:naming-record", args=[world.institutions["partner"].pk])
    facts = {"said_on": "2020-01-01", "channel": "letter", "project": world.project.pk}

    first = client.post(address, {"to_donor": "on"} | facts, follow=True)
    second = client.post(address, {"to_donor": "on"} | facts, follow=True)

    told = [[str(one) for one in answer.context["messages"]] for answer in (first, second)]
    assert told == [
        ["Recorded. 1 file that named it to more people is being replaced."],
        ["Recorded. No file has to be replaced."],
    ]
