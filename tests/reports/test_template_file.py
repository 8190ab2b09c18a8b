"""Word templates are hostile input: each way to do harm is refused with a sentence that says what to
do, by a process that has limits, and what the report says is never read as a template."""

import io
import zipfile

import pytest
from django.utils import translation
from docx import Document

from kernel.files import check_upload
from reports.models import WordTemplate
from reports.services.filling import FillFailed, _run, check_template
from reports.template_fields import FieldEnvironment, TemplateRefused
from reports.word_fields import field_schema
from tests.kernel.made_files import made
from tests.reports.word_files import (
    saved,
    upload,
    with_body,
    with_parts,
    with_relation,
    word_file,
    words_of,
)

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PLAIN = word_file("Formulaire")
INSTRUCTION = (
    '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{}'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
)
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    b"<a>&b;</a>"
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://portal.example.org/a.dtd"><a/>'


def instruction(*pieces):
    runs = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    return with_body(PLAIN, INSTRUCTION.format(runs))


def bomb():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("word/document.xml", b" " * 60_000_000)
    return target.getvalue()


def refusals(content, name="modele.docx"):
    """What is said at the field, in English."""
    with translation.override("en"):
        try:
            checked = check_upload(
                upload(content, name),
                allowed=WordTemplate.ACCEPTED,
                max_bytes=WordTemplate.MAX_BYTES,
            )
        except Exception as refusal:
            return " ".join(refusal.messages)
        return refusals_of_filling(checked.content)


def refusals_of_filling(file):
    """What the process that fills templates says, in English."""
    with translation.override("en"):
        try:
            check_template(file)
        except FillFailed as refusal:
            return " ".join(refusal.sentences)
    return ""


