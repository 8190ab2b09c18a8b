"""What people may type, give or measure by mistake or in malice, on its whole way: through the form
into the PDF, or refused at its field by a sentence, and never long."""

import re
import struct
import time
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from lxml import etree

from projects.models import Activity, DataPoint, Indicator
from reports.compose import compose
from reports.models import About, DocumentKind, Section
from reports.pdf import html_of, rendered
from reports.services.requesting import request_rendition
from tests.factories import ActivityFactory, DataPointFactory, IndicatorFactory, SectionFactory
from tests.reports.conftest import SIGNED_ON, wait_for
from tests.reports.pdf_reading import Pdf

CODE = "7F3A-91C2-D04E"
SECONDS = 10  # on a machine that has other work to do
# As many cells as a text may have: rows and columns with their marks.
WHOLE_TABLE = "| a | b | c |\n|---|---|---|\n" + "| Choloma | 12 | oui |\n" * 498


@pytest.fixture
def coordinator(client, world):
    person = world.people["coordinator"]
    person.language = "fr"
    person.save()
    client.force_login(person)
    return person


def write(client, report, text, kind="lessons"):
    address = reverse("reports:section", args=[report.pk, kind, "fr"])
    began = time.monotonic()
    answer = client.post(address, {"text": text, "seen_version": 0})
    assert time.monotonic() - began < SECONDS
    return answer


def document_of(report):
    return compose(report, language="fr", audience="donor", as_of=SIGNED_ON)


def pdf_of(report) -> Pdf:
    began = time.monotonic()
    html = html_of(document_of(report), code=CODE, is_draft=False)
    with rendered(html, lambda stage, page: None) as pdf:
        assert time.monotonic() - began < 6 * SECONDS
        return Pdf(pdf.content.read())


def letters(text: str) -> str:
    return "".join(text.replace("-", "").split())


# Narrative


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[" * 20_000, "beaucoup de crochets"),
        (WHOLE_TABLE + "| a | b | c |\n" * 2, "tableaux de ce texte sont trop grands"),
        (("| a " * 40 + "|\n") * 60, "tableaux de ce texte sont trop grands"),
        ("Un paragraphe de quelques mots. " * 16_000, "réduisez-le à 20000"),  # some 200 pages
        ("x" * 20_001, "20001"),
    ],
)
def test_a_text_that_nobody_could_print_is_refused_at_its_field(
    client, report, coordinator, text, sentence
):
    answer = write(client, report, text)

    (refusal,) = answer.context["form"].errors["text"]
    assert sentence in refusal
    assert not report.sections.filter(kind="lessons").exists()


HOSTILE = {
    "context": "<script>alert(1)</script>\n\n<img src=x onerror=alert(2)> <b style='color:red'>gras</b>",
    "risks": "![photo](http://127.0.0.1:9/x.png) et ![a](file:///etc/passwd) [ici](javascript:alert(3))",
    "governance": "À \u202eenvers\u202c, \u2066isolé\u2069, \u200bsans\u200b largeur, \x07cloche\x1b[31m.",
    "lessons": "Bravo 😀👩‍👩‍👧 et 漢字 مرحبا.",
    "next_year": WHOLE_TABLE,
    "annex_stories": ("Une phrase de quelques mots, ni plus ni moins. " * 425)[:20_000],
}


@pytest.mark.django_db
def test_a_text_that_is_accepted_is_printed_as_words(client, report, coordinator):
    """All of them in one report: markup is words, what cannot be printed is shown as missing, and
    nothing that turns the reading is left."""
    report.sections.exclude(kind="summary").delete()
    for kind, text in HOSTILE.items():
        assert write(client, report, text, kind).status_code == 302

    pdf = pdf_of(report)
    text = pdf.text()

    assert "<script>alert(1)</script>" in text
    assert letters("<img src=x onerror=alert(2)>") in letters(text)
    assert {link.partition(":")[0] for link in pdf.links()} == {"http"}  # of the verification
    assert not set("\u202e\u202c\u2066\u2069\u200b\x07\x1b") & set(text)
    assert "À envers, isolé, sans largeur, cloche[31m." in text
    assert "Bravo \ufffd" in text
    assert text.count("Choloma") == 498
    assert letters(text).count(letters("ni plus ni moins.")) > 420  # some are torn by a page


# Names and labels


@pytest.mark.django_db
def test_a_name_of_300_signs_stays_on_the_page(world, report):
    """Without any place where a line could break, wherever a report shows it."""
    name = "Ñandú" * 60
    type(world.indicator).objects.update(name_fr=name)
    Activity.objects.update(title_fr=name)
    report.project.results.update(statement_fr=name)
    type(world.terms).objects.update(title_fr=name)
    type(report.project).objects.filter(pk=report.project.pk).update(title_fr=name)
    report.refresh_from_db()

    pdf = pdf_of(type(report).objects.get(pk=report.pk))

    assert letters(pdf.text()).count(name) >= 5
    assert pieces_beyond(pdf, "andú") == []


