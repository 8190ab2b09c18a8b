"""Photographs of documents: with consent, of the same bytes, never without words."""

import hashlib
import io
import json
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from docx import Document
from PIL import Image

from projects.models import Evidence
from reports.compose.glance import glance
from reports.compose.products import MOST_PICTURES, products_annex
from reports.pictures import BOX, scaled, with_pictures
from reports.render import photograph
from reports.word import docx_of
from tests.factories import ActivityFactory, EvidenceFactory
from tests.reports.conftest import SIGNED_ON
from tests.reports.reading_blocks import blocks_of, document_of, of_type, pdf_of

pytestmark = pytest.mark.django_db

LATER = SIGNED_ON + timedelta(days=30)
YESTERDAY = timezone.localdate() - timedelta(days=1)
WITHDRAWN = "This photograph was withdrawn."


def picture_of(size=(40, 30), kind="PNG", mode="RGB"):
    written = io.BytesIO()
    Image.new(mode, size, "teal").save(written, kind)
    return written.getvalue()


def photo_of(activity, *, content=None, **facts):
    content = content or picture_of()
    facts = {"title": "Une affiche", "language": "fr"} | facts
    return EvidenceFactory(
        activity=activity,
        file=ContentFile(content, name="photo.png"),
        sha256=hashlib.sha256(content).hexdigest(),
        **facts,
    )


@pytest.fixture
def activity(world):
    return ActivityFactory(
        project=world.project,
        title_en="Workshop",
        place="Tela",
        actual_start=date(2019, 7, 1),
        actual_end=date(2019, 7, 2),
    )


def lines_of(word):
    cells = [cell for table in word.tables for row in table.rows for cell in row.cells]
    return [line.text for place in (word, *cells) for line in place.paragraphs]


def all_of(reading):
    """What may show a photograph: the page at a glance, then the annex."""
    return [*glance(reading)["photos"], *products_annex(reading)]


def pictures(report, **who):
    return of_type(blocks_of(all_of, report, **who), "picture")


# What is composed


def test_a_photograph_is_named_and_not_held(world, report, activity):
    giver = world.institutions["partner"]
    photo = photo_of(activity, given_by=giver)

    assert pictures(report) == [
        {
            "type": "picture",
            "evidence": photo.pk,
            "sha256": photo.sha256,
            "alternative": "Photograph: Une affiche (Workshop, Tela, July 1–2, 2019)",
            "lines": [
                "Workshop, Tela, July 1–2, 2019",
                f"Photograph: {giver.names.get().acronym}",
            ],
            "text": "Une affiche",
            "lang": "fr",
        }
    ]


@pytest.mark.parametrize("audience", ["donor", "committee", "partners", "coordination"])
def test_what_has_no_consent_is_in_no_document(report, activity, audience):
    photo_of(activity, title="Consenti")
    hidden = {
        "of the team": {"audience": "team"},
        "without consent": {"consent": "none", "audience": "team"},
        "run out": {"consent_until": YESTERDAY},
        "of minors": {"shows_minors": True, "audience": "team"},
        "not looked at": {"accepted_on": None},
        "accepted later": {"accepted_on": LATER},
    }
    for number, facts in enumerate(hidden.values(), 1):
        photo_of(activity, title="SECRET", content=picture_of((40, 30 + number)), **facts)

    composed = blocks_of(all_of, report, audience=audience)

    assert [block["text"] for block in of_type(composed, "picture")] == ["Consenti"]
    assert "SECRET" not in json.dumps(composed)


def test_files_and_links_are_no_photographs(report, activity):
    EvidenceFactory(activity=activity, kind="pdf")

    assert pictures(report) == []


def test_there_are_not_more_than_a_report_can_carry(report, activity):
    for number in range(MOST_PICTURES + 2):
        photo_of(activity, content=picture_of((40, 30 + number)))

    in_annex = of_type(blocks_of(products_annex, report), "picture")
    assert len(in_annex) == MOST_PICTURES


# What is rendered


def test_it_is_in_the_pdf_with_its_words(report, activity):
    photo_of(activity)

    pdf = pdf_of(document_of(pictures(report)))

    (figure,) = [tag for tag in pdf.tagged("Figure") if "/Alt" in tag]
    assert figure["/Alt"] == "Photograph: Une affiche (Workshop, Tela, July 1–2, 2019)"
    assert [len(page.images) for page in pdf.reader.pages] == [1]
    assert "Une affiche" in pdf.text()