# What the text of a template may try, with the words of the sentence that names it.
TEXTS = {
    "class of a text": ("{{ ''.__class__.__mro__ }}", "cannot use “….__mro__”"),
    "class of a field": (
        "{{ report_title.__class__ }}",
        "fields are unknown: “report_title.__class__”",
    ),
    "globals of a function": (
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "cannot use “….read(…)”",
    ),
    "globals by another name": (
        "{{ lipsum.__globals__ }}",
        "fields are unknown: “lipsum.__globals__”",
    ),
    "the template itself": ("{{ self._TemplateReference__context }}", "fields are unknown: “self."),
    "settings": ("{{ settings.SECRET_KEY }}", "fields are unknown: “settings.SECRET_KEY”"),
    "method of a field": ("{{ report_title.format(1) }}", "“report_title.format(…)”"),
    "subscript": ("{{ risks[0] }}", "cannot use “[…]”"),
    "attribute by a filter": ("{{ report_title|attr('__class__') }}", "cannot use “|attr”"),
    "filter that maps": ("{{ risks|map(attribute='risk')|join }}", "cannot use “|join”"),
    "harmless filter with a value": ("{{ report_title|trim('x') }}", "cannot use “|trim”"),
    "raw words": ("{{ report_title|safe }}", "cannot use “|safe”"),
    "endless range": ("{% for x in range(10**9) %}x{% endfor %}", "cannot use “range(…)”"),
    "multiplied text": ("{{ 'x' * 10**9 }}", "cannot use “*”"),
    "power": ("{{ 9**9**9 }}", "cannot use “**”"),
    "joined texts": ("{{ report_title ~ report_title }}", "cannot use “~”"),
    "loop in a loop": (
        "{% for a in risks %}{% for b in risks %}{{ b.risk }}{% endfor %}{% endfor %}",
        "loop inside a loop",
    ),
    "loop over the rows twice": (
        "{% for o in outcomes %}{% for i in o.indicators %}{% for j in o.indicators %}x"
        "{% endfor %}{% endfor %}{% endfor %}",
        "loop inside a loop",
    ),
    "recursive loop": ("{% for o in outcomes recursive %}{% endfor %}", "cannot use “{% for … %}”"),
    "loop with a condition": ("{% for o in outcomes if o.code %}{% endfor %}", "{% for … if %}"),
    "assignment": ("{% set a = report_title %}", "cannot use “{% set %}”"),
    "assignment of a block": ("{% set a %}x{% endset %}", "cannot use “{% set %}”"),
    "include": ("{% include '/etc/passwd' %}", "cannot use “{% include %}”"),
    "import": ("{% import 'os' as os %}", "cannot use “{% import %}”"),
    "import of a name": ("{% from 'os' import path %}", "cannot use “{% from %}”"),
    "parent": ("{% extends 'base.html' %}", "cannot use “{% extends %}”"),
    "block": ("{% block a %}{% endblock %}", "cannot use “{% block %}”"),
    "macro": ("{% macro a() %}x{% endmacro %}", "cannot use “{% macro %}”"),
    "call": ("{% call report_title() %}x{% endcall %}", "cannot use “{% call %}”"),
    "filtered part": ("{% filter upper %}x{% endfilter %}", "cannot use “{% filter %}”"),
    "scope": ("{% with a = 1 %}{% endwith %}", "cannot use “{% with %}”"),
    "no escaping": ("{% autoescape false %}{% endautoescape %}", "“{% autoescape %}”"),
    "statement": ("{% do risks.append(1) %}", "near “{% do risks.append(1) %}”"),
    "test": ("{% if report_title is callable %}{% endif %}", "cannot use “is callable”"),
    "comparison": ("{% if report_title < 'x' %}{% endif %}", "cannot use “< >”"),
    "list": ("{{ [1, 2] }}", "cannot use “[…]”"),
    "too deep": ("{{ " + "(" * 4000 + " }}", "too many nested fields and loops"),
    "unknown names": ("{{ tittle }} {{ donnor }}", "fields are unknown: “tittle” and “donnor”."),
    "unknown part": (
        "{% for r in risks %}{{ r.color }}{% endfor %}",
        "fields are unknown: “r.color”",
    ),
    "list as a text": ("{{ risks }}", "“risks” is a list or a group"),
    "loop over a text": ("{% for a in report_title %}{% endfor %}", "“report_title” is not a list"),
    "unclosed field": ("{{ report_title", "near “{{ report_title”"),
    "unclosed loop": ("{% for r in risks %}", "near “{% for r in risks %}”"),
}
# What any uploaded file is refused for, with what the filling of a template says of it by itself.
OUTSIDE_FILES = {
    "picture of another place": (
        with_relation(PLAIN, "image", "http://portal.example.org/a.png"),
        "fetches something from elsewhere (“http://portal.example.org/a.png”)",
    ),
    "file of the machine": (
        with_relation(PLAIN, "image", "file:///etc/passwd"),
        "from elsewhere (“file:///etc/passwd”)",
    ),
    "template of another place": (
        with_relation(
            PLAIN,
            "attachedTemplate",
            "http://portal.example.org/a.dotm",
            part="word/_rels/settings.xml.rels",
        ),
        "attached to another template (“http://portal.example.org/a.dotm”)",
    ),
}
# What the file around it may try.
FILES = {
    "link to a file": (
        with_relation(PLAIN, "hyperlink", "file://host/share"),
        "from elsewhere (“file://host/share”)",
    ),
    "object of another program": (
        with_relation(PLAIN, "oleObject", "embeddings/a.bin", mode="Internal"),
        "not text, a table or a picture (“oleObject”)",
    ),
    "part of another format": (
        with_relation(PLAIN, "aFChunk", "a.html", mode="Internal"),
        "not text, a table or a picture (“aFChunk”)",
    ),
    "element of another format": (
        with_body(PLAIN, '<w:altChunk xmlns:r="urn:r" r:id="rX1"/>'),
        "not text, a table or a picture (“altChunk”)",
    ),
    "file within the file": (
        with_parts(PLAIN, {"word/embeddings/a.xlsx": b"PK"}),
        "not text, a table or a picture (“a.xlsx”)",
    ),
    "address in a drawing": (
        with_body(
            PLAIN,
            '<w:p><w:r><w:pict xmlns:v="urn:schemas-microsoft-com:vml">'
            '<v:shape><v:imagedata src="http://portal.example.org/a.png"/></v:shape></w:pict></w:r></w:p>',
        ),
        "from elsewhere (“http://portal.example.org/a.png”)",
    ),
    "macros": (with_parts(PLAIN, {"word/vbaProject.bin": b"x"}), "macros"),
    "macros by their type": (
        with_parts(
            PLAIN,
            {
                "[Content_Types].xml": lambda old: old.replace(
                    b"</Types>",
                    b'<Override PartName="/word/m.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>',
                )
            },
        ),
        "macros",
    ),
    "entities": (
        with_parts(PLAIN, {"word/theme/theme9.xml": ENTITIES}),
        "declares a document type",
    ),
    "entities in another encoding": (
        with_parts(
            PLAIN, {"word/theme/theme9.xml": ENTITIES.decode().replace("?>", "?>").encode("utf-16")}
        ),
        "declares a document type",
    ),
    "document type of another place": (
        with_parts(PLAIN, {"word/theme/theme9.xml": OUTSIDE}),
        "declares a document type",
    ),
    "broken part": (with_parts(PLAIN, {"word/styles.xml": b"<a><b></a>"}), "damaged"),
    "command in a field of Word": (
        instruction("DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe"),
        "fetches or starts something (“DDEAUTO”)",
    ),
    "command in pieces": (instruction(" DD", "EAUTO x"), "fetches or starts something (“DDEAUTO”)"),
    "text of another file": (instruction("INCLUDETEXT a.docx"), "(“INCLUDETEXT”)"),
    "picture by a field": (
        with_body(PLAIN, '<w:p><w:fldSimple w:instr="INCLUDEPICTURE http://a.example/b"/></w:p>'),
        "(“INCLUDEPICTURE”)",
    ),
    "field inside a field of Word": (
        instruction("HYPERLINK {{ report_title }}"),
        "is inside a Word field",
    ),
    "bomb": (bomb, "unpacks to"),
    "no Word file": (
        with_parts(PLAIN, {"word/document.xml": b""}).replace(
            b"word/document.xml", b"word/documenX.xml"
        ),
        "content of this file is not what its name says",
    ),
    "cut file": (PLAIN[:-400], "damaged"),
    "PDF": (b"%PDF-1.7\n%%EOF\n", "content of this file is not what its name says"),
    "page": (b"<html><body>x</body></html>", "content of this file is not what its name says"),
    "loop that ends within another paragraph": (
        word_file("{% if risks %}x", rows=[["{% endif %}"]]),
        "begins in one paragraph",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), TEXTS.values(), ids=TEXTS)
