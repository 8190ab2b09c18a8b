"""An access link opens one plan to one person without a session; opening it changes nothing."""

import re
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent, AccessLink
from committees.models import ActionPlan, Position, Remark
from committees.plans.services.review import issue_link
from tests.factories import (
    ActionFactory,
    ActionPlanFactory,
    ActionTermsFactory,
    ContactFactory,
    ParticipationFactory,
    PositionFactory,
    ProposedChangeFactory,
    RemarkFactory,
)
from tests.world import World

pytestmark = pytest.mark.django_db

PAGES = ("plan-link", "plan-link-position", "plan-link-remark")


@pytest.fixture
def world():
    world = World()
    world.plan.status = ActionPlan.Status.IN_REVIEW
    world.plan.review_until = timezone.localdate() + timedelta(days=6)
    world.plan.save()
    return world


@pytest.fixture
def link(world):
    link, url = issue_link(world.plan, world.people["partner"], by=world.people["coordinator"])
    link.token = url.rstrip("/").rsplit("/", 1)[1]
    return link


def page(name, token):
    return reverse(f"committees:{name}", args=[token])


def position(world, **changes):
    return {
        "institution": world.institutions["partner"].pk,
        "stance": "endorses",
        "text": "",
        "audience": "coordination",
        "key": str(uuid.uuid4()),
    } | changes


def rows():
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.managed and model._meta.pk is not None
    }


# Opening


@pytest.mark.parametrize("name", PAGES)
def test_opening_changes_nothing_and_leaves_no_session(client, link, name):
    before = rows()

    response = client.get(page(name, link.token), {"stance": "endorses"})

    assert response.status_code == 200
    assert rows() == before
    assert "sessionid" not in response.cookies
    assert Session.objects.count() == 0


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_for_no_cache_no_search_engine_and_no_other_site(client, link, name):
    headers = client.get(page(name, link.token)).headers

    assert headers["Referrer-Policy"] == "strict-origin"
    assert "noindex" in headers["X-Robots-Tag"]
    assert "no-store" in headers["Cache-Control"]


def test_the_bearer_sees_the_plan_and_no_names_of_persons(client, world, link):
    RemarkFactory(
        plan=world.plan,
        institution=world.institutions["partner"],
        by=world.people["partner"],
        text="Notre remarque.",
    )

    content = client.get(page("plan-link", link.token)).content.decode()

    assert world.terms.title_fr in content
    assert "Notre remarque." in content
    assert not [role for role in world.people.values() if role.full_name in content]


def test_the_bearer_sees_the_answers_of_their_own_institution_alone(client, world):
    """Also one who sits in the committee: who holds the telephone is not known."""
    _link, url = issue_link(world.plan, world.people["member"], by=None)
    RemarkFactory(
        plan=world.plan,
        institution=world.institutions["partner"],
        audience="committee",
        text="Remarque d’une autre institution.",
    )
    PositionFactory(plan=world.plan, institution=world.institutions["partner"])

    response = client.get(url)

    assert "Remarque d’une autre institution." not in response.content.decode()
    assert [stand.institution for stand in response.context["own_review_statuses"]] == [
        world.institutions["member"]
    ]


def test_a_coordinator_who_is_also_a_contact_gets_no_more_by_link(client, world):
    ContactFactory(institution=world.institutions["partner"], user=world.people["coordinator"])
    RemarkFactory(plan=world.plan, institution=world.institutions["member"], text="Réservée.")
    _link, url = issue_link(world.plan, world.people["coordinator"], by=None)

    content = client.get(url).content.decode()

    assert "Réservée." not in content
    assert reverse("committees:action-edit", args=[world.plan.pk, world.terms.pk]) not in content


def test_the_page_speaks_the_language_of_its_person(client, world, link):
    world.people["partner"].language = "en"
    world.people["partner"].save()

    response = client.get(page("plan-link", link.token), headers={"accept-language": "fr"})

    assert '<html lang="en">' in response.content.decode()


def test_who_is_signed_in_as_somebody_else_stays_outside_the_page(client, world, link):
    client.force_login(world.people["coordinator"])

    content = client.get(page("plan-link", link.token)).content.decode()

    assert world.people["coordinator"].full_name not in content
    assert f'href="{reverse("committees:plans")}"' not in content


# Not opening


def refused(client, world, token):
    return {client.get(page(name, token)).status_code for name in PAGES} | {
        client.post(page(name, token), position(world)).status_code for name in PAGES[1:]
    }


