"""A call and its proposals in time: what is public, what may be written, what is forgotten."""

import uuid
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutgoingMail
from kernel.files import CheckedFile
from kernel.lifecycle import TransitionError
from projects.calls.deadlines import deadline_text
from projects.calls.services.panel import close_past_calls, decide_proposal, take_call_step
from projects.calls.services.proposals import (
    admit_late,
    forget_old_proposals,
    keep_file,
    locked_call,
    send_link,
    start_proposal,
    submit_proposal,
    withdraw_proposal,
)
from projects.models import CallForProposals, Proposal, ProposalFile
from projects.models.proposal import ALL_FILES_BYTES, MAX_FILES
from projects.permissions.calls import visible_calls, visible_proposals
from tests.factories import (
    AssignmentFactory,
    CallFactory,
    ClosedCallFactory,
    PanelMemberFactory,
    ProposalFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
TODAY = date(2020, 4, 10)


def a_draft(call, **facts):
    return ProposalFactory(call=call, status="draft", number=None, submitted_at=None, **facts)


# What is public


@pytest.mark.parametrize(
    ("status", "is_public", "is_open"),
    [
        ("draft", False, False),
        ("published", True, True),
        ("closed", True, False),
        ("evaluated", True, False),
        ("awarded", True, False),
        ("cancelled", False, False),
    ],
)
def test_a_call_is_public_until_it_is_cancelled_and_open_while_it_is_published(
    client, status, is_public, is_open
):
    call = CallFactory(status=status)

    assert (call.is_public, call.is_open) == (is_public, is_open)
    assert CallForProposals.objects.public().exists() is is_public
    assert CallForProposals.objects.open().exists() is is_open
    assert client.get(call.get_public_url()).status_code == (200 if is_public else 404)
    proposing = client.get(reverse("calls:propose", args=[call.code]))
    assert proposing.status_code == (200 if is_public else 404)
    if is_public:
        assert bool(proposing.context["closed"]) is not is_open


@pytest.mark.parametrize(("seconds", "is_public"), [(-0.001, False), (0, True), (0.001, True)])
def test_a_call_is_public_from_the_moment_of_its_opening(seconds, is_public):
    call = CallFactory()

    with time_machine.travel(call.opens_at + timedelta(seconds=seconds), tick=False):
        told = (
            call.is_public,
            call.is_open,
            CallForProposals.objects.public().exists(),
            CallForProposals.objects.open().exists(),
        )

    assert told == (is_public,) * 4


@pytest.mark.parametrize(
    ("seconds", "is_over"), [(0, False), (0.999, False), (1, True), (1.001, True)]
)
def test_the_second_of_the_deadline_belongs_to_the_call(seconds, is_over):
    call = CallFactory()

    with time_machine.travel(call.closes_at + timedelta(seconds=seconds), tick=False):
        told = (
            call.is_over_at(),
            not call.is_open,
            call.deadline_passed,
            CallForProposals.objects.past_deadline().exists(),
            not CallForProposals.objects.open().exists(),
        )

    assert told == (is_over,) * 5


def test_a_deadline_is_told_to_the_second_on_the_clocks_of_the_project(in_english):
    call = CallFactory.build()
    moment = timezone.datetime(2026, 12, 1, 5, 59, 59, tzinfo=timezone.timezone.utc)
    call.closes_at = moment

    with timezone.override("Asia/Tokyo"):
        told = deadline_text(call)

    assert told == "November 30, 2026, 23:59:59 (time of Tegucigalpa)"


# Who sees it


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        ("draft", {"team"}),
        ("published", {"team", "panel"}),
        ("closed", {"team", "panel"}),
        ("awarded", {"team", "panel", "donor"}),
        ("cancelled", {"team", "panel"}),
    ],
)
def test_the_panel_sees_a_call_once_it_is_published_and_the_donor_what_was_awarded(
    world, status, seen
):
    world.call.status = status
    world.call.save()
    people = {"team": "reader", "panel": "panel", "donor": "donor", "none": "partner"}

    found = {name for name, role in people.items() if visible_calls(world.people[role]).exists()}

    assert found == seen


def test_who_has_left_the_panel_sees_the_call_no_more(world):
    world.panel_seat.ended_on = TODAY
    world.panel_seat.save()

    assert not visible_calls(world.people["panel"]).exists()


