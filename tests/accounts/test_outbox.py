"""The outbox: what is mailed is a row first, goes out once, and tells what became of it."""

import smtplib
import time
from datetime import timedelta
from functools import partial

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from accounts.account_letters import invitation_letter
from accounts.mail import send_to_person
from accounts.mailbox import letter_files, letters_in
from accounts.models import Attachment, Delivery, OutgoingMail
from accounts.outbox import LEASE, deliver, enqueue_due
from accounts.tasks import forget_what_is_old
from kernel.outages import Outage
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

State, Failure = OutgoingMail.State, OutgoingMail.Failure


class Server(EmailBackend):
    """A mail server that answers as the test says."""

    connecting: Exception | None = None
    sending: Exception | None = None

    def open(self):
        if self.connecting:
            raise self.connecting

    def send_messages(self, messages):
        if self.sending:
            raise self.sending
        return super().send_messages(messages)


@pytest.fixture
def server(settings, monkeypatch):
    settings.EMAIL_BACKEND = f"{__name__}.Server"

    def answer(connecting=None, sending=None):
        monkeypatch.setattr(Server, "connecting", connecting)
        monkeypatch.setattr(Server, "sending", sending)

    return answer


@pytest.fixture(autouse=True)
def by_worker(settings):
    settings.MAIL_BY_WORKER = True


def post(person=None, **options):
    person = person or UserFactory(email="membre@example.org")
    letter = partial(invitation_letter, "a@example.org")
    return send_to_person(person, letter, about=None, **options)


def attempt(row):
    """A worker looks at the row, as if its pause were over."""
    OutgoingMail.objects.filter(pk=row.pk).update(next_attempt_at=timezone.now())
    Outage.objects.update(retry_at=timezone.now())
    deliver(row.pk)
    row.refresh_from_db()
    return row


def lapse(row):
    past = timezone.now() - timedelta(seconds=1)
    OutgoingMail.objects.filter(pk=row.pk).update(lease_until=past)


# --- Once ---------------------------------------------------------------------------------


def test_a_message_waits_in_the_outbox_then_is_sent_and_its_words_forgotten():
    row = post()
    assert (row.delivery, row.text[:5], mail.outbox) == (Delivery.WAITING, "Hello", [])

    attempt(row)

    assert row.delivery == Delivery.SENT
    assert row.sent_at is not None
    assert (row.address, row.text, row.html, row.attachments) == ("", "", "", [])
    assert [message.to for message in mail.outbox] == [["membre@example.org"]]


def test_a_message_that_was_sent_is_not_sent_again():
    row = post()

    for _ in range(3):
        attempt(row)

    assert len(mail.outbox) == 1


def test_the_same_key_is_mailed_once_and_answers_with_the_known_row():
    person = UserFactory()

    first = post(person, key="invitation:1:0")
    second = post(person, key="invitation:1:0")
    other = post(person, key="invitation:1:1")

    assert first == second != other
    assert OutgoingMail.objects.count() == 2


def test_messages_without_a_key_are_not_held_for_the_same():
    person = UserFactory()

    assert post(person) != post(person)


def test_who_has_no_address_gets_no_row():
    assert post(UserFactory(email=None)) is None
    assert not OutgoingMail.objects.exists()


def test_who_was_shut_out_meanwhile_gets_nothing():
    person = UserFactory()
    row = post(person)
    person.is_active = False
    person.save()

    attempt(row)

    assert (row.state, row.delivery) == (State.CANCELLED, Delivery.NOT_SENT)
    assert mail.outbox == []


def test_files_go_with_the_message_and_a_calendar_stands_beside_the_text_too():
    files = [
        Attachment("letter.pdf", b"%PDF-1.7", "application/pdf"),
        Attachment("meeting.ics", b"BEGIN:VCALENDAR", "text/calendar; method=REQUEST"),
    ]

    attempt(post(attachments=files))

    (message,) = mail.outbox
    kinds = [
        (part.get_content_type(), part.get_param("method"), part.get_filename())
        for part in message.message().walk()
        if not part.is_multipart()
    ]
    assert kinds == [
        ("text/plain", None, None),
        ("text/html", None, None),
        ("text/calendar", "REQUEST", None),
        ("application/pdf", None, "letter.pdf"),
        ("application/ics", None, "meeting.ics"),
    ]


# --- A server that is down, refuses, or breaks off ------------------------------------------


def test_a_server_that_is_down_is_asked_again_with_growing_pauses(server, caplog):
    server(connecting=ConnectionRefusedError("no mail server"))
    row = post()
    pauses = []

    for _ in range(9):
        attempt(row)
        pauses.append(round((row.next_attempt_at - timezone.now()).total_seconds() / 60))
    assert (row.delivery, row.handed_over_at) == (Delivery.WAITING, None)
    server()
    attempt(row)

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert row.delivery == Delivery.SENT
    assert len(mail.outbox) == 1
    assert "ConnectionRefusedError" in caplog.text
    assert "membre@example.org" not in caplog.text


def test_after_some_days_a_server_that_is_down_is_given_up(server):
    server(connecting=TimeoutError())
    row = post()
    OutgoingMail.objects.filter(pk=row.pk).update(attempt=OutgoingMail.MAX_ATTEMPTS - 1)

    attempt(row)

    assert (row.failure, row.delivery) == (Failure.UNREACHABLE, Delivery.NOT_SENT)


def refused(code, words):
    return smtplib.SMTPRecipientsRefused({"membre@example.org": (code, words)})


