"""A coordinator hides an institution everywhere as a precaution: who may, whom it concerns, who lifts
it. All through pages."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AccessEvent, OutgoingMail, User
from projects.models import NamingChoice, NamingPrecaution, PrecautionLift, Representation
from projects.permissions.naming import NamesForAudience, NamesForPerson, readers_in
from tests.factories import (
    AssignmentFactory,
    ContactFactory,
    InstitutionFactory,
    ParticipationFactory,
    UserFactory,
    say,
)
from tests.world import World

pytestmark = pytest.mark.django_db

REASON = "El director recibió amenazas esta noche."


@pytest.fixture(autouse=True)
def in_english():
    User.objects.update(language="en")
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return World()


@pytest.fixture
def shared(world):
    """An organisation that takes part in two projects; somebody whom an administrator confirmed
    represents it in the neighbour's, and a member of the other sees it there."""
    institution = InstitutionFactory(kind="civil_society")
    ParticipationFactory(project=world.project, institution=institution)
    place = ParticipationFactory(project=world.neighbour, institution=institution)
    person = UserFactory(full_name="Su directora", language="en")
    contact = ContactFactory(institution=institution, user=person, represents=False)
    Representation.objects.create(
        contact=contact,
        participation=place,
        reason="Carta",
        confirmed_at=timezone.now(),
        confirmed_by=world.people["administrator"],
    )
    world.people["own"] = person
    world.people["neighbour"] = UserFactory(language="en")
    AssignmentFactory(project=world.neighbour, user=world.people["neighbour"], role="reader")
    User.objects.update(language="en")
    return institution


@pytest.fixture
def post(client, world):
    def send(role, page, institution, **data):
        client.force_login(User.objects.get(pk=world.people[role].pk))
        return client.post(reverse(f"partners:{page}", args=[institution.pk]), data)

    return send


def hidden_in(project, institution):
    institution.refresh_from_db()
    names = NamesForAudience(project, readers_in(project, "public"))
    return names.is_hidden(institution)


def reads_page(client, world, role, institution):
    client.force_login(User.objects.get(pk=world.people[role].pk))
    return client.get(institution.get_absolute_url()).status_code == 200


AGREED = {"agreed_on": "2020-01-01", "channel": "telephone", "reason": "Su directora"}
NOBODY = {"said_on": "2020-01-01", "channel": "precaution"}


# A choice counts in the own project


@pytest.mark.parametrize("kind", ["donor", "state", "multilateral", "implementer", "civil_society"])
def test_a_coordinator_hides_nobody_in_other_projects_by_recording_a_choice(
    client, world, post, kind
):
    """Neither the donor of all projects, nor an institution of another one that they added to
    theirs."""
    donor = InstitutionFactory(kind=kind)
    ParticipationFactory(project=world.project, institution=donor, role="funding")
    ParticipationFactory(project=world.neighbour, institution=donor, role="funding")
    foreign = world.foreign_institution
    type(foreign).objects.filter(pk=foreign.pk).update(kind=kind)
    world.people["neighbour"] = UserFactory(language="en")
    AssignmentFactory(project=world.neighbour, user=world.people["neighbour"], role="reader")
    client.force_login(world.people["coordinator"])
    added = reverse("projects:participation-create", args=[world.project.code])
    client.post(added, {"institution": foreign.pk, "role": "partner"})
    assert foreign.participations.filter(project=world.project).exists()

    for institution in (donor, foreign):
        whole = post("coordinator", "naming-record", institution, **NOBODY)
        assert whole.status_code == 200  # refused: where it applies has to be said
        assert not institution.naming_choices.exists()
        own = post("coordinator", "naming-record", institution, project=world.project.pk, **NOBODY)
        assert own.status_code == 302

        assert hidden_in(world.project, institution)
        assert not hidden_in(world.neighbour, institution)
        assert reads_page(client, world, "neighbour", institution)
    assert world.neighbour.neutral_numbers.count() == 0


# Taking it


def test_a_coordinator_hides_an_organisation_everywhere_with_one_press(client, world, shared, post):
    assert reads_page(client, world, "neighbour", shared)

    answer = post("coordinator", "precaution-take", shared, reason=REASON)

    assert answer.status_code == 302
    assert hidden_in(world.project, shared)
    assert hidden_in(world.neighbour, shared)
    assert not reads_page(client, world, "neighbour", shared)
    assert reads_page(client, world, "own", shared)
    page = client.get(shared.get_absolute_url()).content.decode()
    assert REASON in page
    assert AccessEvent.objects.filter(details__change="hidden everywhere as a precaution").exists()


