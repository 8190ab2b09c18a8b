"""What an older database brought back is found again by hashes, wherever a person is named."""

import pytest
from django.core.files.base import ContentFile
from django.utils import translation

from ibcr_portal.persons import ledger
from ibcr_portal.persons.forgetting import forget
from ibcr_portal.persons.matching import Spellings
from ibcr_portal.persons.replaying import replay
from ibcr_portal.persons.searching import DataSubject, content_of
from kernel.files import CheckedFile
from reports.models import About, DocumentKind, Snapshot
from tests.factories import ContactFactory, DocumentFactory
from tests.world import World

pytestmark = pytest.mark.django_db

FORMER = "Nombre Antiguo Ficticio"


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MAILBOX = tmp_path / "mail"
    settings.ERASURES = tmp_path / "erasures.jsonl"
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return World()


@pytest.fixture
def entry(world):
    """The line of somebody whose name was another one before."""
    person = DataSubject.of_user(world.people["member"])
    return ledger.Entry.signed(
        pseudonym="P-0A1B2C3D",
        user=person.user,
        contacts=list(person.people.contacts),
        spellings=person.spellings([FORMER]),
    )


def test_a_document_alone_gives_away_how_a_name_is_spelled(world, entry):
    about = About(world.meeting, DocumentKind.AGENDA)
    snapshot = Snapshot.keep(about, {"public": {"es": {"title": f"Acta de {FORMER}"}}})

    replay([entry])

    snapshot.refresh_from_db()
    assert not Spellings([FORMER]).are_in(snapshot.data)


def test_a_file_alone_gives_away_how_a_name_is_spelled(world, entry):
    paper = DocumentFactory(meeting=world.meeting)
    content = ContentFile(FORMER.upper().encode(), "a.txt")
    paper.keep(CheckedFile(content, "a.txt", "txt", content.size, "0" * 64))
    paper.save()

    replay([entry])

    paper.refresh_from_db()
    assert content_of(paper.file.name).decode() == entry.pseudonym


def test_entries_of_other_people_lose_the_name(world):
    person = DataSubject.of_user(world.people["member"])
    secretary = ContactFactory(
        institution=world.institutions["partner"],
        full_name="Secretaria Fictiva",
        title=f"c/o {person}"[:50],
    )
    assert person.spellings().are_in(secretary.title)

    outcome = forget(person, person.spellings(), by=world.people["administrator"])

    secretary.refresh_from_db()
    assert secretary.title == f"c/o {outcome.pseudonym}"
    assert secretary.full_name == "Secretaria Fictiva"
