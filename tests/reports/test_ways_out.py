"""More ways out of the renderer than those of `test_rendering.py`: addresses handed to the very
process, and the same ones typed where people type."""

import http.server
import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import pytest

from reports.compose import compose
from reports.models import Section
from reports.pdf import html_of, rendered
from reports.render_process import RenderFailed
from tests.reports.conftest import SIGNED_ON
from tests.reports.pdf_reading import Pdf

SECRET = "s3cr3t-of-this-machine"
PLAIN = '<!doctype html><html lang="fr"><title>Essai</title>{}'
SVG = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 9 9' width='9' height='9'>{}</svg>"
STYLED = "<style>{}</style><p class=x>x</p>"

# Each has a process of its own: the first address that is asked for ends it.
WAYS = {
    "stylesheet of a medium": "<link rel=stylesheet media=print href='{url}/a.css'>",
    "stylesheet among others": "<link rel='alternate stylesheet' href='{url}/a.css'>",
    "icon": "<link rel=icon href='{url}/a.ico'>",
    "preloaded": "<link rel=preload as=image href='{url}/a.png'>",
    "script": "<script src='{url}/a.js'></script>",
    "frame": "<iframe src='{url}/a.html'></iframe>",
    "frame of a text": "<iframe srcdoc=\"<img src='{url}/a.png'>\"></iframe>",
    "refresh": "<meta http-equiv=refresh content='0;url={url}/a'>",
    "video": "<video src='{url}/a.mp4' poster='{url}/a.png'></video>",
    "source": "<picture><source srcset='{url}/a.png'><img alt=x></picture>",
    "background of a body": "<body background='{url}/a.png'>x",
    "background of a cell": "<table background='{url}/a.png'><tr><td>x</table>",
    "form": "<form action='{url}/a'><input type=image src='{url}/a.png' alt=x></form>",
    "without a scheme": "<img src='{plain}/a.png' alt=x>",
    "with turned strokes": "<img src='\\\\{host}\\a.png' alt=x>",
    "scheme in capitals": "<img src='HTTP://{host}/a.png' alt=x>",
    "scheme after a space": "<img src=' &#9;{url}/a.png' alt=x>",
    "scheme in entities": "<img src='&#104;ttp://{host}/a.png' alt=x>",
    "scheme broken in two": "<img src='ht&#10;tp://{host}/a.png' alt=x>",
    "somebody's password": "<img src='http://user:word@{host}/a.png' alt=x>",
    "file of a host": "<img src='file://localhost{file}' alt=x>",
    "file with one stroke": "<img src='file:{file}' alt=x>",
    "file in percents": "<img src='file:///%2e%2e{file}' alt=x>",
    "plain path": "<img src='{file}' alt=x>",
    "path upwards": "<img src='../../../../../../../..{file}' alt=x>",
    "path upwards in a style": STYLED.format(".x{background:url(../../../../../../../..{file})}"),
    "page as data": "<img alt=x src=\"data:text/html,<img src='{url}/a.png'>\">",
    "JPEG that is a drawing": "<img alt=x src='data:image/jpeg;base64,{drawing}'>",
    "drawing behind the head of a JPEG": "<img alt=x src='data:image/jpeg;base64,{disguised}'>",
    "JPEG of another writing": "<img alt=x src='data:image/jpeg,{url}/a.png'>",
    "style as data": "<link rel=stylesheet href=\"data:text/css,@import '{url}/a.css';\">",
    "import of a medium": STYLED.format("@import '{url}/a.css' print;"),
    "import hidden by signs": STYLED.format("@\\69mport '{url}/a.css';"),
    "namespace": STYLED.format("@namespace url('{url}/a'); p{color:red}"),
    "cursor": STYLED.format(".x{cursor:url('{url}/a.cur'),auto}"),
    "mask": STYLED.format(".x{mask:url('{url}/a.svg');mask-image:url('{url}/b.svg')}"),
    "filter": STYLED.format(".x{filter:url('{url}/a.svg#f');clip-path:url('{url}/a.svg#c')}"),
    "shape": STYLED.format(".x{float:left;shape-outside:url('{url}/a.png')}"),
    "set of images": STYLED.format(".x{background:image-set('{url}/a.png' 1x)}"),
    "content of an attribute": "<style>.x::before{content:url(attr(data-x))}</style><p class=x data-x='{url}/a.png'>x",
    "target's text": "<style>.x::after{content:target-text(url('{url}/a#b'))}</style><p class=x>x",
    "corner of a page": "<style>@page{@top-left{content:url('{url}/a.png')}</style><p>x",
    "marker": "<style>li::marker{content:url('{url}/a.png')}</style><ul><li>x</ul>",
    "local font": STYLED.format(
        "@font-face{font-family:x;src:local('x'),url('{file}')} .x{font-family:x}"
    ),
    "profile of colours": STYLED.format("@color-profile x{src:url('{url}/a.icc')}"),
    "pattern": SVG.format(
        "<pattern id='a' href='{url}/a.svg#p'/><rect width='9' height='9' fill='url(#a)'/>"
    ),
    "drawing within a drawing": SVG.format("<use xlink:href='file://{file}#x'/>"),
    "foreign part": SVG.format("<foreignObject><img src='{url}/a.png'/></foreignObject>"),
    "sheet of a drawing": "<?xml-stylesheet href='{url}/a.css'?>" + SVG.format("<g/>"),
    "mask of a drawing": SVG.format("<rect width='9' height='9' mask='url({url}/a.svg#m)'/>"),
    "picture of the machine in a drawing": SVG.format(
        "<image href='{file}' width='9' height='9'/>"
    ),
    "text of an entity": "<!DOCTYPE x [<!ENTITY e SYSTEM 'file://{file}'>]>"
    + SVG.format("<text>&e;</text>"),
    "data of an object": "<object data='file://{file}' type='text/plain'>x</object>",
    "attached file": "<link rel=attachment href='{file}' download=x.txt>",
    "attached data of the net": "<a rel=attachment href='{plain}/a.pdf'>x</a>",
    "base of the machine": "<base href='file:///'><img src='.{file}' alt=x>",
}