def test_everybody_concerned_is_notified_and_no_message_names_it(world, shared, post):
    name = shared.names.get()
    OutgoingMail.objects.all().delete()

    post("coordinator", "precaution-take", shared, reason=REASON)

    told = {mail.person.pk for mail in OutgoingMail.objects.all()}
    assert told == {world.people[role].pk for role in ("administrator", "outsider", "own")}
    for mail in OutgoingMail.objects.all():
        for words in (mail.subject, mail.text, mail.html):
            for secret in (name.name_fr, name.acronym, REASON, world.project.short_title):
                assert secret not in words


def test_a_reason_is_needed(shared, post):
    assert post("coordinator", "precaution-take", shared, reason=" ").status_code == 200
    assert not NamingPrecaution.objects.exists()


@pytest.mark.parametrize(
    "kind", ["state", "donor", "embassy", "multilateral", "academic", "implementer"]
)
def test_only_civil_society_is_hidden_everywhere(world, post, kind):
    institution = InstitutionFactory(kind=kind)
    ParticipationFactory(project=world.project, institution=institution)

    assert post("coordinator", "precaution-take", institution, reason=REASON).status_code == 403
    assert not NamingPrecaution.objects.exists()


@pytest.mark.parametrize("role", ["funding", "representing"])
def test_no_donor_is_hidden_everywhere_whatever_its_kind(world, shared, post, role):
    shared.participations.filter(project=world.neighbour).update(role=role)

    assert post("coordinator", "precaution-take", shared, reason=REASON).status_code == 403
    assert not NamingPrecaution.objects.exists()


@pytest.mark.parametrize("role", ["monitoring", "reader", "auditor", "member", "partner", "donor"])
def test_nobody_but_a_coordinator_takes_it(shared, post, role):
    assert post(role, "precaution-take", shared, reason=REASON).status_code == 403
    assert not NamingPrecaution.objects.exists()


def test_whoever_coordinates_for_training_hides_nobody_everywhere(world, shared, post):
    world.project.training = True
    world.project.save()

    assert post("coordinator", "precaution-take", shared, reason=REASON).status_code == 403


def test_it_does_not_override_what_the_institution_chose(world, shared, post):
    chosen = {"said_on": "2020-01-01", "channel": "portal", "to_donor": "on"}
    post("own", "naming-record", shared, **chosen)

    answer = post("coordinator", "precaution-take", shared, reason=REASON)

    assert answer.status_code == 403
    assert "decided itself" in answer.content.decode()
    choice = shared.naming_choices.get()
    assert choice.is_own
    donor = readers_in(world.neighbour, "donor")
    assert not NamesForAudience(world.neighbour, donor).is_hidden(shared)


def test_it_does_not_hold_where_the_institution_chose_for_that_project(world, shared, post):
    everybody = ("committee", "partners", "donor", "public")
    say(shared, *everybody, project=world.neighbour, by=world.people["own"], channel="portal")

    post("coordinator", "precaution-take", shared, reason=REASON)

    assert hidden_in(world.project, shared)
    assert not hidden_in(world.neighbour, shared)


def test_it_never_names_an_institution_to_more(world, shared, post):
    say(shared, project=world.neighbour)
    post("coordinator", "precaution-take", shared, reason=REASON)
    post("own", "precaution-lift", shared)

    assert hidden_in(world.neighbour, shared)
    assert not hidden_in(world.project, shared)


def test_a_choice_of_the_institution_ends_it(world, shared, post):
    post("coordinator", "precaution-take", shared, reason=REASON)

    chosen = {"said_on": "2020-01-01", "channel": "portal", "to_donor": "on"}
    post("own", "naming-record", shared, **chosen)

    assert PrecautionLift.objects.get().project is None
    donor = readers_in(world.neighbour, "donor")
    shared.refresh_from_db()
    assert not NamesForAudience(world.neighbour, donor).is_hidden(shared)
    assert hidden_in(world.neighbour, shared)


def test_the_coordination_narrows_its_project_meanwhile_and_the_precaution_stays(
    world, shared, post
):
    post("coordinator", "precaution-take", shared, reason=REASON)
    said = {"said_on": "2020-01-01", "channel": "letter", "to_donor": "on"}
    post("coordinator", "naming-record", shared, project=world.project.pk, **said)

    assert not NamingChoice.objects.get().is_own
    assert not PrecautionLift.objects.exists()
    donor = readers_in(world.project, "donor")
    shared.refresh_from_db()
    assert NamesForAudience(world.project, donor).is_hidden(shared)


# Lifting it


@pytest.fixture
def precaution(shared, post):
    post("coordinator", "precaution-take", shared, reason=REASON)
    OutgoingMail.objects.all().delete()
    return NamingPrecaution.objects.get()


def hours_ago(precaution, hours):
    taken_at = timezone.now() - timedelta(hours=hours)
    NamingPrecaution.objects.filter(pk=precaution.pk).update(taken_at=taken_at)


