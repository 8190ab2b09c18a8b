"""Who ends the access of whom, at once or after 72 hours; what the person still does until then; and who
is notified."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.mail_in.addresses import reply_address
from accounts.mail_in.intake import receive, reply_takers
from accounts.models import AccessEvent, AccessLink, OutgoingMail
from projects.framework.services.requests import PURPOSE
from projects.models import Assignment, Participation, Representation, ValueRequest
from projects.permissions.roles import Role, roles_of
from projects.tasks import sweep_announced_ends
from reports.models import About, Report, Snapshot
from tests.accounts.test_mail_in import reply
from tests.factories import (
    AssignmentFactory,
    ContactFactory,
    ParticipationFactory,
    ReportFactory,
    SeatTermFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

HOURS = timedelta(hours=1)


@pytest.fixture
def row(world):
    """The representation of the donor's only person, whom an administrator confirmed."""
    row = represented(world, "donor")
    row.confirmed_by = world.people["administrator"]
    row.save()
    return row


def represented(world, who):
    return Representation.objects.get(contact__user=world.people[who])


def colleague(world, who, **facts):
    """Another person of the same institution, who was confirmed."""
    contact = ContactFactory(
        institution=world.institutions[who],
        user=UserFactory(full_name=f"Collègue — {who}"),
        represents=False,
    )
    place = represented(world, who).participation
    facts = {"confirmed_at": timezone.now(), "right": represented(world, who).right} | facts
    reason = "Lettre"
    return Representation.objects.create(
        contact=contact, participation=place, reason=reason, **facts
    )


def url_of(page, row):
    name = "representation" + (f"-{page}" if page else "")
    return reverse(f"projects:{name}", args=[row.participation.project.code, row.pk])


def announce(client, world, row):
    """As the page does it that the coordinator read."""
    client.force_login(world.people["coordinator"])
    return client.post(url_of("end", row), {"announce": "1"}, follow=True)


def after(hours, row):
    """Let the announcement be so many hours old."""
    Representation.objects.filter(pk=row.pk).update(
        ends_at=timezone.now() + timedelta(hours=72) - hours * HOURS
    )


def budget(client, person, world):
    client.force_login(person)
    return client.get(reverse("projects:budget", args=[world.project.code]))


def notified():
    return {letter.person for letter in OutgoingMail.objects.all()}


# Who ends what


@pytest.mark.parametrize("who", ["donor", "embassy", "partner"])
def test_a_coordinator_only_announces_the_end_of_the_donors_people_and_of_the_last_one(
    client, world, who
):
    row = represented(world, who)
    client.force_login(world.people["coordinator"])
    page = client.get(url_of("end", row)).content.decode()

    client.post(url_of("end", row))

    row.refresh_from_db()
    assert "only after 72 hours" in page
    assert row.ended_at is None
    assert timedelta(hours=71) < row.ends_at - timezone.now() <= timedelta(hours=72)
    assert row.end_announced_by == world.people["coordinator"]


def test_a_coordinator_ends_other_representations_at_once_and_everybody_learns_it(client, world):
    row = represented(world, "partner")
    other = colleague(world, "partner")
    client.force_login(world.people["coordinator"])

    client.post(url_of("end", row))

    row.refresh_from_db()
    assert row.ended_at
    assert notified() == {world.people["partner"], other.contact.user}


def test_whom_a_coordinator_entered_only_just_now_is_no_reason_to_end_the_last_one_at_once(
    client, world
):
    row = represented(world, "partner")
    colleague(world, "partner", confirmed_at=None)
    client.force_login(world.people["coordinator"])

    client.post(url_of("end", row))

    row.refresh_from_db()
    assert row.ended_at is None


def test_an_administrator_who_does_not_coordinate_ends_at_once(client, world, row):
    client.force_login(world.people["administrator"])

    client.post(url_of("end", row))

    row.refresh_from_db()
    assert row.ended_at
    assert notified() == {world.people["donor"], world.people["coordinator"]}


def test_an_administrator_who_coordinates_the_project_only_announces(client, world, row):
    person = world.people["administrator"]
    AssignmentFactory(project=world.project, user=person, role=Assignment.Role.COORDINATOR)
    client.force_login(person)

    client.post(url_of("end", row))

    row.refresh_from_db()
    assert (row.ended_at, row.end_announced_by) == (None, person)