def pieces_beyond(pdf: Pdf, name: str) -> list[tuple[int, str]]:
    """Lines of a name that begin or end beside their page, by a narrow letter's width."""
    found = []
    for number, page in enumerate(pdf.reader.pages, 1):
        width = float(page.mediabox.width)

        def look(text, around, place, font, size, number=number, width=width):
            x = place[4] * around[0] + around[4]
            end = x + len(text.strip()) * abs(size * place[0] * around[0]) * 0.3
            if name in text and (x < 0 or end > width):
                found.append((number, text))

        page.extract_text(visitor_text=look)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"target": 0, "actual": 0},
        {"target": 50},
        {"actual": -12},
        {"target": -40, "actual": -12},
        {"target": "999999999999", "actual": "0.01"},
    ],
)
def test_pictures_of_no_value_one_value_and_negative_ones(world, report, values):
    """A chart that has nothing to show is left out or says so; no picture is broken."""
    measure(world, values)

    html = html_of(document_of(report), code=CODE, is_draft=False)

    pictures = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert pictures
    for picture in pictures:
        etree.fromstring(picture.replace("&nbsp;", " ").encode())
        assert not re.search(r"\b(nan|inf|infinity|none)\b", picture, re.IGNORECASE)


@pytest.mark.django_db
def test_values_below_nought_are_printed_with_their_sign(world, report):
    measure(world, {"target": -40, "actual": -12})

    pdf = pdf_of(report)

    assert re.search(r"[-−]\s?40\b", pdf.text())
    assert re.search(r"[-−]\s?12\b", pdf.text())
    assert all(figure.get("/Alt") for figure in pdf.tagged("Figure"))


def measure(world, values):
    """These values, in numbers and as shares, and none beside them."""
    DataPoint.objects.all().delete()
    share = IndicatorFactory(result=world.result, measure=Indicator.Measure.PERCENTAGE)
    for indicator, whole in ((world.indicator, None), (share, 100)):
        for kind, value in values.items():
            DataPointFactory(
                indicator=indicator,
                period=world.year,
                kind=kind,
                numerator=value,
                denominator=whole,
            )


# Photographs


def png(width: int, height: int) -> bytes:
    """A whole picture in few bytes: each row is noughts."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + width * 3)) for _ in range(height))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", rows + packer.flush()),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "make", "sentence"),
    [
        ("photo.png", lambda: png(10_000, 10_000), "trop de pixels"),
        ("photo.png", lambda: png(2, 100_000), ""),
        ("photo.png", lambda: b"GIF89a" + bytes(100), "."),
        ("photo.jpg", lambda: b"<svg onload=alert(1)>", "."),
        ("photo.jpg", lambda: b"\xff\xd8\xff\xe0" + bytes(5_000), "endommagée"),
        ("photo.png", lambda: png(40, 30)[:-30], "endommagée"),
    ],
)
def test_a_photograph_that_is_too_large_or_none_is_refused_at_its_field(
    client, world, coordinator, name, make, sentence
):
    activity = ActivityFactory(project=world.project)
    url = reverse("projects:evidence-create", args=[world.project.code, activity.pk])
    given = {
        "title": "Jour 2",
        "language": "fr",
        "consent": "nobody",
        "audience": "shared",
        "no_victim_data": "on",
        "upload": SimpleUploadedFile(name, make()),
    }

    began = time.monotonic()
    answer = client.post(url, given)

    assert time.monotonic() - began < SECONDS
    if not sentence:
        assert activity.proofs.get().kind == "png"
        return
    (refusal,) = answer.context["form"].errors["upload"]
    assert sentence in refusal
    assert not activity.proofs.exists()


# Beyond the limits


@pytest.fixture
def hasty(monkeypatch):
    """A worker that gives no document more than a few seconds of a processor."""
    monkeypatch.setenv("RENDER_CPU_SECONDS", "5")


@pytest.mark.sqlite
@pytest.mark.deep(part="workers")
def test_a_worker_gives_up_what_is_too_much_and_makes_the_next(
    hasty, celery_worker, transactional_db, request
):
    report = request.getfixturevalue("report")
    Section.objects.filter(report=report).delete()
    for kind in report.preset.sections.values_list("kind", flat=True):
        SectionFactory(report=report, kind=kind, language="fr", text=WHOLE_TABLE)
    meeting = report.project.committee.meetings.get()

    heavy = request_rendition(About(report), language="fr", audience="donor", by=None)
    light = request_rendition(
        About(meeting, DocumentKind.AGENDA), language="fr", audience="committee", by=None
    )

    heavy, light = wait_for(heavy, 120), wait_for(light, 60)
    assert (heavy.state, heavy.failure, bool(heavy.file)) == ("failed", "too_long", False)
    assert light.is_ready
