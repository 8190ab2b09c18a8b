"""The renderer in its own process: exact, limited, and without a way out."""

import http.server
import os
import re
import signal
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from kernel.jobs import Job, LostLease
from reports import libraries
from reports.pdf import FONTS, RENDERER, STYLE, fingerprint, glyphs, printable, rendered
from reports.render_process import RenderFailed, RenderProcess, warm_server
from reports.sandbox import reason
from tests.reports.pdf_reading import Pdf

PLAIN = '<!doctype html><html lang="fr"><title>Essai</title><style>html{{font-family:"Noto Sans"}}</style><body>{}'


def render(body: str, tell=lambda stage, page: None) -> bytes:
    with rendered(PLAIN.format(body), tell) as pdf:
        return pdf.content.read()


def render_or_nothing(body: str) -> bytes | None:
    try:
        return render(body)
    except RenderFailed:
        return None


def failure_of(body: str) -> str:
    with pytest.raises(RenderFailed) as failed:
        render(body)
    return failed.value.reason


# Exact


def test_equal_input_gives_equal_bytes_in_two_processes():
    body = "<h1>Titre</h1><p>Señor, <b>ceci</b> est un <i>essai</i>.</p>"

    assert render(body) == render(body)


def test_the_renderer_is_named_by_what_shapes_its_letters():
    names = [library.split()[0] for library in libraries.ask().versions]

    assert names[:2] == ["pango", "harfbuzz"]
    assert names[2:] in ([], ["libharfbuzz-subset0"])
    assert fingerprint() == RENDERER


def test_the_fonts_are_those_of_the_repository_alone():
    pdf = Pdf(render("<p style='font-family: serif'>Un <b>deux</b> <i>trois</i> <code>x</code>"))

    assert {name.split("+")[1] for name in pdf.fonts()} <= {
        "Noto-Sans",
        "Noto-Sans-Bold",
        "Noto-Sans-Italic",
        "Noto-Sans-Bold-Italic",
    }
    assert pdf.all_fonts_are_embedded()


def test_what_the_fonts_cannot_print_is_shown_as_missing():
    assert printable("Été → 漢 ● œuvre") == "Été � � � œuvre"
    assert "\ufffd" in map(chr, glyphs())


def test_the_fonts_have_what_the_three_languages_write():
    wanted = "àâäçéèêëîïôöùûüÿœæÀÂÇÉÈÊËÎÏÔÖÙÛÜŸŒÆáíóúñÁÍÓÚÑ¿¡«»“”‘’–—…−·•†ªº°€₡§№\u00a0\u202f"

    assert {sign for sign in wanted if ord(sign) not in glyphs()} == set()
    assert (FONTS / "LICENSE").read_text().count("SIL OPEN FONT LICENSE") >= 1


def test_it_tells_the_stage_and_the_page(settings):
    told = []

    page = "<p>Un paragraphe de quelques mots.</p>" * 30 + "<hr style='break-after: page'>"
    render(page * 100, lambda *news: told.append(news))

    pages = [page for _stage, page in told]
    assert pages == sorted(pages)
    assert pages[-1] > 50
    assert {stage for stage, _page in told} <= {"layout", "writing"}


# Limits


def test_a_text_without_end_is_stopped_by_the_clock(settings):
    settings.RENDER_SECONDS = 2

    began = time.monotonic()
    reason = failure_of("<table><tr><td colspan=100000>x</table>")

    assert reason == Job.Failure.TOO_LONG
    assert time.monotonic() - began < 10


def test_a_text_without_end_is_stopped_by_the_processor(settings):
    settings.RENDER_CPU_SECONDS = 2

    assert failure_of("<table><tr><td colspan=100000>x</table>") == Job.Failure.TOO_LONG


def test_a_text_without_measure_is_stopped_by_memory(settings):
    settings.RENDER_MEMORY_MB = 300

    assert failure_of("<p>Un paragraphe.</p>" * 60_000) == Job.Failure.TOO_LARGE


@pytest.mark.parametrize("ending", [signal.SIGABRT, signal.SIGSEGV])
def test_a_library_that_ends_without_memory_is_named_so(ending):
    process = RenderProcess(_source("<p>x</p>" * 2000), tempfile.TemporaryFile())  # noqa: SIM115

    def end(stage, page):
        if process.pid:
            os.kill(process.pid, ending)

    with process.source, process.target, pytest.raises(RenderFailed) as failed:
        process.run(end)

    assert failed.value.reason == Job.Failure.TOO_LARGE


