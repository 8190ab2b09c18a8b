"""Uploads pass a virus scanner where there is one: a small clamd that speaks its protocol."""

import socket
import socketserver
import struct
import threading

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from committees.meetings.forms.attendance_import import ParticipantsUploadForm
from tests.kernel.made_files import check, pdf, picture

# Harmless: scanners agree to find a virus in it. Written in two parts, so that none finds this file.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()
LIMIT = 3_000_000

INFECTED = "found something harmful in this file"
NO_ANSWER = "The virus scanner does not respond, and no file is accepted without it."


class Clamd(socketserver.StreamRequestHandler):
    """INSTREAM of clamd: pieces with their length before them, a length of 0 at the end."""

    def handle(self):
        assert self.rfile.read(10) == b"zINSTREAM\0"
        seen = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            seen += self.rfile.read(size)
            if len(seen) > LIMIT:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        found = b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in seen else b"stream: OK\0"
        self.wfile.write(found)


def serving(server):
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    return server


@pytest.fixture(params=["tcp", "unix"])
def scanner(request, settings, tmp_path):
    if request.param == "tcp":
        server = serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd))
        settings.CLAMD_URL = f"tcp://127.0.0.1:{server.server_address[1]}"
    else:
        path = tmp_path / "clamd.sock"
        server = serving(socketserver.ThreadingUnixStreamServer(str(path), Clamd))
        settings.CLAMD_URL = f"unix://{path}"
    with override("en"):
        yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("name", "content"), [("a.pdf", pdf()), ("a.jpg", picture())])
def test_a_harmless_file_is_taken_whole(scanner, name, content):
    assert check(name, content).original_name == name


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.pdf"])
def test_an_infected_file_is_refused_whatever_it_pretends_to_be(scanner, name):
    with pytest.raises(ValidationError, match=INFECTED) as refused:
        check(name, b"x" * 70_000 + EICAR)

    assert refused.value.code == "infected"


@pytest.mark.parametrize("content", [b"x" * (LIMIT + 100_000)])
def test_a_file_that_the_scanner_does_not_read_is_refused(scanner, content):
    with pytest.raises(ValidationError, match=NO_ANSWER):
        check("a.txt", content)


def test_the_list_of_a_video_call_passes_the_scanner_too(scanner):
    content = b"Name (original name),Duration (minutes)\nMember 01,97\n" + EICAR
    form = ParticipantsUploadForm(files={"file": SimpleUploadedFile("a.csv", content)})

    assert INFECTED in form.errors["file"][0]


def test_without_an_answer_no_file_is_taken(settings, tmp_path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening
        for url in (f"tcp://127.0.0.1:{closed.getsockname()[1]}", f"unix://{tmp_path}/none"):
            settings.CLAMD_URL = url
            with override("en"), pytest.raises(ValidationError, match=NO_ANSWER) as refused:
                check("a.pdf", pdf())
            assert refused.value.code == "not_scanned"


def test_without_a_scanner_files_are_taken_as_before(settings):
    settings.CLAMD_URL = ""

    assert check("a.txt", EICAR).kind == "txt"
