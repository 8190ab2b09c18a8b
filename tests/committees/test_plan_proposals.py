"""Institutions propose other dates or words for an action; the coordination settles each."""

import json
import uuid
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AccessEvent
from committees.models import ActionPlan, ActionTerms, Channel, ProposedChange
from committees.models.review import value_of
from committees.plans.services.lifecycle import remove_action
from committees.plans.services.proposals import (
    accept_proposal,
    by_field,
    decline_proposal,
    named_in,
    propose_changes,
)
from committees.plans.services.reminders import present_plan
from committees.plans.services.review import AnswerOrigin, issue_link
from committees.plans.views.parts import next_step
from kernel.lifecycle import TransitionError
from kernel.refusal import Refusal
from partners.reading import named_institutions
from tests.factories import ActionTermsFactory, ParticipationFactory, ProposedChangeFactory
from tests.world import World

pytestmark = pytest.mark.django_db

Status = ProposedChange.Status


def reviewed():
    world = World()
    world.plan.status = ActionPlan.Status.IN_REVIEW
    world.plan.review_until = timezone.localdate() + timedelta(days=6)
    world.plan.save()
    return world


@pytest.fixture
def world():
    return reviewed()


def propose(world, role="partner", reason="Les vacances.", audience="coordination", **values):
    return propose_changes(
        world.terms,
        world.institutions[role],
        values=values,
        reason=reason,
        audience=audience,
        origin=AnswerOrigin(by=world.people[role]),
    )


def typed(world, **changes):
    """The form as it comes, with what was changed on it."""
    now = {
        name: value_of(world.terms, name)
        for name in ("starts_on", "ends_on", "responsible", "title_fr", "deliverable_fr")
    }
    return {
        **now,
        "seen": json.dumps(now),
        "institution": world.institutions["partner"].pk,
        "text": "Les vacances.",
        "audience": "coordination",
        "key": str(uuid.uuid4()),
    } | changes


def propose_url(world):
    return reverse("committees:plan-propose", args=[world.plan.pk, world.action.pk])


def settle_url(proposal):
    return reverse("committees:plan-proposal-settle", args=[proposal.plan_id, proposal.pk])


def kept(proposal):
    return (proposal.field, proposal.old_value, proposal.new_value, proposal.status)


def terms_now(world):
    return ActionTerms.objects.get(pk=world.terms.pk)


# Proposing


def test_what_was_changed_on_the_form_is_proposed_field_by_field(client, world):
    client.force_login(world.people["partner"])
    sent = typed(world, ends_on="2019-10-31", title_fr="Former 40 inspectrices")
    with translation.override("fr"):
        response = client.post(propose_url(world), sent)

    assert response.url == world.plan.url_of(world.action.pk)
    assert [kept(one) for one in ProposedChange.objects.order_by("field")] == [
        ("ends_on", "2019-09-30", "2019-10-31", "proposed"),
        ("title_fr", world.terms.title_fr, "Former 40 inspectrices", "proposed"),
    ]
    one = ProposedChange.objects.first()
    assert (one.reason, one.by, one.channel) == (
        "Les vacances.",
        world.people["partner"],
        Channel.PORTAL,
    )
    assert terms_now(world).ends_on == date(2019, 9, 30)


def test_the_same_form_sent_twice_proposes_once(client, world):
    client.force_login(world.people["partner"])
    sent = typed(world, starts_on="2019-06-10", ends_on="2019-10-31")

    client.post(propose_url(world), sent)
    client.post(propose_url(world), sent)

    assert ProposedChange.objects.count() == 2


def test_what_others_changed_meanwhile_is_not_taken_for_a_proposal(client, world):
    client.force_login(world.people["partner"])
    sent = typed(world, ends_on="2019-10-31")
    ActionTerms.objects.filter(pk=world.terms.pk).update(starts_on=date(2019, 6, 15))

    client.post(propose_url(world), sent)

    assert [one.field for one in ProposedChange.objects.all()] == ["ends_on"]


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({}, "__all__", "Nothing is different"),
        ({"ends_on": "2019-05-01"}, "ends_on", "ends before it starts"),
        ({"ends_on": "2030-01-01"}, "ends_on", "The project runs from"),
        ({"ends_on": "31/12"}, "ends_on", "Enter a valid date"),
        ({"title_fr": ""}, "title_fr", "Fill in"),
        ({"title_fr": "x" * 301}, "title_fr", "at most 300"),
        ({"responsible": "999999"}, "responsible", "Select a valid choice"),
        ({"seen": "no json", "ends_on": "2030-01-01"}, "ends_on", "The project runs from"),
        ({"seen": "[" * 5000, "ends_on": "2030-01-01"}, "ends_on", "The project runs from"),
    ],
)
def test_what_the_action_would_not_be_allowed_to_say_is_refused(
    client, world, changes, field, sentence
):
    client.force_login(world.people["partner"])

    response = client.post(propose_url(world), typed(world, **changes))

    with translation.override("en"):
        assert sentence in " ".join(response.context["form"].errors[field])
    assert ProposedChange.objects.count() == 0


