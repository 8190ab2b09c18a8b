"""The proposals of a call as the coordination and the panel have them, and what a submission needs."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent
from projects.calls.forms.calls import CallForm, LateAdmissionForm, ProposalDecisionForm
from projects.calls.forms.proposals import EligibilityForm, ProposalForm
from projects.calls.services.panel import (
    add_panel_member,
    decide_proposal,
    declare_interest,
    save_scores,
)
from projects.models import EligibilityCheck, PanelMember, Proposal, ProposalLine
from projects.permissions.calls import (
    may_read_proposal,
    may_score,
    may_see_contact,
    may_see_phone,
    visible_proposals,
)
from tests.factories import (
    AssignmentFactory,
    CallFactory,
    CriterionFactory,
    PanelMemberFactory,
    ProposalFactory,
    UserFactory,
)
from tests.sending import sent_form

pytestmark = pytest.mark.django_db

TODAY = date(2020, 4, 10)
DECIDED = {"decided_on": TODAY, "decision_reason": "…"}


@pytest.fixture
def call(world):
    CriterionFactory(call=world.call, max_points=10)
    return world.call


def table(client, call, **said):
    return client.get(reverse("projects:proposals", args=[call.project.code, call.pk]), said)


def judge(seat, proposal, points):
    sheet = declare_interest(seat, proposal, has_conflict=False, conflict="", by=seat.user)
    given = {seat.call.criteria.get().pk: Decimal(points)}
    save_scores(sheet, given, comments={}, comment="", final=True, by=seat.user)


# The table


def test_the_table_is_by_rank_then_by_number_and_drafts_come_last(client, sign_in, call):
    seat = PanelMemberFactory(call=call)
    third, first, unjudged, second = (
        ProposalFactory(call=call, number=number) for number in (1, 4, 3, 2)
    )
    draft = ProposalFactory(call=call, number=None, status="draft", submitted_at=None)
    for proposal, points in ((third, 1), (first, 9), (second, 5)):
        judge(seat, proposal, points)
    sign_in("coordinator")

    page = table(client, call)

    rows = page.context["page"].object_list
    assert [row["proposal"] for row in rows] == [first, second, third, unjudged, draft]
    ranks = [row["outcome"].rank if row["outcome"] else None for row in rows]
    assert ranks == [1, 2, 3, None, None]


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ({}, 3),
        ({"q": "RADIO"}, 1),
        ({"q": "comité"}, 1),
        ({"q": "-002"}, 1),
        ({"q": "nada"}, 0),
        ({"status": "shortlisted"}, 1),
        ({"status": "shortlisted", "q": "radio"}, 0),
    ],
)
def test_proposals_are_found_by_organisation_title_number_and_status(
    client, sign_in, call, said, count
):
    ProposalFactory(call=call, number=1, title="Radio comunitaria")
    ProposalFactory(call=call, number=2, organisation="Comité local")
    ProposalFactory(call=call, number=3, status="shortlisted", **DECIDED)
    sign_in("coordinator")

    page = table(client, call, **said)

    assert page.context["page"].paginator.count == count
    assert page.context["is_filtered"] is bool(said)


def test_a_member_is_told_how_many_are_still_to_judge(client, sign_in, world, call):
    """Not what is decided, nor what they have submitted, nor what has a conflict."""
    done, conflicting, _waiting = ProposalFactory.create_batch(3, call=call)
    ProposalFactory(call=call, status="shortlisted", **DECIDED)
    ProposalFactory(call=call, status="rejected", **DECIDED)
    judge(world.panel_seat, done, 5)
    declare_interest(world.panel_seat, conflicting, has_conflict=True, conflict="…", by=None)
    sign_in("panel")

    assert table(client, call).context["to_judge"] == 2
    sign_in("coordinator")
    assert table(client, call).context["to_judge"] == 0


# Who reads what


@pytest.mark.parametrize("status", ["published", "closed", "evaluated", "awarded"])
def test_the_donor_knows_what_was_awarded_once_the_award_is_concluded(world, call, status):
    awarded = ProposalFactory(call=call, status="awarded", amount_awarded=5, **DECIDED)
    ProposalFactory(call=call, status="not_awarded", **DECIDED)
    ProposalFactory(call=call)
    call.status = status
    call.save()

    for role in ("donor", "embassy"):
        seen = list(visible_proposals(world.people[role], call))
        assert seen == ([awarded] if status == "awarded" else [])


def test_before_the_deadline_nobody_knows_of_a_proposal(world):
    call = CallFactory(project=world.project)
    ProposalFactory(call=call)
    PanelMemberFactory(call=call, user=world.people["panel"])

    for role in ("administrator", "coordinator", "monitoring", "panel", "donor"):
        assert not visible_proposals(world.people[role], call).exists()


def test_who_reads_and_who_sees_the_contact_and_the_telephone(world, call):
    proposal = ProposalFactory(call=call)

    def may(role):
        user = world.people[role]
        user.__dict__.pop("_panel_seats", None)
        return tuple(
            bool(rule(user, proposal))
            for rule in (may_read_proposal, may_see_contact, may_see_phone, may_score)
        )

    assert may("coordinator") == (True, True, True, False)
    assert may("reader") == (True, False, False, False)
    assert may("partner") == (False, False, False, False)
    assert may("panel") == (False, True, False, False)
    declare_interest(world.panel_seat, proposal, has_conflict=False, conflict="", by=None)
    assert may("panel") == (True, True, False, True)
    declare_interest(world.panel_seat, proposal, has_conflict=True, conflict="…", by=None)
    assert may("panel") == (False, True, False, False)


@pytest.mark.parametrize(
    ("proposal_status", "call_status", "may"),
    [
        ("submitted", "closed", True),
        ("shortlisted", "closed", True),
        ("rejected", "closed", False),
        ("submitted", "evaluated", False),
    ],
)
def test_scores_are_given_to_what_is_in_the_running(world, call, proposal_status, call_status, may):
    said = {} if proposal_status == "submitted" else DECIDED
    proposal = ProposalFactory(call=call, status=proposal_status, **said)
    declare_interest(world.panel_seat, proposal, has_conflict=False, conflict="", by=None)
    call.status = call_status

    proposal.call = call
    assert may_score(world.people["panel"], proposal) is may


def test_a_file_of_a_proposal_that_is_not_there_is_not_found_and_not_logged(client, sign_in, call):
    proposal = ProposalFactory(call=call)
    sign_in("coordinator")

    page = client.get(
        reverse("projects:proposal-file", args=[call.project.code, call.pk, proposal.pk, 1])
    )

    assert page.status_code == 404
    assert not AccessEvent.objects.filter(kind="download").exists()


# The panel


def add(call, **changes):
    facts = {"email": "jury@example.org", "full_name": "Jury 01", "language": "es"}
    return add_panel_member(call, **facts | changes, by=AssignmentFactory().user)


def test_somebody_new_needs_a_name_and_somebody_known_keeps_their_own(call):
    with pytest.raises(ValidationError) as refused:
        add(call, full_name=" ")
    seat = add(call)
    known = UserFactory(email="otra@example.org", full_name="Otra 01", language="fr")
    other = add(call, email="OTRA@example.org", full_name="", language="es")

    assert list(refused.value.message_dict) == ["full_name"]
    assert (seat.user.full_name, seat.user.language) == ("Jury 01", "es")
    known.refresh_from_db()
    assert (other.user, known.full_name, known.language) == (known, "Otra 01", "fr")


def test_who_left_the_panel_comes_back_to_their_seat_and_a_closed_account_does_not(call):
    seat = add(call)
    with pytest.raises(ValidationError):
        add(call)
    seat.ended_on = TODAY
    seat.save()

    again = add(call)
    UserFactory(email="fuera@example.org", is_active=False)
    with pytest.raises(ValidationError):
        add(call, email="fuera@example.org")

    assert (again, again.ended_on) == (seat, None)
    assert PanelMember.objects.filter(user=seat.user).count() == 1


# What a submission needs


WHOLE = {
    "organisation": "Colectivo",
    "kind": "ngo",
    "country": "HN",
    "contact_name": "Persona 01",
    "title": "Radio",
    "summary": "a",
    "problem": "b",
    "activities": "c",
    "expected": "d",
    "beneficiaries": "0",
    "months": "6",
    "label_1": "Taller",
    "amount_1": "100",
    "no_victim_data": "on",
}


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({}, []),
        ({"months": "7"}, ["months"]),
        ({"months": "0"}, ["months"]),
        ({"beneficiaries": ""}, ["beneficiaries"]),
        ({"amount_1": "49.99"}, ["amount_1"]),
        ({"amount_1": "50"}, []),
        ({"amount_1": "900", "label_2": "Hotel", "amount_2": "100"}, []),
        ({"amount_1": "900", "label_2": "Hotel", "amount_2": "100.01"}, ["amount_1"]),
        ({"label_1": "", "amount_1": ""}, ["amount_1"]),
        ({"label_1": ""}, ["amount_1", "label_1"]),
        ({"label_2": "Hotel"}, ["amount_2"]),
        ({"kind": ""}, ["kind"]),
        ({"no_victim_data": ""}, ["no_victim_data"]),
    ],
)
def test_a_submission_keeps_to_the_limits_of_its_call(changes, errors):
    """From 50 to 1,000 dollars, six months."""
    call = CallFactory(smallest=50, largest=1000, budget=5000, months=6)
    proposal = ProposalFactory(call=call, status="draft", number=None, submitted_at=None)
    first = ProposalForm(instance=proposal, whole=True)
    data = WHOLE | {"seen": first["seen"].value()} | changes

    form = ProposalForm(data, instance=proposal, whole=True)

    assert sorted(form.errors) == errors


def test_eligibility_that_is_not_met_says_why_and_what_was_unticked_goes(client, sign_in, call):
    proposal = ProposalFactory(call=call)
    page = reverse("projects:proposal-eligibility", args=[call.project.code, call.pk, proposal.pk])
    person = sign_in("coordinator")

    silent = EligibilityForm({"met_who": "0", "met_theme": "1"}, proposal=proposal)
    client.post(page, {"met_who": "0", "reason_who": "Trop loin", "met_theme": "1"})
    kept = {check.point: (check.is_met, check.reason, check.by) for check in proposal.checks.all()}
    client.post(page, {"met_who": "", "met_theme": "0", "reason_theme": "Autre"})

    assert list(silent.errors) == ["reason_who"]
    assert kept == {"who": (False, "Trop loin", person), "theme": (True, "", person)}
    assert list(EligibilityCheck.objects.values_list("point", "is_met")) == [("theme", False)]


# What is typed about calls


def test_an_award_is_proposed_of_what_was_asked_for_up_to_the_largest_grant(client, sign_in, call):
    proposal = ProposalFactory(call=call, status="shortlisted", **DECIDED)
    call.status = "evaluated"
    call.save()
    page = reverse(
        "projects:proposal-decide", args=[call.project.code, call.pk, proposal.pk, "award"]
    )
    sign_in("coordinator")

    def offered():
        context = client.get(page).context
        return context["form"].initial["amount"], context["left"]

    nothing = offered()
    ProposalLine.objects.create(proposal=proposal, position=1, label="Taller", amount=100)
    asked = offered()
    ProposalLine.objects.create(proposal=proposal, position=2, label="Radio", amount=90_000)

    assert (nothing, asked, offered()) == ((None, 50_000), (100, 50_000), (25_000, 50_000))
    other = ProposalFactory(call=call, status="shortlisted", **DECIDED)
    decide_proposal(
        other, "award", by=UserFactory(), on=TODAY, reason="Clair.", amount=Decimal(20_000)
    )
    assert offered() == (25_000, 30_000)


def test_a_decision_is_not_dated_ahead_and_an_award_has_an_amount():
    tomorrow = timezone.localdate() + timedelta(days=1)
    said = {"on": timezone.localdate(), "reason": "Clair."}

    def errors(verb, **changes):
        return sorted(ProposalDecisionForm(said | changes, verb=verb, language="es").errors)

    assert errors("reject") == []
    assert errors("reject", on=tomorrow) == ["on"]
    assert errors("award") == ["amount"]
    assert errors("award", amount="0") == ["amount"]
    assert errors("award", amount="0.01") == []


def test_a_late_day_is_still_to_come(world):
    zone = world.project.zone
    now = timezone.localtime(timezone=zone)

    def errors(moment):
        said = {"until": f"{moment:%Y-%m-%dT%H:%M:%S}", "reason": "Panne"}
        return list(LateAdmissionForm(said, zone=zone).errors)

    assert errors(now - timedelta(seconds=2)) == ["until"]
    assert errors(now + timedelta(minutes=1)) == []


@pytest.mark.parametrize(
    ("currency", "kept"),
    [("usd", "USD"), (" HNL", "HNL"), ("US", None), ("US1", None), ("ÉÉÉ", None)],
)
def test_a_currency_of_a_call_has_three_letters(currency, kept):
    call = CallFactory(status="draft")
    form = sent_form(CallForm, {"currency": currency}, instance=call)

    form.is_valid()

    assert form.cleaned_data.get("currency") == kept
    assert ("currency" in form.errors) is (kept is None)


@pytest.mark.parametrize("status", ["closed", "evaluated", "cancelled"])
def test_the_deadline_of_a_call_that_was_closed_stands(status):
    call = CallFactory(status=status)
    local = call.closes_at.astimezone(call.project.zone)

    def errors(seconds):
        moment = local + timedelta(seconds=seconds)
        form = CallForm({"closes_at": f"{moment:%Y-%m-%dT%H:%M:%S}"}, instance=call)
        return "closes_at" in form.errors

    assert [errors(seconds) for seconds in (-1, 0, 1)] == [True, False, True]


def test_a_proposal_is_called_by_its_call_and_number():
    call = CallFactory(code="APP-2020")

    assert ProposalFactory(call=call, number=7).reference == "APP-2020-007"
    assert Proposal(call=call).reference == ""
