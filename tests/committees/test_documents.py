"""Documents of a committee: who gives them, who may take them, and what is written of it."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent
from committees.agenda.services.agenda import remove_item
from committees.meetings.services.reading import add_document
from committees.models import AgendaItem, Audience, Document
from committees.permissions.meetings import visible_documents
from kernel.refusal import Refusal
from tests.factories import AgendaItemFactory, DocumentFactory, MeetingFactory
from tests.kernel.made_files import check, pdf, picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def coordinator(sign_in):
    return sign_in("coordinator")


def upload(**facts):
    given = {
        "upload": SimpleUploadedFile("plan.pdf", pdf()),
        "title": "Projet de plan",
        "category": "paper",
        "language": "fr",
        "audience": "committee",
        "no_victim_data": "on",
    }
    return {name: value for name, value in (given | facts).items() if value is not None}


def item_url(item):
    return reverse("committees:item-document-create", args=[item.pk])


def download(client, document):
    response = client.get(document.get_absolute_url())
    return response, b"".join(response.streaming_content)


# Giving


def test_a_paper_is_kept_with_its_item(coordinator, world, planned):
    item = planned.items.get()

    response = coordinator.post(item_url(item), upload())

    document = Document.objects.get()
    assert response.url == item.get_absolute_url()
    assert (document.committee, document.meeting, document.agenda_item) == (
        world.committee,
        planned,
        item,
    )
    assert (document.title, document.original_name, document.kind) == (
        "Projet de plan",
        "plan.pdf",
        "pdf",
    )
    assert (document.size, document.added_by) == (len(pdf()), world.people["coordinator"])


def test_the_terms_of_reference_belong_to_the_committee(coordinator, world):
    url = reverse("committees:committee-document-create", args=[world.committee.pk])

    coordinator.post(url, upload(category="terms"))

    document = Document.objects.get()
    assert (document.committee, document.meeting) == (world.committee, None)
    assert not document.is_late


def test_the_form_sent_twice_keeps_one_file(coordinator, planned):
    key = str(uuid.uuid4())

    for _each in range(2):
        coordinator.post(item_url(planned.items.get()), upload(entry_key=key))

    assert Document.objects.count() == 1


def test_without_the_declaration_nothing_is_kept(coordinator, planned):
    response = coordinator.post(item_url(planned.items.get()), upload(no_victim_data=None))

    assert "Confirm that the file holds no data on victims" in response.content.decode()
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("plan.exe", b"MZ", "Files of this kind are not accepted"),
        ("plan.pdf", b"MZ\x90", "pdf"),
        ("plan.pdf", b"", "vide"),
        ("plan.pdf", pdf() + b"x" * 20_000_001, "at most"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(coordinator, planned, name, content, sentence):
    file = SimpleUploadedFile(name, content)

    response = coordinator.post(item_url(planned.items.get()), upload(upload=file))

    assert sentence.lower() in str(response.context["form"].errors["upload"]).lower()
    assert not Document.objects.exists()


def test_a_paper_of_an_item_of_another_meeting_is_refused(world, planned):
    document = Document(
        committee=world.committee, meeting=world.meeting, agenda_item=planned.items.get()
    )

    with pytest.raises(Refusal, match="another meeting"):
        add_document(document, check("x.pdf", pdf()))


def test_the_database_refuses_an_item_without_its_meeting(world):
    with pytest.raises(IntegrityError):
        DocumentFactory(committee=world.committee, meeting=None, agenda_item=world.item)


@pytest.mark.parametrize(("days", "late"), [(16, False), (15, False), (14, True), (-1, True)])
def test_a_paper_is_late_after_the_days_of_notice(planned, days, late):
    paper = DocumentFactory(meeting=planned, uploaded_at=planned.starts_at - timedelta(days=days))

    assert planned.committee.notice_days == 15
    assert paper.is_late == late


def test_only_papers_of_meetings_to_come_are_late(planned, world):
    other = DocumentFactory(meeting=planned, category="evidence", uploaded_at=planned.starts_at)
    old = MeetingFactory(committee=world.committee, recorded_afterwards=True)
    typed_in_later = DocumentFactory(meeting=old, uploaded_at=timezone.now())

    assert not other.is_late
    assert not typed_in_later.is_late


# Taking


def test_a_member_takes_a_paper_and_it_is_logged(sign_in, world):
    document = DocumentFactory(meeting=world.meeting, agenda_item=world.item)
    client = sign_in("member")

    response, content = download(client, document)

    assert content == b"%PDF-1.7"
    assert "attachment" in response["Content-Disposition"]
    assert document.original_name not in response["Content-Disposition"]
    event = AccessEvent.objects.about(document).get()
    assert event.kind == AccessEvent.Kind.DOWNLOAD


def test_a_head_request_is_no_download(sign_in, world):
    document = DocumentFactory(meeting=world.meeting)

    response = sign_in("member").head(document.get_absolute_url())
    assert b"".join(response.streaming_content) == b""

    assert not AccessEvent.objects.about(document).exists()


def seen_by(world, role):
    return set(visible_documents(world.people[role], world.project))


def test_documents_are_seen_by_their_audience(world):
    of = {
        audience: DocumentFactory(committee=world.committee, meeting=None, audience=audience)
        for audience in Audience.values
    }
    everything = set(of.values())
    expected = {
        "coordinator": everything,
        "auditor": everything,
        "reader": everything - {of["coordination"], of["voting"]},
        "member": {of["voting"], of["committee"], of["public"], of["partners"]},
        "partner": {of["partners"], of["public"]},
        "donor": {of["donor"], of["public"]},
        "outsider": set(),
    }

    assert {role: seen_by(world, role) for role in expected} == expected


def test_nobody_sees_a_paper_of_a_meeting_or_an_item_that_they_do_not_see(sign_in, world, planned):
    draft = DocumentFactory(meeting=planned, audience="public")
    reserved = AgendaItemFactory(meeting=world.meeting, audience="coordination")
    secret = DocumentFactory(meeting=world.meeting, agenda_item=reserved, audience="public")
    declined = AgendaItemFactory(meeting=world.meeting, status=AgendaItem.Status.DECLINED)
    refused = DocumentFactory(meeting=world.meeting, agenda_item=declined)
    shown = DocumentFactory(meeting=world.meeting)

    assert seen_by(world, "member") == {shown}
    assert seen_by(world, "partner") == set()
    assert seen_by(world, "coordinator") == {draft, secret, refused, shown}
    client = sign_in("member")
    for document in (draft, secret, refused):
        assert client.get(document.get_absolute_url()).status_code == 404


# Mending


def test_what_is_said_of_a_document_is_mended(coordinator, world):
    document = DocumentFactory(meeting=world.meeting, title="Plna")
    url = reverse("committees:document-edit", args=[document.pk])

    coordinator.post(
        url, {"title": "Plan", "category": "paper", "language": "es", "audience": "voting"}
    )

    document.refresh_from_db()
    assert (document.title, document.language, document.audience) == ("Plan", "es", "voting")


def test_a_removed_document_leaves_no_file(coordinator, world, django_capture_on_commit_callbacks):
    document = DocumentFactory(meeting=world.meeting)
    storage, name = document.file.storage, document.file.name
    assert storage.exists(name)

    with django_capture_on_commit_callbacks(execute=True):
        coordinator.post(reverse("committees:document-remove", args=[document.pk]))

    assert not Document.objects.exists()
    assert not storage.exists(name)


def test_an_item_with_documents_is_not_removed(planned):
    item = planned.items.get()
    DocumentFactory(meeting=planned, agenda_item=item)

    with pytest.raises(Refusal, match="documents"):
        remove_item(item)


def test_a_picture_is_written_anew(coordinator, planned):
    file = SimpleUploadedFile("scan.jpg", picture())

    coordinator.post(item_url(planned.items.get()), upload(upload=file))

    document = Document.objects.get()
    assert document.kind == "jpeg"
    assert document.size == document.file.size