def test_an_institution_outside_the_project_cannot_be_made_responsible(world):
    with pytest.raises(ValidationError, match="does not take part"):
        propose(world, responsible=str(world.foreign_institution.pk))

    for nonsense in ("", "x", "-1", "²"):
        with pytest.raises(ValidationError, match="does not take part"):
            propose(world, responsible=nonsense)


def test_after_the_deadline_nothing_is_proposed(client, world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        review_until=timezone.localdate() - timedelta(days=2)
    )
    client.force_login(world.people["partner"])

    page = client.post(propose_url(world), typed(world, ends_on="2019-10-31"), follow=True)

    assert "The review ended on" in page.content.decode()
    assert ProposedChange.objects.count() == 0


def test_the_coordination_enters_what_was_proposed_otherwise(
    client, world, mailoutbox, django_capture_on_commit_callbacks
):
    client.force_login(world.people["coordinator"])
    url = reverse("committees:plan-enter-proposal", args=[world.plan.pk, world.action.pk])
    sent = typed(
        world,
        ends_on="2019-10-31",
        channel="telephone",
        given_on=timezone.localdate(),
        evidence="Appel du secrétariat à 9 h 00",
    )

    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, sent)

    proposal = ProposedChange.objects.get()
    assert (proposal.channel, proposal.was_entered_for_it) == ("telephone", True)
    assert proposal.institution == world.institutions["partner"]


