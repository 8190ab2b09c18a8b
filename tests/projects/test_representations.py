"""People represent an institution in one project at a time: who grants it, who confirms it, what it
gives, and exactly what ends with it."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AccessEvent, AccessLink, OutgoingMail
from committees.models import ActionPlan
from partners.models import Contact
from projects.institutions.services.ending import end_representation, what_ends
from projects.institutions.services.representations import (
    address_warning,
    confirm_representation,
    grant_representation,
)
from projects.models import Direction, Participation, Project, Representation
from projects.permissions.roles import Role, own_participations, roles_of, speaks_for
from reports.models import About, Report, Snapshot
from tests.factories import (
    AmendmentFactory,
    ContactFactory,
    ParticipationFactory,
    ReportFactory,
    RepresentationFactory,
    SeatTermFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

EMPTY_REPORT = {"parts": {}, "as_of": "2020-10-30"}
NEW = {
    "full_name": "Membre 99",
    "title": "",
    "email": "m99@example.org",
    "language": "es",
    "phone": "",
    "reason": "Lettre du 3 mars",
    "until": "",
}


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def place_of(world, who):
    places = world.project.participations.order_by("pk")
    return places.filter(institution=world.institutions[who]).first()


def grant(world, who, *, by="coordinator", **facts):
    place = place_of(world, who)
    contact = Contact(
        institution=place.institution,
        full_name=facts.pop("full_name", "Membre 99"),
        email=facts.pop("email", "m99@example.org"),
    )
    return grant_representation(
        place, contact, reason="Lettre du 3 mars", by=world.people[by], **facts
    )


def url_of(page, thing):
    project = thing.project if isinstance(thing, Participation) else thing.participation.project
    return reverse(f"projects:representation-{page}", args=[project.code, thing.pk])


def confirm_as(client, representation, address="m99@example.org"):
    return client.post(url_of("confirm", representation), {"address": address}, follow=True)


def sees_project(client, person, project):
    person.__dict__.pop("_project_roles", None)
    client.force_login(person)
    return client.get(project.get_absolute_url()).status_code == 200


# Granting


def test_a_person_is_typed_once_and_has_an_account_and_access(
    client, world, coordinator, django_capture_on_commit_callbacks
):
    place = place_of(world, "partner")

    with django_capture_on_commit_callbacks(execute=True):
        client.post(url_of("create", place), NEW)

    row = Representation.objects.get(contact__full_name="Membre 99")
    assert (row.participation, row.granted_by, row.reason, row.right) == (
        place,
        coordinator,
        "Lettre du 3 mars",
        "reads",
    )
    assert ["m99@example.org"] in [letter.to for letter in mail.outbox]
    assert sees_project(client, row.contact.user, world.project)
    assert not sees_project(client, row.contact.user, world.neighbour)


@pytest.mark.parametrize("role", ["monitoring", "partner", "donor", "member", "direction"])
def test_nobody_but_the_coordination_grants(client, world, sign_in, role):
    if role == "direction":
        person = UserFactory()
        Direction.objects.create(user=person)
        client.force_login(person)
    else:
        sign_in(role)

    assert client.post(url_of("create", place_of(world, "partner")), NEW).status_code == 403


def test_the_coordination_of_another_project_grants_nothing_here(client, world, sign_in):
    sign_in("outsider")

    assert client.post(url_of("create", place_of(world, "partner")), NEW).status_code == 404


def test_the_log_says_who_granted_what_to_whom(world):
    row = grant(world, "partner")

    event = AccessEvent.objects.about(world.project).filter(
        details__change="representation granted"
    )
    assert event.get().details["contact"] == row.contact_id


def test_a_form_sent_twice_grants_once(client, world, coordinator):
    url = url_of("create", place_of(world, "partner"))
    client.post(url, NEW)

    twice = client.post(url, NEW | {"full_name": "MEMBRE 99", "email": "M99@example.org"})

    assert twice.context["form"].errors == {
        "__all__": ["This person already represents the institution in this project."]
    }
    assert Contact.objects.filter(email="m99@example.org").count() == 1


def test_who_works_there_already_is_not_told_to_another_coordination(client, world, sign_in):
    institution = world.institutions["partner"]
    place = ParticipationFactory(project=world.neighbour, institution=institution)
    known = ContactFactory(
        institution=institution,
        full_name="Membre 99",
        email="m99@example.org",
        represents=False,
    )
    sign_in("outsider")

    response = client.post(url_of("create", place), NEW, follow=True)

    assert "Membre 99 has access" in response.content.decode()
    assert known.representations.get().participation == place


@pytest.mark.parametrize("changes", [{"full_name": ""}, {"email": "x"}, {"reason": ""}])
def test_what_is_missing_is_asked_for(client, world, coordinator, changes):
    response = client.post(url_of("create", place_of(world, "partner")), NEW | changes)

    assert list(response.context["form"].errors) == list(changes)
    assert not Contact.objects.filter(full_name="Membre 99").exists()


def test_a_partner_without_an_address_is_entered_without_an_account(client, world, coordinator):
    client.post(url_of("create", place_of(world, "partner")), NEW | {"email": ""})

    assert Representation.objects.get(contact__full_name="Membre 99").contact.user is None


def test_a_representation_has_a_first_and_a_last_day(client, world):
    today, day = timezone.localdate(), timedelta(days=1)
    row = grant(world, "partner")
    person = row.contact.user

    for since, until, sees in [
        (today - day, today, True),
        (today + day, None, False),
        (today - 2 * day, today - day, False),
    ]:
        Representation.objects.filter(pk=row.pk).update(since=since, until=until)
        assert sees_project(client, person, world.project) == sees


def test_what_has_lapsed_may_begin_again(world):
    row = grant(world, "partner")
    yesterday = timezone.localdate() - timedelta(days=1)
    Representation.objects.filter(pk=row.pk).update(since=yesterday, until=yesterday)

    again = grant(world, "partner")

    assert (again.contact, again.pk == row.pk) == (row.contact, False)
    row.refresh_from_db()
    assert row.ended_at


def test_everybody_who_represents_the_institution_there_is_notified(
    world, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        grant(world, "donor")
        grant(world, "partner")

    notified = [letter.to[0] for letter in mail.outbox if "your institution" in letter.body]
    assert sorted(notified) == sorted(world.people[role].email for role in ("donor", "partner"))


# Confirming


@pytest.mark.parametrize("who", ["donor", "embassy"])
def test_before_confirmation_the_new_person_of_the_donor_sees_nothing(
    client, world, who, django_capture_on_commit_callbacks
):
    person = UserFactory(email="m99@example.org")

    with django_capture_on_commit_callbacks(execute=True):
        row = grant(world, who)

    assert row.is_pending
    assert not sees_project(client, person, world.project)
    assert roles_of(person, world.project) == frozenset()
    assert "m99@example.org" not in [letter.to[0] for letter in mail.outbox]
    assert row.contact.user is None


def test_the_accountable_institution_is_confirmed_too(world):
    place = ParticipationFactory(project=world.project, role="accountable")
    contact = ContactFactory(institution=place.institution, represents=False)

    row = grant_representation(place, contact, reason="–", by=world.people["coordinator"])

    assert row.is_pending


@pytest.mark.parametrize("by", ["administrator", "donor"])
def test_an_administrator_or_a_colleague_confirms(client, world, sign_in, by):
    row = grant(world, "donor", right="accepts")
    sign_in(by)

    confirm_as(client, row)

    row.refresh_from_db()
    assert row.confirmed_by == world.people[by]
    assert {Role.DONOR, Role.ACCEPTS_FOR_DONOR} <= roles_of(row.contact.user, world.project)
    assert sees_project(client, row.contact.user, world.project)
    assert not sees_project(client, row.contact.user, world.neighbour)


@pytest.mark.parametrize(
    ("by", "status"),
    [("coordinator", 403), ("embassy", 404), ("partner", 404), ("outsider", 404), ("reader", 404)],
)
def test_nobody_else_confirms(client, world, sign_in, by, status):
    row = grant(world, "donor")
    sign_in(by)

    assert client.post(url_of("confirm", row), {"address": "m99@example.org"}).status_code == status
    row.refresh_from_db()
    assert row.is_pending


def test_nobody_confirms_what_they_granted_or_for_themselves(client, world, coordinator):
    RepresentationFactory(
        participation=place_of(world, "donor"),
        contact=ContactFactory(
            institution=world.institutions["donor"], user=coordinator, represents=False
        ),
    )
    row = grant(world, "donor")

    assert confirm_as(client, row).status_code == 403


def test_whom_one_coordinator_entered_alone_confirms_nobody(client, world):
    """A partner's role of the donor's institution needs no confirmation, and gives none."""
    institution = world.institutions["donor"]
    partner = ParticipationFactory(project=world.project, institution=institution, role="partner")
    accomplice = RepresentationFactory(
        participation=partner,
        contact=ContactFactory(institution=institution, user=UserFactory(), represents=False),
    )
    row = grant(world, "donor")
    client.force_login(accomplice.contact.user)

    assert confirm_as(client, row).status_code == 403


def test_a_partner_who_becomes_the_donor_is_not_confirmed_by_that(client, world):
    row = grant(world, "partner")

    Participation.objects.filter(pk=row.participation_id).update(role="funding")

    assert not sees_project(client, row.contact.user, world.project)


def test_an_address_that_was_changed_meanwhile_is_looked_at_first(client, world, sign_in):
    row = grant(world, "donor")
    Contact.objects.filter(pk=row.contact_id).update(email="second@example.net")
    sign_in("donor")

    response = confirm_as(client, row)

    assert "The address was changed in the meantime" in response.content.decode()
    row.refresh_from_db()
    assert row.is_pending


def test_the_donor_needs_an_address(client, world, coordinator):
    response = client.post(url_of("create", place_of(world, "donor")), NEW | {"email": ""})

    assert "email" in response.context["form"].errors


def test_what_an_administrator_grants_is_confirmed(world):
    row = grant(world, "donor", by="administrator")

    assert (row.is_pending, row.confirmed_by) == (False, world.people["administrator"])


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("m99@example.org", ""),
        ("m99@EXAMPLE.org", ""),
        ("m99@example.net", "in a different domain, “example.net”"),
        ("m99@org.example.org.evil.test", "in a different domain"),
        ("m99@gmail.com", "gives an address to anybody"),
    ],
)
def test_whoever_confirms_is_warned_of_a_foreign_domain(client, world, sign_in, address, words):
    row = grant(world, "donor", email=address)
    sign_in("donor")

    content = client.get(row.get_absolute_url()).content.decode()

    assert words in content
    assert bool(address_warning(row)) == bool(words)
    assert ("Check the address" in content) == bool(words)


def test_an_address_that_the_same_coordinator_entered_is_no_proof_of_a_domain(world):
    grant(world, "donor", full_name="Membre 98", email="m98@example.net")

    assert address_warning(grant(world, "donor", email="m99@example.net"))


def test_the_first_of_an_institution_is_compared_with_nothing(world):
    place = ParticipationFactory(project=world.project, role="funding")
    contact = Contact(institution=place.institution, full_name="M", email="m@example.org")
    row = grant_representation(place, contact, reason="–", by=world.people["coordinator"])

    assert "No other address of this institution is known" in address_warning(row)


def test_who_may_confirm_finds_it_on_the_home_page(client, world, sign_in):
    row = grant(world, "donor")

    for role, finds in [("administrator", True), ("donor", True), ("embassy", False)]:
        sign_in(role)
        assert (row.get_absolute_url() in client.get("/").content.decode()) == finds


def test_of_two_who_confirm_or_refuse_the_first_counts(client, world, sign_in):
    row = grant(world, "donor")
    end_representation(row, by=world.people["donor"])
    sign_in("administrator")

    confirm_as(client, row)

    row.refresh_from_db()
    assert (row.confirmed_at, row.ended_by) == (None, world.people["donor"])


@pytest.mark.parametrize(
    ("settle", "says"),
    [
        (lambda row, by: confirm_representation(row, seen_address="m99@example.org", by=by),
         "confirmed that Membre 99, whom you entered, represents"),
        (lambda row, by: end_representation(row, by=by), "did not confirm that Membre 99 represents"),
    ],
)  # fmt: skip
def test_who_entered_somebody_learns_what_became_of_it(world, coordinator, settle, says):
    row = grant(world, "donor")
    OutgoingMail.objects.all().delete()

    settle(row, world.people["donor"])

    (letter,) = OutgoingMail.objects.filter(person=coordinator)
    assert says in letter.text
    assert row.get_absolute_url() in letter.text


def test_a_last_day_that_is_over_is_marked_where_it_was_typed(client, world, coordinator):
    answer = client.post(
        url_of("create", place_of(world, "donor")), NEW | {"right": "reads", "until": "2020-01-01"}
    )

    assert list(answer.context["form"].errors) == ["until"]


# Reading and accepting


@pytest.fixture
def submitted(world):
    report = ReportFactory(period=world.year)
    Report.objects.filter(pk=report.pk).update(
        status=Report.Status.SUBMITTED,
        snapshot=Snapshot.keep(About(report), EMPTY_REPORT),
        signed_off_by=world.people["monitoring"],
        signed_off_on=date(2020, 10, 30),
    )
    return report


@pytest.mark.parametrize(("right", "status"), [("accepts", 200), ("reads", 403)])
def test_only_who_accepts_accepts_reports_plans_and_amendments(
    client, world, sign_in, submitted, right, status
):
    Representation.objects.filter(participation=place_of(world, "donor")).update(right=right)
    amendment = AmendmentFactory(project=world.project, status="submitted")
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status=ActionPlan.Status.SUBMITTED, validated_by=world.decision
    )
    sign_in("donor")

    assert client.get(submitted.get_absolute_url()).status_code == 200
    for url in (
        reverse("reports:step", args=[submitted.pk, "accept"]),
        reverse("projects:amendment-step", args=[world.project.code, amendment.pk, "approve"]),
        reverse("committees:plan-donor-answer", args=[world.plan.pk]),
    ):
        assert client.get(url).status_code == status, url


def test_an_embassy_reads_whatever_the_coordination_types(client, world, coordinator):
    client.post(url_of("create", place_of(world, "embassy")), NEW | {"right": "accepts"})

    assert Representation.objects.get(contact__full_name="Membre 99").right == "reads"


@pytest.mark.parametrize(
    ("by", "status"),
    [("donor", 302), ("administrator", 302), ("coordinator", 302), ("embassy", 403)],
)
def test_the_donor_says_that_its_embassy_accepts(client, world, sign_in, by, status):
    row = Representation.objects.get(participation=place_of(world, "embassy"))
    sign_in(by)

    response = client.post(url_of("edit", row), {"right": "accepts", "until": ""})

    row.refresh_from_db()
    assert response.status_code == status
    assert (row.right == "accepts") == (by in {"donor", "administrator"})


def test_a_partner_accepts_nothing(world):
    row = Representation(
        contact=world.people["partner"].contacts.get(),
        participation=place_of(world, "partner"),
        right="accepts",
        reason="–",
    )

    with pytest.raises(Exception, match="choose “Reads”"):
        row.clean()


# Ending


@pytest.fixture
def serving_two(world):
    """Somebody who represents the partner in both projects, with links to things of both."""
    row = grant(world, "partner")
    person = row.contact.user
    there = ParticipationFactory(project=world.neighbour, institution=row.participation.institution)
    RepresentationFactory(contact=row.contact, participation=there)
    links = [
        AccessLink.issue(person, "review_plan", thing, by=person)[0]
        for thing in (world.plan, world.neighbour, person)
    ]
    return row, person, links


def still_valid(links):
    return [AccessLink.objects.get(pk=link.pk).is_valid for link in links]


def test_withdrawing_ends_that_project_and_its_links_and_nothing_else(
    client, world, coordinator, serving_two
):
    row, person, links = serving_two

    client.post(url_of("end", row))

    assert not sees_project(client, person, world.project)
    assert sees_project(client, person, world.neighbour)
    assert still_valid(links) == [False, True, True]
    person.refresh_from_db()
    assert person.is_active
    assert person.contacts.get().ended_on is None


def test_the_page_says_exactly_what_ends(client, world, coordinator, serving_two):
    row, _person, _links = serving_two

    content = client.get(url_of("end", row)).content.decode()

    assert "Their personal link to “Action plan, year 1" in content
    assert "This project in their calendar feeds" in content
    assert world.neighbour.short_title not in content
    assert "Their account. Only an administrator can close it." in content


def test_feeds_end_with_the_last_project(client, world, coordinator):
    row = grant(world, "partner")
    person = row.contact.user
    feed, _token = AccessLink.issue(person, "calendar", person, by=person)
    assert "they see no other project" in client.get(url_of("end", row)).content.decode()

    client.post(url_of("end", row))

    assert still_valid([feed]) == [False]


def test_who_holds_a_seat_keeps_it_with_its_links(client, world, sign_in):
    sign_in("administrator")
    person = world.people["member"]
    row = Representation.objects.get(contact__user=person)
    link, _token = AccessLink.issue(person, "review_plan", world.plan, by=person)
    ending = what_ends(row)
    assert ending.links == []
    assert ending.stays == [f"seat in the committee: {world.seat}"]

    client.post(url_of("end", row))

    assert still_valid([link]) == [True]
    assert roles_of(person, world.project) == {Role.MEMBER}
    assert sees_project(client, person, world.project)


def test_removing_the_institution_ends_what_its_people_represent(client, world, sign_in):
    administrator = sign_in("administrator")
    row = grant(world, "partner")
    link, _token = AccessLink.issue(row.contact.user, "review_plan", world.plan, by=administrator)

    client.post(
        reverse("projects:participation-delete", args=[world.project.code, row.participation_id])
    )

    assert not sees_project(client, row.contact.user, world.project)
    assert still_valid([link]) == [False]


@pytest.mark.parametrize(
    ("by", "status"), [("monitoring", 404), ("outsider", 404), ("partner", 403)]
)
def test_others_end_nothing(client, world, sign_in, by, status):
    row = grant(world, "partner")
    sign_in(by)

    assert client.post(url_of("end", row)).status_code == status


# Seats and the direction


def test_a_seat_gives_access_by_itself_and_no_representation(client, world):
    contact = ContactFactory(
        institution=world.institutions["member"], user=UserFactory(), represents=False
    )
    SeatTermFactory(seat=world.seat, contact=contact, capacity="alternate")
    person = contact.user

    assert sees_project(client, person, world.project)
    assert not sees_project(client, person, world.neighbour)
    assert roles_of(person, world.project) == {Role.MEMBER}
    assert own_participations(person, world.project) == []
    assert speaks_for(person, world.project) == {world.institutions["member"].pk}


def test_a_seat_that_ended_gives_no_access(client, world):
    contact = ContactFactory(
        institution=world.institutions["member"], user=UserFactory(), represents=False
    )
    yesterday = timezone.localdate() - timedelta(days=1)
    SeatTermFactory(seat=world.seat, contact=contact, capacity="alternate", until=yesterday)

    assert not sees_project(client, contact.user, world.project)


def test_the_direction_reads_all_projects_and_administers_nothing(client, world):
    person = UserFactory()
    Direction.objects.create(user=person)
    client.force_login(person)

    assert set(Project.objects.visible_to(person)) == {world.project, world.neighbour}
    code = [world.project.code]
    for page in ("detail", "budget", "risks", "team", "calls"):
        assert client.get(reverse(f"projects:{page}", args=code)).status_code == 200, page
    for page in ("edit", "assignment-create", "participation-create", "risk-create"):
        assert client.get(reverse(f"projects:{page}", args=code)).status_code == 403, page
    assert client.get(reverse("accounts:access-log")).status_code == 404


def test_the_direction_ends_on_its_last_day(world):
    person = UserFactory()
    Direction.objects.create(user=person, until=timezone.localdate() - timedelta(days=1))

    assert not Project.objects.visible_to(person).exists()
    assert roles_of(person, world.project) == frozenset()


def test_what_somebody_is_in_a_project_takes_few_statements(world, django_assert_max_num_queries):
    person = world.people["donor"]

    with django_assert_max_num_queries(5):
        roles_of(person, world.project)
        own_participations(person, world.project)
        speaks_for(person, world.project)


def test_confirming_keeps_who_and_when(world):
    row = grant(world, "donor")

    confirm_representation(row, seen_address="m99@example.org", by=world.people["administrator"])

    row.refresh_from_db()
    assert row.confirmed_by == world.people["administrator"]
    assert row.confirmed_at <= timezone.now()
