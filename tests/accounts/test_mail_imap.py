"""Fetching mail by IMAP, from a small server that speaks as much of it as is needed."""

import base64
import re
import socketserver
import threading
from dataclasses import replace

import pytest
from django.db import OperationalError, connection

from accounts.mail_in.imap import fetch_mail
from accounts.models import IncomingMail
from ibcr_portal.environment import Mailbox

pytestmark = pytest.mark.django_db


class Box(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Session)
        self.messages, self.seen, self.moved = {}, set(), set()
        self.told = []  # how it was opened


class Session(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2 MOVE] ready")
        while line := self.rfile.readline().decode().strip():
            tag, _space, command = line.partition(" ")
            if not self.answer(command):
                return self.say(f"{tag} NO refused")
            self.say(f"{tag} OK done")
            if command.startswith("LOGOUT"):
                return None
        return None

    def answer(self, command):
        box = self.server
        if command.startswith("CAPABILITY"):
            self.say("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2 MOVE")
        elif command.startswith("LOGIN"):
            box.told.append(command)
            return "wrong" not in command
        elif command.startswith("AUTHENTICATE"):
            self.say("+ ")
            box.told.append(base64.b64decode(self.rfile.readline()).decode())
        elif command.startswith("SELECT"):
            self.say(f"* {len(box.messages)} EXISTS")
        elif command.startswith("UID SEARCH"):
            new = sorted(box.messages.keys() - box.seen - box.moved)
            self.say("* SEARCH " + " ".join(map(str, new)))
        elif found := re.match(r"UID (FETCH|STORE|MOVE) (\d+) (.*)", command):
            self.message(found[1], int(found[2]), found[3])
        return True

    def message(self, verb, number, what):
        content = self.server.messages[number]
        if verb == "STORE":
            self.server.seen.add(number)
        elif verb == "MOVE":
            self.server.moved.add(number)
        elif "SIZE" in what:
            self.say(f"* {number} FETCH (UID {number} RFC822.SIZE {len(content)})")
        else:
            self.wfile.write(
                f"* {number} FETCH (UID {number} BODY[] {{{len(content)}}}\r\n".encode()
            )
            self.wfile.write(content + b")\r\n")


@pytest.fixture
def box(settings):
    server = Box()
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    port = server.server_address[1]
    settings.INBOUND_ADDRESS = "reply@portal.example.org"
    settings.INBOUND_MAILBOX = Mailbox(url=f"imap://reader:secret@127.0.0.1:{port}/INBOX")
    server.messages = {n: f"Message-ID: <{n}@x>\r\n\r\n{n}".encode() for n in (1, 2, 3)}
    yield server
    server.shutdown()
    server.server_close()


def test_new_messages_are_taken_in_then_marked(box):
    assert fetch_mail() == 3

    assert IncomingMail.objects.count() == 3
    assert box.seen == {1, 2, 3}
    assert fetch_mail() == 0


def test_they_are_moved_where_a_folder_is_named(box, settings):
    settings.INBOUND_MAILBOX = replace(settings.INBOUND_MAILBOX, done_folder="Done")

    fetch_mail()

    assert (box.moved, box.seen) == ({1, 2, 3}, set())


def test_a_message_that_could_not_be_stored_stays_new(box):
    rows = []

    def fails_at_the_second(execute, sql, params, many, context):
        if sql.startswith("INSERT") and "incomingmail" in sql:
            rows.append(sql)
            if len(rows) == 2:
                raise OperationalError
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fails_at_the_second), pytest.raises(OperationalError):
        fetch_mail()

    assert box.seen == {1}
    assert IncomingMail.objects.count() == 1
    assert fetch_mail() == 2


def test_a_message_that_was_not_marked_counts_once(box):
    fetch_mail()
    box.seen.clear()

    fetch_mail()

    assert IncomingMail.objects.count() == 3


def test_a_token_opens_the_mailbox(box, settings):
    settings.INBOUND_MAILBOX = replace(settings.INBOUND_MAILBOX, token_command="echo abc")

    fetch_mail()

    assert box.told == ["user=reader\x01auth=Bearer abc\x01\x01"]


def test_a_mailbox_that_refuses_is_logged_without_secrets(box, settings, caplog):
    url = settings.INBOUND_MAILBOX.url.replace("secret", "wrong")
    settings.INBOUND_MAILBOX = replace(settings.INBOUND_MAILBOX, url=url)

    assert fetch_mail() == 0

    assert caplog.messages == ["Incoming mail could not be fetched: error"]


def test_without_a_mailbox_nothing_is_fetched(settings):
    assert fetch_mail() == 0