def test_an_entered_proposal_needs_its_evidence(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProposedChangeFactory(plan=world.plan, channel="telephone", evidence="")


def test_a_proposal_is_read_by_whom_its_author_chose(client, world):
    propose(world, ends_on="2019-10-31")
    propose(world, starts_on="2019-06-15", audience="committee")
    url = reverse("committees:plan-proposals", args=[world.plan.pk])
    read = {}
    for role in ("coordinator", "monitoring", "member", "partner"):
        client.force_login(world.people[role])
        fields = client.get(url).context["fields"]
        read[role] = {one["field"].name for one in fields}

    everything = {"starts_on", "ends_on"}
    assert read == {
        "coordinator": everything,
        "monitoring": everything,
        "member": {"starts_on"},
        "partner": everything,
    }


# Settling


def test_accepting_changes_the_action_and_keeps_the_proposal(client, world):
    [proposal] = propose(world, ends_on="2019-10-31")
    client.force_login(world.people["coordinator"])

    response = client.post(
        settle_url(proposal), {"decision": "accept", "answer": "D’accord.", "seen": "2019-09-30"}
    )

    assert response.url == reverse("committees:plan-proposals", args=[world.plan.pk])
    proposal.refresh_from_db()
    assert kept(proposal) == ("ends_on", "2019-09-30", "2019-10-31", "accepted")
    assert proposal.answer == "D’accord."
    assert proposal.status_changes.get().by == world.people["coordinator"]
    assert terms_now(world).ends_on == date(2019, 10, 31)


def test_declining_needs_an_answer_and_changes_nothing(client, world):
    [proposal] = propose(world, ends_on="2019-10-31")
    client.force_login(world.people["coordinator"])
    sent = {"decision": "decline", "answer": " ", "seen": "2019-09-30"}

    refused = client.post(settle_url(proposal), sent)
    client.post(settle_url(proposal), sent | {"answer": "Le bailleur attend le rapport."})

    assert "answer" in refused.context["form"].errors
    proposal.refresh_from_db()
    assert (proposal.status, proposal.answer) == ("declined", "Le bailleur attend le rapport.")
    assert terms_now(world).ends_on == date(2019, 9, 30)


def test_two_proposals_on_one_field_stand_side_by_side_and_one_becomes_stale(client, world):
    [first] = propose(world, ends_on="2019-10-31")
    [second] = propose(world, role="member", ends_on="2019-11-30")
    client.force_login(world.people["coordinator"])
    url = reverse("committees:plan-proposals", args=[world.plan.pk])

    def side_by_side():
        [one] = client.get(url).context["fields"]
        return [(each.row.pk, each.is_stale) for each in one["field"].proposals]

    assert side_by_side() == [(first.pk, False), (second.pk, False)]
    accept_proposal(first, seen="2019-09-30", by=world.people["coordinator"])

    assert side_by_side() == [(first.pk, False), (second.pk, True)]
    assert "made on an earlier text" in client.get(url).content.decode()


def test_a_stale_proposal_may_still_be_accepted_knowingly(client, world):
    [first] = propose(world, ends_on="2019-10-31")
    [second] = propose(world, role="member", ends_on="2019-11-30")
    accept_proposal(first, seen="2019-09-30", by=world.people["coordinator"])
    client.force_login(world.people["coordinator"])
    sent = {"decision": "accept", "answer": ""}

    told = client.post(settle_url(second), sent | {"seen": "2019-09-30"})

    assert "was changed in the meantime" in told.content.decode()
    assert 'value="2019-10-31"' in told.content.decode()
    client.post(settle_url(second), sent | {"seen": "2019-10-31"})
    assert terms_now(world).ends_on == date(2019, 11, 30)


def test_a_change_by_hand_makes_proposals_stale_too(world):
    [proposal] = propose(world, ends_on="2019-10-31")
    world.terms.ends_on = date(2019, 10, 1)

    assert proposal.is_stale(world.terms)
    assert proposal.is_stale(None)


def test_what_is_settled_is_settled(world):
    [proposal] = propose(world, ends_on="2019-10-31")
    by = world.people["coordinator"]
    decline_proposal(proposal, answer="Non.", by=by)
    seen_by_the_other = ProposedChange.objects.get(pk=proposal.pk)

    with pytest.raises(TransitionError):
        accept_proposal(seen_by_the_other, seen="2019-09-30", by=by)

    assert terms_now(world).ends_on == date(2019, 9, 30)


def test_a_proposal_that_no_longer_fits_is_refused_whole(client, world):
    """It was possible when it was made; meanwhile the other date has moved."""
    [proposal] = propose(world, ends_on="2019-07-01")
    ActionTerms.objects.filter(pk=world.terms.pk).update(starts_on=date(2019, 8, 1))
    client.force_login(world.people["coordinator"])

    response = client.post(settle_url(proposal), {"decision": "accept", "seen": "2019-09-30"})

    assert "ends before it starts" in response.content.decode()
    proposal.refresh_from_db()
    assert proposal.status == Status.PROPOSED
    assert terms_now(world).ends_on == date(2019, 9, 30)


def test_once_presented_no_proposal_is_settled(world):
    [proposal] = propose(world, ends_on="2019-10-31")
    ActionPlan.objects.filter(pk=world.plan.pk).update(status="presented")
    by = world.people["coordinator"]

    with pytest.raises(Refusal, match="before the committee"):
        accept_proposal(proposal, seen="2019-09-30", by=by)
    with pytest.raises(Refusal, match="before the committee"):
        decline_proposal(proposal, answer="Non.", by=by)


def test_the_plan_is_presented_once_every_proposal_is_settled(world):
    [proposal] = propose(world, ends_on="2019-10-31")
    by = world.people["coordinator"]

    assert not next_step(world.plan, silent=1, open_proposals=1)["confirm"]  # it is refused at once
    assert next_step(world.plan, silent=1, open_proposals=0)["confirm"]
    with pytest.raises(Refusal, match="1 proposal is not settled yet"):
        present_plan(world.plan, by=by)
    decline_proposal(proposal, answer="Le bailleur attend le rapport.", by=by)
    present_plan(world.plan, by=by)

    assert world.plan.status == "presented"


def test_an_action_that_was_taken_out_keeps_what_was_proposed_on_it(world):
    [proposal] = propose(world, ends_on="2019-10-31")
    ActionTermsFactory(plan=world.plan, responsible=world.institutions["member"])
    remove_action(world.terms)

    with pytest.raises(Refusal, match="no longer in the plan"):
        accept_proposal(proposal, seen="2019-09-30", by=world.people["coordinator"])
    assert ProposedChange.objects.get() == proposal


@pytest.mark.parametrize(
    ("role", "answer"), [("monitoring", 403), ("member", 404), ("partner", 403)]
)
def test_only_the_coordination_settles(client, world, role, answer):
    [proposal] = propose(world, ends_on="2019-10-31")
    client.force_login(world.people[role])

    response = client.post(settle_url(proposal), {"decision": "accept", "seen": "2019-09-30"})

    assert response.status_code == answer
    assert terms_now(world).ends_on == date(2019, 9, 30)


def test_a_proposal_of_another_plan_is_not_found(client, world):
    foreign = ProposedChangeFactory()
    client.force_login(world.people["coordinator"])
    url = reverse("committees:plan-proposal-settle", args=[world.plan.pk, foreign.pk])

    assert client.post(url, {"decision": "accept", "seen": ""}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_on_one_field_at_once_one_wins():
    world = reviewed()
    [first] = propose(world, ends_on="2019-10-31")
    [second] = propose(world, role="member", ends_on="2019-11-30")
    start, outcomes = Barrier(2), []

    def accept(proposal):
        try:
            start.wait()
            accept_proposal(proposal, seen="2019-09-30", by=world.people["coordinator"])
            outcomes.append("won")
        except Refusal:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [Thread(target=accept, args=[one]) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["told", "won"]
    accepted = ProposedChange.objects.get(status=Status.ACCEPTED)
    assert terms_now(world).ends_on.isoformat() == accepted.new_value


# By link


def test_the_bearer_of_a_link_proposes_without_a_session(client, world):
    _link, url = issue_link(world.plan, world.people["partner"], by=None)
    token = url.rstrip("/").rsplit("/", 1)[1]
    address = reverse("committees:plan-link-propose", args=[token, world.action.pk])

    assert client.get(address).status_code == 200
    assert ProposedChange.objects.count() == 0
    response = client.post(address, typed(world, ends_on="2019-10-31"), follow=True)

    proposal = ProposedChange.objects.get()
    assert kept(proposal) == ("ends_on", "2019-09-30", "2019-10-31", "proposed")
    assert (proposal.channel, proposal.by) == ("link", world.people["partner"])
    assert f"Your proposal on action {world.action.reference} was" in response.text
    assert f'id="proposal-{proposal.pk}"' in response.content.decode()
    assert AccessEvent.objects.filter(kind=AccessEvent.Kind.LINK).count() == 1


def test_a_link_proposes_on_no_action_of_another_plan(client, world):
    other = ActionTermsFactory()
    _link, url = issue_link(world.plan, world.people["partner"], by=None)
    token = url.rstrip("/").rsplit("/", 1)[1]
    address = reverse("committees:plan-link-propose", args=[token, other.action_id])

    assert client.get(address).status_code == 404


# Many


def test_showing_them_asks_the_same_for_any_number(world, django_assert_max_num_queries):
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            terms = ActionTermsFactory(plan=world.plan, responsible=world.institutions["member"])
            institution = ParticipationFactory(project=world.project).institution
            for field, new in (("ends_on", "2019-10-31"), ("responsible", str(institution.pk))):
                ProposedChangeFactory(
                    plan=world.plan,
                    action=terms.action,
                    institution=institution,
                    field=field,
                    old_value="" if number % 2 else value_of(terms, field),
                    new_value=new,
                )
        terms = list(world.plan.terms.with_related())

        # them, the names of their authors, those they name
        with django_assert_max_num_queries(5) as statements:
            proposals = list(world.plan.proposals.with_related())
            found = by_field(proposals, terms, named_institutions(named_in(proposals)))
        counts.append(len(statements))

        assert sum(len(fields) for fields in found.values()) == 2 * numbers.stop

    few, many = counts
    assert many <= few


# The coordination learns of it


def tabs_of(client, world, role):
    client.force_login(world.people[role])
    context = client.get(world.plan.get_absolute_url()).context
    return {tab["url"].rstrip("/").rsplit("/", 1)[-1]: tab["count"] for tab in context["tabs"]}


def test_open_proposals_are_counted_in_the_tab_for_those_who_read_them(client, world):
    propose(world, ends_on="2020-02-01", title_fr="Autre titre")
    settled = ProposedChange.objects.get(field="title_fr")

    assert tabs_of(client, world, "coordinator")["proposals"] == 2
    assert tabs_of(client, world, "member")["proposals"] is None
    decline_proposal(settled, answer="Non.", by=world.people["coordinator"])
    assert tabs_of(client, world, "coordinator")["proposals"] == 1


def test_presenting_warns_of_a_running_review_and_of_silence(client, world):
    client.force_login(world.people["coordinator"])

    question = client.get(world.plan.get_absolute_url()).context["next_step"]["confirm"]

    assert "The review is open until" in question
    assert "2 institutions have not answered" in question