def test_the_institutions_confirmed_people_end_at_once(client, world, row):
    client.force_login(colleague(world, "donor").contact.user)

    client.post(url_of("end", row))

    row.refresh_from_db()
    assert row.ended_at
    assert notified() == {
        world.people["donor"],
        world.people["coordinator"],
        world.people["administrator"],
    }


def test_a_person_gives_up_their_own_place_at_once(client, world, row):
    client.force_login(world.people["donor"])

    client.post(url_of("end", row))

    row.refresh_from_db()
    assert row.ended_at


def test_everybody_concerned_is_notified_of_an_announcement(client, world, row):
    other = colleague(world, "donor")

    announce(client, world, row)

    assert notified() == {
        world.people["donor"],
        other.contact.user,
        world.people["administrator"],
    }
    event = AccessEvent.objects.about(world.project).filter(
        details__change="end of a representation announced"
    )
    assert event.get().details["contact"] == row.contact_id


def test_pressing_twice_announces_once(client, world, row):
    announce(client, world, row)
    first = Representation.objects.get(pk=row.pk).ends_at
    OutgoingMail.objects.all().delete()

    page = announce(client, world, row)

    assert "already been announced" in page.content.decode()
    assert Representation.objects.get(pk=row.pk).ends_at == first
    assert not OutgoingMail.objects.exists()


# Until it ends


def test_the_person_reads_until_then_and_each_page_says_so(client, world, row):
    announce(client, world, row)

    page = budget(client, world.people["donor"], world)

    assert page.status_code == 200
    assert "your access to this project ends. Until then" in page.content.decode()
    assert roles_of(world.people["donor"], world.project) == {Role.DONOR}


@pytest.fixture
def submitted(world):
    report = ReportFactory(period=world.year)
    Report.objects.filter(pk=report.pk).update(
        status=Report.Status.SUBMITTED,
        snapshot=Snapshot.keep(About(report), {"parts": {}, "as_of": "2020-10-30"}),
        signed_off_by=world.people["monitoring"],
        signed_off_on=timezone.localdate(),
    )
    return report


def test_the_person_accepts_nothing(client, world, row, submitted):
    announce(client, world, row)
    client.force_login(world.people["donor"])
    url = reverse("reports:step", args=[submitted.pk, "accept"])

    shown, sent = client.get(url), client.post(url)

    assert (shown.status_code, sent.status_code) == (403, 403)
    assert "you can read, but not accept, answer or download" in sent.content.decode()
    submitted.refresh_from_db()
    assert submitted.status == Report.Status.SUBMITTED


def test_the_person_downloads_nothing_and_the_log_does_not_say_so(client, world, row):
    announce(client, world, row)
    client.force_login(world.people["donor"])
    pages = ("portfolio-export", "due-export")
    export = reverse("projects:activities-export", args=[world.project.code, "csv"])

    refused = client.get(export)
    others = [client.get(reverse(name)) for name in pages]

    assert refused.status_code == 403
    assert not any(world.project.code.encode() in answer.content for answer in others)
    assert not AccessEvent.objects.filter(kind=AccessEvent.Kind.DOWNLOAD).exists()


@pytest.fixture
def link_url(world):
    asked = ValueRequest.objects.create(
        project=world.project,
        institution=world.institutions["partner"],
        period=world.year,
        due_on=timezone.localdate() + timedelta(days=7),
    )
    _link, token = AccessLink.issue(world.people["partner"], PURPOSE, asked, by=None)
    return reverse("projects:request-link", args=[token])


def test_by_link_the_person_reads_and_does_not_answer(client, world, link_url):
    announce(client, world, represented(world, "partner"))
    client.logout()

    assert client.get(link_url).status_code == 200
    answer = client.post(link_url, {"submit": "1"})
    assert answer.status_code == 403
    assert "your access to this project ends. Until then" in answer.content.decode()


