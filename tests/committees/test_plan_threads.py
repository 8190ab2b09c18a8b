"""The thread below a remark: the coordination and its author reply, until it is settled."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from committees.models import ActionPlan, Reply
from committees.plans.services.proposals import reply_to
from committees.plans.services.review import issue_link
from kernel.refusal import Refusal
from tests.factories import RemarkFactory
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = World()
    world.plan.status = ActionPlan.Status.IN_REVIEW
    world.plan.review_until = timezone.localdate() + timedelta(days=6)
    world.plan.save()
    world.remark = RemarkFactory(
        plan=world.plan,
        action=world.action,
        institution=world.institutions["partner"],
        by=world.people["partner"],
    )
    return world


def reply_url(remark):
    return reverse("committees:plan-remark-reply", args=[remark.plan_id, remark.pk])


def words(remark):
    return [(reply.institution, reply.text) for reply in remark.replies.all()]


def test_the_coordination_and_the_author_reply_in_turn(client, world):
    partner = world.institutions["partner"]
    for role, text in (
        ("coordinator", "En octobre ?"),
        ("partner", "Plutôt en novembre."),
        ("coordinator", "Entendu."),
    ):
        client.force_login(world.people[role])
        response = client.post(reply_url(world.remark), {"reply": text})
        assert response.url.endswith(f"#remark-{world.remark.pk}")

    assert words(world.remark) == [
        (None, "En octobre ?"),
        (partner, "Plutôt en novembre."),
        (None, "Entendu."),
    ]
    client.force_login(world.people["partner"])
    page = client.get(world.plan.get_absolute_url()).content.decode()
    assert page.index("En octobre ?") < page.index("Plutôt en novembre.") < page.index("Entendu.")


def test_the_coordination_settles_with_a_word_or_without(client, world):
    other = RemarkFactory(plan=world.plan)
    client.force_login(world.people["coordinator"])

    client.post(reply_url(world.remark), {"reply": "C’est corrigé.", "settle": "on"})
    client.post(reply_url(other), {"reply": "", "settle": "on"})

    for remark in (world.remark, other):
        remark.refresh_from_db()
        assert remark.settled_by == world.people["coordinator"]
    assert words(world.remark) == [(None, "C’est corrigé.")]
    assert words(other) == []


def test_the_author_settles_nothing(client, world):
    client.force_login(world.people["partner"])

    client.post(reply_url(world.remark), {"reply": "Merci.", "settle": "on"})

    world.remark.refresh_from_db()
    assert world.remark.settled_at is None
    assert words(world.remark) == [(world.institutions["partner"], "Merci.")]


def test_of_two_who_settle_at_once_the_second_is_told(world):
    by = world.people["coordinator"]
    reply_to(world.remark, text="La première.", settle=True, by=by)

    with pytest.raises(Refusal, match="settled in the meantime"):
        reply_to(world.remark, text="La seconde.", settle=True, by=by)

    assert words(world.remark) == [(None, "La première.")]


def test_the_same_form_sent_twice_is_one_reply(client, world):
    client.force_login(world.people["coordinator"])
    sent = {"reply": "Entendu.", "settle": "on", "entry_key": str(uuid.uuid4())}

    client.post(reply_url(world.remark), sent)
    client.post(reply_url(world.remark), sent)

    assert words(world.remark) == [(None, "Entendu.")]


@pytest.mark.parametrize("sent", [{"reply": " "}, {"reply": ""}, {"settle": ""}])
def test_a_reply_needs_words_or_settles(client, world, sent):
    client.force_login(world.people["coordinator"])

    response = client.post(reply_url(world.remark), sent)

    assert "reply" in response.context["form"].errors
    assert Reply.objects.count() == 0


def test_the_refusal_keeps_what_was_typed(client, world):
    client.force_login(world.people["coordinator"])
    reply_to(world.remark, text="", settle=True, by=world.people["administrator"])

    page = client.post(reply_url(world.remark), {"reply": "Mes mots."}).content.decode()

    assert "settled in the meantime" in page
    assert "Mes mots." in page


def test_a_remark_of_another_plan_is_not_found(client, world):
    client.force_login(world.people["coordinator"])

    url = reverse("committees:plan-remark-reply", args=[world.plan.pk, RemarkFactory().pk])
    assert client.post(url, {"reply": "x"}).status_code == 404


@pytest.mark.parametrize(("role", "answer"), [("monitoring", 403), ("member", 404)])
def test_others_reply_nothing(client, world, role, answer):
    client.force_login(world.people[role])

    assert client.post(reply_url(world.remark), {"reply": "Non."}).status_code == answer
    assert Reply.objects.count() == 0


def test_a_member_reads_what_the_committee_may_read_and_does_not_reply(client, world):
    world.remark.audience = "committee"
    world.remark.save()
    client.force_login(world.people["member"])

    assert client.post(reply_url(world.remark), {"reply": "Non."}).status_code == 403


def test_after_the_review_only_the_coordination_replies(client, world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        review_until=timezone.localdate() - timedelta(days=2)
    )
    client.force_login(world.people["partner"])
    assert client.post(reply_url(world.remark), {"reply": "Encore."}).status_code == 403

    client.force_login(world.people["coordinator"])
    client.post(reply_url(world.remark), {"reply": "Enfin."})
    assert words(world.remark) == [(None, "Enfin.")]


# By link


def link_url(world, remark, role="partner"):
    _link, url = issue_link(world.plan, world.people[role], by=None)
    token = url.rstrip("/").rsplit("/", 1)[1]
    return reverse("committees:plan-link-reply", args=[token, remark.pk])


def test_the_author_replies_by_link(client, world):
    url = link_url(world, world.remark)

    assert client.get(url).status_code == 200
    assert words(world.remark) == []
    client.post(url, {"reply": "Depuis mon téléphone."})

    assert words(world.remark) == [(world.institutions["partner"], "Depuis mon téléphone.")]


def test_a_link_replies_to_no_remark_of_others(client, world):
    world.remark.audience = "committee"
    world.remark.save()

    assert client.get(link_url(world, world.remark, role="member")).status_code == 404
