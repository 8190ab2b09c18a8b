"""Mail to a person: in their language, neutral, with links of this portal alone."""

from datetime import timedelta
from email.header import decode_header, make_header
from email.utils import getaddresses, parseaddr
from functools import partial

import lxml.html
import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.test import Client

from accounts.letters import Button, Detail, Details, Letter, Line, Lines
from accounts.links import absolute_url
from accounts.mail import one_line, send_to_person
from accounts.models import AccessLink, Delivery, OutgoingMail
from accounts.recurrent import choices_url
from accounts.services import send_invitation
from committees.plans.services.reminders import has_digest, has_reminders
from tests.factories import AssignmentFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db


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
    assert message.subject == "You have access: how to sign in"
    assert "Hello Membre 01," in message.body
    assert f"\n{url}\n" in message.body
    assert f'href="{url}"' in html_of(message)
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


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
    project = ProjectFactory()
    AssignmentFactory(
        project=project,
        role="coordinator",
        user=UserFactory(email="coordination@example.org", full_name=one_line(name)),
    )

    message = send(
        send_to_person,
        person,
        lambda: Letter(subject=f"Réunion, {name}", body=[name]),
        about=project,
        recurrent="digest",
    )

    sent = message.message()
    assert message.recipients() == [person.email]
    assert sorted(sent.keys()) == sorted([*HEADERS, "In-Reply-To", "References", "Reply-To"])
    assert "\n" not in message.subject
    assert len(message.subject) <= 150
    assert getaddresses([str(sent["From"])])[0][1] == settings.DEFAULT_FROM_EMAIL
    assert len(getaddresses([str(sent["From"])])) == 1


def test_words_of_others_are_text_in_the_html_part(send):
    words = f"<script>alert(1)</script> & Co\nsee {settings.SITE_URL}/a?b=1"
    facts = Details([Detail("Note", words)])

    message = send(send_to_person, UserFactory(), lambda: Letter("x", [words, facts]), about=None)

    html = html_of(message)
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co<br>see") == 2
    assert "<script" not in html
    assert "href" not in html


@pytest.mark.parametrize(
    "address",
    [
        "http://elsewhere.example/",
        "javascript:alert(1)",
        "//elsewhere.example",
        f"{settings.SITE_URL}.elsewhere.example/",
        f"{settings.SITE_URL}@elsewhere.example/",
        f"{settings.SITE_URL}0/",
    ],
)
def test_only_addresses_of_this_portal_and_secure_ones_become_links(address):
    assert Detail("Call", "here", address).link == ""
    assert Line("here", f"{settings.SITE_URL}/a/").link


def test_plain_text_is_not_escaped(send):
    person = UserFactory(full_name="Zoé & <Ana> d’Or")

    message = send(send_invitation, person)

    assert "Hello Zoé & <Ana> d’Or," in message.body
    assert "<Ana>" not in html_of(message)


@pytest.mark.parametrize(
    "path", ["plans/", "//elsewhere.example/", "https://elsewhere.example/", ""]
)
def test_an_address_is_made_of_a_path_of_this_portal(path):
    with pytest.raises(ValueError, match="one slash"):
        absolute_url(path)


def test_text_and_html_say_the_same_and_the_address_is_behind_the_button(send):
    url = absolute_url("/plans/link/abc/")
    letter = Letter(
        subject="Plan to review",
        body=["Please read.", Details([Detail("Until", "May 2"), Detail("Note", "")])],
        button=Button("Read the plan", url),
        after=[Lines("Agenda", [Line("One", note="short"), Line("Two")], numbered=True, most=1)],
    )

    message = send(send_to_person, UserFactory(full_name="Ana"), lambda: letter, about=None)

    assert message.body.startswith(
        "Hello Ana,\n\nPlease read.\n\nUntil: May 2\n\nRead the plan:\n"
        f"{url}\n\nAgenda:\n1. One: short\n2. … and others\n\n"
    )
    tree = lxml.html.fromstring(html_of(message))
    (button,) = tree.xpath("//a")
    assert (button.text, button.get("href")) == ("Read the plan", url)
    shown = " ".join(tree.xpath("//body")[0].text_content().split())
    assert "http" not in shown
    words = message.body.replace(url, "").replace(":", "").split()
    assert [word for word in words if word.strip("–.") not in shown.replace(":", "")] == []


# Who it comes from, and what its outside shows