def test_an_altered_link_is_not_found(client, world, link):
    assert refused(client, world, link.token[:-1] + "x") == {404}
    assert refused(client, world, "x") == {404}


def test_a_revoked_link_is_not_found(client, world, link):
    link.revoke()

    assert refused(client, world, link.token) == {404}
    assert Position.objects.count() == 0


def test_an_expired_link_is_not_found(client, world, link):
    with time_machine.travel(timezone.now() + timedelta(days=37)):
        assert refused(client, world, link.token) == {404}


def test_a_link_for_something_else_is_not_found(client, world):
    partner = world.people["partner"]
    _link, token = AccessLink.issue(partner, "answer_invitation", world.plan, by=None)

    assert refused(client, world, token) == {404}


def test_a_link_for_another_kind_of_thing_is_not_found(client, world):
    _link, token = AccessLink.issue(world.people["partner"], "review_plan", world.meeting, by=None)

    assert refused(client, world, token) == {404}


def test_a_link_of_another_projects_plan_opens_nothing_to_this_person(client, world):
    foreign = ActionPlanFactory(
        period__project=world.neighbour, status="in_review", review_until=timezone.localdate()
    )
    _link, url = issue_link(foreign, world.people["partner"], by=None)

    assert client.get(url).status_code == 404


def test_all_refusals_are_the_same_page(client, world, link):
    """But for what every page has of its own: the token of its forms, its address, and the number of the request."""

    def shown(token):
        content = client.get(page("plan-link", token)).content.decode()
        return re.sub(r'(value|content|nonce)="[^"]*"|<code>.*?</code>', "", content)

    altered = shown("x")
    link.revoke()

    assert shown(link.token) == altered


def test_who_left_the_institution_reads_no_more(client, world, link):
    world.people["partner"].contacts.update(ended_on=timezone.localdate())

    assert refused(client, world, link.token) == {404}


def test_a_deactivated_person_reads_no_more(client, world, link):
    world.people["partner"].is_active = False
    world.people["partner"].save()

    assert refused(client, world, link.token) == {404}


# Answering


def test_a_pressed_button_takes_the_position_and_says_it_back(client, world, link):
    response = client.post(
        page("plan-link-position", link.token), position(world, stance="endorses"), follow=True
    )

    taken = Position.objects.get()
    assert (taken.institution, taken.channel, taken.by) == (
        world.institutions["partner"],
        "link",
        world.people["partner"],
    )
    assert f"Recorded for {world.institutions['partner']}: Endorses." in response.content.decode()
    event = AccessEvent.objects.get(kind="link")
    assert event.details == {"purpose": "review_plan", "answer": "position"}
    assert Session.objects.count() == 0


def test_it_works_where_cookies_are_refused(world, link):
    """Browsers inside messengers keep none; the address itself is the key."""
    from django.test import Client  # noqa: PLC0415  one that checks, as browsers are checked

    strict = Client(enforce_csrf_checks=True)

    response = strict.post(page("plan-link-position", link.token), position(world))

    assert response.status_code == 302
    assert Position.objects.count() == 1


def test_the_position_can_be_changed_until_the_deadline(client, world, link):
    url = page("plan-link-position", link.token)
    client.post(url, position(world))
    client.post(url, position(world, stance="asks", text="Autres dates."))

    with time_machine.travel(timezone.now() + timedelta(days=8)):
        late = client.post(url, position(world), follow=True)

    assert Position.objects.latest_each().get().stance == "asks"
    assert "Ask the coordination to reopen it" in late.content.decode()
    assert "Asks for changes" in late.content.decode()


def test_the_same_form_sent_twice_is_one_position(client, world, link):
    fields = position(world)

    for _ in range(2):
        client.post(page("plan-link-position", link.token), fields)

    assert Position.objects.count() == 1


def test_a_remark_by_link_stands_with_its_action(client, world, link):
    fields = {
        "institution": world.institutions["partner"].pk,
        "action": world.action.pk,
        "text": "En novembre.",
        "audience": "committee",
        "key": str(uuid.uuid4()),
    }

    response = client.post(page("plan-link-remark", link.token), fields, follow=True)

    kept = Remark.objects.get()
    assert (kept.action, kept.channel, kept.audience) == (world.action, "link", "committee")
    assert response.context["board"].groups[0].rows[0].remarks == [kept]
    assert response.context["done"]


