"""Messages that came by mail: who reads them, and how their author chooses."""

import io

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.mail_in.reading import MailPicture
from accounts.models import AccessEvent, OutgoingMail
from kernel.refusal import Refusal
from projects.mail_notes.coordination import announce_notes
from projects.mail_notes.services import hear_of_return, let_read, take_reply
from projects.models import MailNote, MailPhoto
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
    page = client.post(link, {"audience": audience, "is_checked": "on"}, follow=True)

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


def test_the_list_takes_few_statements(
    project, coordinator, author, client, django_assert_max_num_queries
):
    client.force_login(coordinator)
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            take_reply(author, project, f"Words {number}")
        client.get("/projects/HN-TEST/mail/")

        with django_assert_max_num_queries(25) as statements:
            client.get("/projects/HN-TEST/mail/")
        counts.append(len(statements))

    few, many = counts
    assert many <= few


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


# Letting others read it


@pytest.mark.parametrize("before", ["coordination", "nobody"])
def test_whoever_lets_the_committee_read_it_says_that_they_have_checked_it(link, client, before):
    MailNote.objects.update(audience=before, text="Rosa knows the girl from El Progreso.")

    refused = client.post(link, {"audience": "committee"})
    kept = MailNote.objects.get().audience
    client.post(link, {"audience": "committee", "is_checked": "on"})

    assert "Rosa knows the girl from El Progreso." in refused.text
    assert "Read your message again and tick this" in refused.text
    assert kept == before
    assert MailNote.objects.get().audience == "committee"


def test_whoever_lets_fewer_people_read_it_is_not_asked(link, client):
    client.post(link, {"audience": "committee", "is_checked": "on"})

    client.post(link, {"audience": "coordination"})

    note = MailNote.objects.get()
    assert (note.audience, note.released_at) == ("coordination", None)


def test_the_coordination_sees_what_was_released(link, client, coordinator):
    client.post(link, {"audience": "committee", "is_checked": "on"})
    client.force_login(coordinator)

    page = client.get("/projects/HN-TEST/mail/?show=released").text

    assert "We agree." in page
    assert "released" in page


# Photographs


def photo(kind="JPEG", size=(3000, 2000)):
    """A photograph that says where it was taken."""
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (15.0, 24.0, 0.0)}  # the place
    content = io.BytesIO()
    Image.new("RGB", size, "green").save(content, kind, exif=exif)
    return content.getvalue()


def letter_to(person):
    return OutgoingMail.objects.filter(person=person).get().text


def test_a_photograph_is_kept_small_and_without_its_place(project, author):
    take_reply(author, project, "", pictures=[MailPicture("Rosa en el taller.JPG", photo())])

    kept = MailPhoto.objects.get()
    with kept.file.open() as file, Image.open(file) as picture:
        assert max(picture.size) <= 1600
        assert dict(picture.getexif()) == {}
    assert kept.original_name == "1.jpg"
    assert "Your photograph was kept for the coordination" in letter_to(author)
    assert "could not be kept" not in letter_to(author)


@pytest.mark.parametrize("name", ["photo.heic", "photo.jpg"])
def test_of_a_photograph_that_cannot_be_kept_the_sender_is_told_and_adds_it_on_the_page(
    project, author, client, name
):
    take_reply(author, project, "", pictures=[MailPicture(name, b"no picture")])
    letter = letter_to(author)
    link = "/projects/mail/link/" + letter.split("/projects/mail/link/")[1].split()[0]

    page = client.get(link)
    client.post(
        link,
        {"audience": "coordination", "photo": SimpleUploadedFile("a.jpg", photo())},
    )

    assert name in letter
    assert page.status_code == 200
    assert MailPhoto.objects.get().note.text == ""


def test_nothing_is_said_of_attachments_where_there_were_none(project, author):
    take_reply(author, project, "We agree.")

    assert "left out" not in letter_to(author)
    assert "photograph" not in letter_to(author)


def test_other_attachments_are_said_to_be_left_out(project, author):
    take_reply(author, project, "We agree.", left_out=1)

    assert "Other attachments were left out" in letter_to(author)


def test_only_the_coordination_opens_a_photograph(project, coordinator, author, client):
    take_reply(author, project, "", pictures=[MailPicture("a.png", photo("PNG", (30, 20)))])
    note = MailNote.objects.get()
    address = f"/projects/HN-TEST/mail/{note.pk}/photos/{note.photos.get().pk}/"

    client.force_login(author)
    refused = client.get(address)
    client.force_login(coordinator)
    opened = client.get(address)
    b"".join(opened.streaming_content)

    assert (refused.status_code, opened.status_code) == (404, 200)
    assert AccessEvent.objects.filter(kind="download").count() == 1


# What the coordination gets, and what it answers


def test_of_many_replies_the_coordination_gets_one_message(project, coordinator, author):
    for number in range(13):
        take_reply(author, project, f"Words {number}")

    announced = [announce_notes(), announce_notes()]

    (letter,) = OutgoingMail.objects.filter(person=coordinator)
    assert announced == [13, 0]
    assert "13 answers" in letter.text


def test_each_project_has_its_message(project, coordinator, author):
    other = ProjectFactory()
    AssignmentFactory(project=other, user=coordinator, role="coordinator")
    AssignmentFactory(project=other, user=author, role="reader")
    for each in (project, other):
        take_reply(author, each, "We agree.")

    announce_notes()

    assert OutgoingMail.objects.filter(person=coordinator).count() == 2


def test_the_coordination_answers_and_the_author_gets_it(project, coordinator, author, client):
    take_reply(author, project, "When is it?")
    note = MailNote.objects.get()
    client.force_login(coordinator)

    page = client.post(f"/projects/HN-TEST/mail/{note.pk}/", {"answer": "On Friday."}, follow=True)

    note.refresh_from_db()
    letter = OutgoingMail.objects.filter(person=author).order_by("pk").last()
    assert (note.answer, note.answered_by) == ("On Friday.", coordinator)
    assert "When is it?" in letter.text
    assert "On Friday." in letter.text
    assert "marked as answered" in page.text


def test_what_was_answered_in_another_way_is_marked_without_a_message(
    project, coordinator, author, client
):
    take_reply(author, project, "When is it?")
    note = MailNote.objects.get()
    client.force_login(coordinator)

    client.post(f"/projects/HN-TEST/mail/{note.pk}/", {"answer": ""})

    note.refresh_from_db()
    assert note.answered_at
    assert OutgoingMail.objects.filter(person=author).count() == 1


def test_the_list_shows_what_is_not_answered_yet(project, coordinator, author, client):
    for text in ("First words", "Second words"):
        take_reply(author, project, text)
    MailNote.objects.filter(text="First words").update(answered_at=MailNote().received_at)
    client.force_login(coordinator)

    page = client.get("/projects/HN-TEST/mail/?show=unanswered").text

    assert "Second words" in page
    assert "First words" not in page
