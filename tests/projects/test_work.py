"""Results and indicators are kept by the coordinator; who works for a project, too."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone, translation

from accounts.log_check import check_log
from accounts.models import AccessEvent, User
from kernel.formats import day
from kernel.refusal import Refusal
from projects.models import Assignment, Result, TeamInvitation
from projects.tasks import sweep_invitations
from projects.team.services import accept_invitation, end_invitation
from tests.factories import ActivityFactory, ResultFactory, UserFactory

pytestmark = pytest.mark.django_db


def errors_of(response):
    return response.context["form"].errors


def address(world, page, *args):
    return reverse(f"projects:{page}", args=[world.project.code, *args])


# Results and indicators


def test_the_logic_model_grows_from_the_top(client, world, coordinator):
    url = address(world, "result-create")
    data = {"level": "immediate", "parent": world.result.pk, "code": "1110", "statement_fr": "Su"}
    client.post(url, data)
    below = Result.objects.get(code="1110")

    twice = client.post(url, data)

    assert errors_of(twice) == {"__all__": ["The project already has a result with this code."]}
    content = client.get(address(world, "logic-model")).content.decode()
    assert content.index("Énoncé 1100") < content.rindex(below.get_absolute_url())
    assert below.get_absolute_url() in client.get(world.result.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"level": "output"}, "parent"),  # an output belongs to an immediate outcome
        ({"level": "immediate", "parent": ""}, "parent"),
        ({"level": "ultimate"}, "parent"),
        ({"level": "nonsense"}, "level"),
        ({"code": ""}, "code"),
        ({"statement_fr": "x" * 1001}, "statement_fr"),
    ],
)
def test_a_result_at_a_wrong_place_is_refused(client, world, coordinator, data, field):
    whole = {"level": "immediate", "parent": world.result.pk, "code": "9", "statement_fr": "Su"}

    response = client.post(address(world, "result-create"), whole | data)

    assert field in errors_of(response)


def test_a_result_that_has_others_below_stays_at_its_level(client, world, coordinator):
    ResultFactory(project=world.project, level="immediate", parent=world.result)
    data = {"level": "immediate", "parent": "", "code": "1100", "statement_fr": "Su"}

    response = client.post(address(world, "result-edit", world.result.pk), data)

    assert set(errors_of(response)) >= {"parent"}
    world.result.refresh_from_db()
    assert world.result.level == "intermediate"


def test_a_result_in_use_is_not_deleted(client, world, coordinator):
    response = client.post(address(world, "result-delete", world.result.pk), follow=True)

    content = response.content.decode()
    assert "is in use and cannot be deleted" in content
    assert "Indicators" in content
    world.result.refresh_from_db()


def test_an_indicator_and_its_result_name_each_other(client, world, sign_in):
    sign_in("reader")
    activity = ActivityFactory(project=world.project, result=world.result)
    pages = [world.result, world.indicator, activity]

    texts = {page: client.get(page.get_absolute_url()).content.decode() for page in pages}

    for page in pages:
        for other in pages:
            if other is not page:
                assert other.get_absolute_url() in texts[page]


# Team


def days_from_now(days):
    return timezone.localdate() + timedelta(days=days)


def member(**changes):
    typed = {"email": "new@example.org", "full_name": "Personne 099", "language": "es"}
    return typed | {"role": "reader"} | changes


def invite(client, world, run_on_commit, **changes):
    with run_on_commit(execute=True):
        return client.post(
            address(world, "assignment-create"), member(**changes), follow=True
        ).content.decode()


def test_nobody_learns_which_addresses_are_known(
    client, world, coordinator, django_capture_on_commit_callbacks
):
    known = UserFactory(email="known@example.org", full_name="Nom Enregistré", language="es")
    closed = UserFactory(email="close@example.org", full_name="Compte Fermé", is_active=False)

    pages = {
        email: invite(client, world, django_capture_on_commit_callbacks, email=email)
        .replace(email, "…")
        .replace(email.capitalize(), "…")
        for email in ("strange@example.org", known.email, closed.email)
    }
    names = {person.full_name for person in (known, closed)}

    for page in pages.values():
        assert "The role begins once the person accepts it." in page
        assert not any(name in page for name in names)
    assert [letter.to[0] for letter in mail.outbox] == ["strange@example.org", known.email]
    assert len({letter.subject for letter in mail.outbox}) == 1
    assert not Assignment.objects.filter(user__email__in=pages).exists()


def test_an_invitation_of_the_evening_ends_on_a_day_of_the_organisation(
    client, world, coordinator, django_capture_on_commit_callbacks
):
    evening = datetime(2020, 5, 2, 3, 0, tzinfo=UTC)  # May 1 in Honduras
    with time_machine.travel(evening, tick=False):
        invite(client, world, django_capture_on_commit_callbacks, email="strange@example.org")

    with translation.override("es"):
        assert f"hasta el {day(date(2020, 5, 31))}." in mail.outbox[0].body


def test_whoever_accepts_has_the_role_and_the_log_keeps_it(
    client, world, coordinator, django_capture_on_commit_callbacks
):
    person = UserFactory(email="known@example.org", full_name="Nom Enregistré", language="en")
    invite(client, world, django_capture_on_commit_callbacks, email="Known@Example.org")
    invitation = TeamInvitation.objects.get()
    client.force_login(person)

    shown = client.get(invitation.get_absolute_url()).content.decode()
    client.post(invitation.get_absolute_url(), follow=True)

    assert invitation.get_absolute_url() in mail.outbox[0].body
    assert "as: Reader." in shown
    assert Assignment.objects.get(user=person).role == "reader"
    assert TeamInvitation.objects.get().outcome == "accepted"
    events = AccessEvent.objects.about(world.project).order_by("pk")
    assert [(event.kind, event.details) for event in events] == [
        (
            AccessEvent.Kind.ROLE,
            {"role": "reader", "change": change, "person": str(person.pseudonym.key)},
        )
        for change in ("invited", "added")
    ]
    assert check_log("").problems == []


def test_an_accepted_invitation_leads_to_the_project_while_the_role_lasts(
    client, world, coordinator
):
    client.post(address(world, "assignment-create"), member(language="en"))
    invitation = TeamInvitation.objects.get()
    client.force_login(invitation.user)
    client.post(invitation.get_absolute_url())

    again = client.get(invitation.get_absolute_url(), follow=True)
    Assignment.objects.filter(user=invitation.user).delete()
    later = client.get(invitation.get_absolute_url())

    assert again.redirect_chain == [(world.project.get_absolute_url(), 302)]
    assert "You have already accepted this invitation." in again.content.decode()
    assert later.status_code == 410
    assert "Your role has since ended." in later.content.decode()


def test_an_invitation_is_declined_withdrawn_or_runs_out(client, world, coordinator):
    def invited():
        client.force_login(coordinator)
        client.post(address(world, "assignment-create"), member(language="en"))
        return TeamInvitation.objects.get()

    def explained(invitation):
        client.force_login(own)
        response = client.get(invitation.get_absolute_url())
        assert client.post(invitation.get_absolute_url()).status_code == response.status_code == 410
        return response.content.decode()

    invited()
    own = User.objects.get(email="new@example.org")
    client.force_login(own)
    declined = TeamInvitation.objects.get()
    client.post(declined.get_absolute_url(), {"decline": "1"})
    assert "You declined this invitation" in explained(declined)

    withdrawn = invited()
    client.post(address(world, "team-invitation-withdraw", withdrawn.pk))
    assert "was withdrawn on" in explained(withdrawn)

    old = invited()
    TeamInvitation.objects.update(sent_at=old.sent_at - timedelta(days=31))
    assert "expired on" in explained(old)
    sweep_invitations()
    assert "expired on" in explained(old)
    assert not Assignment.objects.filter(user=own).exists()


def test_no_open_invitation_gives_a_role_again_that_was_ended(client, world, coordinator):
    client.post(address(world, "assignment-create"), member())
    invitation = TeamInvitation.objects.get()
    # Seen in the team by another role, the person gets this one at once.
    Assignment.objects.create(project=world.project, user=invitation.user, role="monitoring")
    client.post(address(world, "assignment-create"), member())
    Assignment.objects.get(user=invitation.user, role="reader").delete()

    client.force_login(invitation.user)

    client.post(invitation.get_absolute_url())
    assert not Assignment.objects.filter(user=invitation.user, role="reader").exists()


def test_an_invitation_is_for_the_invited_person_alone(client, world, coordinator, sign_in):
    client.post(address(world, "assignment-create"), member())
    invitation = TeamInvitation.objects.get()

    for role in ("coordinator", "reader", "outsider"):
        sign_in(role)
        assert client.post(invitation.get_absolute_url()).status_code == 404, role

    assert TeamInvitation.objects.exists()


def withdraw(invitation):
    TeamInvitation.objects.all().delete()


def end_the_role(invitation):
    TeamInvitation.objects.update(ends_on=days_from_now(-1))


def end_the_coordination(invitation):
    Assignment.objects.filter(role="coordinator").update(ends_on=days_from_now(-1))


def close_the_account(invitation):
    User.objects.filter(pk=invitation.sent_by_id).update(is_active=False)


@pytest.mark.parametrize(
    ("happened", "said"),
    [
        (withdraw, "This invitation is no longer open."),
        (end_the_role, "The last day of this role has passed."),
        (end_the_coordination, "The person who invited you no longer coordinates this project."),
        (close_the_account, "The person who invited you no longer coordinates this project."),
    ],
)
def test_an_invitation_that_no_longer_holds_gives_no_role(
    client, world, coordinator, happened, said
):
    client.post(address(world, "assignment-create"), member())
    invitation = TeamInvitation.objects.get()
    happened(invitation)
    before = AccessEvent.objects.count()

    # The request left its own language behind.
    with translation.override("en"), pytest.raises(Refusal, match=said):
        accept_invitation(invitation)

    assert not Assignment.objects.filter(user=invitation.user).exists()
    assert AccessEvent.objects.count() == before


def test_a_refused_acceptance_is_explained(client, world, coordinator):
    client.post(address(world, "assignment-create"), member(language="en"))
    invitation = TeamInvitation.objects.get()
    TeamInvitation.objects.update(ends_on=days_from_now(-1))
    client.force_login(invitation.user)

    page = client.post(invitation.get_absolute_url(), follow=True)

    assert "The last day of this role has passed." in page.content.decode()


def test_an_invitation_ends_once(client, world, coordinator):
    client.post(address(world, "assignment-create"), member())
    invitation = TeamInvitation.objects.get()
    end_invitation(TeamInvitation.objects.get(), by=coordinator)

    # The request left its own language behind.
    with translation.override("en"), pytest.raises(Refusal, match="no longer open"):
        end_invitation(invitation, by=coordinator)

    changes = [event.details["change"] for event in AccessEvent.objects.about(world.project)]
    assert changes.count("withdrawn") == 1


def test_the_sender_learns_that_an_invitation_was_declined_or_expired(
    client, world, coordinator, django_capture_on_commit_callbacks
):
    User.objects.filter(pk=coordinator.pk).update(language="en")
    for name in ("Personne Partie", "Personne Lente", "Personne Neuve"):
        email = f"{name.split()[1]}@example.org"
        client.post(address(world, "assignment-create"), member(email=email, full_name=name))
    gone, slow, _new = TeamInvitation.objects.order_by("pk")
    with django_capture_on_commit_callbacks(execute=True):
        client.force_login(gone.user)
        client.post(gone.get_absolute_url(), {"decline": "1"})
        TeamInvitation.objects.filter(pk=slow.pk).update(sent_at=slow.sent_at - timedelta(days=31))
        sweep_invitations()
        sweep_invitations()

    bodies = [letter.body for letter in mail.outbox if letter.to == [coordinator.email]]
    client.force_login(coordinator)
    page = client.get(address(world, "team")).content.decode()

    assert ["Personne Partie declined" in bodies[0], "Personne Lente did not" in bodies[1]] == [
        True,
        True,
    ]
    assert len(bodies) == 2
    assert "Declined ·" in page
    assert "Expired ·" in page


def test_the_invitation_says_how_long_it_is_open(
    client, world, coordinator, django_capture_on_commit_callbacks
):
    invite(client, world, django_capture_on_commit_callbacks, language="en")

    assert "The invitation is open for 30 days, until " in mail.outbox[0].body


def test_invitations_are_forgotten_a_while_after_their_end(client, world, coordinator):
    for email in ("old@example.org", "new@example.org"):
        client.post(address(world, "assignment-create"), member(email=email))
    TeamInvitation.objects.filter(typed_email="old@example.org").update(
        outcome="declined", ended_at=timezone.now() - timedelta(days=91)
    )

    sweep_invitations()

    assert TeamInvitation.objects.get().typed_email == "new@example.org"


def test_an_invitation_waits_on_the_home_page_of_the_invited_person_alone(
    client, world, coordinator, sign_in
):
    client.post(address(world, "assignment-create"), member(language="en"))
    invitation = TeamInvitation.objects.get()
    pages = [reverse("home"), reverse("due")]

    client.force_login(invitation.user)
    own = [client.get(page).content.decode() for page in pages]
    sign_in("outsider")
    others = [client.get(page).content.decode() for page in pages]

    title = "Answer the invitation to the team: Reader"
    assert all(invitation.get_absolute_url() in page and title in page for page in own)
    assert not any(invitation.get_absolute_url() in page for page in others)


def test_an_administrator_who_sees_everybody_gives_a_role_at_once(client, world, sign_in):
    sign_in("administrator")
    person = UserFactory(email="known@example.org")

    client.post(address(world, "assignment-create"), member(email=person.email))

    assert Assignment.objects.get(user=person).role == "reader"


def test_somebody_new_is_invited_in_their_language(
    client, world, coordinator, django_capture_on_commit_callbacks
):
    invite(client, world, django_capture_on_commit_callbacks)

    person = User.objects.get(email="new@example.org")
    assert (person.language, person.has_usable_password()) == ("es", False)
    assert [letter.to for letter in mail.outbox] == [["new@example.org"]]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"full_name": ""}, "full_name"),
        ({"email": "nonsense", "full_name": "X"}, "email"),
        ({"role": "administrator", "full_name": "X"}, "role"),
        ({"role": "auditor", "full_name": "X"}, "ends_on"),
        ({"ends_on": "2020-01-01", "full_name": "X"}, "ends_on"),
    ],
)
def test_a_role_that_cannot_be_given_is_refused(client, world, coordinator, data, field):
    before = User.objects.count()

    response = client.post(address(world, "assignment-create"), member(**data))

    assert set(errors_of(response)) == {field}
    assert User.objects.count() == before


def test_a_role_given_twice_is_given_once(client, world, coordinator):
    data = member(email=world.project.assignments.get(role="reader").user.email)

    twice = client.post(address(world, "assignment-create"), data)

    assert errors_of(twice) == {"__all__": ["This person already has this role in the project."]}


def test_an_invitation_sent_twice_is_one(client, world, coordinator):
    for _ in range(2):
        client.post(address(world, "assignment-create"), member())

    assert TeamInvitation.objects.count() == 1


def test_a_role_that_had_ended_begins_again(client, world, coordinator):
    ended = world.project.assignments.get(role="reader")
    Assignment.objects.filter(pk=ended.pk).update(ends_on="2020-01-01")

    client.post(address(world, "assignment-create"), member(email=ended.user.email))

    ended.refresh_from_db()
    assert ended.ends_on is None


def test_a_role_ends_at_once_or_on_a_day(client, world, coordinator):
    reader = world.project.assignments.get(role="reader")
    finance = world.project.assignments.get(role="finance")

    client.post(address(world, "assignment-delete", reader.pk))
    client.post(address(world, "assignment-edit", finance.pk), {"ends_on": days_from_now(3)})

    assert not Assignment.objects.filter(pk=reader.pk).exists()
    finance.refresh_from_db()
    assert finance.ends_on == days_from_now(3)
    changes = {event.details["change"] for event in AccessEvent.objects.about(world.project)}
    assert changes == {"removed", "changed"}


def test_the_only_coordinator_stays(client, world, coordinator):
    own = world.project.assignments.get(role="coordinator")

    client.post(address(world, "assignment-delete", own.pk))
    response = client.post(address(world, "assignment-edit", own.pk), {"ends_on": days_from_now(3)})

    assert "only coordinator" in response.content.decode()
    own.refresh_from_db()
    assert own.ends_on is None

    Assignment.objects.create(project=world.project, user=UserFactory(), role="coordinator")
    client.post(address(world, "assignment-delete", own.pk))
    assert not Assignment.objects.filter(pk=own.pk).exists()


def test_names_of_the_team_are_shown_to_the_team(client, world, sign_in):
    for role, shown in (("reader", True), ("donor", False), ("partner", False)):
        sign_in(role)
        content = client.get(world.project.get_absolute_url()).content.decode()
        assert (address(world, "team") in content) == shown