def test_the_institution_lifts_it_at_once_everywhere(world, shared, precaution, post):
    assert post("own", "precaution-lift", shared).status_code == 302

    assert not hidden_in(world.project, shared)
    assert not hidden_in(world.neighbour, shared)
    told = {mail.person.pk for mail in OutgoingMail.objects.all()}
    assert told == {world.people[role].pk for role in ("administrator", "coordinator", "outsider")}
    again = post("coordinator", "precaution-take", shared, reason=REASON)
    assert again.status_code == 403  # it decided itself


def test_an_administrator_lifts_it_with_written_consent(world, shared, precaution, post):
    without = AGREED | {"reason": ""}
    assert post("administrator", "precaution-lift", shared, **without).status_code == 200
    assert hidden_in(world.neighbour, shared)

    assert post("administrator", "precaution-lift", shared, **AGREED).status_code == 302
    assert not hidden_in(world.neighbour, shared)


@pytest.mark.parametrize("role", ["coordinator", "outsider"])
def test_for_three_days_no_coordinator_lifts_it(world, shared, precaution, post, role):
    """Neither who took it nor who coordinates the other project."""
    project = {"coordinator": world.project, "outsider": world.neighbour}[role]
    hours_ago(precaution, 71)

    answer = post(role, "precaution-lift", shared, project=project.pk, **AGREED)

    assert answer.status_code == 403
    assert "For 72 hours" in answer.content.decode()
    assert hidden_in(project, shared)


def test_later_a_coordinator_lifts_it_in_the_own_project_with_the_agreement(
    world, shared, precaution, post
):
    hours_ago(precaution, 73)
    foreign = {"project": world.project.pk, **AGREED}
    assert post("outsider", "precaution-lift", shared, **foreign).status_code == 200
    for missing in AGREED:
        data = {"project": world.neighbour.pk, **AGREED} | {missing: ""}
        assert post("outsider", "precaution-lift", shared, **data).status_code == 200
    assert not PrecautionLift.objects.exists()

    own = {"project": world.neighbour.pk, **AGREED}
    assert post("outsider", "precaution-lift", shared, **own).status_code == 302

    assert not hidden_in(world.neighbour, shared)
    assert hidden_in(world.project, shared)
    lift = PrecautionLift.objects.get()
    assert (lift.channel, lift.reason) == ("telephone", "Su directora")
    assert lift.lifted_by == world.people["outsider"]


@pytest.mark.parametrize("role", ["monitoring", "auditor", "member", "partner", "donor"])
def test_nobody_else_lifts_it(world, shared, precaution, post, role):
    hours_ago(precaution, 73)

    answer = post(role, "precaution-lift", shared, project=world.project.pk, **AGREED)

    assert answer.status_code in (403, 404)
    assert hidden_in(world.project, shared)


def test_somebody_whom_the_coordination_entered_does_not_lift_it(world, shared, precaution, post):
    world.people["entered"] = UserFactory(language="en")
    ContactFactory(institution=shared, user=world.people["entered"])
    Representation.objects.filter(contact__user=world.people["entered"]).update(confirmed_at=None)

    assert post("entered", "precaution-lift", shared).status_code == 403
    assert hidden_in(world.project, shared)


def test_opening_the_pages_changes_nothing(client, world, shared, precaution):
    for role, page in (("own", "precaution-lift"), ("administrator", "precaution-lift")):
        client.force_login(world.people[role])
        assert client.get(reverse(f"partners:{page}", args=[shared.pk])).status_code == 200
    assert hidden_in(world.neighbour, shared)
    assert not PrecautionLift.objects.exists()


def test_a_page_of_all_projects_hides_it_too(world, shared, precaution):
    shared.refresh_from_db()
    assert NamesForPerson(world.people["neighbour"]).is_hidden(shared)
    assert not NamesForPerson(world.people["own"]).is_hidden(shared)


# What the page says


def test_whoever_coordinates_several_projects_says_in_which_one_a_choice_applies(
    client, world, shared
):
    """The first of the list would be hidden, and the one that was meant would not."""
    AssignmentFactory(project=world.neighbour, user=world.people["coordinator"], role="coordinator")
    client.force_login(world.people["coordinator"])
    page = client.get(reverse("partners:naming-record", args=[shared.pk]))

    assert page.context["form"].fields["project"].empty_label
    assert "It applies in this project alone." in page.content.decode()


def test_where_a_precaution_is_ruled_out_the_page_says_what_to_do_in_danger(
    client, world, shared, post
):
    post("own", "naming-record", shared, said_on="2020-01-01", channel="portal", to_donor="on")
    client.force_login(world.people["coordinator"])
    page = client.get(shared.get_absolute_url()).content.decode()

    assert "Is somebody in danger? The institution has decided itself" in page
    assert reverse("partners:precaution-take", args=[shared.pk]) not in page
