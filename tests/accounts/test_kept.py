"""Pages that a phone keeps: what the portal says to the worker that asks for them, and to nobody else.

What the browser does with them is in `tests/browser/test_kept.py`.
"""

from datetime import timedelta

import lxml.html
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLink
from committees.models import ActionPlan, Invitation, ProgressNote
from tests.factories import ActionFactory, ActionTermsFactory, RemarkFactory
from tests.world import World

pytestmark = pytest.mark.django_db

KEY = "6a1f0000-0000-4000-8000-000000000001"


@pytest.fixture
def world():
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=ActionPlan.Status.IN_EXECUTION, validated_by=world.decision
    )
    world.progress_url = reverse("committees:action-progress", args=[world.action.pk])
    return world


def link_to(world, page, purpose, thing, role="member", **lasts):
    _link, token = AccessLink.issue(world.people[role], purpose, thing, by=None, **lasts)
    return reverse(page, args=[token]), token


def action_link(world, **lasts):
    page = "committees:action-link"
    return link_to(world, page, "note_progress", world.action, **lasts)[0]


def as_worker(client, url, reader="link", **headers):
    return client.get(url, headers={"X-Kept-For": reader, **headers})


def offer_on(answer):
    box = lxml.html.fromstring(answer.content).find(".//*[@id='keep']")
    return (
        None
        if box is None
        else {name: box.get(f"data-{name}") for name in ("prefix", "reader", "pages")}
    )


# What is offered


def test_a_page_by_link_offers_itself_until_the_link_ends(client, world):
    url = action_link(world, lasts=timedelta(days=3))

    answer = client.get(url)

    assert offer_on(answer) == {"prefix": url, "reader": "link", "pages": ""}
    until = answer.context["offer"].until
    assert timedelta(days=2.9) < until - timezone.now() < timedelta(days=3)
    assert "no-store" in answer.headers["Cache-Control"]
    assert b"hidden" in answer.content.partition(b'id="keep"')[2][:20]


def test_fourteen_days_are_the_longest(client, world):
    until = client.get(action_link(world)).context["offer"].until

    assert timedelta(days=13.9) < until - timezone.now() < timedelta(days=14)


def test_a_plan_offers_its_forms_and_the_proposals_of_the_institution(client, world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=ActionPlan.Status.IN_REVIEW, review_until=timezone.localdate()
    )
    own = ActionFactory(project=world.project, reference="9.9")
    ActionTermsFactory(
        plan=world.plan,
        action=own,
        result=world.result,
        responsible=world.institutions["partner"],
    )
    url, _token = link_to(world, "committees:plan-link", "review_plan", world.plan, role="partner")

    offered = offer_on(client.get(url))

    assert offered["prefix"] == url
    assert offered["pages"] == f"position/ remark/ actions/{own.pk}/propose/"
    for page in offered["pages"].split():
        assert as_worker(client, url + page).status_code == 200


@pytest.mark.parametrize(("role", "is_offered"), [("member", True), ("coordinator", False)])
def test_behind_the_sign_in_it_is_offered_to_the_institution(client, world, role, is_offered):
    """Whoever enters for institutions chooses from all of them."""
    client.force_login(world.people[role])

    offered = offer_on(client.get(world.progress_url))

    own = {"prefix": world.progress_url, "reader": str(world.people[role].pk), "pages": ""}
    assert offered == (own if is_offered else None)


# What a kept page holds


def test_a_kept_page_has_no_menu_no_name_and_no_other_link(client, world):
    member = world.people["member"]
    client.force_login(member)

    page = as_worker(client, world.progress_url, str(member.pk)).content.decode()

    assert str(member) not in page
    for name in ("account_logout", "accounts:profile", "accounts:still-here"):
        assert reverse(name) not in page
    assert "js/kept.js" in page
    assert "js/typed.js" not in page
    assert 'id="keep"' not in page