def test_an_address_that_the_server_refuses_came_back(server):
    server(sending=refused(550, b"5.1.1 No such\nmailbox"))
    row = attempt(post())

    assert (row.delivery, row.failure) == (Delivery.BOUNCED, Failure.REFUSED)
    assert row.bounce_reason == "550 5.1.1 No such mailbox"
    server()
    attempt(row)
    assert mail.outbox == []


@pytest.mark.parametrize(
    "answer",
    [
        refused(451, b"greylisted"),
        smtplib.SMTPDataError(452, b"disk full"),
        smtplib.SMTPSenderRefused(550, b"not you", "portal@example.org"),
    ],
)
def test_a_server_that_says_not_now_is_asked_again(server, answer):
    server(sending=answer)
    row = attempt(post())
    assert (row.delivery, row.handed_over_at) == (Delivery.WAITING, None)

    server()
    attempt(row)

    assert row.delivery == Delivery.SENT


def test_a_message_that_the_server_refuses_came_back(server):
    server(sending=smtplib.SMTPDataError(554, b"looks like spam"))

    assert attempt(post()).bounce_reason == "554 looks like spam"


@pytest.mark.parametrize(
    "broken", [smtplib.SMTPServerDisconnected("gone"), TimeoutError("silent"), BrokenPipeError()]
)
def test_what_broke_off_is_unclear_and_never_sent_again_by_itself(server, broken):
    server(sending=broken)
    row = attempt(post())
    assert (row.delivery, row.failure) == (Delivery.UNCLEAR, Failure.UNCLEAR)

    server()
    attempt(row)
    enqueue_due()

    assert row.delivery == Delivery.UNCLEAR
    assert mail.outbox == []


# --- Workers die --------------------------------------------------------------------------


def test_what_a_worker_left_before_it_sent_is_sent_by_the_next():
    row = post()
    OutgoingMail.objects.claim(row.pk, lease=LEASE)
    deliver(row.pk)
    assert mail.outbox == []  # the first worker may still be at it

    lapse(row)
    deliver(row.pk)

    row.refresh_from_db()
    assert (row.delivery, len(mail.outbox)) == (Delivery.SENT, 1)


def test_what_a_worker_left_while_it_sent_is_unclear():
    row = post()
    taken = OutgoingMail.objects.claim(row.pk, lease=LEASE)
    taken.mark_handed_over(lease=LEASE)
    enqueue_due()
    row.refresh_from_db()
    assert row.delivery == Delivery.WAITING  # its lease holds

    lapse(row)
    deliver(row.pk)
    enqueue_due()

    row.refresh_from_db()
    assert (row.delivery, mail.outbox) == (Delivery.UNCLEAR, [])


def test_a_worker_that_was_only_slow_says_that_it_was_sent_after_all():
    row = post()
    taken = OutgoingMail.objects.claim(row.pk, lease=LEASE)
    taken.mark_handed_over(lease=LEASE)
    lapse(row)
    enqueue_due()

    taken.mark_sent()

    row.refresh_from_db()
    assert (row.delivery, row.failure) == (Delivery.SENT, "")


# --- What comes back later, and what is forgotten -------------------------------------------


def test_a_message_that_came_back_later_is_marked_by_hand_once():
    row = attempt(post())

    assert row.came_back("Mailbox full.") is True
    assert row.delivery == Delivery.BOUNCED
    assert row.came_back("Again.") is False
    assert row.bounce_reason == "Mailbox full."


def test_what_was_not_sent_did_not_come_back():
    assert post().came_back("Impossible.") is False


def test_the_words_of_what_was_not_sent_are_forgotten_after_some_days(server, settings):
    server(sending=refused(550, b"no"))
    old, new = attempt(post(key="a")), attempt(post(UserFactory(), key="b"))
    server(connecting=OSError())
    waiting = attempt(post(UserFactory()))
    days_ago = timezone.now() - timedelta(days=settings.MAIL_TEXT_DAYS + 1)
    OutgoingMail.objects.exclude(pk=new.pk).update(finished_at=days_ago)

    forget_what_is_old()

    for row in (old, new, waiting):
        row.refresh_from_db()
    assert (old.address, old.text, old.html, old.bounce_reason) == ("", "", "", "")
    assert old.delivery == Delivery.BOUNCED
    assert "" not in {new.text, new.address, waiting.text, waiting.address}


# --- The real worker ----------------------------------------------------------------------


def wait_until(condition):
    for _ in range(400):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("It did not happen.")


@pytest.mark.sqlite
@pytest.mark.deep(part="workers")
def test_a_killed_worker_loses_no_message_and_sends_none_twice(mailer, transactional_db):
    people = [UserFactory(email=f"m{number}@example.org") for number in range(12)]
    rows = [post(person) for person in people]
    wait_until(lambda: OutgoingMail.objects.filter(state=State.READY).exists())
    mailer.kill()
    # Its lease would run out in two minutes; what is tested is that the row is taken up again.
    OutgoingMail.objects.filter(state=State.WORKING).update(lease_until="2020-01-01T00:00Z")
    mailer.start()
    enqueue_due()
    wait_until(lambda: not OutgoingMail.objects.in_hand().exists())

    letters = [letter.to for path in letter_files() for letter in letters_in(path)]
    found = {row.delivery for row in OutgoingMail.objects.all()}
    unclear = [row.person.email for row in OutgoingMail.objects.filter(failure=Failure.UNCLEAR)]
    ours = [address for address in letters if address in {person.email for person in people}]
    assert len(ours) == len(set(ours))
    assert {row.person.email for row in rows} - set(ours) <= set(unclear)
    assert found <= {Delivery.SENT, Delivery.UNCLEAR}