def test_what_a_template_may_not_say_is_refused_by_name(text, sentence):
    assert sentence in refusals(word_file(text))


@pytest.mark.parametrize(("content", "sentence"), FILES.values(), ids=FILES)
def test_what_a_file_may_not_hold_is_refused_with_a_sentence(content, sentence):
    assert sentence in refusals(made(content))


@pytest.mark.parametrize(("content", "sentence"), OUTSIDE_FILES.values(), ids=OUTSIDE_FILES)
def test_a_file_that_refers_to_another_place_is_refused_twice(content, sentence):
    """Before it is stored, as any file, and again by the process that fills it."""
    assert "This file refers to a template, picture or other file" in refusals(content)
    assert sentence in refusals_of_filling(upload(content, "modele.docx"))


@pytest.mark.parametrize("name", ["modele.docm", "modele.dotx", "modele.pdf"])
def test_other_kinds_of_files_are_refused_by_their_names(name):
    assert "upload one of these: DOCX" in refusals(PLAIN, name)


def test_a_large_file_is_refused():
    assert "upload one of at most" in refusals(PLAIN + b"0" * WordTemplate.MAX_BYTES)


def test_a_template_is_read_everywhere_it_is_filled():
    assert "“headword”" in refusals(word_file("x", head="{{ headword }}"))


@pytest.mark.parametrize(
    "text",
    [
        "{{ report_title|upper }} {{ narrative.summary }}",
        "{% if decisions and not risks %}a{% elif version == '1' %}b{% else %}c{% endif %}",
        "{% for o in outcomes %}{{ loop.index }}{% for i in o.indicators %}{{ i.code }}{% endfor %}"
        "{% else %}x{% endfor %}",
        "{# a remark #}{% raw %}{{ words }}{% endraw %}",
        "{ braces } and 100 % of {them}",
    ],
)
def test_what_a_template_may_say_passes(text):
    assert refusals(word_file(text)) == ""