def test_the_coordination_alone_sees_what_was_never_handed_in(world):
    handed_in = ProposalFactory(call=world.call)
    shortlisted = ProposalFactory(
        call=world.call, status="shortlisted", decided_on=TODAY, decision_reason="…"
    )
    draft = a_draft(world.call)
    withdrawn = ProposalFactory(call=world.call, status="withdrawn")
    ProposalFactory()

    def seen(role):
        return set(visible_proposals(world.people[role], world.call))

    assert seen("coordinator") == {handed_in, shortlisted, draft, withdrawn}
    for role in ("reader", "monitoring", "finance", "panel"):
        assert seen(role) == {handed_in, shortlisted}
    for role in ("donor", "partner", "outsider"):
        assert seen(role) == set()
    assert not visible_proposals(PanelMemberFactory().user, world.call).exists()


# Begun


def begin(call, **changes):
    facts = {
        "organisation": "Colectivo de ejemplo",
        "contact_name": "Persona 01",
        "contact_email": "colectivo@example.org",
        "language": "es",
        "entry_key": uuid.uuid4(),
    }
    start_proposal(call, **facts | changes)


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 1),
        ({"contact_email": "Colectivo@Example.org"}, 1),
        ({"organisation": "COLECTIVO de Ejemplo"}, 1),
        ({"contact_email": "otra@example.org"}, 2),
        ({"organisation": "Otro colectivo"}, 2),
    ],
)
def test_who_asks_again_comes_back_to_the_same_proposal_however_it_is_typed(changes, count):
    call = CallFactory()
    begin(call)

    begin(call, **changes)

    assert Proposal.objects.count() == count
    assert OutgoingMail.objects.count() == 2


def test_what_was_withdrawn_or_is_of_another_call_is_not_come_back_to():
    call, other = CallFactory.create_batch(2)
    begin(call)
    withdraw_proposal(Proposal.objects.get())

    begin(call)
    begin(other)

    assert sorted(Proposal.objects.values_list("call", "status")) == [
        (call.pk, "draft"),
        (call.pk, "withdrawn"),
        (other.pk, "draft"),
    ]


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("fr", "Votre lien vers la proposition"),
        ("es", "Su enlace a la propuesta"),
        ("en", "Your link to the proposal"),
    ],
)
def test_a_link_is_sent_in_the_language_of_the_proposal(language, subject):
    """Whatever the language of whoever has it sent."""
    proposal = a_draft(CallFactory(), language=language)

    send_link(proposal)

    mail = OutgoingMail.objects.get()
    assert (mail.subject, mail.address) == (subject, proposal.contact_email)


# Files


def a_file(number, size=9):
    content = ContentFile(b"%PDF-1.7\n", f"{number}.pdf")
    return CheckedFile(content, f"{number}.pdf", "pdf", size, f"{number:064x}")


def test_a_proposal_has_six_files_each_of_them_once():
    proposal = a_draft(CallFactory())
    for number in (*range(MAX_FILES), 0):
        keep_file(proposal, a_file(number))

    with pytest.raises(ValidationError):
        keep_file(proposal, a_file(MAX_FILES))

    assert ProposalFile.objects.count() == MAX_FILES


def test_its_files_have_fifteen_million_bytes_together():
    proposal = a_draft(CallFactory())
    keep_file(proposal, a_file(1, size=ALL_FILES_BYTES - 9))

    with pytest.raises(ValidationError):
        keep_file(proposal, a_file(2, size=10))
    keep_file(proposal, a_file(2, size=9))

    assert sum(file.size for file in proposal.files.all()) == ALL_FILES_BYTES


# Late


@pytest.mark.parametrize(
    ("seconds", "status", "may_be_written"),
    [
        (0, "closed", True),
        (0.999, "closed", True),
        (1, "closed", False),
        (0, "published", True),
        (0, "evaluated", False),
        (0, "cancelled", False),
    ],
)
def test_a_proposal_that_is_admitted_late_may_be_written_through_its_second(
    seconds, status, may_be_written
):
    call = ClosedCallFactory()
    proposal = a_draft(call)
    until = (timezone.now() + timedelta(days=1)).replace(microsecond=0)
    admit_late(proposal, until=until, reason="Panne de courant", by=UserFactory())
    call.status = status
    call.save()

    fresh = Proposal.objects.get()
    with time_machine.travel(until + timedelta(seconds=seconds), tick=False):
        assert fresh.may_be_written is may_be_written

    other = a_draft(call)
    assert not other.may_be_written


