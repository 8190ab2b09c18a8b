"""An organisation without an account proposes a project, until the last second."""

import re
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AccessEvent, OutgoingMail
from projects.calls.deadlines import deadline_text
from projects.calls.services.proposals import (
    admit_late,
    send_link,
)
from projects.models import CallForProposals, Proposal, ProposalFile
from tests.factories import AssignmentFactory, CallFactory, ProposalFactory, UserFactory
from tests.kernel.made_files import PDF

pytestmark = pytest.mark.django_db

START = {
    "organisation": "Colectivo de ejemplo",
    "contact_name": "Persona 01",
    "contact_email": "colectivo@example.org",
    "consent": "on",
}
WHOLE = {
    "organisation": "Colectivo de ejemplo",
    "kind": "collective",
    "country": "HN",
    "contact_name": "Persona 01",
    "title": "Radio contra la trata",
    "summary": "Programas de radio.",
    "problem": "Poca información.",
    "activities": "Doce programas.",
    "expected": "Más denuncias.",
    "beneficiaries": "400",
    "months": "6",
    "label_1": "Grabación",
    "amount_1": "20 000,50",
    "no_victim_data": "on",
}


@pytest.fixture
def call():
    return CallFactory(files_required=0)


@pytest.fixture
def draft(call):
    """A proposal that was begun, and the address of its page."""
    proposal = ProposalFactory(
        call=call,
        status="draft",
        number=None,
        submitted_at=None,
        organisation="Colectivo de ejemplo",
        contact_email="colectivo@example.org",
        title="",
    )
    proposal.page = reverse("calls:proposal", args=[call.code, send_link(proposal)])
    return proposal