def test_the_bearer_answers_for_no_other_institution(client, world, link):
    response = client.post(
        page("plan-link-position", link.token),
        position(world, institution=world.institutions["member"].pk),
    )

    assert "institution" in response.context["form"].errors
    assert Position.objects.count() == 0


def test_a_bearer_of_two_institutions_chooses(client, world, link):
    second = ParticipationFactory(project=world.project).institution
    ContactFactory(institution=second, user=world.people["partner"])

    client.post(page("plan-link-position", link.token), position(world, institution=second.pk))

    assert Position.objects.get().institution == second


def test_a_plan_that_went_back_to_draft_says_that_a_message_will_come(client, world, link):
    ActionPlan.objects.filter(pk=world.plan.pk).update(status="draft")

    response = client.get(page("plan-link", link.token))
    client.post(page("plan-link-position", link.token), position(world))

    assert "This plan is being worked on" in response.content.decode()
    assert world.terms.title_fr not in response.content.decode()
    assert Position.objects.count() == 0


# Making and revoking


def links_url(world):
    return reverse("committees:plan-links", args=[world.plan.pk])


def test_the_coordination_makes_a_link_that_is_shown_once(client, world):
    client.force_login(world.people["coordinator"])
    url = reverse("committees:plan-link-create", args=[world.plan.pk, world.people["partner"].pk])

    response = client.post(url)
    fresh = response.context["fresh"]["url"]

    assert "no-store" in response.headers["Cache-Control"]
    assert fresh in response.content.decode()
    assert fresh in response.context["fresh"]["text"]
    assert "/plans/link/" not in client.get(links_url(world)).content.decode()
    client.logout()
    assert client.get(fresh).status_code == 200


def test_the_coordination_is_asked_before_it_revokes_a_link_and_what_goes_with_it(
    client, world, link
):
    client.force_login(world.people["coordinator"])

    url = reverse("committees:plan-link-revoke", args=[world.plan.pk, link.pk])
    assert f'href="{url}"' in client.get(links_url(world)).content.decode()
    asked = client.get(url)
    assert AccessLink.objects.get(pk=link.pk).is_valid

    client.post(url)

    assert "on a telephone goes with it" in " ".join(asked.content.decode().split())
    client.logout()
    assert client.get(page("plan-link", link.token)).status_code == 404


def test_links_of_other_things_are_not_revoked_here(client, world):
    client.force_login(world.people["coordinator"])
    other, _token = AccessLink.issue(world.people["partner"], "review_plan", world.meeting, by=None)

    response = client.post(reverse("committees:plan-link-revoke", args=[world.plan.pk, other.pk]))

    other.refresh_from_db()
    assert response.status_code == 404
    assert other.revoked_at is None


def test_no_link_is_made_for_who_is_not_asked(client, world):
    client.force_login(world.people["coordinator"])

    for role in ("donor", "outsider", "coordinator"):
        url = reverse("committees:plan-link-create", args=[world.plan.pk, world.people[role].pk])
        assert client.post(url).status_code == 404
    assert AccessLink.objects.count() == 0


@pytest.mark.parametrize("role", ["monitoring", "auditor", "member", "partner"])
def test_only_the_coordination_handles_links(client, world, link, role):
    client.force_login(world.people[role])
    create = reverse("committees:plan-link-create", args=[world.plan.pk, world.people["member"].pk])
    revoke = reverse("committees:plan-link-revoke", args=[world.plan.pk, link.pk])

    answers = {
        client.get(links_url(world)).status_code,
        client.post(create).status_code,
        client.post(revoke).status_code,
    }

    assert answers == {403}
    assert AccessLink.objects.get().revoked_at is None


# Many


def test_the_page_costs_the_same_for_any_number_of_actions(
    client, world, link, django_assert_max_num_queries
):
    partner = world.institutions["partner"]
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            action = ActionFactory(project=world.project, reference=f"9.{number}")
            terms = ActionTermsFactory(plan=world.plan, action=action, result=world.result)
            terms.supporting.add(partner)
            terms.indicators.add(world.indicator)
            facts = {"plan": world.plan, "action": action, "institution": partner}
            RemarkFactory(**facts).replies.create(text="Entendu.")
            ProposedChangeFactory(**facts)

        # one for confirmed translations, one for held texts
        with django_assert_max_num_queries(25) as statements:
            response = client.get(page("plan-link", link.token))
        counts.append(len(statements))

        assert response.context["board"].count == numbers.stop + 1

    few, many = counts
    assert many <= few
