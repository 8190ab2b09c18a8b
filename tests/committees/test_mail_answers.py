"""Invitations that calendars can answer, and their answers."""

from datetime import timedelta
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from functools import partial

import pytest
import time_machine
import vobject
from django.conf import settings as used
from django.core import mail
from django.utils import timezone

from accounts.letters import Letter
from accounts.mail import send_to_person
from accounts.mail_in.addresses import find_signed, reply_address
from accounts.mail_in.intake import receive
from accounts.models import AccessEvent, IncomingMail, OutgoingMail, User
from committees.calendars import invitation_file
from committees.meetings.services.invitations import remind
from committees.meetings.services.mail_in import plain_answer
from committees.meetings.services.meetings import convene_meeting
from committees.meetings.services.recipients import recipients
from committees.models import Channel, Invitation, Meeting
from projects.models import MailNote, Project
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

Answer = Invitation.Answer
Outcome, Reason = IncomingMail.Outcome, IncomingMail.Reason


@pytest.fixture(autouse=True)
def takes_mail(settings):
    settings.INBOUND_ADDRESS = "reply@portal.example.org"


@pytest.fixture
def message(planned, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        convene_meeting(planned, by=None)
    planned.refresh_from_db()
    (message,) = mail.outbox
    mail.outbox.clear()
    return message


@pytest.fixture
def invitation(message, planned, world):
    return planned.invitations.get(contact__user=world.people["member"])


@pytest.fixture
def event(message):
    parts = message.message().walk()
    (text,) = [
        part.get_payload(decode=True).decode()
        for part in parts
        if part.get_content_type() == "text/calendar"
    ]
    return vobject.readOne(text).vevent


def answer(event, status="ACCEPTED", *, sender="", attendee="", comment="", begins="", **changed):
    """What a calendar sends to the organiser of the event; `begins`: the line with another time."""
    method = "COUNTER" if begins else "REPLY"
    person = event.attendee.value.removeprefix("mailto:")
    facts = {"UID": event.uid.value, "SEQUENCE": event.sequence.value} | changed
    lines = [
        *("BEGIN:VCALENDAR", f"METHOD:{method}", "VERSION:2.0", "BEGIN:VEVENT"),
        f"ATTENDEE;PARTSTAT={status}:mailto:{attendee or person}",
        *(f"{name}:{value}" for name, value in facts.items()),
        f"COMMENT:{comment}",
        *([begins] if begins else []),
        *("END:VEVENT", "END:VCALENDAR"),
    ]
    reply = MIMEMultipart("alternative")
    reply["From"] = sender or person
    reply["To"] = event.organizer.value.removeprefix("mailto:")
    reply["Message-ID"] = f"<{status}{sender}@example.org>"
    reply.attach(MIMEText("The answer.", "plain", "utf-8"))
    part = MIMEText("\r\n".join(lines), "calendar", "utf-8")
    part.set_param("method", method)
    reply.attach(part)
    return reply.as_bytes()


def test_calendars_ask_for_an_answer_at_the_persons_address(event, invitation, world):
    address = event.organizer.value.removeprefix("mailto:")

    found = find_signed([address])

    assert (found.thing, found.person) == (invitation, world.people["member"])
    assert event.attendee.params["RSVP"] == ["TRUE"]
    assert event.organizer.params["CN"] == [str(world.people["coordinator"])]
    assert event.uid.value == f"meeting-{invitation.meeting_id}@{used.SITE_HOST}"


def test_without_the_setting_they_ask_for_none(invitation, world, settings):
    settings.INBOUND_ADDRESS = ""
    content = invitation_file(invitation, world.people["member"], method="REQUEST").decode()

    event = vobject.readOne(content).vevent

    assert event.organizer.value == f"mailto:{settings.CALENDAR_ORGANIZER}"
    assert event.attendee.params["RSVP"] == ["FALSE"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("ACCEPTED", Answer.ACCEPTED),
        ("DECLINED", Answer.DECLINED),
        ("TENTATIVE", Answer.TENTATIVE),
    ],
)
def test_an_answer_reaches_the_invitation(
    event, invitation, status, expected, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        row = receive(answer(event, status, comment="I come at ten"))

    invitation.refresh_from_db()
    assert (row.outcome, row.reason) == (Outcome.TAKEN, "")
    assert (invitation.answer, invitation.channel) == (expected, Channel.REPLY)
    assert invitation.note == "I come at ten"
    assert invitation.is_answered
    assert [message.subject.split(":")[0] for message in mail.outbox] == [
        "Your answer was recorded"
    ]


@pytest.mark.parametrize(
    ("written", "clock"),
    [
        ("DTSTART:20261201T150000Z", "9:00 a.m."),
        ("DTSTART;TZID=Europe/Paris:20261201T150000", "8:00 a.m."),
        ("DTSTART:20261201T150000", "3:00 p.m."),
    ],
)
def test_another_time_is_told_on_the_clocks_of_the_meeting_in_the_readers_language(
    event, invitation, world, written, clock
):
    Meeting.objects.filter(pk=invitation.meeting_id).update(time_zone="America/Tegucigalpa")
    User.objects.filter(pk=world.people["member"].pk).update(language="es")
    User.objects.filter(pk=world.people["coordinator"].pk).update(language="en")

    row = receive(answer(event, "TENTATIVE", comment="Later?", begins=written))
    assert row.outcome == Outcome.TAKEN

    invitation.refresh_from_db()
    assert " ".join(invitation.note.split()) == (
        f"Proposes another time: Tuesday, December 1, 2026, {clock}, time in Tegucigalpa. Later?"
    )


def test_whoever_says_perhaps_is_still_reminded(event, invitation, world):
    receive(answer(event, "TENTATIVE"))

    assert remind(invitation.meeting, by=world.people["coordinator"]).people == 1


def test_a_calendar_answers_until_90_days_after_the_last_message_about_the_meeting(
    event, invitation
):
    with time_machine.travel(timezone.now() + timedelta(days=50)):
        letter = partial(Letter, subject="The papers", body=["Words."])
        send_to_person(invitation.person, letter, about=invitation.meeting)
    with time_machine.travel(timezone.now() + timedelta(days=100)):
        row = receive(answer(event))

    assert row.reason != Reason.EXPIRED


def test_an_answer_at_the_address_for_replies_counts_as_well(event, invitation, world):
    member = world.people["member"]
    data = answer(event).replace(
        event.organizer.value.removeprefix("mailto:").encode(),
        reply_address(invitation.meeting, member).encode(),
    )

    assert receive(data).outcome == Outcome.TAKEN
    assert Invitation.objects.get(pk=invitation.pk).answer == Answer.ACCEPTED


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"sender": "other@example.org"}, Reason.SENDER),
        ({"attendee": "other@example.org"}, Reason.ATTENDEE),
        ({"UID": "meeting-999@portal.example.org"}, Reason.EVENT),
    ],
)
def test_answers_of_others_are_refused_and_logged(event, invitation, changed, reason):
    row = receive(answer(event, **changed))

    assert (row.outcome, row.reason) == (Outcome.REFUSED, reason)
    assert Invitation.objects.get(pk=invitation.pk).answer == ""
    assert AccessEvent.objects.get(kind="refused").details["check"] == reason


