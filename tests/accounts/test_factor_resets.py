"""A lost second factor is removed by two people of the team, and its owner learns of each step."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone, translation

from accounts.models import AccessEvent, FactorReset, OutgoingMail
from accounts.second_factor import ask_for_reset, confirm_reset
from kernel.refusal import Refusal
from tests.accounts.doors import sign_in
from tests.factories import AssignmentFactory, UserFactory
from tests.world import World

pytestmark = pytest.mark.django_db

PAGE = "/people/lost-factors/"
REASON = "I called the number that I had, and know the voice."


@pytest.fixture
def world():
    world = World()
    world.people["second"] = UserFactory(full_name="Rôle — second coordinator")
    AssignmentFactory(project=world.project, user=world.people["second"], role="coordinator")
    TOTP.activate(world.people["finance"], "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(world.people["finance"])
    return world


@pytest.fixture
def client_of(world):
    def client_of(role):
        client = Client()
        client.force_login(world.people[role])
        return client

    return client_of


@pytest.fixture
def owner(world):
    return world.people["finance"]


def ask(client, person, **more):
    return client.post(f"{PAGE}new/", {"person": person.email, "reason": REASON} | more)


def sentences(response):
    return response.content.decode()


def to(person):
    """The messages that were written to the person, the first one first."""
    return [
        *OutgoingMail.objects.filter(person=person).order_by("pk").values_list("text", flat=True)
    ]


def changes():
    events = AccessEvent.objects.filter(kind="account").order_by("number")
    return [(event.details["change"], event.key, event.thing) for event in events]


def test_two_coordinators_remove_it(world, client_of, owner, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    signed_in = Client()
    signed_in.force_login(owner)
    first, second = world.people["coordinator"], world.people["second"]

    assert ask(client_of("coordinator"), owner).url == PAGE
    assert Authenticator.objects.filter(user=owner).count() == 2  # nothing is removed yet
    (asked,) = to(owner)
    assert f"{first} reported that you lost the second step" in asked
    for helper in (second, world.people["administrator"]):
        assert [f"{owner} lost the second step" in body for body in to(helper)] == [True]
    assert to(first) == []

    time_machine.shift(60)
    reset = FactorReset.objects.get()
    client_of("second").post(f"{PAGE}{reset.pk}/confirm/")

    assert not Authenticator.objects.exists()
    assert f"was removed by {first} and {second}" in to(owner)[-1]
    assert signed_in.get("/people/me/").status_code == 302
    assert sign_in(Client(), owner.email).url == "/"
    assert changes() == [
        ("removal of the second factor asked for", first.pseudonym.key, owner),
        ("removal of the second factor confirmed", second.pseudonym.key, owner),
    ]


@pytest.mark.parametrize("role", ["coordinator", "finance", "monitoring", "partner", "outsider"])
def test_nobody_else_confirms_it(world, client_of, owner, role):
    ask(client_of("coordinator"), owner)
    reset = FactorReset.objects.get()

    client_of(role).post(f"{PAGE}{reset.pk}/confirm/")

    assert Authenticator.objects.filter(user=owner).exists()
    assert FactorReset.objects.open().exists()


@pytest.mark.parametrize(
    ("role", "owner_role"),
    [
        *(("outsider", role) for role in ("finance", "donor", "partner")),
        ("coordinator", "administrator"),  # administrators are helped by administrators
        ("coordinator", "coordinator"),
        ("coordinator", "outsider"),
    ],
)
def test_who_is_of_no_project_of_theirs_is_as_unknown_as_nobody(world, client_of, role, owner_role):
    person = world.people[owner_role]
    known = ask(client_of(role), person)
    unknown = client_of(role).post(
        f"{PAGE}new/", {"person": "nobody@example.org", "reason": REASON}
    )

    assert known.status_code == unknown.status_code == 200
    assert not FactorReset.objects.exists()
    assert "Nobody in your projects signs in with this address." in sentences(unknown)
    if role != owner_role:
        assert "Nobody in your projects signs in with this address." in sentences(known)


@pytest.mark.parametrize("role", ["monitoring", "finance", "partner", "donor", "member"])
def test_others_do_not_ask(client_of, world, role):
    assert ask(client_of(role), world.people["reader"]).status_code == 403


@pytest.mark.parametrize("role", ["donor", "partner", "member", "auditor"])
def test_people_of_every_role_are_helped(world, client_of, role):
    person = world.people[role]
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")

    ask(client_of("coordinator"), person)
    client_of("administrator").post(f"{PAGE}{FactorReset.objects.get().pk}/confirm/")

    assert not Authenticator.objects.filter(user=person).exists()


def test_the_owner_stops_it(client_of, owner):
    ask(client_of("coordinator"), owner)
    page = client_of("finance").get(PAGE)
    assert "I did not lose it: stop this" in sentences(page)

    client_of("finance").post(f"{PAGE}{FactorReset.objects.get().pk}/withdraw/")

    assert not FactorReset.objects.open().exists()
    refused = client_of("second").post(
        f"{PAGE}{FactorReset.objects.get().pk}/confirm/", follow=True
    )
    assert "This request is no longer open." in sentences(refused)
    assert Authenticator.objects.filter(user=owner).exists()


def test_each_sees_what_concerns_them(client_of, owner):
    ask(client_of("coordinator"), owner)

    asked, may_confirm = (client_of(role).get(PAGE) for role in ("coordinator", "second"))
    assert "Confirm and remove" not in sentences(asked)
    assert "Confirm and remove" in sentences(may_confirm)
    assert REASON in sentences(may_confirm)
    for role in ("monitoring", "donor", "outsider"):
        assert REASON not in sentences(client_of(role).get(PAGE))


def test_it_is_confirmed_within_three_days(world, client_of, owner):
    reset = ask_for_reset(owner, reason=REASON, by=world.people["coordinator"])
    FactorReset.objects.update(asked_at=timezone.now() - timedelta(hours=73))

    with pytest.raises(Refusal, match="no longer open"), translation.override("en"):
        confirm_reset(reset, by=world.people["second"])
    assert ask(client_of("second"), owner).status_code == 302  # anew


def test_it_is_asked_once(world, client_of, owner):
    ask(client_of("coordinator"), owner)

    again = ask(client_of("second"), owner)

    assert "Somebody has already asked for this." in sentences(again)


def test_who_has_none_is_not_asked_for(world, client_of):
    answer = ask(client_of("coordinator"), world.people["reader"])

    assert "This person has no second step" in sentences(answer)


def test_without_a_second_person_the_operator_is_asked(owner, world):
    for role in ("second", "administrator"):
        world.people[role].is_active = False
        world.people[role].save()

    with pytest.raises(Refusal, match="Nobody else could confirm"), translation.override("en"):
        ask_for_reset(owner, reason=REASON, by=world.people["coordinator"])


@pytest.mark.parametrize(("asked", "confirmed"), [("a", "a"), ("owner", "a"), ("a", "owner")])
def test_the_database_wants_two_others(owner, asked, confirmed):
    people = {"a": UserFactory(), "owner": owner}

    with pytest.raises(IntegrityError), transaction.atomic():
        FactorReset.objects.create(
            person=owner,
            asked_by=people[asked],
            confirmed_by=people[confirmed],
            ended_at=timezone.now(),
        )


def test_the_operator_removes_the_one_of_the_only_administrator(world):
    administrator = world.people["administrator"]
    TOTP.activate(administrator, "JBSWY3DPEHPK3PXP")

    call_command("reset_second_factor", administrator.email.upper(), verbosity=0)

    assert not Authenticator.objects.filter(user=administrator).exists()
    assert changes() == [("second factor removed", None, administrator)]
    assert "removed by the operator of the portal" in to(administrator)[0]
    assert "/people/me/sessions/" in to(administrator)[0]
    with pytest.raises(CommandError, match="has no second factor"):
        call_command("reset_second_factor", administrator.email)
    with pytest.raises(CommandError, match="Nobody has the address"):
        call_command("reset_second_factor", "nobody@example.org")