def test_a_kept_page_by_link_leads_to_no_choices_of_mail(client, world):
    url = action_link(world)

    assert b"/mail/link/" in client.get(url).content
    page = as_worker(client, url).content
    assert b"/mail/link/" not in page
    assert b"keep_draft" not in page
    assert b"js/draft.js" not in page


# For whom


def test_the_worker_gets_nothing_in_the_name_of_somebody_else(client, world):
    member, other = world.people["member"], world.people["coordinator"]
    assert as_worker(client, world.progress_url, str(member.pk)).status_code == 401

    client.force_login(other)

    assert as_worker(client, world.progress_url, str(member.pk)).status_code == 403
    entry = client.post(
        world.progress_url,
        {"share_done": 40, "text": "…"},
        headers={"X-Kept-For": str(member.pk), "X-Entry-Key": KEY},
    )
    assert entry.status_code == 403
    assert not ProgressNote.objects.exists()


def test_a_link_that_ended_is_a_404(client, world):
    url = action_link(world)
    AccessLink.objects.update(expires_at=timezone.now())

    assert as_worker(client, url).status_code == 404


def test_a_token_that_is_too_old_is_told_from_a_refusal(world):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.people["member"])

    answer = browser.post(world.progress_url, {"share_done": 40}, headers={"X-Entry-Key": KEY})

    assert (answer.status_code, answer.headers["X-Refused"]) == (403, "csrf")


# Sending


def test_an_entry_by_link_is_saved_once(client, world):
    url = action_link(world)
    typed = {"share_done": 40, "text": "Dos talleres.", "language": "es"}
    asked = {"X-Kept-For": "link", "X-Entry-Key": KEY}

    answers = [client.post(url, typed, headers=asked) for _try in range(2)]

    assert [answer.headers["X-Entry"] for answer in answers] == ["saved", "saved"]
    assert [answer.json() for answer in answers] == [{"words": []}] * 2
    assert ProgressNote.objects.get().text == "Dos talleres."


def test_an_entry_that_came_too_late_is_not_taken_for_saved(client, world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=ActionPlan.Status.IN_REVIEW,
        review_until=timezone.localdate() - timedelta(days=1),
    )
    RemarkFactory(plan=world.plan, institution=world.institutions["partner"])
    url, _token = link_to(world, "committees:plan-link", "review_plan", world.plan, role="partner")

    answer = client.post(
        f"{url}remark/", {"text": "Tarde."}, headers={"X-Kept-For": "link", "X-Entry-Key": KEY}
    )

    assert answer.headers["X-Entry"] == "refused"
    assert len(answer.json()["words"]) == 1
    assert world.plan.remarks.count() == 1


def test_a_refusal_gives_its_sentence_to_the_phone(client, world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(status=ActionPlan.Status.IN_EXECUTION)
    reader = world.people["reader"]
    client.force_login(reader)

    answer = as_worker(client, world.progress_url, str(reader.pk))

    assert answer.status_code == 403
    assert "%20" in answer.headers["X-Reason"]


# The list and the script


def test_the_list_is_empty_for_the_portal(
    client,
):
    for url in (reverse("accounts:kept"), reverse("accounts:kept-page", args=["key/remark/"])):
        answer = client.get(url)
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]


def test_the_script_may_answer_for_every_page(client):
    answer = client.get(reverse("accounts:kept-worker"))

    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    assert b'addEventListener("fetch"' in answer.content


def test_an_invitation_is_offered_by_link_and_behind_the_sign_in(client, world):
    invitation = Invitation.objects.create(
        meeting=world.meeting, contact=world.people["member"].contacts.get(), seat=world.seat
    )
    url, _token = link_to(world, "committees:invitation-link", "invitation", invitation)
    assert offer_on(client.get(url))["prefix"] == url

    client.force_login(world.people["member"])
    here = reverse("committees:meeting-answer", args=[world.meeting.pk])
    assert offer_on(client.get(here))["prefix"] == here