@pytest.fixture
def project():
    project = ProjectFactory(short_title_en="Protection", short_title_es="Protección")
    coordinator = UserFactory(email="lopez@example.org", full_name="Ana López")
    AssignmentFactory(project=project, user=coordinator, role="coordinator")
    return project


def to(person, project, send, **options):
    letter = partial(Letter, subject="Plan to review", body=["Words."])
    return send(send_to_person, person, letter, about=project, **options)


def test_the_team_reads_the_project_and_who_writes(project, send, organisation):
    person = AssignmentFactory(project=project, role="finance").user

    message = to(person, project, send)

    assert message.subject == "Plan to review · Protection"
    name, address = parseaddr(str(message.message()["From"]))
    assert str(make_header(decode_header(name))) == f"Ana López · {organisation.name_en}"
    assert address == settings.DEFAULT_FROM_EMAIL
    assert message.reply_to == ["lopez@example.org"]
    assert "If you answer this message, Ana López reads it." in message.body


@pytest.mark.parametrize("chosen", [None, True, False])
def test_the_outside_is_neutral_for_others_unless_they_choose(project, send, chosen, organisation):
    member = UserFactory(titles_in_mail=chosen)

    message = to(member, project, send)

    named = " · Protection" if chosen else ""
    sender = str(make_header(decode_header(str(message.message()["From"]))))
    assert message.subject == f"Plan to review{named}"
    assert sender.startswith("Ana López" if not chosen else f"Ana López · {organisation.name_en}")
    assert (organisation.name_en in sender) == bool(chosen)


def test_whoever_caused_it_signs_if_they_coordinate(project, send):
    other = AssignmentFactory(project=project, role="coordinator").user

    assert to(UserFactory(), project, send, by=other).reply_to == [other.email]


def test_somebody_else_does_not_sign(project, send):
    assert to(UserFactory(), project, send, by=UserFactory()).reply_to == ["lopez@example.org"]


def test_messages_about_one_thing_hang_together(project, send):
    message = to(UserFactory(), project, send)

    first = f"<projects.project.{project.pk}@{settings.SITE_HOST}>"
    assert message.extra_headers["References"] == first
    assert message.extra_headers["In-Reply-To"] == first
    assert message.extra_headers["Message-ID"].endswith(f"@{settings.SITE_HOST}>")
    assert message.extra_headers["Message-ID"] != first


# What repeats can be stopped


def test_what_repeats_is_stopped_by_one_press_of_a_mail_program(send, settings, client):
    settings.SITE_URL = "https://portal.example.org"
    person = UserFactory()
    letter = partial(Letter, subject="Your week", body=["Words."])
    message = send(send_to_person, person, letter, about=None, recurrent="digest")
    url = message.extra_headers["List-Unsubscribe"].strip("<>")
    path = url.removeprefix(settings.SITE_URL)
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    page = client.get(path)
    assert page.status_code == 200
    assert has_digest(person)  # opening it changes nothing
    program = Client(enforce_csrf_checks=True)
    answer = program.post(path, {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert not has_digest(person)
    assert has_reminders(person)
    client.post(path, {"again": "digest"})
    assert has_digest(person)


@pytest.mark.parametrize("change", [lambda path: path[:-2] + "x/", lambda path: "/mail/link/x/"])
def test_nobody_stops_them_with_an_address_that_was_not_signed(client, change):
    path = choices_url(UserFactory(), "digest").removeprefix(settings.SITE_URL)

    assert client.post(change(path), {"List-Unsubscribe": "One-Click"}).status_code == 404


def test_whoever_has_a_link_chooses_what_the_outside_shows_without_signing_in(client):
    person = UserFactory()
    path = choices_url(person).removeprefix(settings.SITE_URL)

    assert client.get(path).status_code == 200
    person.refresh_from_db()
    assert person.titles_in_mail is None
    for titles, kept in (("named", True), ("neutral", False), ("usual", None)):
        client.post(path, {"titles": titles})
        person.refresh_from_db()
        assert person.titles_in_mail is kept
    assert client.post(path, {"titles": "x"}).status_code == 404


def test_messages_by_duty_cannot_be_stopped(send):
    assert "List-Unsubscribe" not in send(send_invitation, UserFactory()).extra_headers


def test_a_link_lasts_a_month_unless_said_otherwise():
    link, _token = AccessLink.issue(UserFactory(), "plan-review", ProjectFactory(), by=None)

    assert timedelta(days=29) < link.expires_at - link.created_at <= timedelta(days=30, seconds=1)