def test_a_reply_by_mail_is_not_taken_and_its_author_learns_why(client, world, settings):
    settings.INBOUND_ADDRESS = "reply@portal.example.org"

    person = world.people["partner"]
    announce(client, world, represented(world, "partner"))
    OutgoingMail.objects.all().delete()

    row = receive(reply(reply_address(world.project, person), sender=person.email))

    assert (row.outcome, row.reason) == ("refused", "not_now")
    assert reply_takers  # there is somebody who would have taken it
    (letter,) = OutgoingMail.objects.filter(person=person)
    assert "your access to this project ends. Until then" in letter.text


def test_who_holds_a_seat_too_still_acts_for_the_seat_alone(client, world):
    row = represented(world, "partner")
    SeatTermFactory(
        seat=world.seat, contact=row.contact, capacity="alternate", since=timezone.localdate()
    )
    announce(client, world, row)
    client.force_login(world.people["partner"])

    page = client.get(world.project.get_absolute_url())

    text = page.content.decode()
    assert "your access to this project ends" not in text
    assert "a representation of yours in this project ends. Until then" in text
    assert roles_of(world.people["partner"], world.project) >= {Role.MEMBER}


# When it ends


def test_after_72_hours_the_access_ends_although_no_task_has_run(client, world, row):
    announce(client, world, row)
    after(71, row)
    assert budget(client, world.people["donor"], world).status_code == 200

    after(73, row)

    assert budget(client, world.people["donor"], world).status_code == 404
    assert not Representation.objects.open().filter(pk=row.pk).exists()
    assert not Participation.objects.represented_by(world.people["donor"]).exists()


def test_the_task_ends_links_and_notifies_once_however_often_and_late_it_runs(client, world, row):
    link, _token = AccessLink.issue(world.people["donor"], "review_plan", world.plan, by=None)
    announce(client, world, row)
    sweep_announced_ends()
    assert AccessLink.objects.get(pk=link.pk).is_valid
    after(100, row)
    OutgoingMail.objects.all().delete()

    sweep_announced_ends()
    sweep_announced_ends()

    row.refresh_from_db()
    assert (row.ended_at, row.ended_by) == (row.ends_at, world.people["coordinator"])
    assert not AccessLink.objects.get(pk=link.pk).is_valid
    letters = OutgoingMail.objects.values_list("person__full_name", flat=True)
    assert sorted(letters) == ["Rôle — administrator", "Rôle — donor"]


def test_who_was_ended_so_may_be_granted_again_before_the_task_has_run(client, world):
    row = represented(world, "partner")
    row.contact.email = world.people["partner"].email
    row.contact.save()
    announce(client, world, row)
    after(73, row)
    facts = {
        "full_name": row.contact.full_name,
        "email": row.contact.email,
        "language": "fr",
        "reason": "Lettre du 3 mars",
    }

    page = client.post(
        reverse("projects:representation-create", args=["HN-1", row.participation_id]), facts
    )
    assert page.status_code == 302, page.context["form"].errors

    client.force_login(world.people["partner"])
    assert client.get(world.project.get_absolute_url()).status_code == 200
    assert Representation.objects.in_force().filter(contact=row.contact_id).exists()


# Withdrawn, or refused


@pytest.mark.parametrize("by", ["coordinator", "administrator"])
def test_the_end_is_withdrawn_or_refused(client, world, row, by):
    announce(client, world, row)
    OutgoingMail.objects.all().delete()
    client.force_login(world.people[by])

    client.post(url_of("keep", row))

    row.refresh_from_db()
    assert (row.ends_at, row.ended_at) == (None, None)
    assert world.people["donor"] in notified()
    assert roles_of(world.people["donor"], world.project) >= {Role.ACCEPTS_FOR_DONOR}


def test_a_colleague_whose_own_end_was_announced_refuses_that_of_another_but_ends_none(
    client, world, row
):
    """A coordinator could otherwise announce the end of a whole delegation, and nobody refuse it."""
    other = colleague(world, "donor")
    third = colleague(world, "donor")
    announce(client, world, row)
    announce(client, world, other)
    client.force_login(other.contact.user)

    refused = client.post(url_of("keep", row))
    ended = client.post(url_of("end", third))

    row.refresh_from_db()
    third.refresh_from_db()
    assert (refused.status_code, row.ends_at) == (302, None)
    assert (ended.status_code, third.ended_at) == (403, None)