def test_somebody_else_with_an_account_answers_nothing_for_the_person(event, invitation):
    other = UserFactory(email="other@example.org")

    row = receive(answer(event, sender=other.email, attendee=other.email))

    assert row.reason == Reason.SENDER


def test_an_answer_to_an_earlier_version_is_refused_in_words(
    event, invitation, django_capture_on_commit_callbacks
):
    Meeting.objects.filter(pk=invitation.meeting_id).update(sequence=9)

    with django_capture_on_commit_callbacks(execute=True):
        row = receive(answer(event))

    assert (row.outcome, row.reason) == (Outcome.REFUSED, Reason.NOT_NOW)
    (message,) = mail.outbox
    assert "The meeting has changed since." in message.body


def test_an_answer_after_the_beginning_is_refused_in_words(
    event, invitation, django_capture_on_commit_callbacks
):
    now = timezone.now()
    Meeting.objects.filter(pk=invitation.meeting_id).update(
        starts_at=now - timezone.timedelta(hours=1), ends_at=now + timezone.timedelta(hours=1)
    )

    with django_capture_on_commit_callbacks(execute=True):
        row = receive(answer(event))

    assert row.reason == Reason.NOT_NOW
    assert len(mail.outbox) == 1


def test_an_answer_in_a_closed_project_is_refused_in_words(
    event, invitation, world, django_capture_on_commit_callbacks
):
    Project.objects.filter(pk=world.project.pk).update(
        status="closed", closed_on=timezone.localdate()
    )

    with django_capture_on_commit_callbacks(execute=True):
        row = receive(answer(event))

    assert (row.outcome, row.reason) == (Outcome.REFUSED, Reason.NOT_NOW)
    (message,) = mail.outbox
    assert "This project was closed" in message.body
    assert Invitation.objects.get(pk=invitation.pk).answer == invitation.answer