def test_a_link_to_a_page_and_a_page_number_pass():
    content = with_relation(instruction("PAGE"), "hyperlink", "https://portal.example.org/")

    assert refusals(content) == ""


def test_nothing_is_compiled_that_was_not_read():
    environment = FieldEnvironment(field_schema())

    with pytest.raises(TemplateRefused):
        environment.from_string("{{ report_title.__class__ }}")
    with pytest.raises(TemplateRefused):
        environment.compile("{{ [].append }}")
    assert not environment.globals


# Limits, and values


def fill(content, fields, mark=""):
    empty = {name: _empty(each) for name, each in field_schema().items()}
    asked = {"schema": field_schema(), "fields": empty | fields, "properties": {}, "mark": mark}
    return _run("fill", upload(content), asked)


def _empty(each):
    if isinstance(each, dict):
        return {name: _empty(one) for name, one in each.items()}
    return [] if isinstance(each, list) else ""


SIGNS = [
    "{{ 7*7 }}",
    "{% for x in risks %}",
    "{# gone? #}",
    "</w:t></w:r></w:p><w:p><w:r><w:t>",
    "<w:p> & \"quoted\" 'so' <!-- -->",
    "]]> &lt;w:br/&gt;",
    "👩🏾‍🤝‍👩🏻 عربي é\u0301",
]


@pytest.mark.parametrize("words", SIGNS)
def test_what_a_report_says_is_written_and_not_read(words):
    content = word_file("a {{ report_title }} b", head="{{ report_title }}")

    told = words_of(fill(content, {"report_title": words}))

    assert f"a {words} b" in told
    assert told.count(words) == 2


def test_a_footnote_is_filled_once():
    notes = (
        f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="2"><w:p><w:r><w:t>{{{{ report_title }}}}'
        "</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    word = Document()
    word.add_section()  # with two the library would fill the notes twice
    content = with_parts(
        with_relation(saved(word), "footnotes", "footnotes.xml", mode="Internal"),
        {
            "word/footnotes.xml": notes.encode(),
            "[Content_Types].xml": lambda old: old.replace(
                b"</Types>",
                b'<Override PartName="/word/footnotes.xml" ContentType="application/vnd.'
                b'openxmlformats-officedocument.wordprocessingml.footnotes+xml"/></Types>',
            ),
        },
    )

    made = fill(content, {"report_title": "{{ version }}", "version": "SECRET"})

    note = zipfile.ZipFile(io.BytesIO(made)).read("word/footnotes.xml").decode()
    assert "{{ version }}" in note
    assert "SECRET" not in note


def test_a_draft_says_so_above_all_else():
    assert words_of(fill(PLAIN, {}, mark="DRAFT")).splitlines()[0] == "DRAFT"


def test_the_file_tells_nothing_of_who_made_the_template():
    word = Document()
    word.core_properties.author = "{{ ''.__class__ }}"
    word.core_properties.comments = "internal"

    known = Document(io.BytesIO(fill(saved(word), {}))).core_properties

    assert (known.author, known.comments, known.last_modified_by) == ("", "", "")


def test_what_takes_too_long_is_stopped(settings):
    settings.FILL_SECONDS = 0

    with pytest.raises(FillFailed, match="took too long"), translation.override("en"):
        fill(PLAIN, {})


def test_what_grows_too_much_is_stopped(settings):
    settings.FILL_MEMORY_MB = 400
    rows = [{"risk": "x" * 100_000} for _number in range(3000)]
    content = word_file(*["{%p for r in risks %}", "{{ r.risk }}" * 40, "{%p endfor %}"])

    with pytest.raises(FillFailed, match=r"grows too much|too long"), translation.override("en"):
        fill(content, {"risks": rows})
    assert fill(PLAIN, {})[:2] == b"PK"  # the next one is none the worse