@pytest.mark.parametrize(
    ("by", "status"),
    [("donor", 403), ("embassy", 404), ("monitoring", 404), ("partner", 404), ("outsider", 404)],
)
def test_nobody_keeps_their_own_access_and_strangers_no_others(client, world, row, by, status):
    announce(client, world, row)
    client.force_login(world.people[by])

    assert client.post(url_of("keep", row)).status_code == status

    row.refresh_from_db()
    assert row.ends_at


@pytest.mark.parametrize("by", ["donor colleague", "administrator"])
def test_an_announced_end_is_brought_forward_by_who_may_end_at_once(client, world, row, by):
    person = colleague(world, "donor").contact.user
    announce(client, world, row)
    client.force_login(world.people.get(by, person))

    client.post(url_of("end", row))

    row.refresh_from_db()
    assert row.ended_at


def test_withdrawing_after_it_has_come_says_so(client, world, row):
    announce(client, world, row)
    after(73, row)

    page = client.post(url_of("keep", row), follow=True)

    row.refresh_from_db()
    assert row.ends_at
    assert "ended this representation" in page.content.decode()


# Other ways to the same end


def test_a_departure_that_a_coordinator_records_ends_nothing_at_once(client, world, row):
    contact = row.contact
    client.force_login(world.people["coordinator"])
    url = reverse("partners:contact-departure", args=[contact.institution_id, contact.pk])

    page = client.post(url, {"on": timezone.localdate()}, follow=True)

    row.refresh_from_db()
    contact.refresh_from_db()
    assert (row.ended_at, contact.ended_on) == (None, None)
    assert row.ends_at
    assert "ends in 72 hours" in page.content.decode()


def test_no_coordinator_removes_an_institution_with_its_people(client, world, row):
    client.force_login(world.people["coordinator"])
    url = reverse("projects:participation-delete", args=["HN-1", row.participation_id])

    answers = client.get(url), client.post(url)

    assert [answer.status_code for answer in answers] == [403, 403]
    assert Participation.objects.filter(pk=row.participation_id).exists()


def test_no_coordinator_takes_the_donors_role(client, world, row):
    client.force_login(world.people["coordinator"])
    url = reverse("projects:participation-edit", args=["HN-1", row.participation_id])

    page = client.post(url, {"role": "beneficiary"})

    assert list(page.context["form"].errors) == ["role"]
    assert roles_of(world.people["donor"], world.project) >= {Role.DONOR}


@pytest.mark.parametrize(("days", "is_taken"), [(2, False), (3, True)])
def test_a_coordinator_sets_no_last_day_sooner_than_72_hours(client, world, row, days, is_taken):
    client.force_login(world.people["coordinator"])
    until = timezone.localdate() + timedelta(days=days)

    page = client.post(url_of("edit", row), {"until": until})

    row.refresh_from_db()
    assert (page.status_code == 302) == is_taken
    assert row.until == (until if is_taken else None)
    assert (world.people["donor"] in notified()) == is_taken


# What the messages say


@pytest.mark.parametrize(
    ("language", "subject", "says"),
    [
        ("en", "Your access is going to end", "Until then you can read"),
        ("fr", "Votre accès va prendre fin", "D’ici là, vous pouvez lire"),
        ("es", "Su acceso va a terminar", "Hasta entonces usted puede leer"),
    ],
)
def test_the_person_reads_it_in_their_language_and_the_subject_names_nothing(
    client, world, row, language, subject, says
):
    person = world.people["donor"]
    person.language, person.titles_in_mail = language, False
    person.save()

    announce(client, world, row)

    (letter,) = OutgoingMail.objects.filter(person=person)
    assert letter.subject == subject
    assert says in letter.text


def test_a_neighbouring_project_is_not_touched(client, world, row):
    there = ParticipationFactory(
        project=world.neighbour,
        institution=row.participation.institution,
        role="funding",
    )
    Representation.objects.create(
        contact=row.contact, participation=there, reason="Lettre", confirmed_at=timezone.now()
    )

    announce(client, world, row)
    after(73, row)

    client.force_login(world.people["donor"])
    assert client.get(world.neighbour.get_absolute_url()).status_code == 200
    with translation.override("en"):
        assert roles_of(world.people["donor"], world.neighbour) == {Role.DONOR}
