"""Where there is no mail server, administrators read in the browser what was sent."""

import os
import re

import pytest
from django.core.mail import EmailMessage, get_connection

from accounts.mailbox import find_letter, letter_files, letters_in
from accounts.services import send_invitation
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

URL = "/mailbox/"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.SENDS_MAIL = False
    settings.MAILBOX = settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    return settings.MAILBOX


@pytest.fixture
def administrator(client):
    user = UserFactory(is_staff=True)
    client.force_login(user)
    return user


@pytest.fixture
def invitation(django_capture_on_commit_callbacks):
    person = UserFactory(email="membre@example.org", full_name="Membre 01 & <Ana>")
    with django_capture_on_commit_callbacks(execute=True):
        send_invitation(person)
    (path,) = letter_files()
    return f"{URL}{path.name}/1/"


def test_an_administrator_reads_a_message_and_follows_its_link(client, administrator, invitation):
    listed = client.get(URL).content.decode()
    page = client.get(invitation).content.decode()

    assert f'href="{invitation}"' in listed
    assert "membre@example.org" in listed
    assert "Hello Membre 01 &amp; &lt;Ana&gt;," in page
    frame = client.get(f"{invitation}html/")
    assert f'<iframe src="{invitation}html/"' in page
    assert "Hello Membre 01 &amp; &lt;Ana&gt;," in frame.text
    assert re.search('href="http://localhost:[0-9]+/accounts/login/code/"', frame.text)
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert "script-src" not in frame.headers["Content-Security-Policy"]
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-src 'self'" in client.get(invitation).headers["Content-Security-Policy"]


def test_a_long_name_of_a_sender_is_shown_without_a_gap(client, administrator):
    name = "Coordinación 01 — IBCR Honduras · Oficina Internacional de los Derechos del Niño"
    message = EmailMessage("S", "body", f"{name} <portal@example.org>", to=["a@example.org"])
    get_connection().send_messages([message])

    (path,) = letter_files()
    (letter,) = letters_in(path)

    assert letter.sender == f"{name} <portal@example.org>"
    assert letter.to == "a@example.org"


def test_the_html_part_is_shown_in_a_frame_of_its_own(client, administrator):
    message = EmailMessage("S", "<b>body</b>", to=["a@example.org"])
    message.content_subtype = "html"
    message.send()
    (path,) = letter_files()

    page = client.get(f"{URL}{path.name}/1/").content.decode()

    assert "<b>body</b>" not in page
    assert "<b>body</b>" in client.get(f"{URL}{path.name}/1/html/").text


def test_script_in_a_message_stays_text(client, administrator):
    EmailMessage("<script>1</script>", "<script>2</script>", to=["a@example.org"]).send()
    (path,) = letter_files()

    pages = client.get(URL), client.get(f"{URL}{path.name}/1/")

    for page in pages:
        assert "<script>1" not in page.content.decode()
        assert "<script>2" not in page.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_reads_mail(client, invitation, method):
    assert getattr(client, method)(URL).status_code == 302

    client.force_login(UserFactory())

    assert client.get(URL).status_code == 404
    assert client.get(invitation).status_code == 404
    assert client.post(invitation).status_code in {404, 405}


def test_in_production_there_is_no_mailbox(client, administrator, invitation, settings):
    settings.SENDS_MAIL = True

    assert client.get(URL).status_code == 404
    assert client.get(invitation).status_code == 404


def test_an_empty_mailbox_says_so(client, administrator, folder):
    assert not folder.exists()

    assert "No message yet" in client.get(URL).content.decode()


def test_a_message_came_when_it_did_where_the_reader_is(client, folder):
    folder.mkdir()
    file = folder / "20261101-120000-1.log"
    file.write_text("Subject: x\nDate: Sun, 01 Nov 2026 18:05:00 -0000\n\nText")
    client.force_login(UserFactory(is_staff=True, time_zone="America/Toronto"))

    assert "November 1, 2026, 1:05" in client.get(URL).content.decode()