def test_an_invitation_that_was_withdrawn_is_not_answered(event, invitation):
    invitation.withdrawn_at = timezone.now()
    invitation.save()

    assert receive(answer(event)).reason == Reason.NOT_ASKED


def test_who_is_not_reached_is_shown_before_anything_is_sent(invitation, world):
    world.people["member"].mark_returned()
    invitation.refresh_from_db()

    (found,) = recipients([invitation])

    assert found.trouble.startswith("The last message to this person came back on")


def test_a_long_comment_is_kept_as_a_whole(event, invitation):
    receive(answer(event, comment="word " * 200))

    invitation.refresh_from_db()
    assert len(invitation.note) == 500
    assert MailNote.objects.get().text == ("word " * 200).strip()


def test_the_invitations_page_shows_how_it_came(event, invitation, planned, client, world):
    receive(answer(event, "TENTATIVE"))
    client.force_login(world.people["coordinator"])

    page = client.get(f"/meetings/{planned.pk}/invitations/").text

    assert "Perhaps" in page


def test_calendars_keep_their_titles_neutral_unless_the_person_chose(event, invitation, world):
    member = world.people["member"]
    member.titles_in_mail = True

    named = vobject.readOne(invitation_file(invitation, member, method="REQUEST").decode()).vevent

    assert event.summary.value in {"Réunion", "Meeting"}
    assert invitation.meeting.committee.project.short_title in named.summary.value


# Answers in words


def reply_in_words(invitation, text, number=1):
    mail = MIMEText(text, "plain", "utf-8")
    mail["From"] = invitation.person.email
    mail["To"] = reply_address(invitation, invitation.person)
    mail["Message-ID"] = f"<words{number}@example.org>"
    return receive(mail.as_bytes())


PLAIN = {
    "Sí, asistiré.": "accepted",
    "Buenos días,\n\nConfirmo mi asistencia.": "accepted",
    "Lamentablemente no podré asistir.": "declined",
    "No": "declined",
    "Oui, je serai présente.": "accepted",
    "Je ne pourrai pas venir.": "declined",
    "Je serai absente.": "declined",
    "Yes, I will come.": "accepted",
    "I can’t make it.": "declined",
    "Yes, but can we move it?": "",
    "Si puedo, asistiré": "",
    "No tengo comentarios.": "",
    "¿A qué hora es?": "",
    "Oui, mais pas avant 10 h.": "",
}


@pytest.mark.parametrize(("text", "expected"), PLAIN.items())
def test_a_plain_yes_or_no_in_the_first_line_is_known(text, expected):
    assert plain_answer(text) == expected


def test_yes_in_words_is_suggested_and_recorded_only_by_the_button(invitation, client):
    reply_in_words(invitation, "Sí, asistiré.")

    letter = OutgoingMail.objects.filter(person=invitation.person).order_by("pk").last()
    link = "/" + letter.text.split("?written=accepted")[0].split("://")[-1].partition("/")[2]
    page = client.get(f"{link}?written=accepted")
    invitation.refresh_from_db()
    before = invitation.answer
    client.post(f"{link}?written=accepted", {"answer": "accepted"})

    invitation.refresh_from_db()
    assert "not recorded yet" in letter.text
    assert "Confirm that I am coming" in letter.text
    assert "You wrote by e-mail that you are coming." in page.text
    assert (before, invitation.answer) == ("", "accepted")


def test_whoever_wrote_something_else_is_told_that_the_invitation_is_open(invitation):
    reply_in_words(invitation, "¿A qué hora es?")

    letter = OutgoingMail.objects.filter(person=invitation.person).order_by("pk").last()
    assert "Answer the invitation" in letter.text
    assert "written=" not in letter.text


def test_whoever_has_answered_is_not_asked_again(invitation, event):
    receive(answer(event))

    reply_in_words(invitation, "Sí, asistiré.")

    letter = OutgoingMail.objects.filter(person=invitation.person).order_by("pk").last()
    assert letter.subject.startswith("Your message was received")
    assert "not recorded yet" not in letter.text


def test_a_calendar_answer_that_nothing_proves_leads_to_the_invitation(invitation, event):
    receive(answer(event, sender="other@example.org"))

    letter = OutgoingMail.objects.filter(person=invitation.person).order_by("pk").last()
    invitation.refresh_from_db()
    assert invitation.answer == ""
    assert letter.subject.startswith("An e-mail in your name was not recorded")
    assert "/invitations/" in letter.text or "/link/" in letter.text
