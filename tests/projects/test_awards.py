"""What becomes of a call: its steps, decisions with reasons, letters, and what is forgotten."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import AccessEvent, OutgoingMail
from kernel.lifecycle import TransitionError
from partners.models import Contact
from projects.calls.services.panel import (
    awarded_so_far,
    decide_proposal,
    prepare_grant,
    send_outcomes,
    take_call_step,
)
from projects.calls.services.proposals import forget_old_proposals
from projects.models import CallForProposals, Grant, Participation, Proposal
from projects.tasks import sweep_calls
from tests.factories import (
    AssignmentFactory,
    CallFactory,
    ClosedCallFactory,
    ContactFactory,
    CriterionFactory,
    InstitutionFactory,
    PanelMemberFactory,
    ParticipationFactory,
    ProposalFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
TODAY = date(2020, 4, 10)


@pytest.fixture
def call():
    return ClosedCallFactory(status="evaluated", budget=30_000, largest=25_000)


@pytest.fixture
def coordinator(call):
    return AssignmentFactory(project=call.project).user


@pytest.fixture
def shortlisted(call):
    """A short list, two rows of it."""
    facts = {"decided_on": TODAY, "decision_reason": "…", "status": "shortlisted"}
    return ProposalFactory.create_batch(2, call=call, **facts)


@pytest.fixture
def concluded(call, shortlisted, coordinator):
    by = {"by": coordinator, "on": TODAY}
    decide_proposal(shortlisted[0], "award", reason="Clair.", amount=20_000, **by)
    decide_proposal(shortlisted[1], "decline", reason="Trop cher.", **by)
    take_call_step(call, "award", by=coordinator)
    return shortlisted


def test_a_call_without_criteria_is_not_published(coordinator):
    call = CallFactory(status="draft")

    with pytest.raises(ValidationError):
        take_call_step(call, "publish", by=coordinator)
    CriterionFactory(call=call)
    take_call_step(call, "publish", by=coordinator)

    assert call.is_open


def test_a_published_call_keeps_its_amounts_and_its_deadline_moves_only_away(client):
    call = CallFactory()
    client.force_login(AssignmentFactory(project=call.project).user)
    page = reverse("projects:call-edit", args=[call.project.code, call.pk])
    local = call.closes_at.astimezone(call.project.zone)
    facts = {name: getattr(call, name) for name in ("title_fr", "theme_fr", "eligibility_fr")}
    facts |= {"contact_email": call.contact_email, "budget": "1"}

    sooner = client.post(
        page, facts | {"closes_at": f"{local - timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}"}
    )
    later = client.post(
        page, facts | {"closes_at": f"{local + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}"}
    )

    assert list(sooner.context["form"].errors) == ["closes_at"]
    assert later.status_code == 302
    changed = CallForProposals.objects.get()
    assert (changed.closes_at - call.closes_at, changed.budget) == (timedelta(seconds=1), 50_000)


def test_a_call_closes_by_itself_and_not_before():
    call = CallFactory()

    sweep_calls()
    before = CallForProposals.objects.get().status
    with time_machine.travel(call.closes_at + timedelta(seconds=1)):
        sweep_calls()
        sweep_calls()

    assert (before, CallForProposals.objects.get().status) == ("published", "closed")
    assert call.status_changes.count() == 1


def test_an_evaluation_ends_without_a_score_only_with_a_reason(coordinator):
    call = CriterionFactory().call
    PanelMemberFactory(call=call)
    ProposalFactory(call=call)

    with pytest.raises(ValidationError):
        take_call_step(call, "evaluate", by=coordinator)
    take_call_step(call, "evaluate", by=coordinator, why="Un membre est malade.")

    assert call.status == "evaluated"


@pytest.mark.parametrize("verb", ["award", "decline"])
def test_every_decision_has_its_reasons(shortlisted, coordinator, verb):
    with pytest.raises(ValidationError):
        decide_proposal(shortlisted[0], verb, by=coordinator, on=TODAY, reason=" ", amount=1)

    assert Proposal.objects.filter(status="shortlisted").count() == 2


def test_an_award_beyond_the_budget_is_asked_about(client, call, shortlisted, coordinator):
    decide_proposal(
        shortlisted[0], "award", by=coordinator, on=TODAY, reason="Clair.", amount=20_000
    )
    client.force_login(coordinator)
    page = reverse(
        "projects:proposal-decide", args=[call.project.code, call.pk, shortlisted[1].pk, "award"]
    )
    facts = {"on": "2020-04-10", "reason": "Clair.", "amount": "15 000"}

    warned = client.post(page, facts)
    client.post(page, facts | {"over_budget": "on"})

    assert list(warned.context["form"].errors) == ["amount"]
    shortlisted[1].refresh_from_db()
    assert (shortlisted[1].status, shortlisted[1].amount_awarded) == ("awarded", 15_000)


@pytest.mark.parametrize(("cents", "is_asked"), [(0, False), (1, True)])
def test_the_whole_budget_may_be_awarded_and_not_a_cent_more(
    call, shortlisted, coordinator, cents, is_asked
):
    """30,000 for two, of which the first got 20,000."""
    by = {"by": coordinator, "on": TODAY, "reason": "Clair."}
    decide_proposal(shortlisted[0], "award", amount=Decimal(20_000), **by)
    amount = Decimal(10_000) + Decimal(cents) / 100

    if is_asked:
        with pytest.raises(ValidationError) as refused:
            decide_proposal(shortlisted[1], "award", amount=amount, **by)
        assert list(refused.value.message_dict) == ["amount"]
        decide_proposal(shortlisted[1], "award", amount=amount, over_budget=True, **by)
    else:
        decide_proposal(shortlisted[1], "award", amount=amount, **by)

    assert awarded_so_far(call) == 20_000 + amount


@pytest.mark.parametrize("status", ["submitted", "shortlisted"])
def test_an_award_is_concluded_once_the_last_proposal_is_decided(call, coordinator, status):
    said = {"decided_on": TODAY, "decision_reason": "…"} if status == "shortlisted" else {}
    waiting = ProposalFactory(call=call, status=status, **said)
    for other in ("draft", "withdrawn"):
        ProposalFactory(call=call, status=other)

    with pytest.raises(ValidationError):
        take_call_step(call, "award", by=coordinator)
    decide_proposal(waiting, "reject", by=coordinator, on=TODAY, reason="Hors sujet.")
    take_call_step(call, "award", by=coordinator)

    assert call.status == "awarded"


@pytest.mark.parametrize(
    ("status", "verbs"),
    [
        ("published", set()),
        ("closed", {"shortlist", "reject"}),
        ("evaluated", {"shortlist", "reject", "award"}),
        ("awarded", set()),
        ("cancelled", set()),
    ],
)
def test_a_decision_has_its_stage(coordinator, status, verbs):
    """A short list is made, and rejected from, as soon as the call is closed."""
    call = ClosedCallFactory(status=status)
    said = {"decided_on": TODAY, "decision_reason": "…"}
    taken = set()
    for verb in ("shortlist", "reject", "award"):
        before = "shortlisted" if verb == "award" else "submitted"
        proposal = ProposalFactory(call=call, status=before, **(said if verb == "award" else {}))
        try:
            decide_proposal(
                proposal, verb, by=coordinator, on=TODAY, reason="Clair.", amount=Decimal(1)
            )
        except ValidationError:
            continue
        taken.add(verb)

    assert taken == verbs


@pytest.mark.parametrize(("verb", "status"), [("close", "published"), ("cancel", "closed")])
def test_a_call_is_neither_closed_early_nor_cancelled_without_a_reason(coordinator, verb, status):
    call = CallFactory(status=status)

    with pytest.raises(ValidationError):
        take_call_step(call, verb, by=coordinator, why=" ")

    assert CallForProposals.objects.get(pk=call.pk).status == status


def test_nothing_is_concluded_while_a_proposal_waits(call, shortlisted, coordinator):
    with pytest.raises(ValidationError):
        take_call_step(call, "award", by=coordinator)


def test_of_two_who_decide_one_wins(shortlisted, coordinator):
    other = Proposal.objects.get(pk=shortlisted[0].pk)
    by = {"by": coordinator, "on": TODAY, "reason": "…"}
    decide_proposal(shortlisted[0], "award", amount=1, **by)

    with pytest.raises(TransitionError):
        decide_proposal(other, "decline", **by)


def test_all_are_told_once_in_their_language(
    call, concluded, coordinator, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        assert send_outcomes(call, by=coordinator) == 2
        assert send_outcomes(call, by=coordinator) == 0

    letters = {letter.to[0]: letter for letter in mailoutbox}
    assert {letter.subject for letter in mailoutbox} == {"El resultado de su propuesta"}
    assert "20,000" in letters[concluded[0].contact_email].body
    assert "Trop cher." in letters[concluded[1].contact_email].body
    assert len(mailoutbox) == 2


def test_nobody_is_told_before_the_award_is_concluded(call, shortlisted, coordinator):
    with pytest.raises(ValidationError):
        send_outcomes(call, by=coordinator)


def test_the_donor_sees_what_was_awarded_and_nothing_else(client, call, concluded):
    funder = InstitutionFactory(kind="donor")
    ParticipationFactory(project=call.project, institution=funder, role="funding")
    donor = ContactFactory(institution=funder, user=AssignmentFactory().user)
    client.force_login(donor.user)
    page = client.get(call.get_absolute_url())
    proposals = reverse("projects:proposals", args=[call.project.code, call.pk])

    assert page.context["awarded"] == [concluded[0]]
    assert concluded[1].organisation not in page.content.decode()
    assert client.get(proposals).status_code == 404


def test_of_an_institution_that_was_there_only_the_contact_of_the_proposal_is_invited(
    client, call, concluded, coordinator
):
    institution = ParticipationFactory(project=call.project).institution
    ContactFactory(institution=institution, user=UserFactory(last_login=None))
    client.force_login(coordinator)
    page = reverse("projects:grant-prepare", args=[call.project.code, call.pk, concluded[0].pk])
    OutgoingMail.objects.all().delete()

    client.post(
        page,
        {"institution": institution.pk, "starts_on": "2020-10-01", "ends_on": "2021-03-31"},
    )

    address = concluded[0].contact_email
    invited = OutgoingMail.objects.filter(text__contains=address)  # to sign in with
    assert list(invited.values_list("person__email", flat=True)) == [address]


def test_an_awarded_organisation_becomes_a_beneficiary_with_an_invited_contact(
    client, call, concluded, coordinator
):
    client.force_login(coordinator)
    page = reverse("projects:grant-prepare", args=[call.project.code, call.pk, concluded[0].pk])
    terms = {"starts_on": "2020-10-01", "ends_on": "2021-03-31", "project_amount": "25 360"}

    client.post(page, terms)
    again = client.post(page, terms)

    grant = Grant.objects.get()
    assert again.context["form"].errors
    assert (grant.amount, grant.currency, str(grant.institution)) == (
        20_000,
        "USD",
        concluded[0].organisation,
    )
    assert Participation.objects.get(institution=grant.institution).role == "beneficiary"
    assert Contact.objects.get(institution=grant.institution).user.email == (
        concluded[0].contact_email
    )


def test_a_grant_is_of_the_amount_the_currency_and_the_language_of_its_award(
    call, concluded, coordinator
):
    """The call is in dollars of the United States, the project in Canadian ones."""
    call.project.currency = "CAD"
    call.project.save()
    institution = InstitutionFactory()
    terms = {"starts_on": date(2020, 10, 1), "ends_on": date(2021, 3, 31)}

    grant = prepare_grant(concluded[0], institution, by=coordinator, **terms)

    assert (grant.amount, grant.currency, grant.language) == (20_000, "USD", "es")
    assert (grant.title, grant.institution, grant.status) == (
        concluded[0].title,
        institution,
        "prepared",
    )
    with pytest.raises(ValidationError):
        prepare_grant(concluded[0], institution, by=coordinator, **terms)
    with pytest.raises(ValidationError):
        prepare_grant(concluded[1], institution, by=coordinator, **terms)


def test_who_proposed_in_vain_is_forgotten_after_the_term(call, concluded):
    draft = ProposalFactory(call=call, status="draft", number=None, submitted_at=None)

    at_once = forget_old_proposals()
    with time_machine.travel(timezone.now() + timedelta(days=380)):
        later = forget_old_proposals()

    assert (at_once, later) == (1, 1)
    draft.refresh_from_db()
    concluded[0].refresh_from_db()
    concluded[1].refresh_from_db()
    assert [bool(each.contact_email) for each in (draft, *concluded)] == [False, True, False]
    assert concluded[1].decision_reason == "Trop cher."


def test_the_export_has_no_person_and_no_formula_and_is_logged(client, call, coordinator):
    ProposalFactory(call=call, organisation='=HYPERLINK("https://malo.example")')
    client.force_login(coordinator)

    answer = client.get(reverse("projects:proposals-export", args=[call.project.code, call.pk]))

    page = load_workbook(io.BytesIO(answer.content)).active
    cells = [cell for row in page.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    written = " ".join(str(cell.value) for cell in cells)
    proposal = Proposal.objects.get()
    assert proposal.contact_name not in written
    assert proposal.contact_email not in written
    assert AccessEvent.objects.get(kind="export").thing == call
