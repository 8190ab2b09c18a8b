"""A report, a plan and an amendment are presented to people: it is known who gets what before, and who got it after."""

import re

import pytest
from django.conf import settings
from django.core import mail
from django.urls import reverse

from accounts.models import OutgoingMail, User
from committees.models import ActionPlan
from projects.models import Participation, Representation
from tests.accounts.doors import code_of
from tests.factories import AmendmentFactory, ContactFactory, RepresentationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(client, world):
    client.force_login(world.people["coordinator"])
    return client


@pytest.fixture
def nobody_else(world):
    """The representatives of the donor and of the embassy have left."""
    Representation.objects.filter(participation__role__in=Participation.DONOR_ROLES).delete()


@pytest.fixture
def without_account(world, nobody_else):
    return ContactFactory(
        institution=world.institutions["donor"],
        full_name="Agathe Roy",
        email="agathe@example.org",
        language="fr",
    )


@pytest.fixture
def validated(world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="validated", validated_by=world.decision
    )
    world.plan.refresh_from_db()
    return world.plan


@pytest.fixture(params=["report", "plan", "amendment"])
def way(request, world):
    """The page that presents it, the thing, and the page on which it is read."""
    if request.param == "report":
        report = request.getfixturevalue("signed_plainly")
        page = reverse("reports:step", args=[report.pk, "submit"])
        return page, report, reverse("reports:read", args=[report.pk])
    if request.param == "amendment":
        amendment = AmendmentFactory(project=world.project, status="recommended")
        page = reverse("projects:amendment-step", args=[world.project.code, amendment.pk, "submit"])
        return page, amendment, amendment.get_absolute_url()
    plan = request.getfixturevalue("validated")
    return reverse("committees:plan-to-donor", args=[plan.pk]), plan, plan.get_absolute_url()


def given(page, **more):
    """Return what the form sends if nothing is changed but this."""
    form = page.context["form"]
    values = {field.html_name: field.value() for field in form}
    return {name: value for name, value in values.items() if value is not None} | more


def test_a_representative_without_an_account_is_reached_in_her_language_and_gets_in_by_a_code(
    client, coordinator, without_account, way
):
    page, _thing, read = way

    before = coordinator.get(page)
    done = coordinator.post(page, given(before, line_fr="Bonne lecture."), follow=True)

    assert "agathe@example.org" in before.content.decode()
    assert "Agathe Roy" in before.content.decode()
    assert "Messages" in done.content.decode()
    written = OutgoingMail.objects.get(address="agathe@example.org")
    assert re.search("vous (est|a été) (présenté|soumis)", written.subject)
    assert written.text.startswith("Bonjour Agathe Roy,\n\nBonne lecture.")
    link = re.search(
        rf"^{re.escape(settings.SITE_URL)}(/accounts/login/code/\S+)$", written.text, re.M
    )
    assert link is not None

    client.logout()
    asked = client.get(link[1])
    client.post(link[1], {"email": "agathe@example.org", "next": read})
    code = code_of(mail.outbox[-1])
    entered = client.post(reverse("account_confirm_login_code"), {"code": code, "next": read})

    assert asked.status_code == 200
    assert entered.url == read
    assert client.get(read).status_code == 200


def test_the_page_shows_the_message_and_sends_nothing_yet(coordinator, without_account, way):
    page, thing, _read = way
    status = thing.status

    shown = coordinator.post(page, {"read": str(without_account.pk), "line_fr": "Chère Agathe"})

    text = shown.content.decode()
    assert "Chère Agathe" in text
    assert shown.context["preview"].subject in text
    assert not OutgoingMail.objects.exists()
    thing.refresh_from_db()
    assert thing.status == status


def test_who_only_reads_for_the_donor_is_not_told_that_they_may_answer(
    coordinator, world, nobody_else, way
):
    page, _thing, _read = way
    for right in ("reads", "accepts"):
        RepresentationFactory(
            participation=world.project.participations.get(role="funding"),
            contact=ContactFactory(
                institution=world.institutions["donor"],
                email=f"{right}@example.org",
                language="en",
                represents=False,
            ),
            right=right,
        )

    before = coordinator.get(page)
    coordinator.post(page, given(before))

    said = dict(OutgoingMail.objects.values_list("address", "text"))
    assert before.content.decode().count("for information") == 1
    words = re.compile("accept it|and answer|approve it")
    assert words.search(said["accepts@example.org"])
    assert not words.search(said["reads@example.org"])


@pytest.mark.parametrize("right", ["reads", "accepts"])
@pytest.mark.parametrize("is_staff", [True, False])
def test_it_says_before_that_nobody_may_accept_it_and_where_the_right_is_given(
    coordinator, world, nobody_else, way, right, is_staff
):
    User.objects.filter(pk=world.people["coordinator"].pk).update(is_staff=is_staff)
    page, thing, _read = way
    only = RepresentationFactory(
        participation=world.project.participations.get(role="funding"),
        contact=ContactFactory(institution=world.institutions["donor"], represents=False),
        right=right,
    )
    edit = reverse("projects:representation-edit", args=[world.project.code, only.pk])
    place = edit if is_staff else f'"{only.get_absolute_url()}"'

    before = coordinator.get(page)
    coordinator.post(page, given(before))

    said = before.content.decode()
    assert ("Nobody may accept it for the donor" in said) == (right == "reads")
    assert (place in said) == (right == "reads")
    assert (b'name="right"' in coordinator.get(edit).content) == is_staff
    assert ("Ask an administrator" in said) == (right == "reads" and not is_staff)
    thing.refresh_from_db()
    assert thing.status == "submitted"


