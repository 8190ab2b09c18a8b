"""Messages that came by mail: who reads them, and how their author chooses."""

import pytest
from django.core import mail

from accounts.models import AccessEvent, OutgoingMail
from kernel.refusal import Refusal
from projects.mail_notes.services import hear_of_return, let_read, take_reply
from projects.models import MailNote
from tests.factories import (
    AssignmentFactory,
    ContactFactory,
    ParticipationFactory,
    ProjectFactory,
    RepresentationFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def project():
    return ProjectFactory(code="HN-TEST")


@pytest.fixture
def coordinator(project):
    user = UserFactory(language="en")
    AssignmentFactory(project=project, user=user, role="coordinator")
    return user


@pytest.fixture
def author(project):
    user = UserFactory(language="en")
    AssignmentFactory(project=project, user=user, role="reader")
    return user


def leave(author):
    author.assignments.all().delete()


@pytest.fixture
def link(project, coordinator, author, django_capture_on_commit_callbacks):
    """The page to which the confirmation leads."""
    with django_capture_on_commit_callbacks(execute=True):
        take_reply(author, project, "We agree. My number is 9999-9999.")
    (message,) = [one for one in mail.outbox if one.to == [author.email]]
    return "/projects/mail/link/" + message.body.split("/projects/mail/link/")[1].split()[0]


def test_the_coordination_reads_it(link, project, coordinator, client):
    client.force_login(coordinator)

    page = client.get("/projects/HN-TEST/mail/").text

    assert "We agree." in page
    assert "Coordination only" in page


def test_the_author_is_warned_of_personal_data(link, author):
    (message,) = [one for one in mail.outbox if one.to == [author.email]]

    assert "This looks like a telephone number." in message.body


def test_opening_the_page_changes_nothing(link, client):
    page = client.get(link)

    assert "We agree." in page.text
    assert MailNote.objects.get().audience == "coordination"


@pytest.mark.parametrize("audience", ["committee", "nobody"])
def test_the_author_chooses(link, client, audience):
    page = client.post(link, {"audience": audience}, follow=True)

    assert MailNote.objects.get().audience == audience
    assert "Saved." in page.text
    assert AccessEvent.objects.filter(details__purpose="mail_note", kind="link").count() == 1


def test_what_was_withdrawn_nobody_reads(link, client, coordinator):
    client.post(link, {"audience": "nobody"})
    client.force_login(coordinator)

    assert "We agree." not in client.get("/projects/HN-TEST/mail/").text


def test_a_choice_that_there_is_not_is_refused(link, client):
    client.post(link, {"audience": "public"})

    assert MailNote.objects.get().audience == "coordination"


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_list_takes_few_statements(
    project, coordinator, author, client, count, django_assert_num_queries
):
    for number in range(count):
        take_reply(author, project, f"Words {number}")
    client.force_login(coordinator)
    client.get("/projects/HN-TEST/mail/")

    with django_assert_num_queries(10):
        client.get("/projects/HN-TEST/mail/")


# Who left, or has no place


def test_who_left_the_project_writes_no_more(project, coordinator, author):
    leave(author)

    with pytest.raises(Refusal):
        take_reply(author, project, "Still here.")

    assert MailNote.objects.count() == 0


def test_who_left_the_project_lets_nobody_read(link, author, client):
    leave(author)

    with pytest.raises(Refusal):
        let_read(MailNote.objects.get(), "committee")
    answers = [client.get(link), client.post(link, {"audience": "committee"})]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert MailNote.objects.get().audience == "coordination"


def test_who_waits_to_be_confirmed_may_write(project, coordinator):
    participation = ParticipationFactory(project=project, role="funding")
    row = RepresentationFactory(
        participation=participation,
        contact__user=UserFactory(),
        confirmed_at=None,
        confirmed_by=None,
    )

    assert take_reply(row.contact.user, project, "We agree.") == ""


def test_only_projects_with_a_place_hear_that_mail_came_back(project, coordinator):
    """The institution takes part in another project too, where the person is not known."""
    person = UserFactory()
    place = ParticipationFactory(project=project)
    elsewhere = ParticipationFactory(institution=place.institution)
    AssignmentFactory(project=elsewhere.project, role="coordinator")
    contact = ContactFactory(institution=place.institution, user=person, represents=False)
    RepresentationFactory(participation=place, contact=contact)

    hear_of_return(person, OutgoingMail(pk=1))

    assert [mail.person for mail in OutgoingMail.objects.all()] == [coordinator]