@pytest.mark.parametrize("status", ["published", "evaluated", "awarded", "cancelled"])
def test_nothing_is_admitted_before_the_deadline_or_after_the_evaluation(status):
    """A call that is published is so until its deadline."""
    call = CallFactory() if status == "published" else ClosedCallFactory(status=status)
    proposal = a_draft(call)

    with pytest.raises(ValidationError):
        admit_late(proposal, until=timezone.now(), reason="…", by=UserFactory())

    assert Proposal.objects.get().late_until is None


# Forgotten


def test_who_proposed_in_vain_is_remembered_through_the_last_day_of_the_term(settings):
    """31 days a month: 372 days after the day on which the call was cancelled."""
    settings.PROPOSAL_MONTHS = 12
    call = ClosedCallFactory()
    proposal = ProposalFactory(call=call)
    take_call_step(call, "cancel", by=AssignmentFactory(project=call.project).user, why="…")
    ended = call.status_changes.get().happened_on

    def forgotten_after(days):
        noon = timezone.datetime(
            ended.year, ended.month, ended.day, 18, tzinfo=timezone.timezone.utc
        )
        with time_machine.travel(noon + timedelta(days=days), tick=False):
            return forget_old_proposals()

    assert [forgotten_after(days) for days in (371, 372, 373, 374)] == [0, 0, 1, 0]
    proposal.refresh_from_db()
    left = (proposal.contact_name, proposal.contact_email, proposal.contact_phone)
    assert (left, proposal.organisation[:12]) == (("", "", ""), "Organisation")


def test_nobody_is_forgotten_while_a_call_is_decided():
    for status in ("published", "closed", "evaluated"):
        a_draft(ClosedCallFactory(status=status))

    with time_machine.travel(timezone.now() + timedelta(days=900)):
        assert forget_old_proposals() == 0


# One after another


@pytest.mark.django_db(transaction=True)
def test_what_becomes_of_a_call_meanwhile_counts_for_whoever_waits():
    """Each of these would be taken, had nobody cancelled the call first."""
    call = CallFactory()
    over = ClosedCallFactory(project=call.project)
    person = UserFactory()
    drafts = ProposalFactory.create_batch(
        2, call=call, status="draft", number=None, submitted_at=None
    )
    late, proposal = a_draft(over), ProposalFactory(call=over)
    decision = {"by": person, "on": TODAY, "reason": "Clair."}
    changes = [
        lambda: begin(call),
        lambda: submit_proposal(drafts[0]),
        lambda: withdraw_proposal(drafts[1]),
        lambda: admit_late(late, until=timezone.now(), reason="…", by=person),
        lambda: decide_proposal(proposal, "reject", **decision),
        lambda: take_call_step(over, "evaluate", by=person, why="…"),
    ]

    with ThreadPoolExecutor(len(changes)) as pool, transaction.atomic():
        for each in (call, over):
            take_call_step(each, "cancel", by=person, why="…")
        running = [pool.submit(in_its_own_connection, change) for change in changes]
        done, _waiting = wait(running, timeout=2)
        through = [running.index(each) for each in done]

    assert through == []
    refused = [isinstance(each.exception(), ValidationError | TransitionError) for each in running]
    assert refused == [True] * len(changes)
    statuses = Proposal.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["draft", "draft", "draft", "submitted"]


@pytest.mark.django_db(transaction=True)
def test_a_call_whose_deadline_moves_away_meanwhile_is_not_closed():
    call = ClosedCallFactory(status="published")

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        locked_call(call.pk)
        CallForProposals.objects.update(closes_at=timezone.now() + timedelta(days=1))
        closing = pool.submit(in_its_own_connection, close_past_calls)
        assert wait([closing], timeout=2).done == set()

    assert closing.result() == 0
    assert CallForProposals.objects.get().status == "published"


def in_its_own_connection(change):
    try:
        return change()
    finally:
        connection.close()
