"""A person who is forgotten is found nowhere, and what has to be kept is locked away."""

import hashlib
import io
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone, translation

from accounts.checkpoints import own_checkpoints, unlock
from accounts.log_check import check_log, keep_checkpoint
from accounts.models import AccessEvent, AccessLink, Attachment, Hold, OutgoingMail, User
from ibcr_portal.management.commands.update import Command as Update
from ibcr_portal.models import Erasure, LockedAway, PrivacyIncident
from ibcr_portal.persons import ledger
from ibcr_portal.persons.forgetting import forget
from ibcr_portal.persons.keeping import destroy_what_is_over, forget_incidents, opened
from ibcr_portal.persons.matching import Spellings
from ibcr_portal.persons.replaying import finish_entries, missing_entries, subject_of
from ibcr_portal.persons.searching import DataSubject, content_of, findings_of
from kernel.files import CheckedFile
from kernel.lifecycle import StatusChange
from kernel.refusal import Refusal
from partners.models import Agreement, AgreementFile, Contact
from projects.amendments.periods import months_later
from projects.models import Project
from reports.models import About, Archive, DocumentKind, Snapshot
from tests.factories import ContactFactory, DocumentFactory
from tests.ibcr_portal.everywhere import plant, where
from tests.world import World

pytestmark = pytest.mark.django_db

NAME = "Titulaire Fictíve du Siège"
ADDRESS = "siege.fictif@example.org"


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MAILBOX = tmp_path / "mail"
    settings.ERASURES = tmp_path / "erasures.jsonl"
    settings.ACCESS_LOG_CHECKPOINTS = tmp_path / "checkpoints.jsonl"


@pytest.fixture
def world():
    world = World()
    person = world.people["member"]
    User.objects.filter(pk=person.pk).update(full_name=NAME, email=ADDRESS)
    person.refresh_from_db()
    Contact.objects.filter(user=person).update(
        full_name=NAME, email=ADDRESS, phone="+504 5555-0100"
    )
    return world


@pytest.fixture
def person(world):
    return DataSubject.of_user(world.people["member"])


@pytest.fixture
def administrator(world):
    return world.people["administrator"]


def test_forgetting_leaves_no_trace(
    world, person, administrator, django_capture_on_commit_callbacks
):
    AccessEvent.record(AccessEvent.Kind.SIGN_IN, user=person.user, method="code")
    AccessLink.issue(person.user, "calendar", person.user, by=person.user)
    keep_checkpoint()
    planted = plant(f"titulaire  FICTIVE du siege <{ADDRESS}>")
    spellings = person.spellings()
    seen = findings_of(person, spellings)
    assert {f"{row.place.name}.{name}" for row in seen.texts for name in row.fields} >= planted

    with django_capture_on_commit_callbacks(execute=True):
        outcome = forget(person, spellings, by=administrator)

    assert outcome.remains == []
    assert where(spellings) == []
    assert findings_of(person, spellings).texts == []
    assert check_log(own_checkpoints()).is_whole


def test_an_older_database_forgets_again(
    world, person, administrator, django_capture_on_commit_callbacks
):
    """The transaction that is rolled back is the dump that is restored: files are as they were."""
    plant(f"{NAME} · {ADDRESS} · Nombre Antiguo Ficticio")
    spellings = person.spellings(["Nombre Antiguo Ficticio"])
    with transaction.atomic():
        forget(person, spellings, by=administrator)
        transaction.set_rollback(True)
    [begun] = ledger.lines()
    ledger.append(begun.done())
    assert where(spellings) != []
    assert [entry.user for entry in missing_entries()] == [person.user.pk]

    with django_capture_on_commit_callbacks(execute=True):
        call_command("replay_erasures", stdout=io.StringIO())

    assert where(spellings) == []
    assert missing_entries() == []


