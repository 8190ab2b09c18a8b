"""An institution withdraws a remark or a proposed change, by link too, until it is answered."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLink
from committees.models import ActionPlan, ProposedChange, Remark
from committees.models.review import value_of
from committees.plans.services.proposals import accept_proposal, decline_proposal
from committees.plans.services.review import AnswerOrigin, give_remark, withdraw_answer
from kernel.refusal import Refusal
from tests.factories import ProposedChangeFactory, RemarkFactory
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="in_review", review_until=timezone.localdate() + timedelta(days=6)
    )
    given = {
        "plan": world.plan,
        "institution": world.institutions["partner"],
        "by": world.people["partner"],
    }
    world.remark = RemarkFactory(**given, text="Too early.")
    world.proposal = ProposedChangeFactory(**given, action=world.action)
    return world


@pytest.fixture
def pages(world):
    """The addresses at which a person withdraws, by link and signed in."""

    def pages(person, kind, row):
        _link, token = AccessLink.issue(world.people[person], "review_plan", world.plan, by=None)
        return (
            reverse("committees:plan-link-withdraw", args=[token, kind, row.pk]),
            reverse("committees:plan-withdraw", args=[world.plan.pk, kind, row.pk]),
        )

    return pages


@pytest.mark.parametrize("kind", ["remark", "proposal"])
@pytest.mark.parametrize("way", [0, 1])
def test_what_is_withdrawn_nobody_reads_and_the_row_stays(client, world, pages, sign_in, kind, way):
    row = getattr(world, kind)
    model = type(row)
    if way:
        sign_in("partner")
    page = pages("partner", kind, row)[way]

    assert client.get(page).status_code == 200
    assert model.objects.count() == 1
    client.post(page)

    assert model.objects.count() == 0
    assert model._base_manager.get().withdrawn_at


def test_what_was_answered_is_not_withdrawn(client, world, pages):
    Remark.objects.update(settled_at=timezone.now())
    ProposedChange.objects.update(status="accepted")

    for kind in ("remark", "proposal"):
        response = client.post(pages("partner", kind, getattr(world, kind))[0])
        assert response.status_code == 200
        html = response.content.decode()
        assert ("write a reply instead" in html) == (kind == "remark")
    assert (Remark.objects.count(), ProposedChange.objects.count()) == (1, 1)


def test_nobody_withdraws_what_another_institution_gave(client, world, pages):
    assert client.post(pages("member", "remark", world.remark)[0]).status_code == 302
    assert Remark.objects.count() == 1


def test_what_was_withdrawn_meanwhile_is_not_settled(world):
    by = world.people["coordinator"]
    seen = value_of(world.terms, world.proposal.field)
    withdraw_answer(ProposedChange.objects.get())

    with pytest.raises(Refusal, match="withdrawn"):
        accept_proposal(world.proposal, seen=seen, by=by)
    with pytest.raises(Refusal, match="withdrawn"):
        decline_proposal(world.proposal, answer="No.", by=by)
    withdraw_answer(world.proposal)

    assert ProposedChange._base_manager.get().status == "proposed"


def test_a_form_that_was_withdrawn_is_not_sent_again(world):
    key = uuid.uuid4()
    institution = world.institutions["partner"]
    given = {"text": "Too late.", "origin": AnswerOrigin(by=world.people["partner"], key=key)}
    withdraw_answer(give_remark(world.plan, institution, **given))

    with pytest.raises(Refusal, match="withdrawn"):
        give_remark(world.plan, institution, **given)