def pdf(name="estatutos.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def start(client, call, **changes):
    return client.post(reverse("calls:propose", args=[call.code]), START | changes)


def submit(client, proposal, **changes):
    return client.post(proposal.page, WHOLE | {"press": "submit"} | changes)


def test_the_first_step_sends_a_link_and_names_nobody(
    client, call, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = start(client, call, contact_name="Compre en https://malo.example")

    assert answer.url == reverse("calls:sent", args=[call.code])
    (letter,) = mailoutbox
    assert letter.subject == "Votre lien vers la proposition"
    assert "malo" not in letter.body
    page = re.search(r"http\S+", letter.body)[0].partition("8000")[2]
    assert client.get(page).status_code == 200
    assert Proposal.objects.get().status == "draft"


def test_the_answer_is_the_same_whether_the_address_is_known(client, call, draft):
    known = start(client, call)
    unknown = start(client, call, contact_email="otra@example.org")

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert Proposal.objects.count() == 2
    assert draft.links.count() == 2


def test_the_first_step_sent_twice_makes_one_proposal_and_one_message(client, call):
    key = str(uuid.uuid4())

    start(client, call, entry_key=key)
    start(client, call, entry_key=key)

    assert Proposal.objects.get().links.count() == OutgoingMail.objects.count() == 1


def test_a_machine_that_fills_in_everything_is_thanked_and_forgotten(client, call):
    assert start(client, call, website="https://spam.example").status_code == 302
    assert not Proposal.objects.exists()


def test_one_address_is_written_to_four_times_an_hour(client, call):
    answers = [start(client, call).status_code for _ in range(5)]

    assert answers == [302, 302, 302, 302, 200]
    assert OutgoingMail.objects.count() == 4


@pytest.mark.parametrize(
    "address", ["a@example.org\nBcc: b@example.org", "a@example.org,b@example.org", "a@b", "\0"]
)
def test_an_address_cannot_carry_another_header(client, call, address):
    assert start(client, call, contact_email=address).status_code == 200
    assert not OutgoingMail.objects.exists()


def test_a_name_cannot_carry_another_header(client, call):
    start(client, call, organisation="Uno\r\nBcc: todos", contact_name="A\u202eB\nC")

    proposal = Proposal.objects.get()
    assert proposal.organisation == "Uno Bcc: todos"
    assert proposal.contact_name == "AB C"


def test_opening_the_link_changes_nothing(client, draft):
    before = Proposal.objects.values().get(pk=draft.pk)

    answer = client.get(draft.page)

    assert Proposal.objects.values().get(pk=draft.pk) == before
    assert answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer["Cache-Control"]


def test_a_draft_needs_nothing_and_is_kept(client, draft):
    answer = client.post(
        draft.page, {"organisation": draft.organisation, "country": "HN", "press": "save"}
    )

    assert answer.status_code == 302
    draft.refresh_from_db()
    assert (draft.status, draft.number) == ("draft", None)


def test_submitting_numbers_it_and_sends_one_receipt(
    client, draft, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        submit(client, draft)
        submit(client, draft, title="Radio y teatro contra la trata")

    draft.refresh_from_db()
    assert (draft.status, draft.number, str(draft.total)) == ("submitted", 1, "20000.50")
    assert draft.title == "Radio y teatro contra la trata"
    receipts = [one for one in mailoutbox if one.subject == "Su propuesta fue recibida"]
    assert len(receipts) == 1
    assert draft.reference in receipts[0].body


def test_what_is_missing_is_said_at_the_field_and_the_rest_is_kept(client, draft):
    answer = submit(client, draft, summary="", months="7", amount_1="30 000")

    errors = answer.context["form"].errors
    assert sorted(errors) == ["amount_1", "months", "summary"]
    draft.refresh_from_db()
    assert (draft.status, draft.title) == ("draft", "Radio contra la trata")
    again = submit(client, draft, seen=answer.context["form"].data["seen"])
    assert again.status_code == 302


def test_a_submitted_proposal_stays_whole(client, draft):
    submit(client, draft)

    answer = client.post(draft.page, WHOLE | {"summary": "", "press": "save"})

    assert list(answer.context["form"].errors) == ["summary"]
    draft.refresh_from_db()
    assert draft.summary == WHOLE["summary"]


def test_an_ambiguous_amount_is_asked_about(client, draft):
    answer = submit(client, draft, amount_1="20.000")

    assert list(answer.context["form"].errors) == ["amount_1"]


def test_a_good_file_is_kept_even_where_a_text_is_refused(client, draft):
    answer = submit(client, draft, beneficiaries="viele", upload=pdf())

    assert list(answer.context["form"].errors) == ["beneficiaries"]
    assert ProposalFile.objects.get().original_name == "estatutos.pdf"


def test_a_call_that_asks_for_files_gets_them(client, call, draft):
    CallForProposals.objects.update(files_required=1)

    assert list(submit(client, draft).context["form"].errors) == ["upload"]
    assert submit(client, draft, upload=pdf()).status_code == 302


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("estatutos.exe", b"MZ"),
        ("estatutos.exe.pdf", b"%PDF-1.7\n%%EOF\n"),
        ("estatutos.pdf", b"<script>"),
        ("estatutos.pdf", b""),
        ("../../estatutos.pdf", b"not a pdf"),
    ],
)
def test_hostile_files_are_refused_with_a_sentence(client, draft, name, content):
    answer = submit(client, draft, upload=SimpleUploadedFile(name, content))

    assert "upload" in answer.context["form"].errors
    assert not ProposalFile.objects.exists()


def test_a_file_needs_the_promise_and_can_be_removed(client, draft):
    refused = client.post(draft.page, WHOLE | {"upload": pdf(), "no_victim_data": ""})
    client.post(draft.page, WHOLE | {"upload": pdf(), "press": "save"})
    file = ProposalFile.objects.get()
    client.post(draft.page, WHOLE | {"remove": [str(file.pk)], "press": "save"})

    assert "no_victim_data" in refused.context["form"].errors
    assert not ProposalFile.objects.exists()


@pytest.mark.parametrize(("seconds", "received"), [(0, True), (0.9, True), (1, False)])
def test_the_second_of_the_deadline_is_the_last(client, call, draft, seconds, received):
    with time_machine.travel(call.closes_at + timedelta(seconds=seconds), tick=False):
        answer = submit(client, draft)

    draft.refresh_from_db()
    assert draft.status == ("submitted" if received else "draft")
    assert answer.status_code == (302 if received else 403)
    if not received:
        assert "appel@example.org" in answer.content.decode()


def test_after_the_deadline_the_link_shows_what_became_of_it_and_no_content(client, call, draft):
    submit(client, draft)

    with time_machine.travel(call.closes_at + timedelta(hours=1)):
        page = client.get(draft.page).content.decode()
        refused = client.post(f"{draft.page}withdraw/")

    assert f"{call.code}-001" in page
    assert "Radio" not in page
    assert refused.status_code == 403


def test_the_coordination_admits_a_late_one_with_a_reason(client, call, draft):
    with time_machine.travel(call.closes_at + timedelta(hours=1), tick=False):
        until = call.closes_at + timedelta(hours=2)
        admit_late(draft, until=until, reason="Panne de courant", by=UserFactory())
        assert submit(client, draft).status_code == 302

    draft.refresh_from_db()
    assert (draft.is_late, draft.late_reason) == (True, "Panne de courant")


@pytest.mark.parametrize("language", ["fr", "es", "en"])
def test_the_message_with_the_link_tells_until_when_it_works(
    call, draft, mailoutbox, django_capture_on_commit_callbacks, language
):
    draft.language = language
    draft.late_until = call.closes_at + timedelta(days=3)
    # A session of mail would send also what waits.
    OutgoingMail.objects.update(next_attempt_at=timezone.now() + timedelta(days=1))

    with django_capture_on_commit_callbacks(execute=True):
        send_link(draft)

    with translation.override(language):
        assert deadline_text(call, draft.late_until) in mailoutbox[-1].body
    draft.late_until = None
    with django_capture_on_commit_callbacks(execute=True):
        send_link(draft)
    with translation.override(language):
        assert deadline_text(call) in mailoutbox[-1].body


def test_a_receipt_tells_the_time_of_arrival_and_until_when_it_may_be_changed(
    client, call, draft, mailoutbox, django_capture_on_commit_callbacks
):
    """Of who was admitted late that is the later day."""
    until = call.closes_at + timedelta(days=3)
    came = call.closes_at + timedelta(hours=1)
    with (
        time_machine.travel(came, tick=False),
        django_capture_on_commit_callbacks(execute=True),
    ):
        admit_late(draft, until=until, reason="Panne de courant", by=UserFactory())
        submit(client, draft)

    (receipt,) = [one for one in mailoutbox if one.subject == "Su propuesta fue recibida"]
    with translation.override("es"):
        told = [deadline_text(call, moment) for moment in (came, until, call.closes_at)]
    assert [moment in receipt.body for moment in told] == [True, True, False]
    assert "<function" not in receipt.body


def test_a_withdrawn_proposal_is_no_longer_written(client, draft):
    client.post(f"{draft.page}withdraw/")

    draft.refresh_from_db()
    assert draft.status == "withdrawn"
    assert submit(client, draft).status_code == 403


def test_before_the_deadline_nobody_reads_proposals(client, call, draft):
    submit(client, draft)
    coordinator = AssignmentFactory(project=call.project).user
    client.force_login(coordinator)
    table = reverse("projects:proposals", args=[call.project.code, call.pk])

    assert client.get(table).status_code == 403
    assert "Colectivo de ejemplo" not in client.get(call.get_absolute_url()).content.decode()


def test_visitors_see_calls_from_their_opening_on(client, call):
    CallFactory(opens_at=call.closes_at - timedelta(days=1), closes_at=call.closes_at)
    CallFactory(status="draft")

    listed = client.get(reverse("calls:open")).context["calls"]

    assert [row["call"] for row in listed] == [call]
    assert [
        client.get(each.get_public_url()).status_code
        for each in CallForProposals.objects.order_by("pk")
    ] == [200, 404, 404]
    assert not AccessEvent.objects.exists()


@pytest.mark.parametrize(("language", "heading"), [("fr", "Proposer"), ("es", "Proponer")])
def test_the_form_speaks_the_visitors_language(client, call, language, heading):
    page = client.get(
        reverse("calls:propose", args=[call.code]), headers={"accept-language": language}
    )

    assert re.search(r"<h1>(\w+)", page.content.decode())[1] == heading