def test_a_line_in_a_language_that_somebody_does_not_read_says_so(
    coordinator, without_account, way
):
    page, _thing, _read = way
    before = coordinator.get(page)

    shown = coordinator.post(page, {"read": str(without_account.pk), "line_en": "With thanks."})
    coordinator.post(page, given(before, line_en="With thanks."))

    written = OutgoingMail.objects.get(address="agathe@example.org")
    said = "Les lignes suivantes sont en anglais\u00a0:\nWith thanks."
    assert said in written.text
    assert said in shown.context["preview"].text
    assert '<span lang="en">With thanks.</span>' in written.html
    labels = [str(field.label) for field in before.context["form"] if "line" in field.name]
    assert labels == [
        "A line of your own, if you like (English)",
        "A line of your own, if you like (French)",
    ]


def test_the_message_shown_before_takes_no_rough_translation(coordinator, without_account, way):
    page, _thing, _read = way

    shown = coordinator.get(page).content.decode()

    assert re.search(r'<section[^>]* data-no-gist>\s*<h2 id="preview"', shown)


def test_nobody_gets_anything_before_somebody_confirmed_them(coordinator, world, nobody_else, way):
    page, thing, _read = way
    status = thing.status
    waiting = RepresentationFactory(
        participation=world.project.participations.get(role="funding"),
        contact=ContactFactory(
            institution=world.institutions["donor"], email="new@example.org", represents=False
        ),
        confirmed_at=None,
    )

    before = coordinator.get(page)
    refused = coordinator.post(page, given(before))

    thing.refresh_from_db()
    assert "an administrator has to confirm this person first" in before.content.decode()
    assert waiting.get_absolute_url() in before.content.decode()
    assert "delivered" in refused.context["form"].errors
    assert thing.status == status
    assert not OutgoingMail.objects.exists()
    waiting.contact.refresh_from_db()
    assert waiting.contact.user is None


def test_nobody_is_asked_to_inform_those_whom_nobody_has_confirmed(
    coordinator, world, without_account, way
):
    page, _thing, _read = way
    RepresentationFactory(
        participation=world.project.participations.get(role="funding"),
        contact=ContactFactory(
            institution=world.institutions["donor"], email="new@example.org", represents=False
        ),
        confirmed_at=None,
    )

    done = coordinator.post(page, given(coordinator.get(page)), follow=True)

    text = done.content.decode()
    assert "Not sent, waits for confirmation" in text
    assert "please inform them yourself" not in text
    assert not OutgoingMail.objects.filter(address="new@example.org").exists()


def test_if_nobody_is_reached_it_is_said_before_and_another_way_is_recorded(
    coordinator, world, nobody_else, way
):
    page, thing, _read = way
    status = thing.status

    before = coordinator.get(page)
    refused = coordinator.post(page, given(before))
    thing.refresh_from_db()
    kept = thing.status
    coordinator.post(page, given(before, delivered="letter", on="2020-11-02"))

    thing.refresh_from_db()
    step = thing.status_changes.last()
    assert "Nobody represents the donor in this project" in before.content.decode()
    assert "delivered" in refused.context["form"].errors
    assert kept == status
    assert thing.status == "submitted"
    assert step.why.startswith("Delivered in another way: Letter.")
    assert step.happened_on.isoformat() == "2020-11-02"


def test_of_what_happened_long_ago_nobody_is_written_to_and_it_is_said(
    coordinator, without_account, way
):
    page, thing, _read = way

    done = coordinator.post(page, given(coordinator.get(page), on="2020-11-02"), follow=True)

    thing.refresh_from_db()
    assert thing.status == "submitted"
    assert "this happened more than 90 days ago" in done.content.decode()
    assert not OutgoingMail.objects.exists()


def test_who_sends_it_is_not_among_those_who_get_it(coordinator, world, without_account, way):
    page, _thing, _read = way
    RepresentationFactory(
        participation=world.project.participations.get(role="funding"),
        contact=ContactFactory(
            institution=world.institutions["donor"],
            user=world.people["coordinator"],
            represents=False,
        ),
    )

    before = coordinator.get(page)

    assert [one.contact for one in before.context["recipients"]] == [without_account]


def test_afterwards_the_page_shows_who_was_sent_it_and_who_signed_in(
    client, coordinator, world, without_account, way
):
    page, thing, _read = way
    coordinator.post(page, given(coordinator.get(page)))

    before = coordinator.get(thing.get_absolute_url())
    without_account.refresh_from_db()
    client.force_login(without_account.user)
    as_donor = client.get(thing.get_absolute_url())
    client.force_login(world.people["coordinator"])
    after = coordinator.get(thing.get_absolute_url())

    assert [one.person.full_name for one in before.context["sent"]] == ["Agathe Roy"]
    assert "last signed in on" not in before.content.decode()
    assert "last signed in on" in after.content.decode()
    assert not as_donor.context["sent"]


def test_who_has_a_password_goes_straight_to_the_page(coordinator, world, way):
    page, _thing, read = way

    coordinator.post(page, given(coordinator.get(page)))

    written = OutgoingMail.objects.get(person=world.people["donor"])
    assert f"{settings.SITE_URL}{read}\n" in written.text
    assert "/accounts/login/code/" not in written.text


def test_a_plan_that_cannot_be_submitted_has_no_page_to_submit_it(coordinator, world):
    answer = coordinator.get(reverse("committees:plan-to-donor", args=[world.plan.pk]), follow=True)

    assert answer.redirect_chain[0][0] == world.plan.get_absolute_url()
    assert "once the committee has validated it" in answer.content.decode()