@pytest.mark.parametrize("error", [MemoryError(), SystemError("returned NULL")])
def test_what_python_says_of_a_library_without_memory_is_named_so(error):
    assert reason(error) == Job.Failure.TOO_LARGE


def test_nests_without_end_end_with_a_reason():
    assert failure_of("<div>" * 5000 + "x") in {Job.Failure.TOO_LARGE, Job.Failure.BROKEN}


def test_libraries_that_are_missing_are_named(unreadable_libraries):
    assert failure_of("<p>x") == Job.Failure.NO_LIBRARIES


def test_a_full_disk_is_named():
    process = RenderProcess(_source("<p>x"), open("/dev/full", "wb"))  # noqa: SIM115

    with process.source, process.target, pytest.raises(RenderFailed) as failed:
        process.run(lambda stage, page: None)

    assert failed.value.reason == Job.Failure.DISK_FULL


def test_the_machine_is_well_afterwards(settings):
    seconds, settings.RENDER_SECONDS = settings.RENDER_SECONDS, 1
    failure_of("<table><tr><td colspan=100000>x</table>")
    settings.RENDER_SECONDS = seconds

    assert Pdf(render("<p>Bonjour")).text() == "Bonjour"
    assert children() == []


def test_who_lost_the_lease_ends_the_process():
    def lost(stage, page):
        raise LostLease

    with pytest.raises(LostLease):
        render("<p>Un paragraphe.</p>" * 3000, lost)

    assert children() == []


