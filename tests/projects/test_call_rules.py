"""What the rules of calls, panels, proposals and grants refuse, in words, and what they keep."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import AccessEvent, OutgoingMail
from partners.models import Contact
from projects.calls.services.panel import (
    add_panel_member,
    awarded_so_far,
    close_past_calls,
    count_undecided,
    decide_proposal,
    declare_interest,
    end_panel_member,
    prepare_grant,
    save_scores,
    send_outcomes,
    take_call_step,
)
from projects.models import Participation
from tests.factories import (
    CallFactory,
    ClosedCallFactory,
    CriterionFactory,
    ProposalFactory,
    UserFactory,
)
from tests.projects.calls import DAY, DECIDED, things_of

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


# A call


def test_a_step_says_what_it_waits_for(things, by):
    def step(call, verb, **said):
        return lambda: take_call_step(call, verb, by=by, **said)

    bare = CallFactory(status="draft")
    late = ClosedCallFactory(status="draft")
    CriterionFactory(call=late)

    assert refusal(step(bare, "publish")) == (
        "Add a criterion first: applicants have to know how they are judged."
    )
    assert refusal(step(late, "publish")) == ("The deadline has passed. Set a later one first.")
    assert refusal(step(things.open, "close")) == "Before the deadline the call stays open."
    assert refusal(step(things.closed, "evaluate", why=" "), "why") == (
        "Scores are still missing. Say why the evaluation ends without them."
    )
    assert refusal(step(things.evaluated, "award")) == (
        "Decide on each proposal first, with reasons."
    )
    assert refusal(step(things.draft, "cancel", why=" "), "why") == "Say why the call is cancelled."
    assert (count_undecided(things.closed), count_undecided(things.evaluated)) == (1, 1)
    take_call_step(things.closed, "evaluate", by=by, why="Falta una persona.")
    change = things.closed.status_changes.first()
    assert (change.to_status, change.by, change.why) == ("evaluated", by, "Falta una persona.")


def test_what_became_of_a_call_meanwhile_counts(things, by):
    things.draft.status = "published"  # as a page of yesterday had it

    take_call_step(things.draft, "publish", by=by)

    things.draft.refresh_from_db()
    assert things.draft.status == "published"


def test_calls_past_their_deadline_are_closed_and_counted(things):
    past = ClosedCallFactory.create_batch(2, status="published")
    ClosedCallFactory(status="draft")

    assert (close_past_calls(), close_past_calls()) == (2, 0)
    for call in past:
        call.refresh_from_db()
        assert call.status == "closed"
        assert call.status_changes.get().by is None
    things.open.refresh_from_db()
    assert things.open.status == "published"


# Decisions


def test_a_decision_says_what_it_lacks(things, by):
    def decided(proposal, verb, **said):
        facts = {"by": by, "on": DAY, "reason": "Claro."} | said
        return lambda: decide_proposal(proposal, verb, **facts)

    one = things.shortlisted
    far = "The call has not reached this step: see its steps."
    assert refusal(decided(things.proposal, "award", amount=Decimal(5))) == far
    assert refusal(decided(ProposalFactory(call=things.open), "shortlist")) == far
    assert refusal(decided(one, "decline", reason=" "), "reason") == (
        "Give the reasons: the organisation will read them."
    )
    assert refusal(decided(one, "award"), "amount") == "Say how much is awarded."
    beyond = decided(one, "award", amount=things.evaluated.budget)
    assert refusal(beyond, "amount") == (
        "This is more than what is left of the call's budget. Confirm it below."
    )
    decide_proposal(one, "award", by=by, on=DAY, reason=" Claro. ", amount=Decimal(7))
    one.refresh_from_db()
    assert (one.status, one.amount_awarded, one.decided_on) == ("awarded", 7, DAY)
    assert (one.decision_reason, one.status_changes.first().why) == ("Claro.", "Claro.")
    assert (awarded_so_far(things.evaluated), awarded_so_far(things.closed)) == (12, 0)


def test_an_amount_is_kept_of_an_award_alone(things, by):
    decide_proposal(things.shortlisted, "decline", by=by, on=DAY, reason="No.", amount=Decimal(7))

    things.shortlisted.refresh_from_db()
    assert (things.shortlisted.status, things.shortlisted.amount_awarded) == ("not_awarded", None)


def test_letters_go_once_to_those_who_have_an_address(things, by):
    call = things.evaluated
    call.status = "awarded"
    call.save()
    silent = ProposalFactory(call=call, status="rejected", contact_email="", **DECIDED)
    told = ProposalFactory(call=call, status="rejected", told_at=timezone.now(), **DECIDED)

    assert (send_outcomes(call, by=by), send_outcomes(call, by=by)) == (1, 0)
    things.awarded.refresh_from_db()
    assert things.awarded.told_at is not None
    assert OutgoingMail.objects.filter(address=things.awarded.contact_email).count() == 1
    assert not OutgoingMail.objects.filter(address=told.contact_email).exists()
    silent.refresh_from_db()
    assert silent.told_at is None
    assert refusal(lambda: send_outcomes(things.closed, by=by)) == (
        "Conclude the award first. Everybody is then notified at the same time."
    )


DATES = {"starts_on": date(2021, 1, 1), "ends_on": date(2021, 6, 30)}


def test_a_grant_is_prepared_once_of_an_award(things, by, world):
    proposal, known = things.awarded, world.institutions["member"]
    proposal.title = ""
    proposal.save()

    assert refusal(lambda: prepare_grant(things.shortlisted, None, by=by, **DATES)) == (
        "Only an awarded proposal receives a grant."
    )
    grant = prepare_grant(proposal, known, by=by, **DATES)
    assert refusal(lambda: prepare_grant(proposal, None, by=by, **DATES)) == (
        "This proposal already has its grant."
    )
    assert (grant.institution, grant.title, grant.language) == (known, proposal.organisation, "es")
    assert (grant.amount, grant.currency, grant.status) == (5, "USD", "prepared")
    assert Participation.objects.filter(institution=known, role="beneficiary").count() == 1
    contact = Contact.objects.get(institution=known, email=proposal.contact_email)
    assert (contact.full_name, contact.phone, contact.language) == (
        proposal.contact_name,
        "9999-0000",
        "es",
    )
    assert contact.user.email == proposal.contact_email


def test_an_organisation_that_is_new_is_entered_and_one_without_an_address_invites_nobody(
    things, by
):
    proposal = things.awarded
    proposal.contact_email, proposal.illustrative = "", True
    proposal.save()

    grant = prepare_grant(proposal, None, by=by, **DATES)

    institution = grant.institution
    assert (institution.name, institution.kind) == (proposal.organisation, "civil_society")
    assert (institution.country, institution.illustrative) == (proposal.country, True)
    assert (grant.illustrative, institution.contacts.count()) == (True, 0)


# The panel


def test_who_cannot_sit_on_a_panel_is_told_why(things, by):
    closed = UserFactory(is_active=False)

    def add(email, full_name="Jury 01"):
        return lambda: add_panel_member(
            things.closed, email=email, full_name=full_name, language="es", by=by
        )

    assert refusal(add("new@example.org", " "), "full_name") == (
        "Nobody here has this address. Enter the full name, and they will be invited."
    )
    assert refusal(add(closed.email)) == ("This person's account was closed. Ask an administrator.")
    assert refusal(add(things.seat.user.email.upper())) == "This person is already on the panel."


def test_who_comes_on_a_panel_and_leaves_it_is_recorded_and_written_to(things, by):
    seat = add_panel_member(
        things.closed, email="jury@example.org", full_name="Jury 01", language="es", by=by
    )
    end_panel_member(seat, by=by)

    events = AccessEvent.objects.filter(kind="role", details__role="panel").order_by("pk")
    assert [(each.thing, each.details["change"]) for each in events] == [
        (things.closed, "added"),
        (things.closed, "removed"),
    ]
    assert {each.details["person"] for each in events} == {str(seat.user.pseudonym.key)}
    assert (seat.user.full_name, seat.user.language) == ("Jury 01", "es")
    assert seat.ended_on == timezone.localdate()
    mail = OutgoingMail.objects.filter(address="jury@example.org")
    assert any(things.closed.get_absolute_url() in each.text for each in mail)


def scores(things, points, final=True, **said):
    sheet = declare_interest(
        things.seat, things.proposal, has_conflict=False, conflict="", by=things.seat.user
    )
    facts = {"comments": {}, "comment": "", "by": things.seat.user} | said
    save_scores(sheet, points, final=final, **facts)
    return sheet


def test_scores_that_cannot_be_taken_are_refused_in_words(things):
    key = things.measure.pk
    whole = "Give points for each criterion, up to its highest."

    assert refusal(lambda: scores(things, {})) == whole
    assert refusal(lambda: scores(things, {key: Decimal(11)})) == whole
    assert refusal(lambda: scores(things, {key: Decimal(11)}, final=False)) == (
        "Points range from 0 to the criterion's highest score."
    )
    assert refusal(lambda: scores(things, {key: Decimal(-1)}, final=False)) == (
        "Points range from 0 to the criterion's highest score."
    )
    things.closed.status = "evaluated"
    things.closed.save()
    assert refusal(lambda: scores(things, {key: Decimal(5)})) == (
        "Scores can be given between the deadline and the end of the evaluation."
    )


def test_scores_are_kept_with_their_comments_and_how_they_came(things, by):
    key = things.measure.pk
    draft = scores(things, {key: Decimal(10)}, final=False, comments={key: "Bien"}, comment="Sí")
    (score,) = draft.scores.all()
    assert (score.points, score.comment, draft.comment) == (10, "Bien", "Sí")
    assert (draft.is_submitted, draft.channel, draft.entered_by) == (False, "portal", None)
    entered = scores(things, {key: Decimal(0)}, by=by, channel="telephone", received_on=DAY)

    (score,) = entered.scores.all()
    assert (score.points, score.comment, entered.comment) == (0, "", "")
    assert (entered.channel, entered.received_on, entered.entered_by) == ("telephone", DAY, by)
    assert entered.submitted_at is not None
    again = {"comments": {}, "comment": "", "final": False, "by": by}
    assert refusal(lambda: save_scores(entered, {key: Decimal(5)}, **again)) == (
        "These scores have been submitted and can no longer change."
    )


def test_a_conflict_stands_and_takes_no_scores(things, by):
    def declare(has_conflict, conflict="", who=things.seat.user):
        return declare_interest(
            things.seat, things.proposal, has_conflict=has_conflict, conflict=conflict, by=who
        )

    assert refusal(lambda: declare(True, " "), "__all__") == (
        "Say in a few words which conflict there is."
    )
    free = declare(False, "ignored", by)
    assert (free.conflict, free.entered_by) == ("", by)
    tied = declare(True, " Parenté. ")
    assert (tied.pk, tied.conflict, tied.entered_by) == (free.pk, "Parenté.", None)
    assert (
        refusal(lambda: declare(False))
        == "You declared a conflict of interest, which remains valid."
    )
    assert (
        refusal(
            lambda: save_scores(tied, {}, comments={}, comment="", final=False, by=tied.member.user)
        )
        == "There is a conflict of interest: no scores are accepted."
    )