def test_two_renders_give_equal_bytes(report, activity):
    photo_of(activity)
    composed = pictures(report)

    assert pdf_of(document_of(composed)).content == pdf_of(document_of(composed)).content


def withdraw(photo):
    Evidence.objects.filter(pk=photo.pk).update(consent="none", audience="team")


def let_run_out(photo):
    Evidence.objects.filter(pk=photo.pk).update(consent_until=YESTERDAY)


def lose(photo):
    photo.file.storage.delete(photo.file.name)


def exchange(photo):
    photo.file.storage.delete(photo.file.name)
    photo.file.storage.save(photo.file.name, ContentFile(picture_of((9, 9))))


def delete(photo):
    photo.delete()


@pytest.mark.parametrize("happens", [withdraw, let_run_out, lose, exchange, delete])
def test_what_may_no_longer_be_shown_gives_way_to_a_sentence(report, activity, happens):
    photo = photo_of(activity)
    composed = pictures(report)

    happens(photo)

    pdf = pdf_of(document_of(composed))
    assert [len(page.images) for page in pdf.reader.pages] == [0]
    assert WITHDRAWN in pdf.text()
    assert "Une affiche" in pdf.text()
    word = Document(io.BytesIO(docx_of(document_of(composed), is_draft=False)))
    assert len(word.inline_shapes) == 0
    assert WITHDRAWN in lines_of(word)


def test_it_is_in_the_word_file_with_its_words(report, activity):
    photo_of(activity)

    content = docx_of(document_of(pictures(report)), is_draft=False)

    word = Document(io.BytesIO(content))
    (shape,) = word.inline_shapes
    assert shape._inline.docPr.get("descr") == (
        "Photograph: Une affiche (Workshop, Tela, July 1–2, 2019)"
    )
    assert [p.text for p in word.tables[-1].rows[0].cells[0].paragraphs][-2:] == [
        "Une affiche",
        "Workshop, Tela, July 1–2, 2019",
    ]


def test_few_statements_find_all_pictures(
    report, activity, django_assert_num_queries, django_assert_max_num_queries
):
    for number in range(5):
        photo_of(activity, content=picture_of((40, 30 + number)))
    composed = pictures(report)

    with django_assert_max_num_queries(3):
        shown = with_pictures(composed)
    assert [bool(block["photo"]) for block in shown] == [True] * 5
    with django_assert_num_queries(0):
        with_pictures([])


# The picture itself


def test_a_picture_is_scaled_to_what_is_printed():
    photo = scaled(picture_of((3000, 1500)))

    assert (photo.width, photo.height) == (BOX[0], BOX[0] // 2)
    assert photo.content.startswith(b"\xff\xd8\xff")


def test_what_is_transparent_stands_on_white():
    written = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(written, "PNG")

    with Image.open(io.BytesIO(scaled(written.getvalue()).content)) as shown:
        assert shown.getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize("content", [b"", b"no picture", picture_of()[:60], b"<svg></svg>"])
def test_what_is_no_picture_is_none(content):
    assert scaled(content) is None


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a.jpg",
        "data:image/jpeg;base64,PHN2Zz48L3N2Zz4=",  # an SVG that calls itself JPEG
        "data:image/jpeg;base64,%%%",
        "data:image/jpeg,\xff\xd8\xff",
        "data:image/png;base64,/9j/",
        "DATA:image/jpeg;base64,/9j/",
        "file:///etc/passwd",
    ],
)
def test_the_renderer_takes_no_other_address(address):
    assert photograph(address) is None


def test_the_renderer_takes_a_photograph():
    photo = scaled(picture_of())

    assert photograph(photo.address) == photo.content


def test_no_browser_keeps_a_photograph_of_a_report(client, world, report, activity):
    """It may be withdrawn at any time, and the next person at the computer is another one."""
    photos = [photo_of(activity), photo_of(activity, content=picture_of((50, 30)))]
    client.force_login(world.people["coordinator"])

    answers = [client.get(reverse("reports:picture", args=[report.pk, each.pk])) for each in photos]

    found = [each for each in answers if each.status_code == 200]
    assert {each["Content-Type"] for each in found} == {"image/jpeg"}
    assert {each["Cache-Control"] for each in answers} == {"private, no-store"}
