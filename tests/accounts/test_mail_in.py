"""What incoming mail changes: whose it must be, what becomes of it, and that nothing counts twice."""

import io
import sys
from datetime import timedelta
from email.message import EmailMessage
from functools import partial

import pytest
import time_machine
from django.conf import settings as used
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from accounts.letters import Letter
from accounts.mail import send_to_person
from accounts.mail_in import addresses
from accounts.mail_in.addresses import (
    Purpose,
    find_signed,
    hide_tokens,
    reply_address,
    return_address,
)
from accounts.mail_in.intake import MOST_AN_HOUR, MOST_KEPT, receive
from accounts.mail_in.parts import MOST_BYTES
from accounts.models import AccessEvent, AccessLink, IncomingMail, OutgoingMail, User
from accounts.outbox import message_of
from accounts.tasks import forget_what_is_old
from projects.mail_notes.coordination import announce_notes
from projects.models import MailNote
from tests.factories import (
    AssignmentFactory,
    CommitteeFactory,
    ContactFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

Outcome, Reason, Kind = IncomingMail.Outcome, IncomingMail.Reason, IncomingMail.Kind


@pytest.fixture(autouse=True)
def takes_mail(settings):
    settings.INBOUND_ADDRESS = "reply@portal.example.org"
    with translation.override("en"):
        yield


@pytest.fixture
def person():
    return UserFactory(email="member@example.org", language="en")


@pytest.fixture
def project(person):
    project = ProjectFactory()
    coordinator = UserFactory(email="coordinator@example.org", language="en")
    AssignmentFactory(project=project, user=coordinator, role="coordinator")
    AssignmentFactory(project=project, user=person, role="reader")
    return project


def reply(to, text="Yes, with one change.", sender="member@example.org", number=1, **headers):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"A role <{sender}>", to, "Re: Plan to review"
    mail["Message-ID"] = f"<{number}@example.org>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def words_kept():
    return [note.text for note in MailNote.objects.all() if note.text]


def became(row):
    return (row.kind, row.outcome, row.reason)


# Addresses


def test_an_address_names_purpose_thing_and_person_and_is_short(person, project):
    address = reply_address(project, person)

    found = find_signed([address.upper()])

    assert (found.purpose, found.thing, found.person) == (Purpose.REPLY, project, person)
    assert len(address.partition("@")[0]) <= 64


def test_without_the_setting_there_is_none(person, project, settings):
    settings.INBOUND_ADDRESS = ""

    assert reply_address(project, person) == ""
    assert sent_to(person, project).reply_to == "coordinator@example.org"


def test_an_altered_address_names_nothing(person, project):
    local, _at, domain = reply_address(project, person).partition("@")
    token = local.partition("+")[2]
    altered = [
        f"reply+{token[:place]}{'a' if token[place] != 'a' else 'b'}{token[place + 1 :]}@{domain}"
        for place in range(len(token))
    ]

    assert [address for address in altered if find_signed([address])] == []


def test_an_older_key_opens_addresses_until_it_is_gone(person, project, settings):
    address = reply_address(project, person)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 10

    assert find_signed([address])
    settings.SECRET_KEY_FALLBACKS = []
    assert find_signed([address]) is None


def test_a_person_without_access_has_no_address_any_more(person, project):
    address = reply_address(project, person)
    person.is_active = False
    person.save()

    assert find_signed([address]) is None


def sent_to(person, about):
    letter = partial(Letter, subject="Plan to review", body=["Words."])
    return send_to_person(person, letter, about=about)


def test_messages_ask_for_answers_at_the_persons_address(person, project, mailoutbox, settings):
    settings.MAIL_BY_WORKER = True
    row = sent_to(person, project)

    message = message_of(row).message()

    assert message["Reply-To"] == reply_address(project, person)
    assert settings.DEFAULT_FROM_EMAIL in message["From"]
    assert message_of(row).from_email == return_address(row)


def test_servers_that_refuse_other_senders_get_the_usual_one(person, project, settings):
    settings.MAIL_BY_WORKER, settings.INBOUND_RETURNS = True, False

    assert settings.DEFAULT_FROM_EMAIL in message_of(sent_to(person, project)).from_email


def test_words_of_a_server_are_kept_without_tokens(person, project):
    address = reply_address(project, person)

    assert hide_tokens(f"550 <{address.upper()}> unknown") == "550 <…> unknown"


# Replies


def test_a_reply_is_a_note_for_the_coordination(person, project, mailoutbox):
    row = receive(reply(reply_address(project, person)))

    note = MailNote.objects.get()
    assert became(row) == (Kind.REPLY, Outcome.TAKEN, "")
    assert (note.text, note.audience, note.by) == ("Yes, with one change.", "coordination", person)
    assert (note.project, note.thing) == (project, project)
    assert bytes(row.content or b"") == b""
    event = AccessEvent.objects.filter(kind="link").get()
    assert event.details == {"purpose": "answer_by_mail", "answer": "reply"}


def test_the_author_and_the_coordination_are_told(
    person, project, django_capture_on_commit_callbacks, mailoutbox
):
    with django_capture_on_commit_callbacks(execute=True):
        receive(reply(reply_address(project, person)))
        announce_notes()

    assert sorted(message.to[0] for message in mailoutbox) == [
        "coordinator@example.org",
        "member@example.org",
    ]
    assert {message.extra_headers["Auto-Submitted"] for message in mailoutbox} == {"auto-generated"}


def test_the_same_message_counts_once(person, project):
    mail = reply(reply_address(project, person))

    first, second = receive(mail), receive(b"Received: from elsewhere\r\n" + mail)

    assert first == second
    assert MailNote.objects.count() == 1


def test_the_address_where_it_came_counts_if_the_server_says_it(person, project):
    mail = reply("somebody@example.org")

    assert receive(mail, recipient=reply_address(project, person)).outcome == Outcome.TAKEN


REFUSED = {
    "another sender": ({"sender": "other@example.org"}, Reason.SENDER),
    "nothing of their own": ({"text": "> quoted\n"}, Reason.EMPTY),
}


@pytest.mark.parametrize(("facts", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_the_persons_is_refused(person, project, facts, reason, mailoutbox):
    row = receive(reply(reply_address(project, person), **facts))

    assert became(row) == (Kind.REPLY, Outcome.REFUSED, reason)
    assert words_kept() == []


def test_a_refused_sender_is_logged_without_the_address(person, project):
    receive(reply(reply_address(project, person), sender="other@example.org"))

    event = AccessEvent.objects.get(kind="refused")
    assert event.details == {
        "method": "mail",
        "check": "sender",
        "person": str(person.pseudonym),
    }
    assert event.thing == project


def test_two_senders_are_none(person, project):
    mail = reply(reply_address(project, person)).replace(
        b"<member@example.org>", b"<member@example.org>, x@example.org"
    )

    assert receive(mail).reason == Reason.SENDER


def test_the_address_of_the_institutions_contact_is_the_persons(person, project):
    ContactFactory(user=person, email="Office@example.org")

    row = receive(reply(reply_address(project, person), sender="office@EXAMPLE.org"))

    assert row.outcome == Outcome.TAKEN


def test_an_unsigned_address_is_refused_without_a_trace_in_the_log(person, project):
    row = receive(reply("reply@portal.example.org"))

    assert became(row) == (Kind.REPLY, Outcome.REFUSED, Reason.UNSIGNED)
    assert AccessEvent.objects.count() == 0


def test_automatic_messages_change_nothing_and_get_no_answer(person, project, mailoutbox):
    row = receive(reply(reply_address(project, person), Auto_Submitted="auto-replied"))

    assert became(row) == (Kind.AUTOMATIC, Outcome.DROPPED, Reason.AUTOMATIC)
    assert OutgoingMail.objects.count() == 0


def test_two_programs_do_not_answer_each_other_for_ever(person, project):
    address = reply_address(project, person)
    rows = [receive(reply(address, number=n, text=f"{n}")) for n in range(MOST_AN_HOUR + 2)]

    assert [row.outcome for row in rows].count(Outcome.TAKEN) == MOST_AN_HOUR
    assert rows[-1].reason == Reason.TOO_MANY


def test_once_links_are_revoked_answers_count_only_after_a_new_one(person, project):
    address = reply_address(project, person)
    link, _token = AccessLink.issue(person, "answer", project, by=None)
    link.revoke()

    refused = receive(reply(address))
    AccessLink.issue(person, "answer", project, by=None)
    taken = receive(reply(address, number=2))

    assert became(refused) == (Kind.REPLY, Outcome.REFUSED, Reason.REVOKED)
    assert AccessEvent.objects.get(kind="refused").details["check"] == "revoked"
    assert taken.outcome == Outcome.TAKEN


SENT_BY = {
    "Other <other@example.org>": Reason.SENDER,
    "Google Calendar <calendar-notification@google.com.evil.example>": Reason.SENDER,
    "Google Calendar <calendar-notification@google.com>": "",
    "Role <member@example.org>": "",
}


@pytest.mark.parametrize(("sender", "reason"), SENT_BY.items())
def test_who_sent_it_for_the_person_is_the_person_or_google_calendar(
    person, project, sender, reason
):
    row = receive(reply(reply_address(project, person), Sender=sender))

    assert row.reason == reason


# What nothing proves, and what comes too late


def letters_to(person):
    rows = OutgoingMail.objects.filter(person=person).order_by("pk")
    return [row.subject.partition(" · ")[0] for row in rows]


NOT_RECORDED = "An e-mail in your name was not recorded"
UNCONFIRMED = {
    "another sender": {"sender": "other@example.org"},
    "no proof": {"Authentication_Results": "mx.example.net; dkim=none"},
    "no header": {},
}


@pytest.mark.parametrize("facts", UNCONFIRMED.values(), ids=UNCONFIRMED)
def test_mail_that_proves_nothing_changes_nothing_and_the_person_gets_the_link(
    person, project, facts, settings
):
    settings.INBOUND_AUTHSERV_ID = "mx.example.net"

    receive(reply(reply_address(project, person), **facts))

    (letter,) = OutgoingMail.objects.all()
    assert (letter.person, letter.address) == (person, "member@example.org")
    assert letter.subject.startswith(NOT_RECORDED)
    assert "Yes, with one change." not in letter.text
    assert project.get_absolute_url() in letter.text
    assert words_kept() == []


def test_the_person_is_told_once_a_day_and_the_coordination_sees_each_thing_once(person, project):
    committee = CommitteeFactory(project=project)
    for number, thing in enumerate([project, project, committee]):
        receive(reply(reply_address(thing, person), sender="other@example.org", number=number))
    assert letters_to(person) == [NOT_RECORDED]
    assert [note.is_confirmed for note in MailNote.objects.all()] == [False, False]

    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        receive(reply(reply_address(project, person), sender="other@example.org", number=4))

    assert letters_to(person) == [NOT_RECORDED] * 2
    assert MailNote.objects.count() == 3


def test_the_coordination_sees_that_something_unconfirmed_came(person, project, client):
    receive(reply(reply_address(project, person), sender="other@example.org"))
    client.force_login(User.objects.get(email="coordinator@example.org"))

    page = client.get(f"/projects/{project.code}/mail/").text

    assert "unconfirmed" in page
    assert "Nobody could confirm that it is theirs" in page
    assert "Yes, with one change." not in page


def test_nobody_is_told_once_their_links_were_revoked(person, project):
    AccessLink.issue(person, "answer", project, by=None)[0].revoke()

    receive(reply(reply_address(project, person), sender="other@example.org"))

    assert (OutgoingMail.objects.count(), MailNote.objects.count()) == (0, 0)


@pytest.mark.parametrize(("days", "reason"), [(90, ""), (91, Reason.EXPIRED)])
def test_an_address_ends_90_days_after_its_message(person, project, days, reason):
    address = reply_address(project, person)

    with time_machine.travel(timezone.now() + timedelta(days=days)):
        row = receive(reply(address))

    assert row.reason == reason
    assert words_kept() == ([] if reason else ["Yes, with one change."])
    assert letters_to(person) == [NOT_RECORDED if reason else "Your message was received"]


@pytest.mark.parametrize(("days", "reason"), [(170, ""), (171, Reason.EXPIRED)])
def test_an_address_lasts_as_long_as_its_thread(person, project, settings, days, reason):
    settings.MAIL_BY_WORKER = True
    first = sent_to(person, project).reply_to

    with time_machine.travel(timezone.now() + timedelta(days=80)):
        second = sent_to(person, project).reply_to
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        rows = [receive(reply(each, number=n)) for n, each in enumerate([first, second])]

    assert [row.reason for row in rows] == [reason, reason]


def test_messages_to_others_and_about_others_do_not_prolong_an_address(person, project, settings):
    settings.MAIL_BY_WORKER = True
    first = sent_to(person, project).reply_to

    with time_machine.travel(timezone.now() + timedelta(days=80)):
        sent_to(UserFactory(), project)
        sent_to(person, None)
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        row = receive(reply(first))

    assert row.reason == Reason.EXPIRED


def test_an_address_of_release_1_has_ended(person, project):
    """It named no day; its person gets the link."""
    kind = ContentType.objects.get_for_model(project)
    named = b"r" + b"".join(map(addresses._as_bytes, (kind.pk, project.pk, person.pk)))
    signed = addresses._signature(used.SECRET_KEY, Purpose.REPLY, project, person, None)
    address = f"reply+{addresses._as_token(named + signed)}@portal.example.org"

    row = receive(reply(address))

    assert row.reason == Reason.EXPIRED
    assert letters_to(person) == [NOT_RECORDED]


def test_a_message_with_attachments_alone_is_not_lost(person, project):
    mail = EmailMessage()
    mail["From"], mail["To"] = "member@example.org", reply_address(project, person)
    mail["Message-ID"] = "<1@example.org>"
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="a.pdf")

    row = receive(mail.as_bytes())

    (letter,) = OutgoingMail.objects.filter(person=person)
    assert became(row) == (Kind.REPLY, Outcome.REFUSED, Reason.NOT_NOW)
    assert "only photographs" in letter.text
    assert project.get_absolute_url() in letter.text


# Who sent it, as the receiving server says

RESULTS = {
    "dmarc": ("mx.example.net; dmarc=pass header.from=example.org", True),
    "dkim": ("mx.example.net 1; dkim=pass (2048) header.d=example.org header.s=a", True),
    "dkim of another": ("mx.example.net; dkim=pass header.d=evil.example", False),
    "spf": ("mx.example.net; spf=pass smtp.mailfrom=member@example.org", True),
    "spf of a part": ("mx.example.net; spf=pass smtp.mailfrom=bounce@mail.example.org", False),
    "failed policy": ("mx.example.net; dkim=pass header.d=example.org; dmarc=fail", False),
    "another server": ("evil.example; dmarc=pass", False),
    "none": ("mx.example.net; none", False),
    "policy of another domain": ("mx.example.net; dmarc=pass header.from=evil.example", False),
    "policy of no domain": ("mx.example.net; dmarc=pass", False),
}


@pytest.mark.parametrize(("result", "is_taken"), RESULTS.values(), ids=RESULTS)
def test_the_receiving_server_must_confirm_the_sender(person, project, settings, result, is_taken):
    settings.INBOUND_AUTHSERV_ID = "mx.example.net"

    row = receive(reply(reply_address(project, person), Authentication_Results=result))

    assert row.reason == ("" if is_taken else Reason.UNPROVED)


def test_results_that_the_sender_wrote_do_not_count(person, project, settings):
    settings.INBOUND_AUTHSERV_ID = "mx.example.net"
    real = b"Authentication-Results: mx.example.net; dmarc=fail\r\nReceived: from sender\r\n"
    forged = b"Authentication-Results: mx.example.net; dmarc=pass\r\n"

    row = receive(real + forged + reply(reply_address(project, person)))

    assert row.reason == Reason.UNPROVED


def test_of_the_results_of_the_server_the_topmost_counts(person, project, settings):
    settings.INBOUND_AUTHSERV_ID = "mx.example.net"
    real = b"Authentication-Results: mx.example.net; dmarc=none\r\n"
    forged = b"Authentication-Results: mx.example.net; dkim=pass header.d=example.org\r\n"

    row = receive(real + forged + reply(reply_address(project, person)))

    assert row.reason == Reason.UNPROVED


@pytest.mark.parametrize(("above", "reason"), [(0, ""), (1, ""), (2, Reason.UNPROVED)])
def test_no_results_below_the_second_server_count(person, project, settings, above, reason):
    settings.INBOUND_AUTHSERV_ID = "mx.example.net"
    forged = b"Authentication-Results: mx.example.net; dmarc=pass header.from=example.org\r\n"

    row = receive(b"Received: from a\r\n" * above + forged + reply(reply_address(project, person)))

    assert row.reason == reason


@pytest.mark.parametrize("name", [b"From", b"Sender"])
def test_a_sender_too_long_to_be_read_is_not_the_person(person, project, settings, name):
    settings.INBOUND_AUTHSERV_ID = "mx.example.net"
    proof = b"Authentication-Results: mx.example.net; dmarc=pass header.from=example.org\r\n"
    long = (
        name + b': "member@example.org"' + b"\r\n aaaaaaaaaa" * 220 + b"\r\n <a@evil.example>\r\n"
    )
    given = reply(reply_address(project, person))
    if name == b"From":
        given = given.partition(b"\n")[2]

    row = receive(proof + long + given)

    assert row.reason == Reason.SENDER


# What came back


def bounce(to, action="failed", status="5.1.1", failed="member@example.org"):
    text = (
        f"From: MAILER-DAEMON@mx.example.org\r\nTo: {to}\r\nReturn-Path: <>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="a"\r\n\r\n'
        "--a\r\n\r\nIt failed.\r\n--a\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx\r\n\r\n"
        f"Final-Recipient: rfc822; {failed}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "--a--\r\n"
    )
    return text.encode()


@pytest.fixture
def sent(person, project, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        row = sent_to(person, project)
    return OutgoingMail.objects.get(pk=row.pk)


def test_a_message_that_came_back_marks_the_address(sent, person):
    row = receive(bounce(return_address(sent)))

    person.refresh_from_db()
    sent.refresh_from_db()
    assert became(row) == (Kind.BOUNCE, Outcome.TAKEN, "")
    assert person.came_back_at
    assert sent.delivery == "bounced"
    letter = OutgoingMail.objects.exclude(pk=sent.pk).get()
    assert letter.person.email == "coordinator@example.org"


def test_a_report_on_an_address_to_which_nothing_was_sent_marks_nothing(sent, person):
    row = receive(bounce(return_address(sent), failed="other@example.org"))

    person.refresh_from_db()
    assert became(row) == (Kind.BOUNCE, Outcome.REFUSED, Reason.OTHER_ADDRESS)
    assert person.came_back_at is None


def test_another_address_has_not_come_back(sent, person):
    receive(bounce(return_address(sent)))
    person.refresh_from_db()
    person.email = "new@example.org"
    person.save()

    assert person.came_back_at is None


def test_a_message_from_the_address_shows_that_it_is_good(sent, person, project):
    receive(bounce(return_address(sent)))
    receive(reply(reply_address(project, person)))

    person.refresh_from_db()
    assert person.came_back_at is None


def test_what_is_late_marks_nothing(sent, person):
    row = receive(bounce(return_address(sent), "delayed", "4.4.1"))

    person.refresh_from_db()
    assert became(row) == (Kind.DELAY, Outcome.DROPPED, Reason.DELAYED)
    assert person.came_back_at is None


def test_a_report_of_an_address_that_was_replaced_says_nothing(sent, person):
    address = return_address(sent)
    person.email = "new@example.org"
    person.save()

    assert receive(bounce(address)).reason == Reason.UNSIGNED


def test_a_report_at_the_address_for_answers_marks_nothing(person, project):
    receive(bounce(reply_address(project, person)))

    person.refresh_from_db()
    assert person.came_back_at is None


# Quarantine, and the command


def test_what_cannot_be_read_is_kept_for_the_administrator(person, project, client):
    mail = reply(reply_address(project, person)).replace(b"text/plain", b"application/pkcs7-mime")

    row = receive(mail)

    assert became(row) == (Kind.UNREADABLE, Outcome.QUARANTINED, Reason.ENCRYPTED)
    client.force_login(UserFactory(is_staff=True))
    assert "It is encrypted" in client.get("/mail/incoming/").text
    assert client.get(f"/mail/incoming/{row.pk}/").content == mail


def test_what_is_too_large_is_kept_in_part_and_only_at_a_signed_address(person, project):
    large = b"\n" + b"x" * (MOST_BYTES + 1)

    mine = receive(reply(reply_address(project, person)) + large)
    other = receive(reply("reply@portal.example.org") + large)

    assert became(mine) == (Kind.UNREADABLE, Outcome.QUARANTINED, Reason.TOO_LARGE)
    assert len(mine.content) == MOST_KEPT
    assert became(other) == (Kind.UNREADABLE, Outcome.REFUSED, Reason.UNSIGNED)
    assert other.content is None


ODD = [
    b"",
    b"\0",
    b"From: \xff\xfe\nTo: \xe9\nSubject: =?x?q?=ff?=\n\n\xff",
    b"Message-ID: \xed\xa0\x80\nFrom: =?utf-7?q?+2AA-?= <a@b>\n\n+2AA-",
    b"To: reply+%s@portal.example.org\n\nx" % (b"a" * 30),
    b"Content-Type: text/plain; charset=utf-7\n\n+2AA-",
]


@pytest.mark.parametrize("data", ODD)
def test_odd_messages_are_rows_like_others(data):
    row = receive(data)

    assert IncomingMail.objects.get() == row
    assert row.outcome in {Outcome.REFUSED, Outcome.DROPPED}


def test_signs_that_no_database_takes_are_left_out(person, project):
    data = reply(reply_address(project, person), text="Yes.").replace(b"Yes.", b"Y\0e\x07s.")

    assert receive(data).outcome == Outcome.TAKEN
    assert MailNote.objects.get().text == "Yes."


def test_others_do_not_see_what_came_in(person, client):
    client.force_login(person)

    assert client.get("/mail/incoming/").status_code == 404


def test_a_fault_of_the_portal_keeps_the_message(person, project, monkeypatch, caplog):
    def broken(*args):
        raise RuntimeError(reply_address(project, person))

    monkeypatch.setattr("accounts.mail_in.intake.reply_takers", [broken])

    row = receive(reply(reply_address(project, person)))

    assert (row.outcome, row.reason) == (Outcome.QUARANTINED, Reason.BROKEN)
    assert row.content
    assert "reply+" not in caplog.text


def test_rows_are_forgotten_after_their_days(person, project, settings):
    row = receive(reply("reply@portal.example.org"))
    IncomingMail.objects.filter(pk=row.pk).update(received_at=row.received_at - timedelta(days=366))

    forget_what_is_old()

    assert IncomingMail.objects.count() == 0


def piped(monkeypatch, data, **options):
    stdin = io.TextIOWrapper(io.BytesIO(data))
    monkeypatch.setattr(sys, "stdin", stdin)
    out = io.StringIO()
    call_command("receive_mail", stdout=out, **options)
    return out.getvalue().strip()


def test_a_mail_server_hands_a_message_to_the_command(person, project, monkeypatch):
    data = reply("list@example.org")

    said = piped(monkeypatch, data, recipient=reply_address(project, person))

    assert said == "reply taken"


def test_without_the_setting_the_command_takes_nothing(settings, monkeypatch):
    settings.INBOUND_ADDRESS = ""

    with pytest.raises(CommandError):
        piped(monkeypatch, b"x")