def test_several_messages_of_one_file_are_told_apart(client, administrator):
    with get_connection() as connection:
        for number in (1, 2, 3):
            EmailMessage(
                f"Message {number}", f"Text {number}", to=["a@example.org"], connection=connection
            ).send()
    (path,) = letter_files()

    assert [letter.subject for letter in letters_in(path)] == [
        "Message 3",
        "Message 2",
        "Message 1",
    ]
    assert "Text 2" in client.get(f"{URL}{path.name}/2/").content.decode()
    assert client.get(f"{URL}{path.name}/4/").status_code == 404
    assert client.get(f"{URL}{path.name}/0/").status_code == 404


def test_the_newest_comes_first(folder):
    # A file is named after its connection: as long as all of them live, no two have one name.
    connections = [get_connection() for _number in range(3)]
    for number, seconds in ((1, 300), (2, 100), (3, 200)):
        message = EmailMessage(f"Message {number}", "Text", to=["a@example.org"])
        connections[number - 1].send_messages([message])
        newest = max(folder.iterdir(), key=lambda path: path.stat().st_mtime)
        os.utime(newest, (seconds, seconds))

    found = [letter.subject for path in letter_files() for letter in letters_in(path)]

    assert found == ["Message 1", "Message 3", "Message 2"]


@pytest.mark.parametrize(
    "name",
    [
        "..%2F..%2Fetc%2Fpasswd",
        "..",
        "%2e%2e",
        "secret.txt",
        "outside.log",
        "folder.log",
        "..%5Csecret.log",
        "%00",
        "%2Fetc%2Fpasswd",
        "a" * 300,
    ],
)
def test_only_messages_are_opened(client, administrator, folder, tmp_path, name):
    folder.mkdir()
    (folder / "secret.txt").write_text("Subject: x\n\nsecret")
    (folder / "folder.log").mkdir()
    (tmp_path / "elsewhere.log").write_text("Subject: x\n\nsecret")
    (folder / "outside.log").symlink_to(tmp_path / "elsewhere.log")

    response = client.get(f"{URL}{name}/1/")

    assert response.status_code == 404
    assert b"secret" not in response.content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no headers at all",
        b"\x00\xff\xfe",
        b"Subject: =?nonsense?q?=FF?=\nDate: never\n\nText",
        b"Content-Type: text/plain; charset=nonsense\n\n\xff\xfe",
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n!!!",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n",
        b"Content-Type: image/png\n\n\x89PNG",
        b"Content-Type: message/rfc822\n\nSubject: y\n\nz",
        b"Subject: " + b"a" * 10_000 + b"\n\nText",
        b'To: "<script>" <a@example.org>\nDate: Mon, 99 Foo 2026\n\nText',
    ],
)
def test_a_damaged_file_breaks_no_page(client, administrator, folder, content):
    folder.mkdir()
    (folder / "20261101-120000-1.log").write_bytes(content)

    assert client.get(URL).status_code == 200
    expected = 200 if content else 404
    assert client.get(f"{URL}20261101-120000-1.log/1/").status_code == expected


def test_reading_changes_nothing(client, administrator, invitation, folder):
    before = [(path, path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()]

    client.get(URL)
    client.get(invitation)

    after = [(path, path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()]
    assert after == before


def test_the_number_of_queries_does_not_grow(
    client, administrator, folder, django_assert_max_num_queries
):
    folder.mkdir()
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            (folder / f"20261101-120000-{number}.log").write_text(f"Subject: {number}\n\nText")

        with django_assert_max_num_queries(15) as statements:  # session, user
            response = client.get(URL)
        counts.append(len(statements))

        assert len(response.context["letters"]) == min(numbers.stop, 25)

    few, many = counts
    assert many <= few


def test_what_is_not_there_is_not_found():
    assert find_letter("nothing.log", 1) is None
