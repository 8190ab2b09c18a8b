"""Sessions with a real mail server: many messages in one, and a pause after one that failed."""

import email
import time
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts import outbox
from accounts.codes import send_code
from accounts.models import Delivery, OutgoingMail
from accounts.outbox import deliver, enqueue_due, hand_over
from ibcr_portal.periodic_tasks import CODE_QUEUE
from kernel.outages import Outage
from tests.factories import UserFactory
from tests.mail_servers import mail_server, silent_server

pytestmark = pytest.mark.django_db

Failure = OutgoingMail.Failure


@pytest.fixture
def use(settings, monkeypatch):
    """Have the portal send by SMTP to this port."""
    settings.MAIL_BY_WORKER = True
    monkeypatch.setattr(outbox.Session, "SECONDS", 60.0)  # a machine may be slow

    def _use(port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 0.5
        settings.EMAIL_HOST_USER = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False

    return _use


@pytest.fixture
def server(use):
    with mail_server() as found:
        use(found.port)
        yield found


def waiting(number):
    return [
        OutgoingMail.objects.create(address=f"m{n}@example.org", subject=f"Message {n}")
        for n in range(number)
    ]


def over():
    """The pauses are over."""
    now = timezone.now()
    Outage.objects.update(retry_at=now)
    OutgoingMail.objects.update(next_attempt_at=now)


def deliveries():
    return [row.delivery for row in OutgoingMail.objects.order_by("pk")]


# --- One session, many messages ---------------------------------------------------------------


def test_messages_that_wait_go_out_in_one_session(server):
    first, *_others = waiting(12)

    deliver(first.pk)

    assert (server.sessions, len(server.messages)) == (1, 12)
    assert set(deliveries()) == {Delivery.SENT}


def test_a_session_ends_after_some_messages_so_that_a_code_gets_its_turn(server):
    first, *_others = waiting(outbox.Session.MESSAGES + 3)

    deliver(first.pk)

    assert len(server.messages) == outbox.Session.MESSAGES


def test_a_server_that_ends_a_session_gets_the_next_message_in_another_one(server):
    server.longest = 2
    first, *_others = waiting(5)

    deliver(first.pk)

    assert (server.sessions, len(server.messages)) == (3, 5)
    assert set(deliveries()) == {Delivery.SENT}


def test_a_message_that_is_refused_holds_up_no_other_in_its_session(server):
    first, *_others = waiting(3)
    OutgoingMail.objects.filter(pk=first.pk).update(address="nobody@example.org")
    server.answers["RCPT"] = "550 5.1.1 no such mailbox"
    deliver(first.pk)
    assert deliveries() == [Delivery.BOUNCED] * 3

    assert (server.sessions, Outage.objects.count()) == (1, 0)


# --- A server that refuses ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("RCPT", "550 5.7.1 listed as a source of spam"),
        ("END", "554 5.7.26 this domain has no SPF record"),
        ("MAIL", "550 not from you"),
    ],
)
def test_what_a_rule_of_the_server_refuses_waits_and_goes_out_later(server, step, answer):
    (row,) = waiting(1)
    server.answers[step] = answer

    deliver(row.pk)

    row.refresh_from_db()
    assert (row.delivery, row.failure) == (Delivery.WAITING, Failure.POLICY)
    assert row.bounce_reason == answer
    assert row.next_attempt_at > timezone.now()
    del server.answers[step]
    over()
    deliver(row.pk)
    row.refresh_from_db()
    assert (row.delivery, row.failure, row.bounce_reason) == (Delivery.SENT, "", "")


def test_what_a_rule_refuses_for_days_is_given_up_with_its_reason(server):
    (row,) = waiting(1)
    OutgoingMail.objects.update(attempt=OutgoingMail.MAX_ATTEMPTS - 1)
    server.answers["RCPT"] = "550 5.7.1 no"

    deliver(row.pk)

    row.refresh_from_db()
    assert (row.state, row.failure) == (OutgoingMail.State.FAILED, Failure.POLICY)


# --- A server that does not answer --------------------------------------------------------------


