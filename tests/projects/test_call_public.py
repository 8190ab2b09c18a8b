"""Calls without an account, and who knows of which call, proposal and score."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation

from kernel.personal import CHECKED
from projects.calls.deadlines import deadline_text
from projects.calls.services.panel import declare_interest
from projects.calls.services.proposals import send_link
from projects.models import CallDocument, ProposalFile
from projects.permissions.calls import (
    is_grantee,
    may_read_proposal,
    may_score,
    proposals_with_scores_seen,
    roles_in_call,
    seat_on_panel,
    visible_calls,
    visible_grants,
    visible_proposals,
)
from tests.factories import (
    CallFactory,
    ClosedCallFactory,
    ContactFactory,
    GrantFactory,
    PanelMemberFactory,
    ParticipationFactory,
    ProposalFactory,
    UserFactory,
)
from tests.kernel import made_files
from tests.projects.calls import PDF, content, things_of
from tests.projects.pages import said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

WHOLE = {
    "organisation": "Comité", "kind": "ngo", "country": "HN", "contact_name": "Persona 01",
    "title": "Radio", "summary": "s", "problem": "p", "activities": "a", "expected": "e",
    "beneficiaries": "5", "months": "6", "label_1": "Radio", "amount_1": "60",
    "no_victim_data": "on", "press": "submit",
}  # fmt: skip


@pytest.fixture
def things(world):
    return things_of(world)


@pytest.fixture
def draft(things):
    """A proposal of the open call, in English, and the address of its page."""
    draft = ProposalFactory(
        call=things.open, number=None, status="draft", submitted_at=None, language="en"
    )
    draft.token = send_link(draft)
    draft.page = reverse("calls:proposal", args=["O-1", draft.token])
    return draft


# Pages without an account


def test_open_calls_are_listed_by_their_deadline_and_panels_for_who_sits_on_them(
    client, things, world
):
    soon = CallFactory(closes_at=timezone.now() + timedelta(days=1))
    CallFactory(status="cancelled")
    seat = PanelMemberFactory(call=things.draft, user=world.people["panel"])

    visitor = client.get(reverse("calls:open")).context
    client.force_login(world.people["panel"])
    member = client.get(reverse("calls:open")).context

    assert [row["call"] for row in visitor["calls"]] == [soon, things.open]
    assert (visitor["panels"], member["panels"]) == ([], [things.closed])
    assert seat.call not in member["panels"]
    assert len(member["calls"]) == 2


def test_a_call_is_public_with_its_criteria_documents_and_deadline(client, things):
    call = things.closed
    document = CallDocument.objects.create(
        call=call, title="Guide", file=content(), sha256="1" * 64, **PDF
    )

    page = client.get(reverse("calls:call", args=[call.code])).context
    file = client.get(reverse("calls:document", args=[call.code, document.pk]))
    hidden = client.get(reverse("calls:document", args=["D-1", things.document.pk]))

    assert (page["call"], page["criteria"], page["documents"]) == (
        call,
        [things.measure],
        [document],
    )
    with translation.override(page["LANGUAGE_CODE"]):
        assert page["deadline"] == deadline_text(call)
    assert file.getvalue() == b"%PDF-1.7"
    assert "a.pdf" in file.headers["Content-Disposition"]
    assert hidden.status_code == 404


def test_the_first_step_says_whether_the_call_takes_proposals(client, things, settings):
    opened = client.get(reverse("calls:propose", args=["O-1"]), headers={"accept-language": "en"})
    closed = client.get(
        reverse("calls:propose", args=[things.closed.code]), headers={"accept-language": "en"}
    )

    assert (opened.context["closed"], opened.context["call"]) == ("", things.open)
    assert opened.context["months"] == settings.PROPOSAL_MONTHS
    assert closed.context["closed"].startswith("The deadline has passed")
    sent = client.get(reverse("calls:sent", args=["O-1"]))
    assert (sent.status_code, sent.context["call"]) == (200, things.open)


def test_a_link_opens_one_proposal_of_its_call_and_is_not_found_by_machines(client, draft, things):
    page = client.get(draft.page)

    assert (page.context["proposal"], page.context["call"]) == (draft, things.open)
    assert (page.context["token"], page.context["files"]) == (draft.token, [])
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.context["form"].whole is False
    other = reverse("calls:proposal", args=[things.closed.code, draft.token])
    assert "proposal" not in client.get(other).context


def test_a_draft_is_kept_or_submitted_as_was_pressed(client, draft):
    kept = client.post(draft.page, WHOLE | {"press": "save"})
    draft.refresh_from_db()
    status = draft.status
    sent = client.post(draft.page, WHOLE)

    draft.refresh_from_db()
    assert (kept.url, status, sent.url, draft.status) == (
        draft.page,
        "draft",
        draft.page,
        "submitted",
    )
    assert said(sent) == [
        "Saved as a draft. Submit it before the deadline.",
        f"Your proposal is received under the number {draft.reference}.",
    ]
    assert [line.label for line in draft.lines.all()] == ["Radio"]
    changed = client.post(draft.page, WHOLE | {"title": ""})
    assert list(changed.context["form"].errors) == ["title"]
    assert changed.context["form"].whole is True


def test_what_is_not_whole_is_kept_as_a_draft(client, draft):
    page = client.post(draft.page, WHOLE | {"kind": ""})

    draft.refresh_from_db()
    assert (draft.status, draft.problem) == ("draft", WHOLE["problem"])
    assert list(page.context["form"].errors) == ["kind"]
    assert "Saved as a draft. It is not submitted yet: see below." in page.content.decode()


def test_what_looks_personal_is_asked_about_by_link_as_well(client, draft):
    personal = WHOLE | {"problem": "Llamar al 9999-1234-5678.", "press": "save"}

    page = client.post(draft.page, personal)

    assert list(page.context["form"].errors) == ["problem"]
    text = page.content.decode()
    assert "The coordination and the panel of the call read it." in text
    assert "Llamar al 9999-1234-5678." in text
    [key] = re.findall(rf'name="{CHECKED}" value="([^"]+)"', text)
    assert client.post(draft.page, personal | {CHECKED: key}).status_code == 302
    draft.refresh_from_db()
    assert draft.problem == personal["problem"]


def test_files_are_kept_read_and_removed_by_the_link(client, draft):
    file = SimpleUploadedFile("b.pdf", made_files.PDF)
    client.post(draft.page, {"organisation": "", "upload": file, "no_victim_data": "on"})
    kept = ProposalFile.objects.get(proposal=draft)
    page = reverse("calls:proposal-file", args=["O-1", draft.token, kept.pk])

    read = client.get(page)

    assert read.getvalue().startswith(b"%PDF")
    assert "b.pdf" in read.headers["Content-Disposition"]
    client.post(draft.page, WHOLE | {"press": "save", "remove": [kept.pk]})
    assert not draft.files.exists()
    draft.call.status = "closed"
    draft.call.save()
    assert client.get(page).status_code == 404


def test_after_the_deadline_a_link_tells_what_became_of_it_and_saves_nothing(client, draft):
    draft.call.status = "closed"
    draft.call.save()
    withdraw = reverse("calls:proposal-withdraw", args=["O-1", draft.token])

    read, asked = client.get(draft.page), client.get(withdraw)
    saved, taken = client.post(draft.page, WHOLE), client.post(withdraw)

    assert [page.status_code for page in (read, asked, saved, taken)] == [200, 200, 403, 403]
    for page in (read, asked, saved, taken):
        assert page.context["sentence"].startswith("This call is not open.")
        assert (page.context["proposal"], page.context["call"]) == (draft, draft.call)
    draft.refresh_from_db()
    assert (draft.title, draft.status) != ("Radio", "submitted")


def test_withdrawing_is_asked_about_first(client, draft):
    withdraw = reverse("calls:proposal-withdraw", args=["O-1", draft.token])

    page = client.get(withdraw)

    assert (page.context["proposal"], page.context["token"]) == (draft, draft.token)
    draft.refresh_from_db()
    assert draft.status == "draft"


@pytest.mark.parametrize(
    ("status", "late", "call_status", "may"),
    [
        ("draft", None, "published", True),
        ("submitted", None, "published", True),
        ("withdrawn", None, "published", False),
        ("draft", None, "closed", False),
        ("draft", 1, "closed", True),
        ("draft", -1, "closed", False),
        ("draft", 1, "evaluated", False),
        ("draft", 1, "published", True),
    ],
)
def test_a_proposal_is_written_while_its_call_is_open_or_it_is_admitted(
    status, late, call_status, may
):
    factory = CallFactory if call_status == "published" else ClosedCallFactory
    call = factory(status=call_status)
    admitted = {"late_until": timezone.now() + timedelta(hours=late or 0), "late_reason": "…"}
    proposal = ProposalFactory(call=call, status=status, **(admitted if late else {}))

    assert proposal.may_be_written is may
    if late:
        call.status, call.closes_at = "published", timezone.now() - timedelta(days=1)
        assert proposal.may_be_written is (late > 0)


# Who knows of what


def test_calls_are_known_to_the_team_the_panel_and_the_donor(world, things):
    awarded = ClosedCallFactory(project=world.project, status="awarded")
    foreign = ClosedCallFactory(project=world.neighbour, status="awarded")
    PanelMemberFactory(call=things.draft, user=world.people["panel"])
    left = PanelMemberFactory(
        call=foreign, user=world.people["panel"], ended_on=timezone.localdate()
    )
    own = {things.draft, things.open, things.closed, things.evaluated, awarded}

    def seen(role):
        return set(visible_calls(world.people[role]))

    assert seen("reader") == seen("coordinator") == own
    assert seen("administrator") == own | {foreign}
    assert seen("panel") == {things.closed}
    assert seen("donor") == seen("embassy") == {awarded}
    assert seen("partner") == seen("member") == set()
    assert seen("outsider") == {foreign}
    assert not visible_calls(AnonymousUser()).exists()
    assert left.call == foreign


def test_a_seat_is_one_s_own_in_its_call_while_one_holds_it(world, things):
    other = PanelMemberFactory(call=things.evaluated, user=world.people["reader"])

    assert seat_on_panel(world.people["panel"], things.closed) == things.seat
    assert seat_on_panel(world.people["panel"], things.evaluated) is None
    assert seat_on_panel(world.people["reader"], things.evaluated) == other
    assert roles_in_call(world.people["panel"], things.closed) == {"panel"}
    assert roles_in_call(world.people["reader"], things.evaluated) == {"reader", "panel"}
    assert roles_in_call(world.people["reader"], things.closed) == {"reader"}


def test_a_member_scores_and_reads_each_proposal_by_what_was_said_of_it_alone(world, things):
    user, second = world.people["panel"], ProposalFactory(call=things.closed, number=2)
    third = ProposalFactory(call=things.closed, number=3)
    sheets = {
        proposal: declare_interest(
            things.seat, proposal, has_conflict=conflict, conflict="…", by=user
        )
        for proposal, conflict in ((second, True), (things.proposal, False))
    }
    sheet = sheets[things.proposal]

    assert [may_read_proposal(user, each) for each in (things.proposal, second, third)] == [
        True,
        False,
        False,
    ]
    assert [may_score(user, each) for each in (things.proposal, second, third)] == [
        True,
        False,
        False,
    ]
    assert set(visible_proposals(user, things.closed)) == {things.proposal, third}
    assert set(visible_proposals(world.people["coordinator"], things.closed)) == {
        things.proposal, second, third, things.unfinished,
    }  # fmt: skip
    assert set(visible_proposals(world.people["reader"], things.closed)) == {
        things.proposal,
        second,
        third,
    }
    assert not proposals_with_scores_seen(user, things.closed).exists()
    sheet.submitted_at = timezone.now()
    sheet.save()
    assert list(proposals_with_scores_seen(user, things.closed)) == [things.proposal]
    assert not may_score(user, things.proposal)
    assert not proposals_with_scores_seen(world.people["donor"], things.closed).exists()


def test_a_grantee_knows_its_own_grants_of_a_project_in_which_it_takes_part(world, things):
    other = GrantFactory(project=world.project, institution=world.institutions["member"])
    GrantFactory(project=world.neighbour, institution=world.institutions["partner"])
    ParticipationFactory(project=world.project, institution=other.institution, role="beneficiary")
    both = ContactFactory(institution=other.institution, user=UserFactory()).user

    def seen(user):
        return set(visible_grants(user, world.project))

    assert seen(world.people["partner"]) == {things.grant, things.running}
    assert seen(both) == {other}
    assert seen(world.people["donor"]) == seen(world.people["outsider"]) == set()
    assert seen(world.people["finance"]) == {things.grant, things.running, other}
    assert is_grantee(world.people["partner"], things.grant)
    assert not is_grantee(world.people["partner"], other)
    assert not is_grantee(world.people["coordinator"], things.grant)
