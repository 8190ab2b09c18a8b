"""A file that strangers wrote is read, or refused with a sentence: never an expansion, a file of
this machine, a request to another, or a crash."""

import gzip
import http.server
import threading
import tracemalloc

import pytest
from hypothesis import given, strategies as st

from projects.iati.read import open_file, read_activity
from projects.iati.safe_xml import MAX_BYTES, UnreadableFile

ACTIVITY = """<iati-activities version="2.03"><iati-activity xml:lang="fr" default-currency="CAD">
<iati-identifier>XX-A-1</iati-identifier>
<reporting-org ref="XX-A" type="21"><narrative>A</narrative></reporting-org>
<title><narrative>{title}</narrative></title>
<description><narrative>Ce que c’est</narrative></description>
<participating-org role="1" ref="XX-B"/>
<activity-status code="2"/>
<activity-date type="1" iso-date="2020-01-01"/>
<sector vocabulary="1" code="15160"/>
{more}
</iati-activity></iati-activities>"""


def a_file(title="Titre", more="", start=""):
    return (start + ACTIVITY.format(title=title, more=more)).encode()


def title_of(content):
    opened = open_file(content)
    return read_activity(opened, opened.activities[0]).document.title


LAUGHS = '<!ENTITY l0 "lol">' + "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)
)
HOSTILE = {
    "billion laughs": a_file("&l9;", start=f"<!DOCTYPE x [{LAUGHS}]>"),
    "quadratic blowup": a_file(
        "&a;" * 10_000, start=f'<!DOCTYPE x [<!ENTITY a "{"a" * 90_000}">]>'
    ),
    "a file of this machine": a_file(
        "&f;", start='<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    ),
    "parameter entities": a_file(
        "x", start='<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd"> %p;]>'
    ),
    "a document type elsewhere": a_file(start='<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'),
    "in small letters": a_file(start='<!doctype x [<!ENTITY a "a">]>'),
    "in UTF-16": ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x>' + ACTIVITY).encode(
        "utf-16"
    ),
    "nested 10^5 times": b"<iati-activities version='2.03'>" + b"<a>" * 100_000,
    "more elements than anybody writes": a_file(more="<a/>" * 100_001),
    "too large": b"<a>" + b" " * MAX_BYTES,
    "packed": gzip.compress(a_file()),
    "a workbook": b"PK\x03\x04" + bytes(100),
    "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>' + a_file(),
    "UTF-32": ("\ufeff" + a_file().decode()).encode("utf-32-le"),
    "not what it says": b'<?xml version="1.0" encoding="UTF-8"?>'
    + a_file("é").replace(b"\xc3", b""),
    "cut off": a_file()[:300],
    "nothing": b"",
    "no XML": b"Bonjour",
    "an entity without a document type": a_file("&unknown;"),
    "the retired version": a_file().replace(b"2.03", b"1.05"),
    "of organisations": b'<iati-organisations version="2.03"/>',
    "another XML": b"<html><body/></html>",
    "no activity": b'<iati-activities version="2.03"/>',
    "an unbound prefix": a_file(more="<xi:include href='file:///etc/passwd'/>"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_with_a_sentence_at_little_cost(name):
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableFile) as refused:
            open_file(HOSTILE[name])
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert refused.value.sentence.endswith(".")
    assert peak < 60_000_000
    assert "root:" not in refused.value.sentence


def test_nothing_is_fetched():
    """A server on this machine that would see a request of the parser."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    start = f'<!DOCTYPE x [<!ENTITY f SYSTEM "{url}/entity">]>'
    include = f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{url}/include"/>'
    schema = (
        f'xmlns:s="http://www.w3.org/2001/XMLSchema-instance" s:noNamespaceSchemaLocation="{url}/s"'
    )
    located = a_file(more=include).replace(
        b"<iati-activities", f"<iati-activities {schema}".encode()
    )

    try:
        with pytest.raises(UnreadableFile):
            open_file(a_file("&f;", start=start))
        assert title_of(located) == {"fr": "Titre"}
    finally:
        server.shutdown()
        server.server_close()

    assert asked == []


def test_an_include_is_an_addition_that_is_left_out():
    include = (
        '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" '
        'parse="text"/>'
    )
    opened = open_file(a_file(more=include))

    reading = read_activity(opened, opened.activities[0])

    assert [(each.element, each.lines) for each in reading.left_out] == [("include", [10])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_the_usual_encodings_are_read(encoding):
    declared = {"utf-8-sig": "UTF-8", "utf-16-le": "UTF-16", "latin-1": "ISO-8859-1"}
    name = declared.get(encoding, encoding)
    text = f'<?xml version="1.0" encoding="{name}"?>' + ACTIVITY.format(title="Été", more="")

    content = text.replace("’", "'").encode(encoding)

    assert title_of(content) == {"fr": "Été"}


def test_markup_and_invisible_marks_never_come_in():
    title = "A<b>B</b> &lt;script&gt;alert(1)&lt;/script&gt;C\u202e"

    assert title_of(a_file(title)) == {"fr": "AB C"}


def test_a_long_text_is_cut_with_a_note():
    opened = open_file(a_file("é" * 400))

    reading = read_activity(opened, opened.activities[0])

    assert len(reading.document.title["fr"]) == 300
    (note,) = reading.left_out
    assert (note.element, note.lines, note.is_changed) == ("title/narrative", [4], True)


@given(st.binary(max_size=400))
def test_whatever_bytes_give_an_answer_or_a_sentence(content):
    for candidate in (content, a_file(more="{}").replace(b"{}", content)):
        try:
            opened = open_file(candidate)
        except UnreadableFile:
            continue
        read_activity(opened, opened.activities[0])


def test_a_year_of_ten_thousand_digits_is_no_year():
    year = "002020" + "1" * 10_000
    baseline = f'<baseline year="{year}" value="1"/>'
    more = f'<result type="1"><title><narrative>R</narrative></title><indicator measure="1"><title><narrative>I</narrative></title>{baseline}</indicator></result>'
    opened = open_file(a_file(more=more))

    reading = read_activity(opened, opened.activities[0])

    assert reading.document.results[0].indicators[0].baselines == []