def test_after_a_failed_connection_nobody_asks_the_server_for_a_minute(use):
    rows = waiting(20)
    with silent_server() as silent:
        use(silent.port)
        began = time.monotonic()
        for row in rows:
            deliver(row.pk)
        took = time.monotonic() - began

    assert took < 5  # and not half a second for each of twenty
    outage = Outage.objects.get(service="mail")
    assert outage.reason == "SMTPServerDisconnected"
    assert timedelta(seconds=50) < outage.retry_at - timezone.now() < timedelta(seconds=61)
    assert sorted(OutgoingMail.objects.values_list("attempt", flat=True)) == [0] * 19 + [1]


def test_once_the_server_answers_the_row_goes_and_all_is_sent(use):
    rows = waiting(3)
    with silent_server() as silent:
        use(silent.port)
        deliver(rows[0].pk)
    with mail_server() as server:
        use(server.port)
        deliver(rows[1].pk)
        assert server.messages == []
        over()

        deliver(rows[1].pk)

        assert len(server.messages) == 3
    assert not Outage.objects.exists()


def test_while_the_server_is_silent_the_sweep_enqueues_nothing(use, monkeypatch):
    asked = []
    monkeypatch.setattr(outbox, "enqueue", lambda task, pk: asked.append(pk))
    (row,) = waiting(1)
    with silent_server() as silent:
        use(silent.port)
        deliver(row.pk)
    OutgoingMail.objects.update(next_attempt_at=timezone.now())

    enqueue_due()
    assert asked == []

    over()
    enqueue_due()
    assert asked == [row.pk]


def test_a_person_at_the_screen_waits_for_a_silent_server_once(use):
    message = OutgoingMail(address="a@example.org", subject="Your code", text="1", html="1")
    with silent_server() as silent:
        use(silent.port)
        assert hand_over(message) is False
        began = time.monotonic()

        assert hand_over(message) is False

    assert time.monotonic() - began < 0.4


def test_of_many_messages_one_a_minute_becomes_unclear_where_the_server_breaks_off(server):
    server.answers["END"] = None
    for row in waiting(10):
        deliver(row.pk)

    assert deliveries().count(Delivery.UNCLEAR) == 1
    assert deliveries().count(Delivery.WAITING) == 9


def test_what_waited_three_days_for_a_dead_server_is_given_up(use):
    waiting(2)
    recent = OutgoingMail.objects.order_by("pk").last()
    old = OutgoingMail.objects.order_by("pk").first()
    days_ago = timezone.now() - timedelta(days=3, minutes=1)
    OutgoingMail.objects.filter(pk=old.pk).update(requested_at=days_ago)
    Outage.objects.create(service="mail", since=days_ago, retry_at=timezone.now(), reason="x")

    enqueue_due()

    old.refresh_from_db()
    recent.refresh_from_db()
    assert (old.failure, recent.failure) == (Failure.UNREACHABLE, "")


# --- Names of messages, and who waits --------------------------------------------------------------


def ids(server):
    return [email.message_from_string(text)["Message-ID"] for text in server.messages]


def test_each_try_of_a_message_has_the_same_id_and_each_message_its_own(server):
    first, second = waiting(2)
    server.answers["END"] = "451 later"
    deliver(first.pk)
    del server.answers["END"]
    tried = [outbox.message_id(row) for row in (first, second)]
    over()

    deliver(first.pk)

    assert ids(server) == tried
    assert len(set(tried)) == 2


def test_a_message_that_is_in_no_outbox_has_an_id_too(server):
    for _ in range(2):
        assert hand_over(OutgoingMail(address="a@example.org", subject="x", text="x", html="x"))

    assert len(set(ids(server)) - {None}) == 2


def test_a_code_has_a_queue_of_its_own(
    monkeypatch, settings, rf, django_capture_on_commit_callbacks
):
    settings.MAIL_BY_WORKER = True
    asked = []
    monkeypatch.setattr(outbox, "enqueue", lambda task, pk, queue=None: asked.append(queue))
    person = UserFactory()
    link = type("Link", (), {"user": person, "user_id": person.pk, "pk": 1, "thing": None})()

    send_code(rf.post("/"), link, "x")

    assert asked == [outbox.CODE_QUEUE] == [CODE_QUEUE]
    assert mail.outbox == []
