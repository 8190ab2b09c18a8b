"""What the rules of proposals and grants refuse, in words, and what they keep."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import OutgoingMail
from kernel.files import CheckedFile
from projects.calls.services.grants import (
    judge_report,
    pay_instalment,
    save_instalment,
    sign_grant,
    submit_report,
    take_grant_step,
)
from projects.calls.services.panel import add_panel_member
from projects.calls.services.proposals import (
    admit_late,
    keep_file,
    lock_for_writing,
    remove_files,
    replace_lines,
    send_link,
    start_proposal,
    submit_proposal,
    withdraw_proposal,
)
from projects.models import Instalment, Proposal, ProposalFile
from tests.factories import (
    AssignmentFactory,
    CallFactory,
    PanelMemberFactory,
    ProposalFactory,
)
from tests.projects.calls import DAY, things_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

ON = timedelta(days=1)


@pytest.fixture
def things(world):
    return things_of(world)


@pytest.fixture
def by(world):
    return world.people["coordinator"]


def refusal(action, field=None):
    with pytest.raises(ValidationError) as refused:
        action()
    if field:
        return " ".join(refused.value.message_dict[field])
    assert not hasattr(refused.value, "error_dict")
    return " ".join(refused.value.messages)


# Proposals


FACTS = {
    "organisation": "Comité",
    "contact_name": "Persona 01",
    "contact_email": "comite@example.org",
    "language": "es",
}


def test_a_call_that_is_not_open_says_since_when_and_whom_to_ask(things):
    def start(call):
        return lambda: start_proposal(call, entry_key=uuid.uuid4(), **FACTS)

    deadline = refusal(start(things.closed))
    assert deadline.startswith("The deadline has passed: it was ")
    assert deadline.endswith(f"Write to {things.closed.contact_email}.")
    assert (
        refusal(start(things.draft))
        == f"This call is not open. Write to {things.draft.contact_email}."
    )
    start(things.open)()
    proposal = things.open.proposals.get()
    assert (proposal.contact_name, proposal.language) == ("Persona 01", "es")
    assert proposal.links.count() == 1
    withdraw_proposal(proposal)
    assert refusal(lambda: lock_for_writing(proposal)).startswith("This call is not open.")


def test_a_submission_is_numbered_after_the_last_and_received_once(things):
    ProposalFactory(call=things.open, number=4)
    draft = ProposalFactory(call=things.open, number=None, status="draft", submitted_at=None)

    first, again = submit_proposal(draft), submit_proposal(draft)

    assert (first.number, again.number, first.status) == (5, 5, "submitted")
    assert first.submitted_at == again.submitted_at
    mail = OutgoingMail.objects.get(address=draft.contact_email)
    assert draft.call.code in mail.text
    only = ProposalFactory(number=None, status="draft", submitted_at=None, call=CallFactory())
    assert submit_proposal(only).number == 1


def test_lines_are_kept_in_the_order_in_which_they_were_typed(things):
    for lines in ([("Radio", Decimal(5))], [("Teatro", Decimal(7)), ("Cine", Decimal(3))]):
        replace_lines(things.proposal, lines)

    kept = things.proposal.lines.values_list("position", "label", "amount")
    assert list(kept) == [(0, "Teatro", 7), (1, "Cine", 3)]
    assert things.proposal.total == 10


def checked(name, size=5):
    return CheckedFile(ContentFile(b"12345", name), name, "pdf", size, name * 64)


def test_files_of_a_proposal_have_their_limits(things):
    for name in "abcde":
        keep_file(things.proposal, checked(name))

    keep_file(things.proposal, checked("a"))
    assert things.proposal.files.count() == 6
    assert refusal(lambda: keep_file(things.proposal, checked("f"))) == (
        "A proposal can have at most 6 files; remove one first."
    )
    remove_files(things.proposal, list(things.proposal.files.values_list("pk", flat=True)[1:]))
    assert list(things.proposal.files.all()) == [things.file]
    ProposalFile.objects.update(size=15_000_000 - 5)
    keep_file(things.proposal, checked("g", size=5))
    assert refusal(lambda: keep_file(things.proposal, checked("h", size=1))) == (
        "Together, the files are too large; remove one or upload a smaller one."
    )


def test_a_late_proposal_is_admitted_between_deadline_and_evaluation(things, by):
    until = timezone.now() + ON

    def admit(proposal):
        return lambda: admit_late(proposal, until=until, reason="Una falla.", by=by)

    early = ProposalFactory(call=things.open, number=None, status="draft", submitted_at=None)
    over = ProposalFactory(call=things.evaluated, number=None, status="draft", submitted_at=None)
    sentence = "A proposal can be admitted late between the deadline and the end of the evaluation."
    assert refusal(admit(early)) == sentence
    assert refusal(admit(over)) == sentence
    assert refusal(admit(things.proposal)) == "This proposal has already been submitted."
    admit(things.unfinished)()
    assert (things.unfinished.late_until, things.unfinished.late_reason) == (until, "Una falla.")
    assert things.unfinished.links.count() == 1
    assert things.unfinished.may_be_written
    send_link(things.unfinished)
    assert things.unfinished.links.count() == 2


def test_a_proposal_that_is_forgotten_keeps_what_it_proposed_and_no_person(things):
    proposal = things.proposal
    proposal.legal_number = "123"
    proposal.save()
    token = send_link(proposal)

    proposal.forget_person()

    nobody = (proposal.contact_name, proposal.contact_email, proposal.contact_phone)
    assert (nobody, proposal.legal_number) == (("", "", ""), "")
    assert proposal.forgotten_at is not None
    assert (proposal.files.count(), proposal.links.count()) == (0, 0)
    assert (proposal.organisation, proposal.title) == ("Comité", "Radio local")
    assert Proposal.objects.opened_by(token) is None


# Grants


def test_instalments_say_what_is_left_and_stand_once_they_are_paid(things):
    def planned(grant, amount, number=9):
        return Instalment(grant=grant, number=number, due_on=DAY, amount=Decimal(amount))

    assert refusal(lambda: save_instalment(planned(things.grant, "24000.01")), "amount") == (
        "Of the grant, 24,000\xa0USD is left for this instalment."
    )
    save_instalment(planned(things.grant, "24000"))
    assert things.grant.planned == 25_000
    pay_instalment(things.due, on=DAY, reference="T-1")
    assert (things.due.paid_on, things.due.reference) == (DAY, "T-1")
    assert (things.running.paid, things.running.planned) == (1000, 1000)
    assert (
        refusal(lambda: save_instalment(things.due))
        == "This instalment has been paid and can no longer change."
    )
    assert refusal(lambda: pay_instalment(things.due, on=DAY, reference="T")) == (
        "This instalment has already been paid."
    )
    things.running.status = "ended"
    things.running.save()
    assert refusal(lambda: save_instalment(planned(things.running, 1))) == (
        "This grant is over; its instalments can no longer change."
    )


def test_a_payment_says_why_it_is_not_taken(things):
    def pay(instalment, on=DAY):
        return lambda: pay_instalment(instalment, on=on, reference="T-1")

    assert refusal(pay(things.instalment)) == (
        "Nothing is paid before the agreement is signed, or after it ends."
    )
    assert refusal(pay(things.due, date(2020, 12, 31)), "on") == (
        "This day is before the signature of the agreement."
    )
    gone = Instalment(pk=0, grant=things.running, number=5, due_on=DAY, amount=1)
    assert refusal(pay(gone)) == "This instalment was removed in the meantime. Reload the page."
    assert refusal(lambda: pay_instalment(things.due, on=DAY, reference=""), "__all__") == (
        "Enter the reference of the payment."
    )


def test_a_signature_keeps_an_agreement_of_the_grant_s_own_days(things, by):
    sign_grant(things.grant, reference="EX-9", signed_on=DAY, by=by)

    agreement = things.grant.agreement
    assert (agreement.kind, agreement.reference, agreement.signed_on) == ("grant", "EX-9", DAY)
    assert agreement.institution == things.grant.institution
    assert (agreement.starts_on, agreement.ends_on) == (
        things.grant.starts_on,
        things.grant.ends_on,
    )
    things.grant.refresh_from_db()
    assert (things.grant.status, things.grant.may_be_paid) == ("signed", True)
    change = things.grant.status_changes.first()
    assert (change.happened_on, change.by) == (DAY, by)


def test_a_grant_is_closed_once_all_is_settled(things, by):
    def step(verb, why=""):
        return lambda: take_grant_step(things.running, verb, by=by, on=DAY, why=why)

    assert refusal(step("end", " "), "why") == "Say why the grant ends early."
    assert refusal(step("close")) == "A report is still to be accepted."
    things.running.reports.update(status="accepted", accepted_by=by)
    assert refusal(step("close")) == (
        "An instalment is still to be paid; remove it if it is no longer due."
    )
    pay_instalment(things.due, on=DAY, reference="T-1")
    step("close")()
    assert (things.running.status, things.running.is_over) == ("closed", True)
    assert things.running.status_changes.first().happened_on == DAY


def test_a_report_is_kept_as_it_came_and_its_file_once(things, world):
    own = world.people["partner"]
    for _press in range(2):
        report = things.report
        report.status = "asked"
        report.save()
        submit_report(
            report, by=own, received_on=DAY, upload=checked("r"), narrative="N", financial="F"
        )

    report.refresh_from_db()
    assert (report.status, report.submitted_by, report.received_on) == ("submitted", own, DAY)
    assert (report.channel, report.narrative, report.financial) == ("portal", "N", "F")
    assert [file.original_name for file in report.files.all()] == ["r"]


def test_a_report_is_judged_by_somebody_else_and_returned_with_a_remark(things, by, world):
    def judge(verb, who=by, remark=" Bien. "):
        return lambda: judge_report(things.submitted, verb, by=who, remark=remark)

    assert refusal(judge("return", remark=" "), "remark") == "Say what is missing or unclear."
    assert refusal(judge("accept", world.people["partner"])) == (
        "You submitted this report yourself: somebody else has to accept it."
    )
    judge("return")()
    assert (things.submitted.status, things.submitted.accepted_by) == ("returned", None)
    assert things.submitted.status_changes.first().why == "Bien."
    assert things.submitted.is_open
    submit_report(things.submitted, by=world.people["partner"], received_on=DAY, narrative="N")
    judge("accept", remark="")()
    assert (things.submitted.status, things.submitted.accepted_by) == ("accepted", by)


def test_who_left_a_panel_before_is_back_with_one_seat(things, by):
    left = PanelMemberFactory(call=things.closed, ended_on=DAY)

    back = add_panel_member(
        things.closed, email=left.user.email, full_name="", language="es", by=by
    )

    assert (back.pk, back.ended_on) == (left.pk, None)
    assert AssignmentFactory(user=back.user)