def test_the_ledger_names_nobody_and_knows_who_has_the_key_since(world, person, administrator):
    forget(person, person.spellings(), by=administrator)
    text = settings.ERASURES.read_text()
    newcomer = world.people["member"]
    User.objects.filter(pk=newcomer.pk).update(
        full_name="Somebody Else", date_joined=timezone.now() + timedelta(days=1)
    )

    assert not person.spellings().are_in(text)
    [entry] = ledger.lines()
    assert subject_of(entry).user is None


def test_what_was_not_saved_is_not_done_again(person, administrator):
    with transaction.atomic():
        forget(person, person.spellings(), by=administrator)
        transaction.set_rollback(True)

    assert missing_entries() == []
    said = io.StringIO()
    Update(stdout=said).forget_again()
    assert f"manage.py forget u{person.user.pk} --yes" in said.getvalue()
    assert User.objects.filter(email=ADDRESS).exists()


def test_a_crash_after_the_commit_loses_no_erasure(person, administrator):
    forget(person, person.spellings(), by=administrator)
    assert not any(entry.is_done for entry in ledger.lines())

    assert finish_entries() == []

    assert [entry.is_done for entry in ledger.lines()] == [False, True]
    assert ledger.unfinished() == []


def test_the_commit_writes_the_second_line(
    person, administrator, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        forget(person, person.spellings(), by=administrator)

    assert [entry.is_done for entry in ledger.lines()] == [False, True]
    assert len({entry.pseudonym for entry in ledger.lines()}) == 1


def test_a_line_that_somebody_wrote_into_the_ledger_is_refused(person, administrator):
    forget(person, person.spellings(), by=administrator)
    text = settings.ERASURES.read_text()
    settings.ERASURES.write_text(text.replace(f'"user": {person.user.pk}', '"user": 1'))

    with pytest.raises(ledger.NoEntry):
        missing_entries()


def test_what_the_law_requires_is_locked_away_encrypted(world, person, administrator):
    AccessEvent.record(AccessEvent.Kind.SIGN_IN, user=person.user, method="code")
    key = str(person.user.pseudonym)
    forget(person, person.spellings(), by=administrator)

    [locked] = LockedAway.objects.all()
    ends = max(world.project.current_end, timezone.localdate())
    assert locked.reasons == ["log"]
    assert locked.until == months_later(ends, 12 * settings.RECORDS_YEARS)
    assert opened(locked) == {"names": [NAME], "addresses": [ADDRESS], "log_keys": [key]}


def test_a_signed_agreement_is_locked_away_and_another_file_is_replaced(
    world, person, administrator, django_capture_on_commit_callbacks
):
    agreement = Agreement.objects.create(
        institution=world.institutions["member"], kind="cooperation", reference="A-1"
    )
    signed = kept_file(AgreementFile(agreement=agreement), f"Firmado: {NAME}".encode())
    paper = DocumentFactory(meeting=world.meeting)
    kept_file(paper, f"Asistentes: {NAME}, otra persona".encode())

    with django_capture_on_commit_callbacks(execute=True):
        outcome = forget(person, person.spellings(), by=administrator)

    locked = LockedAway.objects.exclude(file="").get()
    assert unlock(content_of(locked.file.name)) == f"Firmado: {NAME}".encode()
    paper.refresh_from_db()
    signed.refresh_from_db()
    assert content_of(paper.file.name).decode() == f"Asistentes: {outcome.pseudonym}, otra persona"
    assert paper.sha256 == hashlib.sha256(content_of(paper.file.name)).hexdigest()
    assert NAME.encode() not in content_of(signed.file.name)
    assert where(person.spellings()) == []


def kept_file(stored, content):
    stored.keep(CheckedFile(ContentFile(content, "a.txt"), "a.txt", "txt", len(content), "0" * 64))
    stored.save()
    return stored


@pytest.mark.parametrize("covered", ["person", "project", "everything"])
def test_a_hold_stops_forgetting(world, person, administrator, covered):
    thing = {"person": person.user, "project": world.project, "everything": None}[covered]
    hold = Hold(reason="Letter of the court.", placed_by=administrator)
    if thing:
        hold.thing = thing
    hold.save()

    with pytest.raises(Refusal, match=r"Letter of the court\."):
        forget(person, person.spellings(), by=administrator)

    hold.lifted_at, hold.lifted_by = timezone.now(), administrator
    hold.save()
    forget(person, person.spellings(), by=administrator)
    assert Erasure.objects.get().done_by == administrator


@pytest.mark.parametrize("what", ["text", "file", "reason", "document"])
def test_a_hold_on_a_project_keeps_who_is_only_named_there(world, administrator, what):
    entry = ContactFactory(
        institution=world.institutions["partner"], full_name="Solo Nombrada", represents=False
    )
    person = DataSubject.of_contact(entry)
    if what == "text":
        type(world.item).objects.filter(pk=world.item.pk).update(notes="Solo Nombrada spoke.")
    elif what == "file":
        kept_file(DocumentFactory(meeting=world.meeting), b"Solo Nombrada")
    elif what == "reason":
        StatusChange.objects.create(
            content_type=ContentType.objects.get_for_model(world.item),
            object_id=world.item.pk,
            happened_on=timezone.localdate(),
            by=administrator,
            why="Solo Nombrada",
        )
    else:
        about = About(world.meeting, DocumentKind.MINUTES)
        Snapshot.keep(about, {"public": {"es": {"title": "Solo Nombrada"}}}, is_final=True)
    hold = Hold(reason="Audit.", placed_by=administrator, thing=world.project)
    hold.save()

    with pytest.raises(Refusal, match="which names this person"):
        forget(person, person.spellings(), by=administrator)
    assert not settings.ERASURES.exists()

    hold.lifted_at, hold.lifted_by = timezone.now(), administrator
    hold.save()
    forget(person, person.spellings(), by=administrator)


def test_a_hold_keeps_the_archives_of_its_project_alone(world, person, administrator):
    Hold(reason="Audit.", placed_by=administrator, thing=world.neighbour).save()
    entry = ContactFactory(
        institution=world.institutions["partner"], full_name="Solo Nombrada", represents=False
    )
    about = About(world.meeting, DocumentKind.MINUTES)
    Snapshot.keep(about, {"public": {"es": {"title": "Solo Nombrada"}}}, is_final=True)
    for project in (world.project, world.neighbour):
        Archive.objects.create(project=project, user=administrator, language="es", file="x.zip")
    other = DataSubject.of_contact(entry)

    forget(other, other.spellings(), by=administrator)

    assert [archive.project for archive in Archive.objects.all()] == [world.neighbour]


def test_a_hold_keeps_what_is_locked_away_and_incidents(world, person, administrator):
    LockedAway.objects.create(pseudonym="P-1", until="2020-01-01")
    PrivacyIncident.objects.create(
        what="x", data="y", noticed_on="2015-01-01", recorded_by=administrator
    )
    hold = Hold.objects.create(
        reason="Audit.", placed_by=administrator, until=timezone.localdate(), thing=world.project
    )

    assert destroy_what_is_over() == forget_incidents() == 0

    hold.delete()
    assert destroy_what_is_over() == forget_incidents() == 1


def test_nobody_forgets_themselves_or_the_last_administrator(world, administrator):
    alone = DataSubject.of_user(administrator)

    with pytest.raises(Refusal, match="Another administrator"):
        forget(alone, alone.spellings(), by=administrator)
    with pytest.raises(Refusal, match="last administrator"):
        forget(alone, alone.spellings(), by=None)


def test_the_command_shows_first(world, person, administrator):
    out = io.StringIO()
    call_command("forget", ADDRESS, stdout=out)
    assert "Nothing was changed" in out.getvalue()
    assert User.objects.filter(email=ADDRESS).exists()

    call_command("forget", ADDRESS, "--yes", stdout=out)
    assert "Forgotten." in out.getvalue()
    assert not User.objects.filter(email=ADDRESS).exists()
    with pytest.raises(CommandError, match="Nobody here"):
        call_command("forget", ADDRESS, stdout=out)


def test_a_message_loses_the_file_that_names_the_person(world, person, administrator):
    file = Attachment("a.txt", NAME.encode(), "text/plain")
    other = world.people["coordinator"]
    theirs = OutgoingMail.objects.create(person=person.user, address=ADDRESS, subject="s", text="x")
    passing = OutgoingMail.objects.create(
        person=other, address=other.email, subject="s", attachments=[file.as_row()]
    )

    forget(person, person.spellings(), by=administrator)

    theirs.refresh_from_db()
    passing.refresh_from_db()
    assert (theirs.address, theirs.text, theirs.state) == ("", "", OutgoingMail.State.CANCELLED)
    assert passing.attachments == []


def test_an_entry_of_the_directory_with_name_and_address_is_theirs_too(
    world, person, administrator
):
    theirs, colleague = (
        ContactFactory(
            institution=world.institutions["partner"],
            full_name=name,
            email=ADDRESS.upper(),
            represents=False,
        )
        for name in ("TITULAIRE FICTIVE du Siege", "Otra Persona")
    )
    person = DataSubject.of_user(person.user)

    outcome = forget(person, person.spellings(), by=administrator)

    theirs.refresh_from_db()
    colleague.refresh_from_db()
    assert (theirs.full_name, theirs.email) == (outcome.pseudonym, "")
    assert colleague.full_name == "Otra Persona"


def test_a_single_word_and_the_names_of_things_are_listed_and_stay(world, person, administrator):
    type(world.item).objects.filter(pk=world.item.pk).update(notes="The rose and the Cruz.")
    name = world.institutions["partner"].names.first()
    type(name).objects.filter(pk=name.pk).update(name_es="Casa Nombre Antiguo")
    Project.objects.filter(pk=world.project.pk).update(title_es="Nombre Antiguo")

    spellings = person.spellings(["Cruz", "Nombre Antiguo"])
    outcome = forget(person, spellings, by=administrator)

    world.item.refresh_from_db()
    name.refresh_from_db()
    assert world.item.notes == "The rose and the Cruz."
    assert name.name_es == "Casa Nombre Antiguo"
    assert Project.objects.get(pk=world.project.pk).title_es == "Nombre Antiguo"
    assert (f"committees.AgendaItem {world.item.pk}", "word") in outcome.remains
    assert (f"partners.InstitutionName {name.pk}", "thing") in outcome.remains
    assert (f"projects.Project {world.project.pk}", "thing") in outcome.remains


def test_the_number_of_a_switchboard_stays_in_texts(world, person, administrator):
    ContactFactory(
        institution=world.institutions["member"], full_name="Otra Persona", phone="+504 55550100"
    )

    assert person.spellings().addresses == [ADDRESS]


def test_namesakes_are_looked_for_by_each_spelling(world, person):
    ContactFactory(institution=world.institutions["partner"], full_name="Otro Nombre Ficticio")

    assert person.namesakes(person.spellings()) == []
    [other] = person.namesakes(person.spellings(["otro nombre"]))
    assert "Otro Nombre Ficticio" in other


def test_names_match_as_whole_words_whatever_case_and_accents():
    spellings = Spellings(["José Ñandú"], ["jose@example.org", "+504 5555-0100"])
    text = "JOSE  NANDU; josé-ñandú's; Josefo Ñandú; Write to jose@example.org or 504 5555 0100."

    assert spellings.replaced(text, "P-1") == ("P-1; P-1's; Josefo Ñandú; Write to … or ….")
    assert spellings.replaced("jose@example.org", "P-1") == ""
    assert spellings.replaced({"a": ["José Ñandú", 3]}, "P-1") == {"a": ["P-1", 3]}
    assert not Spellings(["Ana"])  # found in words that mean something else
