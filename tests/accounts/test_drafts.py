"""What is typed on a page that opens by link is kept on the server until it is sent."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLink, FormDraft
from accounts.retention import forget_drafts
from committees.models import ActionPlan, Remark
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="in_review", review_until=timezone.localdate() + timedelta(days=6)
    )
    return world


@pytest.fixture
def page(world):
    def page(person="partner"):
        _link, token = AccessLink.issue(world.people[person], "review_plan", world.plan, by=None)
        return reverse("committees:plan-link-remark", args=[token])

    return page


def remark(world, **changes):
    institution = world.institutions["partner"].pk
    fields = {"institution": institution, "text": "Too early.", "audience": "committee"}
    return fields | {"key": str(uuid.uuid4())} | changes


def test_opening_the_page_keeps_nothing(client, page):
    client.get(page())

    assert not FormDraft.objects.exists()


def test_the_script_and_the_button_keep_a_draft_that_another_link_shows(client, page, world):
    script = client.post(page(), remark(world) | {"keep_draft": "1"}, headers={"X-Draft": "1"})
    here = page()
    button = client.post(here, remark(world, text="Too late.") | {"keep_draft": "1"})

    assert (script.status_code, button["Location"]) == (204, here)
    assert not Remark.objects.exists()
    html = client.get(page()).content.decode()
    assert "Too late." in html
    assert 'name="discard_draft"' in html
    assert "Too late." not in client.get(page("member")).content.decode()


def test_it_ends_when_the_form_is_sent_or_when_it_is_discarded(client, page, world):
    client.post(page(), remark(world) | {"keep_draft": "1"})
    sent = client.post(page(), remark(world))

    assert sent.status_code == 302
    assert (Remark.objects.count(), FormDraft.objects.count()) == (1, 0)

    client.post(page(), remark(world) | {"keep_draft": "1"})
    client.post(page(), {"discard_draft": "1"})
    assert not FormDraft.objects.exists()


def test_what_was_refused_is_kept(client, page, world):
    response = client.post(page(), remark(world, text="Call 9876-5432."))

    assert response.status_code == 200
    assert "Call 9876-5432." in client.get(page()).content.decode()


def test_only_the_fields_of_a_form_that_the_person_may_fill_in_are_kept(client, page, world):
    typed = {"text": "Too early.", "keep_draft": "1"}
    propose = page().replace("/remark/", "/actions/999999/propose/")

    nowhere = client.post(propose, typed)
    client.post(page(), remark(world) | {"keep_draft": "1", "anything": "x" * 9000})

    assert nowhere.status_code == 404
    assert set(FormDraft.objects.get().content) <= {"institution", "text", "audience"}


def test_where_something_is_withdrawn_nothing_is_typed(client, page, world):
    client.post(page(), remark(world))
    answer = Remark.objects.get()
    _link, token = AccessLink.issue(world.people["partner"], "review_plan", world.plan, by=None)
    withdraw = reverse("committees:plan-link-withdraw", args=[token, "remark", answer.pk])

    shown = client.get(withdraw).content.decode()

    assert "btn-danger" in shown
    assert "keep_draft" not in shown


def test_what_is_sent_too_late_is_kept_with_a_sentence(client, page, world):
    client.post(page(), remark(world) | {"keep_draft": "1"})
    plans = ActionPlan.objects.filter(pk=world.plan.pk)
    plans.update(review_until=timezone.localdate() - timedelta(days=1))

    late = client.post(page(), remark(world, text="Too late."), follow=True)

    assert "The time has run out" in late.content.decode()
    assert not Remark.objects.exists()
    plans.update(review_until=timezone.localdate() + timedelta(days=1))
    assert "Too late." in client.get(page()).content.decode()


def test_old_drafts_are_deleted(client, page, world):
    client.post(page(), remark(world) | {"keep_draft": "1"})
    FormDraft.objects.update(saved_at=timezone.now() - timedelta(days=61))

    assert (forget_drafts(), FormDraft.objects.count()) == (1, 0)