@pytest.fixture(scope="module")
def door():
    visits = []

    class Door(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            visits.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_HEAD = do_POST = do_GET  # noqa: N815

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    server.visits, server.host = visits, f"127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def addressed(way: str, host: str, file: str) -> str:
    """The way, leading to the door at `host` and to the file."""
    number = list(WAYS.values()).index(way)
    url = f"http://{host}/{number}"
    drawing = SVG.format(f"<image href='{url}/a.png' width='9' height='9'/>").encode()
    where = {
        "url": url,
        "host": f"{host}/{number}",
        "plain": f"//{host}/{number}",
        "file": file,
        "drawing": b64encode(drawing).decode(),
        "disguised": b64encode(b"\xff\xd8\xff" + drawing).decode(),
    }
    for name, value in where.items():
        way = way.replace("{" + name + "}", value)
    return way


def render(body: str) -> bytes | None:
    try:
        with rendered(PLAIN.format(body), lambda stage, page: None) as pdf:
            return pdf.content.read()
    except RenderFailed:
        return None


@pytest.fixture(scope="module")
def outcomes(door, tmp_path_factory):
    """What became of each way: a PDF or nothing."""
    secret = tmp_path_factory.mktemp("ways") / "secret.txt"
    secret.write_text(SECRET)
    bodies = [addressed(way, door.host, str(secret)) for way in WAYS.values()]
    with ThreadPoolExecutor(2) as both:
        return dict(zip(WAYS, both.map(render, bodies), strict=True))


@pytest.mark.parametrize("name", WAYS)
def test_nobody_is_asked_and_nothing_is_told(outcomes, door, name):
    number = list(WAYS).index(name)
    content = outcomes[name]

    assert [path for path in door.visits if path.startswith(f"/{number}/")] == []
    assert content is None or not Pdf(content).holds(SECRET)


def test_nobody_was_asked_by_any_of_them_and_the_next_document_is_made(outcomes, door):
    assert len(WAYS) >= 40
    assert door.visits == []
    assert Pdf(render("<p>Bonjour")).text() == "Bonjour"


def test_some_end_the_process_and_some_are_passed_over(outcomes):
    """Otherwise the tests above could pass because no process ever ran, or never looked."""
    assert {content is None for content in outcomes.values()} == {True, False}


@pytest.mark.django_db
def test_typed_into_texts_and_names_they_are_words(world, report, door):
    """Nothing of them is markup in the HTML: the renderer is given nothing to follow."""
    bodies = [addressed(way, door.host, "/etc/passwd") for way in WAYS.values()]
    images = [f"![x]({word})" for word in (f"http://{door.host}/i.png", "file:///etc/passwd")]
    Section.objects.filter(report=report, kind="summary").update(text="\n\n".join(images + bodies))
    title = " ".join(bodies)[:300]
    type(world.indicator).objects.update(name_fr=title)
    report.project.activities.update(title_fr=title)
    report.project.results.update(statement_fr=title)

    document = compose(report, language="fr", audience="donor", as_of=SIGNED_ON)
    seen = Elements(html_of(document, code="7F3A-91C2-D04E", is_draft=False))

    assert seen.tags & FORBIDDEN == set()
    assert seen.shown == []


FORBIDDEN = {
    *("iframe", "object", "embed", "base", "script", "link", "video", "source", "picture"),
    *("image", "foreignobject", "form", "input"),
}


class Elements(HTMLParser):
    """The elements of a page and the addresses that they show; where a link leads nobody goes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.shown: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        names = {"src", "srcset", "xlink:href", "data", "action", "poster", "background"}
        self.shown += [value or "" for name, value in attrs if name in names]
        assert "url(" not in (dict(attrs).get("style") or "")
