"""Mail to a person: in their language, neutral, with links of this portal alone."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.links import absolute_url
from accounts.mail import as_html, send_to_person, short_text
from accounts.models import AccessLink, Delivery, OutgoingMail
from accounts.services import invitation_short_text, send_invitation
from tests.factories import ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db

SUBJECT = gettext_lazy("Your access")


class DeadServer(EmailBackend):
    def open(self):
        raise ConnectionRefusedError("no mail server")

    def send_messages(self, messages):
        self.open()


@pytest.fixture
def send(django_capture_on_commit_callbacks):
    """Calls a function as a request would, and gives the one message that goes out."""

    def send(function, *args, **options):
        with django_capture_on_commit_callbacks(execute=True):
            assert function(*args, **options)
        (message,) = mail.outbox
        return message

    return send


def html_of(message):
    return message.alternatives[0].content


def test_an_invitation_says_how_to_sign_in(send):
    person = UserFactory(email="membre@example.org", full_name="Membre 01")

    message = send(send_invitation, person)

    url = f"{settings.SITE_URL}/accounts/login/code/"
    assert message.to == ["membre@example.org"]
    assert message.subject == "Your access"
    assert "Hello Membre 01," in message.body
    assert f"\n{url}\n" in message.body
    assert f'<a href="{url}">{url}</a>' in html_of(message)
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_an_invitation_has_a_short_text_for_messengers():
    person = UserFactory(email="membre@example.org", full_name="Membre 01")

    invitation = invitation_short_text(person)

    assert f"{settings.SITE_URL}/accounts/login/code/" in invitation
    assert "membre@example.org" in invitation
    assert len(invitation) < 320


def test_a_message_waits_for_the_transaction_around_it(django_capture_on_commit_callbacks):
    person = UserFactory()

    with django_capture_on_commit_callbacks() as waiting:
        send_invitation(person)

    assert len(waiting) == 1
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_of_what_was_undone():
    with transaction.atomic():
        send_invitation(UserFactory())
        transaction.set_rollback(True)

    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_is_down_holds_up_nobody(settings, caplog):
    settings.EMAIL_BACKEND = "tests.accounts.test_mail.DeadServer"
    person = UserFactory()

    assert send_invitation(person) is True

    assert OutgoingMail.objects.get(person=person).delivery == Delivery.WAITING
    assert person.email not in caplog.text


def test_who_has_no_address_gets_no_mail():
    assert send_invitation(UserFactory(email=None)) is False

    assert mail.outbox == []


HEADERS = [
    *("Auto-Submitted", "Content-Type", "Date", "From"),
    *("MIME-Version", "Message-ID", "Subject", "To"),
]
HOSTILE_NAMES = [
    "Membre\nBcc: other@example.org",
    "Membre\r\nBcc: other@example.org",
    "Membre\rSubject: other",
    "Membre\x0bX: y",
    "Membre\x0cX: y",
    "Membre\x00X: y",
    "Membre\x85X: y",
    "Membre\u2028X: y",
    "Membre\u2029X: y",
    "Membre%0d%0aBcc: other@example.org",
    "=?utf-8?q?Membre=0ABcc:_other=40example.org?=",
    "Membre\n\n<script>alert(1)</script>",
    "Membre\n.\nMAIL FROM: other@example.org",
    '"Membre" <other@example.org>',
    "Membre, other@example.org",
    "Membre; other@example.org",
    "Membre\tBcc: other@example.org",
    "Membre\n Bcc: other@example.org",
    "Membre\nContent-Type: text/html",
    "a" * 200,
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_name_adds_no_header(send, name):
    person = UserFactory()
    person.full_name = name  # a database may refuse it, a mail must stand it

    message = send(
        send_to_person,
        person,
        "accounts/email/invitation",
        {"url": absolute_url("/"), "address": person.email},
        subject=lambda: f"Réunion, {name}",
        about=None,
    )

    sent = message.message()
    assert message.recipients() == [person.email]
    assert sorted(sent.keys()) == HEADERS
    assert "\n" not in message.subject
    assert len(message.subject) <= 150


def test_words_of_others_are_text_in_the_html_part():
    html = as_html(f"<script>alert(1)</script> & Co\nsee {settings.SITE_URL}/a?b=1&c=2")

    assert html == (
        "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co<br>\nsee "
        f'<a href="{settings.SITE_URL}/a?b=1&amp;c=2">{settings.SITE_URL}/a?b=1&amp;c=2</a></p>'
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/",
        "javascript:alert(1)",
        "//elsewhere.example",
        f"{settings.SITE_URL}.elsewhere.example/",
        f"{settings.SITE_URL}@elsewhere.example/",
        f"{settings.SITE_URL}0/",
    ],
)
def test_only_addresses_of_this_portal_become_links(address):
    assert "href" not in as_html(f"Open {address}")


def test_plain_text_is_not_escaped(send):
    person = UserFactory(full_name="Zoé & <Ana> d’Or")

    message = send(send_invitation, person)

    assert "Hello Zoé & <Ana> d’Or," in message.body
    assert short_text(person, "accounts/email/invitation", {"url": "u", "address": "a"}).startswith(
        "Hello Zoé & <Ana> d’Or,"
    )
    assert "<Ana>" not in html_of(message)


@pytest.mark.parametrize(
    "path", ["plans/", "//elsewhere.example/", "https://elsewhere.example/", ""]
)
def test_an_address_is_made_of_a_path_of_this_portal(path):
    with pytest.raises(ValueError, match="one slash"):
        absolute_url(path)


def test_the_subject_stands_alone_in_the_title_of_the_page(send):
    facts = {"what": "Projet secret", "timestamp": timezone.now()}

    message = send(
        send_to_person,
        UserFactory(),
        "accounts/email/account_changed",
        facts,
        subject=SUBJECT,
        about=None,
    )

    assert "Projet secret" in message.body
    assert message.subject == "Your access"
    title = re.search("<title>(.*)</title>", html_of(message))[1]
    assert title == message.subject


def test_a_link_lasts_a_month_unless_said_otherwise():
    link, _token = AccessLink.issue(UserFactory(), "plan-review", ProjectFactory(), by=None)

    assert timedelta(days=29) < link.expires_at - link.created_at <= timedelta(days=30, seconds=1)