def test_nothing_is_left_in_the_folder_for_temporary_files(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    render("<p>Bonjour")
    with pytest.raises(RenderFailed):
        render("<img src='http://127.0.0.1/x.png'>")

    assert list(tmp_path.iterdir()) == []


# Ways out: the listener counts who comes, and the file holds what must not get into a document

SECRET = "s3cr3t-of-this-machine"


@pytest.fixture
def listener():
    visits = []

    class Door(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            visits.append(self.path)
            if self.path.startswith("/redirect"):
                self.send_response(302)
                self.send_header("Location", "/elsewhere")
            else:
                self.send_response(200)
            self.end_headers()

        do_HEAD = do_POST = do_GET  # noqa: N815

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    server.visits, server.url = visits, f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


WAYS_OUT = {
    "picture": "<img src='{url}/a.png' alt=x>",
    "picture of the machine": "<img src='file://{file}' alt=x>",
    "relative picture": "<img src='static/img/favicon.svg' alt=x>",
    "set of pictures": "<img srcset='{url}/a.png 2x' src='{url}/b.png' alt=x>",
    "redirect": "<img src='{url}/redirect' alt=x>",
    "stylesheet": "<link rel=stylesheet href='{url}/a.css'>",
    "stylesheet of the machine": "<link rel=stylesheet href='file://{file}'>",
    "import": "<style>@import url('{url}/a.css');</style>",
    "import of the machine": "<style>@import url('file://{file}');</style>",
    "font": "<style>@font-face{{font-family:x;src:url('{url}/a.ttf')}} p{{font-family:x}}</style><p>x",
    "font of the machine": "<style>@font-face{{font-family:x;src:url('file://{file}')}} p{{font-family:x}}</style><p>x",
    "background": "<p style=\"background:url('{url}/a.png')\">x",
    "border": "<p style=\"border:1px solid;border-image:url('{url}/a.png') 1\">x",
    "list marker": "<ul style=\"list-style-image:url('{url}/a.png')\"><li>x</ul>",
    "content": "<style>p::before{{content:url('{url}/a.png')}}</style><p>x",
    "page background": "<style>@page{{background:url('{url}/a.png')}}</style><p>x",
    "attachment": "<link rel=attachment href='file://{file}'><p>x",
    "attachment of the net": "<link rel=attachment href='{url}/a.pdf'><p>x",
    "attached link": "<a rel=attachment href='file://{file}'>x</a>",
    "object": "<object data='{url}/a.svg' type='image/svg+xml'></object>",
    "embed": "<embed src='{url}/a.svg' type='image/svg+xml'>",
    "picture in SVG": "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><image href='{url}/a.png' width=9 height=9 /></svg>",
    "old picture in SVG": "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><image xlink:href='file://{file}' width=9 height=9 /></svg>",
    "part of another SVG": "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><use href='{url}/a.svg#x' /></svg>",
    "style in SVG": "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><style>@import url('{url}/a.css');</style><rect width=9 height=9 /></svg>",
    "fill in SVG": "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><rect width=9 height=9 fill='url({url}/a.svg#x)' /></svg>",
    "base": "<base href='{url}/'><img src='a.png' alt=x>",
    "ftp": "<img src='ftp://127.0.0.1/a.png' alt=x>",
    "data within data": "<img alt=x src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><image href='{url}/a.png'/></svg>\">",
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_no_way_leads_out_of_the_renderer(listener, tmp_path, way):
    """Either there is no document, or one that fetched nothing and holds nothing."""
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    body = WAYS_OUT[way].format(url=listener.url, file=secret)

    content = render_or_nothing(body)

    assert content is None or not Pdf(content).holds(SECRET)
    assert listener.visits == []


def test_the_listener_would_have_counted(listener):
    """The tests above could pass because nobody listens."""
    import urllib.request  # noqa: PLC0415  (the way out, taken here)

    urllib.request.urlopen(f"{listener.url}/a.png").close()

    assert listener.visits == ["/a.png"]


def test_the_process_knows_no_secret(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", SECRET)
    held = []

    def look(stage, page):
        for process in (warm_server.process.pid, *children()):
            with suppress(ProcessLookupError, FileNotFoundError):
                held.append(Path(f"/proc/{process}/environ").read_bytes())

    render("<p>Un paragraphe.</p>" * 3000, look)

    assert len(held) > 1
    assert not any(SECRET.encode() in environment for environment in held)


# The process from which the others are forked


def test_a_server_that_was_killed_is_started_anew():
    render("<p>Un")
    killed = warm_server.process
    killed.kill()
    killed.wait()

    assert Pdf(render("<p>Deux")).text() == "Deux"
    assert warm_server.process.pid != killed.pid


def test_a_server_that_nobody_needs_ends_by_itself_and_refuses_nobody(monkeypatch):
    monkeypatch.setattr("reports.render_process.SERVER", ["-c", IDLE_AT_ONCE])
    warm_server.stop()

    assert Pdf(render("<p>Un")).text() == "Un"
    warm_server.process.wait(30)
    assert Pdf(render("<p>Deux")).text() == "Deux"
    warm_server.stop()


IDLE_AT_ONCE = """
import runpy, select, sys
known = select.select
select.select = lambda *files: known(*files[:3], files[3] and 0.5)
runpy.run_module("reports.fork_server", run_name="__main__")
"""


def test_documents_that_are_made_at_once_do_not_disturb_each_other():
    words = [f"Nombre {number}" for number in range(8)]

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda word: Pdf(render(f"<p>{word}")).text(), words))

    assert made == words
    assert children() == []


def test_a_process_inherits_no_file_but_its_own(tmp_path):
    """Neither the server's socket nor the files of another document."""
    held = set()

    def look(stage, page):
        for child in children() if page else []:  # before, it may not have closed them yet
            with suppress(OSError):
                held.update(os.readlink(link) for link in Path(f"/proc/{child}/fd").iterdir())

    with (tmp_path / "other").open("w"):
        render("<p>Un paragraphe.</p>" * 3000, look)

    assert held
    assert not any("socket:" in name or str(tmp_path) in name for name in held)


def _source(body):
    source = tempfile.TemporaryFile()  # noqa: SIM115
    source.write(PLAIN.format(body).encode())
    source.seek(0)
    return source


def children() -> list[int]:
    """Processes of this one that make documents and are still there."""
    found = []
    server = warm_server.process
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            is_ours = server and f"PPid:\t{server.pid}\n" in status.read_text()
        except OSError:
            continue
        if is_ours:
            found.append(int(status.parent.name))
    return found


def test_nothing_that_breaks_across_pages_stands_in_a_flex_or_a_grid():
    """Seven pages of it took 28 seconds instead of a third of one."""
    rules = re.sub(r"/\*.*?\*/", "", STYLE.read_text("utf-8"), flags=re.DOTALL)

    assert not re.findall(r"\b(?:inline-)?(?:flex|grid)\b", rules)
    assert "table-layout: fixed" in rules
